import { describe, expect, test } from "vitest";
import { logUnit } from "./log.ts";
import { philoxUniform64 } from "./philox.ts";

// From 40-digit decimal arithmetic, rounded once.
const exact: readonly [number, number][] = [
  [1, 0],
  [1 - 2 ** -53, -1.1102230246251565e-16],
  [0.9, -0.10536051565782628],
  [0.75, -0.2876820724517809],
  [Math.SQRT1_2, -0.3465735902799726],
  [0.5, -Math.LN2],
  [0.2, -1.6094379124341003],
  [2 ** -53, -36.7368005696771],
  [1e-300, -690.7755278982137],
  [Number.MIN_VALUE, -744.4400719213812],
];

describe("logUnit", () => {
  test.each(exact)("of %d is %d", (x, log) => {
    expect(logUnit(x)).toBe(log);
  });

  test("agrees with Math.log to its last bit or two", () => {
    const inputs = new Float64Array(10_000);
    philoxUniform64(inputs, [0, 0], 0);
    for (const x of inputs) {
      expect(Math.abs(logUnit(x) / Math.log(x) - 1)).toBeLessThan(2 * Number.EPSILON);
    }
  });
});
