/**
 * The interface between arrays and the machine. A backend runs kernels on strided views; everything
 * else in needle is composed from these. The required part is small, so that a new backend is
 * complete early; the optional part makes it fast.
 *
 * Rules for every kernel: the output comes first and is overwritten; shapes are already checked and
 * equal after broadcasting (a stretched axis has stride 0, a reversed one a negative stride); an
 * output never overlaps an input unless it is the same view; inputs of one call have the same dtype
 * unless said otherwise; nothing allocated outlives the call.
 */
import type { Kind } from "./args.ts";
import type { DType, TypedArray } from "./dtype.ts";

/** What an op on one dtype gives: the same dtype, a float (integers become float32), or bool. */
export type ResultKind = "same" | "float" | "bool";

/** Elementwise kernels of one input, and the dtype each gives. */
export const unaryOps = {
  neg: "same",
  abs: "same",
  sign: "same",
  square: "same",
  relu: "same",
  floor: "same",
  ceil: "same",
  round: "same",
  trunc: "same",
  exp: "float",
  exp2: "float",
  expm1: "float",
  log: "float",
  log2: "float",
  log10: "float",
  log1p: "float",
  sqrt: "float",
  rsqrt: "float",
  reciprocal: "float",
  sin: "float",
  cos: "float",
  tan: "float",
  asin: "float",
  acos: "float",
  atan: "float",
  sinh: "float",
  cosh: "float",
  tanh: "float",
  asinh: "float",
  acosh: "float",
  atanh: "float",
  erf: "float",
  erfc: "float",
  sigmoid: "float",
  logSigmoid: "float",
  silu: "float",
  gelu: "float",
  isNaN: "bool",
  isFinite: "bool",
  isInf: "bool",
  logicalNot: "bool",
} as const;

/** Elementwise kernels of two inputs, and the dtype each gives. */
export const binaryOps = {
  add: "same",
  sub: "same",
  mul: "same",
  div: "float",
  pow: "same",
  fmod: "same",
  remainder: "same",
  floorDivide: "same",
  atan2: "float",
  hypot: "float",
  copysign: "float",
  logaddexp: "float",
  maximum: "same",
  minimum: "same",
  eq: "bool",
  ne: "bool",
  lt: "bool",
  le: "bool",
  gt: "bool",
  ge: "bool",
  logicalAnd: "bool",
  logicalOr: "bool",
  logicalXor: "bool",
  bitwiseAnd: "same",
  bitwiseOr: "same",
  bitwiseXor: "same",
  leftShift: "same",
  rightShift: "same",
} as const;

/** Names of the one-input kernels. */
export type UnaryOp = keyof typeof unaryOps;

/** Names of the two-input kernels. */
export type BinaryOp = keyof typeof binaryOps;

/**
 * Names of the reductions. `argmax` and `argmin` give int32 positions, counted row-major over the
 * reduced axes.
 */
export type ReduceOp = "sum" | "prod" | "max" | "min" | "argmax" | "argmin";

/**
 * Names of the scans: what a reduction gives for each leading part of an axis. `argmax` and `argmin`
 * give the int32 position of the last largest or smallest element so far (of the last NaN, once
 * there is one).
 */
export type ScanOp = "sum" | "prod" | "logsumexp" | "argmax" | "argmin";

/** A block of memory of one dtype, made by `alloc`. Only its backend knows what it is. */
export type Buffer = unknown;

/**
 * Part of a buffer seen as an array: element `[i, j, …]` is at
 * `offset + i * strides[0] + j * strides[1] + …`.
 */
export interface View {
  readonly buffer: Buffer;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** In elements; 0 along a stretched axis, negative along a reversed one. */
  readonly strides: readonly number[];
  readonly offset: number;
}

/**
 * An input that may be a single number standing for every element, as the dtype of the other input
 * (of `where`, the output) holds it.
 */
export type Operand = View | number;

/** What a backend must implement. */
export interface RequiredKernels {
  /** Shown in error messages and printed arrays, e.g. `reference`. */
  readonly name: string;

  /** Memory for `size` elements, contents undefined. */
  alloc(dtype: DType, size: number): Buffer;
  /** Gives the memory back. The buffer is not used again. */
  free(buffer: Buffer): void;
  /** Copies host values into a buffer of the same dtype and size. */
  upload(buffer: Buffer, dtype: DType, data: TypedArray): void;
  /** The elements of a view in row-major order, as a fresh host array. */
  read(x: View): Promise<TypedArray>;

