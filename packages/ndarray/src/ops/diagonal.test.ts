import { describe, expect, test } from "vitest";
import { ArgumentError, arange, array, ShapeError, zeros } from "../index.ts";

describe("diagonal and diag", () => {
  test("are views, also of views", () => {
    const x = zeros([3, 3]);
    x.diagonal(1).fill(2);
    x.diag(-1).fill(3);
    expect(x.toArray()).toEqual([
      [0, 2, 0],
      [3, 0, 2],
      [0, 3, 0],
    ]);
    expect(arange(9).reshape([3, 3]).flip(1).diagonal().toArray()).toEqual([2, 4, 6]);
  });

  test("refuse vectors, the same axis twice, and offsets between diagonals", () => {
    expect(() => zeros([3]).diagonal()).toThrow(
      new ShapeError("diagonal", "needs at least two axes, got [3]"),
    );
    expect(() => zeros([3, 3]).diagonal(0, 1, -1)).toThrow(
      new ShapeError("diagonal", "axes 1 and -1 are the same"),
    );
    expect(() => zeros([3, 3]).trace(0.5)).toThrow(
      new ArgumentError("trace", "offset must be a whole number, got 0.5"),
    );
    expect(() => zeros([]).diag()).toThrow(
      new ShapeError("diag", "needs a vector or a matrix, got []"),
    );
    expect(() => zeros([3]).undiagonal([3])).toThrow(
      new ShapeError("undiagonal", "needs at least two axes, got [3]"),
    );
  });
});

describe("tril and triu", () => {
  test("put zeros even where there was no number", () => {
    const x = array([
      [1, Number.NaN],
      [Number.POSITIVE_INFINITY, 4],
    ]);
    expect(x.tril(-1).triu(-1).toArray()).toEqual([
      [0, 0],
      [Number.POSITIVE_INFINITY, 0],
    ]);
    expect(x.triu(1).isNaN().toArray()).toEqual([
      [0, 1],
      [0, 0],
    ]);
  });

  test("keep the dtype", () => {
    for (const dtype of ["bool", "uint8", "int32", "float64"] as const) {
      expect(zeros([2, 2], { dtype }).tril().dtype).toBe(dtype);
    }
  });

  test("refuse vectors and offsets between diagonals", () => {
    expect(() => zeros([3]).tril()).toThrow(
      new ShapeError("tril", "needs at least two axes, got [3]"),
    );
    expect(() => zeros([2, 2]).triu(0.5)).toThrow(
      new ArgumentError("triu", "offset must be a whole number, got 0.5"),
    );
  });
});
