/**
 * Milliseconds of one training step of the trainer's other models on batches of 100 digits: softmax regression, the residual
 * network with LayerNorm, and the convolutional network. On one thread each, or on `NEEDLE_THREADS`.
 */
import { awaiting, options, report } from "./lib.mjs";
import { batches, images, labels } from "./mlp.mjs";
import { arrayOf, autograd, ndarray, nn, optim } from "./peers/needle.mjs";
import { endTorch, torch } from "./peers/torch.mjs";

const { Conv2d, Dropout, Flatten, LayerNorm, Linear, MaxPool2d, ReLU, Residual, Sequential } = nn;

const block = () => [
  new Residual(
    new Sequential(
      new Linear(100, 50),
      new LayerNorm(50),
      new ReLU(),
      new Dropout(0.1),
      new Linear(50, 100),
      new LayerNorm(100),
    ),
  ),
  new ReLU(),
];

const models = {
  softmax: () => [new Linear(784, 10)],
  "MLP-ResNet": () => [
    ...[new Linear(784, 100), new ReLU(), ...block(), ...block(), ...block()],
    new Linear(100, 10),
  ],
  CNN: () => [
    new nn.Unflatten(1, [28, 28, 1]),
    new Conv2d(1, 32, 3, { layout: "NHWC" }),
    new ReLU(),
    new Conv2d(32, 64, 3, { layout: "NHWC" }),
    new ReLU(),
    new MaxPool2d(2, { layout: "NHWC" }),
    ...[new Flatten(), new Dropout(0.25), new Linear(9216, 128), new ReLU()],
    ...[new Dropout(0.5), new Linear(128, 10)],
  ],
};

/** A function that trains for a step and gives a promise of the loss. */
function stepOf(name) {
  const model = new Sequential(...models[name]());
  const optimizer =
    name === "softmax"
      ? new optim.SGD(model.parameters(), { lr: 0.1 })
      : new optim.Adam(model.parameters());
  const xs = images.map((data) => new autograd.Tensor(arrayOf(data, [100, 784])));
  const y = new autograd.Tensor(arrayOf(labels, [100]));
  let steps = 0;
  return async () => {
    const loss = nn.crossEntropy(model.forward(xs[steps++ % batches]), y);
    optimizer.resetGrad();
    loss.backward();
    optimizer.step();
    await ndarray.idle();
    return loss.item();
  };
}

/** Both have learned something of the same kind, or one of them is another model. */
async function checkAlike(step, pytorch) {
  let loss = 0;
  for (let i = 0; i < 20; i++) loss = await step();
  await pytorch?.(20);
  if (pytorch && !(Math.abs(loss - pytorch.result) < 0.5))
    throw new Error(`Not the same computation, losses ${loss} and ${pytorch.result}`);
}

const caseOf = (name) => async () => {
  const step = stepOf(name);
  const pytorch = await torch("train", name, batches);
  await checkAlike(step, pytorch);
  return { needle: awaiting(step), PyTorch: pytorch };
};

const cases = Object.fromEntries(Object.keys(models).map((name) => [name, caseOf(name)]));
// Of the cases of the child process, one at a time is prepared.
cases["softmax beside NumPy"] = async () => ({
  needle: awaiting(stepOf("softmax")),
  NumPy: await torch("softmax by hand", batches),
});

await report("train-models", cases, {
  unit: "ms a step",
  show: (ms) => ms,
  figures: ["best", "median", "mean"],
  // Many steps in a row, as an epoch is: the first finds in the caches what others left there.
  sampleMs: 100,
  seconds: 5 * options.seconds,
});
endTorch();
