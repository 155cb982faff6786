/**
 * Module: a plain object whose fields hold parameters, buffers and other modules, directly or in
 * arrays, maps, sets and objects. Everything about a model (its parameters, its state, its mode) is
 * found by walking those fields.
 */
import { isTensor, noGrad, type Tensor } from "@needle/autograd";
import {
  isNDArray,
  type NDArray,
  NeedleError,
  type Shape,
  scope,
  showShape,
} from "@needle/ndarray";
import { Buffer, Parameter } from "./parameter.ts";

/**
 * Something a module's fields can hold and a walk can report, with the path of fields that leads to
 * it.
 */
type Found<T> = [name: string, value: T];

/** Parameters and buffers by name, as `stateDict` gives and `loadStateDict` takes them. */
export type StateDict = Readonly<Record<string, Tensor | NDArray>>;

/** Thrown for entries of a state that do not fit a module, and for two parts of one name. */
export class StateDictError extends NeedleError {}

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

  constructor() {
    runForwardInScope(new.target.prototype as ForwardPrototype);
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

  /**
   * The module and all inside as text.
   *
   * @example
   * import { Linear, ReLU, Sequential } from "@needle/nn";
   * new Sequential(new Linear(2, 3), new ReLU()); // => Sequential(
   *    //   (layers.0): Linear(inFeatures=2, outFeatures=3, bias=true)
   *    //   (layers.1): ReLU()
   *    // )
   */
  toString(): string {
    const name = this.constructor.name;
    const lines = this.namedChildren().map(
      ([path, module]) => `  (${path}): ${module.toString().replaceAll("\n", "\n  ")}`,
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
   * @param options.strict - throw on missing and unexpected names. Default true; misshapen values
   * always throw.
   * @throws StateDictError listing every missing, unexpected and misshapen entry.
   */
  loadStateDict(state: StateDict, options: { readonly strict?: boolean } = {}): void {
    const { strict = true } = options;
    const own = new Map(this.#state("loadStateDict"));
    const given = Object.entries(state).filter(([name]) => own.has(name));
    const misnamed = strict ? misnamedIn(own, state) : [];
    const misshapen = misshapenIn(own, given);
    if (misnamed.length + misshapen.length > 0) {
      const remedy = "Pass { strict: false } to load only the names that match.";
      throw new StateDictError(
        "loadStateDict",
        `the state does not fit ${this.constructor.name}`,
        [...misnamed, ...misshapen, ...(misshapen.length === 0 ? [remedy] : [])].join("\n"),
      );
    }
    const arrays = given.map(([, value]) => (isNDArray(value) ? value : value.value));
    for (const array of arrays) array.checkAlive("loadStateDict");
    given.forEach(([name], i) => {
      const { value } = own.get(name)!;
      scope(() => {
        value.assign(arrays[i]!.to(value.backend));
      });
    });
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

/** A line for each name that only one of the two has. */
function misnamedIn(own: ReadonlyMap<string, Tensor>, state: StateDict): string[] {
  const missing = [...own].filter(([name]) => !Object.hasOwn(state, name));
  const unexpected = Object.entries(state).filter(([name]) => !own.has(name));
  return [
    ...missing.map(([name, value]) => `  missing ${name} ${showShape(value.shape)}`),
    ...unexpected.map(([name, value]) => `  unexpected ${name} ${showShape(value.shape)}`),
  ];
}

/** A line for each value of another shape than the module's own. */
function misshapenIn(
  own: ReadonlyMap<string, Tensor>,
  given: readonly Found<Tensor | NDArray>[],
): string[] {
  return given.flatMap(([name, value]) => {
    const [wanted, got] = [showShape(own.get(name)!.shape), showShape(value.shape)];
    return wanted === got ? [] : [`  misshapen ${name}: expected ${wanted}, got ${got}`];
  });
}

/** Called before a forward pass. */
export type ForwardPreHook<M, Inputs extends readonly unknown[]> = (
  module: M,
  inputs: Inputs,
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook need not return anything.
) => Inputs | undefined | void;

/** Called after a forward pass. */
export type ForwardHook<M, Inputs extends readonly unknown[], Output> = (
  module: M,
  inputs: Inputs,
  output: Output,
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook need not return anything.
) => Output | undefined | void;

type AnyPreHook = ForwardPreHook<object, unknown[]>;
type AnyHook = ForwardHook<object, unknown[], unknown>;

// Not fields of the module: a walk over those is to find its parts only.
const preHooks = new WeakMap<object, Set<AnyPreHook>>();
const hooks = new WeakMap<object, Set<AnyHook>>();

function addTo<H>(table: WeakMap<object, Set<H>>, module: object, hook: H): () => void {
  const own = table.get(module) ?? new Set();
  table.set(module, own);
  // One function can be registered twice, so each gets an identity of its own.
  const entry = ((...args: never[]) => (hook as (...args: never[]) => unknown)(...args)) as H;
  own.add(entry);
  return () => {
    own.delete(entry);
  };
}

function forwardWithHooks(module: object, forward: Forward, given: unknown[]): unknown {
  let inputs = given;
  for (const hook of preHooks.get(module) ?? []) inputs = hook(module, inputs) ?? inputs;
  let output = forward.apply(module, inputs);
  for (const hook of hooks.get(module) ?? []) output = hook(module, inputs, output) ?? output;
  return output;
}

Object.defineProperty(Module.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Module): string {
    return this.toString();
  },
});

type Forward = (...inputs: unknown[]) => unknown;
type ForwardPrototype = { forward: Forward };

const scoped = new WeakSet<object>();

/**
 * Replaces the `forward` of a class, and of those it extends, by one that runs in a scope. Once a
 * class.
 */
function runForwardInScope(prototype: ForwardPrototype): void {
  if (prototype === (Module.prototype as unknown) || scoped.has(prototype)) return;
  scoped.add(prototype);
  runForwardInScope(Object.getPrototypeOf(prototype) as ForwardPrototype);
  if (!Object.hasOwn(prototype, "forward")) return;
  const { forward } = prototype;
  const label = `${prototype.constructor.name}.forward`;
  const wrapped = function (this: ForwardPrototype, ...inputs: unknown[]): unknown {
    // A forward that a subclass calls through `super` is a part of the pass, not one of its own.
    const isWhole = this.forward === wrapped;
    const run = () =>
      isWhole ? forwardWithHooks(this, forward, inputs) : forward.apply(this, inputs);
    return scope(run, { label, survivors: () => this });
  };
  prototype.forward = wrapped;
}

/**
 * Everything below `root` that `wanted` accepts, each once, in the order of the fields; not what is
 * inside those that are `closed`.
 */
function walk(
  root: object,
  wanted: (value: object) => boolean,
  closed: (value: object) => boolean = () => false,
): Found<object>[] {
  const found: Found<object>[] = [];
  const seen = new Set<object>();
  const visit = (value: unknown, name: string): void => {
    if (typeof value !== "object" || value === null || seen.has(value) || ArrayBuffer.isView(value))
      return;
    seen.add(value);
    if (wanted(value)) found.push([name, value]);
    if (isTensor(value) || isNDArray(value) || closed(value)) return;
    for (const [key, item] of entriesOf(value))
      visit(item, name === "" ? String(key) : `${name}.${String(key)}`);
  };
  visit(root, "");
  return found;
}

/** What an object holds, by name; the members of a set are counted. */
function entriesOf(value: object): Iterable<[key: unknown, item: unknown]> {
  if (value instanceof Map || Array.isArray(value)) return value.entries();
  return value instanceof Set ? [...value].entries() : Object.entries(value);
}
