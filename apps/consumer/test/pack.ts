/** Has the packages built and packed, as the check `package` does; what is packed already is not packed again. */
import { spawnSync } from "node:child_process";

export const workspace: URL = new URL("../../../", import.meta.url);

export function setup(): void {
  // turbo, if it started this, has done it.
  if (process.env.TURBO_HASH !== undefined) return;
  const task = ["turbo", "run", "package", "--filter=@needle/consumer^..."];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["scripts/run.mjs", ...task, "--output-logs=errors-only"],
    { cwd: workspace, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`the packages could not be packed\n${stdout}${stderr}`);
}
