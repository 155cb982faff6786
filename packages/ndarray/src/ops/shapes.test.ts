// Views, windows, margins, repetitions and diagonals, compared with what NumPy and PyTorch gave.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type DType, fromTypedArray, type NDArray } from "../index.ts";
import { assertClose } from "../testing/close.ts";
import * as ops from "./index.ts";

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Row {
  readonly op: keyof typeof ops;
  readonly input: Values;
  readonly dtype?: DType;
  readonly arguments: readonly unknown[];
  readonly value: Values;
}

const table: typeof ops = ops;
const fixture = new URL("./shapes.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

function arrayOf({ shape, values }: Values): NDArray {
  return fromTypedArray(Float64Array.from(values), shape);
}

describe(`as ${source} has them`, () => {
  const named = rows.map((row) => {
    const words = row.arguments.map((argument) => JSON.stringify(argument)).join(", ");
    return [`${row.op}([${row.input.shape}], ${words})`, row] as const;
  });

  test.each(named)("%s", (_, row) => {
    const run = table[row.op] as unknown as (x: NDArray, ...rest: readonly unknown[]) => NDArray;
    const x = arrayOf(row.input).astype(row.dtype ?? "float64");
    const y = run(x, ...row.arguments);
    expect(y.shape).toEqual(row.value.shape);
    assertClose(y.astype("float64"), arrayOf(row.value), { rtol: 1e-15, atol: 1e-15 });
  });
});
