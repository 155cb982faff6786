/** Lion. */
import { args, formula, type NDArray, zerosLike } from "@needle/ndarray";
import { type GroupOptions, groupKinds, Optimizer, type ParametersOrGroups } from "./optimizer.ts";

/** Options of Lion. */
export interface LionOptions extends Partial<GroupOptions> {
  /** How much of the running mean there is in the direction. Default 0.9. */
  beta1?: number;
  /** How much of the running mean stays. Default 0.99. */
  beta2?: number;
  /** Times `lr` and the parameter, taken off the parameter itself. Default 0. */
  weightDecay?: number;
}

type LionGroup = Required<LionOptions>;
type LionState = { readonly mean: NDArray };

const lionKinds: args.Kinds<LionGroup> = {
  ...groupKinds,
  beta1: args.fraction,
  beta2: args.fraction,
  weightDecay: args.atLeast(0),
};

const lionStep = formula(
  ["w", "g", "m"],
  ["lr", "beta1", "beta2", "weightDecay"],
  ({ w, g, m }, { lr, beta1, beta2, weightDecay }) => {
    const direction = m
      .mul(beta1)
      .add(g.mul(beta1.neg().add(1)))
      .sign();
    return {
      m: m.mul(beta2).add(g.mul(beta2.neg().add(1))),
      w: w.mul(lr.mul(weightDecay).neg().add(1)).sub(direction.mul(lr)),
    };
  },
);

/**
 * Steps of one size along the sign of the momentum:
 *
 * - `w = (1 - lr * weightDecay) * w - lr * sign(beta1 * m + (1 - beta1) * gradient)`
 * - `m = beta2 * m + (1 - beta2) * gradient`
 *
 * Chen and others, Symbolic discovery of optimization algorithms (2023). Good learning rates are 3
 * to 10 times smaller than Adam's.
 *
 * @param options - `lr` is 0.0001 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Lion } from "@needle/optim";
 * const w = tensor([3, -3], { requiresGrad: true });
 * const optimizer = new Lion([w], { lr: 0.5 });
 * w.square().sum().backward();
 * optimizer.step();
 * w; // => [ 2.5 -2.5]
 */
export class Lion extends Optimizer<LionGroup, LionState> {
  constructor(parameters: ParametersOrGroups<LionGroup>, options: LionOptions = {}) {
    const defaults = { lr: 1e-4, maximize: false, beta1: 0.9, beta2: 0.99, weightDecay: 0 };
    super(parameters, defaults, options, lionKinds);
  }

  protected init(value: NDArray): LionState {
    return { mean: zerosLike(value) };
  }

  protected update(w: NDArray, g: NDArray, { mean }: LionState, options: LionGroup): void {
    lionStep({ w, g, m: mean }, options);
  }
}
