/** NumPy for TypeScript: strided arrays of any rank on exchangeable backends. */
import "./methods.ts";

export type { AdvancedIndex } from "./advanced-index.ts";
export * as args from "./args.ts";
export {
  type AdamStep,
  type Backend,
  type BinaryOp,
  type Buffer,
  binaryOps,
  type ConvWindow,
  type FormulaProgram,
  type Instruction,
  type Operand as KernelOperand,
  type OptionalKernels,
  type PoolWindow,
  type ReduceOp,
  type RequiredKernels,
  type ResultKind,
  type ScanOp,
  type SGDStep,
  type UnaryOp,
  unaryOps,
  type View,
} from "./backend.ts";
export { createLazyBackend } from "./backends/lazy.ts";
export { createReferenceBackend } from "./backends/reference/index.ts";
export { createShapeOnlyBackend } from "./backends/shape-only.ts";
export {
  type ArrayOptions,
  arange,
  array,
  arrayOptions,
  empty,
  eye,
  fromTypedArray,
  full,
  linspace,
  ones,
  onesLike,
  zeros,
  zerosLike,
} from "./create.ts";
export { defaultBackend, memory, resetPeakMemory, setDefaultBackend } from "./device.ts";
export {
  bytesPerElement,
  checkDType,
  type DType,
  dtypes,
  isFloat,
  promote,
  promoteNumber,
  type TypedArray,
  type TypedArrays,
  toFloat,
  typedArray,
} from "./dtype.ts";
export {
  ArgumentError,
  DeviceError,
  DTypeError,
  FormatError,
  IndexError,
  LinAlgError,
  MemoryError,
  NeedleError,
  ShapeError,
  show,
  showShape,
} from "./errors.ts";
export {
  formatArray,
  formatRepr,
  type Printable,
  type PrintOptions,
  type ReprOptions,
} from "./format.ts";
export {
  type Formula,
  formula,
  runFormula,
  type Term,
  uniformValue,
} from "./formula.ts";
export { type MemoryInfo, Storage } from "./memory.ts";
export type { ArrayMethods } from "./methods.ts";
export { isNDArray, NDArray, type NestedNumbers } from "./ndarray.ts";
export type { ArrayLike } from "./nested.ts";
export type { GeluOptions, SoftplusOptions } from "./ops/activations.ts";
export { checkIndices, expandMasks, type PutOptions, putOptions } from "./ops/advanced.ts";
export type { AffineOptions } from "./ops/affine.ts";
export { type Contractable, einsum, products, type TensordotAxes } from "./ops/contraction.ts";
export { type CourseConvOptions, courseConvOptions } from "./ops/conv.ts";
export { convolve, convolveInput, convolveWeight } from "./ops/convolve.ts";
export { softmaxCrossEntropyGradient } from "./ops/cross-entropy.ts";
export type { DiagonalAxes } from "./ops/diagonal.ts";
export type { ClosenessOptions, NanToNumOptions } from "./ops/functions.ts";
export * from "./ops/index.ts";
export { fromStart } from "./ops/indexing.ts";
export { concat, stack } from "./ops/joining.ts";
export {
  checkPower,
  expectMatrix,
  isVectorSide,
  powerOf,
  type QR,
  type SignedLogarithm,
  solveMatrices,
  type TriangularOptions,
} from "./ops/linalg.ts";
export {
  type Normalized,
  type NormalizeOptions,
  type NormalizeSaved,
  normalizeInputGradient,
  normalizeWeightGradient,
  normalizeWithMoments,
} from "./ops/normalize.ts";
export type { Binary, Operand, Unary } from "./ops/operands.ts";
export { geluOptions, softplusOptions } from "./ops/options.ts";
export { type PadMode, type PadOptions, padOptions, padPositions } from "./ops/padding.ts";
export { pooledMax, pooledSum, pooledSumInput } from "./ops/pool.ts";
export { maxPool2dWithIndices } from "./ops/pooling.ts";
export type { ReduceOptions, Reduction } from "./ops/reduce.ts";
export { type MeshgridOptions, meshgrid } from "./ops/repeating.ts";
export type { RoundOptions } from "./ops/rounding.ts";
export type { Located } from "./ops/scan.ts";
export {
  type BincountOptions,
  bincountLength,
  type SearchOptions,
  type Unique,
} from "./ops/sets.ts";
export type { SortOptions, TopkOptions } from "./ops/sort.ts";
export type { NormOptions, QuantileOptions, VarianceOptions } from "./ops/statistics.ts";
export { idle } from "./pressure.ts";
export { type ChoiceArrayOptions, categorical, choice } from "./random/array-choice.ts";
export type { ChoiceOptions } from "./random/choice.ts";
export {
  defaultGenerator,
  manualSeed,
  peekRandom,
  rewindable,
  setDefaultGenerator,
} from "./random/default-generator.ts";
export {
  bernoulli,
  beta,
  binomial,
  exponential,
  gamma,
  normal,
  poisson,
  truncatedNormal,
  uniform,
} from "./random/distributions.ts";
export {
  dropoutMask,
  permutation,
  type RandomOptions,
  rand,
  randb,
  randint,
  randn,
} from "./random/draws.ts";
export {
  type DrawOptions,
  type Generator,
  generatorKind,
  NumpyGenerator,
  Philox,
} from "./random/generator.ts";
export {
  NumpyRandom,
  type NumpySeed,
  type Shuffleable,
} from "./random/numpy-random.ts";
export type { Parameter } from "./random/parameters.ts";
export { philox4x32 } from "./random/philox.ts";
export type { Rewindable } from "./random/rewind.ts";
export type { Source } from "./random/samplers.ts";
export { heldArrays, type Scoped, type ScopeOptions, scope } from "./scope.ts";
export {
  type Axes,
  broadcastAxes,
  broadcastShapes,
  isRowMajor,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  rowMajorStrides,
  type Shape,
  sameShape,
  sizeOf,
} from "./shape.ts";
export * from "./shape-conv.ts";
export * from "./shape-images.ts";
export { checkStretches } from "./shape-layers.ts";
export {
  checkTimes,
  placeOfShare,
  type ReducedLast,
  reducedLast,
  type ShareMethod,
} from "./shape-order.ts";
export * from "./shape-pool.ts";
export {
  chunkBounds,
  type PadWidths,
  padWidths,
  splitBounds,
  type WindowOptions,
} from "./shape-windows.ts";
export type { Index } from "./slice.ts";
