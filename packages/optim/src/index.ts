/** Optimizers: each an `init` and an `update`, stepping any leaf tensors. */
export { Adam, type AdamOptions } from "./adam.ts";
export { Optimizer, type OptimizerState } from "./optimizer.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
