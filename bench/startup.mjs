/**
 * Milliseconds from the start of a process to its first training step of 784-500-10, and the most memory it takes over an
 * epoch of 600 steps. Each library in processes of its own, in turn.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, options, save } from "./lib.mjs";

const program = (name) => fileURLToPath(new URL(`peers/startup-${name}`, import.meta.url));

/** Each prints `first` once a step is done, and the peak of its memory in KiB at the end. */
const commands = {
  needle: [process.execPath, program("needle.mjs")],
  "TensorFlow.js": [process.execPath, program("tfjs.mjs")],
  PyTorch: [options.python, program("torch.py")],
};

const epoch = 600;

function run([command, ...words], steps) {
  const { status, stdout } = spawnSync(command, [...words, String(steps)], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  return status === 0 ? JSON.parse(stdout) : null;
}

/** Wall time of the whole process, which ends after its first step. */
function start(command) {
  const began = performance.now();
  return run(command, 1) === null ? null : performance.now() - began;
}

const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round < 9; round++) {
  for (const [name, command] of Object.entries(commands)) {
    const took = start(command);
    if (took !== null) times[name].push(took);
  }
}
const found = Object.entries(times).filter(([, all]) => all.length > 0);
const rows = found.map(([name, all]) => ({
  name,
  best: Math.min(...all),
  median: median(all),
  peakMiB: run(commands[name], epoch).peakKiB / 1024,
}));

console.log(`\nstartup, Node ${process.versions.node}\n`);
console.table(
  rows.map(({ name, best, median: middle, peakMiB }) => ({
    library: name,
    "ms, best": best.toFixed(0),
    "ms, median": middle.toFixed(0),
    "MiB at most in an epoch": peakMiB.toFixed(0),
  })),
);
save("startup", { unit: "ms", rows });
