/**
 * Elementwise ops. Each line states the value (the array op) and, for each input, `g` times the
 * partial derivative; the last word says which values that reads.
 */
import * as nd from "@needle/ndarray";
import { zerosLike } from "../create.ts";
import { type Binary, constant, elementwise, general, type Unary } from "../op.ts";
import type { Operand, Tensor } from "../tensor.ts";

/** `-x`. */
export const neg: Unary = elementwise("neg", nd.neg, [(g) => neg(g)], "nothing");
/** `|x|`; slope 0 at 0. */
export const abs: Unary = elementwise("abs", nd.abs, [(g, _y, x) => mul(g, sign(x))], "inputs");
/** -1, 0 or 1; slope 0 everywhere. */
export const sign: Unary = elementwise("sign", nd.sign, [(g) => zerosLike(g)], "nothing");
/** `x * x`. */
export const square: Unary = elementwise(
  "square",
  nd.square,
  [(g, _y, x) => mul(mul(g, x), 2)],
  "inputs",
);
/** `e^x`. */
export const exp: Unary = elementwise("exp", nd.exp, [(g, y) => mul(g, y)], "output");
/** `2^x`. */
export const exp2: Unary = elementwise(
  "exp2",
  nd.exp2,
  [(g, y) => mul(g, mul(y, Math.LN2))],
  "output",
);
/** `e^x - 1`, exact near 0. */
export const expm1: Unary = elementwise("expm1", nd.expm1, [(g, y) => mul(g, add(y, 1))], "output");
/** The natural logarithm. */
export const log: Unary = elementwise("log", nd.log, [(g, _y, x) => div(g, x)], "inputs");
/** The logarithm to base 2. */
export const log2: Unary = elementwise(
  "log2",
  nd.log2,
  [(g, _y, x) => div(g, mul(x, Math.LN2))],
  "inputs",
);
/** The logarithm to base 10. */
export const log10: Unary = elementwise(
  "log10",
  nd.log10,
  [(g, _y, x) => div(g, mul(x, Math.LN10))],
  "inputs",
);
/** `log(1 + x)`, exact near 0. */
export const log1p: Unary = elementwise(
  "log1p",
  nd.log1p,
  [(g, _y, x) => div(g, add(x, 1))],
  "inputs",
);
/** The square root. */
export const sqrt: Unary = elementwise("sqrt", nd.sqrt, [(g, y) => div(g, mul(y, 2))], "output");
/** `1 / sqrt(x)`. */
export const rsqrt: Unary = elementwise(
  "rsqrt",
  nd.rsqrt,
  [(g, y) => mul(mul(g, mul(square(y), y)), -0.5)],
  "output",
);
/** `1 / x`. */
export const reciprocal: Unary = elementwise(
  "reciprocal",
  nd.reciprocal,
  [(g, y) => neg(mul(g, square(y)))],
  "output",
);
/** The sine of x radians. */
export const sin: Unary = elementwise("sin", nd.sin, [(g, _y, x) => mul(g, cos(x))], "inputs");
/** The cosine of x radians. */
export const cos: Unary = elementwise("cos", nd.cos, [(g, _y, x) => neg(mul(g, sin(x)))], "inputs");
/** The tangent of x radians. */
export const tan: Unary = elementwise(
  "tan",
  nd.tan,
  [(g, y) => mul(g, add(square(y), 1))],
  "output",
);
/** The angle from -pi/2 to pi/2 whose sine is x; infinite slope at -1 and 1. */
export const asin: Unary = elementwise(
  "asin",
  nd.asin,
  [(g, _y, x) => mul(g, rsqrt(sub(1, square(x))))],
  "inputs",
);
/** The angle from 0 to pi whose cosine is x; infinite slope at -1 and 1. */
export const acos: Unary = elementwise(
  "acos",
  nd.acos,
  [(g, _y, x) => neg(mul(g, rsqrt(sub(1, square(x)))))],
  "inputs",
);
/** The angle from -pi/2 to pi/2 whose tangent is x. */
export const atan: Unary = elementwise(
  "atan",
  nd.atan,
  [(g, _y, x) => div(g, add(square(x), 1))],
  "inputs",
);
/** The hyperbolic sine. */
export const sinh: Unary = elementwise("sinh", nd.sinh, [(g, _y, x) => mul(g, cosh(x))], "inputs");
/** The hyperbolic cosine. */
export const cosh: Unary = elementwise("cosh", nd.cosh, [(g, _y, x) => mul(g, sinh(x))], "inputs");
/** The inverse of `sinh`. */
export const asinh: Unary = elementwise(
  "asinh",
  nd.asinh,
  [(g, _y, x) => mul(g, rsqrt(add(square(x), 1)))],
  "inputs",
);
/** The inverse of `cosh`; infinite slope at 1. */
export const acosh: Unary = elementwise(
  "acosh",
  nd.acosh,
  [(g, _y, x) => mul(g, rsqrt(sub(square(x), 1)))],
  "inputs",
);
/** The inverse of `tanh`; infinite slope at -1 and 1. */
export const atanh: Unary = elementwise(
  "atanh",
  nd.atanh,
  [(g, _y, x) => div(g, sub(1, square(x)))],
  "inputs",
);

