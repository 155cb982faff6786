/**
 * Module: a plain object whose fields hold parameters, buffers and other modules, directly or in
 * arrays, maps, sets and objects. Everything about a model (its parameters, its state, its mode) is
 * found by walking those fields.
 */
import { noGrad, type Tensor } from "@needle/autograd";
import {
  ArgumentError,
  args,
  arrayOptions,
  type Backend,
  type DType,
  isFloat,
  type Shape,
  show,
} from "@needle/ndarray";
import {
  type AnyHook,
  type AnyPreHook,
  addTo,
  type ForwardHook,
  type ForwardPreHook,
  hooks,
  preHooks,
  runForwardInScope,
} from "./forward.ts";
import { Buffer, moveTensor, Parameter } from "./parameter.ts";
import { type LoadOptions, loadInto, type StateDict, StateDictError } from "./state.ts";
import { type Found, walk } from "./walk.ts";

/** Where or what `to` makes of tensors. */
const targetKind: args.Kind = {
  expected: "a dtype or a backend",
  holds: (target) => arrayOptions.dtype.holds(target) || arrayOptions.backend.holds(target),
};

/**
 * The base of all layers and models. A subclass assigns its parts to fields and implements
 * `forward`; the base runs every `forward` in a scope, so that what a pass makes and does not
 * return (or leave in a field) is freed.
 *
 * Private `#fields` cannot be walked: keep parameters, buffers and modules in ordinary fields.
 *
 * @example
 * import { randn } from "@needle/autograd";
 * import { Linear, Module } from "@needle/nn";
 * class Twice extends Module {
 *   inner = new Linear(3, 3);
 *   forward(x) {
 *     return this.inner.forward(this.inner.forward(x));
 *   }
 * }
 * const model = new Twice();
 * model.forward(randn([5, 3])).shape; // => [5,3]
 * model.parameters().length; // => 2
 */
export abstract class Module<
  Inputs extends readonly never[] | readonly unknown[] = [x: Tensor],
  Output = Tensor,
