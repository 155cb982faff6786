/** Rounding, and division that rounds. */
import { isFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkArray } from "./common.ts";
import { div, mul, sub } from "./elementwise.ts";
import { type Binary, binary, composed, type Unary, unary } from "./operands.ts";

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

const toWhole = unary("round");

/**
 * The nearest number with so many decimals, halves to the even one (as NumPy and PyTorch, which
 * scale by a power of ten, round and scale back). Integers with `decimals` of at least 0 are what
 * they are.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0.5, 1.5, 2.5, -0.7]).round(); // => [ 0.  2.  2. -1.]
 * array([3.14159, 271.828]).round({ decimals: 2 }); // => [  3.14 271.83]
 */
export function round(x: NDArray, options: RoundOptions = {}): NDArray {
  const { decimals = 0 } = options;
  if (decimals === 0 || (decimals > 0 && !isFloat(x.dtype))) return toWhole(x);
  return roundTo(x, decimals);
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