/** 2 / sqrt(pi) e^(-x^2), the slope of `erf`. */
function bell(x: Tensor): Tensor {
  return mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI));
}

/** The error function. */
export const erf: Unary = elementwise("erf", nd.erf, [(g, _y, x) => mul(g, bell(x))], "inputs");
/** `1 - erf(x)`, exact where `erf` is near 1. */
export const erfc: Unary = elementwise(
  "erfc",
  nd.erfc,
  [(g, _y, x) => neg(mul(g, bell(x)))],
  "inputs",
);
/** The hyperbolic tangent. */
export const tanh: Unary = elementwise(
  "tanh",
  nd.tanh,
  [(g, y) => mul(g, sub(1, square(y)))],
  "output",
);
type Pair = [a: Operand, b: Operand];

/**
 * `a + b`.
 *
 * @example
 * import { ones, tensor } from "@needle/autograd";
 * const bias = tensor([1, 2, 3], { requiresGrad: true });
 * ones([4, 3]).add(bias).backward();
 * bias.grad; // => [4. 4. 4.]
 */
export const add: Binary = elementwise<Pair>("add", nd.add, [(g) => g, (g) => g], "nothing");
/** `a - b`. */
export const sub: Binary = elementwise<Pair>("sub", nd.sub, [(g) => g, (g) => neg(g)], "nothing");
/** `a * b`. */
export const mul: Binary = elementwise<Pair>(
  "mul",
  nd.mul,
  [(g, _y, _a, b) => mul(g, b), (g, _y, a) => mul(g, a)],
  "inputs",
);
/** `a / b`. */
export const div: Binary = elementwise<Pair>(
  "div",
  nd.div,
  [(g, _y, _a, b) => div(g, b), (g, y, _a, b) => neg(mul(g, div(y, b)))],
  "both",
);
/**
 * `a` to the power `b`. The slopes at `0^0`, and towards `b` at `a = 0`, are 0, as in PyTorch.
 *
 * @example
 * import { grad, tensor } from "@needle/autograd";
 * tensor([1, 2, 3]).pow(2); // => [1. 4. 9.]
 * grad((x) => x.pow(3).sum())(tensor([0, 2])); // => [ 0. 12.]
 */
export const pow: Binary = elementwise<Pair>(
  "pow",
  nd.pow,
  [(g, _y, a, b) => mul(g, powerSlope(a, b)), (g, y, a, b) => mul(g, mul(y, logOfBase(y, a, b)))],
  "both",
);
/**
 * The larger of the two; each gets half the slope where they are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.maximum(2).backward();
 * x.grad; // => [0.  0.5 1. ]
 */
export const maximum: Binary = elementwise<Pair>(
  "maximum",
  nd.maximum,
  [(g, _y, a, b) => shareOf(g, lt(a, b), a, b), (g, _y, a, b) => shareOf(g, lt(b, a), a, b)],
  "inputs",
);
/** The smaller of the two; each gets half the slope where they are equal. */
export const minimum: Binary = elementwise<Pair>(
  "minimum",
  nd.minimum,
  [(g, _y, a, b) => shareOf(g, gt(a, b), a, b), (g, _y, a, b) => shareOf(g, gt(b, a), a, b)],
  "inputs",
);

