/** Ops about which values there are and how often: sets, sorted tables, counts. */
import * as nd from "@needle/ndarray";
import { checkTensors, constant, tensorKind } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { scatterAdd } from "./indexing.ts";

/** What `unique` finds. */
export interface Unique {
  /** The distinct elements in increasing order, NaN last and once. */
  readonly values: Tensor;
  /** Where each stands first in the flattened tensor, int32. */
  readonly index: Tensor;
  /** For each element of the tensor its position in `values`, int32 in the tensor's shape. */
  readonly inverse: Tensor;
  /** How often each occurs, int32. */
  readonly counts: Tensor;
}

/**
 * The distinct elements in increasing order, where each stands first, which of them every element
 * is, and how often each occurs. None has a gradient; `x.flatten().take(index)` does.
 *
 * @throws DeviceError where the backend cannot read without waiting.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([3, 1, 3]).unique().counts; // => [1 2]
 */
export function unique(x: Tensor): Unique {
  checkTensors("unique", [x]);
  const { values, index, inverse, counts } = nd.unique(x.value);
  return {
    values: new Tensor(values),
    index: new Tensor(index),
    inverse: new Tensor(inverse),
    counts: new Tensor(counts),
  };
}

/**
 * Where values belong in a sorted table, so that it stays sorted: int32 positions in the shape of
 * `values`, before equal elements or, with `side: "right"`, after them.
 *
 * @throws ShapeError when the leading axes of table and values differ.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 3, 3, 5]).searchsorted(tensor([3, 6])); // => [1 4]
 */
export const searchsorted: (
  table: Tensor,
  values: Tensor | number,
  options?: nd.SearchOptions,
) => Tensor = constant(nd.searchsorted);

/** What `bincount` counts. */
export interface BincountOptions {
  /** Added instead of 1 for each element; in the tensor's shape. */
  readonly weights?: Tensor;
  /** The least length of the result. Default 0. */
  readonly minlength?: number;
}

const bincountOptions: nd.args.Kinds<BincountOptions> = {
  weights: tensorKind,
  minlength: nd.args.number,
};

/**
 * How often each whole number from 0 to the largest occurs in a vector, int32, or the sum of its
 * weights, which have a gradient.
 *
 * @throws ArgumentError for negative elements, DeviceError where the backend cannot read without
 *   waiting.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 3, 1], { dtype: "int32" }).bincount(); // => [0 2 0 1]
 */
export function bincount(x: Tensor, options: BincountOptions = {}): Tensor {
  checkTensors("bincount", [x]);
  nd.args.checkOptions("bincount", options, bincountOptions);
  const { weights, minlength = 0 } = options;
  if (weights === undefined) return new Tensor(nd.bincount(x.value, { minlength }));
  const length = nd.bincountLength(x.value, weights.shape, minlength);
  return nd.scope(() => {
    const zeros = nd.zeros([length], { dtype: weights.dtype, backend: x.value.backend });
    return scatterAdd(new Tensor(zeros), 0, x, weights);
  });
}
