/** Adam and its variant with decoupled weight decay. */
import { type AdamStep, args, formula, type NDArray, type View, zerosLike } from "@needle/ndarray";
import {
  type GroupOptions,
  groupKinds,
  Optimizer,
  type OptimizerState,
  type ParametersOrGroups,
} from "./optimizer.ts";

/** Options of Adam and AdamW. */
export interface AdamOptions extends Partial<GroupOptions> {
  /** How much of the running mean of gradients stays. Default 0.9. */
  beta1?: number;
  /** How much of the running mean of squared gradients stays. Default 0.999. */
  beta2?: number;
  /** Added to the root, against division by 0. Default 1e-8. */
  eps?: number;
  /**
   * Adam: times the parameter, added to its gradient (L2). Default 0. AdamW: times `lr` and the
   * parameter, taken off the parameter itself. Default 0.01.
   */
  weightDecay?: number;
  /** Divide by the largest of the running means of squares so far. Default false. */
  amsgrad?: boolean;
}

type AdamGroup = Required<AdamOptions>;

const adamKinds: args.Kinds<AdamGroup> = {
  ...groupKinds,
  beta1: args.fraction,
  beta2: args.fraction,
  eps: args.atLeast(0),
  weightDecay: args.atLeast(0),
  amsgrad: args.flag,
};

const numbers = ["rate", "beta1", "beta2", "eps", "l2", "shrink", "ofSquare"] as const;

/** What both forms have in common: the two running means after this step. */
const plainStep = formula(["w", "g", "m", "v"], numbers, ({ w, g, m, v }, n) => {
  const slope = g.add(w.mul(n.l2));
  const mean = m.mul(n.beta1).add(slope.mul(n.beta1.neg().add(1)));
  const square = v.mul(n.beta2).add(slope.square().mul(n.beta2.neg().add(1)));
  const size = square.div(n.ofSquare).sqrt().add(n.eps);
  return { m: mean, v: square, w: w.mul(n.shrink).sub(mean.mul(n.rate).div(size)) };
});

const amsgradStep = formula(["w", "g", "m", "v", "largest"], numbers, (x, n) => {
  const { w, g, m, v } = x;
  const slope = g.add(w.mul(n.l2));
  const mean = m.mul(n.beta1).add(slope.mul(n.beta1.neg().add(1)));
  const square = v.mul(n.beta2).add(slope.square().mul(n.beta2.neg().add(1)));
  const largest = x.largest.maximum(square);
  const size = largest.div(n.ofSquare).sqrt().add(n.eps);
  return { m: mean, v: square, largest, w: w.mul(n.shrink).sub(mean.mul(n.rate).div(size)) };
});

/**
 * With `g = gradient + weightDecay * w`, at step t:
 *
 * - `m = beta1 * m + (1 - beta1) * g`
 * - `v = beta2 * v + (1 - beta2) * g^2`
 * - `w = w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`
 *
 * Kingma and Ba, Adam: a method for stochastic optimization (2015); CMU 10-714 hw2. `amsgrad`:
 * Reddi, Kale and Kumar, On the convergence of Adam and beyond (2018).
 *
 * @param options - `lr` is 0.001 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Adam } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new Adam([w], { lr: 0.1 });
 * w.square().backward();
 * optimizer.step();
 * w; // => 2.9
 */
export class Adam extends Optimizer<AdamGroup> {
  constructor(parameters: ParametersOrGroups<AdamGroup>, options: AdamOptions = {}) {
    const defaults = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, amsgrad: false };
    super(parameters, { lr: 0.001, maximize: false, ...defaults }, options, adamKinds);
  }

  protected init(value: NDArray, { amsgrad }: AdamGroup): OptimizerState {
    const both = { mean: zerosLike(value), square: zerosLike(value) };
    return amsgrad ? { ...both, largest: zerosLike(value) } : both;
  }

  protected update(
    value: NDArray,
    gradient: NDArray,
    state: OptimizerState,
    options: AdamGroup,
    step: number,
  ): void {
    stepAdam(value, gradient, state, { ...options, steps: step, decoupled: false });
  }
}

function stepAdam(w: NDArray, g: NDArray, state: OptimizerState, step: AdamStep): void {
  const { backend, storage } = w;
  const { mean: m, square: v, largest } = state as Record<"mean" | "square" | "largest", NDArray>;
  if (backend.adamStep !== undefined && largest === undefined) {
    const views = [w, g, m, v].map((x) => x.view("Adam"));
    backend.adamStep(...(views as [View, View, View, View]), step);
    storage.version += 1;
    return;
  }
  const { lr, beta1, beta2, eps, weightDecay, steps, decoupled } = step;
  const [rate, ofSquare] = [lr / (1 - beta1 ** steps), 1 - beta2 ** steps];
  const [l2, shrink] = decoupled ? [0, 1 - lr * weightDecay] : [weightDecay, 1];
  const numbers = { rate, beta1, beta2, eps, ofSquare, l2, shrink };
  if (largest === undefined) plainStep({ w, g, m, v }, numbers);
  else amsgradStep({ w, g, m, v, largest }, numbers);
}

/**
 * Adam with the weight decay taken off the parameter itself: `w = (1 - lr * weightDecay) * w`, then
 * a step of Adam without weight decay.
 *
 * Loshchilov and Hutter, Decoupled weight decay regularization (2019).
 *
 * @param options - `lr` is 0.001 and `weightDecay` 0.01 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { AdamW } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new AdamW([w], { lr: 0.1, weightDecay: 0.5 });
 * w.square().backward();
 * optimizer.step();
 * w; // => 2.75
 */
export class AdamW extends Adam {
  constructor(parameters: ParametersOrGroups<AdamGroup>, options: AdamOptions = {}) {
    const { weightDecay = 0.01, ...others } = args.checkOptions("AdamW", options, adamKinds);
    super(parameters, { weightDecay, ...others });
  }

  protected override update(
    value: NDArray,
    gradient: NDArray,
    state: OptimizerState,
    options: AdamGroup,
    step: number,
  ): void {
    stepAdam(value, gradient, state, { ...options, steps: step, decoupled: true });
  }
}
