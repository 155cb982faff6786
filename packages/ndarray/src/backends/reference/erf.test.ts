import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ulp } from "../../testing/host-values.ts";
import { erf, erfc } from "./erf.ts";

const fixture = new URL("./erf.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly (readonly [x: number, erf: number, erfc: number])[];
};

describe(`against ${source}`, () => {
  test.each(rows)("erf and erfc at %d are within 4 units in the last place", (x, one, other) => {
    expect(Math.abs(erf(x) - one)).toBeLessThanOrEqual(4 * ulp("float64", one));
    expect(Math.abs(erfc(x) - other)).toBeLessThanOrEqual(4 * ulp("float64", other));
  });
});

test("erf is odd to the sign of zero, and both know infinities and NaN", () => {
  expect([erf(-0), erf(-1.5) + erf(1.5)]).toEqual([-0, 0]);
  expect([erf(Infinity), erf(-Infinity), erf(Number.NaN)]).toEqual([1, -1, Number.NaN]);
  expect([erfc(Infinity), erfc(-Infinity), erfc(Number.NaN)]).toEqual([0, 2, Number.NaN]);
});
