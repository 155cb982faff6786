/** Whatever an image looks like, what is drawn on it is found. */
import { mnist } from "@needle/data";
import { beforeAll, describe, expect, test } from "vitest";
import { toDigit } from "./digit.ts";
import { inkOf } from "./ink.ts";
import { pngOf } from "./png.fixture.ts";
import { readPng } from "./png.ts";

type Look = NonNullable<Parameters<typeof pngOf>[1]>;

const count = 100;
let digits: Float32Array[];
beforeAll(async () => {
  const { test } = await mnist({ limit: count });
  const pixels = await test.images.data();
  digits = Array.from({ length: count }, (_, i) =>
    Float32Array.from(pixels.subarray(784 * i, 784 * (i + 1))),
  );
});

function read(pixels: ArrayLike<number>, look: Look): Float32Array | null {
  const image = readPng(pngOf(pixels, look), "digit.png");
  const found = inkOf(image);
  return found && toDigit(found.ink, image.width, found.least);
}

/** The largest difference of two images. */
function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

const white = [255, 255, 255, 255] as const;
const black = [0, 0, 0, 255] as const;
const looks: [what: string, look: Look][] = [
  ["dark on light", { paper: white, ink: black }],
  ["three times as large", { scale: 3 }],
  ["in a corner of a larger sheet", { margins: [9, 150, 77, 30] }],
  ["grey, without colours", { colorType: 0, paper: white, ink: [40, 40, 40, 255] }],
  ["without opacity", { colorType: 2, paper: white, ink: black }],
  ["black on nothing", { paper: [0, 0, 0, 0], ink: black }],
  ["white on nothing", { paper: [255, 255, 255, 0], ink: white }],
  ["blue on yellow", { paper: [250, 240, 120, 255], ink: [20, 30, 140, 255] }],
];

describe("a digit is read the same", () => {
  test.each(looks)("%s", (_, look) => {
    for (const digit of digits) {
      const plain = read(digit, {})!;
      // Shades are rounded to whole numbers, of about 60 in the least contrast.
      expect(distance(read(digit, look)!, plain)).toBeLessThan(0.03);
    }
  });

  test("as MNIST has it", () => {
    // Some digits of MNIST have lost a faint row of their border, and become larger.
    const exact = digits.filter((digit) => distance(read(digit, {})!, digit) < 0.005);
    expect(exact.length).toBeGreaterThanOrEqual(0.8 * count);
  });
});

test("the unevenness of paper does not make the digit larger", () => {
  const [digit] = digits as [Float32Array];
  const png = readPng(
    pngOf(digit, { paper: white, ink: black, scale: 4, margins: [40, 40, 40, 40] }),
    "",
  );
  for (let i = 0; i < png.data.length; i += 4) {
    const grain = (i * 7919) % 13;
    for (let c = 0; c < 3; c++) png.data[i + c] = Math.max(0, png.data[i + c]! - grain);
  }
  const found = inkOf(png)!;
  const [noisy, clean] = [toDigit(found.ink, png.width, found.least)!, read(digit, { scale: 4 })!];
  expect(distance(noisy, clean)).toBeLessThan(0.2);
});

test("an empty sheet has no ink, whatever its colour", () => {
  for (const paper of [white, black, [120, 130, 125, 255], [0, 0, 0, 0]] as const) {
    expect(read(new Float32Array(784), { paper })).toBeNull();
  }
});
