/** One long sequence as columns that are read side by side, a chunk of rows at a time. */
import { Tensor } from "@needle/autograd";
import {
  ArgumentError,
  type ArrayOptions,
  args,
  fromTypedArray,
  IndexError,
  type NDArray,
  ShapeError,
  scope,
  show,
  showShape,
} from "@needle/ndarray";
import * as kinds from "../kinds.ts";

/** Whole numbers in an array of any sort. */
const numbersKind: args.Kind = {
  expected: "whole numbers in an array",
  holds: (data) =>
    (Array.isArray(data) || ArrayBuffer.isView(data)) &&
    Array.prototype.every.call(data, Number.isSafeInteger),
};

/**
 * A sequence cut into `batchSize` parts of equal length, one a column: `[length] -> [rows,
 * batchSize]`, int32. What is left over at the end is dropped.
 *
 * CMU 10-714 hw4; PyTorch's word language model.
 *
 * @throws ArgumentError for numbers that are not whole, and unless `batchSize` is one from 1 to the
 *   length.
 *
 * @example
 * import { batchify } from "@needle/data";
 * batchify([0, 1, 2, 3, 4, 5, 6], 3); // => [[0 2 4]
 *    //     [1 3 5]]
 */
export function batchify(
  data: ArrayLike<number>,
  batchSize: number,
  options: Pick<ArrayOptions, "backend"> = {},
): NDArray<"int32"> {
  args.check("batchify", "data", data, numbersKind);
  args.checkOptions("batchify", options, { backend: kinds.backend });
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > data.length) {
    const problem = `batchSize must be a whole number from 1 to ${data.length}, the length of the data`;
    throw new ArgumentError("batchify", `${problem}, got ${show(batchSize)}`);
  }
  const rows = Math.floor(data.length / batchSize);
  const columns = new Int32Array(rows * batchSize);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < batchSize; column++) {
      columns[row * batchSize + column] = data[column * rows + row]!;
    }
  }
  return fromTypedArray<"int32">(columns, [rows, batchSize], options);
}

/**
 * `bptt` rows from row `i` on, and what comes after each of their elements: `[bptt, batch]` and
 * `[bptt * batch]`. Fewer where the rows end. Both are views of `batches`.
 *
 * CMU 10-714 hw4.
 *
 * @param batches - `[rows, batch]`, as `batchify` gives it.
 * @throws IndexError unless row `i` and the next one exist; ArgumentError unless `bptt` is a whole
 *   number of at least 1; ShapeError unless `batches` has two axes.
 *
 * @example
 * import { batchify, getBatch } from "@needle/data";
 * const [x, y] = getBatch(batchify([0, 1, 2, 3, 4, 5, 6, 7], 2), 0, 2);
 * x; // => [[0 4]
 *    //     [1 5]]
 * y; // => [1 5 2 6]
 */
export function getBatch(batches: NDArray, i: number, bptt: number): [data: Tensor, next: Tensor] {
  args.check("getBatch", "batches", batches, kinds.array);
  args.check("getBatch", "i", i, args.number);
  args.check("getBatch", "bptt", bptt, args.whole(1));
  if (batches.ndim !== 2) {
    throw new ShapeError("getBatch", `expected [rows,batch], got ${showShape(batches.shape)}`);
  }
  const rows = batches.shape[0]!;
  if (!Number.isInteger(i) || i < 0 || i > rows - 2) {
    const problem = `row ${i} of ${rows} has no row after it to be predicted`;
    throw new IndexError("getBatch", problem);
  }
  const end = Math.min(i + bptt, rows - 1);
  return scope(() => [
    new Tensor(batches.slice([i, end])),
    new Tensor(batches.slice([i + 1, end + 1]).reshape([-1])),
  ]);
}
