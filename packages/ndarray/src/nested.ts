/**
 * Nested arrays of numbers and typed arrays: their shape, the dtype that holds them, their values
 * in one list.
 */
import { type DType, promote, type TypedArray, type TypedArrays, typedArray } from "./dtype.ts";
import { DTypeError, ShapeError, show } from "./errors.ts";
import { type Shape, sizeOf } from "./shape.ts";

/**
 * Host values an array can be made of: a number, nested arrays, a typed array, or nested arrays of
 * typed arrays.
 */
export type ArrayLike =
  | number
  | boolean
  | readonly ArrayLike[]
  | Int8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | TypedArray;

/** The dtype of a number, a boolean or a typed array as it is. */
export function ownDType(data: ArrayLike, op = "array"): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return "uint8";
  if (data instanceof Int32Array || data instanceof Int8Array) return "int32";
  if (data instanceof Int16Array || data instanceof Uint16Array) return "int32";
  if (ArrayBuffer.isView(data)) {
    const name = (data as object).constructor.name;
    throw new DTypeError(
      op,
      `${name} has no dtype here`,
      "Convert it to Float64Array or Int32Array first.",
    );
  }
  return typeof data === "boolean" ? "bool" : "float32";
}

function isList(source: ArrayLike): source is Exclude<ArrayLike, number | boolean> {
  return Array.isArray(source) || ArrayBuffer.isView(source);
}

/** The sizes of nested arrays, taken along their first elements. */
export function nestedShape(source: ArrayLike): number[] {
  const shape: number[] = [];
  for (
    let level: ArrayLike | undefined = source;
    level !== undefined && isList(level);
    level = level[0]
  ) {
    shape.push(level.length);
  }
  return shape;
}

/** The dtype that holds every part of nested arrays. */
export function nestedDType(source: ArrayLike): DType {
  if (!Array.isArray(source)) return ownDType(source);
  const parts = source as readonly ArrayLike[];
  return parts.length === 0 ? "float32" : Array.from(parts, nestedDType).reduce(promote);
}

/**
 * The values of nested arrays in row-major order, as elements of `dtype`.
 *
 * @throws ShapeError where the arrays are ragged, DTypeError where something is not a number.
 */
export function nestedValues<D extends DType>(
  source: ArrayLike,
  shape: Shape,
  dtype: D,
): TypedArrays[D] {
  const values = typedArray(dtype, sizeOf(shape));
  flatten(source, shape, 0, values, 0, dtype === "bool");
  return values;
}

/**
 * Writes the values below `source` to `out` from `position` on and returns the position after them.
 */
function flatten(
  source: ArrayLike,
  shape: Shape,
  depth: number,
  out: TypedArray,
  position: number,
  isBool: boolean,
): number {
  if (!isList(source)) {
    if (typeof source !== "number" && typeof source !== "boolean") {
      throw new DTypeError("array", `expected numbers, got ${show(source)}`);
    }
    if (depth !== shape.length) throw ragged(`a number beside arrays at depth ${depth}`);
    out[position] = isBool ? Number(Number(source) !== 0) : Number(source);
    return position + 1;
  }
  if (depth === shape.length) throw ragged(`an array beside numbers at depth ${depth}`);
  if (source.length !== shape[depth]) {
    throw ragged(`${source.length} elements beside ${shape[depth]} at depth ${depth}`);
  }
  let next = position;
  for (const item of source) next = flatten(item, shape, depth + 1, out, next, isBool);
  return next;
}

function ragged(where: string): ShapeError {
  return new ShapeError(
    "array",
    `nested arrays are ragged: ${where}`,
    "Give every row the same length.",
  );
}
