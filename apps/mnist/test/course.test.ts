/**
 * The numbers of CMU 10-714, hw0, on the real digits. The full runs from the command line are in
 * course.mjs.
 */
import { mnist } from "@needle/data";
import { type NDArray, NumpyGenerator, zeros } from "@needle/ndarray";
import { describe, expect, it } from "vitest";
import { nnEpoch, nnScores } from "../src/by-hand/mlp.ts";
import { softmaxLoss, softmaxRegressionEpoch } from "../src/by-hand/softmax.ts";

const { train } = await mnist();
const X = train.images.value;
const y = train.labels.value;

function norm(x: NDArray): number {
  return Math.sqrt(x.astype("float64").square().sum().item());
}

function errorOf(scores: NDArray): number {
  return scores.argmax(1).ne(y).sum().item() / y.size;
}

describe("softmaxRegressionEpoch", () => {
  it("reaches the course's theta on the first 100 images", () => {
    const theta = zeros([784, 10]);
    softmaxRegressionEpoch(X.slice(":100"), y.slice(":100"), theta, { lr: 0.1, batch: 10 });
    expect(norm(theta)).toBeCloseTo(1.0947356, 5);
  });
});

describe("nnEpoch", () => {
  it("reaches the course's weights, loss and error after an epoch", () => {
    const generator = new NumpyGenerator(0);
    const W1 = generator.normal([784, 100]).div(Math.sqrt(100));
    const W2 = generator.normal([100, 10]).div(Math.sqrt(10));
    nnEpoch(X, y, W1, W2, { lr: 0.2, batch: 100 });
    expect(norm(W1)).toBeCloseTo(28.437788, 4);
    expect(norm(W2)).toBeCloseTo(10.455095, 4);
    const scores = nnScores(X, W1, W2);
    expect(softmaxLoss(scores, y).item()).toBeCloseTo(0.1977, 4);
    expect(errorOf(scores)).toBeCloseTo(0.06007, 5);
  });
});
