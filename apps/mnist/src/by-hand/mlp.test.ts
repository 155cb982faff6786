import { Tensor } from "@needle/autograd";
import { array, manualSeed, type NDArray, ones, Philox } from "@needle/ndarray";
import { crossEntropy } from "@needle/nn";
import { describe, expect, it } from "vitest";
import { initialWeights, nnEpoch, nnScores } from "./mlp.ts";

const float64 = { dtype: "float64" } as const;

describe.each([
  [1, 1, 1, 2],
  [5, 3, 6, 4],
  [17, 8, 5, 10],
])("%i rows, %i features, %i hidden, %i classes", (rows, features, hidden, classes) => {
  it("steps along the gradients that automatic differentiation gives", () => {
    const generator = new Philox(rows);
    const X = generator.normal([rows, features], float64);
    const y = generator.integers(0, classes, [rows]);
    const starts = [
      generator.normal([features, hidden], float64),
      generator.normal([hidden, classes], float64),
    ] as const;

    const [W1, W2] = starts.map((W) => new Tensor(W.copy(), { requiresGrad: true }));
    crossEntropy(new Tensor(X).matmul(W1!).relu().matmul(W2!), new Tensor(y)).backward();
    const [after1, after2] = [starts[0].copy(), starts[1].copy()];
    nnEpoch(X, y, after1, after2, { lr: 1, batch: rows });

    expect(largest(starts[0].sub(after1).sub(W1!.grad!.value))).toBeLessThan(1e-14);
    expect(largest(starts[1].sub(after2).sub(W2!.grad!.value))).toBeLessThan(1e-14);
  });
});

describe("nnEpoch", () => {
  it("gives the numbers worked out by hand", () => {
    // Z1 = 2, h = [2, 2], G2 = [-1/2, 1/2], G1 = 0
    const [W1, W2] = [ones([1, 1]), ones([1, 2])];
    nnEpoch(array([[2]]), array([0], { dtype: "int32" }), W1, W2, { lr: 0.5 });
    expect(W1.toArray()).toEqual([[1]]);
    expect(W2.toArray()).toEqual([[1.5, 0.5]]);
  });

  it("takes the rows in order, the last batch as short as it comes", () => {
    const generator = new Philox(0);
    const [X, y] = [generator.normal([5, 3], float64), generator.integers(0, 4, [5])];
    const start = [generator.normal([3, 2], float64), generator.normal([2, 4], float64)] as const;
    const [whole1, whole2] = [start[0].copy(), start[1].copy()];
    const [parts1, parts2] = [start[0].copy(), start[1].copy()];
    nnEpoch(X, y, whole1, whole2, { lr: 0.5, batch: 2 });
    for (const range of ["0:2", "2:4", "4:5"]) {
      nnEpoch(X.slice(range), y.slice(range), parts1, parts2, { lr: 0.5, batch: 2 });
    }
    expect(nnScores(X, whole1, whole2).toArray()).toEqual(nnScores(X, parts1, parts2).toArray());
  });
});

describe("initialWeights", () => {
  it("gives weights of standard deviation 1 / sqrt(columns), from the seed alone", () => {
    manualSeed(7);
    const [W1, W2] = initialWeights(784, 100, 10);
    expect(Math.sqrt(W1.square().mean().item())).toBeCloseTo(1 / Math.sqrt(100), 3);
    expect(Math.sqrt(W2.square().mean().item())).toBeCloseTo(1 / Math.sqrt(10), 1);
    manualSeed(7);
    expect(initialWeights(784, 100, 10)[1].toArray()).toEqual(W2.toArray());
  });
});

function largest(x: NDArray): number {
  return x.abs().max().item();
}
