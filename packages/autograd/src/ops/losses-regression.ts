/** Losses of predictions of numbers. Shapes are equal; nothing broadcasts. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import {
  abs,
  add,
  clamp,
  div,
  exp,
  gt,
  log,
  lt,
  maximum,
  mul,
  square,
  sub,
  where,
} from "./elementwise.ts";
import { type LossOptions, lossOfElements } from "./loss-reduction.ts";
import {
  gaussianNllOptions,
  huberOptions,
  lossOptions,
  poissonNllOptions,
  smoothL1Options,
} from "./options.ts";
import { unsqueeze } from "./views.ts";

/**
 * The squared error `(x - target)^2`.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).mseLoss(tensor([1, 4])); // => 2.0
 */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkTensors("mseLoss", [x, target]);
  nd.args.checkOptions("mseLoss", options, lossOptions);
  return lossOfElements("mseLoss", { input: x, target }, options, () => square(sub(x, target)));
}

/**
 * The absolute error `|x - target|`; slope 0 where they are equal.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).l1Loss(tensor([1, 4]), { reduction: "none" }); // => [0. 2.]
 */
export function l1Loss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkTensors("l1Loss", [x, target]);
  nd.args.checkOptions("l1Loss", options, lossOptions);
  return lossOfElements("l1Loss", { input: x, target }, options, () => abs(sub(x, target)));
}

/** Options of `smoothL1Loss`. */
export interface SmoothL1Options extends LossOptions {
  /** Where the parabola meets the lines. Default 1. */
  readonly beta?: number;
}

/**
 * `d^2 / (2 beta)` for differences `d` below `beta`, `|d| - beta / 2` for others; `l1Loss` if
 * `beta` is 0. Girshick, Fast R-CNN (2015).
 *
 * @throws ShapeError unless the shapes are equal; ArgumentError for a negative `beta`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 5]).smoothL1Loss(tensor([1.5, 1]), { reduction: "none" }); // => [0.125 3.5  ]
 */
export function smoothL1Loss(x: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  checkTensors("smoothL1Loss", [x, target]);
  nd.args.checkOptions("smoothL1Loss", options, smoothL1Options);
  const { beta = 1 } = options;
  return lossOfElements("smoothL1Loss", { input: x, target }, options, () => {
    const difference = sub(x, target);
    return beta === 0 ? abs(difference) : div(huber(difference, beta), beta);
  });
}

/** Options of `huberLoss`. */
export interface HuberOptions extends LossOptions {
  /** Where the parabola meets the lines. Default 1. */
  readonly delta?: number;
}

/**
 * `d^2 / 2` for differences `d` below `delta`, `delta (|d| - delta / 2)` for others: `delta` times
 * `smoothL1Loss`. Huber, Robust estimation of a location parameter (1964).
 *
 * @throws ShapeError unless the shapes are equal; ArgumentError unless `delta` is above 0.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([0, 5]).huberLoss(tensor([1, 1]), { delta: 2, reduction: "none" }); // => [0.5 6. ]
 */
export function huberLoss(x: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  checkTensors("huberLoss", [x, target]);
  nd.args.checkOptions("huberLoss", options, huberOptions);
  const { delta = 1 } = options;
  return lossOfElements("huberLoss", { input: x, target }, options, () =>
    huber(sub(x, target), delta),
  );
}

/**
 * m (d - m / 2) with d limited to m: one formula for both pieces, whose slope m and curvature are
 * right at 0 and at infinity too.
 */
function huber(d: Tensor, delta: number): Tensor {
  const m = clamp(d, -delta, delta);
  return mul(m, sub(d, mul(m, 0.5)));
}

/** Options of `gaussianNllLoss`. */
export interface GaussianNllOptions extends LossOptions {
  /** Whether to add the constant `log(2 pi) / 2`. Default false. */
  readonly full?: boolean;
  /** The least variance used, against division by 0. Default 1e-6. */
  readonly eps?: number;
}

/**
 * Minus the logarithm of the density of targets under normal distributions with means `x` and the
 * variances given: `(log v + (x - target)^2 / v) / 2`, with `v` the variance but at least `eps`. The
 * gradient towards the variance is that of no limit, as in PyTorch. NaN where a variance is
 * negative.
 *
 * @param variance - the shape of `x`, that with a last axis of 1, or that without the last axis.
 * @throws ShapeError for other shapes; ArgumentError unless `eps` is above 0.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).gaussianNllLoss(tensor([1, 4]), tensor([1, 1])); // => 1.0
 */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  options: GaussianNllOptions = {},
): Tensor {
  checkTensors("gaussianNllLoss", [x, target, variance]);
  nd.args.checkOptions("gaussianNllLoss", options, gaussianNllOptions);
  const op = "gaussianNllLoss";
  const { full = false, eps = 1e-6 } = options;
  const perRow = nd.sameShape(variance.shape, x.shape.slice(0, -1)) && x.ndim > 0;
  const shared = nd.sameShape(variance.shape, [...x.shape.slice(0, -1), 1]) && x.ndim > 0;
  if (!(perRow || shared || nd.sameShape(variance.shape, x.shape))) {
    const shapes = `${nd.showShape(variance.shape)} does not fit input ${nd.showShape(x.shape)}`;
    throw new nd.ShapeError(op, `variance ${shapes}`, "Give one for each element or each row.");
  }
  return lossOfElements(op, { input: x, target }, options, () => {
    const given = perRow && !shared ? unsqueeze(variance, -1) : variance;
    const lack = where(lt(given, 0), Number.NaN, maximum(sub(eps, given.detach()), 0));
    const v = add(given, lack);
    const losses = mul(add(log(v), div(square(sub(x, target)), v)), 0.5);
    return full ? add(losses, 0.5 * Math.log(2 * Math.PI)) : losses;
  });
}

/** Options of `poissonNllLoss`. */
export interface PoissonNllOptions extends LossOptions {
  /** Whether `x` is the logarithm of the rate rather than the rate. Default true. */
  readonly logInput?: boolean;
  /** Whether to add Stirling's approximation of `log(target!)` for targets above 1. Default false. */
  readonly full?: boolean;
  /** Added to a rate before its logarithm is taken. Default 1e-8. */
  readonly eps?: number;
}

/**
 * Minus the logarithm of the probability of counts under Poisson distributions, without the term
 * `log(target!)`: `exp(x) - target x`, or `x - target log(x + eps)` without `logInput`.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([0, 0]).poissonNllLoss(tensor([2, 5])); // => 1.0
 */
export function poissonNllLoss(x: Tensor, target: Tensor, options: PoissonNllOptions = {}): Tensor {
  checkTensors("poissonNllLoss", [x, target]);
  nd.args.checkOptions("poissonNllLoss", options, poissonNllOptions);
  const { logInput = true, full = false, eps = 1e-8 } = options;
  return lossOfElements("poissonNllLoss", { input: x, target }, options, () => {
    const losses = logInput ? sub(exp(x), mul(target, x)) : sub(x, mul(target, log(add(x, eps))));
    return full ? add(losses, stirling(target)) : losses;
  });
}

/** n log n - n + log(2 pi n) / 2 for n above 1, and 0 for others. */
function stirling(n: Tensor): Tensor {
  const isLarge = gt(n, 1);
  const safe = where(isLarge, n, 1);
  const value = add(sub(mul(safe, log(safe)), safe), mul(log(mul(safe, 2 * Math.PI)), 0.5));
  return where(isLarge, value, 0);
}
