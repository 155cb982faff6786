import { randn, type Tensor, tensor, zeros } from "@needle/autograd";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { Embedding, LearnedPositions, rotary, SinusoidalPositions } from "../index.ts";

function ids(values: number[] | number[][]): Tensor {
  return tensor(values, { dtype: "int32" });
}

describe("Embedding", () => {
  test("is a product with one-hot vectors", () => {
    const layer = new Embedding(7, 3);
    const words = ids([
      [0, 6, 3],
      [3, 3, 1],
    ]);
    const product = words.oneHot(7).matmul(layer.weight);
    assertClose(layer.forward(words).value, product.toArray());
    layer.forward(words).square().sum().backward();
    const own = layer.weight.grad!.toArray();
    layer.resetGrad();
    product.square().sum().backward();
    assertClose(layer.weight.grad!.value, own);
  });

  test("keeps the row of the padding at zero", () => {
    const layer = new Embedding(5, 2, { paddingIndex: 1 });
    const rows = layer.forward(ids([1, 4]));
    expect(rows.slice(0).toArray()).toEqual([0, 0]);
    rows.add(1).square().sum().backward();
    expect(layer.weight.grad!.slice(1).toArray()).toEqual([0, 0]);
    expect(layer.weight.grad!.slice(4).abs().sum().item()).toBeGreaterThan(0);
  });

  test("refuses what is no row", () => {
    const layer = new Embedding(5, 2);
    expect(() => layer.forward(tensor([1.5]))).toThrow(
      'Embedding: positions are integers, got float32\nConvert with astype("int32") first.',
    );
    expect(() => layer.forward(ids([5]))).toThrow("5");
    expect(() => new Embedding(5, 2, { paddingIndex: 5 })).toThrow(
      "Embedding: paddingIndex must be below 5, got 5",
    );
  });
});

describe("SinusoidalPositions", () => {
  test("adds the formula's waves", () => {
    const [time, dim] = [6, 8];
    const waves = new SinusoidalPositions(dim).forward(zeros([1, time, dim], { dtype: "float64" }));
    const expected = Array.from({ length: time }, (_, t) =>
      Array.from({ length: dim }, (_, i) => {
        const angle = t / 10000 ** ((i - (i % 2)) / dim);
        return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
      }),
    );
    assertClose(waves.slice(0).value, expected, { rtol: 1e-12, atol: 1e-12 });
    const later = new SinusoidalPositions(dim, { axis: 0 }).forward(
      zeros([2, 1, dim], { dtype: "float64" }),
      3,
    );
    assertClose(later.slice(":", 0).value, expected.slice(3, 5), { rtol: 1e-12, atol: 1e-12 });
  });

  test("refuses other shapes", () => {
    expect(() => new SinusoidalPositions(3)).toThrow("SinusoidalPositions: dim is even, got 3");
    expect(() => new SinusoidalPositions(4).forward(zeros([2, 3]))).toThrow(
      "SinusoidalPositions: expected [batch,time,4], got [2,3]",
    );
  });
});

describe("LearnedPositions", () => {
  test("adds a row for each step", () => {
    const layer = new LearnedPositions(5, 2);
    const { weight } = layer.embedding;
    assertClose(layer.forward(zeros([1, 2, 2]), 3).slice(0).value, weight.slice([3, 5]).toArray());
    expect(() => layer.forward(zeros([1, 3, 2]), 3)).toThrow(
      "LearnedPositions: positions 3 to 5, there are 5\nMake it longer, or shorten the input.",
    );
  });
});

describe("rotary", () => {
  test("keeps lengths, and makes products depend on distances only", () => {
    const [q, k] = [randn([4], { dtype: "float64" }), randn([4], { dtype: "float64" })];
    const at = (x: Tensor, first: number): Tensor => rotary(x.unsqueeze(0), { first }).slice(0);
    expect(at(q, 17).square().sum().item()).toBeCloseTo(q.square().sum().item(), 12);
    const product = (i: number, j: number): number => at(q, i).mul(at(k, j)).sum().item();
    expect(product(5, 3)).toBeCloseTo(product(12, 10), 10);
    expect(Math.abs(product(5, 3) - product(5, 4))).toBeGreaterThan(1e-6);
    assertClose(at(q, 0).value, q.toArray());
  });

  test("refuses an odd number of features", () => {
    expect(() => rotary(zeros([2, 3]))).toThrow("rotary: expected […,time,even], got [2,3]");
  });
});
