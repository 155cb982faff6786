/** Ops that pick elements by integer arrays. All give copies. */
import { check, whole } from "../args.ts";
import { arange, full, zeros } from "../create.ts";
import { DTypeError, IndexError, ShapeError, showShape } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import {
  broadcastShapes,
  broadcastStrides,
  checkGather,
  checkShape,
  checkSource,
  normalizeAxis,
  rowMajorStrides,
  type Shape,
  sameShape,
} from "../shape.ts";
import { type Index, sliceLayout } from "../slice.ts";
import { assign, astype, copy, emptyLike } from "./cast.ts";
import { checkArray, sameBackend } from "./common.ts";
import { add, eq, ge, logicalAnd, lt, where } from "./elementwise.ts";
import { broadcastTo, reshape, slice, unsqueeze } from "./views.ts";

/** An index array as kernels take it. */
export function asIndex(op: string, index: NDArray): NDArray {
  checkIndex(op, index);
  return astype(index, "int32");
}

/** Throws unless an array can be one of positions: integers. */
export function checkIndex(op: string, index: NDArray): void {
  checkArray(op, index);
  if (index.dtype === "bool" || index.dtype === "float32" || index.dtype === "float64") {
    throw new DTypeError(
      op,
      `indices must be integers, got ${index.dtype}`,
      'Convert with astype("int32") first.',
    );
  }
}

/**
 * Positions of which negative ones count from the end of an axis of `length`, as kernels take them.
 * Those too far before the start stay negative, so that kernels refuse them as they were given.
 *
 * @example
 * import { array, fromStart } from "@needle/ndarray";
 * fromStart("take", array([0, -1, -5], { dtype: "int32" }), 3); // => [ 0  2 -5]
 */
export function fromStart(op: string, index: NDArray, length: number): NDArray {
  check(op, "the length of an axis", length, whole(0));
  return scope(() => {
    const given = asIndex(op, index);
    const counted = logicalAnd(lt(given, 0), ge(given, -length));
    return where(counted, add(given, length), given);
  });
}

/** Runs kernels in the name of `op`, which is then what their errors name. */
export function inTheNameOf<T>(op: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    throw new IndexError(op, error.message.slice(error.message.indexOf(": ") + 2));
  }
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
  checkIndex("gather", index);
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
  checkIndex("scatterAdd", index);
  checkArray("scatterAdd", source);
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
  checkIndex("take", index);
  sameBackend("take", x, index);
  const along = normalizeAxis("take", axis, x.ndim);
  const column = x.shape.map((_, i) => (i === along ? index.size : 1));
  const spread = x.shape.with(along, index.size);
  return scope(() => {
    const positions = fromStart("take", index, x.shape[along]!);
    const wanted = broadcastTo(reshape(positions, column), spread);
    const picked = inTheNameOf("take", () => gather(x, along, wanted));
    return reshape(picked, x.shape.toSpliced(along, 1, ...index.shape));
  });
}

/**
 * Picks along one axis with an index for every element of the result, as `gather` does, but by
 * NumPy's rules: negative positions count from the end, and array and index are broadcast on the
 * other axes (take_along_axis). Undoes `argsort`.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[1, 2, 3], [4, 5, 6]]);
 * x.takeAlongAxis(array([[-1, 0]], { dtype: "int32" }), 1); // => [[3. 1.] [6. 4.]]
 */
export function takeAlongAxis(x: NDArray, index: NDArray, axis = -1): NDArray {
  checkIndex("takeAlongAxis", index);
  sameBackend("takeAlongAxis", x, index);
  const along = normalizeAxis("takeAlongAxis", axis, x.ndim);
  if (index.ndim !== x.ndim) {
    throw new ShapeError(
      "takeAlongAxis",
      `index ${showShape(index.shape)} and array ${showShape(x.shape)} differ in rank`,
      "Add axes of size 1 to the index with unsqueeze.",
    );
  }
  const others = (shape: Shape): number[] => shape.with(along, 1);
  const spread = broadcastShapes("takeAlongAxis", others(x.shape), others(index.shape));
  return scope(() => {
    const positions = fromStart("takeAlongAxis", index, x.shape[along]!);
    const wanted = broadcastTo(positions, spread.with(along, index.shape[along]!));
    const source = broadcastTo(x, spread.with(along, x.shape[along]!));
    return inTheNameOf("takeAlongAxis", () => gather(source, along, wanted));
  });
}

