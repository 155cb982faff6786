import { grad, hessian, jvp, type Tensor, tensor } from "@needle/autograd";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjointOf, type Derivation, derive, valueOf } from "./derivation.ts";
import { longest, parse } from "./expression.ts";
import { graphOf, type Node, type OpName, ops, simplified } from "./graph.ts";
import { expressionOf, formulaOf, plain, showNumber } from "./notation.ts";
import { cases, float64, names, type Sample } from "./random.fixture.ts";

function pointOf(at: readonly number[], along: readonly number[] = [1, 0, 0]) {
  return {
    values: new Map(names.map((name, i) => [name, at[i]!])),
    direction: new Map(names.map((name, i) => [name, along[i]!])),
  };
}

function gradientOf(derivation: Derivation): number[] {
  return names.map((name) => {
    const node = adjointOf(derivation, name);
    return node === null ? 0 : valueOf(derivation, node);
  });
}

/** The framework's function of one tensor of all variables. */
function together(f: Sample["f"]): (x: Tensor) => Tensor {
  // Every variable takes part, so that there always is a gradient.
  return (x) => f(names.map((_, i) => x.slice(i))).add(x.sum().mul(0));
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  const scale = Math.max(1, ...expected.map(Math.abs));
  fc.pre(scale < 1e6 && expected.every(Number.isFinite));
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-9 * scale);
  });
}

describe("on random expressions it agrees with the framework in", () => {
  const options = { seed: 1, numRuns: 150 };

  test("values and reverse mode", () => {
    const property = fc.property(cases, ({ text, f, at }) => {
      const derivation = derive(graphOf(parse(text), names), pointOf(at));
      const x = tensor(at, float64);
      expectClose([valueOf(derivation, derivation.output)], [together(f)(x).item()]);
      expectClose(gradientOf(derivation), [...grad(together(f))(x).value.toTypedArray()]);
    });
    fc.assert(property, options);
  });

  test("forward mode", () => {
    const property = fc.property(cases, ({ text, f, at, along }) => {
      const derivation = derive(graphOf(parse(text), names), pointOf(at, along));
      const tangent = derivation.tangents.get(derivation.output)!;
      const [x, direction] = [tensor(at, float64), tensor(along, float64)];
      const [, slope] = jvp(together(f), [x], [direction]);
      expectClose([valueOf(derivation, tangent)], [slope.item()]);
    });
    fc.assert(property, options);
  });

  test("second derivatives of the extended graph", () => {
    const property = fc.property(cases, ({ text, f, at }) => {
      const first = derive(graphOf(parse(text), names), pointOf(at));
      const rows = names.flatMap((name) => {
        const adjoint = adjointOf(first, name);
        if (adjoint === null) return [0, 0, 0];
        return gradientOf(derive(simplified(adjoint, names), pointOf(at)));
      });
      const expected = hessian(together(f))(tensor(at, float64)) as Tensor;
      expectClose(rows, [...expected.value.toTypedArray()]);
    });
    fc.assert(property, options);
  });

  test("what is written of a graph, read again", () => {
    const property = fc.property(cases, ({ text, at }) => {
      const output = graphOf(parse(text), names);
      const formula = expressionOf(output);
      fc.pre(formula !== null);
      const written = plain(formula!).replaceAll("−", "-").replaceAll("·", "*");
      fc.pre(written.length <= longest);
      const again = graphOf(parse(written), names);
      const [value, same] = [output, again].map((node) => {
        const derivation = derive(node, pointOf(at));
        return valueOf(derivation, node);
      });
      expectClose([same!], [value!]);
    });
    fc.assert(property, options);
  });
});

