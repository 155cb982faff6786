/** Modules made of modules, and those that only reshape. */
import type { Tensor } from "@needle/autograd";
import { ArgumentError, args, normalizeAxis, show, sizeOf } from "@needle/ndarray";
import { Module } from "../module.ts";
import { TensorModule } from "../tensor-module.ts";

/** The path of a part without the field of the container that holds it. */
const within = (path: string): string => path.slice(path.indexOf(".") + 1);

/** A module from one tensor to one tensor. */
export type Layer = Module<[x: Tensor], Tensor>;

/**
 * Modules applied one after the other.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Linear, ReLU, Sequential } from "@needle/nn";
 * const model = new Sequential(new ReLU(), new Linear(4, 2));
 * model.forward(zeros([3, 4])).shape; // => [3,2]
 * model.namedParameters().map(([name]) => name); // => ["layers.1.weight","layers.1.bias"]
 */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: readonly Layer[]) {
    super();
    layers.forEach((layer, i) => {
      checkModule("Sequential", `argument ${i}`, layer);
    });
    this.layers = layers;
  }

  protected override partName(path: string): string {
    return within(path);
  }

  forward(x: Tensor): Tensor {
    return this.layers.reduce((input, layer) => layer.forward(input), x);
  }
}

/**
 * `fn(x) + x`: what `fn` gives must have the shape of `x`.
 *
 * He et al., Deep residual learning for image recognition (2015); CMU 10-714 hw2.
 *
 * @throws ShapeError when it has not.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ReLU, Residual } from "@needle/nn";
 * new Residual(new ReLU()).forward(tensor([-1, 2])); // => [-1.  4.]
 */
export class Residual extends Module {
  readonly fn: Layer;

  constructor(fn: Layer) {
    super();
    checkModule("Residual", "fn", fn);
    this.fn = fn;
  }

  forward(x: Tensor): Tensor {
    const y = this.fn.forward(x);
    y.expectShape("Residual", x.shape);
    return y.add(x);
  }
}

/** Modules that are called by the module that holds the collection. */
abstract class Collection extends Module<never[], never> {
  protected override partName(path: string): string {
    return within(path);
  }

  forward(): never {
    const problem = "has no forward";
    throw new ArgumentError(this.constructor.name, problem, "Call those of its modules.");
  }
}

/**
 * A list of modules, found by name like any other part. What is done with them is up to the module
 * that holds it.
 *
 * @example
 * import { Linear, ModuleList } from "@needle/nn";
 * const heads = new ModuleList([new Linear(4, 2), new Linear(4, 3)]);
 * [...heads].map((head) => head.outFeatures); // => [2,3]
 * heads.at(-1).outFeatures; // => 3
 */
export class ModuleList<M extends Module<never, unknown> = Layer> extends Collection {
  readonly items: M[];

  constructor(modules: Iterable<M> = []) {
    super();
    if (typeof modules !== "object" || modules === null || !(Symbol.iterator in modules)) {
      const problem = `takes modules in an array, got ${show(modules)}`;
      throw new ArgumentError(new.target.name, problem);
    }
    this.items = [...modules];
    this.items.forEach((module, i) => {
      checkModule("ModuleList", `item ${i}`, module);
    });
  }

  get length(): number {
    return this.items.length;
  }

  /** The module at a position, counted from the end if negative. */
  at(index: number): M {
    const module = this.items.at(index);
    if (module !== undefined) return module;
    throw new ArgumentError("ModuleList", `no module ${index} among ${this.items.length}`);
  }

  /** Adds a module at the end. Returns the list. */
  append(module: M): this {
    checkModule("ModuleList", "the argument", module);
    this.items.push(module);
    return this;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.items[Symbol.iterator]();
  }
}

/**
 * Modules by name.
 *
 * @example
 * import { ModuleDict, ReLU, Tanh } from "@needle/nn";
 * const activations = new ModuleDict({ relu: new ReLU(), tanh: new Tanh() });
 * activations.get("tanh"); // => Tanh()
 * activations.keys(); // => ["relu","tanh"]
 */
export class ModuleDict<M extends Module<never, unknown> = Layer> extends Collection {
  readonly items: Record<string, M>;

  constructor(modules: Readonly<Record<string, M>> = {}) {
    super();
    if (typeof modules !== "object" || modules === null || Symbol.iterator in modules) {
      const problem = `takes modules by name, in an object, got ${show(modules)}`;
      throw new ArgumentError(new.target.name, problem);
    }
    for (const [name, module] of Object.entries(modules)) checkModule("ModuleDict", name, module);
    this.items = { ...modules };
  }

  get(name: string): M {
    const module = this.items[name];
    if (module !== undefined && Object.hasOwn(this.items, name)) return module;
    const problem = `no module ${name} among ${Object.keys(this.items).join(", ") || "none"}`;
    throw new ArgumentError("ModuleDict", problem);
  }

  /** Adds a module, or puts it in the place of another. Returns the dictionary. */
  set(name: string, module: M): this {
    checkModule("ModuleDict", name, module);
    this.items[name] = module;
    return this;
  }

  keys(): string[] {
    return Object.keys(this.items);
  }
}

/**
 * A function as a module.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Lambda } from "@needle/nn";
 * new Lambda((x) => x.square()).forward(tensor([3])); // => [9.]
 */
export class Lambda extends Module {
  readonly fn: (x: Tensor) => Tensor;

  constructor(fn: (x: Tensor) => Tensor) {
    super();
    args.check(new.target.name, "fn", fn, args.callback);
    this.fn = fn;
  }

  override describe(): string {
    return this.fn.name;
  }

  forward(x: Tensor): Tensor {
    return this.fn(x);
  }
}

/** The input itself. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/**
 * One axis taken apart into several: the opposite of Flatten.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Unflatten } from "@needle/nn";
 * new Unflatten(1, [1, 28, 28]).forward(zeros([32, 784])).shape; // => [32,1,28,28]
 */
export class Unflatten extends TensorModule {
  readonly axis: number;
  readonly sizes: readonly number[];

  /** @param sizes - of the axes that take the place of `axis`; one may be -1. */
  constructor(axis: number, sizes: readonly number[]) {
    super();
    args.check(new.target.name, "axis", axis, args.whole());
    args.check(new.target.name, "sizes", sizes, args.arrayOf(args.whole(-1)));
    this.axis = axis;
    this.sizes = sizes;
  }

  override describe(): string {
    return `axis=${this.axis}, sizes=[${this.sizes}]`;
  }

  forward(x: Tensor): Tensor {
    const axis = normalizeAxis("Unflatten", this.axis, x.ndim);
    return x.reshape([...x.shape.slice(0, axis), ...this.sizes, ...x.shape.slice(axis + 1)]);
  }
}

/**
 * All axes but the first joined: `[batch, …] -> [batch, features]`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Flatten } from "@needle/nn";
 * new Flatten().forward(zeros([32, 28, 28])).shape; // => [32,784]
 */
export class Flatten extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.reshape([x.shape[0] ?? 1, sizeOf(x.shape.slice(1))]);
  }
}

function checkModule(op: string, what: string, layer: unknown): void {
  if (layer instanceof Module) return;
  throw new ArgumentError(
    op,
    `${what} is not a Module, got ${show(layer)}`,
    "Wrap functions in a Module of their own.",
  );
}
