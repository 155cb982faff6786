/** Reading and writing elements by index expressions that hold tensors of positions and masks. */
import * as nd from "@needle/ndarray";
import { checkTensors, jointlyLinear, linear, unbroadcast } from "../op.ts";
import { isTensor, Tensor } from "../tensor.ts";
import { mul } from "./elementwise.ts";
import { astype, flatten, reshape, slice } from "./views.ts";

/** One part of an index expression that may hold tensors: of positions, or bool masks. */
export type AdvancedIndex = nd.Index | Tensor;

type Given = AdvancedIndex | nd.NDArray;

function valuesOf(indices: readonly Given[]): nd.AdvancedIndex[] {
  return indices.map((index) => (isTensor(index) ? index.value : index));
}

/** Without masks, which only the forward pass reads. */
function expanded(op: string, x: Tensor, indices: readonly AdvancedIndex[]): AdvancedIndex[] {
  return nd
    .expandMasks(op, x.shape, valuesOf(indices))
    .map((index) => (nd.isNDArray(index) ? new Tensor(index) : index));
}

const read = linear(
  "at",
  (x: nd.NDArray, ...indices: Given[]): nd.NDArray => nd.at(x, ...valuesOf(indices)),
  (g, x, ...indices): Tensor => {
    const zeros = new Tensor(nd.zeros(x.shape, { dtype: g.dtype, backend: g.value.backend }));
    return write([zeros, g], true, ...indices);
  },
);

const write = jointlyLinear(
  "indexPut",
  ([x, values], accumulate: boolean, ...indices: Given[]): nd.NDArray =>
    nd.indexPut(x!, valuesOf(indices), values!, { accumulate }),
  (i, g, [, values], accumulate, ...indices): Tensor => {
    if (i === 1) {
      const picked = read(g, ...indices);
      return unbroadcast(accumulate ? picked : mul(picked, lastOf(g, indices)), values!.shape);
    }
    const none = new Tensor(nd.zeros([], { dtype: g.dtype, backend: g.value.backend }));
    return accumulate ? g : write([g, none], false, ...indices);
  },
);

/** 1 for each value that is the last one written to its place, else 0. */
function lastOf(g: Tensor, indices: readonly Given[]): Tensor {
  const places = valuesOf(indices);
  const { backend } = g.value;
  const blank = nd.zeros(g.shape, { dtype: "int32", backend });
  const { shape, size } = nd.at(blank, ...places);
  const order = nd.reshape(nd.arange(0, size, 1, { dtype: "int32", backend }), shape);
  const written = nd.indexPut(blank, places, order);
  return astype(new Tensor(nd.eq(nd.at(written, ...places), order)), g.dtype);
}

/**
 * Indexing with tensors, by all of NumPy's rules (`x[...]`): whatever `slice` takes, and beside it
 * tensors of positions, which are broadcast together and pick one element each, and bool masks,
 * which stand for the positions where they are true.
 *
 * @throws IndexError for positions outside their axis, tensors that do not broadcast, masks of
 *   other shapes; DeviceError for masks where the backend cannot read without waiting.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * const rows = tensor([0, 1, 0], { dtype: "int32" });
 * x.at(rows, 1); // => [2. 4. 2.]
 * x.at(rows, 1).sum().backward();
 * x.grad; // => [[0. 2.]
 *    //     [0. 1.]]
 */
export function at(x: Tensor, ...indices: AdvancedIndex[]): Tensor {
  checkTensors("at", [x]);
  nd.checkIndices("at", valuesOf(indices));
  if (!indices.some(isTensor)) return slice(x, ...(indices as readonly nd.Index[]));
  return nd.scope(() => read(x, ...expanded("at", x, indices)));
}

/**
 * A copy of `x` with `values`, broadcast and converted, written where `x.at(...indices)` reads. Of
 * positions named twice the last counts and gets the gradient, or all add up under `accumulate`.
 *
 * @throws what `at` throws; ShapeError when `values` does not broadcast.
 *
 * @example
 * import { tensor, zeros } from "@needle/autograd";
 * const rows = tensor([0, 2, 0], { dtype: "int32" });
 * zeros([3]).indexPut([rows], tensor([1, 2, 3])); // => [3. 0. 2.]
 */
export function indexPut(
  x: Tensor,
  indices: readonly AdvancedIndex[],
  values: Tensor | number,
  options: nd.PutOptions = {},
): Tensor {
  checkTensors("indexPut", [x]);
  if (!Array.isArray(indices)) {
    throw new nd.ArgumentError("indexPut", `takes indices in an array, got ${nd.show(indices)}`);
  }
  nd.checkIndices("indexPut", valuesOf(indices));
  if (typeof values !== "number") checkTensors("indexPut", [values]);
  const { accumulate = false } = nd.args.checkOptions("indexPut", options, nd.putOptions);
  return nd.scope(() => {
    const { backend } = x.value;
    const written = isTensor(values)
      ? values
      : new Tensor(nd.full([], values, { dtype: x.dtype, backend }));
    return write([x, written], accumulate, ...expanded("indexPut", x, indices));
  });
}

/**
 * A copy of `x` with `values`, broadcast and converted, written at positions of the flattened
 * tensor. Negative positions count from the end.
 *
 * @throws IndexError for positions outside the tensor.
 *
 * @example
 * import { tensor, zeros } from "@needle/autograd";
 * zeros([2, 2]).put(tensor([0, -1], { dtype: "int32" }), tensor([5, 6])); // => [[5. 0.]
 *    //     [0. 6.]]
 */
export function put(
  x: Tensor,
  index: Tensor,
  values: Tensor | number,
  options: nd.PutOptions = {},
): Tensor {
  checkTensors("put", [x, index]);
  nd.checkIndices("put", [index.value]);
  if (typeof values !== "number") {
    checkTensors("put", [values]);
    nd.checkStretches("put", "values", values.shape, index.shape);
  }
  nd.args.checkOptions("put", options, nd.putOptions);
  return nd.scope(() => reshape(indexPut(flatten(x), [index], values, options), x.shape));
}
