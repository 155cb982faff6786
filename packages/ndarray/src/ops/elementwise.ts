/**
 * Arithmetic, powers, exponentials, logarithms, angles, choosing: the elementwise ops on arrays that
 * are not in a family of their own. Each is one line: its kernel's name says the rest, and the table
 * in `backend.ts` says which dtype it gives.
 */
import { allocate } from "../create.ts";
import { ArgumentError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { broadcastShapes } from "../shape.ts";
import { astype } from "./cast.ts";
import { checkArray, sameBackend } from "./common.ts";
import {
  type Binary,
  binary,
  broadcastOperands,
  cast,
  checkOperands,
  commonDType,
  needsCast,
  type Operand,
  stretch,
  stretchView,
  type Unary,
  unary,
} from "./operands.ts";

export type { Binary, Operand, Unary } from "./operands.ts";

/** `-x`. */
export const neg: Unary = unary("neg");
/** `|x|`. */
export const abs: Unary = unary("abs");
/** -1, 0 or 1; NaN for NaN. */
export const sign: Unary = unary("sign");
/** `x * x`. */
export const square: Unary = unary("square");
/** `e^x`. */
export const exp: Unary = unary("exp");
/**
 * `e^x - 1`, exact near 0.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([1e-7]);
 * x.expm1(); // => [1.0000001e-07]
 * x.exp().sub(1); // => [1.1920929e-07]
 */
export const expm1: Unary = unary("expm1");
/** `2^x`. */
export const exp2: Unary = unary("exp2");
/** The natural logarithm. */
export const log: Unary = unary("log");
/** The logarithm to base 2. */
export const log2: Unary = unary("log2");
/** The logarithm to base 10. */
export const log10: Unary = unary("log10");
/** `log(1 + x)`, exact near 0. */
export const log1p: Unary = unary("log1p");
/** The square root. */
export const sqrt: Unary = unary("sqrt");
/** `1 / sqrt(x)`. */
export const rsqrt: Unary = unary("rsqrt");
/** `1 / x`. */
export const reciprocal: Unary = unary("reciprocal");
/** The sine of x radians. */
export const sin: Unary = unary("sin");
/** The cosine of x radians. */
export const cos: Unary = unary("cos");
/** The tangent of x radians. */
export const tan: Unary = unary("tan");
/** The angle from -pi/2 to pi/2 whose sine is x; NaN beyond -1 and 1. */
export const asin: Unary = unary("asin");
/** The angle from 0 to pi whose cosine is x; NaN beyond -1 and 1. */
export const acos: Unary = unary("acos");
/** The angle from -pi/2 to pi/2 whose tangent is x. */
export const atan: Unary = unary("atan");
/** The hyperbolic sine. */
export const sinh: Unary = unary("sinh");
/** The hyperbolic cosine. */
export const cosh: Unary = unary("cosh");
/** The hyperbolic tangent. */
export const tanh: Unary = unary("tanh");
/** The inverse of `sinh`. */
export const asinh: Unary = unary("asinh");
/** The inverse of `cosh`; NaN below 1. */
export const acosh: Unary = unary("acosh");
/** The inverse of `tanh`; NaN beyond -1 and 1. */
export const atanh: Unary = unary("atanh");
/**
 * The error function: 2 / sqrt(pi) times the integral of `e^(-t^2)` from 0 to x.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0, 0.5, -2]).erf(); // => [ 0.        0.5204999 -0.9953223]
 */
export const erf: Unary = unary("erf");
/** `1 - erf(x)`, exact where `erf` is near 1. */
export const erfc: Unary = unary("erfc");
/**
 * `a + b`; for bools, logical or.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1], [2]]).add(array([10, 20])); // => [[11. 21.] [12. 22.]]
 * array([1, 2]).add(0.5); // => [1.5 2.5]
 */
export const add: Binary = binary("add");
/** `a - b`. */
export const sub: Binary = binary("sub");
/** `a * b`; for bools, logical and. */
export const mul: Binary = binary("mul");
/**
 * `a / b`; integers give float32.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2], { dtype: "int32" }).div(2); // => [0.5 1. ]
 */
export const div: Binary = binary("div");
/**
 * The angle of the point `(x, y)` from the positive x axis, from -pi to pi: `atan(y / x)` in the
 * right quadrant.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, -1]).atan2(array([-1, -1])); // => [ 2.3561945 -2.3561945]
 */
export const atan2: Binary = binary("atan2");
/** `sqrt(a^2 + b^2)` without overflow on the way. */
export const hypot: Binary = binary("hypot");
/** The size of `a` with the sign of `b`, of which -0 counts as negative. */
export const copysign: Binary = binary("copysign");
/**
 * `log(e^a + e^b)` without overflow.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1000, -Infinity]).logaddexp(1000); // => [1000.6932 1000.    ]
 */
export const logaddexp: Binary = binary("logaddexp");
/**
 * The larger of the two; NaN if either is.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 5, Number.NaN]).maximum(3); // => [ 3.  5. nan]
 */
export const maximum: Binary = binary("maximum");
/** The smaller of the two; NaN if either is. */
export const minimum: Binary = binary("minimum");
/** Whether x is NaN. */
export const isNaN: Unary = unary("isNaN");
/** Whether x is neither infinite nor NaN. */
export const isFinite: Unary = unary("isFinite");
/** Whether x is an infinity. */
export const isInf: Unary = unary("isInf");
/** Whether x is zero. */
export const logicalNot: Unary = unary("logicalNot");

/** `a == b`. */
export const eq: Binary = binary("eq");
/** `a != b`. */
export const ne: Binary = binary("ne");
/** `a < b`. */
export const lt: Binary = binary("lt");
/** `a <= b`. */
export const le: Binary = binary("le");
/** `a > b`. */
export const gt: Binary = binary("gt");
/** `a >= b`. */
export const ge: Binary = binary("ge");
/** Whether both are non-zero. */
export const logicalAnd: Binary = binary("logicalAnd");
/** Whether either is non-zero. */
export const logicalOr: Binary = binary("logicalOr");
/**
 * Whether exactly one is non-zero.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([true, true]).logicalXor(array([true, false])); // => [False  True]
 */
export const logicalXor: Binary = binary("logicalXor");

const power = binary("pow");

/**
 * `a` to the power `b`.
 *
 * @throws ArgumentError for integers to a negative whole power, which would not be whole.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2, 3]).pow(2); // => [1. 4. 9.]
 * array([4, 9]).pow(0.5); // => [2. 3.]
 */
export function pow(a: Operand, b: Operand): NDArray {
  sameBackend("pow", a, b);
  const dtype = commonDType(a, b);
  if (typeof b === "number" && b < 0 && (dtype === "int32" || dtype === "uint8")) {
    throw new ArgumentError(
      "pow",
      `integers to the power ${b} are not whole`,
      'Convert with astype("float32") first.',
    );
  }
  return power(a, b);
}

/**
 * Elements of `a` where `condition` is true, of `b` elsewhere; all three broadcast.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([true, false, true]).where(array([1, 2, 3]), 0); // => [1. 0. 3.]
 */
export function where(condition: NDArray, a: Operand, b: Operand): NDArray {
  checkArray("where", condition);
  const backend = sameBackend("where", condition, a, b);
  const both = typeof a === "number" && typeof b === "number";
  const dtype = both ? "float32" : commonDType(a, b);
  if (needsCast(condition, "bool") || needsCast(a, dtype) || needsCast(b, dtype)) {
    return scope(() => where(astype(condition, "bool"), cast(a, dtype), cast(b, dtype)));
  }
  const shape = broadcastShapes("where", condition.shape, broadcastOperands("where", a, b));
  const out = allocate("where", shape, dtype, backend);
  const mask = stretchView("where", condition, shape);
  backend.where(out.view("where"), mask, stretch("where", a, shape), stretch("where", b, shape));
  return out;
}

/**
 * Each element limited to `[min, max]`; NaN stays.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-2, 0.5, 3]).clamp(-1, 1); // => [-1.   0.5  1. ]
 * array([-2, 0.5, 3]).clamp(0, null); // => [0.  0.5 3. ]
 */
export function clamp(x: NDArray, min: Operand | null, max: Operand | null): NDArray {
  checkArray("clamp", x);
  checkOperands("clamp", x, ...[min, max].filter((limit) => limit !== null));
  return scope(() => {
    const raised = min === null ? x : maximum(x, min);
    return max === null ? raised : minimum(raised, max);
  });
}
