// Runs a TypeScript program of the workspace from its sources: `node scripts/program.mjs FILE [arguments]`.
import { join } from "node:path";
import { build } from "esbuild";
import { become } from "./run.mjs";
import { isMain, root, setup } from "./setup.mjs";

/** Bundles the program, so that it runs on any Node, and becomes it. */
async function runProgram(file, args) {
  const outfile = join(root, ".cache/programs", `${file.replace(/\W+/g, "-")}.mjs`);
  await build({
    entryPoints: [join(root, file)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["needle-source"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  become(process.execPath, ["--enable-source-maps", outfile, ...args]);
}

if (isMain(import.meta)) {
  setup();
  const [file, ...args] = process.argv.slice(2);
  await runProgram(file, args);
}
