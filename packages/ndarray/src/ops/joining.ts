/** Ops that join arrays, which give copies, and ops that part them, which give views. */
import { allocate } from "../create.ts";
import { promote } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkSameShapes, concatShape, normalizeAxis, type Shape } from "../shape.ts";
import { chunkBounds, splitBounds } from "../shape-windows.ts";
import type { Index } from "../slice.ts";
import { assign } from "./cast.ts";
import { checkArray, checkArrays, sameBackend } from "./common.ts";
import { slice, unsqueeze } from "./views.ts";

/**
 * Arrays joined along an existing axis.
 *
 * @example
 * import { array, concat } from "@needle/ndarray";
 * concat([array([[1, 2]]), array([[3, 4]])]); // => [[1. 2.] [3. 4.]]
 * concat([array([[1, 2]]), array([[3, 4]])], 1); // => [[1. 2. 3. 4.]]
 */
export function concat(arrays: readonly NDArray[], axis = 0): NDArray {
  const shapes = shapesOf("concat", arrays);
  const { shape, along } = concatShape("concat", shapes, axis);
  const backend = sameBackend("concat", ...arrays);
  const dtype = arrays.map((x) => x.dtype).reduce(promote);
  return scope(() => {
    const out = allocate("concat", shape, dtype, backend);
    let start = 0;
    for (const x of arrays) {
      const end = start + x.shape[along]!;
      assign(slice(out, ...shape.map((_, i): Index => (i === along ? [start, end] : ":"))), x);
      start = end;
    }
    return out;
  });
}

/**
 * Arrays of one shape joined along a new axis.
 *
 * @example
 * import { array, stack } from "@needle/ndarray";
 * stack([array([1, 2]), array([3, 4])]); // => [[1. 2.] [3. 4.]]
 */
export function stack(arrays: readonly NDArray[], axis = 0): NDArray {
  const shapes = shapesOf("stack", arrays);
  checkSameShapes("stack", shapes);
  sameBackend("stack", ...arrays);
  const along = normalizeAxis("stack", axis, shapes[0]!.length + 1);
  return scope(() => {
    const rows = arrays.map((x) => unsqueeze(x, along));
    return concat(rows, along);
  });
}

function shapesOf(op: string, arrays: readonly NDArray[]): Shape[] {
  checkArrays(op, arrays);
  return arrays.map((x) => x.shape);
}

/** The parts of an axis between the given bounds. */
function cut(x: NDArray, axis: number, bounds: readonly (readonly [number, number])[]): NDArray[] {
  return bounds.map((bound) =>
    slice(x, ...x.shape.map((_, i): Index => (i === axis ? bound : ":"))),
  );
}

/**
 * An axis cut into parts, as views (NumPy's split): a number gives so many equal ones, a list says
 * where to cut, `[2, 5]` into `:2`, `2:5` and `5:`.
 *
 * @throws ShapeError when the axis does not divide into so many equal parts.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * const [a, b, c] = arange(6).split([2, 5]);
 * b; // => [2 3 4]
 * arange(6).split(3).length; // => 3
 */
export function split(x: NDArray, parts: number | readonly number[], axis = 0): NDArray[] {
  checkArray("split", x);
  const along = normalizeAxis("split", axis, x.ndim);
  return cut(x, along, splitBounds("split", x.shape[along]!, parts));
}

/**
 * An axis cut into `chunks` parts of one length, of which the last may be shorter, or into fewer if
 * that many are not needed (PyTorch's chunk). The parts are views.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(7).chunk(3).map((part) => part.shape[0]); // => [3,3,1]
 */
export function chunk(x: NDArray, chunks: number, axis = 0): NDArray[] {
  checkArray("chunk", x);
  const along = normalizeAxis("chunk", axis, x.ndim);
  return cut(x, along, chunkBounds("chunk", x.shape[along]!, chunks));
}

/**
 * The slices along an axis, which goes away: the inverse of `stack`, called split in the course.
 * The slices are views.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const [first, second] = array([[1, 2], [3, 4]]).unstack();
 * second; // => [3. 4.]
 */
export function unstack(x: NDArray, axis = 0): NDArray[] {
  checkArray("unstack", x);
  const along = normalizeAxis("unstack", axis, x.ndim);
  return Array.from({ length: x.shape[along]! }, (_, position) =>
    slice(x, ...x.shape.map((_, i): Index => (i === along ? position : ":"))),
  );
}
