import { eye, type Tensor } from "@needle/autograd";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { gainOf, identity, kaimingNormal, kaimingUniform, orthogonal, sparse } from "./index.ts";

const double = { dtype: "float64" } as const;

describe("orthogonal", () => {
  test.each([
    [[5, 3], 5, 3],
    [[3, 5], 3, 5],
    [[4, 4], 4, 4],
    [[3, 3, 2, 4], 18, 4],
  ] as const)("of %j has orthogonal rows or columns", (shape, rows, columns) => {
    const w: Tensor = orthogonal(shape, { ...double, gain: 2 });
    expect(w.shape).toEqual(shape);
    const matrix = w.reshape([rows, columns]);
    const product =
      rows >= columns ? matrix.transpose().matmul(matrix) : matrix.matmul(matrix.transpose());
    assertClose(product.value, eye(Math.min(rows, columns), undefined, double).mul(4).toArray(), {
      rtol: 1e-12,
      atol: 1e-12,
    });
  });

  test("refuses vectors", () => {
    expect(() => orthogonal([3])).toThrow("orthogonal: a matrix has two axes or more, got [3]");
  });
});

describe("sparse", () => {
  test("leaves the same number in every column", () => {
    const w = sparse([20, 6], 0.33, { std: 2 });
    expect(w.eq(0).astype("int32").sum(0).toArray()).toEqual([7, 7, 7, 7, 7, 7]);
    const rows = w.eq(0).astype("int32").toArray() as number[][];
    expect(new Set(rows.map((row) => row.join(""))).size).toBeGreaterThan(3);
    expect(() => sparse([2, 2], 2)).toThrow("sparse: sparsity must be from 0 to 1, got 2");
    expect(() => sparse([2], 0.5)).toThrow("sparse: a matrix has two axes, got [2]");
  });
});

describe("Kaiming's initializers", () => {
  test("take the fan and the nonlinearity they are asked for", () => {
    const options = { mode: "fanOut", nonlinearity: "tanh" } as const;
    const bound = (5 / 3) * Math.sqrt(3 / 400);
    const largest = kaimingUniform(10, 400, options).abs().max().item();
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.99 * bound);
    const spread = kaimingNormal(10, 400, options).square().mean().sqrt().item();
    expect(Math.abs(spread / (5 / 3 / 20) - 1)).toBeLessThan(0.05);
  });
});

describe("identity and gainOf", () => {
  test("have their values", () => {
    expect(identity(3, 2).toArray()).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(identity(0, 2).shape).toEqual([0, 2]);
    const gains = (["linear", "conv", "sigmoid", "tanh", "relu", "selu", "leakyRelu"] as const).map(
      (f) => gainOf(f),
    );
    expect(gains).toEqual([1, 1, 1, 5 / 3, Math.SQRT2, 0.75, Math.sqrt(2 / (1 + 0.01 ** 2))]);
  });
});
