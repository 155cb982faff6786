// Reductions, scans and sorting: values, gradients and second derivatives as PyTorch gave them, at
// ordinary points, at ties, zeros and NaN.

import { readFileSync } from "node:fs";
import type { NestedNumbers } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { arange, gradients, isTensor, type Tensor, tensor, zeros } from "../index.ts";
import type { OpName } from "../testing/index.ts";

/** Infinities and NaN stand by name. */
type Nested = number | string | Nested[];

interface Row {
  readonly op: OpName;
  readonly input: Nested;
  readonly params: readonly unknown[];
  readonly value: Nested;
  readonly indices?: Nested;
  /** Of the sum of the value's elements times 1, 2, 3, … */
  readonly gradient?: Nested;
  /** The gradient of the sum of the gradient's elements times 1, 2, 3, … */
  readonly second?: Nested;
}

const fixture = new URL("./statistics.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

const closely = { rtol: 1e-12, atol: 1e-13 };

function numbers(nested: Nested): NestedNumbers {
  return Array.isArray(nested) ? nested.map(numbers) : Number(nested);
}

function leaf(nested: Nested): Tensor {
  return tensor(numbers(nested), { dtype: "float64", requiresGrad: true });
}

/** The sum of the elements times 1, 2, 3, … */
function weighted(y: Tensor): Tensor {
  return y.mul(arange(1, y.size + 1, 1, { dtype: "float64" }).reshape(y.shape)).sum();
}

/** A parameter as the fixture has it: infinite norms stand by name. */
function param(value: unknown): unknown {
  const isNorm = typeof value === "object" && value !== null && "p" in value;
  return isNorm ? { ...value, p: Number(value.p) } : value;
}

describe(`as ${source} has them`, () => {
  const named = rows.map(
    (row) => [row.op, JSON.stringify([row.input, ...row.params]), row] as const,
  );

  test.each(named)("are the value and derivatives of %s at %s", (_op, _inputs, row) => {
    const x = leaf(row.input);
    const method = x[row.op as "topk"] as (
      ...args: unknown[]
    ) => ReturnType<Tensor["topk"]> | Tensor;
    const result = method.call(x, ...row.params.map(param));
    const y = isTensor(result) ? result : result.values;
    assertClose(y.value, numbers(row.value), closely);
    if (!isTensor(result)) expect(result.indices.toArray()).toEqual(row.indices);
    if (row.gradient === undefined) return;
    const [slope] = gradients([weighted(y)], [x], { createGraph: true });
    assertClose(slope!.value, numbers(row.gradient), closely);
    if (row.second === undefined) return;
    const again = weighted(slope!);
    const second = again.requiresGrad ? gradients([again], [x])[0]! : zeros(x.shape);
    assertClose(second.value, numbers(row.second), closely);
  });
});

describe("where PyTorch is not followed", () => {
  test("prod has its mixed second derivatives at two zeros, which PyTorch misses", () => {
    const x = leaf([0, 2, 0]);
    const [slope] = gradients([x.prod()], [x], { createGraph: true });
    // d^2 (x0 x1 x2) / dx0 dx2 = x1 = 2, met by the weights 3 and 1.
    expect(gradients([weighted(slope!)], [x])[0]!.toArray()).toEqual([6, 0, 2]);
  });

  test("median takes the mean of two middle elements, and their slopes", () => {
    const x = leaf([4, 1, 3, 2]);
    const y = x.median();
    expect(y.item()).toBe(2.5);
    expect(gradients([y], [x])[0]!.toArray()).toEqual([0, 0, 0.5, 0.5]);
    expect(leaf(["Infinity", "Infinity"]).median().item()).toBe(Infinity);
  });

  test("statistics of no elements are what NumPy says", () => {
    const x = zeros([0, 2], { dtype: "float64" });
    expect(x.median(0).toArray()).toEqual([Number.NaN, Number.NaN]);
    expect(x.quantile([0.1, 0.9], 0).shape).toEqual([2, 2]);
    expect(x.var(0).toArray()).toEqual([Number.NaN, Number.NaN]);
    expect(x.norm(0).toArray()).toEqual([0, 0]);
    expect(x.prod(0).toArray()).toEqual([1, 1]);
    expect(x.nanmean(0).toArray()).toEqual([Number.NaN, Number.NaN]);
    expect(() => x.norm(0, { p: Infinity })).toThrow(
      "norm: p Infinity needs elements to choose from",
    );
  });
});

describe("errors", () => {
  test("name what is wrong before anything is computed", () => {
    const x = leaf([1, 2, 3]);
    expect(() => x.topk(4)).toThrow(
      "topk: k must be a whole number from 0 to 3, the size of axis 0 of [3], got 4",
    );
    expect(() => x.quantile(1.5)).toThrow("quantile: shares are from 0 to 1");
    expect(() => x.percentile(-3)).toThrow("percentile: shares are from 0 to 1");
    expect(() => x.quantile(0.5, null, { method: "mean" as "linear" })).toThrow(
      'quantile: method must be "linear", "lower", "higher", "midpoint" or "nearest", got "mean"',
    );
    expect(() => x.diff(-1)).toThrow("diff: n must be a whole number of at least 0, got -1");
    expect(() => x.cumsum(1)).toThrow("cumsum: axis 1 is out of range for 1 axis");
    expect(() => x.sort(-2)).toThrow("axis -2 is out of range for 1 axis");
    expect(() => x.recurrence(leaf([1, 2]))).toThrow("recurrence: ");
  });
});
