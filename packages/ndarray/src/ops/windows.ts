/**
 * Windows that slide over an axis, as views that copy nothing, and their transpose, which adds them
 * up. Convolution and pooling are products and reductions of these windows.
 */
import { checkOptions } from "../args.ts";
import { zeros } from "../create.ts";
import { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkShape, normalizeAxis, type Shape } from "../shape.ts";
import {
  checkWithin,
  foldedShape,
  type WindowOptions,
  windowCount,
  windowOptions,
} from "../shape-windows.ts";
import type { Index } from "../slice.ts";
import { assign } from "./cast.ts";
import { checkArray } from "./common.ts";
import { slice } from "./views.ts";

/**
 * The windows of `size` elements along an axis, `step` apart: a view whose axis counts the windows
 * and whose new last axis runs through each (PyTorch's Tensor.unfold). Elements of a window are
 * `dilation` apart. Windows that would reach past the end are left out.
 *
 * @throws ShapeError when not even one window fits.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(5).unfold(0, 3); // => [[0 1 2]
 *    //     [1 2 3]
 *    //     [2 3 4]]
 * arange(5).unfold(0, 2, 1, { dilation: 3 }); // => [[0 3] [1 4]]
 */
export function unfold<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  axis: number,
  size: number,
  step = 1,
  options: WindowOptions = {},
): NDArray<D> {
  checkArray("unfold", x);
  const { dilation = 1 } = checkOptions("unfold", options, windowOptions);
  const along = normalizeAxis("unfold", axis, x.ndim);
  const count = windowCount("unfold", x.shape[along]!, size, step, dilation);
  const stride = x.strides[along]!;
  return new NDArray<D>(
    x.storage,
    [...x.shape.with(along, count), size],
    [...x.strides.with(along, stride * step), stride * dilation],
    x.offset,
  );
}

/**
 * The transpose of `unfold`: windows added up at the places in an axis of `length` that they were
 * taken from. Elements of no window are 0. The window's size is the length of the last axis.
 *
 * @throws ShapeError when an axis of that length does not have these windows.
 *
 * @example
 * import { arange, ones } from "@needle/ndarray";
 * ones([3, 3]).fold(0, 5); // => [1. 2. 3. 2. 1.]
 * arange(4).reshape([2, 2]).fold(0, 5, 3); // => [0 1 0 2 3]
 */
export function fold<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  axis: number,
  length: number,
  step = 1,
  options: WindowOptions = {},
): NDArray<D> {
  checkArray("fold", x);
  const { dilation = 1 } = checkOptions("fold", options, windowOptions);
  const { shape, along, count, size } = foldedShape("fold", x.shape, axis, length, step, dilation);
  const { backend, dtype } = x;
  return scope(() => {
    const out = zeros(shape, { dtype, backend });
    if (step > dilation * (size - 1)) {
      // No two windows meet.
      assign(unfold(out, along, size, step, options), x);
      return out;
    }
    // One pass over the windows for each position in them: its elements are `step` apart.
    for (let k = 0; k < size; k++) {
      const start = k * dilation;
      const range: Index = [start, start + (count - 1) * step + 1, step];
      const part = slice(out, ...shape.map((_, i): Index => (i === along ? range : ":")));
      const sum = part.view("fold");
      backend.binary("add", sum, sum, slice(x, "...", k).view("fold"));
    }
    return out;
  });
}

/**
 * The same memory under any layout: element `[i, j, …]` is at
 * `offset + i * strides[0] + j * strides[1] + …`, in elements from the start of the memory. Views
 * may overlap themselves. The offset is the array's own unless given.
 *
 * @throws ArgumentError when the layout reaches outside the memory.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * // The 2 x 2 tiles of a 4 x 4 matrix.
 * const tiles = arange(16).reshape([4, 4]).asStrided([2, 2, 2, 2], [8, 2, 4, 1]);
 * tiles.slice(0, 1); // => [[2 3] [6 7]]
 */
export function asStrided<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  shape: Shape,
  strides: readonly number[],
  offset?: number,
): NDArray<D> {
  checkArray("asStrided", x);
  const start = offset === undefined ? x.offset : offset;
  checkShape("asStrided", shape);
  checkWithin("asStrided", shape, strides, start, x.storage.size);
  return new NDArray<D>(x.storage, [...shape], [...strides], start);
}
