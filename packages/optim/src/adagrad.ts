/** Adagrad. */
import { args, formula, full, type NDArray } from "@needle/ndarray";
import { type GroupOptions, groupKinds, Optimizer, type ParametersOrGroups } from "./optimizer.ts";

/** Options of Adagrad. */
export interface AdagradOptions extends Partial<GroupOptions> {
  /** At step t the learning rate is `lr / (1 + (t - 1) * lrDecay)`. Default 0. */
  lrDecay?: number;
  /** Times the parameter, added to its gradient. Default 0. */
  weightDecay?: number;
  /** What the sum of squares starts at. Default 0. */
  initialAccumulator?: number;
  /** Added to the root, against division by 0. Default 1e-10. */
  eps?: number;
}

type AdagradGroup = Required<AdagradOptions>;
type AdagradState = { readonly sum: NDArray };

const adagradKinds: args.Kinds<AdagradGroup> = {
  ...groupKinds,
  lrDecay: args.atLeast(0),
  weightDecay: args.atLeast(0),
  initialAccumulator: args.atLeast(0),
  eps: args.atLeast(0),
};

const adagradStep = formula(
  ["w", "g", "sum"],
  ["rate", "weightDecay", "eps"],
  ({ w, g, sum }, { rate, weightDecay, eps }) => {
    const slope = g.add(w.mul(weightDecay));
    const total = sum.add(slope.square());
    return { sum: total, w: w.sub(slope.mul(rate).div(total.sqrt().add(eps))) };
  },
);

/**
 * A learning rate for every element, smaller the more it has moved: with
 * `g = gradient + weightDecay * w`, `s = s + g^2` and `w = w - rate * g / (sqrt(s) + eps)`, where
 * `rate = lr / (1 + (t - 1) * lrDecay)` at step t.
 *
 * Duchi, Hazan and Singer, Adaptive subgradient methods (2011).
 *
 * @param options - `lr` is 0.01 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Adagrad } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new Adagrad([w], { lr: 0.5 });
 * w.square().backward();
 * optimizer.step();
 * w; // => 2.5
 */
export class Adagrad extends Optimizer<AdagradGroup, AdagradState> {
  constructor(parameters: ParametersOrGroups<AdagradGroup>, options: AdagradOptions = {}) {
    const defaults = { lrDecay: 0, weightDecay: 0, initialAccumulator: 0, eps: 1e-10 };
    super(parameters, { lr: 0.01, maximize: false, ...defaults }, options, adagradKinds);
  }

  protected init(value: NDArray, { initialAccumulator }: AdagradGroup): AdagradState {
    const { dtype, backend } = value;
    return { sum: full(value.shape, initialAccumulator, { dtype, backend }) };
  }

  protected update(
    w: NDArray,
    g: NDArray,
    { sum }: AdagradState,
    { lr, lrDecay, weightDecay, eps }: AdagradGroup,
    step: number,
  ): void {
    adagradStep({ w, g, sum }, { rate: lr / (1 + (step - 1) * lrDecay), weightDecay, eps });
  }
}
