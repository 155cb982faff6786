/**
 * Normalization over any axes, and its gradients. Layer, batch, instance and group norm are this op
 * with axes of their own. A backend's fused kernels are used where there are any; the compositions
 * beside them define what they must give.
 */
import { checkOptions, type Kinds, number, orNull } from "../args.ts";
import type { View } from "../backend.ts";
import { promote, toFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { type Axes, broadcastAxes, normalizeAxes, reducedShape } from "../shape.ts";
import { checkStretches } from "../shape-layers.ts";
import { astype, compact, emptyLike } from "./cast.ts";
import { arrayKind, checkArray, sameBackend } from "./common.ts";
import { add, div, mul, sqrt, square, sub } from "./elementwise.ts";
import { mean, sum } from "./reduce.ts";
import { broadcastTo, reshape } from "./views.ts";

/** How `normalize` scales and shifts. */
export interface NormalizeOptions {
  /** Added to the variance, against division by 0. Default 1e-5. */
  readonly eps?: number;
  /** Times the normalized values; stretches to the shape of `x`. Default none. */
  readonly weight?: NDArray | null;
  /** Added at the end; stretches to the shape of `x`. Default none. */
  readonly bias?: NDArray | null;
}

const normalizeOptions: Kinds<NormalizeOptions> = {
  eps: number,
  weight: orNull(arrayKind),
  bias: orNull(arrayKind),
};

/** What was normalized, and by which numbers: they have the rank of `x`, with size 1 along axes. */
export interface Normalized {
  readonly value: NDArray;
  readonly mean: NDArray;
  /** The biased variance: divided by the number of elements. */
  readonly variance: NDArray;
}

const keep = { keepdims: true };

/**
 * `(x - mean) / sqrt(variance + eps) * weight + bias`, the mean and the biased variance being those
 * over `axes` (all of them if left out). The variance is that of the differences from the mean, so
 * a large mean costs no digits. Integers become float32.
 *
 * @throws ShapeError unless weight and bias stretch to the shape of `x`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([[1, 3], [100, 300]]);
 * x.normalize(-1, { eps: 0 }); // => [[-1.  1.] [-1.  1.]]
 * x.normalize(-1, { eps: 0, weight: array([1, 10]) }); // => [[-1. 10.] [-1. 10.]]
 */
export function normalize(x: NDArray, axes?: Axes, options: NormalizeOptions = {}): NDArray {
  return scope(() => normalizeWithMoments(x, axes, options).value);
}

/** `normalize`, with the mean and the variance that it has found. */
export function normalizeWithMoments(
  x: NDArray,
  axes?: Axes,
  options: NormalizeOptions = {},
): Normalized {
  checkArray("normalize", x);
  checkOptions("normalize", options, normalizeOptions);
  const { eps = 1e-5, weight = null, bias = null } = options;
  const given = [x, ...[weight, bias].filter((array) => array !== null)];
  for (const operand of given) checkArray("normalize", operand);
  sameBackend("normalize", ...given);
  const reduced = normalizeAxes("normalize", axes, x.ndim);
  if (weight !== null) checkStretches("normalize", "weight", weight.shape, x.shape);
  if (bias !== null) checkStretches("normalize", "bias", bias.shape, x.shape);
  const dtype = given.map((array) => toFloat(array.dtype)).reduce(promote);
  return scope(() => {
    const input = compact(astype(x, dtype));
    const scale = weight && astype(weight, dtype);
    const shift = bias && astype(bias, dtype);
    return fused(input, reduced, scale, shift, eps) ?? composed(input, reduced, scale, shift, eps);
  });
}

function composed(
  x: NDArray,
  axes: readonly number[],
  weight: NDArray | null,
  bias: NDArray | null,
  eps: number,
): Normalized {
  const center = mean(x, axes, keep);
  const centered = sub(x, center);
  const variance = mean(square(centered), axes, keep);
  const unit = div(centered, sqrt(add(variance, eps)));
  const scaled = weight === null ? unit : mul(unit, weight);
  return { value: bias === null ? scaled : add(scaled, bias), mean: center, variance };
}

/** The same by the backend's kernel; null where it has none for this call. */
function fused(
  x: NDArray,
  axes: readonly number[],
  weight: NDArray | null,
  bias: NDArray | null,
  eps: number,
): Normalized | null {
  const { backend } = x;
  if (backend.normalize === undefined || x.size === 0) return null;
  const kept = reducedShape(x.shape, axes, true);
  const found = { value: emptyLike(x), mean: emptyLike(x, kept), variance: emptyLike(x, kept) };
  const isDone = backend.normalize(
    found.value.view("normalize"),
    found.mean.view("normalize"),
    found.variance.view("normalize"),
    x.view("normalize"),
    axes,
    stretchedView(weight, x),
    stretchedView(bias, x),
    eps,
  );
  return isDone ? found : null;
}

function stretchedView(factor: NDArray | null, x: NDArray): View | null {
  return factor && broadcastTo(factor, x.shape).view("normalize");
}

/** What the gradients of `normalize` read besides the adjoint. All have one dtype. */
export interface NormalizeSaved {
  readonly x: NDArray;
  readonly mean: NDArray;
  readonly variance: NDArray;
  readonly eps: number;
}

/**
 * The adjoint of `x` in `normalize`, from the adjoint `g` of the result:
 * `(h - mean(h) - u mean(h u)) / sqrt(variance + eps)` with `h = g weight` and `u` the normalized
 * values.
 */
export function normalizeInputGradient(
  g: NDArray,
  saved: NormalizeSaved,
  axes: readonly number[],
  weight: NDArray | null,
): NDArray {
  const { mean: center, variance, eps } = saved;
  return scope(() => {
    const [x, slopes] = [compact(saved.x), compact(g)];
    const out = emptyLike(x);
    const [o, s, input, m, v] = [out, slopes, x, center, variance].map((array) =>
      array.view("normalize"),
    );
    const factors = stretchedView(weight, x);
    const isDone =
      x.size > 0 && x.backend.normalizeInputGradient?.(o!, s!, input!, m!, v!, axes, factors, eps);
    if (isDone) return out;
    const scaled = weight ? mul(g, weight) : g;
    const unit = unitOf(saved);
    const along = mul(unit, mean(mul(scaled, unit), axes, keep));
    const across = sub(sub(scaled, mean(scaled, axes, keep)), along);
    return div(across, sqrt(add(variance, eps)));
  });
}

/**
 * The adjoint of a weight of `shape` in `normalize`: `g` times the normalized values, summed where
 * the weight was stretched.
 */
export function normalizeWeightGradient(
  g: NDArray,
  saved: NormalizeSaved,
  shape: readonly number[],
): NDArray {
  const { mean: center, variance, eps } = saved;
  const axes = broadcastAxes(shape, saved.x.shape);
  return scope(() => {
    const [x, slopes] = [compact(saved.x), compact(g)];
    const out = emptyLike(x, reducedShape(x.shape, axes, true));
    const [o, s, input, m, v] = [out, slopes, x, center, variance].map((array) =>
      array.view("normalize"),
    );
    const isDone =
      x.size > 0 && x.backend.normalizeWeightGradient?.(o!, s!, input!, m!, v!, axes, eps);
    return reshape(isDone ? out : sum(mul(g, unitOf(saved)), axes), shape);
  });
}

/** The normalized values, before weight and bias. */
function unitOf({ x, mean: center, variance, eps }: NormalizeSaved): NDArray {
  return div(sub(x, center), sqrt(add(variance, eps)));
}
