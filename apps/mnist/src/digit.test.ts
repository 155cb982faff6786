/** Drawings take the form of MNIST's digits. */
import { expect, test } from "vitest";
import { toDigit } from "./digit.ts";

const width = 280;

/** A sheet with ink where the function says. */
function sheet(inked: (x: number, y: number) => boolean): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: width * width }, (_, i) =>
    inked(i % width, Math.floor(i / width)) ? 255 : 0,
  );
}

/** Rows and columns with ink: first and last. */
function extent(digit: Float32Array): { rows: [number, number]; columns: [number, number] } {
  const inked = [...digit.keys()].filter((i) => digit[i]! > 0);
  const columns = inked.map((i) => i % 28);
  return {
    rows: [Math.floor(inked[0]! / 28), Math.floor(inked.at(-1)! / 28)],
    columns: [Math.min(...columns), Math.max(...columns)],
  };
}

test("an empty sheet is no digit", () => {
  expect(
    toDigit(
      sheet(() => false),
      width,
    ),
  ).toBeNull();
});

test("a square fills 20x20 pixels in the middle, wherever and however large it is drawn", () => {
  for (const [at, size] of [
    [0, 40],
    [100, 25],
    [13, 201],
  ] as const) {
    const within = (x: number): boolean => x >= at && x < at + size;
    const digit = toDigit(
      sheet((x, y) => within(x) && within(y)),
      width,
    )!;
    expect(extent(digit)).toEqual({ rows: [4, 23], columns: [4, 23] });
    for (const value of digit) expect([0, 1]).toContain(Math.round(value * 1e6) / 1e6);
  }
});

test("proportions are kept", () => {
  const digit = toDigit(
    sheet((x, y) => x >= 50 && x < 90 && y >= 20 && y < 220),
    width,
  )!;
  expect(extent(digit)).toEqual({ rows: [4, 23], columns: [12, 15] });
});

test("a pixel is the mean of the ink it covers", () => {
  // Lines of 5 with 5 between them: half of each pixel of 10.
  const digit = toDigit(
    sheet((x, y) => x < 200 && y < 195 && y % 10 < 5),
    width,
  )!;
  const mass = digit.reduce((sum, value) => sum + value);
  // 20 lines of 5x200 pixels, at 10x9.75 a pixel.
  expect(mass).toBeCloseTo((20 * 5 * 200) / (10 * 9.75), 3);
});

test("the centre of mass is in the middle, not that of the box", () => {
  // A bar at the left, a thinner one to the right.
  const digit = toDigit(
    sheet((x, y) => y < 200 && (x < 40 || (x < 200 && y >= 80 && y < 120))),
    width,
  )!;
  const mass = digit.reduce((sum, value) => sum + value);
  const x = digit.reduce((sum, value, i) => sum + value * (i % 28), 0) / mass;
  expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
  expect(extent(digit).columns[0]).toBeGreaterThan(6);
});
