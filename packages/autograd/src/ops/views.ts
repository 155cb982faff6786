/** Linear ops that rearrange, repeat or convert elements: each states its transpose. */
import * as nd from "@needle/ndarray";
import { checkTensors, linear, unbroadcast } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** The same elements in row-major order under another shape; one size may be -1. */
export const reshape: (x: Tensor, shape: nd.Shape) => Tensor = linear(
  "reshape",
  nd.reshape,
  (g, x) => reshape(g, x.shape),
);

/**
 * All elements along one axis, or the axes from `start` to `end` (both included) joined into one.
 */
export const flatten: (x: Tensor, start?: number, end?: number) => Tensor = linear(
  "flatten",
  nd.flatten,
  (g, x) => reshape(g, x.shape),
);

/** Without the axes of size 1: all of them, or those given (which must have size 1). */
export const squeeze: (x: Tensor, axes?: nd.Axes) => Tensor = linear(
  "squeeze",
  nd.squeeze,
  (g, x) => reshape(g, x.shape),
);

/** With a new axis of size 1 at position `axis` of the result. */
export const unsqueeze: (x: Tensor, axis: number) => Tensor = linear(
  "unsqueeze",
  nd.unsqueeze,
  (g, x) => reshape(g, x.shape),
);

/**
 * The axes in another order: axis `i` of the result is axis `axes[i]` of `x`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * zeros([2, 3, 4]).permute([2, 0, 1]).shape; // => [4,2,3]
 */
export const permute: (x: Tensor, axes: readonly number[]) => Tensor = linear(
  "permute",
  nd.permute,
  (g, x, axes) =>
    permute(g, inverse(axes.map((axis) => nd.normalizeAxis("permute", axis, x.ndim)))),
);

/** Two axes swapped, the last two unless others are given. */
export const transpose: (
  x: Tensor,
  axes?: number | readonly [number, number],
  other?: number,
) => Tensor = linear("transpose", nd.transpose, (g, _x, ...axes) => transpose(g, ...axes));

/** Two axes swapped. */
export const swapaxes: (x: Tensor, a: number, b: number) => Tensor = linear(
  "swapaxes",
  nd.swapaxes,
  (g, _x, a, b) => swapaxes(g, a, b),
);

/**
 * One axis or several moved to other places; the rest keep their order.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * zeros([2, 3, 4]).moveaxis(0, -1).shape; // => [3,4,2]
 */
export const moveaxis: (
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
) => Tensor = linear("moveaxis", nd.moveaxis, (g, _x, source, destination) =>
  moveaxis(g, destination, source),
);

/**
 * Stretched to `shape` by NumPy's rules.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[1], [2]], { requiresGrad: true });
 * x.broadcastTo([2, 3]).backward();
 * x.grad; // => [[3.]
 *    //     [3.]]
 */
export const broadcastTo: (x: Tensor, shape: nd.Shape) => Tensor = linear(
  "broadcastTo",
  nd.broadcastTo,
  (g, x) => unbroadcast(g, x.shape),
);

/**
 * `broadcastTo`, with -1 for a size that stays as it is.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * zeros([3, 1]).expand([2, -1, 4]).shape; // => [2,3,4]
 */
export const expand: (x: Tensor, shape: nd.Shape) => Tensor = linear("expand", nd.expand, (g, x) =>
  unbroadcast(g, x.shape),
);

/**
 * Basic slicing with NumPy's rules, one argument an axis: positions, ranges, `null` for a new axis,
 * `"..."`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[1, 2, 3], [4, 5, 6]], { requiresGrad: true });
 * x.slice(":", -1); // => [3. 6.]
 * x.slice(0, "::2").sum().backward();
 * x.grad; // => [[1. 0. 1.]
 *    //     [0. 0. 0.]]
 */
export const slice: (x: Tensor, ...indices: nd.Index[]) => Tensor = linear(
  "slice",
  nd.slice,
  (g, x, ...indices) => unslice(g, x.shape, ...indices),
);

/**
 * Zeros of `shape` with `x`, broadcast, written at the place that `slice(...indices)` reads: the
 * transpose of `slice`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).unslice([5], "1::2"); // => [0. 1. 0. 2. 0.]
 */
export const unslice: (x: Tensor, shape: readonly number[], ...indices: nd.Index[]) => Tensor =
  linear("unslice", nd.unslice, (g, x, _shape, ...indices) =>
    unbroadcast(slice(g, ...indices), x.shape),
  );

/** The elements in reverse order along the axes (all unless given). */
export const flip: (x: Tensor, axes?: nd.Axes) => Tensor = linear("flip", nd.flip, (g, _x, axes) =>
  flip(g, axes),
);

/** A copy in memory of its own. */
export const clone: (x: Tensor) => Tensor = linear(
  "clone",
  (x) => nd.copy(x),
  (g) => g,
);

const convert = linear(
  "astype",
  (x: nd.NDArray, dtype: nd.DType): nd.NDArray => nd.astype(x, dtype),
  (g, x) => astype(g, x.dtype),
);

/**
 * The values as another dtype; the tensor itself if it has that dtype. Gradients pass between float
 * dtypes.
 */
export function astype(x: Tensor, dtype: nd.DType): Tensor {
  checkTensors("astype", [x]);
  return x.dtype === dtype ? x : convert(x, dtype);
}

const move = linear(
  "to",
  (x: nd.NDArray, backend: nd.Backend): nd.NDArray => nd.to(x, backend),
  (g, x) => to(g, x.backend),
);

/** The values on another backend; the tensor itself if it is there already. */
export function to(x: Tensor, backend: nd.Backend): Tensor {
  checkTensors("to", [x]);
  return x.backend === backend ? x : move(x, backend);
}

function inverse(order: readonly number[]): number[] {
  const result = new Array<number>(order.length);
  order.forEach((axis, i) => {
    result[axis] = i;
  });
  return result;
}
