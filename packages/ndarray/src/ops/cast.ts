/**
 * Moving values: to another dtype, another backend, a compact layout, or into an existing array.
 */
import { check, number } from "../args.ts";
import type { Backend } from "../backend.ts";
import { backendKind } from "../backend.ts";
import { allocate, array } from "../create.ts";
import { checkDType, type DType } from "../dtype.ts";
import { ArgumentError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { broadcastStrides } from "../shape.ts";
import { checkArray, sameBackend } from "./common.ts";

/**
 * The values as another dtype: towards zero to integers, which wrap around (NaN and infinities give
 * 0), non-zero (and NaN) to true. The array itself if it has that dtype.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1.9, -1.9, 0]).astype("int32"); // => [ 1 -1  0]
 */
export function astype<D extends DType>(x: NDArray, dtype: D): NDArray<D> {
  checkArray("astype", x);
  checkDType("astype", dtype);
  return (x.dtype === dtype ? x : array(x, { dtype })) as NDArray<D>;
}

/**
 * The values on another backend; the array itself if it is there already.
 *
 * @example
 * import { createReferenceBackend, ones } from "@needle/ndarray";
 * const backend = createReferenceBackend();
 * ones([2]).to(backend).backend === backend; // => true
 */
export function to(x: NDArray, backend: Backend): NDArray {
  checkArray("to", x);
  check("to", "backend", backend, backendKind);
  return x.backend === backend ? x : array(x, { backend });
}

/**
 * A copy in memory of its own.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * const x = arange(3);
 * const y = x.copy();
 * x.fill(0);
 * y; // => [0 1 2]
 */
export function copy<D extends DType>(x: NDArray<D>): NDArray<D> {
  checkArray("copy", x);
  return array(x, { dtype: x.dtype });
}

/**
 * The array itself if its elements lie in row-major order without gaps, else a copy of which that
 * is true.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * const x = zeros([2, 3]);
 * x.compact() === x; // => true
 * x.transpose().compact().strides; // => [2,1]
 */
export function compact<D extends DType>(x: NDArray<D>): NDArray<D> {
  checkArray("compact", x);
  return x.isCompact ? x : copy(x);
}

/**
 * Writes `source`, broadcast and converted, into the array in place. Other views of the same memory
 * see it. Returns the array.
 *
 * @throws ShapeError when `source` does not broadcast to the array, ArgumentError when `x` is
 *   itself stretched by `broadcastTo`.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * const x = zeros([2, 3]);
 * x.slice(":", 0).assign(7);
 * x; // => [[7. 0. 0.]
 *    //     [7. 0. 0.]]
 */
export function assign<D extends DType>(x: NDArray<D>, source: NDArray | number): NDArray<D> {
  checkArray("assign", x);
  const out = x.view("assign");
  const stretched = x.shape.findIndex((length, axis) => length > 1 && x.strides[axis] === 0);
  if (stretched !== -1 && x.size > 0) {
    const problem = `elements share memory, as axis ${stretched} is stretched`;
    throw new ArgumentError("assign", problem, "Assign to a copy().");
  }
  sameBackend("assign", x, source);
  if (typeof source === "number") {
    x.backend.fill(out, source);
  } else {
    broadcastStrides("assign", source.shape, source.strides, x.shape);
    scope(() => {
      const from = source.storage === x.storage ? copy(source) : source;
      const strides = broadcastStrides("assign", from.shape, from.strides, x.shape);
      x.backend.copy(out, { ...from.view("assign"), shape: x.shape, strides });
    });
  }
  x.storage.version += 1;
  return x;
}

/**
 * Sets every element of the array (of the view, not of the whole memory) to `value`, in place.
 * Returns the array.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * const x = zeros([2, 2]);
 * x.slice(0).fill(5);
 * x; // => [[5. 5.] [0. 0.]]
 */
export function fill<D extends DType>(x: NDArray<D>, value: number): NDArray<D> {
  checkArray("fill", x);
  check("fill", "value", value, number);
  return assign(x, value);
}

/** An uninitialized array like `x`, for ops that write every element. */
export function emptyLike(
  x: NDArray,
  shape: readonly number[] = x.shape,
  dtype: DType = x.dtype,
): NDArray {
  return allocate("emptyLike", shape, dtype, x.backend);
}
