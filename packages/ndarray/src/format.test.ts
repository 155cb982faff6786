// Arrays as text, compared with what NumPy printed for the same arrays.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "./errors.ts";
import {
  formatArray,
  formatRepr,
  type Printable,
  type PrintDType,
  type PrintOptions,
} from "./format.ts";

/** An array that NumPy printed: its elements by name, or as start + step * i. */
interface Printed {
  readonly about: string;
  readonly shape: readonly number[];
  readonly dtype: PrintDType;
  readonly data?: readonly (number | string)[];
  readonly start?: number;
  readonly step?: number;
  readonly options?: PrintOptions;
  readonly name?: string;
  readonly str: string;
  readonly repr: string;
}

const fixture = new URL("./format.fixture.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly cases: readonly Printed[];
};

const named = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

function element({ data, start = 0, step = 0 }: Printed, i: number): number {
  const stored = data === undefined ? start + step * i : data[i];
  return typeof stored === "number" ? stored : named.get(String(stored))!;
}

/** A contiguous array whose i-th element is `value(i)`. */
function printable(
  shape: readonly number[],
  dtype: PrintDType,
  value: (i: number) => number,
): Printable {
  return {
    shape,
    dtype,
    at: (index) => value(index.reduce((offset, i, axis) => offset * shape[axis]! + i, 0)),
  };
}

describe("NumPy prints alike", () => {
  test.each(cases.map((printed) => [printed.about, printed] as const))("%s", (_, printed) => {
    const x = printable(printed.shape, printed.dtype, (i) => element(printed, i));
    expect(formatArray(x, printed.options)).toBe(printed.str);
    expect(formatRepr(x, { ...printed.options, name: printed.name ?? "array" })).toBe(printed.repr);
  });
});

describe("formatArray", () => {
  test("reads only the elements it shows", () => {
    let reads = 0;
    const x = printable([10_000, 10_000, 10_000], "float32", () => {
      reads += 1;
      return 0;
    });
    formatArray(x);
    expect(reads).toBe(6 ** 3);
  });

  test("prints an array too large for a call's arguments", () => {
    const x = printable([200_000], "float32", (i) => i % 2);
    expect(formatArray(x, { threshold: 200_000 }).length).toBeGreaterThan(600_000);
  });

  test("refuses a precision that is no count", () => {
    const x = printable([2], "float32", () => 0.5);
    const error = new ArgumentError(
      "formatArray",
      "precision must be a whole number of at least 0, got -1",
    );
    expect(() => formatArray(x, { precision: -1 })).toThrow(error);
  });

  test("refuses to show no elements at the edges", () => {
    const x = printable([2], "float32", () => 0.5);
    const error = new ArgumentError(
      "formatArray",
      "edgeItems must be a whole number of at least 1, got 0",
    );
    expect(() => formatArray(x, { edgeItems: 0 })).toThrow(error);
  });
});

describe("formatRepr", () => {
  test("puts the suffix after the dtype", () => {
    const x = printable([2], "float32", (i) => i);
    expect(formatRepr(x, { suffix: "requiresGrad=true" })).toBe(
      "array([0., 1.], dtype=float32, requiresGrad=true)",
    );
  });

  test("puts the suffix alone where the dtype is left out", () => {
    const x = printable([2], "float64", (i) => i);
    expect(formatRepr(x, { suffix: "requiresGrad=true" })).toBe(
      "array([0., 1.], requiresGrad=true)",
    );
  });

  test("moves dtype and suffix together to the next line", () => {
    const x = printable([2], "float32", (i) => i);
    expect(formatRepr(x, { suffix: "requiresGrad=true", lineWidth: 40 })).toBe(
      "array([0., 1.],\n      dtype=float32, requiresGrad=true)",
    );
  });

  test("refuses options under its own name", () => {
    const x = printable([2], "float32", () => 0.5);
    const error = new ArgumentError(
      "formatRepr",
      "precision must be a whole number of at least 0, got 1.5",
    );
    expect(() => formatRepr(x, { precision: 1.5 })).toThrow(error);
  });
});
