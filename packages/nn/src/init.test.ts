import type { Tensor } from "@needle/autograd";
import {
  ArgumentError,
  createShapeOnlyBackend,
  manualSeed,
  NumpyGenerator,
  setDefaultGenerator,
} from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { kaimingNormal, kaimingUniform, xavierNormal, xavierUniform } from "./index.ts";
import { initial } from "./torch.fixture.ts";

const initializers = { xavierUniform, xavierNormal, kaimingUniform, kaimingNormal };
const names = Object.keys(initializers) as (keyof typeof initializers)[];

/** The standard deviation each promises, for fans of 200 and 100. */
const deviations = {
  xavierUniform: Math.sqrt(2 / 300),
  xavierNormal: Math.sqrt(2 / 300),
  kaimingUniform: Math.sqrt(2 / 200),
  kaimingNormal: Math.sqrt(2 / 200),
};

beforeEach(() => manualSeed(0));

function meanAndDeviation(x: Tensor): [mean: number, deviation: number] {
  const mean = x.mean().item();
  return [mean, Math.sqrt(x.sub(mean).square().mean().item())];
}

for (const name of names) {
  const make = initializers[name];

  describe(name, () => {
    test("draws the numbers of NumPy's stream", () => {
      setDefaultGenerator(new NumpyGenerator(0));
      const double = make(3, 2, { dtype: "float64" });
      assertClose(double.value, initial[name], { rtol: 1e-14, atol: 1e-15 });
      setDefaultGenerator(new NumpyGenerator(0));
      const single = make(3, 2);
      expect(single.dtype).toBe("float32");
      assertClose(single.value, initial[name], { rtol: 1e-6, atol: 3e-7 });
    });

    test("has mean 0 and the deviation its paper asks for", () => {
      const [mean, deviation] = meanAndDeviation(make(200, 100));
      const wanted = deviations[name];
      // 20,000 draws: five standard deviations of the mean, and of the deviation.
      expect(Math.abs(mean)).toBeLessThan((5 * wanted) / Math.sqrt(20_000));
      expect(Math.abs(deviation / wanted - 1)).toBeLessThan(5 / Math.sqrt(40_000));
    });

    test("multiplies by the gain", () => {
      manualSeed(1);
      const own = name.startsWith("kaiming") ? Math.SQRT2 : 1;
      const plain = make(3, 4, { gain: own, dtype: "float64" });
      manualSeed(1);
      const wide = make(3, 4, { gain: 3, dtype: "float64" });
      assertClose(wide.value, plain.value.mul(3 / own), { rtol: 1e-12 });
      manualSeed(1);
      assertClose(make(3, 4, { dtype: "float64" }).value, plain.value, { rtol: 1e-14 });
    });

    test("gives [fanIn, fanOut], or another shape with the same deviation", () => {
      expect(make(3, 4).shape).toEqual([3, 4]);
      const filters = make(200, 100, { shape: [5, 5, 20, 40] });
      expect(filters.shape).toEqual([5, 5, 20, 40]);
      expect(Math.abs(meanAndDeviation(filters)[1] / deviations[name] - 1)).toBeLessThan(0.025);
    });

    test("gives a plain tensor on the backend asked for", () => {
      const backend = createShapeOnlyBackend();
      const weight = make(3, 4, { backend });
      expect([weight.backend, weight.requiresGrad]).toEqual([backend, false]);
    });

    test("refuses fans of nothing", () => {
      expect(() => make(0, 0)).toThrow(ArgumentError);
      expect(() => make(0, 0)).toThrow(`${name}: fans must be at least 1, got 0`);
      expect(() => make(-1, 0)).toThrow(
        `${name}: fanIn must be a whole number of at least 0, got -1`,
      );
      expect(() => make(Number.NaN, 2)).toThrow(
        `${name}: fanIn must be a whole number of at least 0, got NaN`,
      );
    });
  });
}

describe("the uniform initializers", () => {
  test("stay within their bounds and reach them", () => {
    const xavier = xavierUniform(200, 100).abs().max().item() / Math.sqrt(6 / 300);
    const kaiming = kaimingUniform(200, 100).abs().max().item() / Math.sqrt(6 / 200);
    for (const share of [xavier, kaiming]) {
      expect(share).toBeLessThanOrEqual(1 + 1e-6);
      expect(share).toBeGreaterThan(0.99);
    }
  });
});

describe("the course's numbers", () => {
  test("of hw2 after numpy.random.seed(42)", () => {
    const firstRow = (draw: () => Tensor): Tensor => {
      setDefaultGenerator(new NumpyGenerator(42));
      return draw().slice(0);
    };
    const close = { rtol: 1e-6, atol: 3e-7 };
    assertClose(
      firstRow(() => kaimingUniform(3, 5)).value,
      [-0.35485414, 1.2748126, 0.65617794, 0.27904832, -0.9729262],
      close,
    );
    assertClose(
      firstRow(() => kaimingNormal(3, 5)).value,
      [0.4055654, -0.11289233, 0.5288355, 1.2435486, -0.19118543],
      close,
    );
    assertClose(
      firstRow(() => xavierUniform(3, 5, { gain: 1.5 })).value,
      [-0.32595432, 1.1709901, 0.60273796, 0.25632226, -0.8936898],
      close,
    );
    assertClose(
      firstRow(() => xavierNormal(3, 5, { gain: 0.33 })).value,
      [0.08195783, -0.022813609, 0.10686861, 0.25129992, -0.038635306],
      close,
    );
  });

  test("of hw4's filters after numpy.random.seed(0)", () => {
    setDefaultGenerator(new NumpyGenerator(0));
    const filters = kaimingUniform(16 * 9, 8 * 9, { shape: [3, 3, 16, 8] });
    expect(Math.abs(filters.sum().item() - -2.5719218)).toBeLessThan(1e-4);
  });
});
