import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  arange,
  array,
  DTypeError,
  type Index,
  IndexError,
  ones,
  ShapeError,
  zeros,
} from "../index.ts";
import { anyViews, indexExpressions, moderateValues, views } from "../testing/arbitraries.ts";
import { arrayOfView } from "../testing/arrays.ts";
import { assertSame } from "../testing/close.ts";
import { HostArray, hostGather, hostScatterAdd } from "../testing/host.ts";

const int = { dtype: "int32" } as const;

/** An array, one of its axes, and an index array that fits. */
const picks = anyViews("int32", { minRank: 1, maxRank: 3, values: moderateValues("int32") })
  .filter((view) => !view.shape.includes(0))
  .chain((view) => fc.tuple(fc.constant(view), fc.nat(view.shape.length - 1), fc.nat(4)))
  .chain(([view, axis, count]) => {
    const shape = view.shape.with(axis, count);
    const length = view.shape[axis]!;
    return fc.record({
      view: fc.constant(view),
      axis: fc.constant(axis),
      index: views("int32", shape, { values: fc.integer({ min: 0, max: length - 1 }) }),
      source: views("int32", shape, { values: moderateValues("int32") }),
    });
  });

describe("gather", () => {
  test("picks along one axis by an index for every element", () => {
    fc.assert(
      fc.property(picks, ({ view, axis, index }) => {
        const expected = hostGather(HostArray.of(view), HostArray.of(index), axis);
        assertSame(arrayOfView(view).gather(axis, arrayOfView(index)), expected);
      }),
      { seed: 1 },
    );
  });

  test("takes uint8 indices, and negative axes", () => {
    const x = array([
      [1, 2],
      [3, 4],
    ]);
    expect(x.gather(-1, array([[1], [0]], { dtype: "uint8" })).toArray()).toEqual([[2], [3]]);
  });

  test("refuses indices that are no integers", () => {
    const remedy = 'Convert with astype("int32") first.';
    for (const dtype of ["bool", "float32", "float64"] as const) {
      expect(() => zeros([2]).gather(0, zeros([2], { dtype }))).toThrow(
        new DTypeError("gather", `indices must be integers, got ${dtype}`, remedy),
      );
    }
  });

  test("refuses positions and shapes that do not fit", () => {
    expect(() => zeros([3]).gather(0, array([0, 3], int))).toThrow(
      new IndexError("gather", "index 3 is out of range for an axis of length 3"),
    );
    expect(() => zeros([3]).gather(0, array([-1], int))).toThrow(
      new IndexError("gather", "index -1 is out of range for an axis of length 3"),
    );
    expect(() => zeros([0]).gather(0, array([0], int))).toThrow(IndexError);
    expect(() => zeros([2, 3]).gather(1, zeros([3, 1], int))).toThrow(
      new ShapeError(
        "gather",
        "index [3,1] does not fit [2,3] along axis 1",
        "The index needs the array's rank, and no larger size on the other axes.",
      ),
    );
  });
});

describe("scatterAdd", () => {
  test("adds along one axis, repeated positions adding up", () => {
    fc.assert(
      fc.property(picks, ({ view, axis, index, source }) => {
        const expected = hostScatterAdd(
          HostArray.of(view),
          HostArray.of(index),
          HostArray.of(source),
          axis,
        );
        assertSame(
          arrayOfView(view).scatterAdd(axis, arrayOfView(index), arrayOfView(source)),
          expected,
        );
      }),
      { seed: 1 },
    );
  });

  test("leaves its arguments as they are", () => {
    const x = ones([3]);
    x.scatterAdd(0, array([0, 0], int), ones([2]));
    expect(x.toArray()).toEqual([1, 1, 1]);
  });

  test("takes part of a larger source, converted", () => {
    const y = zeros([2]).scatterAdd(0, array([1], int), array([5, 7], int));
    expect(y.toArray()).toEqual([0, 5]);
    expect(y.dtype).toBe("float32");
  });

  test("of bools stays 0 or 1", () => {
    const y = array([false, false]).scatterAdd(0, array([0, 0], int), array([true, true]));
    expect(y.toArray()).toEqual([1, 0]);
  });

  test("refuses a source smaller than its index", () => {
    expect(() => zeros([3]).scatterAdd(0, array([0, 1], int), ones([1]))).toThrow(
      new ShapeError("scatterAdd", "source [1] is smaller than index [2]"),
    );
    expect(() => zeros([3]).scatterAdd(0, array([0, 1], int), ones([2, 1]))).toThrow(
      new ShapeError("scatterAdd", "source [2,1] is smaller than index [2]"),
    );
    expect(() => zeros([3]).scatterAdd(0, array([7], int), ones([1]))).toThrow(
      new IndexError("scatterAdd", "index 7 is out of range for an axis of length 3"),
    );
  });
});

