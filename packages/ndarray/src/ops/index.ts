/** Every op, by name. What is listed here is a function of the package and a method of NDArray. */

export * from "./activations.ts";
export { at, indexPut, put } from "./advanced.ts";
export { affine } from "./affine.ts";
export * from "./bitwise.ts";
export { assign, astype, compact, copy, fill, to } from "./cast.ts";
export { conv, conv1d, conv2d, convTranspose1d, convTranspose2d } from "./conv.ts";
export { softmaxCrossEntropy } from "./cross-entropy.ts";
export { diag, diagonal, trace, tril, triu, undiagonal } from "./diagonal.ts";
export * from "./elementwise.ts";
export * from "./functions.ts";
export {
  gather,
  indexAdd,
  indexSelect,
  oneHot,
  scatter,
  scatterAdd,
  take,
  takeAlongAxis,
  unslice,
} from "./indexing.ts";
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
export { maskedFill, maskedSelect, nonzero } from "./masks.ts";
export { matmul } from "./matmul.ts";
export { normalize } from "./normalize.ts";
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
export { all, any, argmax, argmin, max, mean, min, prod, sum } from "./reduce.ts";
export { repeat, roll, tile } from "./repeating.ts";
export * from "./rounding.ts";
export { cummax, cummin, cumprod, cumsum, diff, logcumsumexp, recurrence } from "./scan.ts";
export { bincount, searchsorted, unique } from "./sets.ts";
export { logSoftmax, logsumexp, softmax } from "./softmax.ts";
export { argsort, sort, topk } from "./sort.ts";
export {
  countNonzero,
  median,
  nanmean,
  nansum,
  norm,
  percentile,
  quantile,
  std,
  variance as var,
} from "./statistics.ts";
export {
  broadcastTo,
  expand,
  flatten,
  flip,
  moveaxis,
  permute,
  reshape,
  slice,
  squeeze,
  swapaxes,
  transpose,
  unsqueeze,
} from "./views.ts";
export { asStrided, fold, unfold } from "./windows.ts";
