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
  erf: hostErf,
  erfc: hostErfc,
  // The second form is exact to the smallest numbers: e^-x does not overflow.
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  logSigmoid: (x) => (x < 0 ? x - Math.log1p(Math.exp(x)) : -Math.log1p(Math.exp(-x))),
  silu: (x) => (x >= 0 ? x / (1 + Math.exp(-x)) : (x * Math.exp(x)) / (1 + Math.exp(x))),
  gelu: (x) => (x / 2) * hostErfc(-x / Math.SQRT2),
  isNaN: (x) => truth(Number.isNaN(x)),
  isFinite: (x) => truth(x - x === 0),
  isInf: (x) => truth(!Number.isNaN(x) && x - x !== 0),
  logicalNot: (x) => truth(x === 0),
};

/** By the series of positive terms, where it is short, else by the complement. */
function hostErf(x: number): number {
  if (!(Math.abs(x) < 0.5)) return x < 0 ? hostErfc(-x) - 1 : 1 - hostErfc(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 40; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** By Laplace's continued fraction e^(-x^2) / sqrt(pi) / (x + 1/2 / (x + 2/2 / (x + 3/2 / …))). */
function hostErfc(x: number): number {
  if (Math.abs(x) < 0.5) return 1 - hostErf(x);
  if (x < 0) return 2 - hostErfc(-x);
  if (x > 27) return 0;
  let fraction = x;
  for (let n = 20 + Math.ceil(400 / (x * x)); n > 0; n--) fraction = x + n / 2 / fraction;
  // The 24 leading bits of x have an exact square.
  const leading = Math.fround(x);
  const bell = Math.exp(-(leading ** 2)) * Math.exp((leading - x) * (leading + x));
  return bell / Math.sqrt(Math.PI) / fraction;
}

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
  fmod: (a, b) => a % b,
  remainder: floorModulo,
  floorDivide: quotientBelow,
  atan2: Math.atan2,
  hypot: diagonal,
  copysign: (a, b) => (b > 0 || Object.is(b, 0) || Number.isNaN(b) ? 1 : -1) * Math.abs(a),
  logaddexp: (a, b) => largerPower(Math.max(a, b), Math.min(a, b)),
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
  bitwiseAnd: (a, b) => a & b,
  bitwiseOr: (a, b) => a | b,
  bitwiseXor: (a, b) => a ^ b,
  leftShift: (a, b) => a * 2 ** b,
  rightShift: (a, b) => Math.floor(a / 2 ** b),
};

/** The remainder with the sign of `b`. */
function floorModulo(a: number, b: number): number {
  const rest = a % b;
  return rest * b < 0 || (rest !== 0 && Math.sign(rest) === -Math.sign(b)) ? rest + b : rest;
}

/** The whole number below a / b; an infinite b leaves all of a, or b itself where signs differ. */
function quotientBelow(a: number, b: number): number {
  if (b === 0) return a / b;
  if (Number.isFinite(a) && !Number.isFinite(b) && !Number.isNaN(b))
    return Math.floor(a / b + (Math.sign(a) * Math.sign(b)) / 2);
  return Math.round((a - floorModulo(a, b)) / b);
}

/** The root of the sum of squares, an infinity beside anything. */
function diagonal(a: number, b: number): number {
  const largest = Math.max(Math.abs(a), Math.abs(b));
  if (Math.abs(a) === Number.POSITIVE_INFINITY || Math.abs(b) === Number.POSITIVE_INFINITY)
    return Number.POSITIVE_INFINITY;
  return largest === 0 ? 0 : largest * Math.sqrt((a / largest) ** 2 + (b / largest) ** 2);
}

/** log(e^high + e^low). */
function largerPower(high: number, low: number): number {
  return Number.isFinite(high) ? high + Math.log1p(Math.exp(low - high)) : high;
}

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
  ["fmod", (a, b) => (b === 0n ? 0n : a % b)],
  ["remainder", (a, b) => (b === 0n ? 0n : a - b * wholeFloor(a, b))],
  ["floorDivide", wholeFloor],
  ["leftShift", (a, b) => a << b],
  ["rightShift", (a, b) => a >> b],
]);

/** The whole number below the quotient; 0 for division by zero, as in NumPy. */
function wholeFloor(a: bigint, b: bigint): bigint {
  if (b === 0n) return 0n;
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

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
