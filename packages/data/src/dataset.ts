/**
 * Datasets: a number of items and a way to get some of them as a batch. What goes through them in
 * which order is the loader's.
 */
import { isTensor, Tensor } from "@needle/autograd";
import {
  ArgumentError,
  args,
  fromTypedArray,
  IndexError,
  type NDArray,
  ShapeError,
  scope,
  showShape,
} from "@needle/ndarray";

import * as kinds from "./kinds.ts";

/**
 * Items that can be got in batches: the fields of an item (image and label, say) are the tensors of
 * a batch, stacked along a new first axis. Any object with these two members can be loaded.
 *
 * A DataLoader frees the tensors of a batch when it moves on, so `batch` returns new ones each
 * time, or ones with `keep()`. Wrap its work in `scope` if it makes arrays on the way.
 *
 * @example
 * import { tensor, type Tensor } from "@needle/autograd";
 * import { DataLoader, type Dataset } from "@needle/data";
 * const squares: Dataset<[Tensor]> = {
 *   length: 5,
 *   batch: (indices) => [tensor(indices.map((i) => i * i))],
 * };
 * const loaded = [...new DataLoader(squares, { batchSize: 2 })].length;
 * loaded; // => 3
 */
export interface Dataset<Batch extends readonly Tensor[] = readonly Tensor[]> {
  /** The number of items. */
  readonly length: number;
  /** The items at these positions, from 0 to `length - 1`, in this order. */
  batch(indices: Int32Array): Batch;
}

/** A batch with one tensor for each array. */
export type BatchOf<Arrays extends readonly unknown[]> = { [Field in keyof Arrays]: Tensor };

/**
 * A dataset of arrays with one row an item (the course's NDArrayDataset). The arrays are used where
 * they are, not copied.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ArrayDataset } from "@needle/data";
 * const data = new ArrayDataset(tensor([[1, 2], [3, 4], [5, 6]]), tensor([10, 20, 30]));
 * const [x, y] = data.batch(new Int32Array([2, 0]));
 * x; // => [[5. 6.]
 *    //     [1. 2.]]
 * y; // => [30. 10.]
 */
export class ArrayDataset<const Arrays extends readonly (Tensor | NDArray)[]>
  implements Dataset<BatchOf<Arrays>>
{
  /** The rows of every field. */
  readonly arrays: readonly NDArray[];

  /**
   * @param arrays - each of shape `[length, …]`.
   * @throws ArgumentError without arrays, and for what is none.
   * @throws ShapeError when an array has no axes, or another length than the first.
   */
  constructor(...arrays: Arrays) {
    this.arrays = arrays.map(arrayOf);
    const [first] = this.arrays;
    if (first === undefined) throw new ArgumentError("ArrayDataset", "needs at least one array");
    if (this.arrays.some((x) => x.ndim === 0 || x.shape[0] !== first.shape[0])) {
      const shapes = this.arrays.map(({ shape }) => showShape(shape)).join(" and ");
      throw new ShapeError("ArrayDataset", `arrays need the same first size, got ${shapes}`);
    }
  }

  get length(): number {
    return this.arrays[0]!.shape[0]!;
  }

  /**
   * The rows at these positions, `[indices, …]` for each array, in memory of their own. Negative
   * positions count from the end.
   *
   * @throws IndexError for positions outside the dataset.
   */
  batch(indices: Int32Array): BatchOf<Arrays> {
    args.check("batch", "indices", indices, kinds.positions);
    checkIndices("batch", indices, this.length);
    return this.arrays.map((x) => new Tensor(takeRows(x, indices))) as unknown as BatchOf<Arrays>;
  }

  /**
   * One item, without the batch axis, in memory of its own. A negative position counts from the
   * end.
   *
   * @throws IndexError for a position outside the dataset.
   */
  get(index: number): BatchOf<Arrays> {
    checkIndices("get", [index], this.length);
    const item = scope(() => this.arrays.map((x) => new Tensor(x.slice(index).copy())));
    return item as unknown as BatchOf<Arrays>;
  }

  /**
   * The items from `start` (included) to `end` (excluded), by the rules of slicing, as a dataset on
   * the same memory.
   */
  slice(start: number, end?: number): ArrayDataset<Arrays> {
    const views = this.arrays.map((x) => x.slice([start, end]));
    return new ArrayDataset(...views) as unknown as ArrayDataset<Arrays>;
  }
}

function arrayOf(source: Tensor | NDArray): NDArray {
  args.check("ArrayDataset", "what it holds", source, kinds.tensorOrArray);
  return isTensor(source) ? source.value : source;
}

function checkIndices(op: string, indices: Iterable<number>, length: number): void {
  for (const index of indices) {
    if (Number.isInteger(index) && index >= -length && index < length) continue;
    throw new IndexError(
      op,
      `index ${index} is out of range for ${length} ${length === 1 ? "item" : "items"}`,
    );
  }
}

function takeRows(x: NDArray, indices: Int32Array): NDArray {
  return scope(() =>
    x.take(fromTypedArray<"int32">(indices, [indices.length], { backend: x.backend })),
  );
}
