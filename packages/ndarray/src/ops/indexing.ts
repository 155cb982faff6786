/** Ops that pick elements by integer arrays. All give copies. */
import { arange, zeros } from "../create.ts";
import { ArgumentError, DTypeError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkGather, checkSource, normalizeAxis } from "../shape.ts";
import type { Index } from "../slice.ts";
import { assign, astype, copy, emptyLike } from "./cast.ts";
import { sameBackend } from "./common.ts";
import { add, eq, lt, where } from "./elementwise.ts";
import { broadcastTo, reshape, slice, unsqueeze } from "./views.ts";

/** An index array as kernels take it. */
export function asIndex(op: string, index: NDArray): NDArray {
  if (index.dtype === "bool" || index.dtype === "float32" || index.dtype === "float64") {
    throw new DTypeError(
      op,
      `indices must be integers, got ${index.dtype}`,
      'Convert with astype("int32") first.',
    );
  }
  return astype(index, "int32");
}

/**
 * Picks along one axis with an index for every element of the result:
 * `out[i][j] = x[index[i][j]][j]` for axis 0 (PyTorch's gather).
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[1, 2, 3], [4, 5, 6]]);
 * x.gather(1, array([[2], [0]], { dtype: "int32" })); // => [[3.]
 *    //     [4.]]
 */
export function gather(x: NDArray, axis: number, index: NDArray): NDArray {
  const backend = sameBackend("gather", x, index);
  const along = normalizeAxis("gather", axis, x.ndim);
  checkGather("gather", x.shape, index.shape, along);
  return scope(() => {
    const out = emptyLike(x, index.shape);
    backend.gather(
      out.view("gather"),
      x.view("gather"),
      asIndex("gather", index).view("gather"),
      along,
    );
    return out;
  });
}

/**
 * A copy of `x` with `source` added at the positions `index` names along one axis; repeated
 * positions add up: `out[index[i][j]][j] += source[i][j]` for axis 0.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { array, zeros } from "@needle/ndarray";
 * const index = array([0, 2, 0], { dtype: "int32" });
 * zeros([3]).scatterAdd(0, index, array([1, 2, 3])); // => [4. 0. 2.]
 */
export function scatterAdd(x: NDArray, axis: number, index: NDArray, source: NDArray): NDArray {
  const backend = sameBackend("scatterAdd", x, index, source);
  const along = normalizeAxis("scatterAdd", axis, x.ndim);
  checkGather("scatterAdd", x.shape, index.shape, along);
  checkSource("scatterAdd", source.shape, index.shape);
  return scope(() => {
    const out = copy(x);
    const from = astype(slice(source, ...index.shape.map((length): Index => [0, length])), x.dtype);
    backend.scatterAdd(
      out.view("scatterAdd"),
      asIndex("scatterAdd", index).view("scatterAdd"),
      from.view("scatterAdd"),
      along,
    );
    return out;
  });
}

/**
 * Whole slices along one axis, at the positions of `index` (of any shape), whose axes take the
 * place of that axis. Negative positions count from the end (NumPy's take).
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const rows = array([[1, 2], [3, 4], [5, 6]]);
 * rows.take(array([2, 0], { dtype: "int32" })); // => [[5. 6.]
 *    //     [1. 2.]]
 */
export function take(x: NDArray, index: NDArray, axis = 0): NDArray {
  sameBackend("take", x, index);
  const along = normalizeAxis("take", axis, x.ndim);
  return scope(() => {
    const given = asIndex("take", index);
    const positions = where(lt(given, 0), add(given, x.shape[along]!), given);
    const column = x.shape.map((_, i) => (i === along ? index.size : 1));
    const spread = x.shape.map((length, i) => (i === along ? index.size : length));
    const picked = gather(x, along, broadcastTo(reshape(positions, column), spread));
    return reshape(picked, [
      ...x.shape.slice(0, along),
      ...index.shape,
      ...x.shape.slice(along + 1),
    ]);
  });
}

/**
 * Vectors of length `classes` with a one at the label's position: `[…] -> […, classes]`, float32. A
 * label outside the range gives zeros only.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([2, 0], { dtype: "int32" }).oneHot(3); // => [[0. 0. 1.] [1. 0. 0.]]
 */
export function oneHot(labels: NDArray, classes: number): NDArray {
  labels.checkAlive("oneHot");
  if (!Number.isSafeInteger(classes) || classes < 0) {
    throw new ArgumentError(
      "oneHot",
      `classes must be a whole number of at least 0, got ${classes}`,
    );
  }
  return scope(() => {
    const wanted = unsqueeze(asIndex("oneHot", labels), -1);
    const positions = arange(0, classes, 1, { dtype: "int32", backend: labels.backend });
    return astype(eq(wanted, positions), "float32");
  });
}

/**
 * Zeros of `shape` with `x` written at the place that `slice(...indices)` reads: the transpose of
 * `slice`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).unslice([5], "1::2"); // => [0. 1. 0. 2. 0.]
 */
export function unslice(x: NDArray, shape: readonly number[], ...indices: Index[]): NDArray {
  x.checkAlive("unslice");
  return scope(() => {
    const out = zeros(shape, { dtype: x.dtype, backend: x.backend });
    assign(slice(out, ...indices), x);
    return out;
  });
}
