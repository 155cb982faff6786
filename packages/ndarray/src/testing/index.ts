/**
 * Tools for testing what is built on arrays: comparisons, random arrays, a model to compare with,
 * and the suite every backend passes.
 */
import "../index.ts";

export {
  anyAxesOf,
  anyViews,
  axesOf,
  type Broadcast,
  broadcastable,
  indexExpressions,
  moderateValues,
  permutations,
  type ShapeLimits,
  shapes,
  type ViewOptions,
  values,
  views,
} from "./arbitraries.ts";
export { arrayOfView, modelOfArray } from "./arrays.ts";
export type { ConformanceCase } from "./cases/case.ts";
export { assertClose, assertSame, type Expected, type Sameness, type Tolerance } from "./close.ts";
export {
  conformanceCases,
  type Skip,
  type TestBackendOptions,
  type TestFunction,
  testBackend,
} from "./conformance.ts";
export {
  HostArray,
  type HostOperand,
  type HostView,
  hostBinary,
  hostCast,
  hostGather,
  hostLogSoftmax,
  hostLogsumexp,
  hostMatmul,
  hostReduce,
  hostScatterAdd,
  hostSoftmax,
  hostUnary,
  hostWhere,
  multiIndices,
} from "./host.ts";
export { type ArrayInput, makeInputs, type OpCall, type OpName, opCalls } from "./op-calls.ts";
export { callable, type Sweep, sweep } from "./sweep.ts";
export {
  complaint,
  type RecordedCall,
  recording,
  type WrongCall,
  wrongCalls,
} from "./wrong-arguments.ts";
