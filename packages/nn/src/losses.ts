/**
 * Losses: functions of scores and targets with a scalar result. They run in a scope, so their
 * intermediates are freed.
 */
import type { Tensor } from "@needle/autograd";
import { DTypeError, IndexError, isFloat, ShapeError, scope, showShape } from "@needle/ndarray";

/**
 * The mean of `log(sum(exp(scores))) - scores[label]`: softmax followed by cross-entropy, stable
 * for scores of any size.
 *
 * @param scores - `[batch, classes]`.
 * @param labels - integers, `[batch]`.
 * @throws ShapeError unless the shapes are these; DTypeError unless labels are integers;
 * IndexError for a label outside the classes (negative ones are).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { crossEntropy } from "@needle/nn";
 * const labels = tensor([0, 1], { dtype: "int32" });
 * crossEntropy(tensor([[10000, 0], [0, 10000]]), labels); // => 0.0
 */
export function crossEntropy(scores: Tensor, labels: Tensor): Tensor {
  if (scores.ndim !== 2 || labels.ndim !== 1 || labels.shape[0] !== scores.shape[0]) {
    const got = `${showShape(scores.shape)} and ${showShape(labels.shape)}`;
    const expected = "scores [batch,classes] and labels [batch]";
    throw new ShapeError("crossEntropy", `expected ${expected}, got ${got}`);
  }
  if (isFloat(labels.dtype) || labels.dtype === "bool") {
    const remedy = 'Convert with astype("int32") first.';
    throw new DTypeError("crossEntropy", `labels are integers, got ${labels.dtype}`, remedy);
  }
  return scope(
    () => {
      // First, because it throws: an abandoned graph would hold its memory until collected.
      const ofLabels = scoresOf(labels, scores);
      return scores.logsumexp(1).sub(ofLabels).mean();
    },
    { label: "crossEntropy" },
  );
}

/** The score of each row's label: `[batch, classes] -> [batch]`. */
function scoresOf(labels: Tensor, scores: Tensor): Tensor {
  const classes = scores.shape[1]!;
  try {
    return scores.gather(1, labels.unsqueeze(1)).squeeze(1);
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    const problem = `a label is outside the ${classes} classes, counted from 0`;
    throw new IndexError("crossEntropy", problem, error.message);
  }
}
