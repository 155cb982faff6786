/** Rounding, and division that rounds. */
import { checkOptions, type Kinds, whole } from "../args.ts";
import { isFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { astype } from "./cast.ts";
import { checkArray } from "./common.ts";
import { div, mul, sub } from "./elementwise.ts";
import { type Binary, binary, boolError, composed, type Unary, unary } from "./operands.ts";

/** The largest whole number not above x. */
export const floor: Unary = unary("floor");
/** The smallest whole number not below x. */
export const ceil: Unary = unary("ceil");
/** x without its fraction. */
export const trunc: Unary = unary("trunc");

/** How `round` rounds. */
export interface RoundOptions {
  /** Digits kept after the point; before it if negative. Default 0. */
  readonly decimals?: number;
}

const roundOptions: Kinds<RoundOptions> = { decimals: whole() };

const toWhole = unary("round");

/**
 * The nearest number with so many decimals, halves to the even one (as NumPy and PyTorch, which
 * scale by a power of ten, round and scale back). Integers stay integers, as in NumPy: with
 * `decimals` of at least 0 they are what they are.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0.5, 1.5, 2.5, -0.7]).round(); // => [ 0.  2.  2. -1.]
 * array([3.14159, 271.828]).round({ decimals: 2 }); // => [  3.14 271.83]
 * array([15, 25], { dtype: "int32" }).round({ decimals: -1 }); // => [20 20]
 */
export function round(x: NDArray, options: RoundOptions = {}): NDArray {
  checkArray("round", x);
  const { decimals = 0 } = checkOptions("round", options, roundOptions);
  if (decimals === 0 || x.dtype === "bool") return toWhole(x);
  if (isFloat(x.dtype)) return roundTo(x, decimals);
  if (decimals > 0) return toWhole(x);
  return scope(() => astype(roundTo(astype(x, "float64"), decimals), x.dtype));
}

const roundTo = composed("round", (x, decimals: number) => {
  const scale = 10 ** Math.abs(decimals);
  return decimals > 0 ? div(toWhole(mul(x, scale)), scale) : mul(toWhole(div(x, scale)), scale);
});

/**
 * The fraction of x, with its sign.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1.25, -1.25]).frac(); // => [ 0.25 -0.25]
 */
export function frac(x: NDArray): NDArray {
  checkArray("frac", x);
  if (x.dtype === "bool") throw boolError("frac");
  return scope(() => sub(x, trunc(x)));
}

/**
 * What is left of `a` after whole multiples of `b`, with the sign of `a` (as in C). NaN for division
 * by zero, 0 for integers.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-3, 3]).fmod(2); // => [-1.  1.]
 */
export const fmod: Binary = binary("fmod");

/**
 * What is left of `a` after whole multiples of `b`, with the sign of `b` (Python's `%`):
 * `a - b * floorDivide(a, b)`. NaN for division by zero, 0 for integers.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-3, 3]).remainder(2); // => [1. 1.]
 */
export const remainder: Binary = binary("remainder");

/**
 * The largest whole number not above `a / b`, in the dtype of the operands. Division by zero gives
 * what `a / b` gives, 0 for integers.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-3, 3], { dtype: "int32" }).floorDivide(2); // => [-2  1]
 */
export const floorDivide: Binary = binary("floorDivide");
