/** What the options of ops must be, where several ops or layers take the same ones. */
import { args } from "@needle/ndarray";
import { tensorKind } from "../op.ts";
import type { InterpolateOptions } from "./interpolate.ts";
import type { LossOptions, WeightedLossOptions } from "./loss-reduction.ts";
import type { BinaryCrossEntropyWithLogitsOptions } from "./losses-binary.ts";
import type { CrossEntropyOptions, KlDivOptions, NllOptions } from "./losses-classification.ts";
import type { MarginOptions, MultiMarginOptions, TripletMarginOptions } from "./losses-margin.ts";
import type { MultiLabelSoftMarginOptions } from "./losses-multilabel.ts";
import type {
  GaussianNllOptions,
  HuberOptions,
  PoissonNllOptions,
  SmoothL1Options,
} from "./losses-regression.ts";
import type { CosineSimilarityOptions, PairwiseDistanceOptions } from "./similarity.ts";

/** A number that may be infinite. */
const aboveZero: args.Kind = { expected: "above 0", holds: (x) => typeof x === "number" && x > 0 };
/** A number that may be infinite. */
const atLeastZero: args.Kind = {
  expected: "at least 0",
  holds: (x) => typeof x === "number" && x >= 0,
};

/** What the options of `interpolate` must be. */
export const interpolateOptions: args.Kinds<InterpolateOptions> = {
  size: args.oneOrMore(args.number),
  scaleFactor: args.oneOrMore(args.number),
  mode: args.oneOf("nearest", "linear", "bilinear", "trilinear"),
  alignCorners: args.flag,
};

/** What the options of losses must be. */
export const lossOptions: args.Kinds<LossOptions> = {
  reduction: args.oneOf("mean", "sum", "none"),
};

/** What the options of losses that can weigh their elements must be. */
export const weightedLossOptions: args.Kinds<WeightedLossOptions> = {
  ...lossOptions,
  weight: tensorKind,
};

/** What the options of `binaryCrossEntropyWithLogits` must be. */
export const binaryCrossEntropyWithLogitsOptions: args.Kinds<BinaryCrossEntropyWithLogitsOptions> =
  {
    ...weightedLossOptions,
    posWeight: tensorKind,
  };

/** What the options of `nllLoss` must be. */
export const nllOptions: args.Kinds<NllOptions> = {
  ...lossOptions,
  weight: tensorKind,
  ignoreIndex: args.whole(),
};

/** What the options of `crossEntropy` must be. */
export const crossEntropyOptions: args.Kinds<CrossEntropyOptions> = {
  ...nllOptions,
  labelSmoothing: args.between(0, 1),
};

/** What the options of `klDiv` must be. */
export const klDivOptions: args.Kinds<KlDivOptions> = {
  reduction: args.oneOf("mean", "sum", "none", "batchmean"),
  logTarget: args.flag,
};

/** What the options of losses with a margin must be. */
export const marginOptions: args.Kinds<MarginOptions> = {
  ...lossOptions,
  margin: args.number,
};

/** What the options of `multiMarginLoss` must be. */
export const multiMarginOptions: args.Kinds<MultiMarginOptions> = {
  ...marginOptions,
  p: { expected: "1 or 2", holds: (p) => p === 1 || p === 2 },
  weight: tensorKind,
};

/** What the options of `tripletMarginLoss` must be. */
export const tripletMarginOptions: args.Kinds<TripletMarginOptions> = {
  ...marginOptions,
  p: atLeastZero,
  eps: args.number,
  swap: args.flag,
};

/** What the options of `multiLabelSoftMarginLoss` must be. */
export const multiLabelSoftMarginOptions: args.Kinds<MultiLabelSoftMarginOptions> = {
  ...lossOptions,
  weight: tensorKind,
};

/** What the options of `gaussianNllLoss` must be. */
export const gaussianNllOptions: args.Kinds<GaussianNllOptions> = {
  ...lossOptions,
  full: args.flag,
  eps: aboveZero,
};

/** What the options of `huberLoss` must be. */
export const huberOptions: args.Kinds<HuberOptions> = { ...lossOptions, delta: aboveZero };

/** What the options of `poissonNllLoss` must be. */
export const poissonNllOptions: args.Kinds<PoissonNllOptions> = {
  ...lossOptions,
  logInput: args.flag,
  full: args.flag,
  eps: args.number,
};

/** What the options of `smoothL1Loss` must be. */
export const smoothL1Options: args.Kinds<SmoothL1Options> = {
  ...lossOptions,
  beta: atLeastZero,
};

/** What the options of `cosineSimilarity` must be. */
export const cosineSimilarityOptions: args.Kinds<CosineSimilarityOptions> = {
  axis: args.whole(),
  eps: args.number,
};

/** What the options of `pairwiseDistance` must be. */
export const pairwiseDistanceOptions: args.Kinds<PairwiseDistanceOptions> = {
  p: atLeastZero,
  eps: args.number,
  keepdims: args.flag,
};
