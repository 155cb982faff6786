import { expect, test } from "vitest";
import { type Curve, extended, pathOf, rangeOf } from "./curves.ts";

function curveOf(values: readonly number[]): Curve {
  return values.reduce<Curve | undefined>(extended, undefined)!;
}

test("a curve runs from left to right, its least value at the bottom", () => {
  expect(pathOf(curveOf([1, 3, 2]), 100, 10)).toBe("M0.0 10.0L50.0 0.0L100.0 5.0");
});

test("a level curve lies in the middle, and one point is a curve", () => {
  expect(pathOf(curveOf([2, 2]), 100, 10)).toBe("M0.0 5.0L100.0 5.0");
  expect(pathOf(curveOf([2]), 100, 10)).toBe("M0.0 5.0");
});

test("what is not finite leaves a gap", () => {
  const curve = curveOf([1, Number.NaN, 3, Number.POSITIVE_INFINITY]);
  expect(rangeOf(curve)).toEqual([1, 3]);
  expect(pathOf(curve, 90, 10)).toBe("M0.0 10.0L60.0 0.0");
  expect(rangeOf(curveOf([Number.NaN]))).toEqual([0, 1]);
});

test("a long curve keeps its ends and its scale", () => {
  const curve = curveOf(Array.from({ length: 5001 }, (_, i) => i));
  expect(curve.count).toBe(5001);
  expect(curve.points.length).toBeLessThanOrEqual(1001);
  expect(curve.points[0]).toEqual([0, 0]);
  expect(curve.points.at(-1)).toEqual([5000, 5000]);
  expect(curve.points.every(([x, y]) => x === y)).toBe(true);
});
