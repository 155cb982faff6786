import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, array, DTypeError, ShapeError, zeros } from "../index.ts";

const int = { dtype: "int32" } as const;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("unique", () => {
  test("sorts, with NaN last and once, as NumPy", () => {
    const { values, index, inverse, counts } = array([3, nan, -0, 0, inf, nan, -inf, 3]).unique();
    expect(values.toArray()).toEqual([-inf, -0, 3, inf, nan]);
    expect(index.toArray()).toEqual([6, 2, 0, 4, 1]);
    expect(inverse.toArray()).toEqual([2, 4, 1, 1, 3, 4, 0, 2]);
    expect(counts.toArray()).toEqual([1, 2, 2, 1, 2]);
  });

  test("gives the array back from its values", () => {
    const elements = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 30 });
    fc.assert(
      fc.property(elements, (list) => {
        const x = array(list, int);
        const { values, inverse, index, counts } = x.unique();
        expect(values.toArray()).toEqual([...new Set(list)].sort((a, b) => a - b));
        expect(values.take(inverse).toArray()).toEqual(list);
        expect(x.take(index).toArray()).toEqual(values.toArray());
        expect(counts.sum().item()).toBe(list.length);
      }),
      { seed: 1 },
    );
  });

  test("keeps dtype and shape", () => {
    const found = array([[true, false]]).unique();
    expect([found.values.dtype, found.inverse.shape]).toEqual(["bool", [1, 2]]);
    expect(array(5).unique().inverse.shape).toEqual([]);
    expect(zeros([0, 2]).unique().values.shape).toEqual([0]);
  });
});

describe("searchsorted", () => {
  test("puts NaN and infinities where NumPy does", () => {
    const table = array([-2, -1, -1, 0, 3, inf, nan, nan]);
    const x = array([-3, -1, 0, 5, inf, nan, -inf]);
    expect(table.searchsorted(x).toArray()).toEqual([0, 1, 3, 5, 5, 6, 0]);
    expect(table.searchsorted(x, { side: "right" }).toArray()).toEqual([0, 3, 4, 5, 6, 8, 0]);
  });

  test("counts the elements before, for tables of any length", () => {
    const lists = fc.tuple(
      fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 5 }),
    );
    fc.assert(
      fc.property(lists, ([elements, values]) => {
        const table = array(
          [...elements].sort((a, b) => a - b),
          int,
        );
        const x = array(values, int);
        const before = values.map((value) => elements.filter((e) => e < value).length);
        const upTo = values.map((value) => elements.filter((e) => e <= value).length);
        expect(table.searchsorted(x).toArray()).toEqual(before);
        expect(table.searchsorted(x, { side: "right" }).toArray()).toEqual(upTo);
      }),
      { seed: 1 },
    );
  });

  test("searches row by row, and for numbers", () => {
    const table = array([
      [1, 3, 5],
      [2, 2, 9],
    ]);
    const found = table.searchsorted(
      array([
        [3, 6],
        [2, 9],
      ]),
    );
    expect(found.toArray()).toEqual([
      [1, 3],
      [0, 2],
    ]);
    expect(table.slice(0).searchsorted(2.5).item()).toBe(1);
    expect(array([1, 2], int).searchsorted(1.5).item()).toBe(1);
  });

  test("refuses tables and values that do not fit, and other sides", () => {
    expect(() => array(1).searchsorted(2)).toThrow(
      new ShapeError("searchsorted", "the table needs at least one axis, got []"),
    );
    expect(() => zeros([2, 3]).searchsorted(zeros([3]))).toThrow(
      new ShapeError("searchsorted", "a table [2,3] needs values [2,n], got [3]"),
    );
    expect(() => zeros([2]).searchsorted(1, { side: "middle" as "left" })).toThrow(
      new ArgumentError("searchsorted", 'side must be "left" or "right", got "middle"'),
    );
  });
});

describe("bincount", () => {
  test("counts or adds weights, in at least so many bins", () => {
    const x = array([1, 3, 1], int);
    expect(x.bincount().toArray()).toEqual([0, 2, 0, 1]);
    expect(x.bincount({ minlength: 6 }).toArray()).toEqual([0, 2, 0, 1, 0, 0]);
    const weighted = x.bincount({ weights: array([0.5, 1, 2], { dtype: "float64" }) });
    expect([weighted.dtype, weighted.toArray()]).toEqual(["float64", [0, 2.5, 0, 1]]);
    expect(array([], int).bincount().shape).toEqual([0]);
    expect(array(new Uint8Array([255])).bincount().shape).toEqual([256]);
  });

  test("refuses what cannot be counted", () => {
    expect(() => array([1, -2], int).bincount()).toThrow(
      new ArgumentError("bincount", "elements must be at least 0, got -2"),
    );
    expect(() => array([1.5]).bincount()).toThrow(
      new DTypeError(
        "bincount",
        'counts integers, got float32\nConvert with astype("int32") first.',
      ),
    );
    expect(() => zeros([1, 1], int).bincount()).toThrow(
      new ShapeError("bincount", "needs a vector, got [1,1]"),
    );
    expect(() => zeros([2], int).bincount({ weights: zeros([3]) })).toThrow(
      new ShapeError("bincount", "weights [3] for 2 elements"),
    );
    expect(() => zeros([2], int).bincount({ minlength: -1 })).toThrow(
      new ArgumentError("bincount", "minlength must be a whole number of at least 0, got -1"),
    );
  });
});
