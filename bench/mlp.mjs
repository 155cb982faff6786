/**
 * One training step of 784-hidden-10 with ReLU and cross-entropy on batches of 100, in each framework's own words, from the
 * same weights on the same data. A step is a function that gives the loss, or a promise of it.
 */
import { jax, arrayOf as jaxArrayOf, np } from "./peers/jax.mjs";
import { arrayOf, autograd, ndarray, nn, optim } from "./peers/needle.mjs";
import { tf } from "./peers/tfjs.mjs";

/** As many pixels as 60 of MNIST's 600 batches: more than the caches hold. */
export const batches = 60;
const batch = 100;

/** Numbers between -1 and 1 that look random and that PyTorch can make as well. */
function noise(seed, size, scale = 1, shift = 0) {
  const at = (i) => (Math.sin(i * 12.9898 + seed) * 43758.5453) % 1;
  return Float32Array.from({ length: size }, (_, i) => at(i) * scale + shift);
}

export const images = Array.from({ length: batches }, (_, i) =>
  noise(100 + i, batch * 784, 0.5, 0.5),
);
export const labels = Int32Array.from({ length: batch }, (_, i) => (i * 7) % 10);
const oneHot = Float32Array.from({ length: batch * 10 }, (_, i) =>
  labels[Math.floor(i / 10)] === i % 10 ? 1 : 0,
);

/** Weights and biases of both layers, `[data, shape]` each. */
const initial = (hidden) => [
  [noise(0, 784 * hidden, 0.05), [784, hidden]],
  [new Float32Array(hidden), [hidden]],
  [noise(1, hidden * 10, 0.1), [hidden, 10]],
  [new Float32Array(10), [10]],
];

const rates = { SGD: 0.1, Adam: 0.001 };

/** Calls `step` with the batches in turn. */
function inTurn(step) {
  let steps = 0;
  return () => step(steps++ % batches);
}

/** @param options.waits - do what the DataLoader does between batches. Without it, a step is synchronous. */
export function needleStep(hidden, algorithm, { waits = true } = {}) {
  const model = new nn.Sequential(
    new nn.Linear(784, hidden),
    new nn.ReLU(),
    new nn.Linear(hidden, 10),
  );
  const start = initial(hidden);
  model.parameters().forEach((parameter, i) => {
    const array = arrayOf(...start[i]);
    parameter.value.assign(array);
    array.dispose();
  });
  const optimizer = new optim[algorithm](model.parameters(), { lr: rates[algorithm] });
  const xs = images.map((data) => new autograd.Tensor(arrayOf(data, [batch, 784])));
  const y = new autograd.Tensor(arrayOf(labels, [batch]));
  return inTurn((i) => {
    const loss = nn.crossEntropy(model.forward(xs[i]), y);
    optimizer.resetGrad();
    loss.backward();
    optimizer.step();
    const value = loss.item();
    return waits ? ndarray.idle().then(() => value) : value;
  });
}

export function tensorFlowStep(hidden, algorithm) {
  const parameters = initial(hidden).map(([data, shape]) => tf.variable(tf.tensor(data, shape)));
  const [w1, b1, w2, b2] = parameters;
  const optimizer =
    algorithm === "SGD" ? tf.train.sgd(rates.SGD) : tf.train.adam(rates.Adam, 0.9, 0.999, 1e-8);
  const xs = images.map((data) => tf.tensor(data, [batch, 784]));
  const y = tf.tensor(oneHot, [batch, 10]);
  return inTurn(async (i) => {
    const loss = optimizer.minimize(
      () => {
        const inner = tf.relu(tf.add(tf.matMul(xs[i], w1), b1));
        return tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(inner, w2), b2));
      },
      true,
      parameters,
    );
    const [value] = loss.dataSync();
    loss.dispose();
    return value;
  });
}

function jaxLoss([w1, b1, w2, b2], x, y) {
  const hidden = jax.nn.relu(np.matmul(x, w1).add(b1));
  return jax.nn
    .logSoftmax(np.matmul(hidden, w2).add(b2))
    .mul(y)
    .sum()
    .mul(-1 / batch);
}

/** `(parameters, x, y) -> [loss, new parameters]`, compiled. */
const jaxSGD = jax.jit((parameters, x, y) => {
  const [loss, gradients] = jax.valueAndGrad(jaxLoss)(jax.tree.ref(parameters), x, y);
  return [loss, parameters.map((w, i) => w.sub(gradients[i].mul(rates.SGD)))];
});

/** The same with the two running means among the state, and what they are divided by. */
const jaxAdam = jax.jit(([parameters, means, squares], x, y, meanPart, squarePart) => {
  const [loss, gradients] = jax.valueAndGrad(jaxLoss)(jax.tree.ref(parameters), x, y);
  const m = means.map((mean, i) => mean.mul(0.9).add(gradients[i].ref.mul(0.1)));
  const v = squares.map((square, i) => square.mul(0.999).add(np.square(gradients[i]).mul(0.001)));
  const moved = parameters.map((w, i) => {
    const size = np.sqrt(v[i].ref.div(squarePart.ref)).add(1e-8);
    return w.sub(m[i].ref.div(meanPart.ref).div(size).mul(rates.Adam));
  });
  meanPart.dispose();
  squarePart.dispose();
  return [loss, [moved, m, v]];
});

export async function jaxStep(hidden, algorithm) {
  const parameters = await Promise.all(
    initial(hidden).map(([data, shape]) => jaxArrayOf(data, shape)),
  );
  const zeros = () => parameters.map((w) => np.zeros(w.shape));
  let state = algorithm === "SGD" ? parameters : [parameters, zeros(), zeros()];
  const xs = await Promise.all(images.map((data) => jaxArrayOf(data, [batch, 784])));
  const y = await jaxArrayOf(oneHot, [batch, 10]);
  let steps = 0;
  return inTurn(async (i) => {
    steps += 1;
    let loss;
    if (algorithm === "SGD") [loss, state] = jaxSGD(state, xs[i].ref, y.ref);
    else {
      const parts = [1 - 0.9 ** steps, 1 - 0.999 ** steps].map((part) => np.array(part));
      [loss, state] = jaxAdam(state, xs[i].ref, y.ref, ...parts);
    }
    await jax.blockUntilReady(state);
    return (await loss.data())[0];
  });
}
