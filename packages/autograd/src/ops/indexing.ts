/** Ops that pick elements by integer tensors. */
import * as nd from "@needle/ndarray";
import { zerosLike } from "../create.ts";
import { checkTensors, constant, jointlyLinear, linear, unbroadcast } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { mul } from "./elementwise.ts";
import { astype, broadcastTo, reshape } from "./views.ts";

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
  checkTensors("scatterAdd", [x, index, source]);
  return scatterAddInto([x, source], axis, index);
}

/** `x` in the corner of zeros of `shape`. */
function padEnd(x: Tensor, shape: readonly number[]): Tensor {
  return x.unslice(shape, ...x.shape.map((length): nd.Index => [0, length]));
}

const takeAt = linear(
  "take",
  (x: nd.NDArray, index: nd.NDArray | Tensor, axis: number): nd.NDArray =>
    nd.take(x, index as nd.NDArray, axis),
  (g, x, index, axis): Tensor => {
    const along = nd.normalizeAxis("take", axis, x.ndim);
    const shape = x.shape.with(along, (index as Tensor).size);
    const positions = broadcastTo(column("take", index as Tensor, x, along), shape);
    return scatterAdd(zerosLike(x), along, positions, reshape(g, shape));
  },
);

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
  return takeAt(x, index, axis);
}

/** Positions counted from the start, in the shape that puts them along one axis of others. */
function column(op: string, index: Tensor, x: Tensor, axis: number): Tensor {
  const shape = x.shape.map((_, i) => (i === axis ? index.size : 1));
  return reshape(new Tensor(nd.fromStart(op, index.value, x.shape[axis]!)), shape);
}

const takeAlong = linear(
  "takeAlongAxis",
  (x: nd.NDArray, index: nd.NDArray | Tensor, axis: number): nd.NDArray =>
    nd.takeAlongAxis(x, index as nd.NDArray, axis),
  (g, x, index, axis): Tensor => {
    const along = nd.normalizeAxis("takeAlongAxis", axis, x.ndim);
    const { value } = index as Tensor;
    const positions = new Tensor(nd.fromStart("takeAlongAxis", value, x.shape[along]!));
    const zeros = zerosOf(g, g.shape.with(along, x.shape[along]!));
    return unbroadcast(scatterAdd(zeros, along, broadcastTo(positions, g.shape), g), x.shape);
  },
);

/**
 * Picks along one axis with an index for every element of the result, as `gather` does, but by
 * NumPy's rules: negative positions count from the end, and tensor and index are broadcast on the
 * other axes.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.takeAlongAxis(tensor([[-1, 0]], { dtype: "int32" })); // => [[3. 1.]
 *    //     [6. 4.]]
 */
export function takeAlongAxis(x: Tensor, index: Tensor, axis = -1): Tensor {
  return takeAlong(x, index, axis);
}

const select = linear(
  "indexSelect",
  (x: nd.NDArray, axis: number, index: nd.NDArray | Tensor): nd.NDArray =>
    nd.indexSelect(x, axis, index as nd.NDArray),
  (g, x, axis, index): Tensor => indexAdd(zerosLike(x), axis, index as Tensor, g),
);

/**
 * Whole slices along one axis, at the positions of a vector. Unlike `take` it refuses negative
 * positions.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.indexSelect(1, tensor([2, 0], { dtype: "int32" })); // => [[3. 1.]
 *    //     [6. 4.]]
 */
export function indexSelect(x: Tensor, axis: number, index: Tensor): Tensor {
  return select(x, axis, index);
}

const indexAddInto = jointlyLinear(
  "indexAdd",
  ([x, source], axis: number, index: nd.NDArray | Tensor): nd.NDArray =>
    nd.indexAdd(x!, axis, index as nd.NDArray, source!),
  (i, g, _inputs, axis, index) => (i === 0 ? g : indexSelect(g, axis, index as Tensor)),
);

/**
 * A copy of `x` with the slices of `source` added at the positions of a vector along one axis;
 * repeated positions add up.
 *
 * @throws ShapeError unless `source` has a slice for each position; IndexError for positions
 *   outside the axis.
 *
 * @example
 * import { tensor, zeros } from "@needle/autograd";
 * const index = tensor([1, 1], { dtype: "int32" });
 * zeros([2, 2]).indexAdd(0, index, tensor([[1, 2], [3, 4]])); // => [[0. 0.]
 *    //     [4. 6.]]
 */
export function indexAdd(x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  return indexAddInto([x, source], axis, index);
}

const scatterInto = jointlyLinear(
  "scatter",
  ([x, source], axis: number, index: nd.NDArray | Tensor): nd.NDArray =>
    nd.scatter(x!, axis, index as nd.NDArray, source!),
  (i, g, [, source], axis, index) => {
    const positions = index as Tensor;
    if (i === 0) return scatter(g, axis, positions, 0);
    // Only the last of those written to one place was read from there.
    const { backend } = g.value;
    const order = nd.reshape(
      nd.arange(0, positions.size, 1, { dtype: "int32", backend }),
      positions.shape,
    );
    const blank = nd.zeros(g.shape, { dtype: "int32", backend });
    const written = nd.scatter(blank, axis, positions.value, order);
    const last = new Tensor(nd.eq(nd.gather(written, axis, positions.value), order));
    const picked = mul(gather(g, axis, positions), astype(last, g.dtype));
    return nd.sameShape(picked.shape, source!.shape) ? picked : padEnd(picked, source!.shape);
  },
);

/**
 * A copy of `x` with elements of `source`, or one number, written at the positions `index` names
 * along one axis: `out[index[i][j]][j] = source[i][j]` for axis 0. Of repeated positions the last
 * in row-major order counts, and gets the gradient.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { tensor, zeros } from "@needle/autograd";
 * const index = tensor([0, 2, 0], { dtype: "int32" });
 * zeros([3]).scatter(0, index, tensor([1, 2, 3])); // => [3. 0. 2.]
 */
export function scatter(x: Tensor, axis: number, index: Tensor, source: Tensor | number): Tensor {
  checkTensors("scatter", [x, index]);
  nd.normalizeAxis("scatter", axis, x.ndim);
  if (typeof source !== "number") return scatterInto([x, source], axis, index);
  return nd.scope(() => {
    const value = nd.full([], source, { dtype: x.dtype, backend: x.value.backend });
    return scatterInto([x, new Tensor(nd.broadcastTo(value, index.shape))], axis, index);
  });
}

function zerosOf(g: Tensor, shape: nd.Shape): Tensor {
  return new Tensor(nd.zeros(shape, { dtype: g.dtype, backend: g.value.backend }));
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
