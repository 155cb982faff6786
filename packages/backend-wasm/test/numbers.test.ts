import { describe, expect, test } from "vitest";
import { numbersOf, usageOf } from "./numbers.ts";

const options = {
  count: { value: 100, about: "how many" },
  seed: { value: 0, about: "the first", least: 0 },
};

describe("a command line of numbers", () => {
  test("gives what is stated, and defaults", () => {
    expect(numbersOf([], options)).toEqual({ count: 100, seed: 0 });
    expect(numbersOf(["--seed", "7", "--count=3"], options)).toEqual({ count: 3, seed: 7 });
  });

  test.each([
    [["--count", "x"], "--count must be a whole number of at least 1, got x"],
    [["--count", "0"], "--count must be a whole number of at least 1, got 0"],
    [["--seed", "1.5"], "--seed must be a whole number of at least 0, got 1.5"],
    [["--seed="], "--seed must be a whole number of at least 0, got "],
    [["--cuont", "3"], "Unknown option '--cuont'"],
    [["3"], "Unexpected argument '3'"],
  ])("refuses %j", (line, message) => {
    expect(() => numbersOf(line, options)).toThrow(message);
  });

  test("says how it is called", () => {
    expect(usageOf("npm run fuzz", "Programs.", options)).toMatchInlineSnapshot(`
      "npm run fuzz -- [options]

      Programs.

        --count N     how many (100)
        --seed N      the first (0)
        --help"
    `);
  });
});
