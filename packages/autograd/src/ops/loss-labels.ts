/** The checks of class labels, and of the weights of classes, that losses share. */
import * as nd from "@needle/ndarray";
import type { Tensor } from "../tensor.ts";

/** The label that is ignored unless another is named; PyTorch's. */
export const defaultIgnoreIndex = -100;

/** Throws unless there is a weight for each class, or none at all. */
export function checkClassWeight(op: string, classes: number, weight: Tensor | undefined): void {
  if (weight === undefined || nd.sameShape(weight.shape, [classes])) return;
  const got = nd.showShape(weight.shape);
  throw new nd.ShapeError(op, `expected a weight [${classes}], one for each class, got ${got}`);
}

/**
 * Throws unless labels are integers, one for each place outside the axis of the classes, and each
 * a class or ignored. Before any work, because an abandoned graph would hold its memory until
 * collected.
 */
export function checkLabels(
  op: string,
  scores: Tensor,
  labels: Tensor,
  axis: number,
  ignoreIndex: number = defaultIgnoreIndex,
): void {
  const expected = scores.shape.toSpliced(axis, 1);
  if (!nd.sameShape(labels.shape, expected)) {
    const or = op === "crossEntropy" ? " or probabilities of the shape of the scores" : "";
    const got = `${nd.showShape(labels.shape)} for scores ${nd.showShape(scores.shape)}`;
    throw new nd.ShapeError(op, `expected labels ${nd.showShape(expected)}${or}, got ${got}`);
  }
  checkLabelRange(op, labels, scores.shape[axis]!, ignoreIndex);
}

/** Throws unless labels are integers and each is a class or ignored. */
export function checkLabelRange(
  op: string,
  labels: Tensor,
  classes: number,
  ignoreIndex: number,
): void {
  if (nd.isFloat(labels.dtype) || labels.dtype === "bool") {
    const remedy = 'Convert with astype("int32") first.';
    throw new nd.DTypeError(op, `labels are integers, got ${labels.dtype}`, remedy);
  }
  try {
    nd.scope(() => {
      const flat = nd.reshape(labels.value, [labels.size]);
      const perClass = nd.zeros([classes], { backend: labels.backend });
      nd.gather(perClass, 0, nd.where(nd.eq(flat, ignoreIndex), 0, flat));
    });
  } catch (error) {
    if (!(error instanceof nd.IndexError)) throw error;
    const problem = `a label is outside the ${classes} classes, counted from 0`;
    throw new nd.IndexError(op, problem, error.message);
  }
}
