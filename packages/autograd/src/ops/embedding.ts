/** Rows of a table, by their numbers. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { eq, where } from "./elementwise.ts";
import { gather } from "./indexing.ts";
import { broadcastTo, reshape, unsqueeze } from "./views.ts";

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** The number of a row that gets no gradient; negative ones count from the end. */
  readonly paddingIndex?: number;
}

const embeddingOptions: nd.args.Kinds<EmbeddingOptions> = { paddingIndex: nd.args.number };

/**
 * The row of the table for each index: `indices […]` and `weight [rows, features]` give
 * `[…, features]`. The gradient adds up where a row is read more than once, and is 0 for the row of
 * padding.
 *
 * @throws DTypeError unless indices are integers; ShapeError unless `weight` has two axes;
 * IndexError for indices outside the rows, negative ones too.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const words = tensor([2, 0, 2], { dtype: "int32" });
 * const table = tensor([[1, 2], [3, 4], [5, 6]], { requiresGrad: true });
 * words.embedding(table).sum().backward();
 * table.grad; // => [[1. 1.]
 *    //     [0. 0.]
 *    //     [2. 2.]]
 */
export function embedding(indices: Tensor, weight: Tensor, options: EmbeddingOptions = {}): Tensor {
  checkTensors("embedding", [indices, weight]);
  nd.args.checkOptions("embedding", options, embeddingOptions);
  const op = "embedding";
  checkTensors(op, [indices, weight]);
  if (weight.ndim !== 2) {
    throw new nd.ShapeError(
      op,
      `expected a weight [rows,features], got ${nd.showShape(weight.shape)}`,
    );
  }
  if (nd.isFloat(indices.dtype) || indices.dtype === "bool") {
    const remedy = 'Convert with astype("int32") first.';
    throw new nd.DTypeError(op, `indices are integers, got ${indices.dtype}`, remedy);
  }
  const padding = paddingRow(op, options.paddingIndex, weight.shape[0]!);
  return nd.scope(
    () => {
      const rows = rowsOf(op, weight, indices);
      if (padding === null) return rows;
      return where(unsqueeze(eq(indices, padding), -1), rows.detach(), rows);
    },
    { label: op },
  );
}

function paddingRow(op: string, index: number | undefined, rows: number): number | null {
  if (index === undefined) return null;
  const row = index < 0 ? index + rows : index;
  if (Number.isInteger(index) && row >= 0 && row < rows) return row;
  throw new nd.ArgumentError(op, `paddingIndex must be one of the ${rows} rows, got ${index}`);
}

function rowsOf(op: string, weight: Tensor, indices: Tensor): Tensor {
  const [rows, features] = weight.shape as readonly [number, number];
  const count = indices.size;
  const column = nd.scope(() => broadcastTo(reshape(indices, [count, 1]), [count, features]));
  try {
    return reshape(gather(weight, 0, column), [...indices.shape, features]);
  } catch (error) {
    if (!(error instanceof nd.IndexError)) throw error;
    const problem = `an index is outside the ${rows} rows of the weight`;
    throw new nd.IndexError(op, problem, error.message);
  }
}
