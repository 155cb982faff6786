/** The paths of all optimizers, against PyTorch's and against their formulas on plain numbers. */
import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "@needle/autograd";
import { describe, expect, test } from "vitest";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  Lion,
  type LionOptions,
  Muon,
  type MuonOptions,
  NAdam,
  type NAdamOptions,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from "./index.ts";
import { apart, pathOf, plainPathOf } from "./trajectory.fixture.ts";

const optimizers = { SGD, Adam, AdamW, Adagrad, Adadelta, RMSprop, Adamax, RAdam };

interface Row {
  readonly optimizer: keyof typeof optimizers;
  readonly options: Record<string, number | boolean>;
  readonly path: number[][];
}

const fixture = new URL("./torch-paths.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

describe(`as ${source}`, () => {
  const named = rows.map((row) => [row.optimizer, JSON.stringify(row.options), row] as const);

  test.each(named)("is the path of %s with %s", (_, __, { optimizer, options, path }) => {
    const make = (w: Tensor[]): Optimizer => new optimizers[optimizer](w, options);
    const [double, single] = (["float64", "float32"] as const).map((dtype) =>
      pathOf(make, { steps: 12, dtype }),
    );
    // PyTorch's dampened start is recomputed here, which rounds once more.
    expect(apart(double!, path)).toBeLessThan(1e-12);
    expect(apart(single!, path)).toBeLessThan(2e-5);
  });
});

describe("Lion", () => {
  test.each([{}, { lr: 0.1 }, { lr: 0.05, beta1: 0.5, beta2: 0.8, weightDecay: 0.3 }])(
    "with %j takes the path of the formula",
    (options: LionOptions) => {
      const { lr = 1e-4, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = options;
      const byHand = plainPathOf(() => {
        let m = 0;
        return (w, g) => {
          const direction = Math.sign(beta1 * m + (1 - beta1) * g);
          m = beta2 * m + (1 - beta2) * g;
          return w - lr * weightDecay * w - lr * direction;
        };
      }, 20);
      const path = pathOf((w) => new Lion(w, options), { steps: 20, dtype: "float64" });
      expect(apart(path, byHand)).toBeLessThan(1e-12);
    },
  );
});

describe("NAdam", () => {
  test.each([
    {},
    { lr: 0.1, beta1: 0.8, beta2: 0.9, eps: 1e-3, weightDecay: 0.2, momentumDecay: 0.05 },
  ])("with %j takes the path of the formula", (options: NAdamOptions) => {
    const { lr = 0.002, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
    const { weightDecay = 0, momentumDecay = 0.004 } = options;
    const mu = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const byHand = plainPathOf(() => {
      let [m, v, product] = [0, 0, 1];
      return (w, gradient, t) => {
        const g = gradient + weightDecay * w;
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        product *= mu(t);
        const mHat =
          (mu(t + 1) * m) / (1 - product * mu(t + 1)) + ((1 - mu(t)) * g) / (1 - product);
        return w - (lr * mHat) / (Math.sqrt(v / (1 - beta2 ** t)) + eps);
      };
    }, 30);
    const path = pathOf((w) => new NAdam(w, options), { steps: 30, dtype: "float64" });
    expect(apart(path, byHand)).toBeLessThan(1e-12);
  });
});

describe("Muon", () => {
  /** Singular values of a 2 x 2 matrix. */
  function singularValues([[a, b], [c, d]]: [[number, number], [number, number]]): number[] {
    const [sum, difference] = [Math.hypot(a + d, b - c), Math.hypot(a - d, b + c)];
    return [(sum + difference) / 2, Math.abs(sum - difference) / 2];
  }

  function stepOf(gradient: number[][], options: MuonOptions = {}): number[][] {
    const w = tensor(gradient, { dtype: "float64" }).mul(0);
    w.requiresGrad = true;
    w.mul(tensor(gradient, { dtype: "float64" }))
      .sum()
      .backward();
    new Muon([w], { lr: 1, ...options }).step();
    return w.neg().toArray() as number[][];
  }

  test("steps by a matrix whose singular values are near 1, whatever those of the gradient", () => {
    for (const gradient of [
      [
        [3, 1],
        [-2, 4],
      ],
      [
        [1e-3, 0],
        [0, 5e-4],
      ],
      [
        [100, 20],
        [0, 70],
      ],
    ]) {
      const step = stepOf(gradient) as [[number, number], [number, number]];
      for (const value of singularValues(step)) {
        expect(value).toBeGreaterThan(0.6);
        expect(value).toBeLessThan(1.3);
      }
    }
  });

  test("keeps the singular vectors: a diagonal gradient gives a diagonal step", () => {
    const [[a, b], [c, d]] = stepOf([
      [2, 0],
      [0, -1],
    ]) as [[number, number], [number, number]];
    expect([Math.abs(b), Math.abs(c)]).toEqual([0, 0]);
    expect(a).toBeGreaterThan(0);
    expect(d).toBeLessThan(0);
  });

  test("iterates the quintic of the source on the singular values", () => {
    // A multiple of the unit matrix stays one; its singular values follow the scalar iteration.
    let x = 1 / Math.SQRT2;
    for (let i = 0; i < 5; i++) x = 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
    const [[a], [, d]] = stepOf([
      [7, 0],
      [0, 7],
    ]) as [[number], [number, number]];
    expect(a).toBeCloseTo(x, 6);
    expect(d).toBeCloseTo(x, 6);
  });

  test("scales wide matrices up by the root of columns over rows, tall ones not", () => {
    const wide = stepOf([[1, 1, 1, 1]]).flat();
    const tall = stepOf([[1], [1], [1], [1]]).flat();
    wide.forEach((value, i) => {
      expect(value).toBeCloseTo(2 * tall[i]!, 12);
    });
  });

  test("refuses vectors", () => {
    const vector = tensor([1, 2], { requiresGrad: true });
    expect(() => new Muon([vector])).toThrow(
      "Muon: parameter 0 is [2], not a matrix\nStep vectors and scalars with AdamW.",
    );
  });
});
