/** The built site, as tests use it. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** Builds the site if anything has changed since it was built; gives its files by their paths. */
export function builtSite(): Readonly<Record<string, Uint8Array>> {
  const turbo = ["turbo", "run", "build", "--filter=@needle/docs", "--output-logs=errors-only"];
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/run.mjs", ...turbo], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the site does not build:\n${stdout}${stderr}`);
  const entries = readdirSync(dist, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(dist, path).replaceAll("\\", "/"), readFileSync(path)];
    }),
  );
}
