/**
 * NDArray: a strided view of a shared buffer. The class knows where its elements are and how to
 * bring them to the host; what can be computed with it lives in `ops/` and is installed as methods
 * by `methods.ts`.
 */

import { check, having, type Kind, number, text } from "./args.ts";
import type { Backend, View } from "./backend.ts";
import type { DType, TypedArrays } from "./dtype.ts";
import { DeviceError, MemoryError, NeedleError, ShapeError, showShape } from "./errors.ts";
import { formatArray, formatRepr } from "./format.ts";
import { Lease, Storage } from "./memory.ts";
import type { ArrayMethods } from "./methods.ts";
import { scopedMark, track } from "./scope.ts";
import { isRowMajor, rowMajorStrides, sizeOf } from "./shape.ts";

const storageKind: Kind = {
  ...having("the storage of an array", "retain", "buffer"),
  remedy: "Make an array with array(...) or zeros(...).",
};
const listKind: Kind = { expected: "an array of numbers", holds: Array.isArray };

/** Throws in the name of the first part that an array cannot be made of. */
function checkParts(storage: unknown, shape: unknown, strides: unknown, offset: unknown): void {
  check("NDArray", "storage", storage, storageKind);
  check("NDArray", "shape", shape, listKind);
  check("NDArray", "strides", strides, listKind);
  check("NDArray", "offset", offset, number);
}

/** Numbers in nested arrays, as deep as the array has axes. */
export type NestedNumbers = number | NestedNumbers[];

/** Marks arrays across copies of this package; its value is the version of the interface. */
const brand: unique symbol = Symbol.for("needle.ndarray");

// biome-ignore lint/correctness/noUnusedVariables: a merged interface has the class's parameters.
export interface NDArray<D extends DType = DType> extends ArrayMethods {
  astype<T extends DType>(dtype: T): NDArray<T>;
}

