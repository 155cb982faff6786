/** Adamax, NAdam and RAdam: Adam's two running means, put together in other ways. */
import { args, formula, type NDArray, zerosLike } from "@needle/ndarray";
import { type GroupOptions, groupKinds, Optimizer, type ParametersOrGroups } from "./optimizer.ts";

/** Options of Adamax and RAdam. */
export interface AdamRelativeOptions extends Partial<GroupOptions> {
  /** How much of the running mean of gradients stays. Default 0.9. */
  beta1?: number;
  /** How much of the second statistic stays. Default 0.999. */
  beta2?: number;
  /** Against division by 0. Default 1e-8. */
  eps?: number;
  /** Times the parameter, added to its gradient. Default 0. */
  weightDecay?: number;
}

/** Options of NAdam. */
export interface NAdamOptions extends AdamRelativeOptions {
  /** How fast the momentum grows to beta1. Default 0.004. */
  momentumDecay?: number;
}

type RelativeGroup = Required<AdamRelativeOptions>;
type NAdamGroup = Required<NAdamOptions>;
type Means = { readonly mean: NDArray; readonly square: NDArray };

const relativeKinds: args.Kinds<RelativeGroup> = {
  ...groupKinds,
  beta1: args.fraction,
  beta2: args.fraction,
  eps: args.atLeast(0),
  weightDecay: args.atLeast(0),
};

const defaults = { maximize: false, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 };

/** What the three have in common: options and two arrays of state. */
abstract class AdamRelative<Options extends RelativeGroup> extends Optimizer<Options, Means> {
  protected init(value: NDArray): Means {
    return { mean: zerosLike(value), square: zerosLike(value) };
  }
}

const adamaxStep = formula(
  ["w", "g", "m", "u"],
  ["rate", "beta1", "beta2", "eps", "weightDecay"],
  ({ w, g, m, u }, { rate, beta1, beta2, eps, weightDecay }) => {
    const slope = g.add(w.mul(weightDecay));
    const mean = m.mul(beta1).add(slope.mul(beta1.neg().add(1)));
    const largest = u.mul(beta2).maximum(slope.abs().add(eps));
    return { m: mean, u: largest, w: w.sub(mean.mul(rate).div(largest)) };
  },
);

/**
 * Adam with the largest recent gradient in place of the root of the mean of squares: with
 * `g = gradient + weightDecay * w`, at step t
 *
 * - `m = beta1 * m + (1 - beta1) * g`
 * - `u = max(beta2 * u, |g| + eps)`
 * - `w = w - lr / (1 - beta1^t) * m / u`
 *
 * Kingma and Ba, Adam: a method for stochastic optimization (2015), section 7.1.
 *
 * @param options - `lr` is 0.002 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Adamax } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new Adamax([w], { lr: 0.5 });
 * w.square().backward();
 * optimizer.step();
 * w; // => 2.5
 */
export class Adamax extends AdamRelative<RelativeGroup> {
  constructor(parameters: ParametersOrGroups<RelativeGroup>, options: AdamRelativeOptions = {}) {
    super(parameters, { ...defaults, lr: 0.002 }, options, relativeKinds);
  }

  protected update(w: NDArray, g: NDArray, state: Means, options: RelativeGroup, t: number): void {
    const rate = options.lr / (1 - options.beta1 ** t);
    adamaxStep({ w, g, m: state.mean, u: state.square }, { ...options, rate });
  }
}

const nadamStep = formula(
  ["w", "g", "m", "v"],
  ["ofSlope", "ofMean", "beta1", "beta2", "eps", "weightDecay", "ofSquare"],
  ({ w, g, m, v }, { ofSlope, ofMean, beta1, beta2, eps, weightDecay, ofSquare }) => {
    const slope = g.add(w.mul(weightDecay));
    const mean = m.mul(beta1).add(slope.mul(beta1.neg().add(1)));
    const square = v.mul(beta2).add(slope.square().mul(beta2.neg().add(1)));
    const size = square.div(ofSquare).sqrt().add(eps);
    const direction = slope.mul(ofSlope).add(mean.mul(ofMean));
    return { m: mean, v: square, w: w.sub(direction.div(size)) };
  },
);

/**
 * Adam that looks ahead as Nesterov's momentum does. With Adam's m and v, and
 * `mu_t = beta1 * (1 - 0.96^(t * momentumDecay) / 2)`, at step t
 *
 * `w = w - lr * ((1 - mu_t) * g / (1 - mu_1 … mu_t) + mu_(t+1) * m / (1 - mu_1 … mu_(t+1))) / (sqrt(v / (1 - beta2^t)) + eps)`
 *
 * Dozat, Incorporating Nesterov momentum into Adam (2016).
 *
 * @param options - `lr` is 0.002 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { NAdam } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new NAdam([w], { lr: 0.1 });
 * w.square().backward();
 * optimizer.step();
 * w.mul(100).round().div(100); // => 2.89
 */
