/**
 * Module: a plain object whose fields hold parameters, buffers and other modules, directly or in
 * arrays, maps, sets and objects. Everything about a model (its parameters, its state, its mode) is
 * found by walking those fields.
 */
import { isTensor, noGrad, type Tensor } from "@needle/autograd";
import { isNDArray, type NDArray, NeedleError, scope, showShape } from "@needle/ndarray";
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
  prototype.forward = function (this: object, ...inputs: unknown[]): unknown {
    return scope(() => forward.apply(this, inputs), { label, survivors: () => this });
  };
}

/** Everything below `root` that `wanted` accepts, each once, in the order of the fields. */
function walk(root: object, wanted: (value: object) => boolean): Found<object>[] {
  const found: Found<object>[] = [];
  const seen = new Set<object>();
  const visit = (value: unknown, name: string): void => {
    if (typeof value !== "object" || value === null || seen.has(value) || ArrayBuffer.isView(value))
      return;
    seen.add(value);
    if (wanted(value)) found.push([name, value]);
    if (isTensor(value) || isNDArray(value)) return;
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
