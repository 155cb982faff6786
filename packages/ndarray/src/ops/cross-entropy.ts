/**
 * Softmax followed by cross-entropy with integer labels, row by row, and its gradient. A backend's
 * fused kernels are used where there are any; the compositions beside them define what they must
 * give.
 */
import { toFloat } from "../dtype.ts";
import { IndexError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkLabels } from "../shape-layers.ts";
import { astype, compact, emptyLike } from "./cast.ts";
import { checkArray, sameBackend } from "./common.ts";
import { mul, sub } from "./elementwise.ts";
import { asIndex, checkIndex, gather, scatterAdd } from "./indexing.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { reshape, unsqueeze } from "./views.ts";

const op = "softmaxCrossEntropy";

/**
 * `log(sum(exp(x))) - x[label]` for each row of the last axis: `[…, classes]` and labels `[…]` to
 * losses `[…]`. Stable for scores of any size; NaN for rows with a score of +infinity, as
 * `logSoftmax` is.
 *
 * @throws ShapeError unless there is a label for each row; DTypeError unless labels are integers;
 *   IndexError for a label outside the classes (negative ones are).
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const labels = array([1, 0], { dtype: "int32" });
 * array([[0, 0], [1000, 0]]).softmaxCrossEntropy(labels); // => [0.6931472 0.       ]
 */
export function softmaxCrossEntropy(x: NDArray, labels: NDArray): NDArray {
  checkArray(op, x);
  checkIndex(op, labels);
  sameBackend(op, x, labels);
  checkLabels(op, x.shape, labels.shape);
  return scope(() => {
    const scores = compact(astype(x, toFloat(x.dtype)));
    const positions = compact(asIndex(op, labels));
    const losses = emptyLike(scores, labels.shape);
    const [out, input, at] = [losses, scores, positions].map((array) => array.view(op));
    if (x.size > 0 && x.backend.crossEntropy?.(out!, input!, at!)) return losses;
    // 0 - 0 is 0, where -0 would be printed as such.
    return sub(0, reshape(chosenOf(logSoftmax(scores), positions), labels.shape));
  });
}

/**
 * The adjoint of `x` in `softmaxCrossEntropy`: `g (softmax(x) - 1[label])`, with an adjoint `g` for
 * each row.
 */
export function softmaxCrossEntropyGradient(g: NDArray, x: NDArray, labels: NDArray): NDArray {
  return scope(() => {
    const [slopes, scores, positions] = [g, x, asIndex(op, labels)].map(compact) as [
      NDArray,
      NDArray,
      NDArray,
    ];
    const out = emptyLike(scores);
    const [o, s, input, at] = [out, slopes, scores, positions].map((array) => array.view(op));
    if (x.size > 0 && x.backend.crossEntropyGradient?.(o!, s!, input!, at!)) return out;
    const column = unsqueeze(slopes, -1);
    return scatterAdd(mul(softmax(x), column), -1, unsqueeze(positions, -1), mul(column, -1));
  });
}

/** The element of each row's label. */
function chosenOf(scores: NDArray, labels: NDArray): NDArray {
  try {
    return gather(scores, -1, unsqueeze(labels, -1));
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    const problem = `a label is outside the ${scores.shape.at(-1)} classes, counted from 0`;
    throw new IndexError(op, problem, error.message);
  }
}
