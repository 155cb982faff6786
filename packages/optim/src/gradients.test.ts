/** Clipping, accumulation and averages of weights. */
import { type Tensor, tensor } from "@needle/autograd";
import { memory, scope } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { clipGradNorm, clipGradValue, SGD, WeightAverage } from "./index.ts";

function withGradient(...values: number[]): Tensor {
  const w = tensor(
    values.map(() => 0),
    { dtype: "float64", requiresGrad: true },
  );
  scope(() =>
    w
      .mul(tensor(values, { dtype: "float64" }))
      .sum()
      .backward(),
  );
  return w;
}

describe("clipGradNorm", () => {
  test.each([
    [2, 13],
    [1, 19],
    [Number.POSITIVE_INFINITY, 12],
  ])("with p = %d scales all gradients by one factor", (p, norm) => {
    const [a, b] = [withGradient(3, 4), withGradient(-12)];
    expect(clipGradNorm([a, b, a], 2, { p }).item()).toBeCloseTo(norm, 12);
    assertClose(a.grad!.value, [(3 * 2) / norm, (4 * 2) / norm], { rtol: 1e-6 });
    assertClose(b.grad!.value, [(-12 * 2) / norm], { rtol: 1e-6 });
  });

  test("leaves small gradients as they are", () => {
    const [w, unused] = [withGradient(3, 4), tensor(1, { requiresGrad: true })];
    expect(clipGradNorm([w, unused], 5.1).item()).toBe(5);
    expect(w.grad!.toArray()).toEqual([3, 4]);
    expect(unused.grad).toBe(null);
  });

  test("leaves one array behind, the norm", () => {
    const w = withGradient(3, 4);
    const before = memory().buffers;
    clipGradNorm([w], 1);
    expect(memory().buffers - before).toBe(1);
  });

  test("refuses what makes no sense", () => {
    expect(() => clipGradNorm([tensor(1)], 1)).toThrow(
      "clipGradNorm: no parameter has a gradient\nCall it between backward() and step().",
    );
    expect(() => clipGradNorm([withGradient(1)], -1)).toThrow(
      "clipGradNorm: maxNorm must be a number of at least 0, got -1",
    );
    expect(() => clipGradNorm([withGradient(1)], 1, { p: 0 })).toThrow(
      "clipGradNorm: p must be above 0, got 0",
    );
  });
});

describe("clipGradValue", () => {
  test("bounds every element", () => {
    const w = withGradient(3, -0.5, -7);
    clipGradValue([w], 2);
    expect(w.grad!.toArray()).toEqual([2, -0.5, -2]);
    expect(() => clipGradValue([w], Number.NaN)).toThrow("clipGradValue: limit must be");
  });
});

describe("accumulation", () => {
  test("several backward passes before a step count as one of their sum", () => {
    const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([1, 2], { requiresGrad: true })];
    const [first, second] = [tensor([3, 1]), tensor([-1, 5])];
    for (const x of [first, second]) a.mul(x).sum().backward();
    b.mul(first.add(second)).sum().backward();
    for (const w of [a, b]) new SGD([w], { lr: 0.5 }).step();
    expect(a.toArray()).toEqual(b.toArray());
  });
});

describe("WeightAverage", () => {
  test("follows the weights", () => {
    const w = tensor([1], { dtype: "float64", requiresGrad: true });
    const average = new WeightAverage([w], { decay: 0.9 });
    let byHand = 1;
    for (let i = 0; i < 20; i++) {
      w.assign(i * i);
      average.update();
      byHand = 0.9 * byHand + 0.1 * i * i;
      expect(average.averages[0]!.item()).toBeCloseTo(byHand, 10);
    }
    average.apply();
    expect(w.item()).toBeCloseTo(byHand, 10);
  });

  test("puts the weights back after use, also when it fails", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const average = new WeightAverage([w], { decay: 0.5 });
    w.assign(tensor([3, 4]));
    average.update();
    const buffers = memory().buffers;
    expect(average.use(() => w.toArray())).toEqual([2, 3]);
    expect(() =>
      average.use(() => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(w.toArray()).toEqual([3, 4]);
    expect(memory().buffers).toBe(buffers);
  });

  test("refuses what makes no sense", () => {
    expect(() => new WeightAverage([])).toThrow("WeightAverage: got no parameters");
    expect(() => new WeightAverage([tensor(1)], { decay: 1 })).toThrow(
      "WeightAverage: decay must be from 0 to below 1, got 1",
    );
  });
});

test("what holds no parameters is refused by the optimizer's name", () => {
  expect(() => new SGD(3 as never)).toThrow("SGD: takes parameters, or groups of them, got 3");
  const saved = null as never;
  expect(() => new SGD([tensor([1], { requiresGrad: true })]).loadStateDict(saved)).toThrow(
    "SGD: loadStateDict takes what stateDict gave, got null",
  );
});
