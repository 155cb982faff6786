/** Statistics over any axes: variance, norms, quantiles, and sums that pass over NaN. */
import { check, type Kinds, number, oneOrMore } from "../args.ts";
import { full, zeros } from "../create.ts";
import { ArgumentError, showShape } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { type Axes, normalizeAxes, reducedShape, sizeOf } from "../shape.ts";
import {
  checkShare,
  placeOfShare,
  reducedLast,
  type ShareMethod,
  shareMethods,
} from "../shape-order.ts";
import { astype } from "./cast.ts";
import {
  abs,
  add,
  div,
  isNaN,
  logicalNot,
  mul,
  ne,
  pow,
  sqrt,
  square,
  sub,
  where,
} from "./elementwise.ts";
import { lerp } from "./functions.ts";
import { stack } from "./joining.ts";
import { composed } from "./operands.ts";
import {
  max,
  mean,
  min,
  type ReduceOptions,
  type Reduction,
  reducedAxes,
  reduceOptions,
  sum,
} from "./reduce.ts";
import { sort } from "./sort.ts";
import { permute, reshape, slice } from "./views.ts";

/** How `var` and `std` divide. */
export interface VarianceOptions extends ReduceOptions {
  /**
   * Taken from the number of elements before dividing by it: 1 (the default, as PyTorch) estimates
   * the variance of what the elements are a sample of, 0 (NumPy's default) gives that of the
   * elements.
   */
  readonly correction?: number;
}

const varianceOptions: Kinds<VarianceOptions> = { correction: number, ...reduceOptions };

/** How many elements are reduced into one. */
function countOf(x: NDArray, axes?: Axes): number {
  return sizeOf(normalizeAxes("var", axes, x.ndim).map((axis) => x.shape[axis]!));
}

/**
 * The variance: the sum of squared distances from the mean, over `n - correction`. NaN where that is
 * not above 0 (and infinite where only `correction` is to blame).
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([1, 2, 3, 4]);
 * x.var(); // => 1.6666666
 * x.var(null, { correction: 0 }); // => 1.25
 */
export const variance: (x: NDArray, axes?: Axes, options?: VarianceOptions) => NDArray = composed(
  "var",
  (x, axes?: Axes, { correction = 1, keepdims = false }: VarianceOptions = {}) => {
    const count = countOf(x, axes);
    const distances = sub(x, mean(x, axes, { keepdims: true }));
    return div(sum(square(distances), axes, { keepdims }), Math.max(0, count - correction));
  },
  (x, axes, options) => reducedAxes("var", x, axes, options, varianceOptions),
);

/** The standard deviation: the square root of `var`. */
export const std: (x: NDArray, axes?: Axes, options?: VarianceOptions) => NDArray = composed(
  "std",
  (x, axes?: Axes, options?: VarianceOptions) => sqrt(variance(x, axes, options)),
  (x, axes, options) => reducedAxes("std", x, axes, options, varianceOptions),
);

/** Which norm. */
export interface NormOptions extends ReduceOptions {
  /** Any number, infinities included. Default 2. */
  readonly p?: number;
}

const normOptions: Kinds<NormOptions> = { p: number, ...reduceOptions };

/**
 * The p-norm of the elements as one vector, `sum(|x|^p)^(1/p)`: 2 gives the length, 1 the sum of
 * sizes, Infinity the largest size, -Infinity the smallest, 0 the number of non-zeros.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[3, -4], [0, 2]]);
 * x.norm(1); // => [5. 2.]
 * x.norm(1, { p: 1 }); // => [7. 2.]
 * x.norm(null, { p: Infinity }); // => 4.0
 */
export const norm: (x: NDArray, axes?: Axes, options?: NormOptions) => NDArray = composed(
  "norm",
  (x, axes?: Axes, { p = 2, keepdims = false }: NormOptions = {}) => {
    const keep = { keepdims };
    if (p === 0) return sum(astype(ne(x, 0), x.dtype), axes, keep);
    if (p === 2) return sqrt(sum(square(x), axes, keep));
    const sizes = abs(x);
    if (p === Number.POSITIVE_INFINITY) return max(sizes, axes, keep);
    if (p === Number.NEGATIVE_INFINITY) return min(sizes, axes, keep);
    return p === 1 ? sum(sizes, axes, keep) : pow(sum(pow(sizes, p), axes, keep), 1 / p);
  },
  (x, axes, options) => {
    const reduced = reducedAxes("norm", x, axes, options, normOptions);
    const isOfNothing = reduced.some((axis) => x.shape[axis] === 0) && x.size === 0;
    if (!isOfNothing || Math.abs(options?.p ?? 2) !== Infinity) return;
    const shown = `${showShape(x.shape)} over axes ${showShape(reduced)}`;
    throw new ArgumentError("norm", `p ${options?.p} needs elements to choose from, ${shown}`);
  },
);

