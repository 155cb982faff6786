// The digits of floats: they name the number, none is spare, and halves go to the even digit.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFloat, formatFloats } from "./format-number.ts";

const seed = { seed: 20, numRuns: 2000 };

/** The digits that a number's text needs: without sign, point, exponent and zeros at either end. */
function digitCount(text: string): number {
  return text
    .replace(/e.*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+|0+$/g, "").length;
}

describe("formatFloat", () => {
  test("a float64 reads back as itself, in no more digits than JavaScript takes", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const text = formatFloat(x, "float64");
        expect(Number(text)).toBe(x);
        expect(digitCount(text)).toBe(digitCount(String(x)));
      }),
      seed,
    );
  });

  test("a float32 reads back as itself, and with one digit less would not", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const text = formatFloat(x, "float32");
        const digits = digitCount(text);
        expect(Math.fround(Number(text))).toBe(x);
        if (digits > 1) expect(Math.fround(Number(x.toPrecision(digits - 1)))).not.toBe(x);
      }),
      seed,
    );
  });

  test("a number half way between two shortest texts takes the even digit", () => {
    expect(formatFloat(2 ** 21 + 0.25, "float32")).toBe("2097152.2");
    expect(formatFloat(2 ** 21 + 0.75, "float32")).toBe("2097152.8");
  });

  test("a power of two counts its nearer neighbour below", () => {
    expect(formatFloat(2 ** -44, "float64")).toBe("5.684341886080802e-14");
  });

  test("the first place is right next to a power of ten", () => {
    expect(formatFloat(0.9999999999999999, "float64")).toBe("0.9999999999999999");
    expect(formatFloat(1e15 - 0.125, "float64")).toBe("999999999999999.9");
    expect(formatFloat(1e23, "float64")).toBe("1e+23");
  });

  test("not a number, and the infinities", () => {
    const texts = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) =>
      formatFloat(x, "float32"),
    );
    expect(texts).toEqual(["nan", "inf", "-inf"]);
  });
});

describe("formatFloats", () => {
  const style = { dtype: "float64", precision: 8, suppress: false } as const;

  test("puts the points in one column", () => {
    expect(formatFloats([1, -2.5, 30.125], style)).toEqual([" 1.   ", "-2.5  ", "30.125"]);
  });

  test("cuts the exact value, not its shortest text", () => {
    // 0.15 is stored as 0.1499999999999999944.
    expect(formatFloats([0.15], { ...style, precision: 1 })).toEqual(["0.1"]);
  });

  test("rounds up into a new place", () => {
    expect(formatFloats([9.96], { ...style, precision: 1 })).toEqual(["10."]);
    expect(formatFloats([9.96e-9], { ...style, precision: 1 })).toEqual(["1.e-08"]);
  });

  test("writes all exponents in the length of the longest", () => {
    expect(formatFloats([1e-5, 1.5e100], style)).toEqual(["1.0e-005", "1.5e+100"]);
  });

  test("is empty for no numbers", () => {
    expect(formatFloats([], style)).toEqual([]);
  });
});
