/** Statistics over any axes: products, variance, norms, quantiles, and sums that pass over NaN. */
import * as nd from "@needle/ndarray";
import { full, onesLike, zerosLike } from "../create.ts";
import { constant } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { abs, add, div, eq, isNaN, logicalNot, mul, pow, sign, sub, where } from "./elementwise.ts";
import { lerp } from "./functions.ts";
import { concat, stack } from "./joining.ts";
import { bySlopes, mean, type Reduction, restore, sum } from "./reduce.ts";
import { cumprod } from "./scan.ts";
import { sort } from "./sort.ts";
import { astype, flip, permute, reshape, slice } from "./views.ts";

/**
 * The product; 1 over no elements. The slope of an element is the product of the others, also where
 * some are 0.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([0, 2, 3], { requiresGrad: true });
 * x.prod().backward();
 * x.grad; // => [6. 0. 0.]
 */
export const prod: Reduction = bySlopes("prod", nd.prod, (_y, x, axes) => others(x, axes));

/** For each element the product of those before it and those after it. */
function others(x: Tensor, axes?: nd.Axes): Tensor {
  const { order, kept, count } = nd.reducedLast(x.shape, nd.normalizeAxes("prod", axes, x.ndim));
  if (x.size === 0) return onesLike(x);
  const line = reshape(permute(x, order), [...kept, count]);
  const products = mul(productBefore(line), flip(productBefore(flip(line, -1)), -1));
  const sizes = order.map((axis) => x.shape[axis]!);
  const places = x.shape.map((_, axis) => order.indexOf(axis));
  return permute(reshape(products, sizes), places);
}

/** The product of the elements before each one along the last axis. */
function productBefore(line: Tensor): Tensor {
  const first = slice(line, "...", [0, 1]);
  const joined = concat([onesLike(first), slice(line, "...", ":-1")], -1);
  return cumprod(joined, -1);
}

/**
 * The variance: the sum of squared distances from the mean, over `n - correction`, which is 1 unless
 * given.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2, 3, 4]).var(); // => 1.6666666
 * tensor([1, 2, 3, 4]).var(null, { correction: 0 }); // => 1.25
 */
export const variance: (x: Tensor, axes?: nd.Axes, options?: nd.VarianceOptions) => Tensor =
  bySlopes("var", nd.var, (_y, x, axes, options) => mul(distances(x, axes, options), 2));

/** The standard deviation; slope 0 where it is 0. */
export const std: (x: Tensor, axes?: nd.Axes, options?: nd.VarianceOptions) => Tensor = bySlopes(
  "std",
  nd.std,
  (y, x, axes, options) => overSize(distances(x, axes, options), restore(y, x.shape, axes)),
);

/** (x - mean) / (n - correction) */
function distances(x: Tensor, axes?: nd.Axes, options: nd.VarianceOptions = {}): Tensor {
  const { count } = nd.reducedLast(x.shape, nd.normalizeAxes("var", axes, x.ndim));
  const fromMean = sub(x, mean(x, axes, { keepdims: true }));
  return div(fromMean, Math.max(0, count - (options.correction ?? 1)));
}

/** x / size, and 0 where the size is 0. */
function overSize(x: Tensor, size: Tensor): Tensor {
  const none = eq(size, 0);
  return where(none, 0, div(x, where(none, 1, size)));
}

/**
 * The p-norm of the elements as one vector, `sum(|x|^p)^(1/p)`; 2 unless `p` is given. Slope 0 where
 * the norm is 0; elements of equal largest (or smallest) size share it evenly.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([3, 4], { requiresGrad: true });
 * x.norm().backward();
 * x.grad; // => [0.6 0.8]
 */
export const norm: (x: Tensor, axes?: nd.Axes, options?: nd.NormOptions) => Tensor = bySlopes(
  "norm",
  nd.norm,
  (y, x, axes, options) => {
    const p = options?.p ?? 2;
    if (p === 0) return zerosLike(x);
    if (p === 1) return sign(x);
    const size = restore(y, x.shape, axes);
    if (p === 2) return overSize(x, size);
    if (Number.isFinite(p)) return overSize(signedPower(x, p - 1), powerOfSize(size, p - 1));
    const ties = astype(eq(abs(x), size), x.dtype);
    return mul(sign(x), div(ties, sum(ties, axes ?? null, { keepdims: true })));
  },
);

