/** Lengths of vectors, and how near two of them are. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { abs, add, clamp, div, mul, ne, pow, sqrt, square, sub, where } from "./elementwise.ts";
import { cosineSimilarityOptions, pairwiseDistanceOptions } from "./options.ts";
import { max, sum } from "./reduce.ts";
import { astype } from "./views.ts";

const keep = { keepdims: true };

/**
 * The p-norm along one axis, which stays. Its slope at a vector of zeros is 0, as in PyTorch, also
 * where the formula's is infinite.
 */
function normAlong(op: string, x: Tensor, p: number, axis: number): Tensor {
  if (!(p >= 0)) throw new nd.ArgumentError(op, `p must be at least 0, got ${p}`);
  const size = abs(x);
  if (p === Number.POSITIVE_INFINITY) return max(size, axis, keep);
  if (p === 0) return sum(astype(ne(x, 0), x.dtype), axis, keep);
  if (p === 1) return sum(size, axis, keep);
  if (p === 2) return guarded(sum(square(x), axis, keep), sqrt);
  // Elements of 0 have an infinite slope for p below 1.
  const powers = where(ne(size, 0), pow(where(ne(size, 0), size, 1), p), 0);
  return guarded(sum(powers, axis, keep), (total) => pow(total, 1 / p));
}

/** A root whose slope at 0 is 0. */
function guarded(total: Tensor, root: (x: Tensor) => Tensor): Tensor {
  const isZero = ne(total, 0);
  return where(isZero, root(where(isZero, total, 1)), 0);
}

/** Options of `normalizeVector`. */
export interface NormalizeVectorOptions {
  /** The power of the norm, from 0 to Infinity. Default 2. */
  readonly p?: number;
  /** Default 1, as in PyTorch. */
  readonly axis?: number;
  /** The least norm divided by, against division by 0. Default 1e-12. */
  readonly eps?: number;
}

const normalizeVectorOptions: nd.args.Kinds<NormalizeVectorOptions> = {
  p: nd.args.number,
  axis: nd.args.number,
  eps: nd.args.number,
};

/**
 * Vectors along an axis (1 unless given) divided by their p-norms, which count as `eps` if below it.
 *
 * @throws ShapeError for an axis that `x` does not have; ArgumentError for a negative `p`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[3, 4], [0, 0]]).normalizeVector(); // => [[0.6 0.8]
 *    //     [0.  0. ]]
 */
export function normalizeVector(x: Tensor, options: NormalizeVectorOptions = {}): Tensor {
  checkTensors("normalizeVector", [x]);
  nd.args.checkOptions("normalizeVector", options, normalizeVectorOptions);
  const op = "normalizeVector";
  const { p = 2, axis = 1, eps = 1e-12 } = options;
  const along = nd.normalizeAxis(op, axis, x.ndim);
  return nd.scope(() => div(x, clamp(normAlong(op, x, p, along), eps, null)), { label: op });
}

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Default 1, as in PyTorch. */
  readonly axis?: number;
  /** The least norm divided by, against division by 0. Default 1e-8. */
  readonly eps?: number;
}

/**
 * The cosine of the angle between vectors along an axis (1 unless given), which goes away: their
 * product divided by their norms, which count as `eps` if below it. The two broadcast.
 *
 * @throws ShapeError for shapes that do not broadcast, and for an axis that they do not have.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[1, 0], [1, 1]]).cosineSimilarity(tensor([[2, 0], [-1, 1]])); // => [1. 0.]
 */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  options: CosineSimilarityOptions = {},
): Tensor {
  checkTensors("cosineSimilarity", [a, b]);
  nd.args.checkOptions("cosineSimilarity", options, cosineSimilarityOptions);
  const op = "cosineSimilarity";
  const { axis = 1, eps = 1e-8 } = options;
  checkTensors(op, [a, b]);
  const rank = nd.broadcastShapes(op, a.shape, b.shape).length;
  const along = nd.normalizeAxis(op, axis, rank) - rank;
  return nd.scope(
    () => {
      const [left, right] = [a, b].map((x) => {
        return -along > x.ndim ? x : div(x, clamp(normAlong(op, x, 2, along), eps, null));
      });
      return sum(mul(left!, right!), along);
    },
    { label: op },
  );
}

/** Options of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** The power of the norm, from 0 to Infinity. Default 2. */
  readonly p?: number;
  /** Added to each difference, so that the slope at equal vectors is finite. Default 1e-6. */
  readonly eps?: number;
  /** Keep the last axis with size 1. Default false. */
  readonly keepdims?: boolean;
}

/**
 * The p-norm of `a - b + eps` along the last axis. The two broadcast.
 *
 * @throws ShapeError for shapes that do not broadcast; ArgumentError for a negative `p`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[0, 0]]).pairwiseDistance(tensor([[3, 4]]), { eps: 0 }); // => [5.]
 */
export function pairwiseDistance(
  a: Tensor,
  b: Tensor,
  options: PairwiseDistanceOptions = {},
): Tensor {
  checkTensors("pairwiseDistance", [a, b]);
  nd.args.checkOptions("pairwiseDistance", options, pairwiseDistanceOptions);
  const op = "pairwiseDistance";
  const { p = 2, eps = 1e-6, keepdims = false } = options;
  checkTensors(op, [a, b]);
  const shape = nd.broadcastShapes(op, a.shape, b.shape);
  nd.normalizeAxis(op, -1, shape.length);
  return nd.scope(
    () => {
      const distances = normAlong(op, add(sub(a, b), eps), p, -1);
      return keepdims ? distances : distances.squeeze(-1);
    },
    { label: op },
  );
}
