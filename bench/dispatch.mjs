/** What an op costs beside its arithmetic: microseconds of ops on a few numbers, with and without recording gradients. */
import { calling, report } from "./lib.mjs";
import { jax, arrayOf as jaxArrayOf, np, waitingFor } from "./peers/jax.mjs";
import { autograd, ndarray, wasm } from "./peers/needle.mjs";
import { tf } from "./peers/tfjs.mjs";
import { endTorch, torch } from "./peers/torch.mjs";

const four = new Float32Array(4).fill(1);
const eight = new Float32Array(8).fill(1);
const sixteen = new Float32Array(16).fill(1);

/** The operands on one of needle's backends. */
function needleOperands(backend) {
  const make = (data, shape) => ndarray.fromTypedArray(data, shape, { backend });
  const tensor = (requiresGrad) => new autograd.Tensor(make(four, [4]), { requiresGrad });
  return {
    x: make(four, [4]),
    y: make(four, [4]),
    x8: make(eight, [8]),
    y8: make(eight, [8]),
    a: make(sixteen, [4, 4]),
    b: make(sixteen, [4, 4]),
    tensor: tensor(false),
    other: tensor(false),
    leaf: tensor(true),
    scalar: new autograd.Tensor(make(new Float32Array(1).fill(1), []), { requiresGrad: true }),
  };
}

/** Forward and backward in a scope, as a module's pass is. */
function thereAndBack({ leaf, other }) {
  leaf.resetGrad();
  ndarray.scope(() => leaf.mul(other).sum().backward());
}

/** 150 ops on one number, and back. */
function chain({ scalar }) {
  scalar.resetGrad();
  ndarray.scope(() => {
    let x = scalar;
    for (let i = 0; i < 50; i++) x = x.mul(1.001).add(0.1).tanh();
    x.backward();
  });
}

const onNeedle = {
  "add [4]": ({ x, y }) => x.add(y).dispose(),
  "add [8]": ({ x8, y8 }) => x8.add(y8).dispose(),
  "matmul [4,4]": ({ a, b }) => a.matmul(b).dispose(),
  "sum [4,4]": ({ a }) => a.sum().dispose(),
  "tensor add": ({ tensor, other }) => tensor.add(other).dispose(),
  "tensor add, recorded": ({ leaf, other }) => leaf.add(other).dispose(),
  "multiply, sum, backward": thereAndBack,
  "150 scalar ops, backward": chain,
};

const tensorFlowOperands = () => ({
  x: tf.tensor(four),
  y: tf.tensor(four),
  x8: tf.tensor(eight),
  y8: tf.tensor(eight),
  a: tf.tensor(sixteen, [4, 4]),
});
const tensors = tensorFlowOperands();
const tensorsOnCPU = await onTensorFlowCPU(tensorFlowOperands);

const onTensorFlow = {
  "add [4]": ({ x, y }) => tf.add(x, y).dispose(),
  "add [8]": ({ x8, y8 }) => tf.add(x8, y8).dispose(),
  "matmul [4,4]": ({ a }) => tf.matMul(a, a).dispose(),
  "sum [4,4]": ({ a }) => tf.sum(a).dispose(),
  "tensor add": ({ x, y }) => tf.add(x, y).dispose(),
  // Its tapes exist inside gradient functions only: "tensor add, recorded" has no counterpart.
  "multiply, sum, backward": ({ x, y }) =>
    tf.tidy(() => tf.grad((z) => tf.sum(tf.mul(z, y)))(x)).dispose(),
};

async function onTensorFlowCPU(f) {
  await tf.setBackend("cpu");
  const result = f();
  await tf.setBackend("wasm");
  return result;
}

const arrays = {
  x: await jaxArrayOf(four, [4]),
  y: await jaxArrayOf(four, [4]),
  a: await jaxArrayOf(sixteen, [4, 4]),
};

const onJax = {
  "add [4]": ({ x, y }) => x.ref.add(y.ref),
  "matmul [4,4]": ({ a }) => np.matmul(a.ref, a.ref),
  "sum [4,4]": ({ a }) => a.ref.sum(),
  "tensor add": ({ x, y }) => x.ref.add(y.ref),
  "multiply, sum, backward": ({ x, y }) => jax.grad((z) => z.mul(y.ref).sum())(x.ref),
};

const ours = needleOperands(wasm);
const reference = needleOperands(ndarray.createReferenceBackend());

const cases = {};
for (const [name, run] of Object.entries(onNeedle)) {
  const theirs = onTensorFlow[name];
  cases[name] = async () => ({
    needle: calling(() => run(ours)),
    "needle, reference": calling(() => run(reference)),
    "TensorFlow.js": theirs && calling(() => theirs(tensors)),
    "TensorFlow.js, CPU":
      theirs && ((n) => onTensorFlowCPU(() => calling(() => theirs(tensorsOnCPU))(n))),
    "jax-js": onJax[name] && waitingFor(() => onJax[name](arrays)),
    PyTorch: await torch("dispatch", name),
  });
}

await report("dispatch", cases, { unit: "µs", show: (ms) => 1000 * ms });
endTorch();