/** How many elements are not 0, as int32. */
export const countNonzero: Reduction = (x, axes, options) => {
  reducedAxes("countNonzero", x, axes, options);
  return scope(() => sum(ne(x, 0), axes, options));
};

/** The sum of the elements that are not NaN. */
export const nansum: Reduction = (x, axes, options) => {
  reducedAxes("nansum", x, axes, options);
  return scope(() => sum(where(isNaN(x), 0, x), axes, options));
};

/** The mean of the elements that are not NaN; NaN where there are none. */
export const nanmean: Reduction = composed(
  "nanmean",
  (x, axes?: Axes, options?: ReduceOptions) =>
    div(nansum(x, axes, options), sum(logicalNot(isNaN(x)), axes, options)),
  (x, axes, options) => reducedAxes("nanmean", x, axes, options),
);

/** What `quantile` does between two elements. */
export interface QuantileOptions extends ReduceOptions {
  /** Default `"linear"`: the point between them. */
  readonly method?: ShareMethod;
}

/**
 * The middle element in order; the mean of the two middle ones of an even number (as NumPy; PyTorch
 * takes the lower). NaN if any is, and over no elements.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[3, 1, 2], [4, 9, 5]]).median(1); // => [2. 5.]
 * array([1, 2, 3, 10]).median(); // => 2.5
 */
export const median: Reduction = composed(
  "median",
  (x, axes?: Axes, options?: ReduceOptions) =>
    quantileOf("median", x, 0.5, axes, { ...options, method: "midpoint" }),
  (x, axes, options) => reducedAxes("median", x, axes, options),
);

/**
 * The value below which a share `q` of the elements lies; for a list of shares a leading axis of
 * them. NaN if any element is, and over no elements.
 *
 * @throws ArgumentError for shares outside 0 to 1.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2, 3, 4]).quantile(0.25); // => 1.75
 * array([1, 2, 3, 4]).quantile([0, 1]); // => [1. 4.]
 * array([1, 2, 3, 4]).quantile(0.25, null, { method: "lower" }); // => 1.0
 */
export const quantile: (
  x: NDArray,
  q: number | readonly number[],
  axes?: Axes,
  options?: QuantileOptions,
) => NDArray = composed(
  "quantile",
  (x, q, axes?: Axes, options?: QuantileOptions) => quantileOf("quantile", x, q, axes, options),
  (x, q, axes, options) => checkQuantile("quantile", x, q, 1, axes, options),
);

/** `quantile` with shares in percent. */
export const percentile: typeof quantile = composed(
  "percentile",
  (x, q, axes?: Axes, options?: QuantileOptions) => {
    const shares = typeof q === "number" ? q / 100 : q.map((share) => share / 100);
    return quantileOf("percentile", x, shares, axes, options);
  },
  (x, q, axes, options) => checkQuantile("percentile", x, q, 100, axes, options),
);

const quantileOptions: Kinds<QuantileOptions> = { method: shareMethods, ...reduceOptions };

function checkQuantile(
  op: string,
  x: NDArray,
  q: number | readonly number[],
  whole: number,
  axes?: Axes,
  options?: QuantileOptions,
): void {
  check(op, "q", q, oneOrMore(number));
  reducedAxes(op, x, axes, options, quantileOptions);
  for (const share of typeof q === "number" ? [q] : q) checkShare(op, share / whole);
}

function quantileOf(
  op: string,
  x: NDArray,
  q: number | readonly number[],
  axes?: Axes,
  { keepdims = false, method = "linear" }: QuantileOptions = {},
): NDArray {
  const reduced = normalizeAxes(op, axes, x.ndim);
  const shape = reducedShape(x.shape, reduced, keepdims);
  const { order, kept, count } = reducedLast(x.shape, reduced);
  const like = { dtype: x.dtype, backend: x.backend };
  const places = (typeof q === "number" ? [q] : q).map((share) =>
    placeOfShare(op, share, count, method),
  );
  if (count === 0) {
    const all = typeof q === "number" ? shape : [q.length, ...shape];
    return full(all, Number.NaN, like);
  }
  const sorted = sort(reshape(permute(x, order), [...kept, count]));
  const spoiled = isNaN(slice(sorted, "...", -1));
  const picked = places.map((place) =>
    reshape(where(spoiled, Number.NaN, between(sorted, place)), shape),
  );
  if (typeof q === "number") return picked[0]!;
  return places.length > 0 ? stack(picked) : zeros([0, ...shape], like);
}

/** What is at a place along the last axis, which may be between two elements. */
function between(sorted: NDArray, place: number): NDArray {
  const below = Math.floor(place);
  const lower = slice(sorted, "...", below);
  if (place === below) return lower;
  const upper = slice(sorted, "...", below + 1);
  // Two infinities of one sign have a middle, but no difference.
  return place - below === 0.5 ? mul(add(lower, upper), 0.5) : lerp(lower, upper, place - below);
}
