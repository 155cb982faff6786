/** Ways to make tensors. */
import * as nd from "@needle/ndarray";
import { isTensor, Tensor } from "./tensor.ts";

/** Where and as what a tensor is made, and whether it asks for gradients. */
export interface TensorOptions extends nd.ArrayOptions {
  /** Whether `backward` is to compute its gradient. Default false. */
  readonly requiresGrad?: boolean;
}

/** Options of tensors drawn at random. */
export interface RandomTensorOptions extends nd.RandomOptions {
  /** Whether `backward` is to compute its gradient. Default false. */
  readonly requiresGrad?: boolean;
}

/**
 * A tensor from nested arrays, a number, a typed array or an NDArray; the values are copied.
 * `new Tensor(ndarray)` takes one over without copying.
 *
 * @throws ShapeError when nested arrays are ragged.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[1, 2], [3, 4]]).matmul(tensor([1, 1])); // => [3. 7.]
 */
export function tensor(source: nd.ArrayLike | nd.NDArray, options: TensorOptions = {}): Tensor {
  return leaf(nd.array(source, checked("tensor", options)), options);
}

/** A tensor of zeros. */
export function zeros(shape: nd.Shape, options: TensorOptions = {}): Tensor {
  return leaf(nd.zeros(shape, checked("zeros", options)), options);
}

/** A tensor of ones. */
export function ones(shape: nd.Shape, options: TensorOptions = {}): Tensor {
  return leaf(nd.ones(shape, checked("ones", options)), options);
}

/** A tensor of `value` everywhere. */
export function full(shape: nd.Shape, value: number, options: TensorOptions = {}): Tensor {
  return leaf(nd.full(shape, value, checked("full", options)), options);
}

/**
 * The numbers from `start` (included) to `stop` (excluded), `step` apart; `arange(stop)` starts at
 * 0.
 */
export function arange(
  start: number,
  stop?: number,
  step?: number,
  options: TensorOptions = {},
): Tensor {
  return leaf(nd.arange(start, stop, step, checked("arange", options)), options);
}

/** The identity matrix. */
export function eye(rows: number, columns?: number, options: TensorOptions = {}): Tensor {
  return leaf(nd.eye(rows, columns, 0, checked("eye", options)), options);
}

/** Zeros of the shape, dtype and backend of `x`. */
export function zerosLike(x: Tensor): Tensor {
  checkTensor("zerosLike", x);
  return new Tensor(nd.zerosLike(x.value));
}

function checkTensor(op: string, x: unknown): void {
  if (isTensor(x)) return;
  throw new nd.ArgumentError(op, `takes a tensor, got ${nd.show(x)}`, "Make one with tensor(...).");
}

/** Ones of the shape, dtype and backend of `x`. */
export function onesLike(x: Tensor): Tensor {
  checkTensor("onesLike", x);
  return new Tensor(nd.onesLike(x.value));
}

/** Numbers uniform in [low, high), 0 and 1 unless given. */
export function rand(
  shape: nd.Shape,
  options: RandomTensorOptions & { readonly low?: number; readonly high?: number } = {},
): Tensor {
  const { number } = nd.args;
  const kinds = { ...randomKinds, low: number, high: number };
  const { requiresGrad, ...draw } = nd.args.checkOptions("rand", options, kinds);
  return leaf(nd.rand(shape, draw), { requiresGrad });
}

/** Normal numbers with the given mean and standard deviation, 0 and 1 unless given. */
export function randn(
  shape: nd.Shape,
  options: RandomTensorOptions & { readonly mean?: number; readonly std?: number } = {},
): Tensor {
  const { number } = nd.args;
  const kinds = { ...randomKinds, mean: number, std: number };
  const { requiresGrad, ...draw } = nd.args.checkOptions("randn", options, kinds);
  return leaf(nd.randn(shape, draw), { requiresGrad });
}

/** Whole numbers uniform from `low` (included) to `high` (excluded), int32. */
export function randint(
  low: number,
  high: number,
  shape: nd.Shape,
  options: nd.RandomOptions = {},
): Tensor {
  return new Tensor(nd.randint(low, high, shape, options));
}

const kinds: nd.args.Kinds<TensorOptions> = { ...nd.arrayOptions, requiresGrad: nd.args.flag };

const randomKinds: nd.args.Kinds<RandomTensorOptions> = { ...kinds, generator: nd.generatorKind };

/** What array functions take of options, which may be a tensor. */
function checked(op: string, options: TensorOptions): nd.ArrayOptions {
  if (!isTensor(options)) nd.args.checkOptions(op, options, kinds);
  return { dtype: options.dtype, backend: options.backend };
}

/**
 * Only `requiresGrad` is taken from the options, which may be a tensor: `zeros(x.shape, x)` has no
 * part in the graph of `x`.
 */
function leaf(value: nd.NDArray, { requiresGrad }: { readonly requiresGrad?: boolean }): Tensor {
  return new Tensor(value, { requiresGrad });
}
