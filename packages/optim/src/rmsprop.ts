/** RMSprop. */
import { args, formula, type NDArray, type Term, zerosLike } from "@needle/ndarray";
import {
  type GroupOptions,
  groupKinds,
  Optimizer,
  type OptimizerState,
  type ParametersOrGroups,
} from "./optimizer.ts";

/** Options of RMSprop. */
export interface RMSpropOptions extends Partial<GroupOptions> {
  /** How much of the running mean of squares stays. Default 0.99. */
  alpha?: number;
  /** Added to the root, against division by 0. Default 1e-8. */
  eps?: number;
  /** Times the parameter, added to its gradient. Default 0. */
  weightDecay?: number;
  /** How much of the last direction stays in the next. Default 0. */
  momentum?: number;
  /** Divide by the running variance instead of the mean of squares. Default false. */
  centered?: boolean;
}

type RMSpropGroup = Required<RMSpropOptions>;
type Terms = Readonly<Record<"w" | "g" | "square" | "mean" | "direction", Term>>;
type Numbers = Readonly<Record<"lr" | "alpha" | "eps" | "weightDecay" | "momentum", Term>>;

const rmspropKinds: args.Kinds<RMSpropGroup> = {
  ...groupKinds,
  alpha: args.fraction,
  eps: args.atLeast(0),
  weightDecay: args.atLeast(0),
  momentum: args.fraction,
  centered: args.flag,
};

/** One formula for each combination of options, so that no array is kept in vain. */
function body(centered: boolean, hasMomentum: boolean) {
  return (x: Terms, { lr, alpha, eps, weightDecay, momentum }: Numbers) => {
    const rest = alpha.neg().add(1);
    const slope = x.g.add(x.w.mul(weightDecay));
    const square = x.square.mul(alpha).add(slope.square().mul(rest));
    const mean = centered ? x.mean.mul(alpha).add(slope.mul(rest)) : null;
    const spread = mean === null ? square : square.sub(mean.square());
    const scaled = slope.div(spread.sqrt().add(eps));
    const direction = hasMomentum ? x.direction.mul(momentum).add(scaled) : scaled;
    return {
      square,
      w: x.w.sub(direction.mul(lr)),
      ...(mean === null ? {} : { mean }),
      ...(hasMomentum ? { direction } : {}),
    };
  };
}

const numbers = ["lr", "alpha", "eps", "weightDecay", "momentum"] as const;

function stepOf(centered: boolean, hasMomentum: boolean) {
  const names = [
    "w",
    "g",
    "square",
    ...(centered ? ["mean"] : []),
    ...(hasMomentum ? ["direction"] : []),
  ];
  return formula(names as (keyof Terms)[], numbers, body(centered, hasMomentum));
}

const steps = [
  [stepOf(false, false), stepOf(false, true)],
  [stepOf(true, false), stepOf(true, true)],
] as const;

/**
 * Every element's gradient divided by the root of its running mean of squares: with
 * `g = gradient + weightDecay * w`,
 *
 * - `v = alpha * v + (1 - alpha) * g^2`; under `centered` also `m = alpha * m + (1 - alpha) * g`,
 *   and `m^2` is taken off v below
 * - `u = momentum * u + g / (sqrt(v) + eps)`
 * - `w = w - lr * u`
 *
 * Hinton, Neural networks for machine learning, lecture 6 (2012); centered: Graves, Generating
 * sequences with recurrent neural networks (2013).
 *
 * @param options - `lr` is 0.01 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { RMSprop } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new RMSprop([w], { lr: 0.5, alpha: 0.75 });
 * w.square().backward();
 * optimizer.step();
 * w; // => 2.0
 */
export class RMSprop extends Optimizer<RMSpropGroup> {
  constructor(parameters: ParametersOrGroups<RMSpropGroup>, options: RMSpropOptions = {}) {
    const defaults = { alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false };
    super(parameters, { lr: 0.01, maximize: false, ...defaults }, options, rmspropKinds);
  }

  protected init(value: NDArray, { centered, momentum }: RMSpropGroup): OptimizerState {
    return {
      square: zerosLike(value),
      ...(centered ? { mean: zerosLike(value) } : {}),
      ...(momentum === 0 ? {} : { direction: zerosLike(value) }),
    };
  }

  protected update(w: NDArray, g: NDArray, state: OptimizerState, options: RMSpropGroup): void {
    const step = steps[state.mean === undefined ? 0 : 1][state.direction === undefined ? 0 : 1];
    step({ w, g, ...state } as Record<keyof Terms, NDArray>, options);
  }
}
