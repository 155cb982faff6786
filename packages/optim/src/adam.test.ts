import { type Tensor, tensor } from "@needle/autograd";
import { describe, expect, test } from "vitest";
import { Adam, type AdamOptions } from "./index.ts";
import { adam, adamOptions } from "./torch.fixture.ts";
import { apart, pathOf, plainPathOf } from "./trajectory.fixture.ts";

/** Algorithm 1 of Kingma and Ba (2015), with L2 added to the gradient. */
function byHand(options: AdamOptions, steps: number): number[][] {
  const { lr = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0 } = options;
  return plainPathOf(() => {
    let [m, v] = [0, 0];
    return (w, gradient, t) => {
      const g = gradient + weightDecay * w;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      const [mHat, vHat] = [m / (1 - beta1 ** t), v / (1 - beta2 ** t)];
      return w - (lr * mHat) / (Math.sqrt(vHat) + eps);
    };
  }, steps);
}

const settings: AdamOptions[] = [
  {},
  { lr: 0.1 },
  { lr: 0.05, beta1: 0.8, beta2: 0.95, eps: 1e-4, weightDecay: 0.2 },
  { lr: 0.1, beta1: 0 },
  { lr: 0.1, beta2: 0, eps: 0.1 },
];

describe("Adam", () => {
  for (const options of settings) {
    const title = `with ${JSON.stringify(options)}`;
    const make = (parameters: Tensor[]): Adam => new Adam(parameters, options);

    test(`${title} takes the path of the formula in float64`, () => {
      const path = pathOf(make, { steps: 30, dtype: "float64" });
      expect(apart(path, byHand(options, 30))).toBeLessThan(1e-12);
    });

    test(`${title} takes it in float32`, () => {
      const path = pathOf(make, { steps: 12, dtype: "float32" });
      expect(apart(path, byHand(options, 12))).toBeLessThan(1e-6);
    });
  }

  test("takes PyTorch's path, with weight decay as L2", () => {
    const double = { steps: 12, dtype: "float64" } as const;
    expect(
      apart(
        pathOf((w) => new Adam(w, { lr: 0.1 }), double),
        adam,
      ),
    ).toBeLessThan(1e-12);
    const options = { lr: 0.05, beta1: 0.8, beta2: 0.95, eps: 1e-4, weightDecay: 0.2 };
    expect(
      apart(
        pathOf((w) => new Adam(w, options), double),
        adamOptions,
      ),
    ).toBeLessThan(1e-12);
  });

  test("moves by lr in its first step whatever the size of the gradient", () => {
    const w = tensor([1, 1], { dtype: "float64", requiresGrad: true });
    w.mul(tensor([1e-4, -1e6], { dtype: "float64" }))
      .sum()
      .backward();
    new Adam([w], { lr: 0.25, eps: 0 }).step();
    expect(apart([Array.from(w.toTypedArray())], [[0.75, 1.25]])).toBeLessThan(1e-15);
  });

  test("does not move where the gradient is 0", () => {
    const w = tensor([2], { requiresGrad: true });
    w.mul(0).sum().backward();
    new Adam([w]).step();
    expect(w.item()).toBe(2);
  });

  test("counts steps once for all parameters, also for one whose gradient comes late", () => {
    const [early, late] = [1, 1].map((x) =>
      tensor(x, { dtype: "float64", requiresGrad: true }),
    ) as [Tensor, Tensor];
    const optimizer = new Adam([early, late], { lr: 0.1, eps: 0 });
    early.backward();
    optimizer.step();
    optimizer.step();
    late.backward();
    optimizer.step();
    // m = 0.1, v = 0.001, both corrected for three steps.
    const moved = (0.1 * (0.1 / (1 - 0.9 ** 3))) / Math.sqrt(0.001 / (1 - 0.999 ** 3));
    expect(optimizer.steps).toBe(3);
    expect(Math.abs(late.item() - (1 - moved))).toBeLessThan(1e-12);
    expect(Math.abs(early.item() - 0.7)).toBeLessThan(1e-12);
  });

  test("has the paper's defaults", () => {
    const w = tensor([1], { requiresGrad: true });
    const { lr, beta1, beta2, eps, weightDecay } = new Adam([w]).groups[0]!;
    expect([lr, beta1, beta2, eps, weightDecay]).toEqual([0.001, 0.9, 0.999, 1e-8, 0]);
  });

  test("refuses options out of range", () => {
    const w = tensor([1], { requiresGrad: true });
    const make = (options: AdamOptions) => () => new Adam([w], options);
    expect(make({ lr: -1 })).toThrow("Adam: lr must be a number of at least 0, got -1");
    expect(make({ beta1: 1 })).toThrow("Adam: beta1 must be from 0 to below 1, got 1");
    expect(make({ beta2: -1 })).toThrow("Adam: beta2 must be from 0 to below 1, got -1");
    expect(make({ beta2: Number.NaN })).toThrow("Adam: beta2 must be from 0 to below 1, got NaN");
    expect(make({ eps: -1 })).toThrow("Adam: eps must be a number of at least 0, got -1");
    expect(make({ weightDecay: -1 })).toThrow(
      "Adam: weightDecay must be a number of at least 0, got -1",
    );
  });
});
