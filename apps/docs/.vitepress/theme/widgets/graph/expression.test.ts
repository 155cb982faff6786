import { describe, expect, test } from "vitest";
import { derive, valueOf } from "./derivation.ts";
import { ExpressionError, parse, variablesOf } from "./expression.ts";
import { graphOf } from "./graph.ts";

describe("parse", () => {
  const value = (text: string, x = 3): number => {
    const output = graphOf(parse(text), ["x"]);
    return valueOf(derive(output, { values: new Map([["x", x]]), direction: new Map() }), output);
  };

  test.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["8 - 3 - 2", 3],
    ["8 / 4 / 2", 1],
    ["2^3^2", 512],
    ["-2^2", -4],
    ["(-2)^2", 4],
    ["2^-1", 0.5],
    ["2 * -x", -6],
    ["--x", 3],
    ["  x  ", 3],
    ["1.5e2 + .5 + 2.", 152.5],
    ["relu(-x) + relu(x)", 3],
    ["sqrt(x*x) + log(exp(x)) + cos(0) + sin(0) + tanh(0)", 7],
  ])("%s is %d", (text, expected) => {
    expect(value(text)).toBeCloseTo(expected, 12);
  });

  test.each([
    ["", "empty", 0, ""],
    ["   ", "empty", 0, ""],
    ["x + $", "character", 4, "$"],
    ["x + 🙂", "character", 4, "🙂"],
    ["x + * 2", "unexpected", 4, "*"],
    ["2 x", "unexpected", 2, "x"],
    ["(x))", "unexpected", 3, ")"],
    ["(x", "end", 2, ""],
    ["x *  ", "end", 3, ""],
    ["abs(x)", "unknown", 0, "abs"],
    ["1 + sin x", "call", 4, "sin"],
    ["x".repeat(121), "long", 120, ""],
  ])("%j: %s at %d", (text, problem, position, found) => {
    const attempt = (): unknown => parse(text);
    expect(attempt).toThrow(ExpressionError);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ problem, position, found });
    }
  });

  test("variables come in their natural order", () => {
    expect(variablesOf(parse("x10 * b - x2 + x2 * a"))).toEqual(["a", "b", "x2", "x10"]);
  });
});
