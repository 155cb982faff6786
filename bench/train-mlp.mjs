/** Milliseconds of one training step of a multi-layer perceptron of MNIST's size, one thread. */
import { awaiting, options, report } from "./lib.mjs";
import { batches, jaxStep, needleStep, tensorFlowStep } from "./mlp.mjs";
import { endTorch, torch } from "./peers/torch.mjs";

function caseOf(hidden, algorithm) {
  return async () => {
    const steps = {
      needle: needleStep(hidden, algorithm),
      "TensorFlow.js": tensorFlowStep(hidden, algorithm),
      "jax-js": await jaxStep(hidden, algorithm),
    };
    const pytorch = await torch("mlp", hidden, algorithm, batches);
    await checkAlike(steps, pytorch);
    const runners = Object.entries(steps).map(([name, step]) => [name, awaiting(step)]);
    return { ...Object.fromEntries(runners), PyTorch: pytorch };
  };
}

/** The first losses say whether all compute the same. */
async function checkAlike(steps, pytorch) {
  const losses = {};
  for (const [name, step] of Object.entries(steps)) {
    for (let i = 0; i < 10; i++) losses[name] = await step();
  }
  if (pytorch) {
    await pytorch(10);
    losses.PyTorch = pytorch.result;
  }
  const far = Object.values(losses).some((loss) => !(Math.abs(loss / losses.needle - 1) < 1e-3));
  if (far)
    throw new Error(`Not the same computation, losses after 10 steps: ${JSON.stringify(losses)}`);
}

const cases = {};
for (const hidden of [500, 128]) {
  for (const algorithm of ["SGD", "Adam"]) {
    cases[`784-${hidden}-10 ${algorithm}`] = caseOf(hidden, algorithm);
  }
}

await report("train-mlp", cases, {
  unit: "ms a step",
  show: (ms) => ms,
  // A collection of garbage falls on one step in many: only the mean shows its share.
  figures: ["best", "median", "mean"],
  // Many steps in a row, as an epoch is: the first finds in the caches what others left there.
  sampleMs: 100,
  seconds: 5 * options.seconds,
});
endTorch();
