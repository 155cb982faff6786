/**
 * What each elementwise op gives for single numbers: floats in double precision, not yet rounded to
 * the dtype; integers exactly, then wrapped. Written apart from the reference backend, so that the
 * two can be compared.
 */
import type { BinaryOp, UnaryOp } from "../backend.ts";
import { type DType, isFloat } from "../dtype.ts";

const holders: Record<DType, (value: number) => number> = {
  bool: (value) => truth(value !== 0),
  uint8: (value) => Number(BigInt.asUintN(8, whole(value))),
  int32: (value) => Number(BigInt.asIntN(32, whole(value))),
  float32: Math.fround,
  float64: (value) => value,
};

/**
 * A number as an element of `dtype` holds it: rounded, cut towards zero and wrapped, or 0 and 1.
 */
export function hold(dtype: DType, value: number): number {
  return holders[dtype](value);
}

/** Whether `dtype` holds whole numbers that wrap around. */
export function isWhole(dtype: DType): dtype is "uint8" | "int32" {
  return dtype === "uint8" || dtype === "int32";
}

/** The low bits of an exact whole number, as `dtype` holds them. */
export function wrap(dtype: "uint8" | "int32", value: bigint): number {
  return Number(dtype === "int32" ? BigInt.asIntN(32, value) : BigInt.asUintN(8, value));
}

function whole(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}

function truth(holds: boolean): number {
  return holds ? 1 : 0;
}

/** Zero takes the sign of `x`, as IEEE 754 asks of every rounding to a whole number. */
function signed(result: number, x: number): number {
  return result === 0 && (x < 0 || Object.is(x, -0)) ? -0 : result;
}

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const gap = x - below;
  if (Number.isNaN(gap)) return x;
  if (gap === 0.5) return signed(below % 2 === 0 ? below : below + 1, x);
  return signed(gap < 0.5 ? below : below + 1, x);
}

const unaryValues: Record<UnaryOp, (x: number) => number> = {
  neg: (x) => -x,
  abs: (x) => (x < 0 ? -x : x === 0 ? 0 : x),
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x),
  square: (x) => x * x,
  relu: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  floor: (x) => Math.floor(x),
  ceil: (x) => -Math.floor(-x),
  round: roundHalfEven,
  trunc: (x) => (x < 0 ? -Math.floor(-x) : Math.floor(x)),
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  tanh: Math.tanh,
  // The second form is exact to the smallest numbers: e^-x does not overflow.
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  isNaN: (x) => truth(Number.isNaN(x)),
  isFinite: (x) => truth(x - x === 0),
  isInf: (x) => truth(!Number.isNaN(x) && x - x !== 0),
  logicalNot: (x) => truth(x === 0),
};

/** The value of a one-input op on an element of `dtype`. */
export function unaryValue(op: UnaryOp, dtype: DType, x: number): number {
  if (op === "square" && isWhole(dtype)) return wrap(dtype, BigInt(x) * BigInt(x));
  return unaryValues[op](x);
}

const binaryValues: Record<BinaryOp, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: power,
  maximum: (a, b) => chosen(a, b, a > b),
  minimum: (a, b) => chosen(a, b, a < b),
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  lt: (a, b) => truth(a < b),
  le: (a, b) => truth(a <= b),
  gt: (a, b) => truth(a > b),
  ge: (a, b) => truth(a >= b),
  logicalAnd: (a, b) => truth(a !== 0) * truth(b !== 0),
  logicalOr: (a, b) => truth(a !== 0 || b !== 0),
  logicalXor: (a, b) => Math.abs(truth(a !== 0) - truth(b !== 0)),
};

/** The first if it is better, else the second; NaN if either is. */
function chosen(a: number, b: number, isBetter: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  return isBetter ? a : b;
}

/** IEEE 754's power, which JavaScript's leaves at two places. */
function power(a: number, b: number): number {
  if (a === 1) return 1;
  return a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY ? 1 : a ** b;
}

/** Exact arithmetic on whole numbers, of which only the low 32 bits matter. */
const wholeValues = new Map<BinaryOp, (a: bigint, b: bigint) => bigint>([
  ["add", (a, b) => a + b],
  ["sub", (a, b) => a - b],
  ["mul", (a, b) => a * b],
  ["pow", wholePower],
]);

function wholePower(a: bigint, b: bigint): bigint {
  let product = 1n;
  for (let i = 0n; i < b; i++) product = BigInt.asIntN(32, product * a);
  return product;
}

/**
 * The value of a two-input op on elements of `dtype`. Whole powers need an exponent of at least 0.
 */
export function binaryValue(op: BinaryOp, dtype: DType, a: number, b: number): number {
  const exact = wholeValues.get(op);
  if (isWhole(dtype) && exact !== undefined) return wrap(dtype, exact(BigInt(a), BigInt(b)));
  const value = binaryValues[op](a, b);
  return dtype === "bool" ? truth(value !== 0) : value;
}

/** The distance between neighbouring elements of a float dtype at `x`. */
export function ulp(dtype: DType, x: number): number {
  if (!isFloat(dtype)) return 0;
  const [digits, smallest] = dtype === "float32" ? [23, -126] : [52, -1022];
  const size = Math.abs(x);
  const exponent = size === 0 ? smallest : Math.max(smallest, exponentOf(size));
  return 2 ** (exponent - digits);
}

/** The power of two at or below a positive number. Math.log2 alone rounds up just below a power. */
function exponentOf(size: number): number {
  const guess = Math.floor(Math.log2(size));
  return 2 ** guess > size ? guess - 1 : guess;
}
