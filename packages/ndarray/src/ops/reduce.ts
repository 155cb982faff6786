/**
 * Reductions over any axes: `axes` is one, several or (left out or null) all; reduced axes stay
 * with size 1 under `keepdims`.
 */

import { checkOptions, flag, type Kinds } from "../args.ts";
import type { ReduceOp, View } from "../backend.ts";
import { allocate, full } from "../create.ts";
import { type DType, toFloat } from "../dtype.ts";
import { ArgumentError, showShape } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { type Axes, normalizeAxes, reducedShape, rowMajorStrides, sizeOf } from "../shape.ts";
import { astype } from "./cast.ts";
import { checkArray } from "./common.ts";

/** How a reduction treats the axes it reduces. */
export interface ReduceOptions {
  /** Keep the reduced axes with size 1. Default false. */
  readonly keepdims?: boolean;
}

/** What the options of reductions must be. */
export const reduceOptions: Kinds<ReduceOptions> = { keepdims: flag };

/**
 * The axes that a reduction reduces, in order: the check of all its arguments.
 *
 * @param kinds - what the options must be, where there are more than `keepdims`.
 */
export function reducedAxes<Options extends ReduceOptions>(
  op: string,
  x: NDArray,
  axes: Axes | undefined,
  options: Options = {} as Options,
  kinds: Kinds<Options> = reduceOptions as Kinds<Options>,
): number[] {
  checkArray(op, x);
  checkOptions(op, options, kinds);
  return normalizeAxes(op, axes, x.ndim);
}

/** A reduction over some axes. */
export type Reduction = (x: NDArray, axes?: Axes, options?: ReduceOptions) => NDArray;

/** `out` as kernels see it: with the rank of the input. */
export function keptView(op: string, out: NDArray, kept: readonly number[]): View {
  return { ...out.view(op), shape: kept, strides: rowMajorStrides(kept) };
}

/** Whole numbers are summed as int32. */
export function accumulator(dtype: DType): DType {
  return dtype === "bool" || dtype === "uint8" ? "int32" : dtype;
}

function reduction(op: ReduceOp, needsElements: boolean, resultDType?: DType): Reduction {
  return (x, axes, options = {}) => {
    const reduced = reducedAxes(op, x, axes, options);
    if (needsElements && x.size === 0 && sizeOf(reduced.map((axis) => x.shape[axis]!)) === 0) {
      throw new ArgumentError(
        op,
        `no elements to choose from, ${showShape(x.shape)} over axes [${reduced}]`,
      );
    }
    const kept = reducedShape(x.shape, reduced, true);
    const shape = options.keepdims ? kept : reducedShape(x.shape, reduced, false);
    const out = allocate(op, shape, resultDType ?? x.dtype, x.backend);
    x.backend.reduce(op, keptView(op, out, kept), x.view(op), reduced);
    return out;
  };
}

/** Reductions that add up convert small integers first. */
function accumulating(op: "sum" | "prod"): Reduction {
  const reduce = reduction(op, false);
  return (x, axes, options) => {
    checkArray(op, x);
    const dtype = accumulator(x.dtype);
    if (dtype === x.dtype) return reduce(x, axes, options);
    const reduced = reducedAxes(op, x, axes, options);
    return scope(() => reduce(astype(x, dtype), reduced, options));
  };
}

/**
 * The sum; 0 over no elements. bool and uint8 are added as int32.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[1, 2], [3, 4]]);
 * x.sum(); // => 10.0
 * x.sum(0); // => [4. 6.]
 * x.sum(-1, { keepdims: true }); // => [[3.] [7.]]
 */
export const sum: Reduction = accumulating("sum");
/**
 * The product; 1 over no elements.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([2, 3, 4]).prod(); // => 24.0
 */
export const prod: Reduction = accumulating("prod");
/**
 * The largest element; NaN if any is. Throws ArgumentError over no elements.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 9], [5, 3]]).max(1); // => [9. 5.]
 */
export const max: Reduction = reduction("max", true);
/** The smallest element; NaN if any is. Throws ArgumentError over no elements. */
export const min: Reduction = reduction("min", true);
/**
 * The int32 position of the first largest element (of the first NaN), counted row-major over the
 * reduced axes.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[1, 9], [5, 5]]);
 * x.argmax(1); // => [1 0]
 * x.argmax(); // => 1
 */
export const argmax: Reduction = reduction("argmax", true, "int32");
/**
 * The int32 position of the first smallest element (of the first NaN), counted row-major over the
 * reduced axes.
 */
export const argmin: Reduction = reduction("argmin", true, "int32");

/**
 * The arithmetic mean; integers give float32, no elements NaN.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2], { dtype: "int32" }).mean(); // => 1.5
 */
export const mean: Reduction = (x, axes, options) => {
  const reduced = reducedAxes("mean", x, axes, options);
  const dtype = toFloat(x.dtype);
  if (dtype !== x.dtype) return scope(() => mean(astype(x, dtype), reduced, options));
  const count = sizeOf(reduced.map((axis) => x.shape[axis]!));
  const out = sum(x, reduced, options);
  out.backend.binary("div", out.view("mean"), out.view("mean"), count);
  return out;
};

/**
 * Whether any element is non-zero; false over no elements.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[0, 1], [0, 0]]).any(1); // => [ True False]
 */
export const any: Reduction = (x, axes, options) => holds("any", x, axes, options);
/**
 * Whether all elements are non-zero; true over no elements.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 2], [0, 3]]).all(1); // => [ True False]
 */
export const all: Reduction = (x, axes, options) => holds("all", x, axes, options);

const quantifiers = { any: { reduce: max, ofNothing: 0 }, all: { reduce: min, ofNothing: 1 } };

function holds(op: "any" | "all", x: NDArray, axes?: Axes, options: ReduceOptions = {}): NDArray {
  const reduced = reducedAxes(op, x, axes, options);
  const { reduce, ofNothing } = quantifiers[op];
  if (reduced.some((axis) => x.shape[axis] === 0)) {
    const shape = reducedShape(x.shape, reduced, options.keepdims ?? false);
    return full(shape, ofNothing, { dtype: "bool", backend: x.backend });
  }
  return scope(() => reduce(astype(x, "bool"), reduced, options));
}
