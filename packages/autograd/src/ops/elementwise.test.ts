// Values, gradients and second derivatives of the elementwise ops at ordinary points, at limits, for
// large and infinite arguments, compared with what PyTorch gave.

import { readFileSync } from "node:fs";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { gradients, type Tensor, tensor } from "../index.ts";
import { cases, type OpName } from "../testing/index.ts";
import * as activations from "./activations.ts";
import * as elementwise from "./elementwise.ts";
import * as functions from "./functions.ts";
import * as rounding from "./rounding.ts";

/** Infinities and NaN stand by name. */
type Value = number | string;

interface Row {
  readonly op: OpName;
  readonly inputs: readonly (readonly Value[])[];
  readonly params?: readonly unknown[];
  readonly value: readonly Value[];
  /** Of the sum of the value. */
  readonly gradients: readonly (readonly Value[])[];
  /** Gradients of the sum of all gradients. */
  readonly second?: readonly (readonly Value[])[];
}

const fixture = new URL("./elementwise.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

const closely = { rtol: 1e-12, atol: 1e-14 };

function leaf(values: readonly Value[]): Tensor {
  return tensor(values.map(Number), { dtype: "float64", requiresGrad: true });
}

describe(`as ${source} has them`, () => {
  const named = rows.map(
    (row) => [row.op, JSON.stringify([...row.inputs, row.params]), row] as const,
  );

  test.each(named)("are the value and derivatives of %s at %s", (_op, _inputs, row) => {
    const inputs = row.inputs.map(leaf);
    const [first, ...rest] = inputs as [Tensor, ...Tensor[]];
    const method = first[row.op as "atan2"] as (...args: unknown[]) => Tensor;
    const y = method.call(first, ...rest, ...(row.params ?? []));
    assertClose(y.value, row.value.map(Number), closely);
    const slopes = gradients([y], inputs, { createGraph: true });
    slopes.forEach((gradient, i) => {
      assertClose(gradient.value, row.gradients[i]!.map(Number), closely);
    });
    if (row.second === undefined) return;
    const total = slopes.map((gradient) => gradient.sum()).reduce((a, b) => a.add(b));
    if (!total.requiresGrad) {
      expect(row.second.flat().every((x) => x === 0)).toBe(true);
      return;
    }
    gradients([total], inputs).forEach((gradient, i) => {
      assertClose(gradient.value, row.second![i]!.map(Number), closely);
    });
  });

  test("are told for every elementwise op that has derivatives", () => {
    const names = [activations, elementwise, functions, rounding].flatMap(Object.keys) as OpName[];
    const told = new Set(rows.map((row) => row.op));
    const untold = names.filter((name) => cases[name].differentiable && !told.has(name));
    // PyTorch's `where` has a third input, its floor_divide no gradient.
    expect(untold).toEqual(["where", "floorDivide"]);
  });
});

describe("where PyTorch gives NaN, slopes are those of the limit or 0", () => {
  const slopes = (
    op: "hypot" | "atan2" | "logaddexp" | "xlogy",
    a: number,
    b: number,
  ): number[] => {
    const inputs = [leaf([a]), leaf([b])] as const;
    const y = inputs[0][op](inputs[1]);
    return gradients([y], inputs).map((gradient) => gradient.item());
  };

  test("of hypot and atan2 at the origin", () => {
    expect(slopes("hypot", 0, 0)).toEqual([0, 0]);
    expect(slopes("atan2", 0, 0).map(Math.abs)).toEqual([0, 0]);
  });

  test("of logaddexp at equal infinities", () => {
    expect(slopes("logaddexp", -Infinity, -Infinity)).toEqual([0.5, 0.5]);
    expect(slopes("logaddexp", Infinity, Infinity)).toEqual([0.5, 0.5]);
    expect(slopes("logaddexp", Infinity, -Infinity)).toEqual([1, 0]);
  });

  test("of xlogy at 0 times the logarithm of 0", () => {
    expect(slopes("xlogy", 0, 0)).toEqual([0, 0]);
    expect(slopes("xlogy", 0, 2)).toEqual([Math.log(2), 0]);
  });

  test("and second derivatives are finite, too", () => {
    const x = leaf([0]);
    const [slope] = gradients([x.hypot(x.mul(2))], [x], { createGraph: true });
    expect(gradients([slope!], [x])[0]!.isFinite().item()).toBe(1);
    const far = leaf([-1e4, -800, 800, 1e4]);
    for (const y of [
      far.elu(),
      far.celu(0.5),
      far.selu(),
      far.softplus(),
      far.mish(),
      far.gelu(),
    ]) {
      const [first] = gradients([y], [far], { createGraph: true });
      const [second] = gradients([first!], [far]);
      expect(second!.isFinite().all().item()).toBe(1);
    }
  });
});
