/** Sorting, and picking the largest. The slope of each value goes to the element it was. */
import * as nd from "@needle/ndarray";
import { checkTensors, constant } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { type Located, located } from "./scan.ts";

/**
 * The int32 positions that put `x` in order along `axis`. Equal elements keep their order; NaN
 * comes last (first when descending).
 */
export const argsort: (x: Tensor, axis?: number, options?: nd.SortOptions) => Tensor = constant(
  nd.argsort,
);

/**
 * The elements in order along `axis`, NaN last (first when descending).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([3, 1, 2], { requiresGrad: true });
 * x.sort().mul(tensor([10, 20, 30])).backward();
 * x.grad; // => [30. 10. 20.]
 */
export function sort(x: Tensor, axis = -1, options: nd.SortOptions = {}): Tensor {
  checkTensors("sort", [x]);
  return located(x, axis, (values) => ({ indices: nd.argsort(values, axis, options) })).values;
}

/**
 * The `k` largest elements along `axis`, the largest first, and where they are (int32).
 *
 * @throws ArgumentError unless there are `k` elements along the axis.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([3, 1, 4], { requiresGrad: true });
 * const { values, indices } = x.topk(2);
 * indices; // => [2 0]
 * values.backward();
 * x.grad; // => [1. 0. 1.]
 */
export function topk(x: Tensor, k: number, axis = -1, options: nd.TopkOptions = {}): Located {
  checkTensors("topk", [x]);
  return located(x, axis, (values) => nd.topk(values, k, axis, options));
}