/**
 * b * a^(b - 1), and 0 where b is 0 whatever a is. Its own slope towards b there is 1 / a: only a
 * base of 0 or NaN, which would spoil the product, is left out.
 */
function powerSlope(a: Operand, b: Operand): Operand {
  if (typeof b === "number") return b === 0 ? 0 : mul(pow(a, b - 1), b);
  const spoils = logicalAnd(eq(b, 0), isNaN(div(b, a)));
  return mul(pow(where(spoils, 1, a), sub(b, 1)), b);
}

/** log(a), and 0 where a^b is flat in b: at a = 0 for b >= 0. */
function logOfBase(y: Tensor, a: Operand, b: Operand): Operand {
  if (typeof a !== "number")
    return log(where(logicalAnd(eq(a, 0), ge(b, 0)), 1, a).astype(y.dtype));
  return a === 0 ? where(ge(b, 0), 0, Math.log(a)) : Math.log(a);
}

/**
 * None of g where `loses`, half of it where a and b are equal, all of it elsewhere (also where
 * either is NaN).
 */
function shareOf(g: Tensor, loses: Tensor, a: Operand, b: Operand): Tensor {
  return where(loses, 0, where(eq(a, b), mul(g, 0.5), g));
}

/**
 * Elements of `a` where `condition` is true, of `b` elsewhere; all three broadcast.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([0, 4], { requiresGrad: true });
 * // The slope of the root at 0 is infinite: guard the input as well, or 0 times infinity gives NaN.
 * const safe = x.gt(0).where(x, 1);
 * const y = x.gt(0).where(safe.sqrt(), 0);
 * y.backward();
 * x.grad; // => [0.   0.25]
 */
export const where: (condition: Tensor, a: Operand, b: Operand) => Tensor = elementwise<
  [Tensor, Operand, Operand]
>(
  "where",
  nd.where,
  [(g) => zerosLike(g), (g, _y, c) => where(c, g, 0), (g, _y, c) => where(c, 0, g)],
  [0],
);

/**
 * Each element limited to `[min, max]`, either of which may be null (both: the tensor itself);
 * slope 1 inside and at the limits, 0 outside.
 */
export function clamp(x: Tensor, min: number | null, max: number | null): Tensor {
  return min === null && max === null ? x : clampTo(x, min, max);
}

const clampTo = general(
  "clamp",
  nd.clamp as (x: nd.NDArray, min: number | null, max: number | null) => nd.NDArray,
  {
    saves: "inputs",
    vjp: (g, _y, x, min, max) => where(isInside(x, min, max), g, 0),
    jvp: (t, _y, x, min, max) => where(isInside(x, min, max), t, 0),
  },
);

function isInside(x: Tensor, min: number | null, max: number | null): Tensor {
  return logicalAnd(ge(x, min ?? Number.NEGATIVE_INFINITY), le(x, max ?? Number.POSITIVE_INFINITY));
}

/** Whether x is NaN, as bool. */
export const isNaN: Unary = constant(nd.isNaN);
/** Whether x is neither infinite nor NaN, as bool. */
export const isFinite: Unary = constant(nd.isFinite);
/** Whether x is an infinity, as bool. */
export const isInf: Unary = constant(nd.isInf);
/** Whether x is zero, as bool. */
export const logicalNot: Unary = constant(nd.logicalNot);
/** `a == b`, as bool. */
export const eq: Binary = constant(nd.eq);
/** `a != b`, as bool. */
export const ne: Binary = constant(nd.ne);
/** `a < b`, as bool. */
export const lt: Binary = constant(nd.lt);
/** `a <= b`, as bool. */
export const le: Binary = constant(nd.le);
/** `a > b`, as bool. */
export const gt: Binary = constant(nd.gt);
/** `a >= b`, as bool. */
export const ge: Binary = constant(nd.ge);
/** Whether both are non-zero, as bool. */
export const logicalAnd: Binary = constant(nd.logicalAnd);
/** Whether either is non-zero, as bool. */
export const logicalOr: Binary = constant(nd.logicalOr);
/** Whether exactly one is non-zero, as bool. */
export const logicalXor: Binary = constant(nd.logicalXor);
