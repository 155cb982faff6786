import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { type Canvas, drawDigits, type SeenDigit } from "./picture.ts";

const plain: Canvas = {
  columns: 80,
  unicode: true,
  shades: false,
  mark: (right, caption) => (right ? caption : caption.toUpperCase()),
};

/** A frame one pixel wide around a 28 x 28 image, at this distance from its border. */
function frame(distance: number, digit: { label: number; guess: number }): SeenDigit {
  const [low, high] = [distance, 27 - distance];
  const on = (i: number): boolean => i >= low && i <= high;
  const pixels = Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    const isEdge = x === low || x === high || y === low || y === high;
    return Number(on(x) && on(y) && isEdge);
  });
  return { pixels, ...digit };
}

const right = frame(8, { label: 0, guess: 0 });
const wrong = frame(8, { label: 0, guess: 6 });

describe("drawDigits", () => {
  it("draws at full size where all digits fit", () => {
    expect(drawDigits([right, wrong], plain)).toMatchSnapshot();
  });

  it("draws at half size where they do not, in rows of one length", () => {
    const digits = Array.from({ length: 8 }, () => right);
    const lines = drawDigits(digits, plain).split("\n");
    const captions = lines.filter((line) => line.includes("✓"));
    expect(captions.map((line) => line.match(/✓/g)!.length)).toEqual([4, 4]);
    expect(lines).toHaveLength(8 + 1 + 8);
  });

  it("is never wider than the terminal, as long as one digit fits", () => {
    for (const columns of [14, 30, 79, 80, 100, 127, 240]) {
      const digits = Array.from({ length: 8 }, () => wrong);
      const lines = drawDigits(digits, { ...plain, columns }).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  it("uses ASCII alone where there are no block characters", () => {
    expect(drawDigits([right, wrong], { ...plain, unicode: false })).toMatch(/^[\n -~]*$/);
  });

  it("puts ink in the same places with shades of grey as without", () => {
    const shaded = drawDigits([right], { ...plain, shades: true });
    expect(shaded).toContain("\x1b[38;5;255m");
    const ink = (text: string): string => text.replace(/[▀▄█]/g, "#").replace(/ +$/gm, "");
    const bare = stripVTControlCharacters(shaded);
    expect(ink(bare)).toBe(ink(drawDigits([right], plain)));
  });
});
