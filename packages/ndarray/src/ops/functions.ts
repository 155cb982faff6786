/** Functions composed of elementwise ops: blends, odds, angles, signs, closeness. */
import { checkOptions, flag, type Kinds, number } from "../args.ts";
import { full } from "../create.ts";
import { toFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { astype, copy } from "./cast.ts";
import { checkArray } from "./common.ts";
import {
  abs,
  add,
  copysign,
  div,
  eq,
  erf,
  erfc,
  exp,
  isFinite,
  isNaN,
  le,
  log,
  log1p,
  logaddexp,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  mul,
  neg,
  sin,
  sqrt,
  square,
  sub,
  where,
} from "./elementwise.ts";
import {
  type Binary,
  checkOperands,
  commonDType,
  composed,
  type Operand,
  type Unary,
} from "./operands.ts";
import { all } from "./reduce.ts";

/** Both operands as float arrays of one dtype. */
function floats(a: Operand, b: Operand): [NDArray, NDArray] {
  const dtype = toFloat(commonDType(a, b));
  const { backend } = typeof a === "number" ? (b as NDArray) : a;
  const asArray = (x: Operand): NDArray =>
    typeof x === "number" ? full([], x, { dtype, backend }) : astype(x, dtype);
  return [asArray(a), asArray(b)];
}

/**
 * The point between `start` (weight 0) and `end` (weight 1), or beyond; all three broadcast.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0, 10]).lerp(array([4, 20]), 0.25); // => [ 1.  12.5]
 */
export function lerp(start: NDArray, end: Operand, weight: Operand): NDArray {
  checkArray("lerp", start);
  checkOperands("lerp", start, end, weight);
  return scope(() => {
    const gap = sub(end, start);
    const fromStart = (): NDArray => add(start, mul(gap, weight));
    // So that weight 1 gives the end exactly.
    const fromEnd = (): NDArray =>
      sub(end, mul(gap, typeof weight === "number" ? 1 - weight : sub(1, weight)));
    if (typeof weight === "number") return weight < 0.5 ? fromStart() : fromEnd();
    return where(lt(weight, 0.5), fromStart(), fromEnd());
  });
}

/** `log2(2^a + 2^b)` without overflow. */
export const logaddexp2: Binary = (a, b) => {
  checkOperands("logaddexp2", a, b);
  return scope(() => {
    const [x, y] = floats(a, b);
    return div(logaddexp(mul(x, Math.LN2), mul(y, Math.LN2)), Math.LN2);
  });
};

/**
 * `a * log(b)`, and 0 where `a` is 0 whatever `b` is (but NaN where that is NaN).
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0, 2, 3]).xlogy(array([0, 1, 2])); // => [0.        0.        2.0794415]
 */
export const xlogy: Binary = (a, b) => {
  checkOperands("xlogy", a, b);
  return scope(() => {
    const [x, y] = floats(a, b);
    return mul(x, log(where(logicalAnd(eq(x, 0), logicalNot(isNaN(y))), 1, y)));
  });
};

/** The logarithm of the odds, `log(x / (1 - x))`: the inverse of `sigmoid`. */
export const logit: Unary = composed("logit", (x) => log(div(x, sub(1, x))));

/** Degrees as radians. */
export const deg2rad: Unary = composed("deg2rad", (x) => mul(x, Math.PI / 180));

/** Radians as degrees. */
export const rad2deg: Unary = composed("rad2deg", (x) => mul(x, 180 / Math.PI));

/**
 * `sin(pi x) / (pi x)`, 1 at 0.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0, 0.5]).sinc(); // => [1.         0.63661975]
 */
export const sinc: Unary = composed("sinc", (x) => {
  const angle = mul(x, Math.PI);
  return where(eq(x, 0), 1, div(sin(angle), angle));
});

/**
 * The inverse of `erf`: infinite at -1 and 1, NaN beyond. Worked out in double precision, whatever
 * the dtype.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0, 0.5, 1]).erfinv(); // => [0.         0.47693628        inf]
 */
export const erfinv: Unary = composed("erfinv", (x) => {
  const wide = astype(x, "float64");
  const share = abs(wide);
  const rough = roughErfinv(share);
  const size = nearer(nearer(nearer(rough, share), share), share);
  const inverse = where(eq(share, 1), Number.POSITIVE_INFINITY, size);
  return astype(copysign(inverse, wide), x.dtype);
});

/**
 * The inverse of erf to 3 digits, from erf(y)^2 being about 1 - e^(-4 y^2 / pi): S. Winitzki, A handy
 * approximation for the error function and its inverse (2008).
 */
function roughErfinv(share: NDArray): NDArray {
  const a = 0.147;
  const logarithm = log1p(neg(square(share)));
  const middle = add(mul(logarithm, 0.5), 2 / (Math.PI * a));
  return sqrt(sub(sqrt(sub(square(middle), div(logarithm, a))), middle));
}

/** A step of Halley's from y towards erf(y) = share, which makes three right digits of one. */
function nearer(y: NDArray, share: NDArray): NDArray {
  // Near 1 all digits are in the distance from it.
  const excess = where(lt(share, 0.5), sub(erf(y), share), sub(sub(1, share), erfc(y)));
  const slope = mul(exp(neg(square(y))), 2 / Math.sqrt(Math.PI));
  const step = div(excess, slope);
  return sub(y, div(step, add(mul(y, step), 1)));
}

/** Whether the sign is negative, that of -0 included. */
export function signbit(x: NDArray): NDArray {
  checkArray("signbit", x);
  return scope(() => logicalOr(lt(x, 0), lt(div(1, x), 0)));
}

/** What `nanToNum` puts in place. */
export interface NanToNumOptions {
  /** For NaN. Default 0. */
  readonly nan?: number;
  /** For Infinity. Default the largest number of the dtype. */
  readonly posinf?: number;
  /** For -Infinity. Default the smallest number of the dtype. */
  readonly neginf?: number;
}

const nanToNumOptions: Kinds<NanToNumOptions> = { nan: number, posinf: number, neginf: number };

const largest = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE };

