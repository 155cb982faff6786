/**
 * What all optimizers share. An algorithm is two functions: `init`, the state it keeps for a
 * parameter, and `update`, one step of one parameter. Gradients are read, never changed; parameters
 * and state are written in place.
 */
import { isTensor, type Tensor } from "@needle/autograd";
import { ArgumentError, type NDArray, scope } from "@needle/ndarray";

/** The arrays an algorithm keeps for one parameter, by name. */
export type OptimizerState = Readonly<Record<string, NDArray>>;

/**
 * The base of all optimizers. A parameter that is given twice is stepped once; one without a
 * gradient stays as it is.
 *
 * @throws ArgumentError when there is nothing to learn or the learning rate is not a number of at
 *   least 0.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Optimizer } from "@needle/optim";
 * class SignDescent extends Optimizer {
 *   init() {
 *     return {};
 *   }
 *   update(value, gradient) {
 *     value.assign(value.sub(gradient.sign().mul(this.lr)));
 *   }
 * }
 * const w = tensor([3, -3], { requiresGrad: true });
 * w.square().sum().backward();
 * new SignDescent([w], 0.5).step();
 * w; // => [ 2.5 -2.5]
 */
export abstract class Optimizer<State extends OptimizerState = OptimizerState> {
  /** The learning rate; can be changed between steps. */
  lr: number;
  readonly parameters: readonly Tensor[];
  /** Steps taken so far. */
  steps = 0;
  readonly #states = new Map<Tensor, State>();

  constructor(parameters: Iterable<Tensor>, lr: number) {
    const name = new.target.name;
    this.parameters = [...new Set(parameters)];
    if (this.parameters.length === 0)
      throw new ArgumentError(name, "got no parameters", "Pass model.parameters().");
    this.parameters.forEach((parameter, i) => {
      if (isTensor(parameter) && parameter.isLeaf) return;
      throw new ArgumentError(
        name,
        `parameter ${i} is not a leaf tensor`,
        "Pass model.parameters().",
      );
    });
    this.lr = atLeastZero(name, "lr", lr);
  }

  /** The state before the first step of a parameter. */
  protected abstract init(value: NDArray): State;

  /** One step: writes new values into `value` and `state`. */
  protected abstract update(value: NDArray, gradient: NDArray, state: State): void;

  /** Moves every parameter that has a gradient; temporaries are freed parameter by parameter. */
  step(): void {
    this.steps += 1;
    const label = `${this.constructor.name}.step`;
    for (const parameter of this.parameters) {
      const { grad, value } = parameter;
      if (grad === null) continue;
      scope(() => this.update(value, grad.value, this.#stateOf(parameter)), { label });
    }
  }

  /** Forgets the gradients of all parameters. */
  resetGrad(): void {
    for (const parameter of this.parameters) parameter.resetGrad();
  }

  #stateOf(parameter: Tensor): State {
    let state = this.#states.get(parameter);
    if (state === undefined) {
      state = this.init(parameter.value);
      for (const array of Object.values(state)) array.adopt();
      this.#states.set(parameter, state);
    }
    return state;
  }
}

/** Throws unless an option is a number of at least 0. */
export function atLeastZero(op: string, option: string, value: number): number {
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new ArgumentError(op, `${option} must be a number of at least 0, got ${value}`);
}

/** Throws unless an option is a number from 0 (included) to 1 (excluded). */
export function fraction(op: string, option: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new ArgumentError(op, `${option} must be from 0 to below 1, got ${value}`);
}
