/** Ops on the bits of integers; for bools, the logical ones. They have no derivatives. */
import * as nd from "@needle/ndarray";
import { type Binary, constant, type Unary } from "../op.ts";

/** The bits set in both. Throws DTypeError for floats, as all ops of this file. */
export const bitwiseAnd: Binary = constant(nd.bitwiseAnd);
/** The bits set in either. */
export const bitwiseOr: Binary = constant(nd.bitwiseOr);
/** The bits set in one of the two. */
export const bitwiseXor: Binary = constant(nd.bitwiseXor);
/** Every bit the other way round; for bools, logical not. */
export const bitwiseNot: Unary = constant(nd.bitwiseNot);
/** The bits of `a` moved up by `b` places. */
export const leftShift: Binary = constant(nd.leftShift);
/** The bits of `a` moved down by `b` places, with the sign kept. */
export const rightShift: Binary = constant(nd.rightShift);