export class NAdam extends AdamRelative<NAdamGroup> {
  constructor(parameters: ParametersOrGroups<NAdamGroup>, options: NAdamOptions = {}) {
    const kinds = { ...relativeKinds, momentumDecay: args.atLeast(0) };
    super(parameters, { ...defaults, lr: 0.002, momentumDecay: 0.004 }, options, kinds);
  }

  protected update(w: NDArray, g: NDArray, state: Means, options: NAdamGroup, t: number): void {
    const { lr, beta1, beta2, momentumDecay } = options;
    const mu = (step: number): number => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    let product = 1;
    for (let step = 1; step <= t; step++) product *= mu(step);
    const [now, next] = [mu(t), mu(t + 1)];
    nadamStep(
      { w, g, m: state.mean, v: state.square },
      {
        ...options,
        ofSlope: (lr * (1 - now)) / (1 - product),
        ofMean: (lr * next) / (1 - product * next),
        ofSquare: 1 - beta2 ** t,
      },
    );
  }
}

/** RAdam's step while too few gradients have been seen to know their variance. */
const warmingStep = formula(
  ["w", "g", "m", "v"],
  ["rate", "beta1", "beta2", "weightDecay"],
  ({ w, g, m, v }, { rate, beta1, beta2, weightDecay }) => {
    const slope = g.add(w.mul(weightDecay));
    const mean = m.mul(beta1).add(slope.mul(beta1.neg().add(1)));
    const square = v.mul(beta2).add(slope.square().mul(beta2.neg().add(1)));
    return { m: mean, v: square, w: w.sub(mean.mul(rate)) };
  },
);

const rectifiedStep = formula(
  ["w", "g", "m", "v"],
  ["rate", "beta1", "beta2", "eps", "weightDecay"],
  ({ w, g, m, v }, { rate, beta1, beta2, eps, weightDecay }) => {
    const slope = g.add(w.mul(weightDecay));
    const mean = m.mul(beta1).add(slope.mul(beta1.neg().add(1)));
    const square = v.mul(beta2).add(slope.square().mul(beta2.neg().add(1)));
    return { m: mean, v: square, w: w.sub(mean.mul(rate).div(square.sqrt().add(eps))) };
  },
);

/**
 * Adam whose steps are scaled by how well the variance of the gradients is known. With Adam's m and
 * v, `rho = 2 / (1 - beta2) - 1` and `rho_t = rho - 2 * t * beta2^t / (1 - beta2^t)`, at step t
 *
 * - where `rho_t > 5`: `w = w - lr * r * (m / (1 - beta1^t)) * sqrt(1 - beta2^t) / (sqrt(v) + eps)`
 *   with `r^2 = (rho_t - 4) (rho_t - 2) rho / ((rho - 4) (rho - 2) rho_t)`
 * - before: `w = w - lr * m / (1 - beta1^t)`
 *
 * Liu and others, On the variance of the adaptive learning rate and beyond (2020).
 *
 * @param options - `lr` is 0.001 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { RAdam } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new RAdam([w], { lr: 0.1 });
 * w.square().backward();
 * optimizer.step(); // the first steps are those of momentum
 * w; // => 2.4
 */
export class RAdam extends AdamRelative<RelativeGroup> {
  constructor(parameters: ParametersOrGroups<RelativeGroup>, options: AdamRelativeOptions = {}) {
    super(parameters, { ...defaults, lr: 0.001 }, options, relativeKinds);
  }

  protected update(w: NDArray, g: NDArray, state: Means, options: RelativeGroup, t: number): void {
    const { lr, beta1, beta2 } = options;
    const arrays = { w, g, m: state.mean, v: state.square };
    const limit = 2 / (1 - beta2) - 1;
    const known = limit - (2 * t * beta2 ** t) / (1 - beta2 ** t);
    const rate = lr / (1 - beta1 ** t);
    if (known <= 5) {
      warmingStep(arrays, { ...options, rate });
      return;
    }
    const rectified = Math.sqrt(
      ((known - 4) * (known - 2) * limit) / ((limit - 4) * (limit - 2) * known),
    );
    const scale = rectified * Math.sqrt(1 - beta2 ** t);
    rectifiedStep(arrays, { ...options, rate: rate * scale });
  }
}
