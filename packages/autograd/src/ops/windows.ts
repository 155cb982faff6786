/** Sliding windows and their transpose, each the derivative of the other. */
import * as nd from "@needle/ndarray";
import { linear } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/**
 * The windows of `size` elements along an axis, `step` apart: the axis counts the windows, a new
 * last axis runs through each. Elements of a window are `dilation` apart. Copies nothing.
 *
 * @throws ShapeError when not even one window fits.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([1, 2, 3, 4], { requiresGrad: true });
 * x.unfold(0, 2); // => [[1. 2.]
 *    //     [2. 3.]
 *    //     [3. 4.]]
 * x.unfold(0, 2).sum().backward();
 * x.grad; // => [1. 2. 2. 1.]
 */
export const unfold: (
  x: Tensor,
  axis: number,
  size: number,
  step?: number,
  options?: nd.WindowOptions,
) => Tensor = linear("unfold", nd.unfold, (g, x, axis, _size, step, options) => {
  const along = nd.normalizeAxis("unfold", axis, x.ndim);
  return fold(g, along, x.shape[along]!, step, options);
});

/**
 * The transpose of `unfold`: windows, whose elements the last axis runs through, added up at the
 * places in an axis of `length` that they were taken from.
 *
 * @throws ShapeError when an axis of that length does not have these windows.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * ones([3, 3]).fold(0, 5); // => [1. 2. 3. 2. 1.]
 */
export const fold: (
  x: Tensor,
  axis: number,
  length: number,
  step?: number,
  options?: nd.WindowOptions,
) => Tensor = linear("fold", nd.fold, (g, x, axis, _length, step, options) => {
  const along = nd.normalizeAxis("fold", axis, x.ndim - 1);
  return unfold(g, along, x.shape.at(-1)!, step, options);
});
