/** Random expressions, each as text and as a function of the framework. */
import { type Tensor, tensor } from "@needle/autograd";
import fc from "fast-check";
import { longest } from "./expression.ts";

/** The variables of the expressions. */
export const names = ["x1", "x2", "x3"] as const;
export const float64 = { dtype: "float64" } as const;

/** A text, and what it says in the framework. */
export interface Sample {
  readonly text: string;
  readonly f: (x: readonly Tensor[]) => Tensor;
}

/** Random expressions, most of them defined everywhere. */
const samples = fc.letrec<{ sample: Sample }>((tie) => {
  const a = tie("sample");
  const unary = (text: (a: string) => string, f: (a: Tensor) => Tensor): fc.Arbitrary<Sample> =>
    a.map((inner) => ({ text: text(inner.text), f: (x) => f(inner.f(x)) }));
  const binary = (
    text: (a: string, b: string) => string,
    f: (a: Tensor, b: Tensor) => Tensor,
  ): fc.Arbitrary<Sample> =>
    fc.tuple(a, a).map(([left, right]) => ({
      text: text(left.text, right.text),
      f: (x) => f(left.f(x), right.f(x)),
    }));
  const variable = fc.nat(names.length - 1).map((i) => ({
    text: names[i]!,
    f: (x: readonly Tensor[]) => x[i]!,
  }));
  const number = fc.constantFrom(0, 1, 2, 0.5, 3).map((value) => ({
    text: String(value),
    f: () => tensor(value, float64),
  }));
  const power = fc.tuple(a, fc.nat(4)).map(([base, n]) => ({
    text: `(${base.text})^${n}`,
    f: (x: readonly Tensor[]) => base.f(x).pow(n),
  }));
  return {
    sample: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      variable,
      number,
      power,
      binary(
        (p, q) => `(${p}) + ${q}`,
        (p, q) => p.add(q),
      ),
      binary(
        (p, q) => `(${p}) - (${q})`,
        (p, q) => p.sub(q),
      ),
      binary(
        (p, q) => `(${p})*(${q})`,
        (p, q) => p.mul(q),
      ),
      binary(
        (p, q) => `(${p})/((${q})^2 + 1)`,
        (p, q) => p.div(q.square().add(1)),
      ),
      binary(
        (p, q) => `exp(sin(${p}))^(${q})`,
        (p, q) => p.sin().exp().pow(q),
      ),
      unary(
        (p) => `-(${p})`,
        (p) => p.neg(),
      ),
      unary(
        (p) => `exp(tanh(${p}))`,
        (p) => p.tanh().exp(),
      ),
      unary(
        (p) => `sin(${p})`,
        (p) => p.sin(),
      ),
      unary(
        (p) => `cos(${p})`,
        (p) => p.cos(),
      ),
      unary(
        (p) => `tanh(${p})`,
        (p) => p.tanh(),
      ),
      unary(
        (p) => `relu(${p})`,
        (p) => p.relu(),
      ),
      unary(
        (p) => `log((${p})^2 + 1)`,
        (p) => p.square().add(1).log(),
      ),
      unary(
        (p) => `sqrt((${p})^2 + 0.5)`,
        (p) => p.square().add(0.5).sqrt(),
      ),
    ),
  };
}).sample;

/** Expressions, points, and directions. */
export const cases: fc.Arbitrary<Sample & { at: number[]; along: number[] }> = fc
  .record({
    sample: samples.filter(({ text }) => text.length <= longest),
    at: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
    along: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ sample, at, along }) => ({ ...sample, at, along }));
