/** Losses that ask for a margin: between classes, between distances, between rankings. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { logSigmoid, relu } from "./activations.ts";
import {
  add,
  clamp,
  div,
  eq,
  minimum,
  mul,
  ne,
  neg,
  sqrt,
  square,
  sub,
  where,
} from "./elementwise.ts";
import { gather, oneHot, take } from "./indexing.ts";
import { checkClassWeight, checkLabels } from "./loss-labels.ts";
import { type LossOptions, lossOfElements, reduced } from "./loss-reduction.ts";
import { lossOptions, marginOptions, multiMarginOptions, tripletMarginOptions } from "./options.ts";
import { sum } from "./reduce.ts";
import { pairwiseDistance } from "./similarity.ts";
import { astype, unsqueeze } from "./views.ts";

/** `max(0, x)` with slope 1 at 0, as PyTorch's losses have it where the margin is just kept. */
function shortfallOf(x: Tensor): Tensor {
  return clamp(x, 0, null);
}

/** Options of losses with a margin. */
export interface MarginOptions extends LossOptions {
  /** How far apart is far enough. */
  readonly margin?: number;
}

/**
 * The hinge loss of scores for labels 1 and -1: `max(0, margin - y x)`, the margin 1 unless given.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([2, 0.5, 1]).hingeLoss(tensor([1, 1, -1]), { reduction: "none" }); // => [0.  0.5 2. ]
 */
export function hingeLoss(x: Tensor, y: Tensor, options: MarginOptions = {}): Tensor {
  checkTensors("hingeLoss", [x, y]);
  nd.args.checkOptions("hingeLoss", options, marginOptions);
  const { margin = 1 } = options;
  return lossOfElements("hingeLoss", { input: x, target: y }, options, () =>
    relu(sub(margin, mul(y, x))),
  );
}

/**
 * The logistic loss of scores for labels 1 and -1: `log(1 + exp(-y x))`, stable for any `x`.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([-1e4]).softMarginLoss(tensor([1])); // => 10000.0
 */
export function softMarginLoss(x: Tensor, y: Tensor, options: LossOptions = {}): Tensor {
  checkTensors("softMarginLoss", [x, y]);
  nd.args.checkOptions("softMarginLoss", options, lossOptions);
  return lossOfElements("softMarginLoss", { input: x, target: y }, options, () =>
    neg(logSigmoid(mul(y, x))),
  );
}

/**
 * Distances `x` that should be small for the label 1 and at least the margin, 1 unless given, for
 * the label -1: `x` or `max(0, margin - x)`.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([0.2, 0.2]).hingeEmbeddingLoss(tensor([1, -1]), { reduction: "none" }); // => [0.2 0.8]
 */
export function hingeEmbeddingLoss(x: Tensor, y: Tensor, options: MarginOptions = {}): Tensor {
  checkTensors("hingeEmbeddingLoss", [x, y]);
  nd.args.checkOptions("hingeEmbeddingLoss", options, marginOptions);
  const { margin = 1 } = options;
  return lossOfElements("hingeEmbeddingLoss", { input: x, target: y }, options, () =>
    add(where(ne(y, -1), x, 0), where(ne(y, 1), shortfallOf(sub(margin, x)), 0)),
  );
}

/** Options of `multiMarginLoss`. */
export interface MultiMarginOptions extends MarginOptions {
  /** The power of each shortfall, 1 or 2. Default 1. */
  readonly p?: 1 | 2;
  /** A factor for each class, `[classes]`, by the class of the label. */
  readonly weight?: Tensor;
}

/**
 * The hinge loss of several classes: for each other class, how far its score is above the label's
 * score less the margin (1 unless given), to the power `p`; summed and divided by the number of
 * classes. Crammer and Singer (2001).
 *
 * @param scores - `[batch, classes]` or `[classes]`.
 * @param labels - integers, `[batch]` or `[]`.
 * @throws ShapeError unless the shapes are these; IndexError for a label outside the classes.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const labels = tensor([0], { dtype: "int32" });
 * tensor([[1, 0.5, -3]]).multiMarginLoss(labels).mul(3); // => 0.5
 */
