/** Reading and writing elements by index expressions that hold arrays of positions and masks. */
import { type AdvancedIndex, planIndex, withoutMasks } from "../advanced-index.ts";
import { checkOptions, flag, type Kinds } from "../args.ts";
import { arange, full } from "../create.ts";
import { ArgumentError, ShapeError, show, showShape } from "../errors.ts";
import { isNDArray, type NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkList, checkShape, type Shape, sizeOf } from "../shape.ts";
import { parseIndex } from "../slice.ts";
import { checkArray, sameBackend } from "./common.ts";
import { add, mul } from "./elementwise.ts";
import {
  asIndex,
  checkIndex,
  fromStart,
  gather,
  inTheNameOf,
  scatter,
  scatterAdd,
  take,
} from "./indexing.ts";
import { positionsOf } from "./masks.ts";
import { broadcastTo, flatten, moveaxis, reshape, sliced } from "./views.ts";

/**
 * An index expression with every bool mask replaced by arrays of positions, which the host reads.
 *
 * @throws IndexError for a mask whose shape is not that of the axes it stands for, DeviceError
 *   where the backend cannot read without waiting.
 *
 * @example
 * import { array, expandMasks } from "@needle/ndarray";
 * const indices = expandMasks("at", [3], [array([true, false, true])]);
 * indices[0]; // => [0 2]
 */
export function expandMasks(
  op: string,
  shape: Shape,
  indices: readonly AdvancedIndex[],
): AdvancedIndex[] {
  checkShape(op, shape);
  checkIndices(op, indices);
  return withoutMasks(op, shape, indices, (mask) => positionsOf(op, mask));
}

/**
 * Indexing with arrays, by all of NumPy's rules (`x[...]`): whatever `slice` takes, and beside it
 * arrays of positions, which are broadcast together and pick one element each, and bool masks,
 * which stand for the positions where they are true. A copy; with no array in the expression, a
 * view.
 *
 * @throws IndexError for positions outside their axis, arrays that do not broadcast, masks of other
 *   shapes; DeviceError for masks where the backend cannot read without waiting.
 *
 * @example
 * import { arange, array } from "@needle/ndarray";
 * const x = arange(12).reshape([3, 4]);
 * const rows = array([0, 2], { dtype: "int32" });
 * x.at(rows, array([1, -1], { dtype: "int32" })); // => [ 1 11]
 * x.at(rows, ":2"); // => [[0 1]
 *    //     [8 9]]
 * x.at(x.gt(9)); // => [10 11]
 */
export function at(x: NDArray, ...indices: AdvancedIndex[]): NDArray {
  checkArray("at", x);
  checkIndices("at", indices);
  sameBackend("at", x, ...indices.filter(isNDArray));
  return read("at", x, indices);
}

/**
 * Throws where a part of an index expression is none.
 *
 * @example
 * import { checkIndices } from "@needle/ndarray";
 * checkIndices("at", [0, ":", null]);
 */
export function checkIndices(op: string, indices: readonly AdvancedIndex[]): void {
  checkList(op, "an index expression is an array", indices);
  for (const index of Array.from(indices)) {
    if (!isNDArray(index)) {
      if (index !== "...") parseIndex(op, index);
    } else if (index.dtype !== "bool") checkIndex(op, index);
  }
}

/** `at` in the name of `op`. */
function read(op: string, x: NDArray, indices: readonly AdvancedIndex[]): NDArray {
  if (!indices.some(isNDArray)) {
    return sliced(op, x, indices as readonly Exclude<AdvancedIndex, NDArray>[]);
  }
  return scope(() => {
    const plan = planIndex(op, x.shape, expandMasks(op, x.shape, indices));
    const part = sliced(op, x, plan.basic);
    const axes = plan.picked.map(({ axis }) => axis);
    const front = moveaxis(part, axes, [...axes.keys()]);
    const lengths = front.shape.slice(0, axes.length);
    const rest = front.shape.slice(axes.length);
    const positions = plan.picked.map(({ index }) => broadcastTo(asIndex(op, index), plan.shape));
    const elements = reshape(front, [sizeOf(lengths), ...rest]);
    const taken = inTheNameOf(op, () => take(elements, linear(positions, lengths)));
    const out = [...plan.shape.keys()];
    return moveaxis(
      taken,
      out,
      out.map((axis) => axis + plan.place),
    );
  });
}

