import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type AdvancedIndex,
  arange,
  array,
  DTypeError,
  fromTypedArray,
  type Index,
  IndexError,
  type NDArray,
  ShapeError,
  zeros,
} from "../index.ts";

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

type Part =
  | Index
  | { readonly positions: readonly number[]; readonly shape: readonly number[] }
  | { readonly mask: readonly boolean[]; readonly shape: readonly number[] };

interface Row {
  readonly shape: readonly number[];
  readonly expression: readonly Part[];
  readonly value: Values;
  /** What is written there, and the array after replacing and after adding. */
  readonly source: Values;
  readonly replaced: readonly number[];
  readonly added: readonly number[];
}

const fixture = new URL("./advanced.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

const int = { dtype: "int32" } as const;

function ints({ shape, values }: Values): NDArray {
  return fromTypedArray(Int32Array.from(values), shape);
}

function indexOf(part: Part): AdvancedIndex {
  if (typeof part !== "object" || part === null || !("shape" in part)) return part;
  if ("positions" in part) return ints({ shape: part.shape, values: part.positions });
  return ints({ shape: part.shape, values: part.mask.map(Number) }).astype("bool");
}

describe(`as ${source} has it`, () => {
  const named = rows.map((row) => {
    const words = row.expression.map((part) => JSON.stringify(part)).join(", ");
    return [`[${row.shape}] at ${words}`, row] as const;
  });

  test.each(named)("%s", (_, row) => {
    const x = ints({
      shape: row.shape,
      values: Array.from({ length: row.shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    });
    const indices = row.expression.map(indexOf);
    const y = x.at(...indices);
    expect(y.shape).toEqual(row.value.shape);
    expect(Array.from(y.toTypedArray())).toEqual(row.value.values);
    const values = ints(row.source);
    const replaced = x.indexPut(indices, values);
    expect(replaced.shape).toEqual(row.shape);
    expect(Array.from(replaced.toTypedArray())).toEqual(row.replaced);
    const added = x.indexPut(indices, values, { accumulate: true });
    expect(Array.from(added.toTypedArray())).toEqual(row.added);
  });
});

describe("at", () => {
  test("is a view where no array is in the expression, else a copy", () => {
    const x = arange(6).reshape([2, 3]);
    expect(x.at(1, ":").storage).toBe(x.storage);
    expect(x.at(array([0, 1], int)).storage).not.toBe(x.storage);
    expect(x.at().toArray()).toEqual(x.toArray());
  });

  test("reads views as it reads copies", () => {
    const x = arange(24).reshape([2, 3, 4]).transpose().flip(0).slice(":", "::2");
    const index = array([1, 0, -1], int);
    expect(x.at(index, ":", array([[0], [1]], int)).toArray()).toEqual(
      x
        .copy()
        .at(index, ":", array([[0], [1]], int))
        .toArray(),
    );
  });

  test("refuses positions outside an axis, also those inside all axes joined", () => {
    const x = zeros([2, 3]);
    expect(() => x.at(array([2], int))).toThrow(
      new IndexError("at", "index 2 is out of range for an axis of length 2"),
    );
    expect(() => x.at(array([0], int), array([-4], int))).toThrow(
      new IndexError("at", "index -4 is out of range for an axis of length 3"),
    );
    expect(() => x.at(array([0], int), array([3], int))).toThrow(
      new IndexError("at", "index 3 is out of range for an axis of length 3"),
    );
    expect(() => x.indexPut([array([2], int)], 1)).toThrow(
      new IndexError("indexPut", "index 2 is out of range for an axis of length 2"),
    );
    expect(() => x.put(array([6], int), 1)).toThrow(
      new IndexError("put", "index 6 is out of range for an axis of length 6"),
    );
  });

  test("refuses what is no index", () => {
    const x = zeros([2, 3]);
    expect(() => x.at(array([0.5]))).toThrow(
      new DTypeError(
        "at",
        'indices must be integers, got float32\nConvert with astype("int32") first.',
      ),
    );
    expect(() => x.at(array([0, 1], int), array([0, 1, 2], int))).toThrow(
      new IndexError("at", "index arrays [2] and [3] do not broadcast"),
    );
    expect(() => x.at(array([true, false, true]))).toThrow(
      new IndexError("at", "a mask [3] does not fit [2], the axes from 0 on"),
    );
    expect(() => x.at(":", array([true, false]))).toThrow(
      new IndexError("at", "a mask [2] does not fit [3], the axes from 1 on"),
    );
    expect(() => x.at(array(true))).toThrow(
      new IndexError("at", "a mask needs at least one axis, got []"),
    );
    expect(() => x.at(0, 0, array([0], int))).toThrow(
      new IndexError("at", "3 indices for [2,3], which has 2 axes"),
    );
    expect(() => x.at("...", array([0], int), "...")).toThrow(
      new IndexError("at", 'only one "..." is allowed'),
    );
  });
});

describe("indexPut and put", () => {
  test("leave their arguments as they are, and keep the dtype", () => {
    const x = arange(4);
    const y = x.indexPut([array([0], int)], array([2.5]));
    expect([y.dtype, y.toArray(), x.toArray()]).toEqual(["int32", [2, 1, 2, 3], [0, 1, 2, 3]]);
    expect(x.put(array([-1], int), 9).toArray()).toEqual([0, 1, 2, 9]);
  });

  test("refuse values that do not broadcast", () => {
    expect(() => zeros([3]).indexPut([array([0], int)], zeros([3]))).toThrow(
      new ShapeError(
        "indexPut",
        "values [3] do not broadcast to [1], the shape of what is written",
      ),
    );
  });
});
