import { type Tensor, tensor } from "@needle/autograd";
import { describe, expect, test } from "vitest";
import { SGD, type SGDOptions } from "./index.ts";
import { sgd, sgdMomentum, sgdWeightDecay } from "./torch.fixture.ts";
import { apart, pathOf, plainPathOf } from "./trajectory.fixture.ts";

/** u = momentum u + (1 - momentum) (g + weightDecay w), w = w - lr u; the course's form. */
function byHand(
  { lr = 0.01, momentum = 0, weightDecay = 0 }: SGDOptions,
  steps: number,
): number[][] {
  return plainPathOf(() => {
    let u = 0;
    return (w, gradient) => {
      u = momentum * u + (1 - momentum) * (gradient + weightDecay * w);
      return w - lr * u;
    };
  }, steps);
}

const settings: SGDOptions[] = [
  {},
  { lr: 0.1 },
  { lr: 0.1, weightDecay: 0.2 },
  { lr: 0.1, momentum: 0.9 },
  { lr: 0.3, momentum: 0.5, weightDecay: 0.05 },
];

describe("SGD", () => {
  for (const options of settings) {
    const title = `with ${JSON.stringify(options)}`;
    const make = (parameters: Tensor[]): SGD => new SGD(parameters, options);

    test(`${title} takes the path of the formula in float64`, () => {
      const path = pathOf(make, { steps: 30, dtype: "float64" });
      expect(apart(path, byHand(options, 30))).toBeLessThan(1e-12);
    });

    test(`${title} takes it in float32`, () => {
      const path = pathOf(make, { steps: 12, dtype: "float32" });
      expect(apart(path, byHand(options, 12))).toBeLessThan(1e-6);
    });
  }

  test("takes PyTorch's path without momentum", () => {
    const double = { steps: 12, dtype: "float64" } as const;
    const plain = pathOf((w) => new SGD(w, { lr: 0.1 }), double);
    expect(apart(plain, sgd)).toBeLessThan(1e-12);
    const decayed = pathOf((w) => new SGD(w, { lr: 0.1, weightDecay: 0.2 }), double);
    expect(apart(decayed, sgdWeightDecay)).toBeLessThan(1e-12);
  });

  test("takes PyTorch's path with momentum at lr / (1 - momentum)", () => {
    const path = pathOf((w) => new SGD(w, { lr: 0.1, momentum: 0.9 }), {
      steps: 12,
      dtype: "float64",
    });
    expect(apart(path, sgdMomentum)).toBeLessThan(1e-12);
  });

  test("with momentum starts at a velocity of 0, without correction", () => {
    const w = tensor([1], { dtype: "float64", requiresGrad: true });
    const optimizer = new SGD([w], { lr: 1, momentum: 0.75 });
    w.sum().backward();
    optimizer.step();
    expect(w.item()).toBe(0.75);
    optimizer.step();
    expect(w.item()).toBe(0.75 - (0.75 * 0.25 + 0.25));
  });

  test("has the course's defaults", () => {
    const w = tensor([1], { requiresGrad: true });
    const { lr, momentum, weightDecay } = new SGD([w]).groups[0]!;
    expect([lr, momentum, weightDecay]).toEqual([0.01, 0, 0]);
  });

  test("refuses options out of range", () => {
    const w = tensor([1], { requiresGrad: true });
    const make = (options: SGDOptions) => () => new SGD([w], options);
    expect(make({ lr: -1 })).toThrow("SGD: lr must be a number of at least 0, got -1");
    expect(make({ lr: Number.NaN })).toThrow("SGD: lr must be a number of at least 0, got NaN");
    expect(make({ lr: Number.POSITIVE_INFINITY })).toThrow(
      "SGD: lr must be a number of at least 0, got Infinity",
    );
    expect(make({ momentum: 1 })).toThrow("SGD: momentum must be from 0 to below 1, got 1");
    expect(make({ momentum: -0.1 })).toThrow("SGD: momentum must be from 0 to below 1, got -0.1");
    expect(make({ weightDecay: -0.1 })).toThrow(
      "SGD: weightDecay must be a number of at least 0, got -0.1",
    );
    expect(make({ nesterov: true, momentum: 0.9 })).toThrow(
      "SGD: nesterov goes with a momentum and no dampening, got momentum 0.9, dampening null\n" +
        "Pass { momentum: 0.9, dampening: 0 }.",
    );
  });
});
