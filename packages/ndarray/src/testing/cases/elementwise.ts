/**
 * Elementwise kernels. The tables state, for every op, how exact it has to be and on what; an op
 * added to `backend.ts` does not compile until it has a line here.
 */
import fc from "fast-check";
import {
  type BinaryOp,
  binaryOps,
  type ResultKind,
  type UnaryOp,
  unaryOps,
} from "../../backend.ts";
import { type DType, dtypes, isFloat } from "../../dtype.ts";
import { moderateValues, shapes, values, views } from "../arbitraries.ts";
import { type Allowance, rounded, withinUlps } from "../close.ts";
import {
  HostArray,
  type HostOperand,
  type HostView,
  hostBinary,
  hostUnary,
  hostWhere,
} from "../host.ts";
import { type ConformanceCase, forAll } from "./case.ts";

/** How exact an op is, and the elements it is tried on. */
interface UnaryLaw {
  /**
   * `exact`: the true value rounded once; IEEE 754 asks it of arithmetic and square roots, and
   * double precision rounded to float32 gives it. `ulps`: as far off as the caller allows, for
   * functions without a cheap exact form. `phase`: the same, but near a zero of the function the
   * error counts as that of a result of 2^-6, for what reducing the argument leaves. `tail`:
   * four times as far, for what squaring the argument costs the digits of e^(-x^2). `bounded`: as
   * far as a result of 1 may be, for a product of one small and one large number.
   */
  readonly error: "exact" | "ulps" | "phase" | "tail" | "bounded";
  /** Whether -0 is told from 0. */
  readonly zeroSign?: boolean;
  /** Elements tried; any unless given. */
  readonly on?: (dtype: DType) => fc.Arbitrary<number>;
}

const keepsZero: UnaryLaw = { error: "exact", zeroSign: true };
const exact: UnaryLaw = { error: "exact" };
const inexact: UnaryLaw = { error: "ulps" };
// Arguments stay small: far ones need an exact argument reduction, which not every backend has.
const periodic: UnaryLaw = {
  error: "phase",
  on: (dtype) => moderateValues(dtype).map((x) => x / 4),
};

/** From -1 to 1 as often as beyond. */
const unitInterval: UnaryLaw = {
  error: "ulps",
  on: (dtype) =>
    fc.oneof(
      moderateValues(dtype).map((x) => Math.fround(x / 128)),
      values(dtype),
    ),
};

/** Where a function of e^(-x^2) is neither flat nor gone, as often as anywhere. */
function central(dtype: DType): fc.Arbitrary<number> {
  return fc.oneof(
    moderateValues(dtype).map((x) => Math.fround(x / 16)),
    values(dtype),
  );
}

const unaryLaws: Record<UnaryOp, UnaryLaw> = {
  neg: keepsZero,
  abs: keepsZero,
  sign: exact,
  square: exact,
  relu: exact,
  floor: keepsZero,
  ceil: keepsZero,
  round: keepsZero,
  trunc: keepsZero,
  exp: inexact,
  exp2: inexact,
  expm1: inexact,
  log: inexact,
  log2: inexact,
  log10: inexact,
  log1p: inexact,
  sqrt: keepsZero,
  rsqrt: inexact,
  reciprocal: exact,
  sin: periodic,
  cos: periodic,
  tan: periodic,
  asin: unitInterval,
  acos: unitInterval,
  atan: inexact,
  sinh: inexact,
  cosh: inexact,
  tanh: inexact,
  asinh: inexact,
  acosh: inexact,
  atanh: unitInterval,
  erf: { error: "ulps", on: central },
  erfc: { error: "tail", on: central },
  sigmoid: inexact,
  logSigmoid: inexact,
  silu: inexact,
  gelu: { error: "bounded", on: central },
  isNaN: exact,
  isFinite: exact,
  isInf: exact,
  logicalNot: exact,
};

interface BinaryLaw {
  readonly error: "exact" | "ulps";
  /** Right operands tried; any unless given. */
  readonly right?: (dtype: DType) => fc.Arbitrary<number>;
  /** Dtypes the kernel need not know. */
  readonly without?: readonly DType[];
}

