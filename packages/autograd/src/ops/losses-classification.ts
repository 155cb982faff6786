/** Losses of predictions of classes and of distributions over them. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { softmaxCrossEntropy } from "./cross-entropy.ts";
import { add, div, eq, exp, log, logicalNot, mul, neg, sub, where } from "./elementwise.ts";
import { gather, take } from "./indexing.ts";
import { checkClassWeight, checkLabels, defaultIgnoreIndex } from "./loss-labels.ts";
import { checkEqualShapes, type LossOptions, reduced } from "./loss-reduction.ts";
import { crossEntropyOptions, klDivOptions, nllOptions } from "./options.ts";
import { sum } from "./reduce.ts";
import { logSoftmax } from "./softmax.ts";
import { astype, moveaxis, reshape, squeeze, unsqueeze } from "./views.ts";

/** Options of losses of class labels. */
export interface NllOptions extends LossOptions {
  /** A factor for each class, `[classes]`. The mean is then the weighted mean. */
  readonly weight?: Tensor;
  /** Elements with this label have loss 0 and do not count in the mean. Default -100. */
  readonly ignoreIndex?: number;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllOptions {
  /** How much of each target is spread evenly over all classes, from 0 to 1. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Softmax over the classes followed by cross-entropy, stable for scores of any size:
 * `log(sum(exp(scores))) - scores[label]`. The classes are axis 1 (axis 0 of 1-D scores).
 *
 * The mean divides by the number of labels, or by the sum of their classes' weights if there are
 * weights; ignored labels do not count, and the mean over no label is NaN. For probabilities it
 * divides by the number of distributions.
 *
 * @param scores - `[batch, classes, …]` or `[classes]`.
 * @param target - integer labels, `[batch, …]`; or probabilities, floats of the shape of `scores`.
 * @throws ShapeError unless the shapes are these; DTypeError for labels that are no integers;
 * IndexError for a label outside the classes; ArgumentError for a smoothing outside [0, 1].
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const labels = tensor([0, 1], { dtype: "int32" });
 * tensor([[1e4, 0], [0, 1e4]]).crossEntropy(labels); // => 0.0
 * tensor([[0, 0]]).crossEntropy(tensor([[0.5, 0.5]])); // => 0.6931472
 */
export function crossEntropy(
  scores: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  checkTensors("crossEntropy", [scores, target]);
  nd.args.checkOptions("crossEntropy", options, crossEntropyOptions);
  const op = "crossEntropy";
  const { weight, labelSmoothing = 0, reduction = "mean" } = options;
  checkTensors(op, [scores, target]);
  const axis = classAxis(op, scores);
  checkClassWeight(op, scores.shape[axis]!, weight);
  if (nd.isFloat(target.dtype) && nd.sameShape(target.shape, scores.shape)) {
    return nd.scope(
      () => {
        const share = labelSmoothing / scores.shape[axis]!;
        const smooth = labelSmoothing === 0 ? target : add(mul(target, 1 - labelSmoothing), share);
        const logs = mul(logSoftmax(scores, axis), smooth);
        const losses = neg(sum(perClass(logs, weight, axis), axis));
        return reduced(losses, reduction);
      },
      { label: op },
    );
  }
  checkLabels(op, scores, target, axis, options.ignoreIndex);
  return nd.scope(
    () => {
      if (labelSmoothing === 0) {
        // The fused op takes the classes along the last axis.
        const rows = axis === scores.ndim - 1 ? scores : moveaxis(scores, axis, -1);
        return ofLabels(target, options, scores.dtype, (labels) =>
          softmaxCrossEntropy(rows, labels),
        );
      }
      const logs = logSoftmax(scores, axis);
      const spread = neg(sum(perClass(logs, weight, axis), axis));
      const share = labelSmoothing / scores.shape[axis]!;
      const picked = (labels: Tensor): Tensor => nll(logs, labels, axis);
      return ofLabels(target, options, scores.dtype, picked, (losses) =>
        add(mul(losses, 1 - labelSmoothing), mul(spread, share)),
      );
    },
    { label: op },
  );
}

/**
 * The negative log-likelihood of labels: `-logs[label]`, for logarithms of probabilities such as
 * `logSoftmax` gives. Means and ignored labels as in `crossEntropy`.
 *
 * @param logs - `[batch, classes, …]` or `[classes]`.
 * @param labels - integers, `[batch, …]`.
 * @throws ShapeError, DTypeError and IndexError as `crossEntropy`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const labels = tensor([1, 0], { dtype: "int32" });
 * tensor([[-3, -1], [-2, -4]]).nllLoss(labels); // => 1.5
 */
export function nllLoss(logs: Tensor, labels: Tensor, options: NllOptions = {}): Tensor {
  nd.args.checkOptions("nllLoss", options, nllOptions);
  checkTensors("nllLoss", [logs, labels]);
  const axis = classAxis("nllLoss", logs);
  checkClassWeight("nllLoss", logs.shape[axis]!, options.weight);
  checkLabels("nllLoss", logs, labels, axis, options.ignoreIndex);
  return nd.scope(() => ofLabels(labels, options, logs.dtype, (known) => nll(logs, known, axis)), {
    label: "nllLoss",
  });
}

/** Minus the logarithm at each label. */
function nll(logs: Tensor, labels: Tensor, axis: number): Tensor {
  return neg(squeeze(gather(logs, axis, unsqueeze(labels, axis)), axis));
}

/**
 * The weighted and reduced loss of checked labels. `losses` gets labels with 0 in place of those
 * ignored; `change` sees the weighted losses.
 */
function ofLabels(
  labels: Tensor,
  { weight, ignoreIndex = defaultIgnoreIndex, reduction = "mean" }: NllOptions,
  dtype: nd.DType,
  losses: (labels: Tensor) => Tensor,
  change: (losses: Tensor) => Tensor = (unchanged) => unchanged,
): Tensor {
  const isIgnored = eq(labels, ignoreIndex);
  const known = where(isIgnored, 0, labels);
  const factors = weight === undefined ? null : where(isIgnored, 0, take(weight, known));
  const each = losses(known);
  const kept = where(isIgnored, 0, change(factors === null ? each : mul(each, factors)));
  if (reduction !== "mean") return reduced(kept, reduction);
  return div(sum(kept), sum(factors ?? astype(logicalNot(isIgnored), dtype)));
}

/** The axis of the classes; throws unless there is one. */
function classAxis(op: string, scores: Tensor): number {
  if (scores.ndim > 0) return scores.ndim === 1 ? 0 : 1;
  throw new nd.ShapeError(op, "expected scores [batch,classes,…] or [classes], got []");
}

/** Each class's part times the weight of the class. */
function perClass(parts: Tensor, weight: Tensor | undefined, axis: number): Tensor {
  if (weight === undefined) return parts;
  return mul(parts, reshape(weight, [-1, ...parts.shape.slice(axis + 1).map(() => 1)]));
}

/** Options of `klDiv`. */
export interface KlDivOptions {
  /**
   * Default `"mean"`, the mean over all elements; `"batchmean"`, the sum divided by the size of axis
   * 0, is the divergence of mathematics.
   */
  readonly reduction?: LossOptions["reduction"] | "batchmean";
  /** Whether the target is given as logarithms too. Default false. */
  readonly logTarget?: boolean;
}

/**
 * The Kullback-Leibler divergence of `target` from the distribution whose logarithms are `logs`:
 * `target (log target - logs)` for each element, 0 where the target is 0.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const logs = tensor([[0.5, 0.5]]).log();
 * logs.klDiv(tensor([[1, 0]]), { reduction: "batchmean" }); // => 0.6931472
 */
export function klDiv(logs: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  checkTensors("klDiv", [logs, target]);
  nd.args.checkOptions("klDiv", options, klDivOptions);
  const { reduction = "mean", logTarget = false } = options;
  checkEqualShapes("klDiv", { input: logs, target });
  return nd.scope(
    () => {
      const losses = logTarget
        ? mul(exp(target), sub(target, logs))
        : sub(mul(target, log(where(eq(target, 0), 1, target))), mul(target, logs));
      if (reduction !== "batchmean") return reduced(losses, reduction);
      return logs.ndim === 0 ? sum(losses) : div(sum(losses), logs.shape[0]!);
    },
    { label: "klDiv" },
  );
}
