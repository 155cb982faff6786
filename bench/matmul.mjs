/** Matrix products: needle beside the other runtimes and the machine's peak. GFLOP/s of float32, one thread. */
import { awaiting, calling, report } from "./lib.mjs";
import * as jax from "./peers/jax.mjs";
import * as needle from "./peers/needle.mjs";
import * as onnx from "./peers/onnx.mjs";
import { peak } from "./peers/peak.mjs";
import { tf } from "./peers/tfjs.mjs";
import { endTorch, torch } from "./peers/torch.mjs";

/** `[m, n, k]` and which operand is transposed: squares, then the products of a training step of 784-128-10 and 784-500-10. */
const products = [
  ...[16, 64, 128, 256, 512, 1024].map((n) => [n, n, n]),
  [100, 128, 784],
  [784, 128, 100, "a"],
  [100, 784, 128, "b"],
  [100, 500, 784],
  [784, 500, 100, "a"],
  [100, 10, 500],
  [500, 10, 100, "a"],
  [100, 500, 10, "b"],
  [512, 512, 512, "ab"],
  [1, 1000, 1000],
  [1000, 1, 1000],
];

function caseOf([m, n, k, transposed = ""]) {
  const [ta, tb] = ["a", "b"].map((operand) => transposed.includes(operand));
  const [aShape, bShape] = [ta ? [k, m] : [m, k], tb ? [n, k] : [k, n]];
  const [a, b] = [m * k, n * k].map((size) => Float32Array.from({ length: size }, Math.random));
  return async () => {
    const arrays = [needle.arrayOf(a, aShape), needle.arrayOf(b, bShape)];
    const [x, y] = [ta ? arrays[0].transpose() : arrays[0], tb ? arrays[1].transpose() : arrays[1]];
    const tensors = [tf.tensor(a, aShape), tf.tensor(b, bShape)];
    const jaxArrays = [await jax.arrayOf(a, aShape), await jax.arrayOf(b, bShape)];
    const [p, q] = [ta, tb].map(
      (t, i) => () => (t ? jaxArrays[i].ref.transpose() : jaxArrays[i].ref),
    );
    const feeds = { a: onnx.tensorOf(a, aShape), b: onnx.tensorOf(b, bShape) };
    return {
      needle: calling(() => x.matmul(y).dispose()),
      peak: peak(2 * m * n * k),
      "TensorFlow.js": calling(() => tf.matMul(...tensors, ta, tb).dispose()),
      "jax-js": jax.waitingFor(() => jax.np.matmul(p(), q())),
      // Its MatMul has no transposing flags.
      "ONNX Runtime": transposed ? null : awaiting(() => onnx.matmul.run(feeds)),
      PyTorch: await torch("matmul", m, n, k, ta, tb),
      dispose() {
        for (const array of [...arrays, ...tensors, ...jaxArrays]) array.dispose();
      },
    };
  };
}

const nameOf = ([m, n, k, transposed]) =>
  `[${m},${k}] x [${k},${n}]${transposed ? ` ${transposed}^T` : ""}`;
const flops = Object.fromEntries(products.map((p) => [nameOf(p), 2 * p[0] * p[1] * p[2]]));

await report("matmul", Object.fromEntries(products.map((p) => [nameOf(p), caseOf(p)])), {
  unit: "GFLOP/s",
  show: (ms, name) => flops[name] / ms / 1e6,
});
endTorch();
