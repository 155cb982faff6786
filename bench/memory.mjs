/** Bytes alive while 784-128-10 trains for 3,000 steps: what each library says its arrays take, and how the process grows. */
import { save } from "./lib.mjs";
import { needleStep, tensorFlowStep } from "./mlp.mjs";
import { ndarray, wasm } from "./peers/needle.mjs";
import { tf } from "./peers/tfjs.mjs";

const checkpoints = [10, 100, 300, 1000, 2000, 3000];

const measures = {
  needle: () => ({
    arrays: ndarray.memory().buffers,
    bytes: ndarray.memory().bytes,
    reserved: wasm.info().reservedBytes,
  }),
  "TensorFlow.js": () => ({ arrays: tf.memory().numTensors, bytes: tf.memory().numBytes }),
};

/** In a plain loop; and in one that never lets the event loop turn, where no finalizer can run. TensorFlow.js takes its time. */
const loops = {
  needle: { step: (algorithm) => needleStep(128, algorithm), steps: 3000 },
  "needle, never waiting": {
    step: (algorithm) => needleStep(128, algorithm, { waits: false }),
    steps: 3000,
  },
  "TensorFlow.js": { step: (algorithm) => tensorFlowStep(128, algorithm), steps: 300 },
};

const rows = [];
/** Earlier models stay: none of them is collected while the next is measured. */
const trained = [];
for (const [name, { step: prepare, steps }] of Object.entries(loops)) {
  for (const algorithm of ["SGD", "Adam"]) {
    const library = measures[name.split(",")[0]];
    const before = { ...library(), process: process.memoryUsage.rss() };
    const step = prepare(algorithm);
    trained.push(step);
    for (let i = 1; i <= steps; i++) {
      const value = step();
      if (value instanceof Promise) await value;
      if (!checkpoints.includes(i)) continue;
      const { arrays, bytes, reserved } = library();
      rows.push({
        loop: `${name}, ${algorithm}`,
        step: i,
        arrays: arrays - before.arrays,
        bytes: bytes - before.bytes,
        reserved,
        process: process.memoryUsage.rss() - before.process,
      });
    }
  }
}

const mebibytes = (bytes) => (bytes === undefined ? "" : (bytes / 2 ** 20).toFixed(2));
console.log(`\nmemory, Node ${process.versions.node}, MiB\n`);
console.table(
  rows.map(({ loop, step, arrays, bytes, reserved, process: whole }) => ({
    loop,
    step,
    arrays,
    alive: mebibytes(bytes),
    "linear memory": mebibytes(reserved),
    "process grew": mebibytes(whole),
  })),
);
save("memory", { unit: "bytes", rows });
