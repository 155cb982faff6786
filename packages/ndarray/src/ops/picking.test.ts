import { describe, expect, test } from "vitest";
import { arange, array, IndexError, ones, ShapeError, zeros } from "../index.ts";

const int = { dtype: "int32" } as const;

describe("takeAlongAxis", () => {
  test("broadcasts on the other axes, and counts negative positions from the end", () => {
    const x = arange(6).reshape([2, 3]);
    expect(x.takeAlongAxis(array([[-1, 0, -3]], int)).toArray()).toEqual([
      [2, 0, 0],
      [5, 3, 3],
    ]);
    expect(
      x
        .slice(":1")
        .takeAlongAxis(array([[0], [1]], int), 1)
        .toArray(),
    ).toEqual([[0], [1]]);
  });

  test("refuses other ranks, shapes and positions", () => {
    const x = zeros([2, 3]);
    expect(() => x.takeAlongAxis(array([0], int))).toThrow(
      new ShapeError(
        "takeAlongAxis",
        "index [1] and array [2,3] differ in rank\nAdd axes of size 1 to the index with unsqueeze.",
      ),
    );
    expect(() => x.takeAlongAxis(zeros([3, 1], int))).toThrow(ShapeError);
    expect(() => x.takeAlongAxis(array([[-4]], int))).toThrow(
      new IndexError("takeAlongAxis", "index -4 is out of range for an axis of length 3"),
    );
  });
});

describe("indexSelect and indexAdd", () => {
  test("take and add slices", () => {
    const x = arange(6).reshape([2, 3]);
    expect(x.indexSelect(1, array([2, 2], int)).toArray()).toEqual([
      [2, 2],
      [5, 5],
    ]);
    expect(x.indexAdd(0, array([1, 1], int), ones([2, 3], int)).toArray()).toEqual([
      [0, 1, 2],
      [5, 6, 7],
    ]);
    expect(x.indexSelect(0, array([], int)).shape).toEqual([0, 3]);
  });

  test("refuse negative positions, matrices, and sources of another shape", () => {
    const x = zeros([2, 3]);
    expect(() => x.indexSelect(0, array([-1], int))).toThrow(
      new IndexError("indexSelect", "index -1 is out of range for an axis of length 2"),
    );
    expect(() => x.indexSelect(0, zeros([1, 1], int))).toThrow(
      new ShapeError("indexSelect", "the index must be a vector, got [1,1]"),
    );
    expect(() => x.indexAdd(0, array([0], int), zeros([2, 3]))).toThrow(
      new ShapeError("indexAdd", "source [2,3] should be [1,3], a slice for each position"),
    );
    expect(() => x.indexAdd(0, array([2], int), zeros([1, 3]))).toThrow(
      new IndexError("indexAdd", "index 2 is out of range for an axis of length 2"),
    );
  });
});

describe("scatter", () => {
  test("writes elements or a number, the last of repeated positions", () => {
    const x = arange(4);
    expect(x.scatter(0, array([3, 0, 3], int), array([7, 8, 9])).toArray()).toEqual([8, 1, 2, 9]);
    expect(x.scatter(0, array([1], int), -1).toArray()).toEqual([0, -1, 2, 3]);
    expect(x.toArray()).toEqual([0, 1, 2, 3]);
    const y = zeros([2, 2]).scatter(
      1,
      array([[1], [0]], int),
      array([
        [5, 99],
        [6, 99],
      ]),
    );
    expect(y.toArray()).toEqual([
      [0, 5],
      [6, 0],
    ]);
  });

  test("refuses positions outside, and sources smaller than the index", () => {
    expect(() => zeros([3]).scatter(0, array([3], int), 1)).toThrow(
      new IndexError("scatter", "index 3 is out of range for an axis of length 3"),
    );
    expect(() => zeros([3]).scatter(0, array([-1], int), 1)).toThrow(
      new IndexError("scatter", "index -1 is out of range for an axis of length 3"),
    );
    expect(() => zeros([3]).scatter(0, array([0, 1], int), zeros([1]))).toThrow(
      new ShapeError("scatter", "source [1] is smaller than index [2]"),
    );
    expect(() => zeros([3, 1]).scatter(0, array([0], int), 1)).toThrow(ShapeError);
  });
});