export function multiMarginLoss(
  scores: Tensor,
  labels: Tensor,
  options: MultiMarginOptions = {},
): Tensor {
  checkTensors("multiMarginLoss", [scores, labels]);
  nd.args.checkOptions("multiMarginLoss", options, multiMarginOptions);
  const op = "multiMarginLoss";
  const { margin = 1, p = 1, weight, reduction = "mean" } = options;
  checkTensors(op, [scores, labels]);
  if (scores.ndim !== 1 && scores.ndim !== 2) {
    const got = nd.showShape(scores.shape);
    throw new nd.ShapeError(op, `expected scores [batch,classes] or [classes], got ${got}`);
  }
  const classes = scores.shape.at(-1)!;
  checkClassWeight(op, classes, weight);
  checkLabels(op, scores, labels, scores.ndim - 1);
  return nd.scope(
    () => {
      const ofLabel = gather(scores, -1, unsqueeze(labels, -1));
      const shortfall = relu(add(sub(scores, ofLabel), margin));
      const powered = p === 1 ? shortfall : square(shortfall);
      const others = where(astype(oneHot(labels, classes), "bool"), 0, powered);
      const losses = div(sum(others, -1), classes);
      return reduced(weight === undefined ? losses : mul(losses, take(weight, labels)), reduction);
    },
    { label: op },
  );
}

/**
 * Scores `a` that should be above `b` by the margin (0 unless given) for the label 1, below for the
 * label -1: `max(0, margin - y (a - b))`.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).marginRankingLoss(tensor([3, 3]), tensor([1, -1]), { reduction: "none" }); // => [2. 0.]
 */
export function marginRankingLoss(
  a: Tensor,
  b: Tensor,
  y: Tensor,
  options: MarginOptions = {},
): Tensor {
  checkTensors("marginRankingLoss", [a, b, y]);
  nd.args.checkOptions("marginRankingLoss", options, marginOptions);
  const { margin = 0 } = options;
  return lossOfElements("marginRankingLoss", { input: a, other: b, target: y }, options, () =>
    shortfallOf(add(neg(mul(y, sub(a, b))), margin)),
  );
}

/**
 * Vectors that should point the same way for the label 1 (`1 - cos`), and apart for the label -1:
 * `max(0, cos - margin)`, the margin 0 unless given.
 *
 * @param a - `[batch, features]` or `[features]`, and so is `b`.
 * @param y - `[batch]` or `[]`.
 * @throws ShapeError unless the shapes are these.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const [a, b] = [tensor([[1, 0], [1, 0]]), tensor([[0, 2], [3, 0]])];
 * a.cosineEmbeddingLoss(b, tensor([1, -1]), { reduction: "none" }); // => [1. 1.]
 */
export function cosineEmbeddingLoss(
  a: Tensor,
  b: Tensor,
  y: Tensor,
  options: MarginOptions = {},
): Tensor {
  checkTensors("cosineEmbeddingLoss", [a, b, y]);
  nd.args.checkOptions("cosineEmbeddingLoss", options, marginOptions);
  const op = "cosineEmbeddingLoss";
  const { margin = 0 } = options;
  checkTensors(op, [a, b, y]);
  if (!nd.sameShape(y.shape, a.shape.slice(0, -1)) || a.ndim === 0 || a.ndim > 2) {
    const got = `${nd.showShape(a.shape)} and ${nd.showShape(y.shape)}`;
    const expected = "vectors [batch,features] and labels [batch], or [features] and []";
    throw new nd.ShapeError(op, `expected ${expected}, got ${got}`);
  }
  return lossOfElements(op, { input: a, other: b }, options, () => {
    // The guard against vectors of zeros is inside the root, so the slope there is finite; PyTorch's
    // constant, which is single precision.
    const [squareOfA, squareOfB] = [a, b].map((x) => add(sum(square(x), -1), Math.fround(1e-12)));
    const cosine = div(sum(mul(a, b), -1), sqrt(mul(squareOfA!, squareOfB!)));
    return add(
      where(eq(y, 1), sub(1, cosine), 0),
      where(eq(y, -1), shortfallOf(sub(cosine, margin)), 0),
    );
  });
}

/** Options of `tripletMarginLoss`. */
export interface TripletMarginOptions extends MarginOptions {
  /** The power of the distances. Default 2. */
  readonly p?: number;
  /** Added to each difference. Default 1e-6. */
  readonly eps?: number;
  /** Whether the distance of positive and negative counts where it is the smaller. Default false. */
  readonly swap?: boolean;
}

/**
 * How far an anchor is from a positive example, less its distance from a negative one, plus the
 * margin (1 unless given), at least 0. Distances along the last axis, as `pairwiseDistance`.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[0, 0]]).tripletMarginLoss(tensor([[0, 2]]), tensor([[1.5, 0]])).mul(10).round(); // => 15.0
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  checkTensors("tripletMarginLoss", [anchor, positive, negative]);
  nd.args.checkOptions("tripletMarginLoss", options, tripletMarginOptions);
  const { margin = 1, p = 2, eps = 1e-6, swap = false } = options;
  return lossOfElements("tripletMarginLoss", { anchor, positive, negative }, options, () => {
    const distance = (a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b, { p, eps });
    const far = distance(anchor, negative);
    const least = swap ? minimum(far, distance(positive, negative)) : far;
    return shortfallOf(add(sub(distance(anchor, positive), least), margin));
  });
}
