import { expect, test } from "vitest";
import { drawGrey } from "./picture.ts";

test("images stand side by side, two rows of pixels a line", () => {
  const blank = [0, 0, 0, 0];
  const full = [1, 1, 1, 1];
  const half = [1, 0, 0, 1];
  expect(drawGrey([...full, ...blank, ...half], 2)).toBe("@@  ++");
});

test("values beyond 0 and 1 are drawn as these", () => {
  expect(drawGrey([7, -3, 7, -3], 2)).toBe("@");
});
