/**
 * Ops on bool masks. Where the mask decides the shape of the result, it is read by the host: those
 * ops work on backends that read without waiting, and say so elsewhere.
 */
import { fromTypedArray, full } from "../create.ts";
import { isFloat, promoteNumber, type TypedArray } from "../dtype.ts";
import { DeviceError, ShapeError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, rowMajorStrides } from "../shape.ts";
import { checkArray, sameBackend } from "./common.ts";
import { where } from "./elementwise.ts";
import { take } from "./indexing.ts";
import { broadcastTo, flatten } from "./views.ts";

/** The values that decide the shape of an op's result. */
export function decisiveValues(op: string, x: NDArray): TypedArray {
  checkArray(op, x);
  try {
    return x.toTypedArray();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new DeviceError(
      op,
      `the shape of the result depends on values, which the ${x.backend.name} backend cannot read at once`,
      "Move the array to another backend first, or keep the shape with where(...).",
    );
  }
}

/** Row-major positions of the elements that are not 0. */
function places(op: string, x: NDArray): Int32Array {
  const values = decisiveValues(op, x);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count += 1;
  const found = new Int32Array(count);
  for (let i = 0, n = 0; i < values.length; i++) if (values[i] !== 0) found[n++] = i;
  return found;
}

/** For each axis the positions of the elements that are not 0. */
export function positionsOf(op: string, x: NDArray): NDArray[] {
  const found = places(op, x);
  const strides = rowMajorStrides(x.shape);
  return x.shape.map((length, axis) => {
    const stride = strides[axis]!;
    const along = found.map((place) => Math.floor(place / stride) % length);
    return fromTypedArray<"int32">(along, [along.length], { backend: x.backend });
  });
}

/**
 * Where the elements are that are not 0, row-major: for each axis an int32 vector of positions
 * (NumPy's nonzero). `stack(x.nonzero(), 1)` has them as rows.
 *
 * @throws ShapeError for 0-d arrays, DeviceError where the backend cannot read without waiting.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const [rows, columns] = array([[0, 1], [2, 0]]).nonzero();
 * rows; // => [0 1]
 * columns; // => [1 0]
 */
export function nonzero(x: NDArray): NDArray[] {
  checkArray("nonzero", x);
  if (x.ndim === 0) {
    throw new ShapeError("nonzero", "needs at least one axis, got []", "Use reshape([1]) first.");
  }
  return positionsOf("nonzero", x);
}

/**
 * The elements whose mask is true, as a vector in row-major order; array and mask are broadcast.
 *
 * @throws DeviceError where the backend cannot read without waiting.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[1, -2], [-3, 4]]);
 * x.maskedSelect(x.gt(0)); // => [1. 4.]
 */
export function maskedSelect(x: NDArray, mask: NDArray): NDArray {
  for (const operand of [x, mask]) checkArray("maskedSelect", operand);
  const backend = sameBackend("maskedSelect", x, mask);
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  return scope(() => {
    const found = places("maskedSelect", broadcastTo(mask, shape));
    const index = fromTypedArray<"int32">(found, [found.length], { backend });
    return take(flatten(broadcastTo(x, shape)), index);
  });
}

/**
 * `value` where the mask is true, else the array's elements; all are broadcast. The array's dtype
 * stays unless it cannot hold the value.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([1, -2, 3]);
 * x.maskedFill(x.lt(0), 0); // => [1. 0. 3.]
 */
export function maskedFill(x: NDArray, mask: NDArray, value: NDArray | number): NDArray {
  for (const operand of [x, mask]) checkArray("maskedFill", operand);
  const backend = sameBackend("maskedFill", x, mask, value);
  const shapes = [x.shape, mask.shape, ...(typeof value === "number" ? [] : [value.shape])];
  broadcastShapes("maskedFill", ...shapes);
  if (typeof value !== "number") return where(mask, value, x);
  const fits = isFloat(x.dtype) || (x.dtype === "bool" && (value === 0 || value === 1));
  const dtype = fits ? x.dtype : promoteNumber(x.dtype, value);
  return scope(() => where(mask, full([], value, { dtype, backend }), x));
}
