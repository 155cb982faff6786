/** Every op, by name. What is listed here is a function of the package and a method of NDArray. */
export { assign, astype, compact, copy, fill, to } from "./cast.ts";
export * from "./elementwise.ts";
export { gather, oneHot, scatterAdd, take, unslice } from "./indexing.ts";
export { matmul } from "./matmul.ts";
export { all, any, argmax, argmin, max, mean, min, prod, sum } from "./reduce.ts";
export { logSoftmax, logsumexp, softmax } from "./softmax.ts";
export {
  broadcastTo,
  flatten,
  flip,
  permute,
  reshape,
  slice,
  squeeze,
  transpose,
  unsqueeze,
} from "./views.ts";
