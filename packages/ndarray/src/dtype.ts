/**
 * Element types: their typed arrays and the rules by which they combine.
 *
 * Promotion: bool < uint8 < int32 < float32 < float64, the result is the higher of the two (as in
 * PyTorch: int32 with float32 gives float32). A plain number takes the dtype of the other operand,
 * unless that dtype cannot hold it.
 */
import { check, type Kind, number, oneOf, whole } from "./args.ts";

/** The element types. `float32` is the default; indices are `int32`; comparisons give `bool`. */
export type DType = "bool" | "uint8" | "int32" | "float32" | "float64";

/** The typed array that holds the elements of each dtype. */
export interface TypedArrays {
  readonly bool: Uint8Array;
  readonly uint8: Uint8Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

/** Any of the typed arrays that hold elements. */
export type TypedArray = TypedArrays[DType];

/** Every dtype, in promotion order. */
export const dtypes: readonly DType[] = ["bool", "uint8", "int32", "float32", "float64"];

const constructors = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

const sizeKind = whole(0);

/** A zero-filled typed array for `size` elements of `dtype`. */
export function typedArray<D extends DType>(dtype: D, size: number): TypedArrays[D] {
  checkDType("typedArray", dtype);
  check("typedArray", "size", size, sizeKind);
  return new constructors[dtype](size) as TypedArrays[D];
}

/** Bytes one element takes: 1, 4 or 8. */
export function bytesPerElement(dtype: DType): number {
  checkDType("bytesPerElement", dtype);
  return constructors[dtype].BYTES_PER_ELEMENT;
}

/** Whether `dtype` holds fractions. */
export function isFloat(dtype: DType): boolean {
  return isFloatIn("isFloat", dtype);
}

function isFloatIn(op: string, dtype: DType): boolean {
  if (dtype === "float32" || dtype === "float64") return true;
  checkDType(op, dtype);
  return false;
}

/**
 * The dtype two arrays are brought to before they are combined.
 *
 * @example
 * import { promote } from "@needle/ndarray";
 * promote("int32", "float32"); // => float32
 * promote("bool", "uint8"); // => uint8
 */
export function promote(a: DType, b: DType): DType {
  const first = dtypes.indexOf(a);
  const second = dtypes.indexOf(b);
  if (first < 0 || second < 0) checkDType("promote", first < 0 ? a : b);
  return first >= second ? a : b;
}

/**
 * `dtype` itself when it is a float, else float32: the result of `exp`, `div`, `mean` and the like.
 */
export function toFloat(dtype: DType): DType {
  return isFloatIn("toFloat", dtype) ? dtype : "float32";
}

/**
 * The dtype a number and an array of `other` are combined in. It is `other`, with two exceptions
 * that keep values intact: a fraction (or NaN, or an infinity) beside integers gives float32, and a
 * whole number too large for `other` gives int32 or float32.
 *
 * @example
 * import { promoteNumber } from "@needle/ndarray";
 * promoteNumber("uint8", 7); // => uint8
 * promoteNumber("uint8", -7); // => int32
 * promoteNumber("int32", 0.5); // => float32
 */
export function promoteNumber(other: DType, value: number): DType {
  check("promoteNumber", "value", value, number);
  if (isFloatIn("promoteNumber", other)) return other;
  if ((value | 0) !== value) return "float32";
  const fitsByte = value >= 0 && value <= 255;
  return other === "uint8" && fitsByte ? "uint8" : "int32";
}

/** A dtype, as options hold it. */
export const dtypeKind: Kind = oneOf(...dtypes);

/**
 * Throws unless `dtype` is one of the five names, for values that come from JavaScript or a file.
 */
export function checkDType(op: string, dtype: string): asserts dtype is DType {
  check(op, "dtype", dtype, dtypeKind);
}
