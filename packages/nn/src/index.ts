/** Layers, losses and initial weights: models as plain objects. */
export {
  type InitOptions,
  kaimingNormal,
  kaimingUniform,
  xavierNormal,
  xavierUniform,
} from "./init.ts";
export { ReLU, Sigmoid, Tanh } from "./layers/activation.ts";
export {
  AttentionLayer,
  type AttentionLayerOptions,
  type AttentionMask,
  type CachedCall,
  KeyValueCache,
  MultiHeadAttention,
  MultiheadAttention,
  type MultiheadAttentionCall,
  type MultiheadAttentionOptions,
} from "./layers/attention.ts";
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
export { Dropout } from "./layers/dropout.ts";
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
  BatchNorm1d,
  type BatchNormOptions,
  LayerNorm1d,
  type NormOptions,
} from "./layers/norm.ts";
export {
  type CellOptions,
  detachState,
  type Hidden,
  Recurrent,
  RecurrentCell,
  type RecurrentOptions,
} from "./layers/recurrent.ts";
export { RNN, RNNCell, type RNNCellOptions, type RNNOptions } from "./layers/rnn.ts";
export {
  Transformer,
  TransformerLayer,
  type TransformerLayerOptions,
  type TransformerOptions,
} from "./layers/transformer.ts";
export * from "./losses.ts";
export { accuracy } from "./metrics.ts";
export {
  type ForwardHook,
  type ForwardPreHook,
  Module,
  type StateDict,
  StateDictError,
} from "./module.ts";
export { Buffer, Parameter } from "./parameter.ts";
