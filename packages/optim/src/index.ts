/** Optimizers, each an `init` and an `update`, stepping any leaf tensors; schedules; clipping. */
export { Adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export {
  Adamax,
  type AdamRelativeOptions,
  NAdam,
  type NAdamOptions,
  RAdam,
} from "./adam-relatives.ts";
export { WeightAverage } from "./average.ts";
export { clipGradNorm, clipGradValue } from "./clip.ts";
export { LBFGS, type LBFGSOptions, type LBFGSState } from "./lbfgs.ts";
export { Lion, type LionOptions } from "./lion.ts";
export { Muon, type MuonOptions } from "./muon.ts";
export {
  type Group,
  type GroupOptions,
  Optimizer,
  type OptimizerState,
  type ParametersOrGroups,
} from "./optimizer.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export {
  type PlateauOptions,
  type PlateauState,
  ReduceOnPlateau,
  Scheduler,
} from "./scheduler.ts";
export {
  type CyclicOptions,
  chained,
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  linearWarmup,
  multiStep,
  type OneCycleOptions,
  oneCycle,
  polynomial,
  type Schedule,
  sequential,
  stepDecay,
} from "./schedules.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export type { OptimizerStateDict } from "./state.ts";
