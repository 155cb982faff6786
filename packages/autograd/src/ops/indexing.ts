/** Ops that pick elements by integer tensors. */
import * as nd from "@needle/ndarray";
import { zerosLike } from "../create.ts";
import { constant, jointlyLinear, linear } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, lt, where } from "./elementwise.ts";
import { broadcastTo, reshape } from "./views.ts";

const gatherWith = linear(
  "gather",
  (x: nd.NDArray, axis: number, index: nd.NDArray | Tensor): nd.NDArray =>
    nd.gather(x, axis, index as nd.NDArray),
  (g, x, axis, index): Tensor => scatterAdd(zerosLike(x), axis, index as Tensor, g),
);

/**
 * Picks along one axis with an index for every element of the result:
 * `out[i][j] = x[index[i][j]][j]` for axis 0.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const scores = tensor([[0.1, 0.9], [0.6, 0.4]]);
 * const labels = tensor([1, 0], { dtype: "int32" });
 * scores.gather(1, labels.unsqueeze(1)); // => [[0.9]
 *    //     [0.6]]
 */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  return gatherWith(x, axis, index);
}

const scatterAddInto = jointlyLinear(
  "scatterAdd",
  ([x, source], axis: number, index: nd.NDArray | Tensor): nd.NDArray =>
    nd.scatterAdd(x!, axis, index as nd.NDArray, source!),
  (i, g, [, source], axis, index) => {
    if (i === 0) return g;
    const picked = gather(g, axis, index as Tensor);
    return nd.sameShape(picked.shape, source!.shape) ? picked : padEnd(picked, source!.shape);
  },
);

/**
 * A copy of `x` with `source` added at the positions `index` names along one axis; repeated
 * positions add up.
 *
 * @example
 * import { tensor, zeros } from "@needle/autograd";
 * const index = tensor([0, 2, 0], { dtype: "int32" });
 * zeros([3]).scatterAdd(0, index, tensor([1, 2, 3])); // => [4. 0. 2.]
 */
export function scatterAdd(x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  return scatterAddInto([x, source], axis, index);
}

/** `x` in the corner of zeros of `shape`. */
function padEnd(x: Tensor, shape: readonly number[]): Tensor {
  return x.unslice(shape, ...x.shape.map((length): nd.Index => [0, length]));
}

/**
 * Whole slices along one axis, at the positions of `index` (of any shape), whose axes take the
 * place of that axis.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const table = tensor([[1, 2], [3, 4], [5, 6]], { requiresGrad: true });
 * table.take(tensor([2, 0, 2], { dtype: "int32" })).sum().backward();
 * table.grad; // => [[1. 1.]
 *    //     [0. 0.]
 *    //     [2. 2.]]
 */
export function take(x: Tensor, index: Tensor, axis = 0): Tensor {
  const along = nd.normalizeAxis("take", axis, x.ndim);
  const column = x.shape.map((_, i) => (i === along ? index.size : 1));
  const spread = x.shape.map((length, i) => (i === along ? index.size : length));
  return nd.scope(() => {
    const positions = where(lt(index, 0), add(index, x.shape[along]!), index);
    const picked = gather(x, along, broadcastTo(reshape(positions, column), spread));
    return reshape(picked, [
      ...x.shape.slice(0, along),
      ...index.shape,
      ...x.shape.slice(along + 1),
    ]);
  });
}

/**
 * Vectors of length `classes` with a one at the label's position: `[…] -> […, classes]`, float32.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([2, 0], { dtype: "int32" }).oneHot(3); // => [[0. 0. 1.]
 *    //     [1. 0. 0.]]
 */
export const oneHot: (labels: Tensor, classes: number) => Tensor = constant(nd.oneHot);
