/** Elementwise ops, softmax and sums: nanoseconds an element of float32, one thread. */
import { calling, report } from "./lib.mjs";
import { jax, arrayOf as jaxArrayOf, np, waitingFor } from "./peers/jax.mjs";
import * as needle from "./peers/needle.mjs";
import { tf } from "./peers/tfjs.mjs";
import { endTorch, torch } from "./peers/torch.mjs";

/** Each op on needle, TensorFlow.js and jax-js; `torch-peer.py` has the same names. Operands: x and y alike, their sizes, one transposed, a row, a column. */
const ops = {
  add: [({ x, y }) => x.add(y), ({ x, y }) => tf.add(x, y), ({ x, y }) => x.ref.add(y.ref)],
  exp: [({ x }) => x.exp(), ({ x }) => tf.exp(x), ({ x }) => np.exp(x.ref)],
  tanh: [({ x }) => x.tanh(), ({ x }) => tf.tanh(x), ({ x }) => np.tanh(x.ref)],
  sigmoid: [({ x }) => x.sigmoid(), ({ x }) => tf.sigmoid(x), ({ x }) => jax.nn.sigmoid(x.ref)],
  relu: [({ x }) => x.relu(), ({ x }) => tf.relu(x), ({ x }) => jax.nn.relu(x.ref)],
  log: [({ size }) => size.log(), ({ size }) => tf.log(size), ({ size }) => np.log(size.ref)],
  gelu: [({ x }) => x.gelu()],
  pow: [({ size, y }) => size.pow(y), ({ size, y }) => tf.pow(size, y)],
  "softmax axis 0": [({ x }) => x.softmax(0)],
  "logsumexp axis 0": [({ x }) => x.logsumexp(0), ({ x }) => tf.logSumExp(x, 0)],
  "logsumexp axis 1": [({ x }) => x.logsumexp(1), ({ x }) => tf.logSumExp(x, 1)],
  "argmax axis 0": [({ x }) => x.argmax(0), ({ x }) => tf.argMax(x, 0)],
  "argmax axis 1": [({ x }) => x.argmax(1), ({ x }) => tf.argMax(x, 1)],
  softmax: [
    ({ x }) => x.softmax(1),
    ({ x }) => tf.softmax(x, 1),
    ({ x }) => jax.nn.softmax(x.ref, 1),
  ],
  "sum axis 0": [({ x }) => x.sum(0), ({ x }) => tf.sum(x, 0), ({ x }) => x.ref.sum(0)],
  "sum axis 1": [({ x }) => x.sum(1), ({ x }) => tf.sum(x, 1), ({ x }) => x.ref.sum(1)],
  sum: [({ x }) => x.sum(), ({ x }) => tf.sum(x), ({ x }) => x.ref.sum()],
  "add transposed": [
    ({ x, square }) => needle.ndarray.scope(() => x.add(square.transpose())),
    ({ x, square }) => tf.tidy(() => tf.add(x, tf.transpose(square))),
    ({ x, square }) => x.ref.add(square.ref.transpose()),
  ],
  "add row": [
    ({ x, row }) => x.add(row),
    ({ x, row }) => tf.add(x, row),
    ({ x, row }) => x.ref.add(row.ref),
  ],
  "add column": [
    ({ x, column }) => x.add(column),
    ({ x, column }) => tf.add(x, column),
    ({ x, column }) => x.ref.add(column.ref),
  ],
};

const sizes = { "64x64": [64, 64], "1000x1000": [1000, 1000], "4096x4096": [4096, 4096] };

const noise = (size) =>
  Float32Array.from({ length: size }, () => 2 * (Math.random() + Math.random() - 1));

/** The operands of all ops, made by `arrayOf(data, shape)`. */
async function operands(arrayOf, [rows, columns]) {
  const shapes = {
    x: [rows, columns],
    y: [rows, columns],
    square: [columns, rows],
    row: [columns],
    column: [rows, 1],
  };
  const arrays = {};
  for (const [name, shape] of Object.entries(shapes)) {
    arrays[name] = await arrayOf(noise(shape.reduce((a, b) => a * b)), shape);
  }
  const positive = noise(rows * columns).map((x) => Math.abs(x) + 0.1);
  arrays.size = await arrayOf(positive, [rows, columns]);
  return arrays;
}

const cases = {};
for (const [label, shape] of Object.entries(sizes)) {
  const ours = await operands(needle.arrayOf, shape);
  const theirs = await operands((data, s) => tf.tensor(data, s), shape);
  const jaxs = await operands(jaxArrayOf, shape);
  for (const [name, [onNeedle, onTensorFlow, onJax]] of Object.entries(ops)) {
    cases[`${name} ${label}`] = async () => ({
      needle: calling(() => onNeedle(ours).dispose()),
      "TensorFlow.js": onTensorFlow && calling(() => onTensorFlow(theirs).dispose()),
      "jax-js": onJax && waitingFor(() => onJax(jaxs)),
      PyTorch: await torch("elementwise", name, ...shape),
    });
  }
}

await report("elementwise", cases, {
  unit: "ns an element",
  show: (ms, name) => (1e6 * ms) / sizes[name.split(" ").at(-1)].reduce((a, b) => a * b),
});
endTorch();
