/**
 * Initial values of weights. The functions take the numbers of inputs and outputs of a layer (the
 * fans) and give a `[fanIn, fanOut]` tensor, or one of `shape`. They draw from the default
 * generator.
 */
import { eye as eyeMatrix, rand, randn, stack, Tensor, zeros } from "@needle/autograd";
import {
  ArgumentError,
  args,
  type DrawOptions,
  permutation,
  type Shape,
  scope,
  showShape,
  sizeOf,
} from "@needle/ndarray";
import { placement, placementKinds } from "./placement.ts";

/** What an initializer makes, and for which nonlinearity. */
export interface InitOptions extends DrawOptions {
  /** Default `[fanIn, fanOut]`. */
  readonly shape?: Shape;
  /** Multiplies the bound or the standard deviation; the default follows from the initializer. */
  readonly gain?: number;
}

/** A shape, as options hold it. */
const shapeKind = args.arrayOf(args.whole(0));

const initKinds: args.Kinds<InitOptions> = {
  ...placementKinds,
  shape: shapeKind,
  gain: args.number,
};

/** Options of Kaiming's initializers. */
export interface KaimingOptions extends InitOptions {
  /** Whether signals keep their size forwards or gradients backwards. Default `"fanIn"`. */
  readonly mode?: "fanIn" | "fanOut";
  /** What the layer is followed by, which sets the gain. Default `"relu"`. */
  readonly nonlinearity?: Nonlinear;
}

/** Functions that `gainOf` knows. */
export type Nonlinear = "linear" | "conv" | "sigmoid" | "tanh" | "relu" | "selu" | "leakyRelu";

const gains: Record<Nonlinear, (slope: number) => number> = {
  linear: () => 1,
  conv: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  selu: () => 3 / 4,
  leakyRelu: (slope) => Math.sqrt(2 / (1 + slope ** 2)),
};

const kaimingKinds: args.Kinds<KaimingOptions> = {
  ...initKinds,
  mode: args.oneOf("fanIn", "fanOut"),
  nonlinearity: args.oneOf(...Object.keys(gains)),
};

function checkFans(
  op: string,
  fans: { readonly fanIn: number; readonly fanOut: number },
  options: InitOptions,
  kinds: args.Kinds<InitOptions> = initKinds,
): void {
  args.checkEach(op, fans, args.whole(0));
  args.checkOptions(op, options, kinds);
}

/**
 * Uniform within `gain * sqrt(6 / (fanIn + fanOut))` of 0; gain 1.
 *
 * Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks
 * (2010).
 */
export function xavierUniform(fanIn: number, fanOut: number, options: InitOptions = {}): Tensor {
  checkFans("xavierUniform", { fanIn, fanOut }, options);
  const { gain = 1 } = options;
  return uniform(
    gain * Math.sqrt(6 / checkFan("xavierUniform", fanIn + fanOut)),
    fanIn,
    fanOut,
    options,
  );
}

/**
 * Normal with standard deviation `gain * sqrt(2 / (fanIn + fanOut))`; gain 1. Glorot and Bengio
 * (2010).
 */
export function xavierNormal(fanIn: number, fanOut: number, options: InitOptions = {}): Tensor {
  checkFans("xavierNormal", { fanIn, fanOut }, options);
  const { gain = 1, shape = [fanIn, fanOut] } = options;
  const std = gain * Math.sqrt(2 / checkFan("xavierNormal", fanIn + fanOut));
  return randn(shape, { ...placement(options), std });
}

/**
 * Uniform within `gain * sqrt(3 / fanIn)` of 0; gain `sqrt(2)`, that of ReLU.
 *
 * He et al., Delving deep into rectifiers (2015).
 *
 * @example
 * import { kaimingUniform } from "@needle/nn";
 * const w = kaimingUniform(6, 4);
 * w.shape; // => [6,4]
 * w.abs().max().item() <= 1; // => true
 */
export function kaimingUniform(
  fanIn: number,
  fanOut: number,
  options: KaimingOptions = {},
): Tensor {
  const bound = Math.sqrt(3) * kaimingStd("kaimingUniform", fanIn, fanOut, options);
  return uniform(bound, fanIn, fanOut, options);
}

function kaimingStd(op: string, fanIn: number, fanOut: number, options: KaimingOptions): number {
  checkFans(op, { fanIn, fanOut }, options, kaimingKinds as typeof initKinds);
  const { mode = "fanIn", nonlinearity = "relu", gain = gainOf(nonlinearity) } = options;
  return gain / Math.sqrt(checkFan(op, mode === "fanIn" ? fanIn : fanOut));
}

/**
 * Normal with standard deviation `gain / sqrt(fanIn)`; gain `sqrt(2)`, that of ReLU. He et al.
 * (2015).
 */
export function kaimingNormal(fanIn: number, fanOut: number, options: KaimingOptions = {}): Tensor {
  const std = kaimingStd("kaimingNormal", fanIn, fanOut, options);
  const { shape = [fanIn, fanOut] } = options;
  return randn(shape, { ...placement(options), std });
}

