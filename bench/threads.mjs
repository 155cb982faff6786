/** What a second thread brings: needle on two threads (or `NEEDLE_THREADS`) beside needle on one, in one process. */
import { calling, report } from "./lib.mjs";
import { autograd, createWasmBackend, ndarray, nn, optim } from "./peers/needle.mjs";

const threads = Number(process.env.NEEDLE_THREADS ?? 2);
const many = `${threads} threads`;
const backends = {
  [many]: await createWasmBackend({ threads }),
  "1 thread": await createWasmBackend({ threads: 1 }),
};

/** A case: on each backend, what is called again and again. */
function onBoth(prepare) {
  return () => {
    const runners = Object.entries(backends).map(([name, backend]) => {
      ndarray.setDefaultBackend(backend);
      return [name, calling(prepare())];
    });
    return Object.fromEntries(runners);
  };
}

const elementwise = {};
for (const [label, size] of Object.entries({
  "16K": 2 ** 14,
  "64K": 2 ** 16,
  "1M": 2 ** 20,
  "16M": 2 ** 24,
})) {
  elementwise[`add ${label}`] = onBoth(() => {
    const [x, y] = [ndarray.rand([size]), ndarray.rand([size])];
    return () => x.add(y).dispose();
  });
  elementwise[`exp ${label}`] = onBoth(() => {
    const x = ndarray.rand([size]);
    return () => x.exp().dispose();
  });
}

const products = Object.fromEntries(
  [64, 100, 128, 256, 512, 1024].map((n) => [
    `matmul ${n}`,
    onBoth(() => {
      const [a, b] = [ndarray.rand([n, n]), ndarray.rand([n, n])];
      return () => a.matmul(b).dispose();
    }),
  ]),
);

const rows = {
  "softmax [1000,1000]": (x) => x.softmax(),
  "softmax [100,10]": (x) => x.slice([0, 100], [0, 10]).softmax(),
  "sum axis 0 [1000,1000]": (x) => x.sum(0),
  "sum axis 1 [1000,1000]": (x) => x.sum(1),
  "sum [1000,1000]": (x) => x.sum(),
  "add transposed [1000,1000]": (x) => x.add(x.transpose()),
};
const folded = Object.fromEntries(
  Object.entries(rows).map(([name, op]) => [
    name,
    onBoth(() => {
      const x = ndarray.rand([1000, 1000]);
      return () => ndarray.scope(() => void op(x));
    }),
  ]),
);

/** Windows of 3x3 with a border, forward and both gradients. */
const windows = {};
for (const [label, x, outputs] of [
  ["[32,32,32,32] -> 64", [32, 32, 32, 32], 64],
  ["[100,28,28,1] -> 32", [100, 28, 28, 1], 32],
]) {
  const weight = [3, 3, x[3], outputs];
  const geometry = ndarray.convGeometry("conv2d", x, weight, { padding: 1, layout: "NHWC" });
  const calls = {
    "": (a, w) => ndarray.convolve(a, w, geometry),
    " by image": (_a, w, g) => ndarray.convolveInput(g, w, geometry),
    " by weight": (a, _w, g) => ndarray.convolveWeight(a, g, geometry),
  };
  for (const [name, call] of Object.entries(calls)) {
    windows[`conv ${label}${name}`] = onBoth(() => {
      const [a, w, g] = [x, weight, geometry.y].map((shape) => ndarray.rand(shape));
      return () => call(a, w, g).dispose();
    });
  }
}

/** A step of 784-hidden-10 with batches of 100. */
const step = (hidden) =>
  onBoth(() => {
    ndarray.manualSeed(1);
    const backend = ndarray.defaultBackend();
    const model = new nn.Sequential(
      new nn.Linear(784, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, 10),
    );
    const optimizer = new optim.Adam(model.parameters());
    const images = new autograd.Tensor(ndarray.rand([100, 784]));
    const labels = new autograd.Tensor(ndarray.randint(0, 10, [100]));
    return () => {
      ndarray.setDefaultBackend(backend);
      optimizer.resetGrad();
      const loss = nn.crossEntropy(model.forward(images), labels);
      loss.backward();
      optimizer.step();
      loss.dispose();
    };
  });
const training = { "MLP 784-128-10 step": step(128), "MLP 784-500-10 step": step(500) };

await report(
  "threads",
  { ...products, ...windows, ...elementwise, ...folded, ...training },
  { unit: "µs", show: (ms) => 1000 * ms, sampleMs: 5 },
);
