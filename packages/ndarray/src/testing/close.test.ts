import { describe, expect, test } from "vitest";
import { array, NeedleError, zeros } from "../index.ts";
import { assertClose, assertSame, isWithin, withinUlps } from "./close.ts";
import { HostArray } from "./host.ts";
import { ulp } from "./host-values.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("assertClose", () => {
  test("takes what is within atol + rtol * |expected|", () => {
    assertClose(array([1, 100]), [1.01, 101], { rtol: 0.01, atol: 0 });
    expect(() => assertClose(array([1, 100]), [1.01, 102], { rtol: 0.01, atol: 0 })).toThrow(
      NeedleError,
    );
  });

  test("compares with arrays, models and nested numbers of any rank", () => {
    const x = array([
      [1, 2],
      [3, 4],
    ]);
    assertClose(x, x.copy());
    assertClose(x, new HostArray("float64", [2, 2], [1, 2, 3, 4]));
    assertClose(x, [
      [1, 2],
      [3, 4],
    ]);
    assertClose(array(5), 5);
    assertClose(zeros([2, 0]), [[], []]);
  });

  test("takes NaN for NaN and each infinity for itself", () => {
    assertClose(array([nan, inf, -inf]), [nan, inf, -inf]);
    expect(() => assertClose(array([inf]), [-inf])).toThrow();
    expect(() => assertClose(array([3]), [inf])).toThrow();
    expect(() => assertClose(array([inf]), [3])).toThrow();
    expect(() => assertClose(array([nan]), [0])).toThrow();
    expect(() => assertClose(array([0]), [nan])).toThrow();
  });

  test("wants integers exact", () => {
    expect(() => assertClose(array([1e9 + 1], { dtype: "int32" }), [1e9])).toThrow();
  });

  test("names the first element that differs, both values and the shapes", () => {
    const compare = (): void =>
      assertClose(
        array([
          [1, 2],
          [3, 4],
        ]),
        [
          [1, 2.5],
          [3, 5],
        ],
        { rtol: 0, atol: 0.25 },
      );
    expect(compare).toThrow(
      new NeedleError(
        "assertClose",
        "element [0,1] is 2, expected 2.5 (0.5 apart, 0.25 allowed), shapes [2,2] and expected [2,2]",
      ),
    );
  });

  test("does not broadcast", () => {
    expect(() => assertClose(zeros([1, 2]), zeros([2]))).toThrow(
      new NeedleError("assertClose", "shapes differ, [1,2] and expected [2]"),
    );
  });
});

describe("assertSame", () => {
  test("wants equal values and, of an array, an equal dtype", () => {
    assertSame(array([1, nan]), [1, nan]);
    expect(() => assertSame(array([0.1]), [0.1])).toThrow(
      "element [0] is 0.10000000149011612, expected 0.1",
    );
    expect(() => assertSame(array([1]), array([1], { dtype: "int32" }))).toThrow(
      new NeedleError("assertSame", "dtypes differ, float32 and expected int32"),
    );
  });

  test("tells -0 from 0 when asked to", () => {
    assertSame(array([-0]), [0]);
    expect(() => assertSame(array([-0]), [0], { zeroSign: true })).toThrow(
      new NeedleError("assertSame", "element [0] is -0, expected 0, shapes [1] and expected [1]"),
    );
  });
});

describe("ulp", () => {
  test("is the distance to the next number", () => {
    expect(ulp("float32", 1)).toBe(2 ** -23);
    expect(ulp("float32", Math.fround(2 - 2 ** -23))).toBe(2 ** -23);
    expect(ulp("float32", -1000)).toBe(2 ** -14);
    expect(ulp("float32", 0)).toBe(2 ** -149);
    expect(ulp("float64", 1 - 2 ** -53)).toBe(2 ** -53);
    expect(ulp("int32", 7)).toBe(0);
  });
});

describe("isWithin", () => {
  const two = (expected: number, actual: number): boolean =>
    isWithin("float32", actual, expected, withinUlps("float32", 2)(expected, 0));

  test("counts units in the last place", () => {
    expect(two(1, 1 + 2 ** -22)).toBe(true);
    expect(two(1, 1 + 3 * 2 ** -23)).toBe(false);
  });

  test("lets a value at the edge of float32 be the largest number or infinite", () => {
    const largest = (2 - 2 ** -23) * 2 ** 127;
    expect(two(largest * (1 + 2 ** -24), inf)).toBe(true);
    expect(two(largest * (1 + 2 ** -24), largest)).toBe(true);
    expect(two(1e39, largest)).toBe(false);
    expect(two(inf, largest)).toBe(false);
  });
});
