import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "@needle/autograd";
import { memory } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { LBFGS, type LBFGSOptions } from "./index.ts";

interface Row {
  readonly name: string;
  readonly options: LBFGSOptions;
  /** The loss before, and the parameters after each step. */
  readonly path: readonly (readonly number[])[];
}

const fixture = new URL("./torch-lbfgs.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

/** Rosenbrock's function of three numbers. */
function valley(w: Tensor): Tensor {
  const [head, tail] = [w.slice([0, 2]), w.slice([1, 3])];
  const across = tail.sub(head.square()).square().sum().mul(10);
  return head.neg().add(1).square().sum().add(across);
}

function start(): Tensor {
  return tensor([-1.2, 1, 0.5], { dtype: "float64", requiresGrad: true });
}

describe(`as ${source}`, () => {
  test.each(rows.map((row) => [row.name, row] as const))("%s", async (_, { options, path }) => {
    const w = start();
    const optimizer = new LBFGS([w], options);
    for (const [loss, ...after] of path) {
      expect(await optimizer.step(() => valley(w))).toBeCloseTo(loss!, 7);
      (w.toArray() as number[]).forEach((x, i) => {
        expect(x).toBeCloseTo(after[i]!, 7);
      });
    }
  });
});

describe("LBFGS", () => {
  test("solves a problem of several parameters to many digits", async () => {
    const [a, b, unused] = [
      tensor([5, -3], { dtype: "float64" }),
      tensor(2, { dtype: "float64" }),
      tensor(1),
    ];
    for (const w of [a, b, unused]) w.requiresGrad = true;
    const optimizer = new LBFGS([a, b, unused], { lineSearch: "strongWolfe", maxIterations: 60 });
    const center = tensor([1, 2], { dtype: "float64" });
    await optimizer.step(() =>
      a.sub(center).pow(4).sum().add(a.sum().sub(b).square()).add(b.sub(3).square()),
    );
    expect(b.item()).toBeCloseTo(3, 3);
    expect((a.toArray() as number[]).map((x) => Math.round(x * 10) / 10)).toEqual([1, 2]);
    expect(unused.item()).toBe(1);
  });

  test("stops where the gradient is 0", async () => {
    const w = tensor([1, 1, 1], { dtype: "float64", requiresGrad: true });
    const optimizer = new LBFGS([w]);
    expect(await optimizer.step(() => valley(w))).toBe(0);
    expect([optimizer.iterations, w.toArray()]).toEqual([0, [1, 1, 1]]);
  });

  test("leaves no array behind but the gradients", async () => {
    const w = start();
    const optimizer = new LBFGS([w], { lineSearch: "strongWolfe" });
    const before = memory().buffers;
    await optimizer.step(() => valley(w));
    optimizer.resetGrad();
    expect(memory().buffers).toBe(before);
  });

  test("goes on from a saved state exactly as it would have", async () => {
    const w = start();
    const optimizer = new LBFGS([w], { maxIterations: 3, lr: 0.3 });
    await optimizer.step(() => valley(w));
    const saved = optimizer.stateDict();
    const again = tensor(w.value, { requiresGrad: true });
    const resumed = new LBFGS([again], { maxIterations: 3 });
    resumed.loadStateDict(saved);
    for (let i = 0; i < 3; i++) {
      await optimizer.step(() => valley(w));
      await resumed.step(() => valley(again));
    }
    expect(again.toArray()).toEqual(w.toArray());
    expect(() => new LBFGS([tensor(1)]).loadStateDict(saved)).toThrow(
      "LBFGS: the state was saved for 3 numbers, the parameters have 1",
    );
  });

  test("refuses to step nothing, and what is not a leaf", () => {
    expect(() => new LBFGS([])).toThrow("LBFGS: got no parameters\nPass model.parameters().");
    expect(() => new LBFGS([start().mul(2)])).toThrow("LBFGS: parameter 0 is not a leaf tensor");
    expect(() => new LBFGS([start()], { lr: -1 })).toThrow(
      "LBFGS: lr must be a number of at least 0, got -1",
    );
  });
});
