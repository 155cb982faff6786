/** Tensors that remember how they were computed: gradients of any order, forward and reverse. */
import "./methods.ts";

export { AnomalyError, type AnomalyOptions, detectAnomaly } from "./anomaly.ts";
export { type BackwardOptions, backward, type GradientsOptions, gradients } from "./backward.ts";
export { checkpoint } from "./checkpoint.ts";
export { type Composition, composite } from "./composite.ts";
export {
  arange,
  eye,
  full,
  ones,
  onesLike,
  type RandomTensorOptions,
  rand,
  randint,
  randn,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from "./create.ts";
export { type CustomOp, customOp, type OpContext } from "./custom-op.ts";
export {
  bernoulli,
  beta,
  binomial,
  type ChoiceTensorOptions,
  categorical,
  choice,
  exponential,
  gamma,
  normal,
  permutation,
  poisson,
  truncatedNormal,
  uniform,
} from "./draw.ts";
export { evalShape, type Specs, type SpecTree, type TensorSpec } from "./eval-shape.ts";
export { jvp, linearize } from "./forward.ts";
export type { Node, Rule, Saves } from "./graph.ts";
export type { GradientHook, GradientHooks, LeafHook } from "./hooks.ts";
export {
  type HvpOptions,
  hessian,
  hvp,
  type Jacobian,
  type JacobianOptions,
  jacobian,
} from "./jacobian.ts";
export { lazy } from "./lazy.ts";
export type { TensorMethods } from "./methods.ts";
export { enableGrad, isRecording, noGrad } from "./mode.ts";
export {
  type Binary,
  bilinear,
  constant,
  elementwise,
  general,
  jointlyLinear,
  linear,
  type Partial,
  tensorKind,
  type Unary,
} from "./op.ts";
export type { AdvancedIndex } from "./ops/advanced.ts";
export type { AttentionOptions } from "./ops/attention.ts";
export type {
  ChannelNormOptions,
  LocalResponseNormOptions,
  RMSNormOptions,
} from "./ops/channel-norms.ts";
export type { DropoutOptions } from "./ops/dropout.ts";
export type { EmbeddingOptions } from "./ops/embedding.ts";
export type { GumbelSoftmaxOptions } from "./ops/gates.ts";
export * from "./ops/index.ts";
export type { InterpolateMode, InterpolateOptions } from "./ops/interpolate.ts";
export { concat, stack } from "./ops/joining.ts";
export type { QR, SignedLogarithm } from "./ops/linalg.ts";
export type { LossOptions, LossReduction, WeightedLossOptions } from "./ops/loss-reduction.ts";
export type { BinaryCrossEntropyWithLogitsOptions } from "./ops/losses-binary.ts";
export type { CrossEntropyOptions, KlDivOptions, NllOptions } from "./ops/losses-classification.ts";
export type {
  MarginOptions,
  MultiMarginOptions,
  TripletMarginOptions,
} from "./ops/losses-margin.ts";
export type { MultiLabelSoftMarginOptions } from "./ops/losses-multilabel.ts";
export type {
  GaussianNllOptions,
  HuberOptions,
  PoissonNllOptions,
  SmoothL1Options,
} from "./ops/losses-regression.ts";
export type { NormalizeOptions } from "./ops/normalize.ts";
export type { BatchNormOptions, LayerNormOptions } from "./ops/norms.ts";
export * as opOptions from "./ops/options.ts";
export { maxPool2dWithIndices } from "./ops/pooling.ts";
export { einsum } from "./ops/products.ts";
export type { Reduction } from "./ops/reduce.ts";
export { meshgrid } from "./ops/repeating.ts";
export type { Located } from "./ops/scan.ts";
export type { BincountOptions, Unique } from "./ops/sets.ts";
export type {
  CosineSimilarityOptions,
  NormalizeVectorOptions,
  PairwiseDistanceOptions,
} from "./ops/similarity.ts";
export type { Quantile } from "./ops/statistics.ts";
export { isTensor, type Operand, Tensor } from "./tensor.ts";
export { type GradOptions, grad, valueAndGrad, vjp } from "./transforms.ts";
export { leavesOf, mapTree, type Tree } from "./tree.ts";
export {
  type Graph,
  type GraphEdge,
  type GraphNode,
  type VisualizeOptions,
  visualize,
} from "./visualize.ts";
