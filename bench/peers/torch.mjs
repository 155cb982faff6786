/** PyTorch on one thread in a child process, which waits while others run: `torch-peer.py` answers one line for each line. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { options } from "../lib.mjs";

const child = spawn(options.python, [fileURLToPath(new URL("torch-peer.py", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
  env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
});
child.on("error", () => {});
child.stdin.on("error", () => {});
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

async function ask(question) {
  child.stdin.write(`${JSON.stringify(question)}\n`);
  return answer();
}

async function answer() {
  const { value, done } = await answers.next();
  return done ? { refused: "it did not start, or stopped" } : JSON.parse(value);
}

const greeting = await answer();
if (greeting.refused)
  console.log(`PyTorch (${options.python}) is no baseline here: ${greeting.refused}`);
else console.log(`PyTorch ${greeting.version} on ${greeting.blas}`);

/**
 * A runner of the case that `torch-peer.py` knows by this name, or null where PyTorch is missing or refused. After a run its
 * `result` is the number that the case gave last.
 */
export async function torch(name, ...args) {
  if (greeting.refused) return null;
  await ask({ prepare: name, args });
  const run = async (repetitions) => {
    const { milliseconds, result } = await ask({ run: repetitions });
    run.result = result;
    return milliseconds;
  };
  return run;
}

/** Ends the child process. */
export const endTorch = () => child.stdin.end();
