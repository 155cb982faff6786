/**
 * Tensor: a value and how it came to be. Arithmetic lives in `ops/` and is installed as methods by
 * `methods.ts`; walking the graph lives in `graph.ts`.
 */
import {
  ArgumentError,
  args,
  type Backend,
  type DType,
  heldArrays,
  isFloat,
  isNDArray,
  NDArray,
  type NestedNumbers,
  ShapeError,
  show,
  showShape,
  type TypedArray,
} from "@needle/ndarray";
import type { Node } from "./graph.ts";
import {
  addHook,
  checkGraph,
  checkHookable,
  type GradientHook,
  GradientHooks,
  type LeafHook,
} from "./hooks.ts";
import type { TensorMethods } from "./methods.ts";
import { seen } from "./watch.ts";

/** Marks tensors across copies of this package; its value is the version of the interface. */
const brand: unique symbol = Symbol.for("needle.tensor");

/** An operand of an op: a tensor, or a number that stands for every element. */
export type Operand = Tensor | number;

let created = 0;

/** The number of the tensor made last. */
export function newestId(): number {
  return created;
}

interface Options {
  readonly requiresGrad?: boolean;
  readonly node?: Node | null;
}

const none: Options = {};
const kinds: args.Kinds<Options> = { requiresGrad: args.flag, node: args.anything };

export interface Tensor extends TensorMethods {}

