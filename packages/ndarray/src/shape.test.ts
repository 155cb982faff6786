import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arange,
  broadcastAxes,
  broadcastShapes,
  isRowMajor,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  rowMajorStrides,
  ShapeError,
  sameShape,
  sizeOf,
  zeros,
} from "./index.ts";
import { broadcastStrides, reshapedStrides } from "./shape.ts";
import { anyViews, broadcastable } from "./testing/arbitraries.ts";
import { arrayOfView, modelOfArray } from "./testing/arrays.ts";
import { HostArray } from "./testing/host.ts";

const fixture = JSON.parse(
  readFileSync(new URL("./shape.fixture.json", import.meta.url), "utf8"),
) as {
  readonly cases: readonly string[];
};

describe("broadcastShapes", () => {
  test("aligns at the end and stretches sizes of 1, also to 0", () => {
    expect(broadcastShapes("op", [2, 1], [3])).toEqual([2, 3]);
    expect(broadcastShapes("op", [1, 4], [3, 1], [2, 1, 1])).toEqual([2, 3, 4]);
    expect(broadcastShapes("op", [], [2])).toEqual([2]);
    expect(broadcastShapes("op", [0], [1])).toEqual([0]);
    expect(broadcastShapes("op")).toEqual([]);
  });

  test("does not depend on the order", () => {
    fc.assert(
      fc.property(broadcastable(3), ({ operands, result }) => {
        expect(broadcastShapes("op", ...operands.toReversed())).toEqual(result);
      }),
      { seed: 1 },
    );
  });

  test("names both shapes and the sizes that differ", () => {
    expect(() => broadcastShapes("add", [2, 3], [4])).toThrow(
      new ShapeError("add", "shapes [2,3] and [4] do not broadcast (3 vs 4)"),
    );
    expect(() => broadcastShapes("add", [0], [3])).toThrow(
      new ShapeError("add", "shapes [0] and [3] do not broadcast (0 vs 3)"),
    );
  });
});

describe("broadcastStrides", () => {
  test("are 0 along new and stretched axes", () => {
    expect(broadcastStrides("op", [3, 1], [1, 1], [2, 3, 4])).toEqual([0, 1, 0]);
  });

  test("are refused where the shape does not fit, names both shapes", () => {
    const error = new ShapeError("broadcastTo", "[3] does not broadcast to [2]");
    expect(() => broadcastStrides("broadcastTo", [3], [1], [2])).toThrow(error);
    expect(() => broadcastStrides("broadcastTo", [2, 3], [3, 1], [3])).toThrow(ShapeError);
  });

  test("lead back by summing over broadcastAxes", () => {
    expect(broadcastAxes([3, 1], [2, 3, 4])).toEqual([0, 2]);
    expect(broadcastAxes([1], [1])).toEqual([]);
    expect(broadcastAxes([], [2])).toEqual([0]);
  });
});

describe("axes", () => {
  test("and shapes are numbers in arrays", () => {
    const x = zeros([2, 3]);
    // @ts-expect-error: axes are numbers.
    expect(() => x.sum("0")).toThrow(
      new ShapeError("sum", 'axes are a number or an array of numbers, got "0"'),
    );
    // @ts-expect-error
    expect(() => x.sum(x)).toThrow("sum: axes are a number or an array of numbers, got NDArray");
    // @ts-expect-error: a shape is an array.
    expect(() => zeros(3)).toThrow("a shape is an array of sizes, got 3\nWrite [3].");
    // @ts-expect-error
    expect(() => x.reshape(6)).toThrow("reshape: a shape is an array of sizes, got 6\nWrite [6].");
    // @ts-expect-error
    expect(() => x.expand(null)).toThrow("expand: a shape is an array of sizes, got null");
    // @ts-expect-error
    expect(() => x.broadcastTo()).toThrow("broadcastTo: a shape is an array of sizes, got undef");
    // @ts-expect-error
    expect(() => x.permute(1)).toThrow("permute: an order is an array of axes, got 1\nWrite [1].");
  });

  test("count from the end when negative", () => {
    expect(normalizeAxis("op", -1, 3)).toBe(2);
    expect(normalizeAxes("op", [-1, 0], 3)).toEqual([0, 2]);
  });

  test("are all of them when left out or null, none when empty", () => {
    expect(normalizeAxes("op", undefined, 2)).toEqual([0, 1]);
    expect(normalizeAxes("op", null, 2)).toEqual([0, 1]);
    expect(normalizeAxes("op", [], 2)).toEqual([]);
  });

  test("are refused out of range, between axes, and twice", () => {
    expect(() => normalizeAxis("sum", 2, 2)).toThrow(
      new ShapeError("sum", "axis 2 is out of range for 2 axes"),
    );
    expect(() => normalizeAxis("sum", -2, 1)).toThrow(
      new ShapeError("sum", "axis -2 is out of range for 1 axis"),
    );
    expect(() => normalizeAxis("sum", 0.5, 2)).toThrow(
      new ShapeError("sum", "an axis is a whole number, got 0.5"),
    );
    expect(() => normalizeAxes("sum", [1, -1], 2)).toThrow(
      new ShapeError("sum", "an axis is named twice in [1,-1]"),
    );
  });

  test("go away when reduced, or stay with size 1", () => {
    expect(reducedShape([2, 3, 4], [0, 2], false)).toEqual([3]);
    expect(reducedShape([2, 3, 4], [0, 2], true)).toEqual([1, 3, 1]);
  });
});