describe("take", () => {
  test("puts the axes of the index in the place of one axis, as NumPy's take", () => {
    const x = arange(24).reshape([2, 3, 4]);
    const y = x.take(
      array(
        [
          [0, -1],
          [2, 0],
        ],
        int,
      ),
      1,
    );
    expect(y.shape).toEqual([2, 2, 2, 4]);
    expect(y.slice(1, 0, 1).toArray()).toEqual(x.slice(1, 2).toArray());
    expect(x.take(array(1, int)).toArray()).toEqual(x.slice(1).toArray());
    expect(x.take(zeros([0], int), -1).shape).toEqual([2, 3, 0]);
  });

  test("takes more positions than the axis has", () => {
    expect(
      array([7])
        .take(zeros([3], int))
        .toArray(),
    ).toEqual([7, 7, 7]);
  });

  test("refuses what is no position", () => {
    expect(() => arange(3).take(array([3], int))).toThrow(
      new IndexError("take", "index 3 is out of range for an axis of length 3"),
    );
    expect(() => arange(3).take(array([-5, 0], int))).toThrow(
      new IndexError("take", "index -5 is out of range for an axis of length 3"),
    );
    expect(() => arange(3).take(array([0.5]))).toThrow(
      new DTypeError(
        "take",
        "indices must be integers, got float32",
        'Convert with astype("int32") first.',
      ),
    );
    expect(() => arange(3).take(array([0], int), 1)).toThrow(
      new ShapeError("take", "axis 1 is out of range for 1 axis"),
    );
  });
});

describe("oneHot", () => {
  test("has a one at each label, and none for labels outside", () => {
    const y = array(
      [
        [2, 0],
        [-1, 3],
      ],
      int,
    ).oneHot(3);
    expect(y.toArray()).toEqual([
      [
        [0, 0, 1],
        [1, 0, 0],
      ],
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ]);
    expect(y.dtype).toBe("float32");
    expect(array(1, int).oneHot(2).toArray()).toEqual([0, 1]);
    expect(array([1], int).oneHot(0).shape).toEqual([1, 0]);
  });

  test("refuses labels that are no integers, and numbers of classes that are no counts", () => {
    expect(() => array([1.5]).oneHot(3)).toThrow(
      new DTypeError(
        "oneHot",
        "indices must be integers, got float32",
        'Convert with astype("int32") first.',
      ),
    );
    for (const classes of [-1, 2.5, Number.NaN]) {
      expect(() => array([1], int).oneHot(classes)).toThrow(
        new ArgumentError("oneHot", `classes must be a whole number of at least 0, got ${classes}`),
      );
    }
  });
});

describe("unslice", () => {
  test("is the transpose of slice: <slice(x), y> = <x, unslice(y)>", () => {
    const sample = anyViews("int32", { values: moderateValues("int32"), maxRank: 3 }).chain(
      (view) => fc.record({ view: fc.constant(view), indices: indexExpressions(view.shape) }),
    );
    fc.assert(
      fc.property(sample, ({ view, indices }) => {
        const x = arrayOfView(view);
        const part = x.slice(...(indices as Index[]));
        const y = arange(part.size).add(1).reshape(part.shape);
        const back = y.unslice(x.shape, ...(indices as Index[]));
        expect(back.shape).toEqual(x.shape);
        expect(back.mul(x).sum().item()).toBe(part.mul(y).sum().item());
      }),
      { seed: 1 },
    );
  });

  test("gives zeros elsewhere", () => {
    expect(array([1, 2]).unslice([5], "::3").toArray()).toEqual([1, 0, 0, 2, 0]);
  });

  test("refuses values that do not fit the place", () => {
    expect(() => zeros([3]).unslice([5], "::3")).toThrow(
      new ShapeError("unslice", "[3] does not broadcast to [2]"),
    );
  });
});
