/** Losses of items that have several labels each. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { logSigmoid, relu } from "./activations.ts";
import { add, div, gt, logicalAnd, logicalNot, mul, ne, neg, sub, where } from "./elementwise.ts";
import { gather, oneHot } from "./indexing.ts";
import { checkClassWeight, checkLabelRange } from "./loss-labels.ts";
import { checkEqualShapes, type LossOptions, lossOfElements, reduced } from "./loss-reduction.ts";
import { lossOptions, multiLabelSoftMarginOptions } from "./options.ts";
import { any, mean, sum } from "./reduce.ts";
import { cumprod } from "./scan.ts";
import { astype, unsqueeze } from "./views.ts";

/** Options of `multiLabelSoftMarginLoss`. */
export interface MultiLabelSoftMarginOptions extends LossOptions {
  /** A factor for each class, `[classes]`. */
  readonly weight?: Tensor;
}

/**
 * The cross-entropy of each class for itself, with targets 0 and 1, as the mean over the classes:
 * the loss of an item is that of `binaryCrossEntropyWithLogits` over its row.
 *
 * @param scores - `[…, classes]`, and so is `target`.
 * @throws ShapeError unless the shapes are equal and the weight has one element for each class.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[0, -1e4]]).multiLabelSoftMarginLoss(tensor([[1, 0]])).mul(2); // => 0.6931472
 */
export function multiLabelSoftMarginLoss(
  scores: Tensor,
  target: Tensor,
  options: MultiLabelSoftMarginOptions = {},
): Tensor {
  checkTensors("multiLabelSoftMarginLoss", [scores, target]);
  nd.args.checkOptions("multiLabelSoftMarginLoss", options, multiLabelSoftMarginOptions);
  const op = "multiLabelSoftMarginLoss";
  const { weight } = options;
  checkEqualShapes(op, { input: scores, target });
  if (scores.ndim === 0) {
    throw new nd.ShapeError(op, "expected scores […,classes], got []");
  }
  checkClassWeight(op, scores.shape.at(-1)!, weight);
  return lossOfElements(op, { input: scores, target }, options, () => {
    // -(t log s(x) + (1 - t) log s(-x)), s the sigmoid
    const [ofOne, ofZero] = [logSigmoid(scores), logSigmoid(neg(scores))];
    const losses = neg(add(mul(target, ofOne), mul(sub(1, target), ofZero)));
    return mean(weight === undefined ? losses : mul(losses, weight), -1);
  });
}

/**
 * The hinge loss of several labels: how far each score of another class is above that of each label
 * less 1, summed and divided by the number of classes.
 *
 * @param scores - `[batch, classes]` or `[classes]`.
 * @param labels - integers of the same shape; in each row those before the first -1 count.
 * @throws ShapeError unless the shapes are these; DTypeError unless labels are integers; IndexError
 * for a label outside the classes.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const labels = tensor([[3, 0, -1, 1]], { dtype: "int32" });
 * tensor([[0.1, 0.2, 0.4, 0.8]]).multiLabelMarginLoss(labels); // => 0.85
 */
export function multiLabelMarginLoss(
  scores: Tensor,
  labels: Tensor,
  options: LossOptions = {},
): Tensor {
  checkTensors("multiLabelMarginLoss", [scores, labels]);
  nd.args.checkOptions("multiLabelMarginLoss", options, lossOptions);
  const op = "multiLabelMarginLoss";
  const { reduction = "mean" } = options;
  checkTensors(op, [scores, labels]);
  checkEqualShapes(op, { input: scores, labels });
  if (scores.ndim !== 1 && scores.ndim !== 2) {
    const got = nd.showShape(scores.shape);
    throw new nd.ShapeError(op, `expected scores [batch,classes] or [classes], got ${got}`);
  }
  const classes = scores.shape.at(-1)!;
  checkLabelRange(op, labels, classes, -1);
  return nd.scope(
    () => {
      const counts = countedLabels(labels);
      const chosen = where(counts, labels, 0);
      // From here on [..., label, class].
      const isCounted = unsqueeze(counts, -1);
      const isItself = logicalAnd(gt(oneHot(chosen, classes), 0), isCounted);
      const isOther = logicalNot(any(isItself, -2, { keepdims: true }));
      const ofLabel = unsqueeze(gather(scores, -1, chosen), -1);
      const shortfall = relu(add(sub(unsqueeze(scores, -2), ofLabel), 1));
      const losses = where(logicalAnd(isCounted, isOther), shortfall, 0);
      return reduced(div(sum(losses, [-2, -1]), classes), reduction);
    },
    { label: op },
  );
}

/** Which labels stand before the first -1 of their row. */
function countedLabels(labels: Tensor): Tensor {
  return gt(cumprod(astype(ne(labels, -1), "int32"), -1), 0);
}