const arithmetic: BinaryLaw = { error: "exact" };

/** Exponents: negative whole ones are no business of integers, and far ones only overflow. */
function exponents(dtype: DType): fc.Arbitrary<number> {
  if (dtype === "bool") return moderateValues(dtype);
  if (!isFloat(dtype)) return fc.nat(40);
  return fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    moderateValues(dtype).map((x) => Math.fround(x / 5)),
    values(dtype),
  );
}

const bitwise: BinaryLaw = { error: "exact", without: ["float32", "float64"] };
const shift: BinaryLaw = {
  error: "exact",
  without: ["bool", "float32", "float64"],
  right: () => fc.nat(40),
};

const binaryLaws: Record<BinaryOp, BinaryLaw> = {
  add: arithmetic,
  sub: { error: "exact", without: ["bool"] },
  mul: arithmetic,
  div: arithmetic,
  pow: { error: "ulps", right: exponents },
  fmod: { error: "exact", without: ["bool"] },
  remainder: { error: "exact", without: ["bool"] },
  floorDivide: { error: "ulps", without: ["bool"] },
  atan2: { error: "ulps" },
  hypot: { error: "ulps" },
  copysign: arithmetic,
  logaddexp: { error: "ulps" },
  maximum: arithmetic,
  minimum: arithmetic,
  eq: arithmetic,
  ne: arithmetic,
  lt: arithmetic,
  le: arithmetic,
  gt: arithmetic,
  ge: arithmetic,
  logicalAnd: arithmetic,
  logicalOr: arithmetic,
  logicalXor: arithmetic,
  bitwiseAnd: bitwise,
  bitwiseOr: bitwise,
  bitwiseXor: bitwise,
  leftShift: shift,
  rightShift: shift,
};

/**
 * The dtypes a kernel is called with: ops convert integers to floats first, and refuse arithmetic
 * that bool does not have.
 */
const inputs: Record<
  ResultKind,
  { readonly unary: readonly DType[]; readonly binary: readonly DType[] }
> = {
  same: { unary: dtypes.filter((dtype) => dtype !== "bool"), binary: dtypes },
  float: { unary: dtypes.filter(isFloat), binary: dtypes.filter(isFloat) },
  bool: { unary: dtypes, binary: dtypes },
};

/**
 * The distance allowed. In float64 the model itself may be two units off, as it has no digits to
 * spare.
 */
function allowance(error: UnaryLaw["error"], dtype: DType, ulps: number): Allowance {
  if (error === "exact" || !isFloat(dtype)) return rounded;
  const units = dtype === "float64" ? ulps + 2 : ulps;
  const within = withinUlps(dtype, error === "tail" ? 4 * units : units);
  const atLeast = error === "phase" ? 2 ** -6 : error === "bounded" ? 1 : 0;
  return (expected, i) => within(Math.max(Math.abs(expected), atLeast), i);
}

function names<Name extends string>(table: Record<Name, ResultKind>): [Name, ResultKind][] {
  return Object.entries(table) as [Name, ResultKind][];
}

const unaryCases: ConformanceCase[] = names<UnaryOp>(unaryOps).flatMap(([op, kind]) =>
  inputs[kind].unary.map((dtype) => {
    const { error, zeroSign = false, on = values } = unaryLaws[op];
    const result = kind === "bool" ? "bool" : dtype;
    const sample = shapes().chain((shape) =>
      fc.record({
        x: views(dtype, shape, { values: on(dtype) }),
        out: views(result, shape, { stretch: false }),
      }),
    );
    return forAll(`${op} ${dtype}`, sample, (bench, { x, out }, ulps) => {
      const target = bench.place(out);
      bench.backend.unary(op, target, bench.place(x));
      const expected = hostUnary(op, result, HostArray.of(x));
      return bench.expect(target, out, expected, {
        allowed: allowance(error, dtype, ulps),
        zeroSign: zeroSign && isFloat(dtype),
      });
    });
  }),
);

