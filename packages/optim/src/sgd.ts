/** Stochastic gradient descent. */
import {
  ArgumentError,
  args,
  type Formula,
  formula,
  type NDArray,
  type Term,
  zerosLike,
} from "@needle/ndarray";
import {
  type GroupOptions,
  groupKinds,
  Optimizer,
  type OptimizerState,
  type ParametersOrGroups,
} from "./optimizer.ts";

/** Options of SGD. */
export interface SGDOptions extends Partial<GroupOptions> {
  /** How much of the last direction stays in the next. Default 0. */
  momentum?: number;
  /** Times the parameter, added to its gradient. Default 0. */
  weightDecay?: number;
  /**
   * PyTorch's form: a new gradient enters the direction with the factor `1 - dampening`, the first
   * one whole. Default null, needle's form: the factor is `1 - momentum`, from the first step on.
   */
  dampening?: number | null;
  /** Look ahead along the direction (Nesterov). Takes `dampening: 0`. Default false. */
  nesterov?: boolean;
}

type SGDGroup = Required<SGDOptions>;

const sgdKinds: args.Kinds<SGDGroup> = {
  ...groupKinds,
  momentum: args.fraction,
  weightDecay: args.atLeast(0),
  dampening: args.orNull(args.atLeast(0)),
  nesterov: args.flag,
};

type Numbers = "lr" | "momentum" | "kept" | "weightDecay";

/** PyTorch's step with momentum; `along` picks the direction. */
function torchStep(
  along: (slope: Term, velocity: Term, momentum: Term) => Term,
): Formula<"w" | "g" | "u", Numbers> {
  return formula(
    ["w", "g", "u"],
    ["lr", "momentum", "kept", "weightDecay"],
    ({ w, g, u }, { lr, momentum, kept, weightDecay }) => {
      const slope = g.add(w.mul(weightDecay));
      const velocity = u.mul(momentum).add(slope.mul(kept));
      return { u: velocity, w: w.sub(along(slope, velocity, momentum).mul(lr)) };
    },
  );
}

const plainStep = torchStep((_slope, velocity) => velocity);
const nesterovStep = torchStep((slope, velocity, momentum) => slope.add(velocity.mul(momentum)));

/**
 * `u = momentum * u + (1 - momentum) * (gradient + weightDecay * w)`, then `w = w - lr * u`; u
 * starts at 0 (CMU 10-714 hw2). With a `dampening` PyTorch's form:
 * `u = momentum * u + (1 - dampening) * (gradient + weightDecay * w)`, where u starts at the first
 * gradient; under `nesterov` the step goes along `gradient + weightDecay * w + momentum * u`.
 *
 * Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep
 * learning (2013).
 *
 * @param options - `lr` is 0.01 by default.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { SGD } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new SGD([w], { lr: 0.1 });
 * w.square().backward();
 * optimizer.step();
 * w; // => 2.4
 */
export class SGD extends Optimizer<SGDGroup> {
  constructor(parameters: ParametersOrGroups<SGDGroup>, options: SGDOptions = {}) {
    const defaults = { momentum: 0, weightDecay: 0, dampening: null, nesterov: false };
    super(parameters, { lr: 0.01, maximize: false, ...defaults }, options, sgdKinds);
  }

  protected override check(name: string, options: SGDGroup): void {
    const { momentum, dampening, nesterov } = options;
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      const problem = `nesterov goes with a momentum and no dampening, got momentum ${momentum}, dampening ${dampening}`;
      throw new ArgumentError(name, problem, "Pass { momentum: 0.9, dampening: 0 }.");
    }
  }

  protected init(value: NDArray, options: SGDGroup, gradient: NDArray): OptimizerState {
    const { momentum, dampening, weightDecay } = options;
    if (momentum === 0) return {};
    if (dampening === null || dampening === 0) return { velocity: zerosLike(value) };
    // What makes the first direction the first gradient, undamped.
    const slope = gradient.add(value.mul(weightDecay));
    return { velocity: slope.mul(dampening / momentum) };
  }

  protected update(
    value: NDArray,
    gradient: NDArray,
    { velocity }: OptimizerState,
    options: SGDGroup,
  ): void {
    const { lr, momentum, weightDecay, dampening, nesterov } = options;
    if (velocity !== undefined && dampening !== null) {
      const step = nesterov ? nesterovStep : plainStep;
      const numbers = { lr, momentum, kept: 1 - dampening, weightDecay };
      step({ w: value, g: gradient, u: velocity }, numbers);
      return;
    }
    const { backend, storage } = value;
    if (backend.sgdStep !== undefined) {
      const views = [value.view("SGD"), gradient.view("SGD")] as const;
      backend.sgdStep(...views, velocity?.view("SGD") ?? null, { lr, momentum, weightDecay });
      storage.version += 1;
      return;
    }
    const g = weightDecay === 0 ? gradient : gradient.add(value.mul(weightDecay));
    velocity?.assign(velocity.mul(momentum).add(g.mul(1 - momentum)));
    value.assign(value.sub((velocity ?? g).mul(lr)));
  }
}
