import { expect, test } from "vitest";
import { showNumber } from "./notation.ts";

test.each([
  [1234567, "1234567"],
  [1234567.89, "1234570"],
  [1.23456789e-7, "1.23457e−7"],
  [1e21, "1e+21"],
  [0.1 + 0.2, "0.3"],
  [-0.5, "−0.5"],
  [-0, "0"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "−∞"],
])("the number %d is shown as %s", (value, text) => {
  expect(showNumber(value)).toBe(text);
});
