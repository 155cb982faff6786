import { expect, test } from "vitest";
import { History, sparkline } from "./sparkline.ts";

test("the lowest value is the lowest block, the highest the highest", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 80, true)).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([5, 0, 5], 80, false)).toBe("#_#");
});

test("more values than columns are averaged, each once", () => {
  expect(sparkline([0, 0, 7, 7, 0, 14], 3, true)).toBe("▁██");
  expect(sparkline([1, 2, 3, 4, 5], 2, true)).toBe("▁█");
});

test("one value, equal values, none, and no room", () => {
  expect(sparkline([3], 5, true)).toBe("▁");
  expect(sparkline([3, 3], 5, true)).toBe("▁▁");
  expect(sparkline([], 5, true)).toBe("");
  expect(sparkline([1, 2], -4, true)).toBe("");
});

test("what is not a number is said, and the rest is drawn", () => {
  expect(sparkline([0, Number.NaN, 1, Number.POSITIVE_INFINITY], 80, true)).toBe("▁?█?");
});

test("a long history is thinned evenly: each value counts the same", () => {
  const history = new History();
  for (let i = 0; i < 8192; i++) history.add(i);
  const { values } = history;
  expect(values.length).toBeLessThan(1024);
  const share = 8192 / values.length;
  for (const [i, value] of values.entries()) expect(value).toBe(share * i + (share - 1) / 2);
});