/** A number as a user may write it beside an array: for floats not always one the dtype holds. */
function numbersBeside(dtype: DType, elements: fc.Arbitrary<number>): fc.Arbitrary<number> {
  return isFloat(dtype)
    ? fc.oneof(elements, fc.double({ min: -10, max: 10, noNaN: true }))
    : elements;
}

interface Pair {
  readonly a: HostView | number;
  readonly b: HostView | number;
  readonly out: HostView;
}

function modelOf(x: HostView | number): HostOperand {
  return typeof x === "number" ? x : HostArray.of(x);
}

function binaryCase(
  name: string,
  op: BinaryOp,
  dtype: DType,
  sample: fc.Arbitrary<Pair>,
): ConformanceCase {
  return forAll(name, sample, (bench, { a, b, out }, ulps) => {
    const target = bench.place(out);
    const [left, right] = [a, b].map((x) => (typeof x === "number" ? x : bench.place(x)));
    bench.backend.binary(op, target, left!, right!);
    const expected = hostBinary(op, out, dtype, modelOf(a), modelOf(b));
    return bench.expect(target, out, expected, {
      allowed: allowance(binaryLaws[op].error, dtype, ulps),
    });
  });
}

const binaryCases: ConformanceCase[] = names<BinaryOp>(binaryOps).flatMap(([op, kind]) => {
  const { right = values, without = [] } = binaryLaws[op];
  const known = inputs[kind].binary.filter((dtype) => !without.includes(dtype));
  return known.flatMap((dtype) => {
    const result = kind === "bool" ? "bool" : dtype;
    const pairs = (
      a: (shape: number[]) => fc.Arbitrary<HostView | number>,
      b: (shape: number[]) => fc.Arbitrary<HostView | number>,
    ) =>
      shapes().chain(
        (shape): fc.Arbitrary<Pair> =>
          fc.record({ a: a(shape), b: b(shape), out: views(result, shape, { stretch: false }) }),
      );
    const leftView = (shape: number[]): fc.Arbitrary<HostView> => views(dtype, shape);
    const rightView = (shape: number[]): fc.Arbitrary<HostView> =>
      views(dtype, shape, { values: right(dtype) });
    const cases = [binaryCase(`${op} ${dtype}`, op, dtype, pairs(leftView, rightView))];
    // A number beside bools makes int32 of both, before the kernel.
    if (dtype === "bool") return cases;
    cases.push(
      binaryCase(
        `${op} ${dtype}, a number on the right`,
        op,
        dtype,
        pairs(leftView, () => numbersBeside(dtype, right(dtype))),
      ),
      binaryCase(
        `${op} ${dtype}, a number on the left`,
        op,
        dtype,
        pairs(() => numbersBeside(dtype, values(dtype)), rightView),
      ),
    );
    return cases;
  });
});

const whereCases: ConformanceCase[] = dtypes.map((dtype) => {
  const operand = (shape: number[]): fc.Arbitrary<HostView | number> =>
    dtype === "bool"
      ? views(dtype, shape)
      : fc.oneof(
          { weight: 3, arbitrary: views(dtype, shape) },
          numbersBeside(dtype, values(dtype)),
        );
  const sample = shapes().chain((shape) =>
    fc.record({
      condition: views("bool", shape),
      a: operand(shape),
      b: operand(shape),
      out: views(dtype, shape, { stretch: false }),
    }),
  );
  return forAll(`where ${dtype}`, sample, (bench, { condition, a, b, out }) => {
    const target = bench.place(out);
    const [left, right] = [a, b].map((x) => (typeof x === "number" ? x : bench.place(x)));
    bench.backend.where(target, bench.place(condition), left!, right!);
    const expected = hostWhere(dtype, HostArray.of(condition), modelOf(a), modelOf(b));
    return bench.expect(target, out, expected, { zeroSign: true });
  });
});

/** Cases of `unary`, `binary` and `where`. */
export const elementwiseCases: readonly ConformanceCase[] = [
  ...unaryCases,
  ...binaryCases,
  ...whereCases,
];
