/** Ops on the bits of integers; for bools, the logical ones. */
import { isFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { checkArray } from "./common.ts";
import { logicalNot } from "./elementwise.ts";
import { type Binary, binary, floatError } from "./operands.ts";

/**
 * The bits set in both.
 *
 * @throws DTypeError for floats, as all ops of this file.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([12, 5], { dtype: "int32" }).bitwiseAnd(6); // => [4 4]
 */
export const bitwiseAnd: Binary = binary("bitwiseAnd");
/** The bits set in either. */
export const bitwiseOr: Binary = binary("bitwiseOr");
/** The bits set in one of the two. */
export const bitwiseXor: Binary = binary("bitwiseXor");
/** The bits of `a` moved up by `b` places; those beyond the dtype's size are lost. */
export const leftShift: Binary = binary("leftShift");
/** The bits of `a` moved down by `b` places, with the sign kept. */
export const rightShift: Binary = binary("rightShift");

/**
 * Every bit the other way round: `-x - 1`, `255 - x` for uint8; for bools, logical not.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0, 5], { dtype: "int32" }).bitwiseNot(); // => [-1 -6]
 */
export function bitwiseNot(x: NDArray): NDArray {
  checkArray("bitwiseNot", x);
  if (x.dtype === "bool") return logicalNot(x);
  if (isFloat(x.dtype)) throw floatError("bitwiseNot", x.dtype);
  return bitwiseXor(x, x.dtype === "uint8" ? 255 : -1);
}
