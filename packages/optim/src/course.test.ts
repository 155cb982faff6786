/**
 * Losses of the course's own tests (CMU 10-714 hw2) after 32 steps on a network of two layers, here
 * written in tensors. NumPy's stream gives the same weights and data as there.
 */
import { rand, type Tensor, tensor } from "@needle/autograd";
import { NumpyGenerator, scope, setDefaultGenerator } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { Adam, type Optimizer, SGD } from "./index.ts";

const rows = 1024;
const features = 64;
const classes = 16;
const batch = 32;

/** Kaiming's uniform distribution for ReLU. */
function kaiming(fanIn: number, fanOut: number): Tensor {
  const bound = Math.sqrt(6 / fanIn);
  return rand([fanIn, fanOut], { low: -bound, high: bound, requiresGrad: true });
}

/** A weight and then a bias, in the order in which the course draws them. */
function layer(inFeatures: number, outFeatures: number): [weight: Tensor, bias: Tensor] {
  const weight = kaiming(inFeatures, outFeatures);
  const bias = kaiming(outFeatures, 1).value.reshape([outFeatures]);
  return [weight, tensor(bias, { requiresGrad: true })];
}

/** The loss on the last of 32 batches. */
function lossAfterTraining(make: (parameters: Tensor[]) => Optimizer): number {
  setDefaultGenerator(new NumpyGenerator(42));
  const [w1, b1] = layer(features, 32);
  const [w2, b2] = layer(32, classes);
  const x = new NumpyGenerator(rows * features * 2).random.randint(0, 100, rows * features);
  const y = new NumpyGenerator(rows).random.randint(0, classes, rows);
  const inputs = tensor(Float32Array.from(x, (k) => k / 20)).reshape([rows, features]);
  const targets = tensor(y).oneHot(classes);
  const optimizer = make([w1, b1, w2, b2]);
  let last = Number.NaN;
  for (let start = 0; start < rows; start += batch) {
    optimizer.resetGrad();
    scope(() => {
      const hidden = inputs
        .slice([start, start + batch])
        .matmul(w1)
        .add(b1)
        .relu();
      const scores = hidden.matmul(w2).add(b2);
      const target = targets.slice([start, start + batch]);
      const loss = scores.logSoftmax(1).mul(target).sum(1).mean().neg();
      loss.backward();
      last = loss.item();
    });
    optimizer.step();
  }
  return last;
}

const losses: Record<string, [loss: number, make: (parameters: Tensor[]) => Optimizer]> = {
  SGD: [3.207009, (w) => new SGD(w, { lr: 0.01 })],
  "SGD with momentum": [3.311805, (w) => new SGD(w, { lr: 0.01, momentum: 0.9 })],
  "SGD with weight decay": [3.202637, (w) => new SGD(w, { lr: 0.01, weightDecay: 0.01 })],
  "SGD with momentum and weight decay": [
    3.306993,
    (w) => new SGD(w, { lr: 0.01, momentum: 0.9, weightDecay: 0.01 }),
  ],
  Adam: [3.703999, (w) => new Adam(w, { lr: 0.001 })],
  "Adam with weight decay": [3.705134, (w) => new Adam(w, { lr: 0.001, weightDecay: 0.01 })],
};

describe("the course's loss after 32 steps", () => {
  for (const [name, [loss, make]] of Object.entries(losses)) {
    test(`of ${name} is ${loss}`, () => {
      expect(Math.abs(lossAfterTraining(make) - loss)).toBeLessThan(1e-5);
    });
  }
});