> {
  /**
   * Whether the module behaves as in training (Dropout drops, BatchNorm uses the batch). Set by
   * `train` and `eval`.
   */
  training = true;

  /**
   * What messages call the first inputs of `forward`, which must be tensors. None are unless a
   * class says so: a module of one's own may take what it likes.
   */
  static readonly tensorInputs: readonly string[] = [];

  constructor() {
    runForwardInScope(new.target.prototype, Module.prototype);
  }

  /** Computes the output. */
  abstract forward(...inputs: Inputs): Output;

  /** The parameters, each once, in the order of the fields that hold them. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /**
   * The parameters with their names, the paths of the fields: `layers.0.weight`. A shared one is
   * named once.
   */
  namedParameters(): Found<Parameter>[] {
    return walk(this, (value) => value instanceof Parameter) as Found<Parameter>[];
  }

  /** The buffers with their names. */
  namedBuffers(): Found<Buffer>[] {
    return walk(this, (value) => value instanceof Buffer) as Found<Buffer>[];
  }

  /**
   * The module itself and every module inside, each once, with their names; its own is the empty
   * string.
   */
  namedModules(): Found<Module<never, unknown>>[] {
    return walk(this, (value) => value instanceof Module) as Found<Module<never, unknown>>[];
  }

  /** The module itself and every module inside, each once. */
  modules(): Module<never, unknown>[] {
    return this.namedModules().map(([, module]) => module);
  }

  /**
   * The modules right below this one, with the names of the fields that hold them: those inside
   * them are not listed.
   */
  namedChildren(): Found<Module<never, unknown>>[] {
    const isChild = (value: object): boolean => value instanceof Module && value !== this;
    return walk(this, isChild, isChild) as Found<Module<never, unknown>>[];
  }

  /** The modules right below this one. */
  children(): Module<never, unknown>[] {
    return this.namedChildren().map(([, module]) => module);
  }

  /**
   * Calls `fn` with every module inside, those below first, and with the module itself. Returns the
   * module.
   *
   * @example
   * import { Linear, ReLU, Sequential } from "@needle/nn";
   * const model = new Sequential(new Linear(2, 3), new ReLU());
   * model.apply((module) => {
   *   if (module instanceof Linear) module.bias.assign(0);
   * });
   * model.layers[0].bias; // => [0. 0. 0.]
   */
  apply(fn: (module: Module<never, unknown>) => void): this {
    args.check("Module.apply", "the argument", fn, args.callback);
    for (const module of this.modules().reverse()) fn(module);
    return this;
  }

  /**
   * Asks for no gradients of the parameters any more, or with false for gradients again. Returns
   * the module.
   */
  freeze(on = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = !on;
    return this;
  }

  /**
   * Calls `hook` before each `forward`, with its inputs; what it returns, a list of inputs, takes
   * their place. Returns the function that removes it.
   */
  registerForwardPreHook<In extends readonly unknown[] = readonly Tensor[]>(
    hook: ForwardPreHook<this, In>,
  ): () => void {
    args.check("registerForwardPreHook", "the hook", hook, args.callback);
    return addTo(preHooks, this, hook as unknown as AnyPreHook);
  }

  /**
   * Calls `hook` after each `forward`, with inputs and output; what it returns takes the output's
   * place. Returns the function that removes it.
   *
   * @example
   * import { ones } from "@needle/autograd";
   * import { Linear } from "@needle/nn";
   * const layer = new Linear(3, 2);
   * const seen = [];
   * const remove = layer.registerForwardHook((_module, [x], y) => {
   *   seen.push(x.shape, y.shape);
   * });
   * layer.forward(ones([5, 3]));
   * remove();
   * layer.forward(ones([5, 3]));
   * seen; // => [[5,3],[5,2]]
   */
  registerForwardHook<In extends readonly unknown[] = readonly Tensor[], Out = Tensor>(
    hook: ForwardHook<this, In, Out>,
  ): () => void {
    args.check("registerForwardHook", "the hook", hook, args.callback);
    return addTo(hooks, this, hook as unknown as AnyHook);
  }

  /**
   * How many multiplications with an addition one pass takes, without those of the modules inside;
   * what `summary` adds up.
   *
   * @param _inputs - the shapes of the tensors among the inputs.
   * @param _outputs - the shapes of the tensors among the outputs.
   */
  multiplyAdds(_inputs: readonly Shape[], _outputs: readonly Shape[]): number {
    return 0;
  }

  /** What stands in parentheses behind the name when the module is printed: its settings. */
  describe(): string {
    return "";
  }

  /** What a part is called when the module is printed: the path of fields that leads to it. */
  protected partName(path: string): string {
    return path;
  }

  /**
   * The module and all inside as text.
   *
   * @example
   * import { Linear, ReLU, Sequential } from "@needle/nn";
   * new Sequential(new Linear(2, 3), new ReLU()); // => Sequential(
   *    //   (0): Linear(inFeatures=2, outFeatures=3, bias=true)
   *    //   (1): ReLU()
   *    // )
   */
  toString(): string {
    const name = this.constructor.name;
    const lines = this.namedChildren().map(
      ([path, module]) =>
        `  (${this.partName(path)}): ${module.toString().replaceAll("\n", "\n  ")}`,
    );
    if (lines.length === 0) return `${name}(${this.describe()})`;
    const own = this.describe() === "" ? [] : [`  ${this.describe()}`];
    return [`${name}(`, ...own, ...lines, ")"].join("\n");
  }

  /**
   * Switches the module and all inside to training (or, with false, to evaluation). Returns the
   * module.
   */
  train(on = true): this {
    for (const module of this.modules()) module.training = on;
    return this;
  }

  /** Switches the module and all inside to evaluation. Returns the module. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Moves parameters and buffers to a backend, or converts those of floats to another float dtype,
   * together with gradients. The module's tensors stay the same objects, so an optimizer made
   * before keeps stepping them; what it had kept for a parameter before the move does not follow.
   * Returns the module.
   *
   * @throws ArgumentError for a dtype that is not a float's.
   *
   * @example
   * import { createReferenceBackend } from "@needle/ndarray";
   * import { Linear } from "@needle/nn";
   * const model = new Linear(2, 1).to("float64").to(createReferenceBackend());
   * [model.weight.dtype, model.weight.backend.name]; // => ["float64","reference"]
   */
  to(target: Backend | DType): this {
    args.check("Module.to", "the target", target, targetKind);
    if (typeof target === "string" && !isFloat(target)) {
      const remedy = "Use float32 or float64.";
      throw new ArgumentError("Module.to", `parameters cannot be ${target}`, remedy);
    }
    const found = walk(this, (value) => value instanceof Parameter || value instanceof Buffer);
    for (const [, tensor] of found) moveTensor(tensor as Tensor, target);
    return this;
  }

  /** Converts to float32: `to("float32")`. */
  float(): this {
    return this.to("float32");
  }

  /** Converts to float64: `to("float64")`. */
  double(): this {
    return this.to("float64");
  }

  /** Forgets the gradients of all parameters. */
  resetGrad(): void {
    for (const parameter of this.parameters()) parameter.resetGrad();
  }

  /**
   * A snapshot of parameters and buffers by name; later training does not change it.
   *
   * @example
   * import { Linear } from "@needle/nn";
   * const model = new Linear(2, 1);
   * const best = model.stateDict();
   * Object.keys(best); // => ["weight","bias"]
   * model.weight.assign(0);
   * model.loadStateDict(best);
   * model.weight.eq(best.weight).all(); // => True
   */
  stateDict(): Record<string, Tensor> {
    const state = this.#state("stateDict");
    return noGrad(() => Object.fromEntries(state.map(([name, value]) => [name, value.clone()])));
  }

  /**
   * Copies values into parameters and buffers of the same names, from any backend and dtype.
   * Nothing is changed when anything does not fit.
   *
   * @throws StateDictError listing every missing, unexpected and misshapen entry.
   */
  loadStateDict(state: StateDict, options: LoadOptions = {}): void {
    if (typeof state !== "object" || state === null) {
      const problem = `takes what stateDict gave, got ${show(state)}`;
      throw new StateDictError("loadStateDict", problem);
    }
    args.checkOptions("loadStateDict", options, { strict: args.flag });
    loadInto(this.constructor.name, new Map(this.#state("loadStateDict")), state, options);
  }

  /** Parameters and buffers by names that differ. */
  #state(op: string): Found<Tensor>[] {
    const found = walk(this, (value) => value instanceof Parameter || value instanceof Buffer);
    const names = found.map(([name]) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice === undefined) return found as Found<Tensor>[];
    const problem = `two parts of ${this.constructor.name} are named ${twice}`;
    throw new StateDictError(op, problem, "Rename a field or a key of a map.");
  }
}

Object.defineProperty(Module.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Module): string {
    return this.toString();
  },
});
