/**
 * What all optimizers share: parameter groups, state, saving and resuming. An algorithm is two
 * functions: `init`, the state it keeps for a parameter, and `update`, one step of one parameter.
 * Gradients are read, never changed; parameters and state are written in place.
 */
import { isTensor, type Tensor } from "@needle/autograd";
import { ArgumentError, args, type NDArray, scope } from "@needle/ndarray";
import { checkList, leavesOf, passParameters } from "./parameters.ts";
import { loadState, type OptimizerStateDict, saveState } from "./state.ts";

/** The arrays an algorithm keeps for one parameter, by name. */
export type OptimizerState = Readonly<Record<string, NDArray>>;

/** What every algorithm has, for each group of parameters. */
export interface GroupOptions {
  /** The learning rate. */
  lr: number;
  /** Go up the gradient instead of down. Default false. */
  maximize?: boolean;
}

/** What the options of every algorithm must be. */
export const groupKinds: args.Kinds<GroupOptions> = { lr: args.atLeast(0), maximize: args.flag };

/** Parameters that are stepped with the same options. The options can be changed between steps. */
export type Group<Options extends GroupOptions> = Options & {
  readonly parameters: readonly Tensor[];
};

/**
 * What an optimizer is to step: parameters, or groups of them with options that differ from those
 * of the others.
 */
export type ParametersOrGroups<Options extends GroupOptions> =
  | Iterable<Tensor>
  | Iterable<{ readonly parameters: Iterable<Tensor> } & Readonly<Partial<Options>>>;

/**
 * The base of all optimizers. A parameter that is given twice is stepped once; one without a
 * gradient stays as it is.
 *
 * @param parameters - leaf tensors, or groups `{ parameters, ...options }`.
 * @param defaults - what stands for options that are not given.
 * @param options - of groups that do not state their own.
 * @param kinds - what options must be; others are not taken. Unless given, only the learning rate
 *   is checked.
 * @throws ArgumentError when there is nothing to learn, a parameter is in two groups, or an option
 *   is unknown or out of range.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Optimizer } from "@needle/optim";
 * class SignDescent extends Optimizer {
 *   init() {
 *     return {};
 *   }
 *   update(value, gradient, state, { lr }) {
 *     value.assign(value.sub(gradient.sign().mul(lr)));
 *   }
 * }
 * const w = tensor([3, -3], { requiresGrad: true });
 * w.square().sum().backward();
 * new SignDescent([w], { lr: 0.5 }).step();
 * w; // => [ 2.5 -2.5]
 */
export abstract class Optimizer<
  Options extends GroupOptions = GroupOptions,
  State extends OptimizerState = OptimizerState,
