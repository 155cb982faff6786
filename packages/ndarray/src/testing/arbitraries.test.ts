/** That the random samples reach what they are for. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { broadcastShapes, isRowMajor, sizeOf } from "../shape.ts";
import {
  anyAxesOf,
  anyViews,
  broadcastable,
  indexExpressions,
  permutations,
  shapes,
  values,
  views,
} from "./arbitraries.ts";
import { multiIndices, placeOf } from "./host.ts";

function sample<T>(arbitrary: fc.Arbitrary<T>, count = 400): T[] {
  return fc.sample(arbitrary, { seed: 3, numRuns: count });
}

describe("shapes", () => {
  test("are of every rank from 0 to 5, small, with empty axes and axes of size 1", () => {
    const found = sample(shapes());
    expect(new Set(found.map((shape) => shape.length)).size).toBe(6);
    expect(found.every((shape) => sizeOf(shape) <= 120)).toBe(true);
    expect(found.some((shape) => shape.includes(0))).toBe(true);
    expect(found.some((shape) => shape.includes(1))).toBe(true);
  });

  test("keep to the limits asked for", () => {
    for (const shape of sample(shapes({ minRank: 2, maxRank: 3, maxSize: 9 }))) {
      expect(shape.length).toBeGreaterThanOrEqual(2);
      expect(shape.length).toBeLessThanOrEqual(3);
      expect(sizeOf(shape)).toBeLessThanOrEqual(9);
    }
  });
});

describe("values", () => {
  test("are elements of their dtype, specials among the floats", () => {
    expect(sample(values("bool")).every((x) => x === 0 || x === 1)).toBe(true);
    expect(sample(values("uint8")).every((x) => Number.isInteger(x) && x >= 0 && x <= 255)).toBe(
      true,
    );
    expect(sample(values("int32"))).toContain(-(2 ** 31));
    const floats = sample(values("float32"));
    expect(floats.every((x) => Object.is(Math.fround(x), x))).toBe(true);
    for (const special of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      0.5,
    ]) {
      expect(floats.some((x) => Object.is(x, special))).toBe(true);
    }
  });
});

describe("views", () => {
  test("lie within their memory", () => {
    for (const x of sample(anyViews("int32"))) {
      for (const index of multiIndices(x.shape)) {
        const place = placeOf(x, index);
        expect(place >= 0 && place < x.data.length).toBe(true);
      }
    }
  });

  test("are reversed, stepped, stretched, permuted, offset, and plain", () => {
    const found = sample(views("int32", [2, 3, 4]));
    const some = (is: (x: (typeof found)[number]) => boolean): boolean => found.some(is);
    expect(some((x) => isRowMajor(x.shape, x.strides))).toBe(true);
    expect(some((x) => x.strides.some((stride) => stride < 0))).toBe(true);
    expect(some((x) => x.strides.includes(0))).toBe(true);
    expect(some((x) => x.strides.every((stride) => Math.abs(stride) > 1))).toBe(true);
    expect(some((x) => Math.abs(x.strides[0]!) === 1)).toBe(true);
    expect(some((x) => x.offset > 0 && x.strides.every((stride) => stride > 0))).toBe(true);
  });

  test("of outputs show no element twice", () => {
    for (const x of sample(anyViews("int32", { stretch: false }), 200)) {
      const places = multiIndices(x.shape).map((index) => placeOf(x, index));
      expect(new Set(places).size).toBe(places.length);
    }
  });
});

describe("broadcastable", () => {
  test("gives shapes that broadcast to the result", () => {
    const found = sample(broadcastable(3));
    for (const { operands, result } of found) {
      expect(broadcastShapes("test", ...operands)).toEqual(result);
    }
    expect(
      found.some(({ operands }) => new Set(operands.map((shape) => shape.length)).size === 3),
    ).toBe(true);
  });
});

describe("axes and permutations", () => {
  test("name each axis at most once, from either end", () => {
    for (const axes of sample(anyAxesOf(4))) {
      expect(new Set(axes.map((axis) => (axis + 4) % 4)).size).toBe(axes.length);
    }
    expect(sample(anyAxesOf(4)).some((axes) => axes.some((axis) => axis < 0))).toBe(true);
    expect(sample(permutations(3)).every((order) => order.toSorted().join() === "0,1,2")).toBe(
      true,
    );
  });
});

describe("indexExpressions", () => {
  test("use every form", () => {
    const found = sample(indexExpressions([3, 0, 4])).flat();
    expect(found.some((index) => typeof index === "number")).toBe(true);
    expect(found.some((index) => typeof index === "string" && index.includes(":"))).toBe(true);
    expect(found.some((index) => Array.isArray(index) && index[2] === -2)).toBe(true);
    expect(found).toContain(null);
    expect(found).toContain("...");
  });
});
