/** Layers, losses and initial weights: models as plain objects. */

export type { ForwardHook, ForwardPreHook } from "./forward.ts";
export {
  gainOf,
  type InitOptions,
  identity,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  type Nonlinear,
  orthogonal,
  sparse,
  xavierNormal,
  xavierUniform,
} from "./init.ts";
export * from "./layers/activation.ts";
export {
  AttentionLayer,
  type AttentionLayerOptions,
  type AttentionMask,
  type CachedCall,
  KeyValueCache,
  MultiHeadAttention,
} from "./layers/attention.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  type BatchNormOptions,
  type ChannelNormOptions,
  GroupNorm,
  InstanceNorm,
} from "./layers/channel-norm.ts";
export {
  Flatten,
  Identity,
  Lambda,
  type Layer,
  ModuleDict,
  ModuleList,
  Residual,
  Sequential,
  Unflatten,
} from "./layers/container.ts";
export {
  Conv,
  Conv1d,
  type Conv1dOptions,
  Conv2d,
  type Conv2dOptions,
  type ConvOptions,
  ConvTranspose1d,
  type ConvTranspose1dOptions,
  ConvTranspose2d,
  type ConvTranspose2dOptions,
} from "./layers/conv.ts";
export { AlphaDropout, Dropout, Dropout1d, Dropout2d } from "./layers/dropout.ts";
export {
  Embedding,
  type EmbeddingOptions,
  LearnedPositions,
  rotary,
  SinusoidalPositions,
} from "./layers/embedding.ts";
export {
  type DecoderCall,
  type EncoderDecoderOptions,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from "./layers/encoder-decoder.ts";
export { GRU, GRUCell } from "./layers/gru.ts";
export { Bilinear, Linear, type LinearOptions } from "./layers/linear.ts";
export { LSTM, LSTMCell, type LSTMState } from "./layers/lstm.ts";
export {
  MultiheadAttention,
  type MultiheadAttentionCall,
  type MultiheadAttentionOptions,
} from "./layers/multihead-attention.ts";
export {
  LayerNorm,
  LayerNorm1d,
  type LayerNormOptions,
  type NormOptions,
  RMSNorm,
} from "./layers/norm.ts";
export * from "./layers/padding.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AvgPool1d,
  AvgPool2d,
  MaxPool1d,
  MaxPool2d,
  Upsample,
} from "./layers/pool.ts";
export {
  ChannelShuffle,
  Fold,
  PixelShuffle,
  PixelUnshuffle,
  Unfold,
  type WindowLayerOptions,
} from "./layers/rearrange.ts";
export {
  type CellOptions,
  detachState,
  type Hidden,
  Recurrent,
  RecurrentCell,
  type RecurrentOptions,
} from "./layers/recurrent.ts";
export { RNN, RNNCell, type RNNCellOptions, type RNNOptions } from "./layers/rnn.ts";
export { CosineSimilarity, PairwiseDistance } from "./layers/similarity.ts";
export { GLU, LogSoftmax, Softmax, Softmax2d, Softmin } from "./layers/softmax.ts";
export {
  Transformer,
  TransformerLayer,
  type TransformerLayerOptions,
  type TransformerOptions,
} from "./layers/transformer.ts";
export * from "./loss-layers.ts";
export * from "./losses.ts";
export {
  AUROC,
  accuracy,
  ConfusionMatrix,
  perplexity,
  RunningMean,
  topKAccuracy,
} from "./metrics.ts";
export { Module } from "./module.ts";
export { Buffer, Parameter } from "./parameter.ts";
export { type LoadOptions, type StateDict, StateDictError } from "./state.ts";
export { type Summary, type SummaryRow, summary } from "./summary.ts";