/** sign(x) |x|^power, and 0 at 0. */
function signedPower(x: Tensor, power: number): Tensor {
  return mul(sign(x), pow(nonZero(abs(x)), power));
}

/** size^power, and 0 where the size is 0. */
function powerOfSize(size: Tensor, power: number): Tensor {
  return where(eq(size, 0), 0, pow(nonZero(size), power));
}

function nonZero(x: Tensor): Tensor {
  return where(eq(x, 0), 1, x);
}

/** How many elements are not 0, as int32. */
export const countNonzero: Reduction = constant(nd.countNonzero);

/** The sum of the elements that are not NaN. */
export const nansum: Reduction = (x, axes, options) =>
  nd.scope(() => sum(where(isNaN(x), 0, x), axes, options));

/** The mean of the elements that are not NaN; NaN where there are none. */
export const nanmean: Reduction = (x, axes, options) =>
  nd.scope(() => div(nansum(x, axes, options), sum(logicalNot(isNaN(x)), axes, options)));

/**
 * The middle element in order; the mean of the two middle ones of an even number, which share the
 * slope. NaN if any element is, and over no elements.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([4, 1, 3, 2], { requiresGrad: true });
 * x.median().backward();
 * x.grad; // => [0.  0.  0.5 0.5]
 */
export const median: Reduction = (x, axes, options) =>
  quantileOf("median", x, 0.5, axes, { ...options, method: "midpoint" });

/** A share, or several. */
export type Quantile = (
  x: Tensor,
  q: number | readonly number[],
  axes?: nd.Axes,
  options?: nd.QuantileOptions,
) => Tensor;

/**
 * The value below which a share `q` of the elements lies; for a list of shares a leading axis of
 * them. NaN if any element is, and over no elements.
 *
 * @throws ArgumentError for shares outside 0 to 1.
 */
export const quantile: Quantile = (x, q, axes, options) =>
  quantileOf("quantile", x, q, axes, options);

/** `quantile` with shares in percent. */
export const percentile: Quantile = (x, q, axes, options) => {
  const shares = typeof q === "number" ? q / 100 : q.map((share) => share / 100);
  return quantileOf("percentile", x, shares, axes, options);
};

function quantileOf(
  op: string,
  x: Tensor,
  q: number | readonly number[],
  axes?: nd.Axes,
  { keepdims = false, method = "linear" }: nd.QuantileOptions = {},
): Tensor {
  const reduced = nd.normalizeAxes(op, axes, x.ndim);
  const shape = nd.reducedShape(x.shape, reduced, keepdims);
  const { order, kept, count } = nd.reducedLast(x.shape, reduced);
  const places = (typeof q === "number" ? [q] : q).map((share) =>
    nd.placeOfShare(op, share, count, method),
  );
  const dtype = nd.toFloat(x.dtype);
  return nd.scope(() => {
    if (count === 0) {
      const all = typeof q === "number" ? shape : [q.length, ...shape];
      return full(all, Number.NaN, { dtype, backend: x.backend });
    }
    const sorted = sort(reshape(permute(astype(x, dtype), order), [...kept, count]));
    const spoiled = isNaN(slice(sorted, "...", -1));
    const picked = places.map((place) =>
      reshape(where(spoiled, Number.NaN, between(sorted, place)), shape),
    );
    return typeof q === "number" ? picked[0]! : stack(picked);
  });
}

/** What is at a place along the last axis, which may be between two elements. */
function between(sorted: Tensor, place: number): Tensor {
  const below = Math.floor(place);
  const lower = slice(sorted, "...", below);
  if (place === below) return lower;
  const upper = slice(sorted, "...", below + 1);
  // Two infinities of one sign have a middle, but no difference.
  return place - below === 0.5 ? mul(add(lower, upper), 0.5) : lerp(lower, upper, place - below);
}