describe("the example of the lecture", () => {
  const variables = ["x1", "x2"];
  const output = graphOf(parse("log(x1) + x1*x2 - sin(x2)"), variables);
  const point = {
    values: new Map([
      ["x1", 2],
      ["x2", 5],
    ]),
    direction: new Map([["x1", 1]]),
  };
  const derivation = derive(output, point);
  const { adjoints, forward } = derivation;
  const nameOf = (node: Node): string => plain([derivation.names.get(node)!]);

  test("has seven nodes with these values", () => {
    expect(forward.map(nameOf)).toEqual(["v1", "v2", "v3", "v4", "v5", "v6", "v7"]);
    const shown = forward.map((node) => showNumber(valueOf(derivation, node)));
    expect(shown).toEqual(["2", "5", "0.693147", "10", "10.6931", "−0.958924", "11.6521"]);
  });

  test("has these tangents", () => {
    const shown = forward.map((node) => valueOf(derivation, derivation.tangents.get(node)!));
    expect(shown).toEqual([1, 0, 0.5, 5, 5.5, 0, 5.5]);
  });

  test("has these adjoints, each found once all its uses are", () => {
    expect(adjoints.map(({ total }) => nameOf(total))).toEqual(
      [7, 6, 5, 4, 3, 2, 1].map((i) => `v\u0304${i}`),
    );
    const last = adjoints.at(-1)!;
    expect(last.parts.map(({ node }) => nameOf(node))).toEqual(["v\u03041→3", "v\u03041→4"]);
    expect(last.parts.map(({ node }) => valueOf(derivation, node))).toEqual([0.5, 5]);
    expect(valueOf(derivation, last.total)).toBe(5.5);
    expect(plain(formulaOf(last.parts[1]!.node, derivation.names))).toBe("v\u03044 · v2");
  });

  test.each([
    ["x1", "1 / x1 + x2"],
    ["x2", "x1 − cos(x2)"],
  ])("has the derivative by %s that one would write", (name, text) => {
    expect(plain(expressionOf(simplified(adjointOf(derivation, name)!, variables))!)).toBe(text);
  });
});

describe("derivatives", () => {
  test("of any order come from repeating it", () => {
    const point = { values: new Map([["x", 2]]), direction: new Map() };
    let output = graphOf(parse("x^4"), ["x"]);
    const values: number[] = [];
    for (let order = 0; order <= 5; order++) {
      const derivation = derive(output, point);
      values.push(valueOf(derivation, output));
      const adjoint = adjointOf(derivation, "x");
      if (adjoint !== null) output = simplified(adjoint, ["x"]);
    }
    expect(values).toEqual([16, 32, 48, 48, 24, 24]);
    expect(plain(expressionOf(output)!)).toBe("24");
  });

  test("by a variable that is not there are none", () => {
    const derivation = derive(graphOf(parse("x1 * 2"), names), pointOf([1, 2, 3]));
    expect(adjointOf(derivation, "x2")).toBeNull();
    expect(gradientOf(derivation)).toEqual([2, 0, 0]);
  });

  test("of numbers alone are not asked for", () => {
    const derivation = derive(graphOf(parse("2 * 3 + x1"), names), pointOf([1, 2, 3]));
    expect(derivation.adjoints.map(({ of }) => of.kind)).toEqual(["add", "variable"]);
  });

  test("sum over both uses of one node", () => {
    const { adjoints } = derive(graphOf(parse("x1 * x1"), names), pointOf([3, 0, 0]));
    expect(adjoints.at(-1)!.parts.map(({ input }) => input)).toEqual([0, 1]);
    expect(gradientOf(derive(graphOf(parse("x1 * x1"), names), pointOf([3, 0, 0])))[0]).toBe(6);
  });

  test("relu has slope 0 at 0", () => {
    const derivation = derive(graphOf(parse("relu(x1)"), names), pointOf([0, 0, 0]));
    expect(gradientOf(derivation)[0]).toBe(0);
  });

  test.each(Object.keys(ops) as OpName[])("%s passes NaN on", (op) => {
    expect(ops[op].value(Number.NaN, Number.NaN)).toBeNaN();
  });
});
