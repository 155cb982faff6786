/** What all losses share: how the losses of the elements become one, and the checks of shapes. */
import {
  broadcastShapes,
  type NDArray,
  ShapeError,
  sameShape,
  scope,
  showShape,
} from "@needle/ndarray";
import { checkTensors, valuesOf } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./elementwise.ts";
import { mean, sum } from "./reduce.ts";

/** One number, as the mean or the sum over the elements, or the loss of each element. */
export type LossReduction = "mean" | "sum" | "none";

/** Options of every loss. */
export interface LossOptions {
  /** Default `"mean"`, which is NaN over no elements. */
  readonly reduction?: LossReduction;
}

/** Options of losses that can weigh their elements. */
export interface WeightedLossOptions extends LossOptions {
  /** Factors of the losses of the elements; broadcasts to their shape. */
  readonly weight?: Tensor;
}

const reductions: Record<LossReduction, (losses: Tensor) => Tensor> = {
  mean: (losses) => mean(losses),
  sum: (losses) => sum(losses),
  none: (losses) => losses,
};

/** The losses of the elements as the reduction wants them. */
export function reduced(losses: Tensor, reduction: LossReduction): Tensor {
  return reductions[reduction](losses);
}

/**
 * A loss of tensors of one shape: checks them, and computes and reduces the losses of the elements
 * in a scope.
 */
export function lossOfElements(
  op: string,
  inputs: Readonly<Record<string, Tensor>>,
  { reduction = "mean" }: LossOptions,
  losses: () => Tensor,
): Tensor {
  checkEqualShapes(op, inputs);
  return scope(() => reduced(losses(), reduction), { label: op });
}

/** Throws unless all the named tensors have one shape: losses do not broadcast. */
export function checkEqualShapes(op: string, inputs: Readonly<Record<string, Tensor>>): void {
  const names = Object.keys(inputs);
  checkTensors(op, Object.values(inputs));
  const shapes = valuesOf(op, Object.values(inputs)).map((x) => (x as NDArray).shape);
  const other = shapes.findIndex((shape) => !sameShape(shape, shapes[0]!));
  if (other === -1) return;
  throw new ShapeError(
    op,
    `${names[0]} ${showShape(shapes[0]!)} and ${names[other]} ${showShape(shapes[other]!)} differ`,
    "Losses do not broadcast: reshape or broadcastTo first.",
  );
}

/** The losses times their weights, if any, which may not stretch them. */
export function weighted(op: string, losses: Tensor, weight: Tensor | undefined): Tensor {
  if (weight === undefined) return losses;
  const joint = broadcastShapes(op, losses.shape, weight.shape);
  if (sameShape(joint, losses.shape)) return mul(losses, weight);
  const shapes = `${showShape(weight.shape)} does not broadcast to ${showShape(losses.shape)}`;
  throw new ShapeError(op, `the weight ${shapes}`);
}