/**
 * An array of any rank over a strided view of a buffer. Make one with `array`, `zeros`, `arange`
 * and the like; every op is a function and a method of the same name.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[1, 2, 3], [4, 5, 6]]);
 * x.shape; // => [2,3]
 * x.transpose().shape; // => [3,2]
 * x.sum(0); // => [5. 7. 9.]
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: methods.ts installs exactly these methods.
export class NDArray<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  /** In elements; 0 along a stretched axis, negative along a reversed one. */
  readonly strides: readonly number[];
  /** Where the first element is, in elements. */
  readonly offset: number;
  readonly storage: Storage;
  #lease: Lease;
  #handle = true;
  #kept = false;
  #adopted = false;

  /** A new view of `storage`. Most users want `array` or `zeros`. */
  constructor(storage: Storage, shape: readonly number[], strides?: readonly number[], offset = 0) {
    // Every array of every op is made here: whoever has a storage knows the rest.
    if (!(storage instanceof Storage)) checkParts(storage, shape, strides ?? shape, offset);
    this.storage = storage;
    this.dtype = storage.dtype as D;
    this.shape = shape;
    this.strides = strides ?? rowMajorStrides(shape);
    this.offset = offset;
    this.#lease = new Lease(storage);
    // Inside a scope nothing needs watching: the scope knows every array and says which outlive it.
    if (!track(this)) this.watch();
  }

  get backend(): Backend {
    return this.storage.backend;
  }

  /** The number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether the elements lie in row-major order without gaps. */
  get isCompact(): boolean {
    return isRowMajor(this.shape, this.strides);
  }

  /**
   * Throws if the array was freed.
   *
   * @param op - named in the error.
   * @throws MemoryError after the array was freed.
   */
  checkAlive(op: string): void {
    const by = this.#lease.endedBy;
    if (by !== null) {
      throw new MemoryError(
        op,
        `the array ${this.dtype} ${showShape(this.shape)} was freed by ${by}`,
        "Return it from there, or call keep() on it before that ends.",
      );
    }
  }

  /**
   * What kernels read and write.
   *
   * @param op - named in the error if the array was freed.
   * @throws MemoryError after the array was freed.
   */
  view(op: string): View {
    this.checkAlive(op);
    return {
      buffer: this.storage.buffer,
      dtype: this.dtype,
      shape: this.shape,
      strides: this.strides,
      offset: this.offset,
    };
  }

  /** The elements in row-major order, as a fresh typed array. Works on every backend. */
  async data(): Promise<TypedArrays[D]> {
    return (await this.backend.read(this.view("data"))) as TypedArrays[D];
  }

  /**
   * The elements in row-major order, as a fresh typed array.
   *
   * @throws DeviceError where the backend cannot read without waiting; use `await x.data()` there.
   */
  toTypedArray(): TypedArrays[D] {
    const { backend } = this;
    if (backend.readSync === undefined) {
      throw new DeviceError(
        "toTypedArray",
        `the ${backend.name} backend cannot read without waiting`,
        "Use `await x.data()` instead.",
      );
    }
    return backend.readSync(this.view("toTypedArray")) as TypedArrays[D];
  }

  /** The elements as nested arrays; a number for a 0-d array. Bools give 0 and 1. */
  toArray(): NestedNumbers {
    this.checkAlive("toArray");
    const data = this.toTypedArray();
    let position = 0;
    const nest = (axis: number): NestedNumbers =>
      axis === this.ndim
        ? data[position++]!
        : Array.from({ length: this.shape[axis]! }, () => nest(axis + 1));
    return nest(0);
  }

  /**
   * The one element of an array of size 1, as a number.
   *
   * @throws ShapeError when there is not exactly one element.
   */
  item(): number {
    this.checkAlive("item");
    if (this.size !== 1) {
      throw new ShapeError("item", `needs exactly one element, got ${showShape(this.shape)}`);
    }
    return this.toTypedArray()[0]!;
  }

  /** Adds an owner: the array outlives its handle until the matching `release`. Used by graphs. */
  retain(): void {
    this.#lease.retain();
  }

  /** Ends what `retain` began. Without a matching `retain` it gives up the handle. */
  release(by: string): void {
    this.#lease.release(by);
  }

  /** Whether `keep()` was called. */
  get kept(): boolean {
    return this.#kept;
  }

  /**
   * Whether scopes leave the array alone: after `keep()`, or when a long-lived object has taken it
   * over.
   */
  get unscoped(): boolean {
    return this.#kept || this.#adopted;
  }

  /**
   * Takes the array out of every scope for an object that will `drop` it itself (a gradient, a
   * parameter's value).
   */
  adopt(): this {
    this.#adopted = true;
    return this;
  }

  /** Takes the array out of every scope: it lives until dropped or disposed. Returns the array. */
  keep(): this {
    this.#kept = true;
    return this;
  }

  /**
   * Has the array's memory returned by the garbage collector at the latest. Scopes call it on what
   * outlives them.
   */
  watch(): void {
    this.#lease.watch(this);
  }

  /**
   * Gives up the handle now. The memory is free once no view or graph needs it. Calling it again
   * does nothing.
   */
  dispose(): void {
    this.drop("dispose()");
  }

  /** Gives up the handle in the name of `by`, at most once. */
  drop(by: string): void {
    if (!this.#handle) return;
    this.#handle = false;
    this.#lease.release(by);
    // A graph may own it still; if that is dropped, too, the garbage collector must tell.
    this.watch();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What NumPy's `str` prints. */
  toString(): string {
    this.checkAlive("toString");
    return formatArray(this.#printable());
  }

  /** What NumPy's `repr` prints, with the shape: also what `console.log` shows in Node. */
  inspect(name = "NDArray", suffix?: string): string {
    check("inspect", "name", name, text);
    if (suffix !== undefined) check("inspect", "suffix", suffix, text);
    try {
      return formatRepr(this.#printable(), { name, suffix });
    } catch (error) {
      // Freed, or on a backend that cannot read at once: printing says so instead of failing.
      if (!(error instanceof NeedleError)) throw error;
      const [problem] = error.message.split("\n");
      return `${name}(${showShape(this.shape)} ${this.dtype}, not readable: ${problem})`;
    }
  }

  #printable(): { shape: readonly number[]; dtype: DType; at(index: readonly number[]): number } {
    const data = this.toTypedArray();
    const strides = rowMajorStrides(this.shape);
    const at = (index: readonly number[]): number =>
      data[index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0)]!;
    return { shape: this.shape, dtype: this.dtype, at };
  }
}

// Computed names cannot be declared in the class itself under isolatedDeclarations.
Object.defineProperties(NDArray.prototype, {
  [brand]: { value: 1 },
  [scopedMark]: { value: true },
  [Symbol.for("nodejs.util.inspect.custom")]: {
    value(this: NDArray): string {
      return this.inspect();
    },
  },
});

/**
 * Whether `value` is an NDArray, also one of another copy of this package.
 *
 * @example
 * import { isNDArray, zeros } from "@needle/ndarray";
 * [isNDArray(zeros([])), isNDArray([0])]; // => [true,false]
 */
export function isNDArray(value: unknown): value is NDArray {
  return typeof value === "object" && value !== null && brand in value;
}