> {
  /** The groups of parameters with their options. */
  readonly groups: readonly Group<Options>[];
  /** Steps taken so far. */
  steps = 0;
  readonly #states = new Map<Tensor, State>();

  constructor(
    parameters: ParametersOrGroups<Options>,
    defaults: Options,
    options: Partial<Options> = {},
    kinds?: args.Kinds<Options>,
  ) {
    const name = new.target.name;
    checkList(name, "parameters, or groups of them", parameters);
    if (kinds !== undefined) args.checkOptions(name, options, kinds);
    const common = { ...defaults, ...given(options) };
    this.groups = groupsOf(name, [...parameters], common, kinds);
    for (const group of this.groups) {
      args.check(name, "lr", group.lr, groupKinds.lr);
      this.check(name, group);
    }
  }

  /** Every parameter of every group. */
  get parameters(): readonly Tensor[] {
    return this.groups.flatMap((group) => group.parameters);
  }

  /** The learning rate of the first group; setting it sets that of all groups. */
  get lr(): number {
    return this.groups[0]!.lr;
  }

  set lr(lr: number) {
    args.check(this.constructor.name, "lr", lr, groupKinds.lr);
    for (const group of this.groups) group.lr = lr;
  }

  /** Throws where the options of a group, each in its range, do not go together. */
  protected check(_name: string, _options: Options): void {}

  /** The state before the first step of a parameter; `gradient` is that of the first step. */
  protected abstract init(value: NDArray, options: Readonly<Options>, gradient: NDArray): State;

  /**
   * One step: writes new values into `value` and `state`.
   *
   * @param step - counted from 1, for all parameters together.
   */
  protected abstract update(
    value: NDArray,
    gradient: NDArray,
    state: State,
    options: Readonly<Options>,
    step: number,
  ): void;

  /** Moves every parameter that has a gradient; temporaries are freed parameter by parameter. */
  step(): void {
    this.steps += 1;
    const label = `${this.constructor.name}.step`;
    for (const group of this.groups) {
      for (const parameter of group.parameters) {
        const { grad, value } = parameter;
        if (grad === null) continue;
        scope(
          () => {
            const direction = group.maximize ? grad.value.neg() : grad.value;
            const state = this.#stateOf(parameter, group, direction);
            this.update(value, direction, state, group, this.steps);
          },
          { label },
        );
      }
    }
  }

  /** Forgets the gradients of all parameters. */
  resetGrad(): void {
    for (const parameter of this.parameters) parameter.resetGrad();
  }

  /**
   * A snapshot from which training goes on exactly as it would have: steps, options of the groups,
   * and copies of all arrays. Parameters go by their position.
   *
   * @example
   * import { tensor } from "@needle/autograd";
   * import { Adam } from "@needle/optim";
   * const w = tensor([3, -3], { requiresGrad: true });
   * const optimizer = new Adam([w]);
   * w.square().sum().backward();
   * optimizer.step();
   * const saved = optimizer.stateDict();
   * saved.steps; // => 1
   * Object.keys(saved.state); // => ["0.mean","0.square"]
   * new Adam([w]).loadStateDict(saved);
   */
  stateDict(): OptimizerStateDict {
    return saveState(this.steps, this.groups, this.parameters, this.#states);
  }

  /**
   * Takes over a snapshot. Nothing is changed when anything does not fit.
   *
   * @throws ArgumentError that lists everything that does not fit.
   */
  loadStateDict(saved: OptimizerStateDict): void {
    const name = this.constructor.name;
    const { groups, parameters } = this;
    const init = (parameter: Tensor): State => {
      const group = groups.find((group) => group.parameters.includes(parameter))!;
      return this.init(parameter.value, group, parameter.value);
    };
    const states = loadState(name, saved, groups, parameters, init);
    for (const state of this.#states.values()) {
      for (const array of Object.values(state)) array.drop("loadStateDict()");
    }
    this.#states.clear();
    for (const [parameter, state] of states) this.#states.set(parameter, state);
    this.steps = saved.steps;
  }

  #stateOf(parameter: Tensor, options: Readonly<Options>, gradient: NDArray): State {
    let state = this.#states.get(parameter);
    if (state === undefined) {
      state = this.init(parameter.value, options, gradient);
      for (const array of Object.values(state)) array.adopt();
      this.#states.set(parameter, state);
    }
    return state;
  }
}

function groupsOf<Options extends GroupOptions>(
  name: string,
  items: readonly (Tensor | ({ readonly parameters: Iterable<Tensor> } & Partial<Options>))[],
  common: Options,
  kinds: args.Kinds<Options> | undefined,
): Group<Options>[] {
  if (items.length === 0) throw new ArgumentError(name, "got no parameters", passParameters);
  const isGroup = (x: unknown): x is { readonly parameters: Iterable<Tensor> } =>
    typeof x === "object" && x !== null && !isTensor(x) && "parameters" in x;
  const groups = isGroup(items[0]) ? items : [{ parameters: items as readonly Tensor[] }];
  const seen = new Set<Tensor>();
  return groups.map((group, k) => {
    if (!isGroup(group)) {
      const problem = `item ${k} is not a group { parameters, ...options }`;
      throw new ArgumentError(name, problem, "Pass parameters alone or groups alone.");
    }
    if (kinds !== undefined)
      args.checkOptions(name, group, { parameters: args.anything, ...kinds });
    const where = groups.length === 1 ? "" : ` of group ${k}`;
    const parameters = leavesOf(name, group.parameters, where);
    parameters.forEach((parameter, i) => {
      if (seen.has(parameter)) {
        const problem = `parameter ${i}${where} is in an earlier group, too`;
        throw new ArgumentError(name, problem, "Put each parameter into one group.");
      }
      seen.add(parameter);
    });
    return { ...common, ...given(group), parameters } as unknown as Group<Options>;
  });
}

/** The options that are given: one that is undefined is not. */
export function given<Options extends object>(options: Options): Partial<Options> {
  const own = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(own) as Partial<Options>;
}
