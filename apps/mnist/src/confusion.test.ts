import { describe, expect, test } from "vitest";
import { drawConfusion } from "./confusion.ts";
import type { Canvas } from "./picture.ts";
import { widthOf } from "./text.ts";

const canvas = (columns: number): Canvas => ({
  columns,
  unicode: true,
  shades: false,
  mark: (right, text) => (right ? text : text.replace(/\S+/, (found) => `${found}!`.slice(-5))),
});

/** 1,000 of each digit right, but that 7 is taken for 1 twice and 9 for 4 in 120 of 200. */
const counts = new Uint32Array(100);
for (let i = 0; i < 10; i++) counts[11 * i] = 1000;
counts[71] = 2;
counts[99] = 80;
counts[94] = 120;

describe("the confusion matrix", () => {
  test("has the counts where there is room, what is wrong marked", () => {
    const lines = drawConfusion(counts, canvas(80));
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe("        0    1    2    3    4    5    6    7    8    9");
    expect(lines[1]).toBe("  0 │ 1000    .    .    .    .    .    .    .    .    .  100.0 %");
    expect(lines[8]).toContain("    .    2!");
    expect(lines[8]).toMatch(/ 1000 {4}\. {4}\. {3}99\.8 %$/);
    expect(lines[10]).toMatch(/ {3}80 {3}40\.0 %$/);
  });

  test("has the percentages of each row where there is not", () => {
    const lines = drawConfusion(counts, { ...canvas(40), mark: (_, text) => text });
    expect(lines[0]).toBe("      0  1  2  3  4  5  6  7  8  9");
    expect(lines[1]).toBe("  0 │100  .  .  .  .  .  .  .  .  .");
    expect(lines[8]).toBe("  7 │  .  +  .  .  .  .  .100  .  .");
    expect(lines[10]).toBe("  9 │  .  .  .  . 60  .  .  .  . 40");
    for (const line of lines) expect(widthOf(line)).toBeLessThan(40);
  });

  test("leaves digits that do not occur empty", () => {
    const lines = drawConfusion(new Uint32Array(100), canvas(80));
    expect(lines[1]).toBe("  0 │    .    .    .    .    .    .    .    .    .    .");
  });
});
