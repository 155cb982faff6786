// Builds the digit trainer if need be, then runs it: `npm run mnist -- --model mlp --epochs 3`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { become } from "./run.mjs";
import { fail, isMain, say, setup, shell } from "./setup.mjs";

const program = "apps/mnist/dist/cli.js";

export function trainMnist(trainerArguments) {
  setup();
  if (!existsSync(program)) say("building");
  const args = ["run", "build", "--filter=@needle/mnist...", "--output-logs=errors-only"];
  const build = spawnSync("turbo", args, { encoding: "utf8", shell });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}`);
    fail("the build failed");
  }
  become(process.execPath, [program, ...trainerArguments]);
}

if (isMain(import.meta)) trainMnist(process.argv.slice(2));
