/**
 * Normalization over any axes, and its gradients. Layer, batch, instance and group norm are this op
 * with axes of their own. A backend's fused kernels are used where there are any; the compositions
 * beside them define what they must give.
 */
import { empty } from "../create.ts";
import { promote, toFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { type Axes, broadcastAxes, normalizeAxes, reducedShape, sizeOf } from "../shape.ts";
import { checkStretches } from "../shape-layers.ts";
import { astype, emptyLike } from "./cast.ts";
import { sameBackend } from "./common.ts";
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
  const { eps = 1e-5, weight = null, bias = null } = options;
  const given = [x, weight, bias].filter((array) => array !== null);
  const backend = sameBackend("normalize", ...given);
  const reduced = normalizeAxes("normalize", axes, x.ndim);
  if (weight !== null) checkStretches("normalize", "weight", weight.shape, x.shape);
  if (bias !== null) checkStretches("normalize", "bias", bias.shape, x.shape);
  const dtype = given.map((array) => toFloat(array.dtype)).reduce(promote);
  return scope(() => {
    const input = astype(x, dtype);
    const [scale, shift] = [weight, bias].map((array) => array && astype(array, dtype));
    const kept = reducedShape(x.shape, reduced, true);
    if (backend.normalize === undefined || x.size === 0) {
      const center = mean(input, reduced, keep);
      const centered = sub(input, center);
      const variance = mean(square(centered), reduced, keep);
      const unit = div(centered, sqrt(add(variance, eps)));
      const scaled = scale ? mul(unit, scale) : unit;
      return { value: shift ? add(scaled, shift) : scaled, mean: center, variance };
    }
    const found = {
      value: emptyLike(input),
      mean: empty(kept, { dtype, backend }),
      variance: empty(kept, { dtype, backend }),
    };
    const stretched = (array: NDArray | null | undefined) =>
      array ? broadcastTo(array, x.shape).view("normalize") : null;
    backend.normalize(
      found.value.view("normalize"),
      found.mean.view("normalize"),
      found.variance.view("normalize"),
      input.view("normalize"),
      reduced,
      stretched(scale),
      stretched(shift),
      eps,
    );
    return found;
  });
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
  const { x, mean: center, variance, eps } = saved;
  const { backend } = x;
  return scope(() => {
    if (backend.normalizeInputGradient === undefined || x.size === 0) {
      const scaled = weight ? mul(g, weight) : g;
      const unit = unitOf(saved);
      const along = mul(unit, mean(mul(scaled, unit), axes, keep));
      const across = sub(sub(scaled, mean(scaled, axes, keep)), along);
      return div(across, sqrt(add(variance, eps)));
    }
    const out = emptyLike(x);
    const [o, slopes, input, m, v] = [out, g, x, center, variance].map((array) =>
      array.view("normalize"),
    );
    const factors = weight && broadcastTo(weight, x.shape).view("normalize");
    backend.normalizeInputGradient(o!, slopes!, input!, m!, v!, axes, factors, eps);
    return out;
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
  const { x, mean: center, variance, eps } = saved;
  const { backend } = x;
  const axes = broadcastAxes(shape, x.shape);
  return scope(() => {
    if (backend.normalizeWeightGradient === undefined || sizeOf(x.shape) === 0)
      return reshape(sum(mul(g, unitOf(saved)), axes), shape);
    const out = empty(reducedShape(x.shape, axes, true), { dtype: x.dtype, backend });
    const [o, slopes, input, m, v] = [out, g, x, center, variance].map((array) =>
      array.view("normalize"),
    );
    backend.normalizeWeightGradient(o!, slopes!, input!, m!, v!, axes, eps);
    return reshape(out, shape);
  });
}

/** The normalized values, before weight and bias. */
function unitOf({ x, mean: center, variance, eps }: NormalizeSaved): NDArray {
  return div(sub(x, center), sqrt(add(variance, eps)));
}
