/** Datasets whose batches are changed on the way out: augmentation, normalization, other fields. */
import { noGrad, type Tensor } from "@needle/autograd";
import { args } from "@needle/ndarray";
import type { Dataset } from "./dataset.ts";
import * as kinds from "./kinds.ts";

/** Makes a batch of another. */
export type Transform<Batch extends readonly Tensor[] = readonly Tensor[]> = (
  batch: Batch,
) => Batch;

/**
 * A dataset with functions applied to each of its batches, from left to right. They run without
 * gradients and in a scope: what they make and do not return is freed, so call `keep()` on tensors
 * they hold on to.
 *
 * Transforms see whole batches, so a random one is to draw for each item.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ArrayDataset, transformed } from "@needle/data";
 * const data = new ArrayDataset(tensor([1, 2, 3]));
 * const scaled = transformed(data, ([x]) => [x.add(1)], ([x]) => [x.mul(10)]);
 * scaled.batch(new Int32Array([0, 2]))[0]; // => [20. 40.]
 */
// "| []" makes the compiler read a function's `[x, y]` as a batch of two fields instead of a list.
export function transformed<Batch extends readonly Tensor[] | []>(
  dataset: Dataset<Batch>,
  ...transforms: readonly Transform<NoInfer<Batch>>[]
): Dataset<Batch> {
  args.check("transformed", "the first argument", dataset, kinds.dataset);
  for (const transform of transforms) {
    args.check("transformed", "a transform", transform, args.callback);
  }
  return {
    get length() {
      return dataset.length;
    },
    batch(indices) {
      const source = dataset.batch(indices);
      let result: Batch | undefined;
      try {
        result = noGrad(() => transforms.reduce((batch, transform) => transform(batch), source));
        return result;
      } finally {
        release(source, "transformed", result);
      }
    },
  };
}

/** Ends the arrays of a batch that are neither kept by the user nor part of `survivors`. */
export function release(
  batch: readonly Tensor[],
  by: string,
  survivors: readonly Tensor[] = [],
): void {
  // Arrays, not tensors: an op that has nothing to do wraps the same array again.
  const values = survivors.map((tensor) => tensor.value);
  for (const { value } of batch) {
    if (!value.kept && !values.includes(value)) value.drop(by);
  }
}