/** Checks an index of `indexSelect` and `indexAdd`, and spreads it over slices of `shape`. */
function spreadIndex(op: string, index: NDArray, shape: Shape, axis: number): NDArray {
  if (index.ndim > 1) {
    throw new ShapeError(op, `the index must be a vector, got ${showShape(index.shape)}`);
  }
  const column = shape.map((_, i) => (i === axis ? index.size : 1));
  return broadcastTo(reshape(asIndex(op, index), column), shape.with(axis, index.size));
}

/**
 * Whole slices along one axis, at the positions of a vector (PyTorch's index_select). Unlike `take`
 * it refuses negative positions.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[1, 2, 3], [4, 5, 6]]);
 * x.indexSelect(1, array([2, 0], { dtype: "int32" })); // => [[3. 1.] [6. 4.]]
 */
export function indexSelect(x: NDArray, axis: number, index: NDArray): NDArray {
  checkIndex("indexSelect", index);
  sameBackend("indexSelect", x, index);
  const along = normalizeAxis("indexSelect", axis, x.ndim);
  return scope(() => {
    const wanted = spreadIndex("indexSelect", index, x.shape, along);
    return inTheNameOf("indexSelect", () => gather(x, along, wanted));
  });
}

/**
 * A copy of `x` with the slices of `source` added at the positions of a vector along one axis;
 * repeated positions add up (PyTorch's index_add).
 *
 * @throws ShapeError unless `source` has a slice for each position; IndexError for positions
 *   outside the axis.
 *
 * @example
 * import { array, zeros } from "@needle/ndarray";
 * const index = array([1, 1], { dtype: "int32" });
 * zeros([2, 2]).indexAdd(0, index, array([[1, 2], [3, 4]])); // => [[0. 0.] [4. 6.]]
 */
export function indexAdd(x: NDArray, axis: number, index: NDArray, source: NDArray): NDArray {
  checkIndex("indexAdd", index);
  checkArray("indexAdd", source);
  sameBackend("indexAdd", x, index, source);
  const along = normalizeAxis("indexAdd", axis, x.ndim);
  const expected = x.shape.with(along, index.size);
  if (!sameShape(source.shape, expected)) {
    throw new ShapeError(
      "indexAdd",
      `source ${showShape(source.shape)} should be ${showShape(expected)}, a slice for each position`,
    );
  }
  return scope(() => {
    const wanted = spreadIndex("indexAdd", index, x.shape, along);
    return inTheNameOf("indexAdd", () => scatterAdd(x, along, wanted, source));
  });
}

/**
 * A copy of `x` with elements of `source`, or one number, written at the positions `index` names
 * along one axis: `out[index[i][j]][j] = source[i][j]` for axis 0 (PyTorch's scatter). Of repeated
 * positions the last in row-major order counts.
 *
 * @throws IndexError for positions outside the axis.
 *
 * @example
 * import { array, zeros } from "@needle/ndarray";
 * const index = array([0, 2, 0], { dtype: "int32" });
 * zeros([3]).scatter(0, index, array([1, 2, 3])); // => [3. 0. 2.]
 */
export function scatter(
  x: NDArray,
  axis: number,
  index: NDArray,
  source: NDArray | number,
): NDArray {
  checkIndex("scatter", index);
  const backend = sameBackend("scatter", x, index, source);
  const along = normalizeAxis("scatter", axis, x.ndim);
  checkGather("scatter", x.shape, index.shape, along);
  if (typeof source !== "number") checkSource("scatter", source.shape, index.shape);
  return scope(() => {
    const out = copy(x);
    const from =
      typeof source === "number"
        ? broadcastTo(full([], source, { dtype: x.dtype, backend }), index.shape)
        : astype(slice(source, ...index.shape.map((length): Index => [0, length])), x.dtype);
    const positions = asIndex("scatter", index).view("scatter");
    backend.scatter(out.view("scatter"), positions, from.view("scatter"), along);
    return out;
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
  checkArray("oneHot", labels);
  check("oneHot", "classes", classes, whole(0));
  checkIndex("oneHot", labels);
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
  checkArray("unslice", x);
  checkShape("unslice", shape);
  const whole = { shape: [...shape], strides: rowMajorStrides(shape), offset: 0 };
  const part = sliceLayout(whole, indices, "unslice");
  broadcastStrides("unslice", x.shape, x.strides, part.shape);
  return scope(() => {
    const out = zeros(shape, { dtype: x.dtype, backend: x.backend });
    assign(slice(out, ...indices), x);
    return out;
  });
}
