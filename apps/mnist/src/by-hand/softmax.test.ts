import { Tensor } from "@needle/autograd";
import { array, type NDArray, Philox, zeros } from "@needle/ndarray";
import { crossEntropy } from "@needle/nn";
import { describe, expect, it } from "vitest";
import { softmaxLoss, softmaxRegressionEpoch } from "./softmax.ts";

const int32 = { dtype: "int32" } as const;
const float64 = { dtype: "float64" } as const;

describe.each([
  [1, 1, 2],
  [5, 3, 4],
  [17, 8, 10],
  [4, 20, 1],
])("%i rows, %i features, %i classes", (rows, features, classes) => {
  const generator = new Philox(rows);
  const X = generator.normal([rows, features], float64);
  const y = generator.integers(0, classes, [rows]);
  const start = generator.normal([features, classes], float64);

  it("steps along the gradient that automatic differentiation gives", () => {
    const theta = new Tensor(start.copy(), { requiresGrad: true });
    crossEntropy(new Tensor(X).matmul(theta), new Tensor(y)).backward();
    const after = start.copy();
    softmaxRegressionEpoch(X, y, after, { lr: 1, batch: rows });
    expect(largest(start.sub(after).sub(theta.grad!.value))).toBeLessThan(1e-14);
  });

  it("has the loss of the framework", () => {
    const scores = X.matmul(start);
    const loss = crossEntropy(new Tensor(scores), new Tensor(y)).item();
    expect(softmaxLoss(scores, y).item()).toBeCloseTo(loss, 14);
  });
});

describe("softmaxRegressionEpoch", () => {
  it("gives the numbers worked out by hand", () => {
    const theta = zeros([2, 2]);
    softmaxRegressionEpoch(array([[1, 0]]), array([1], int32), theta, { lr: 1 });
    expect(theta.toArray()).toEqual([
      [-0.5, 0.5],
      [0, 0],
    ]);
  });

  it("takes the rows in order, the last batch as short as it comes", () => {
    const generator = new Philox(0);
    const [X, y] = [generator.normal([7, 3], float64), generator.integers(0, 4, [7])];
    const [whole, parts] = [zeros([3, 4], float64), zeros([3, 4], float64)];
    softmaxRegressionEpoch(X, y, whole, { lr: 0.5, batch: 3 });
    for (const range of ["0:3", "3:6", "6:7"]) {
      softmaxRegressionEpoch(X.slice(range), y.slice(range), parts, { lr: 0.5, batch: 3 });
    }
    expect(whole.toArray()).toEqual(parts.toArray());
  });
});

describe("softmaxLoss", () => {
  it("is finite for scores of any size", () => {
    expect(softmaxLoss(array([[1e4, 0]]), array([0], int32)).item()).toBe(0);
    expect(softmaxLoss(array([[1e4, 0]]), array([1], int32)).item()).toBe(1e4);
  });
});

function largest(x: NDArray): number {
  return x.abs().max().item();
}
