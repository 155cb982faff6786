import { describe, expect, test } from "vitest";
import { ArgumentError } from "../errors.ts";
import { checkProbabilities, countAtMost, cumulativeLevels } from "./probabilities.ts";

describe("checkProbabilities", () => {
  test("takes a sum that is off by no more than the square root of the machine epsilon", () => {
    const off = (error: number): number[] => [0.5, 0.5 + error];
    expect(() => checkProbabilities("choice", off(1.4e-8), 2)).not.toThrow();
    expect(() => checkProbabilities("choice", off(1.6e-8), 2)).toThrow("must sum to 1");
    expect(() => checkProbabilities("choice", Float32Array.from(off(3e-4)), 2)).not.toThrow();
    expect(() => checkProbabilities("choice", Float32Array.from(off(4e-4)), 2)).toThrow();
  });

  test("sums without losing small probabilities", () => {
    const p = new Float64Array(1_000_001).fill(1e-16);
    p[0] = 1 - 1e-10;
    expect(() => checkProbabilities("choice", p, p.length)).not.toThrow();
  });

  test("says what is wrong", () => {
    expect(() => checkProbabilities("choice", [0.5, 0.25], 2)).toThrow(
      new ArgumentError("choice", "probabilities must sum to 1, got 0.75", "Divide p by its sum."),
    );
    expect(() => checkProbabilities("choice", [0.5, 0.5], 3)).toThrow(
      new ArgumentError("choice", "p must have one entry for each of 3, got 2"),
    );
    expect(() => checkProbabilities("choice", [1.5, -0.5], 2)).toThrow(
      new ArgumentError("choice", "probabilities must be at least 0, got -0.5 (index 1)"),
    );
    expect(() => checkProbabilities("choice", [Number.NaN, 1], 2)).toThrow("got NaN (index 0)");
  });
});

describe("cumulativeLevels and countAtMost", () => {
  const levels = cumulativeLevels([1, 0, 2, 1]);

  test("the levels are the running sums, as parts of the whole", () => {
    expect([...levels]).toEqual([0.25, 0.25, 0.75, 1]);
  });

  test.each([
    [0, 0],
    [0.24, 0],
    [0.25, 2],
    [0.74, 2],
    [0.75, 3],
    [0.99, 3],
  ])("%d falls on index %i, never on one of probability 0", (x, index) => {
    expect(countAtMost(levels, x)).toBe(index);
  });
});