  fill(out: View, value: number): void;
  /**
   * Copies element by element and converts the dtype: towards zero to integers, keeping the low bits
   * (0 for NaN and infinities), and non-zero to true.
   */
  copy(out: View, x: View): void;
  unary(op: UnaryOp, out: View, x: View): void;
  binary(op: BinaryOp, out: View, a: Operand, b: Operand): void;
  /** `condition` is bool. */
  where(out: View, condition: View, a: Operand, b: Operand): void;
  /**
   * `out` has the rank of `x`, with size 1 along `axes`. `max` and `min` give NaN if any element
   * is.
   */
  reduce(op: ReduceOp, out: View, x: View, axes: readonly number[]): void;
  /** `out[i] = op(x[0], …, x[i])` for axis 0. `logsumexp` takes floats. */
  scan(op: ScanOp, out: View, x: View, axis: number): void;
  /** `out[i] = a[i] * out[i - 1] + b[i]` for axis 0, from 0; floats. */
  recurrence(out: View, a: View, b: View, axis: number): void;
  /**
   * The int32 positions that put `x` in order along an axis; equal elements keep theirs. NaN counts
   * as larger than any number.
   */
  argsort(out: View, x: View, axis: number, descending: boolean): void;
  /** `[…, m, k] x […, k, n] -> […, m, n]`, batch axes equal. */
  matmul(out: View, a: View, b: View): void;
  /**
   * `out[i][j] = x[index[i][j]][j]` for axis 0. `index` is int32; outside, also negative, throws
   * IndexError.
   */
  gather(out: View, x: View, index: View, axis: number): void;
  /**
   * `out[index[i][j]][j] = x[i][j]` for axis 0; of repeated positions the last in row-major order
   * counts.
   */
  scatter(out: View, index: View, x: View, axis: number): void;
  /** `out[index[i][j]][j] += x[i][j]` for axis 0, repeated positions adding up. */
  scatterAdd(out: View, index: View, x: View, axis: number): void;
  /**
   * P A = L U of the matrices of the last two axes, float32 or float64, with the largest pivot of
   * each column: both triangles in `out`, the ones on the diagonal of L left out, and in `order`,
   * int32 without the last axis, which row of A each row is. Of a singular matrix U has zeros on
   * its diagonal.
   */
  lu(out: View, order: View, x: View): void;
  /**
   * `T out = b`, T a triangle of the matrices of `a`, batch axes equal. `unit`: with ones on its
   * diagonal, which is not read. Throws LinAlgError for a 0 there.
   */
  triangularSolve(out: View, a: View, b: View, upper: boolean, unit: boolean): void;
  /** The lower triangle whose square is `x`, of which the lower is read. Throws LinAlgError. */
  cholesky(out: View, x: View): void;
  /** `q r = x`, `[…, m, k]` and `[…, k, n]` with k the smaller of m and n, with LAPACK's signs. */
  qr(q: View, r: View, x: View): void;
  /**
   * Words `offset, offset + 1, …` of the Philox-4x32-10 stream of `key`, in row-major order: int32
   * takes the bits, float32 one word and float64 two words an element as uniform numbers in [0, 1).
   */
  randomBits(out: View, key: readonly [number, number], offset: number): void;
}

