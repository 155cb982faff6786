/**
 * Every op that takes a tensor first, by name. What is listed here is a function of the package and
 * a method of Tensor.
 */
export * from "./elementwise.ts";
export { gather, oneHot, scatterAdd, take } from "./indexing.ts";
export { dot, matmul } from "./matmul.ts";
export { all, any, argmax, argmin, logsumexp, max, mean, min, sum } from "./reduce.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export {
  astype,
  broadcastTo,
  clone,
  flatten,
  flip,
  permute,
  reshape,
  slice,
  squeeze,
  to,
  transpose,
  unslice,
  unsqueeze,
} from "./views.ts";
