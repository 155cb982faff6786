/**
 * Softmax followed by cross-entropy with integer labels, row by row, and its gradient. A backend's
 * fused kernels are used where there are any; the compositions beside them define what they must
 * give.
 */
import { empty } from "../create.ts";
import { toFloat } from "../dtype.ts";
import { IndexError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkLabels } from "../shape-layers.ts";
import { astype, emptyLike } from "./cast.ts";
import { sameBackend } from "./common.ts";
import { mul, sub } from "./elementwise.ts";
import { asIndex, gather, scatterAdd } from "./indexing.ts";
import { logsumexp, softmax } from "./softmax.ts";
import { reshape, unsqueeze } from "./views.ts";

/**
 * `log(sum(exp(x))) - x[label]` for each row of the last axis: `[…, classes]` and labels `[…]` to
 * losses `[…]`. Stable for scores of any size.
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
  const backend = sameBackend("softmaxCrossEntropy", x, labels);
  checkLabels("softmaxCrossEntropy", x.shape, labels.shape);
  return scope(() => {
    const scores = astype(x, toFloat(x.dtype));
    const positions = asIndex("softmaxCrossEntropy", labels);
    return withKnownLabels(x.shape.at(-1)!, () => {
      if (backend.crossEntropy === undefined || x.size === 0) {
        // First, because it throws for labels that do not exist.
        const chosen = gather(scores, -1, unsqueeze(positions, -1));
        return sub(logsumexp(scores, -1), reshape(chosen, labels.shape));
      }
      const losses = empty(labels.shape, { dtype: scores.dtype, backend });
      const [out, input, at] = [losses, scores, positions].map((array) =>
        array.view("softmaxCrossEntropy"),
      );
      backend.crossEntropy(out!, input!, at!);
      return losses;
    });
  });
}

/**
 * The adjoint of `x` in `softmaxCrossEntropy`: `g (softmax(x) - 1[label])`, with an adjoint `g` for
 * each row.
 */
export function softmaxCrossEntropyGradient(g: NDArray, x: NDArray, labels: NDArray): NDArray {
  const { backend } = x;
  return scope(() => {
    const positions = asIndex("softmaxCrossEntropy", labels);
    if (backend.crossEntropyGradient === undefined || x.size === 0) {
      const scaled = mul(softmax(x), unsqueeze(g, -1));
      const chosen = unsqueeze(positions, -1);
      return scatterAdd(scaled, -1, chosen, mul(unsqueeze(g, -1), -1));
    }
    const out = emptyLike(x);
    const [o, slopes, input, at] = [out, g, x, positions].map((array) =>
      array.view("softmaxCrossEntropy"),
    );
    backend.crossEntropyGradient(o!, slopes!, input!, at!);
    return out;
  });
}

/** Says of a position outside that it is a label. */
function withKnownLabels<T>(classes: number, choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    const problem = `a label is outside the ${classes} classes, counted from 0`;
    throw new IndexError("softmaxCrossEntropy", problem, error.message);
  }
}
