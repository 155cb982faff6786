import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjointOf, type Derivation, derive } from "./derivation.ts";
import { ExpressionError, parse, variablesOf } from "./expression.ts";
import { graphOf } from "./graph.ts";
import { plain } from "./notation.ts";
import { cases, names } from "./random.fixture.ts";
import {
  boxesOf,
  derivativeName,
  explain,
  layoutOf,
  mostBoxes,
  rowsOf,
  stepAt,
  stepsOf,
} from "./stepper.ts";
import { describeProblem, wordsOf } from "./words.ts";

const bar = "\u0304";
const dot = "\u0307";

function derived(text: string, values: Readonly<Record<string, number>>): Derivation {
  const expression = parse(text);
  const point = { values: new Map(Object.entries(values)), direction: new Map([["x1", 1]]) };
  return derive(graphOf(expression, variablesOf(expression)), point);
}

function told(derivation: Derivation, step: number): string[] {
  return explain(derivation, step).map((sides) => sides.map(plain).join(" = "));
}

describe("the steps of the lecture's example", () => {
  const derivation = derived("log(x1) + x1*x2 - sin(x2)", { x1: 2, x2: 5 });

  test("are one a node, forward and backward", () => {
    expect(stepsOf(derivation)).toBe(14);
    expect(stepAt(derivation, 0)).toBeNull();
    expect(stepAt(derivation, 7)!.adjoint).toBeNull();
    expect(stepAt(derivation, 8)!.node).toBe(stepAt(derivation, 7)!.node);
    expect(explain(derivation, 0)).toEqual([]);
  });

  test.each([
    [1, ["v1 = x1 = 2", `v${dot}1 = 1`]],
    [
      4,
      ["v4 = v1 · v2 = 2 · 5 = 10", `v${dot}4 = v${dot}1 · v2 + v${dot}2 · v1 = 1 · 5 + 0 · 2 = 5`],
    ],
    [8, [`v${bar}7 = 1`]],
    [9, [`v${bar}6→7 = −v${bar}7 = −1`, `v${bar}6 = v${bar}6→7 = −1`]],
    [10, [`v${bar}5→7 = v${bar}7 = 1`, `v${bar}5 = v${bar}5→7 = 1`]],
    [
      14,
      [
        `v${bar}1→3 = v${bar}3 / v1 = 1 / 2 = 0.5`,
        `v${bar}1→4 = v${bar}4 · v2 = 1 · 5 = 5`,
        `v${bar}1 = v${bar}1→3 + v${bar}1→4 = 0.5 + 5 = 5.5`,
      ],
    ],
  ])("say at step %d what was computed", (step, lines) => {
    expect(told(derivation, step)).toEqual(lines);
  });

  test("fill the table from above, its last column from below", () => {
    const at = (step: number, column: "value" | "tangent" | "adjoint"): (string | null)[] =>
      rowsOf(derivation, step).map((row) => row[column]);
    expect(at(2, "value")).toEqual(["2", "5", null, null, null, null, null]);
    expect(at(2, "tangent")).toEqual(["1", "0", null, null, null, null, null]);
    expect(at(9, "adjoint")).toEqual([null, null, null, null, null, "−1", "1"]);
    expect(at(14, "adjoint")).toEqual(["5.5", "1.71634", "1", "1", "1", "−1", "1"]);
  });

  test("draw the adjoints as nodes once the graph is extended", () => {
    const count = (step: number, extended: boolean): number =>
      boxesOf(derivation, step, extended).filter(({ part }) => part === "adjoint").length;
    expect(count(14, false)).toBe(0);
    expect(count(7, true)).toBe(0);
    expect(count(8, true)).toBe(1);
    // Seven adjoints, four partial ones of the two inputs, and cos(v2).
    expect(count(14, true)).toBe(12);
    const cosine = boxesOf(derivation, 14, true).find(({ label }) => label === "cos")!;
    expect(cosine).toMatchObject({ name: null, value: "0.283662" });
  });

  test("mark what the last one computed", () => {
    const marked = (step: number, extended: boolean): string[] =>
      boxesOf(derivation, step, extended)
        .filter(({ isCurrent }) => isCurrent)
        .map(({ name }) => plain([name!]));
    expect(marked(0, false)).toEqual([]);
    expect(marked(3, true)).toEqual(["v3"]);
    expect(marked(9, false)).toEqual(["v6"]);
    expect(marked(9, true)).toEqual([`v${bar}6`]);
  });
});

test("what the output does not depend on has adjoint 0 at the end", () => {
  const expression = parse("x1 * x1");
  const point = { values: new Map([["x1", 3]]), direction: new Map() };
  const derivation = derive(graphOf(expression, names), point);
  const last = rowsOf(derivation, stepsOf(derivation));
  expect(last.map(({ adjoint }) => adjoint)).toEqual(["6", "0", "0", "1"]);
  expect(adjointOf(derivation, "x2")).toBeNull();
});

test("every box of every step has its place", () => {
  const property = fc.property(cases, fc.boolean(), ({ text, at }, extended) => {
    const values = Object.fromEntries(names.map((name, i) => [name, at[i]!]));
    const derivation = derived(text, values);
    const layout = layoutOf(derivation, extended);
    fc.pre(layout !== null);
    for (const step of [0, 1, derivation.forward.length + 1, stepsOf(derivation)]) {
      for (const { id } of boxesOf(derivation, step, extended)) {
        expect(layout!.places.has(id)).toBe(true);
      }
    }
  });
  fc.assert(property, { seed: 2, numRuns: 100 });
});

test("a graph that is too large is not drawn", () => {
  const nested = derived(`${"sin(".repeat(20)}x${")".repeat(20)}`, { x: 1 });
  expect(layoutOf(nested, true)!.places.size).toBeLessThanOrEqual(mostBoxes);
  const large = derived(`${"(x+1)*".repeat(19)}x^x`, { x: 1 });
  expect(layoutOf(large, false) === null).toBe(false);
  expect(layoutOf(large, true) === null).toBe(true);
});

test.each([
  [[], "y"],
  [["x1"], "∂y/∂x1"],
  [["x1", "x2"], "∂²y/∂x1∂x2"],
  [["x", "x", "x"], "∂³y/∂x∂x∂x"],
])("the derivative by %j is called %s", (variables, text) => {
  expect(derivativeName(variables)).toBe(text);
});

test.each([
  ["en", "x + $", "Position 5: “$” has no meaning here."],
  ["en-US", "sin x", "Position 1: “sin” needs its argument in parentheses: sin(x)."],
  ["zh-CN", "x +", "第 4 个字符：表达式还没有写完。"],
  [
    "zh-CN",
    "abs(x)",
    "第 1 个字符：没有函数“abs”，可用的有 exp、log、sin、cos、tanh、relu、sqrt。",
  ],
])("in %s the error of %j is: %s", (lang, text, message) => {
  try {
    parse(text);
    expect.unreachable();
  } catch (error) {
    expect(describeProblem(error as ExpressionError, wordsOf(lang))).toBe(message);
  }
  expect(() => parse(text)).toThrow(ExpressionError);
});
