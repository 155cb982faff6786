/** Measures of how good predictions are, as tensors: reading them is left to the caller. */
import { noGrad, type Tensor } from "@needle/autograd";
import { ShapeError, showShape } from "@needle/ndarray";

/**
 * The share of rows whose largest score is at the label.
 *
 * @param scores - `[batch, classes]`.
 * @param labels - integers, `[batch]`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { accuracy } from "@needle/nn";
 * accuracy(tensor([[1, 2], [3, 0]]), tensor([1, 1], { dtype: "int32" })); // => 0.5
 */
export function accuracy(scores: Tensor, labels: Tensor): Tensor {
  if (scores.ndim !== 2 || labels.ndim !== 1 || labels.shape[0] !== scores.shape[0]) {
    const got = `${showShape(scores.shape)} and ${showShape(labels.shape)}`;
    const expected = "scores [batch,classes] and labels [batch]";
    throw new ShapeError("accuracy", `expected ${expected}, got ${got}`);
  }
  return noGrad(() => scores.argmax(1).eq(labels).mean());
}
