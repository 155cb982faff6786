import { styleText } from "node:util";
import { expect, test } from "vitest";
import { beside, clip, count, flow, percent, widthOf, wrap } from "./text.ts";

const red = (text: string): string => styleText("red", text, { validateStream: false });

test("colours take no columns", () => {
  expect(widthOf(red("abc"))).toBe(3);
});

test("parts go on where they fit, and else to the next line", () => {
  expect(flow(["one", "two", "three"], 80)).toBe("one  two  three");
  expect(flow(["one", "two", "three"], 8)).toBe("one  two\n  three");
  expect(flow([red("one"), "two"], 8)).toBe(`${red("one")}  two`);
  expect(flow(["one", "two"], 7)).toBe("one\n  two");
  expect(flow([], 7)).toBe("");
});

test("a sentence is broken between words", () => {
  expect(wrap("what is this here", 9)).toBe("what is\nthis here");
});

test("a line that is too long ends in a sign", () => {
  expect(clip("abcdef", 6)).toBe("abcdef");
  expect(clip("abcdef", 5)).toBe("abcd>");
});

test("lines stand beside each other, whichever are more", () => {
  expect(beside(["a", red("bcd")], ["x", "y", "z"])).toEqual([
    "a    x",
    `${red("bcd")}  y`,
    "     z",
  ]);
  expect(beside(["a", "b"], ["x"])).toEqual(["a  x", "b"]);
});

test("numbers are short", () => {
  expect([0, 0.0123, 0.0999, 0.1, 1].map(percent)).toEqual([
    "0.00 %",
    "1.23 %",
    "9.99 %",
    "10.0 %",
    "100.0 %",
  ]);
  expect(count(10000)).toBe("10,000");
});