/**
 * An array that remembers how it was computed, so that it can be differentiated. Make one with
 * `tensor`, `zeros`, `randn` and the like; every op is a function and a method of the same name.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.square().sum().backward();
 * x.grad; // => [2. 4. 6.]
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: methods.ts installs exactly these methods.
export class Tensor {
  /** Grows with every tensor: inputs of an op have smaller numbers than its output. */
  readonly id: number = ++created;
  /** How the tensor was computed; null for leaves and for results that ask for no gradient. */
  readonly node: Node | null;
  /**
   * What `backward` has added up, on leaves that require gradients and on tensors after
   * `retainGrad`; null before, and after `resetGrad`.
   */
  grad: Tensor | null = null;
  #value: NDArray;
  #requiresGrad: boolean;
  #hooks: GradientHooks | null = null;

  /**
   * @param value - taken over, not copied.
   * @throws ArgumentError when it is no NDArray, or an integer or bool tensor is to require
   *   gradients.
   */
  constructor(value: NDArray, options: Options = none) {
    if (!isNDArray(value)) {
      const problem = `value must be an NDArray, got ${show(value)}`;
      throw new ArgumentError("Tensor", problem, "Make a tensor of other values with tensor(...).");
    }
    // Ops pass a node, which nobody else has.
    if (options !== none && !options?.node) args.checkOptions("Tensor", options, kinds);
    const { requiresGrad = false, node = null } = options;
    this.#value = value;
    this.node = node;
    this.#requiresGrad = node !== null;
    this.requiresGrad = node !== null || requiresGrad;
  }

  /** The array of the tensor's values. */
  get value(): NDArray {
    return this.#value;
  }

  /**
   * Whether gradients flow to or through this tensor. Can be set on leaves, to freeze and unfreeze
   * them.
   */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  set requiresGrad(on: boolean) {
    if (on === this.#requiresGrad) return;
    if (this.node !== null) {
      throw new ArgumentError(
        "requiresGrad",
        "can be set on leaves only",
        "Use detach() to get a leaf with the same values.",
      );
    }
    if (on && !isFloat(this.dtype)) {
      throw new ArgumentError(
        "requiresGrad",
        `${this.dtype} values have no gradient`,
        'Convert with astype("float32") first.',
      );
    }
    this.#requiresGrad = on;
  }

  /** Whether the tensor was made by the user, not by an op that was recorded. */
  get isLeaf(): boolean {
    return this.node === null;
  }

  /** What is to happen with the tensor's gradients; null for nothing special. */
  get hooks(): GradientHooks | null {
    return this.#hooks;
  }

  /**
   * Calls `hook` with the gradient of this tensor whenever `backward` or `gradients` has computed
   * it, before it is stored or passed on. If the hook returns a tensor, that takes its place. The
   * gradient is freed afterwards unless the hook calls `keep()` on it.
   *
   * @returns a function that takes the hook away.
   * @throws ArgumentError when the tensor does not require a gradient; ShapeError, in the backward
   *   pass, when what the hook returns has another shape.
   *
   * @example
   * import { tensor } from "@needle/autograd";
   * const x = tensor([1, 2], { requiresGrad: true });
   * const remove = x.registerHook((g) => g.mul(10));
   * x.square().sum().backward();
   * x.grad; // => [20. 40.]
   * remove();
   */
  registerHook(hook: GradientHook): () => void {
    checkHookable("registerHook", this, hook);
    this.#hooks ??= new GradientHooks();
    return addHook(this.#hooks.before, hook);
  }

  /**
   * Calls `hook` with this leaf whenever `backward` has added to its `.grad`, e.g. to step and
   * reset one parameter while others still wait for their gradients.
   *
   * @returns a function that takes the hook away.
   * @throws ArgumentError for a tensor that is not a leaf, or requires no gradient.
   *
   * @example
   * import { tensor } from "@needle/autograd";
   * const w = tensor([1, 2], { requiresGrad: true });
   * w.registerPostAccumulateGradHook((w) => {
   *   w.assign(w.detach().sub(w.grad.mul(0.5)));
   *   w.resetGrad();
   * });
   * w.square().sum().backward();
   * w; // => [0. 0.]
   */
  registerPostAccumulateGradHook(hook: LeafHook): () => void {
    checkHookable("registerPostAccumulateGradHook", this, hook);
    if (this.node !== null) {
      throw new ArgumentError(
        "registerPostAccumulateGradHook",
        "only leaves store their gradients",
        "Use registerHook.",
      );
    }
    this.#hooks ??= new GradientHooks();
    return addHook(this.#hooks.after, hook);
  }

  /**
   * Has `backward` store the gradient of this tensor in `.grad`, as it does for leaves. Returns the
   * tensor.
   *
   * @throws ArgumentError when the tensor does not require a gradient.
   *
   * @example
   * import { tensor } from "@needle/autograd";
   * const x = tensor(3, { requiresGrad: true });
   * const y = x.square().retainGrad();
   * y.mul(5).backward();
   * y.grad; // => 5.0
   */
  retainGrad(): this {
    checkGraph("retainGrad", this);
    this.#hooks ??= new GradientHooks();
    this.#hooks.retain = true;
    return this;
  }

  get shape(): readonly number[] {
    return this.#value.shape;
  }

  get dtype(): DType {
    return this.#value.dtype;
  }

  get backend(): Backend {
    return this.#value.backend;
  }

  /** The number of axes. */
  get ndim(): number {
    return this.#value.ndim;
  }

  /** The number of elements. */
  get size(): number {
    return this.#value.size;
  }

  /** The elements in row-major order, as a fresh typed array. Works on every backend. */
  data(): Promise<TypedArray> {
    return this.#value.data();
  }

  /**
   * The elements in row-major order; throws DeviceError where the backend cannot read without
   * waiting.
   */
  toTypedArray(): TypedArray {
    return this.#value.toTypedArray();
  }

  /** The elements as nested arrays; a number for a 0-d tensor. */
  toArray(): NestedNumbers {
    return this.#value.toArray();
  }

  /** The one element of a tensor of size 1, as a number. */
  item(): number {
    return this.#value.item();
  }

  /** Forgets the gradient and gives its memory back, unless `keep()` was called on it. */
  resetGrad(): void {
    if (this.grad !== null && !this.grad.value.kept) this.grad.value.drop("resetGrad()");
    this.grad = null;
  }

  /**
   * The same values (the memory is shared) as a leaf that asks for no gradient. In a scope it is
   * like any tensor made there.
   *
   * @example
   * import { tensor } from "@needle/autograd";
   * const x = tensor(3, { requiresGrad: true });
   * x.mul(x.detach()).backward(); // one factor counts as a constant
   * x.grad; // => 3.0
   */
  detach(): Tensor {
    const { storage, shape, strides, offset } = this.#value;
    this.#value.checkAlive("detach");
    return new Tensor(new NDArray(storage, shape, strides, offset));
  }

  /**
   * Writes new values in place, broadcast and converted; what steps and loaded checkpoints do to
   * parameters.
   *
   * @throws ArgumentError on a tensor computed by a recorded op, whose values follow from its
   *   inputs.
   */
  assign(source: Operand): this {
    if (this.node !== null) {
      throw new ArgumentError(
        "assign",
        "only leaves can be written to",
        "Use detach() to get a leaf, or compute a new tensor.",
      );
    }
    args.check("assign", "the source", source, operandKind);
    seen(this).value.assign(typeof source === "number" ? source : seen(source).value);
    return this;
  }

  /**
   * Has this leaf hold another array of its shape from now on, in another dtype or on another
   * backend, and frees the old one unless `keep()` was called on it. Whoever holds the tensor, such
   * as an optimizer, sees the new values. The gradient is forgotten. Returns the tensor.
   *
   * @param value - taken over, not copied.
   * @throws ArgumentError on a tensor computed by a recorded op, and for values without a gradient
   *   where one is required; ShapeError for another shape.
   *
   * @example
   * import { array } from "@needle/ndarray";
   * import { tensor } from "@needle/autograd";
   * const w = tensor([1, 2], { requiresGrad: true });
   * w.replaceValue(array([3, 4], { dtype: "float64" })).dtype; // => float64
   */
  replaceValue(value: NDArray): this {
    const op = "replaceValue";
    args.check(op, "value", value, { expected: "an NDArray", holds: isNDArray });
    if (this.node !== null) {
      const remedy = "Use detach() to get a leaf, or compute a new tensor.";
      throw new ArgumentError(op, "only leaves can hold another array", remedy);
    }
    if (this.#requiresGrad && !isFloat(value.dtype)) {
      throw new ArgumentError(op, `${value.dtype} values have no gradient`);
    }
    if (showShape(value.shape) !== showShape(this.shape)) {
      const shapes = `expected ${showShape(this.shape)}, got ${showShape(value.shape)}`;
      throw new ShapeError(op, shapes);
    }
    value.checkAlive(op);
    this.resetGrad();
    const old = this.#value;
    this.#value = value.adopt();
    if (old !== value && !old.kept) old.drop(`${op}()`);
    return this;
  }

  /**
   * Takes the tensor out of every scope: it lives until dropped or disposed. Returns the tensor.
   */
  keep(): this {
    this.#value.keep();
    return this;
  }

  /** Gives the memory back now, as far as no view and no graph needs it. */
  dispose(): void {
    this.#value.dispose();
    this.resetGrad();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The values as NumPy prints them. */
  toString(): string {
    return this.#value.toString();
  }

  /** Throws unless the tensor has this shape; for functions that do not broadcast. */
  expectShape(op: string, shape: readonly number[]): void {
    if (showShape(shape) !== showShape(this.shape)) {
      throw new ShapeError(op, `expected ${showShape(shape)}, got ${showShape(this.shape)}`);
    }
  }
}

// Computed names cannot be declared in the class itself under isolatedDeclarations.
Object.defineProperties(Tensor.prototype, {
  [brand]: { value: 1 },
  [heldArrays]: {
    value(this: Tensor): NDArray[] {
      return this.grad === null ? [this.value] : [this.value, this.grad.value];
    },
  },
  [Symbol.for("nodejs.util.inspect.custom")]: {
    value(this: Tensor): string {
      return this.value.inspect("Tensor", this.requiresGrad ? "requiresGrad=true" : undefined);
    },
  },
});

const operandKind: args.Kind = {
  expected: "a tensor or a number",
  holds: (value) => typeof value === "number" || isTensor(value),
};

/** Whether `value` is a Tensor, also one of another copy of this package. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && brand in value;
}
