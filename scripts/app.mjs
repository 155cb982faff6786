// Builds an app if need be, then becomes it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { become } from "./run.mjs";
import { fail, say, setup, shell } from "./setup.mjs";

/** Runs `apps/NAME/dist/cli.js`. */
export function runApp(name, args) {
  setup();
  const program = `apps/${name}/dist/cli.js`;
  if (!existsSync(program)) say("building");
  const turbo = ["run", "build", `--filter=@needle/${name}...`, "--output-logs=errors-only"];
  const build = spawnSync("turbo", turbo, { encoding: "utf8", shell });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}`);
    fail("the build failed");
  }
  become(process.execPath, [program, ...args]);
}
