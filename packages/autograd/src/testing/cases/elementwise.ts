/**
 * The cases of the elementwise ops: a line each, with the formula and, where the op is not smooth
 * everywhere, the domain.
 */
import { clamp, type Tensor, where } from "../../index.ts";
import * as ops from "../../ops/elementwise.ts";
import {
  asIs,
  awayFromZero,
  binary,
  binaryTest,
  bits,
  type Case,
  type Domain,
  differentiable,
  onElements,
  positive,
  scattered,
  special,
  unary,
  unaryTest,
  use,
  useViews,
  wholes,
  withinOne,
} from "./case.ts";
import { build, type Grid, stretchedAt } from "./grid.ts";

/** 1.2 to 3.2. */
const beyondOne: Domain = (u) => 1.2 + 2 * u;

/** The error function by its series of terms of one sign: 2 / sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!. */
export function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 100; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** The cases of the elementwise ops. */
export const elementwiseCases: Record<keyof typeof ops, Case> = {
  neg: unary(ops.neg, (x) => -x),
  abs: unary(ops.abs, Math.abs, awayFromZero),
  sign: unary(ops.sign, Math.sign, awayFromZero),
  square: unary(ops.square, (x) => x * x),
  exp: unary(ops.exp, Math.exp),
  exp2: unary(ops.exp2, (x) => Math.exp(x * Math.LN2)),
  expm1: unary(ops.expm1, Math.expm1),
  log: unary(ops.log, Math.log, positive),
  log2: unary(ops.log2, (x) => Math.log(x) / Math.LN2, positive),
  log10: unary(ops.log10, (x) => Math.log(x) / Math.LN10, positive),
  log1p: unary(ops.log1p, Math.log1p, positive),
  sqrt: unary(ops.sqrt, Math.sqrt, positive),
  rsqrt: unary(ops.rsqrt, (x) => x ** -0.5, positive),
  reciprocal: unary(ops.reciprocal, (x) => 1 / x, awayFromZero),
  sin: unary(ops.sin, Math.sin),
  cos: unary(ops.cos, Math.cos),
  tan: unary(
    ops.tan,
    (x) => Math.sin(x) / Math.cos(x),
    (u) => 2 * u - 1,
  ),
  asin: unary(ops.asin, (x) => Math.atan2(x, Math.sqrt(1 - x * x)), withinOne),
  acos: unary(ops.acos, (x) => Math.atan2(Math.sqrt(1 - x * x), x), withinOne),
  atan: unary(ops.atan, (x) => Math.atan2(x, 1)),
  sinh: unary(ops.sinh, (x) => (Math.exp(x) - Math.exp(-x)) / 2),
  cosh: unary(ops.cosh, (x) => (Math.exp(x) + Math.exp(-x)) / 2),
  asinh: unary(ops.asinh, (x) => Math.log(x + Math.sqrt(x * x + 1))),
  acosh: unary(ops.acosh, (x) => Math.log(x + Math.sqrt(x * x - 1)), beyondOne),
  atanh: unary(ops.atanh, (x) => Math.log((1 + x) / (1 - x)) / 2, withinOne),
  erf: unary(ops.erf, erfSeries),
  erfc: unary(ops.erfc, (x) => 1 - erfSeries(x)),
  tanh: unary(ops.tanh, (x) => Math.sinh(x) / Math.cosh(x)),

  add: binary(ops.add, (a, b) => a + b),
  sub: binary(ops.sub, (a, b) => a - b),
  mul: binary(ops.mul, (a, b) => a * b),
  div: binary(ops.div, (a, b) => a / b, { b: awayFromZero }),
  pow: binary(ops.pow, (a, b) => Math.exp(b * Math.log(a)), { a: positive }),
  maximum: binary(ops.maximum, Math.max),
  minimum: binary(ops.minimum, Math.min),

  where: differentiable((draw) => {
    const condition = (...shape: number[]): Tensor => draw(shape, bits, "bool");
    const choose = (c: Grid, a: Grid, b: Grid): Grid =>
      build([2, 3], (i) => stretchedAt(stretchedAt(c, i) === 1 ? a : b, i));
    const two: Grid = { shape: [], values: [2] };
    return [
      use("[2,3] each", [condition(2, 3), draw([2, 3]), draw([2, 3])], where, choose),
      use("[2,1], [3] and []", [condition(2, 1), draw([3]), draw([])], where, choose),
      use("[], [2,1] and [3]", [condition(), draw([2, 1]), draw([3])], where, choose),
      use(
        "a condition of floats",
        [draw([3], bits, "int32"), draw([2, 3]), draw([3])],
        where,
        choose,
      ),
      use(
        "a number where true",
        [condition(2, 3), draw([1, 3])],
        (c, b) => where(c, 2, b),
        (c, b) => choose(c, two, b),
      ),
      use(
        "a number where false",
        [condition(2, 3), draw([2, 1])],
        (c, a) => where(c, a, 2),
        (c, a) => choose(c, a, two),
      ),
      useViews(
        "scattered views",
        [condition(3, 4, 2), draw([3, 4, 2]), draw([3, 1])],
        [scattered, scattered, asIs],
        where,
        (c, a, b) => build([2, 3, 2], (i) => stretchedAt(stretchedAt(c, i) === 1 ? a : b, i)),
      ),
    ];
  }),

  clamp: differentiable((draw) => [
    ...onElements(
      draw,
      (x) => clamp(x, -1.03, 0.52),
      (x) => Math.min(Math.max(x, -1.03), 0.52),
    ),
    ...onElements(
      draw,
      (x) => clamp(x, null, 0.52),
      (x) => Math.min(x, 0.52),
    ),
    ...onElements(
      draw,
      (x) => clamp(x, -1.03, null),
      (x) => Math.max(x, -1.03),
    ),
    ...onElements(
      draw,
      (x) => clamp(x, null, null),
      (x) => x,
    ),
  ]),

  isNaN: unaryTest(ops.isNaN, Number.isNaN, special),
  isFinite: unaryTest(ops.isFinite, Number.isFinite, special),
  isInf: unaryTest(ops.isInf, (x) => Math.abs(x) === Infinity, special),
  logicalNot: unaryTest(ops.logicalNot, (x) => x === 0, wholes),
  eq: binaryTest(ops.eq, (a, b) => a === b),
  ne: binaryTest(ops.ne, (a, b) => a !== b),
  lt: binaryTest(ops.lt, (a, b) => a < b),
  le: binaryTest(ops.le, (a, b) => a <= b),
  gt: binaryTest(ops.gt, (a, b) => a > b),
  ge: binaryTest(ops.ge, (a, b) => a >= b),
  logicalAnd: binaryTest(ops.logicalAnd, (a, b) => a !== 0 && b !== 0),
  logicalOr: binaryTest(ops.logicalOr, (a, b) => a !== 0 || b !== 0),
  logicalXor: binaryTest(ops.logicalXor, (a, b) => (a !== 0) !== (b !== 0)),
};