/** One step of SGD; the formula stands with `SGD` in @needle/optim. */
export interface SGDStep {
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/** One step of Adam; the formula stands with `Adam` in @needle/optim. */
export interface AdamStep {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Take `lr * weightDecay` of the parameter off itself, instead of adding to its gradient. */
  readonly decoupled: boolean;
  /** Steps taken, this one included. */
  readonly steps: number;
}

/** One operation of a formula. `a` and `b` are registers. */
export type Instruction =
  | { readonly op: "number"; readonly value: number }
  | { readonly op: "neg" | "abs" | "sign" | "sqrt"; readonly a: number; readonly b?: undefined }
  | {
      readonly op: "add" | "sub" | "mul" | "div" | "maximum" | "minimum";
      readonly a: number;
      readonly b: number;
    };

/**
 * A formula over arrays of one shape, element by element. Registers are numbered: first the arrays,
 * then the numbers that are given with each call, then the results of the instructions. An
 * instruction whose operands are numbers alone is computed in double precision.
 */
export interface FormulaProgram {
  readonly arrays: number;
  readonly numbers: number;
  readonly instructions: readonly Instruction[];
  /** Which arrays get which register's values, once all have been read. */
  readonly outputs: readonly (readonly [array: number, register: number])[];
}

/**
 * How a window moves over the rows and columns of an image; what lies beyond the image counts as
 * zero. `[rows, columns]` each.
 */
export interface Window {
  /** From one window to the next. */
  readonly stride: readonly [number, number];
  /** How far the first window reaches out above and to the left of the image. */
  readonly padding: readonly [number, number];
  /** From one element of the window to the next. */
  readonly dilation: readonly [number, number];
}

/**
 * The window of a convolution. Channels are cut into `groups`: each part of the output's sees one
 * part of the input's.
 */
export interface ConvWindow extends Window {
  readonly groups: number;
}

/** The window of a pool, of `kernel` rows and columns. */
export interface PoolWindow extends Window {
  readonly kernel: readonly [number, number];
}

/**
 * What a backend may implement besides. Each has a composition beside its op (`ops/softmax.ts`)
 * that gives the same values.
 */
export interface OptionalKernels {
  /** `read` without waiting, where the memory is at hand. */
  readSync?(x: View): TypedArray;
  softmax?(out: View, x: View, axis: number): void;
  logSoftmax?(out: View, x: View, axis: number): void;
  /** `out` has the rank of `x`, with size 1 along `axes`. */
  logsumexp?(out: View, x: View, axes: readonly number[]): void;
  /**
   * Convolutions, for floats: three contractions of one trilinear form, of images
   * `x [n, h, w, c]`, a weight `[kh, kw, c / groups, o]` and `y [n, oh, ow, o]`, in any strides
   * (with other strides `x` may lie channels first). This one gives `y` from the other two:
   * `y[n, p, q, o] = sum x[n, p s + i d - top, q s + j d - left, c] weight[i, j, c, o]`.
   */
  conv2d?(out: View, x: View, weight: View, window: ConvWindow): void;
  /** Gives `x` from `y` and the weight: the adjoint with respect to the images. */
  conv2dInput?(out: View, y: View, weight: View, window: ConvWindow): void;
  /** Gives the weight from `x` and `y`: the adjoint with respect to the weight. */
  conv2dWeight?(out: View, x: View, y: View, window: ConvWindow): void;
  /**
   * The largest element of each window of `x [n, h, w, c]`, and into `index` (int32) its position
   * `row * w + column` in the image: the first of equal ones, the last NaN if there are any. Every
   * window has an element inside the image.
   */
  maxPool2d?(out: View, index: View, x: View, window: PoolWindow): void;
  /** The sum of each window of `x [n, h, w, c]`. */
  sumPool2d?(out: View, x: View, window: PoolWindow): void;
  /** The adjoint of `sumPool2d`: each pixel gets the sum of the windows it lies in. */
  sumPool2dInput?(out: View, y: View, window: PoolWindow): void;
  /**
   * `matmul` plus `bias`, which is a view stretched to the shape of `out`, and `relu` of that if
   * asked for. One pair of matrices.
   */
  matmulBias?(out: View, a: View, b: View, bias: View, activation: "none" | "relu"): void;
  /**
   * These five may decline a call (an odd layout, a dtype) by giving false: the op then composes it.
   * Writes the mean and the biased variance over `axes` (rank of `x`, size 1 along them) and
   * `(x - mean) / sqrt(variance + eps) * weight + bias`. Weight and bias are stretched over `x`.
   */
  normalize?(
    out: View,
    mean: View,
    variance: View,
    x: View,
    axes: readonly number[],
    weight: View | null,
    bias: View | null,
    eps: number,
  ): boolean;
  /** The adjoint of `x` in `normalize`, from `g`, that of `out`. */
  normalizeInputGradient?(
    out: View,
    g: View,
    x: View,
    mean: View,
    variance: View,
    axes: readonly number[],
    weight: View | null,
    eps: number,
  ): boolean;
  /** `g (x - mean) / sqrt(variance + eps)`, summed over `axes`, along which `out` has size 1. */
  normalizeWeightGradient?(
    out: View,
    g: View,
    x: View,
    mean: View,
    variance: View,
    axes: readonly number[],
    eps: number,
  ): boolean;
  /**
   * `log(sum(exp(x))) - x[label]` for each row of the last axis; `labels` are int32. Declines where
   * one is outside.
   */
  crossEntropy?(losses: View, x: View, labels: View): boolean;
  /** `g (softmax(x) - 1[label])`, with a `g` for each row. */
  crossEntropyGradient?(out: View, g: View, x: View, labels: View): boolean;
  /**
   * 1 / (1 - p) where the word's float32 of `randomBits` (element i has word `offset + i`, also in
   * float64) is at most 1 - p rounded to float32, and 0 elsewhere; p is below 1.
   */
  dropoutMask?(out: View, p: number, key: readonly [number, number], offset: number): void;
  /** Writes new values into `value` and `velocity`, which is null without momentum. */
  sgdStep?(value: View, gradient: View, velocity: View | null, step: SGDStep): void;
  /** Writes new values into `value`, `mean` and `square`. */
  adamStep?(value: View, gradient: View, mean: View, square: View, step: AdamStep): void;
  /** A formula (`formula.ts`) on arrays of one shape and float dtype, none stretched. */
  formula?(program: FormulaProgram, arrays: readonly View[], numbers: readonly number[]): void;
}

/** A backend: the required kernels and any of the optional ones. */
export interface Backend extends RequiredKernels, OptionalKernels {}

/** A backend, as options hold it. */
export const backendKind: Kind = {
  expected: "a backend",
  holds: (value) =>
    typeof value === "object" && value !== null && "alloc" in value && "copy" in value,
};