/**
 * The factor by which a nonlinearity asks weights to be scaled, so that the size of signals stays:
 * 1 for linear functions and sigmoid, 5/3 for tanh, `sqrt(2)` for ReLU, 3/4 for SELU and
 * `sqrt(2 / (1 + slope^2))` for leaky ReLU.
 *
 * @example
 * import { gainOf, kaimingNormal } from "@needle/nn";
 * gainOf("leakyRelu", 1); // => 1
 * kaimingNormal(100, 10, { gain: gainOf("tanh") }).shape; // => [100,10]
 */
export function gainOf(nonlinearity: Nonlinear, slope = 0.01): number {
  args.check("gainOf", "nonlinearity", nonlinearity, kaimingKinds.nonlinearity);
  args.check("gainOf", "slope", slope, args.number);
  return gains[nonlinearity](slope);
}

/**
 * Rows or columns, whichever are fewer, that are orthogonal to each other and of length `gain`; a
 * shape of more than two axes counts as a matrix with the last axis as its columns.
 *
 * Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
 * linear neural networks (2014).
 *
 * @throws ArgumentError for fewer than two axes.
 *
 * @example
 * import { orthogonal } from "@needle/nn";
 * const w = orthogonal([3, 2], { dtype: "float64" });
 * w.transpose().matmul(w).round().abs(); // => [[1. 0.]
 *    //     [0. 1.]]
 */
export function orthogonal(
  shape: Shape,
  options: DrawOptions & { readonly gain?: number } = {},
): Tensor {
  args.check("orthogonal", "the shape", shape, shapeKind);
  args.checkOptions("orthogonal", options, { ...placementKinds, gain: args.number });
  if (shape.length < 2) {
    const problem = `a matrix has two axes or more, got ${showShape(shape)}`;
    throw new ArgumentError("orthogonal", problem);
  }
  const columns = shape.at(-1)!;
  const rows = sizeOf(shape.slice(0, -1));
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
  return scope(() => {
    let basis: Tensor = randn([long, short], placement(options));
    // Gram and Schmidt twice, column by column: the second time removes what rounding left.
    for (let pass = 0; pass < 2; pass++) basis = orthonormalized(basis);
    const matrix = rows >= columns ? basis : basis.transpose();
    return matrix.mul(options.gain ?? 1).reshape(shape);
  });
}

function orthonormalized(matrix: Tensor): Tensor {
  const done: Tensor[] = [];
  for (let j = 0; j < matrix.shape[1]!; j++) {
    let column = matrix.slice(":", j);
    for (const other of done) column = column.sub(other.mul(other.mul(column).sum()));
    done.push(column.div(column.square().sum().sqrt()));
  }
  return done.length === 0 ? matrix : stack(done, 1);
}

/**
 * Normal with standard deviation `std`, with a share of each column, `sparsity`, set to 0:
 * `[rows, columns]`.
 *
 * Martens, Deep learning via Hessian-free optimization (2010).
 *
 * @throws ArgumentError unless there are two axes and the share is from 0 to 1.
 *
 * @example
 * import { sparse } from "@needle/nn";
 * sparse([10, 3], 0.8).ne(0).sum(0); // => [2 2 2]
 */
export function sparse(
  shape: Shape,
  sparsity: number,
  options: DrawOptions & { readonly std?: number } = {},
): Tensor {
  args.check("sparse", "the shape", shape, shapeKind);
  args.check("sparse", "sparsity", sparsity, args.between(0, 1));
  args.checkOptions("sparse", options, { ...placementKinds, std: args.atLeast(0) });
  const [rows, columns] = shape as readonly [number, number];
  if (shape.length !== 2) {
    throw new ArgumentError("sparse", `a matrix has two axes, got ${showShape(shape)}`);
  }
  const { std = 0.01 } = options;
  return scope(() => {
    const values = randn(shape, { ...placement(options), std });
    const zeroed = Math.ceil(sparsity * rows);
    const draw = { backend: options.backend };
    const ranks = Array.from({ length: columns }, () => new Tensor(permutation(rows, draw)));
    return columns === 0 ? values : values.mul(stack(ranks, 1).ge(zeroed).astype(values.dtype));
  });
}

/**
 * The identity as a weight: ones where input and output have the same number, `[in, out]`.
 *
 * @example
 * import { identity } from "@needle/nn";
 * identity(2, 3); // => [[1. 0. 0.]
 *    //     [0. 1. 0.]]
 */
export function identity(fanIn: number, fanOut: number, options: DrawOptions = {}): Tensor {
  args.checkEach("identity", { fanIn, fanOut }, args.whole(0));
  const where = args.checkOptions("identity", options, placementKinds);
  return fanIn * fanOut === 0 ? zeros([fanIn, fanOut], where) : eyeMatrix(fanIn, fanOut, where);
}

function uniform(bound: number, fanIn: number, fanOut: number, options: InitOptions): Tensor {
  const { shape = [fanIn, fanOut] } = options;
  return rand(shape, { ...placement(options), low: -bound, high: bound });
}

function checkFan(op: string, fan: number): number {
  if (fan > 0) return fan;
  throw new ArgumentError(op, `fans must be at least 1, got ${fan}`);
}