describe("row-major order", () => {
  test("has the strides of nested loops", () => {
    expect(rowMajorStrides([2, 3, 4])).toEqual([12, 4, 1]);
    expect(sizeOf([2, 3, 4])).toBe(24);
    expect(sizeOf([])).toBe(1);
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([2, 3], [2, 3, 1])).toBe(false);
  });

  test("does not depend on the strides of axes of size 1, or of arrays without elements", () => {
    expect(isRowMajor([2, 1, 3], [3, 99, 1])).toBe(true);
    expect(isRowMajor([2, 3], [1, 2])).toBe(false);
    expect(isRowMajor([0, 3], [6, 2])).toBe(true);
    expect(isRowMajor([3, 0], [1, 5])).toBe(true);
  });
});

describe("reshape", () => {
  test.each(fixture.cases)("shares memory where NumPy does: %s", (line) => {
    const [shape, strides, offset, to, result] = line.split(" ") as [
      string,
      string,
      string,
      string,
      string,
    ];
    const parse = (list: string): number[] => JSON.parse(list) as number[];
    const found = reshapedStrides(parse(shape), parse(strides), parse(to));
    expect(found === null ? "copy" : "view").toBe(result);
    const data = Array.from({ length: 300 }, (_, i) => i);
    const view = {
      dtype: "float32",
      data,
      shape: parse(shape),
      strides: parse(strides),
      offset: Number(offset),
    } as const;
    const x = arrayOfView(view);
    const y = x.reshape(parse(to));
    expect(y.storage === x.storage).toBe(result === "view");
    expect(modelOfArray(y).values).toEqual(HostArray.of(view).values);
  });

  test("keeps the elements in row-major order, whatever the strides", () => {
    const sample = anyViews("int32").chain((view) =>
      fc.tuple(
        fc.constant(view),
        fc.shuffledSubarray([...view.shape, 1, 1], { minLength: view.shape.length + 2 }),
      ),
    );
    fc.assert(
      fc.property(sample, ([view, shape]) => {
        const y = arrayOfView(view).reshape(shape);
        expect(y.shape).toEqual(shape);
        expect(modelOfArray(y).values).toEqual(HostArray.of(view).values);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("of a strided array without elements gives one without elements", () => {
    const x = zeros([0, 6]).slice(":", "::2");
    expect(x.reshape([0]).shape).toEqual([0]);
    expect(x.reshape([3, 0, 5]).shape).toEqual([3, 0, 5]);
    expect(x.reshape([-1, 3]).shape).toEqual([0, 3]);
  });

  test("fills in one size", () => {
    expect(arange(6).reshape([-1]).shape).toEqual([6]);
    expect(arange(6).reshape([3, -1, 1]).shape).toEqual([3, 2, 1]);
    expect(zeros([2, 0]).reshape([-1, 4]).shape).toEqual([0, 4]);
  });

  test("refuses other numbers of elements", () => {
    const x = arange(6);
    const error = (problem: string): ShapeError => new ShapeError("reshape", problem);
    expect(() => x.reshape([4, 2])).toThrow(error("cannot turn [6] into [4,2] (6 vs 8 elements)"));
    expect(() => x.reshape([4, -1])).toThrow(
      error("cannot turn [6] into [4,-1]: 6 elements do not divide by 4"),
    );
    expect(() => x.reshape([0, -1])).toThrow(
      error("cannot turn [6] into [0,-1]: 6 elements do not divide by 0"),
    );
    expect(() => x.reshape([-1, -1])).toThrow(error("only one size can be -1, got [-1,-1]"));
    expect(() => x.reshape([-2, -3])).toThrow(
      error("sizes must be whole numbers of at least 0, got [-2,-3]"),
    );
    expect(() => x.reshape([1.5, 4])).toThrow(
      error("sizes must be whole numbers of at least 0, got [1.5,4]"),
    );
  });
});

describe("shapes", () => {
  test("of impossible sizes are refused", () => {
    expect(() => zeros([2, -1])).toThrow("sizes must be whole numbers of at least 0, got [2,-1]");
    expect(() => zeros([Number.NaN])).toThrow(
      "sizes must be whole numbers of at least 0, got [NaN]",
    );
    expect(() => zeros([2 ** 30, 2 ** 30])).toThrow(
      "[1073741824,1073741824] has too many elements",
    );
  });
});
