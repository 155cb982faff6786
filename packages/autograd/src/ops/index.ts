/**
 * Every op that takes a tensor first, by name. What is listed here is a function of the package and
 * a method of Tensor.
 */

export * from "./activations.ts";
export { at, indexPut, put } from "./advanced.ts";
export { affine } from "./affine.ts";
export { scaledDotProductAttention } from "./attention.ts";
export * from "./bitwise.ts";
export { groupNorm, instanceNorm, localResponseNorm, rmsNorm } from "./channel-norms.ts";
export { conv, conv1d, conv2d, convTranspose1d, convTranspose2d } from "./conv.ts";
export { softmaxCrossEntropy } from "./cross-entropy.ts";
export { diag, diagonal, trace, tril, triu, undiagonal } from "./diagonal.ts";
export { alphaDropout, dropout, dropout1d, dropout2d } from "./dropout.ts";
export * from "./elementwise.ts";
export { embedding } from "./embedding.ts";
export * from "./functions.ts";
export { glu, gumbelSoftmax, softmin } from "./gates.ts";
export {
  gather,
  indexAdd,
  indexSelect,
  oneHot,
  scatter,
  scatterAdd,
  take,
  takeAlongAxis,
} from "./indexing.ts";
export { interpolate, pixelShuffle, pixelUnshuffle } from "./interpolate.ts";
export { chunk, split, unstack } from "./joining.ts";
export {
  cholesky,
  det,
  inverse,
  matrixPower,
  qr,
  slogdet,
  solve,
  triangularSolve,
} from "./linalg.ts";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits } from "./losses-binary.ts";
export { crossEntropy, klDiv, nllLoss } from "./losses-classification.ts";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  hingeLoss,
  marginRankingLoss,
  multiMarginLoss,
  softMarginLoss,
  tripletMarginLoss,
} from "./losses-margin.ts";
export { multiLabelMarginLoss, multiLabelSoftMarginLoss } from "./losses-multilabel.ts";
export {
  gaussianNllLoss,
  huberLoss,
  l1Loss,
  mseLoss,
  poissonNllLoss,
  smoothL1Loss,
} from "./losses-regression.ts";
export { maskedFill, maskedSelect, nonzero } from "./masks.ts";
export { matmul } from "./matmul.ts";
export { normalize } from "./normalize.ts";
export { batchNorm, layerNorm } from "./norms.ts";
export { dilate, pad, undilate } from "./padding.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
} from "./pooling.ts";
export { cross, dot, inner, kron, outer, tensordot, vdot } from "./products.ts";
export { all, any, argmax, argmin, logsumexp, max, mean, min, sum } from "./reduce.ts";
export { repeat, roll, tile } from "./repeating.ts";
export * from "./rounding.ts";
export { cummax, cummin, cumprod, cumsum, diff, logcumsumexp, recurrence } from "./scan.ts";
export { bincount, searchsorted, unique } from "./sets.ts";
export { cosineSimilarity, normalizeVector, pairwiseDistance } from "./similarity.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { argsort, sort, topk } from "./sort.ts";
export {
  countNonzero,
  median,
  nanmean,
  nansum,
  norm,
  percentile,
  prod,
  quantile,
  std,
  variance as var,
} from "./statistics.ts";
export {
  astype,
  broadcastTo,
  clone,
  expand,
  flatten,
  flip,
  moveaxis,
  permute,
  reshape,
  slice,
  squeeze,
  swapaxes,
  to,
  transpose,
  unslice,
  unsqueeze,
} from "./views.ts";
export { fold, unfold } from "./windows.ts";