/**
 * Finite numbers in place of NaN and infinities; integers stay what they are.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([Number.NaN, 1, -Infinity]).nanToNum({ neginf: -9 }); // => [ 0.  1. -9.]
 */
export function nanToNum(x: NDArray, options: NanToNumOptions = {}): NDArray {
  checkArray("nanToNum", x);
  checkOptions("nanToNum", options, nanToNumOptions);
  const { dtype } = x;
  if (dtype !== "float32" && dtype !== "float64") return copy(x);
  const { nan = 0, posinf = largest[dtype], neginf = -largest[dtype] } = options;
  return scope(() => {
    const limited = where(
      eq(x, Number.POSITIVE_INFINITY),
      posinf,
      where(eq(x, Number.NEGATIVE_INFINITY), neginf, x),
    );
    return where(isNaN(x), nan, limited);
  });
}

/** How far apart two numbers may be that are called close. */
export interface ClosenessOptions {
  /** Relative to `b`. Default 1e-5. */
  readonly rtol?: number;
  /** Absolute. Default 1e-8. */
  readonly atol?: number;
  /** Whether NaN is close to NaN. Default false. */
  readonly equalNan?: boolean;
}

const closenessOptions: Kinds<ClosenessOptions> = { rtol: number, atol: number, equalNan: flag };

/**
 * Whether `|a - b| <= atol + rtol |b|`, element by element; an infinity is close to itself.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 1, Infinity]).isClose(array([1.000001, 1.1, Infinity])); // => [ True False  True]
 */
export function isClose(a: NDArray, b: Operand, options: ClosenessOptions = {}): NDArray {
  checkArray("isClose", a);
  checkOperands("isClose", a, b);
  checkOptions("isClose", options, closenessOptions);
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  return scope(() => {
    const [x, y] = floats(a, b);
    const near = le(abs(sub(x, y)), add(mul(abs(y), rtol), atol));
    const close = logicalOr(eq(x, y), logicalAnd(near, isFinite(y)));
    return equalNan ? logicalOr(close, logicalAnd(isNaN(x), isNaN(y))) : close;
  });
}

/** Whether all elements are close, as `isClose` has it: one bool. */
export function allClose(a: NDArray, b: Operand, options: ClosenessOptions = {}): NDArray {
  checkArray("allClose", a);
  checkOperands("allClose", a, b);
  checkOptions("allClose", options, closenessOptions);
  return scope(() => all(isClose(a, b, options)));
}
