/** Elementwise kernels: the value tables, and one loop for each number of inputs. */
import type { BinaryOp, Operand, UnaryOp, View } from "../../backend.ts";
import type { DType } from "../../dtype.ts";
import { erf, erfc } from "./erf.ts";
import { dataOf, forEachRow, source } from "./loops.ts";

/** `v` rounded to a whole number, halves to the even neighbour. */
function roundHalfEven(v: number): number {
  const nearest = Math.round(v);
  return nearest - v === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest === 0 ? v * 0 : nearest;
}

/** e^-x would overflow far below 0. */
function sigmoid(x: number): number {
  return (x < 0 ? Math.exp(x) : 1) / (1 + Math.exp(-Math.abs(x)));
}

/** What is left of `a` after whole multiples of `b`, with the sign of `b`. */
function remainder(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** The whole number below `a / b`, by way of the exact remainder: 1 / 0.1 is below 10. */
function floorDivide(a: number, b: number): number {
  if (b === 0) return a / b;
  const rest = a % b;
  const quotient = (a - rest) / b;
  const below = rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient;
  return below === 0 ? copysign(0, a / b) : Math.round(below);
}

function copysign(a: number, b: number): number {
  return b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a);
}

function logaddexp(a: number, b: number): number {
  // Equal infinities have no difference.
  if (a === b) return a + Math.LN2;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

/** What each unary op is. Comparisons give 0 or 1. */
const unaryKernels: Record<UnaryOp, Unary> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  square: (x) => x * x,
  relu: (x) => Math.max(x, 0),
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  trunc: Math.trunc,
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf,
  erfc,
  sigmoid,
  logSigmoid: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
  silu: (x) => x * sigmoid(x),
  gelu: (x) => 0.5 * x * erfc(-x * Math.SQRT1_2),
  isNaN: (x) => (Number.isNaN(x) ? 1 : 0),
  isFinite: (x) => (Number.isFinite(x) ? 1 : 0),
  isInf: (x) => (Math.abs(x) === Number.POSITIVE_INFINITY ? 1 : 0),
  logicalNot: (x) => (x === 0 ? 1 : 0),
};

/** What each binary op is. */
const binaryKernels: Record<BinaryOp, Binary> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  // JavaScript gives NaN for 1 ** NaN and (-1) ** Infinity, IEEE 754 gives 1.
  pow: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
  fmod: (a, b) => a % b,
  remainder,
  floorDivide,
  atan2: Math.atan2,
  hypot: Math.hypot,
  copysign,
  logaddexp,
  maximum: Math.max,
  minimum: Math.min,
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  gt: (a, b) => (a > b ? 1 : 0),
  ge: (a, b) => (a >= b ? 1 : 0),
  logicalAnd: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  logicalOr: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
  logicalXor: (a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0),
  bitwiseAnd: (a, b) => a & b,
  bitwiseOr: (a, b) => a | b,
  bitwiseXor: (a, b) => a ^ b,
  // JavaScript shifts by the low five bits of b; by 32 or more, nothing of a is left.
  leftShift: (a, b) => (b >>> 0 < 32 ? a << b : 0),
  rightShift: (a, b) => a >> (b >>> 0 < 32 ? b : 31),
};

/** Products of whole numbers wrap around: their low 32 bits count, which doubles may lose. */
const wholeUnary: Partial<Record<UnaryOp, Unary>> = { square: (x) => Math.imul(x, x) };
const wholeBinary: Partial<Record<BinaryOp, Binary>> = {
  mul: Math.imul,
  pow: wholePower,
  floorDivide: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
};

/** The ops that are something else on some dtypes of the output. Sums of bools stay 0 or 1. */
const unaryExceptions: Partial<Record<DType, typeof wholeUnary>> = {
  uint8: wholeUnary,
  int32: wholeUnary,
};
const binaryExceptions: Partial<Record<DType, typeof wholeBinary>> = {
  bool: { add: binaryKernels.logicalOr },
  uint8: wholeBinary,
  int32: wholeBinary,
};

/** `a ** b` by repeated squaring. */
function wholePower(a: number, b: number): number {
  if (b < 0) return a ** b;
  let result = 1;
  for (let factor = a, rest = b; rest > 0; rest >>>= 1) {
    if (rest & 1) result = Math.imul(result, factor);
    factor = Math.imul(factor, factor);
  }
  return result;
}

export function fill(out: View, value: number): void {
  const target = dataOf(out);
  const stored = out.dtype === "bool" ? Number(value !== 0) : value;
  forEachRow(out.shape, [out], ([start], count, [step]) => {
    for (let i = 0, o = start!; i < count; i++, o += step!) target[o] = stored;
  });
}

export function copy(out: View, x: View): void {
  const target = dataOf(out);
  const from = dataOf(x);
  const toBool = out.dtype === "bool" && x.dtype !== "bool";
  const sameDType = out.dtype === x.dtype;
  forEachRow(out.shape, [out, x], ([first, second], count, [outStep, step]) => {
    if (sameDType && outStep === 1 && step === 1) {
      target.set(from.subarray(second!, second! + count), first!);
      return;
    }
    for (let i = 0, o = first!, p = second!; i < count; i++, o += outStep!, p += step!) {
      target[o] = toBool ? Number(from[p] !== 0) : from[p]!;
    }
  });
}

export function unary(op: UnaryOp, out: View, x: View): void {
  const kernel = unaryExceptions[out.dtype]?.[op] ?? unaryKernels[op];
  const target = dataOf(out);
  const from = dataOf(x);
  forEachRow(out.shape, [out, x], ([first, second], count, [outStep, step]) => {
    for (let i = 0, o = first!, p = second!; i < count; i++, o += outStep!, p += step!) {
      target[o] = kernel(from[p]!);
    }
  });
}

export function binary(op: BinaryOp, out: View, a: Operand, b: Operand): void {
  const kernel = binaryExceptions[out.dtype]?.[op] ?? binaryKernels[op];
  const target = dataOf(out);
  const { dtype } = typeof a !== "number" ? a : typeof b !== "number" ? b : out;
  const left = source(a, dtype);
  const right = source(b, dtype);
  forEachRow(
    out.shape,
    [out, left, right],
    ([first, second, third], count, [outStep, stepA, stepB]) => {
      for (
        let i = 0, o = first!, p = second!, q = third!;
        i < count;
        i++, o += outStep!, p += stepA!, q += stepB!
      ) {
        target[o] = kernel(left.data[p]!, right.data[q]!);
      }
    },
  );
}

export function where(out: View, condition: View, a: Operand, b: Operand): void {
  const target = dataOf(out);
  const mask = dataOf(condition);
  const left = source(a, out.dtype);
  const right = source(b, out.dtype);
  forEachRow(out.shape, [out, condition, left, right], (offsets, count, steps) => {
    let [o, m, p, q] = offsets as [number, number, number, number];
    const [outStep, maskStep, stepA, stepB] = steps as [number, number, number, number];
    for (let i = 0; i < count; i++, o += outStep, m += maskStep, p += stepA, q += stepB) {
      target[o] = mask[m] !== 0 ? left.data[p]! : right.data[q]!;
    }
  });
}