/** Positions along several axes as positions along all of them joined. */
function linear(positions: readonly NDArray[], lengths: readonly number[]): NDArray {
  if (positions.length === 1) return positions[0]!;
  return positions
    .map((index, axis) => {
      // Picking from 0, 1, 2, … refuses what is outside this axis, though inside the joint one.
      const length = lengths[axis]!;
      const all = arange(0, length, 1, { dtype: "int32", backend: index.backend });
      const checked = gather(all, 0, flatten(fromStart("at", index, length)));
      return mul(reshape(checked, index.shape), sizeOf(lengths.slice(axis + 1)));
    })
    .reduce(add);
}

/** How written values meet what is there. */
export interface PutOptions {
  /** Add to what is there, repeated positions adding up, instead of replacing it. Default false. */
  readonly accumulate?: boolean;
}

/** What the options of `put` must be. */
export const putOptions: Kinds<PutOptions> = { accumulate: flag };

/**
 * A copy of `x` with `values`, broadcast and converted, written where `x.at(...indices)` reads
 * (`x[...] = values`, PyTorch's index_put). Of positions named twice the last counts, or all add up
 * under `accumulate`.
 *
 * @throws what `at` throws; ShapeError when `values` does not broadcast.
 *
 * @example
 * import { array, zeros } from "@needle/ndarray";
 * const rows = array([0, 2, 0], { dtype: "int32" });
 * zeros([3]).indexPut([rows], array([1, 2, 3])); // => [3. 0. 2.]
 * zeros([3]).indexPut([rows], 1, { accumulate: true }); // => [2. 0. 1.]
 */
export function indexPut(
  x: NDArray,
  indices: readonly AdvancedIndex[],
  values: NDArray | number,
  options: PutOptions = {},
): NDArray {
  return written("indexPut", x, indices, values, options);
}

/** `indexPut` in the name of `op`. */
function written(
  op: string,
  x: NDArray,
  indices: readonly AdvancedIndex[],
  values: NDArray | number,
  options: PutOptions,
): NDArray {
  checkArray(op, x);
  if (!Array.isArray(indices)) {
    throw new ArgumentError(op, `takes indices in an array, got ${show(indices)}`);
  }
  checkOptions(op, options, putOptions);
  checkIndices(op, indices);
  const backend = sameBackend(op, x, ...indices.filter(isNDArray), values);
  return scope(() => {
    const all = reshape(arange(0, x.size, 1, { dtype: "int32", backend }), x.shape);
    const places = read(op, all, indices);
    const wanted = typeof values === "number" ? [] : values.shape;
    const lead = places.ndim - wanted.length;
    const fits = wanted.every((length, i) => length === 1 || length === places.shape[lead + i]);
    if (lead < 0 || !fits) {
      throw new ShapeError(
        op,
        `values ${showShape(wanted)} do not broadcast to ${showShape(places.shape)}, the shape of what is written`,
      );
    }
    const source =
      typeof values === "number"
        ? full([places.size], values, { dtype: x.dtype, backend })
        : flatten(broadcastTo(values, places.shape));
    const write = options.accumulate === true ? scatterAdd : scatter;
    return reshape(write(flatten(x), 0, flatten(places), source), x.shape);
  });
}

/**
 * A copy of `x` with `values`, broadcast and converted, written at positions of the flattened array
 * (NumPy's put). Negative positions count from the end.
 *
 * @throws IndexError for positions outside the array.
 *
 * @example
 * import { array, zeros } from "@needle/ndarray";
 * zeros([2, 2]).put(array([0, -1], { dtype: "int32" }), array([5, 6])); // => [[5. 0.]
 *    //     [0. 6.]]
 */
export function put(
  x: NDArray,
  index: NDArray,
  values: NDArray | number,
  options: PutOptions = {},
): NDArray {
  checkArray("put", x);
  checkIndex("put", index);
  sameBackend("put", x, index, values);
  checkOptions("put", options, putOptions);
  return scope(() => {
    return reshape(written("put", flatten(x), [index], values, options), x.shape);
  });
}
