/** Adadelta. */
import { args, formula, type NDArray, zerosLike } from "@needle/ndarray";
import { type GroupOptions, groupKinds, Optimizer, type ParametersOrGroups } from "./optimizer.ts";

/** Options of Adadelta. */
export interface AdadeltaOptions extends Partial<GroupOptions> {
  /** How much of the running means stays. Default 0.9. */
  rho?: number;
  /** Added to both means, against division by 0. Default 1e-6. */
  eps?: number;
  /** Times the parameter, added to its gradient. Default 0. */
  weightDecay?: number;
}

type AdadeltaGroup = Required<AdadeltaOptions>;
type AdadeltaState = { readonly square: NDArray; readonly moved: NDArray };

const adadeltaKinds: args.Kinds<AdadeltaGroup> = {
  ...groupKinds,
  rho: args.between(0, 1),
  eps: args.atLeast(0),
  weightDecay: args.atLeast(0),
};

const adadeltaStep = formula(
  ["w", "g", "square", "moved"],
  ["lr", "rho", "eps", "weightDecay"],
  (x, { lr, rho, eps, weightDecay }) => {
    const rest = rho.neg().add(1);
    const slope = x.g.add(x.w.mul(weightDecay));
    const square = x.square.mul(rho).add(slope.square().mul(rest));
    const delta = x.moved.add(eps).sqrt().div(square.add(eps).sqrt()).mul(slope);
    const moved = x.moved.mul(rho).add(delta.square().mul(rest));
    return { square, moved, w: x.w.sub(delta.mul(lr)) };
  },
);

/**
 * Steps of the size of earlier ones, without a learning rate to choose: with
 * `g = gradient + weightDecay * w`,
 *
 * - `v = rho * v + (1 - rho) * g^2`
 * - `d = sqrt(u + eps) / sqrt(v + eps) * g`
 * - `u = rho * u + (1 - rho) * d^2`
 * - `w = w - lr * d`
 *
 * Zeiler, Adadelta: an adaptive learning rate method (2012).
 *
 * @param options - `lr` is 1 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Adadelta } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new Adadelta([w], { rho: 0, eps: 1 });
 * w.mul(0).backward();
 * optimizer.step();
 * w; // => 3.0
 */
export class Adadelta extends Optimizer<AdadeltaGroup, AdadeltaState> {
  constructor(parameters: ParametersOrGroups<AdadeltaGroup>, options: AdadeltaOptions = {}) {
    const defaults = { lr: 1, maximize: false, rho: 0.9, eps: 1e-6, weightDecay: 0 };
    super(parameters, defaults, options, adadeltaKinds);
  }

  protected init(value: NDArray): AdadeltaState {
    return { square: zerosLike(value), moved: zerosLike(value) };
  }

  protected update(w: NDArray, g: NDArray, state: AdadeltaState, options: AdadeltaGroup): void {
    adadeltaStep({ w, g, ...state }, options);
  }
}
