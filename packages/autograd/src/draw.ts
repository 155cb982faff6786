/**
 * Tensors drawn from distributions: constants, through which no gradient reaches the parameters.
 * Parameters are numbers or tensors that broadcast to the shape, and are checked before anything is
 * drawn; the formulas stand with the functions of the same names in @needle/ndarray.
 */
import * as nd from "@needle/ndarray";
import { tensorKind } from "./op.ts";
import { isTensor, type Operand, Tensor } from "./tensor.ts";

type Draw<Rest extends readonly unknown[]> = (...args: Rest) => Tensor;
type Options = nd.RandomOptions;

const valueOf = (x: Operand): nd.Parameter => (isTensor(x) ? x.value : x);

/** Numbers uniform in [low, high). */
export const uniform: Draw<[low: Operand, high: Operand, shape?: nd.Shape, options?: Options]> = (
  low,
  high,
  shape,
  options,
) => new Tensor(nd.uniform(valueOf(low), valueOf(high), shape, options));

/** Normal numbers with the given mean and standard deviation. */
export const normal: Draw<[mean: Operand, std: Operand, shape?: nd.Shape, options?: Options]> = (
  mean,
  std,
  shape,
  options,
) => new Tensor(nd.normal(valueOf(mean), valueOf(std), shape, options));

/** Normal numbers of which those outside [low, high] (-2 and 2 unless given) are drawn again. */
export const truncatedNormal: Draw<
  [
    mean: Operand,
    std: Operand,
    shape?: nd.Shape,
    options?: Options & { readonly low?: number; readonly high?: number },
  ]
> = (mean, std, shape, options) =>
  new Tensor(nd.truncatedNormal(valueOf(mean), valueOf(std), shape, options));

/** True with probability `p`, as bool. */
export const bernoulli: Draw<[p: Operand, shape?: nd.Shape, options?: Options]> = (
  p,
  shape,
  options,
) => new Tensor(nd.bernoulli(valueOf(p), shape, options));

/** Exponential numbers with mean `scale`. */
export const exponential: Draw<[scale: Operand, shape?: nd.Shape, options?: Options]> = (
  scale,
  shape,
  options,
) => new Tensor(nd.exponential(valueOf(scale), shape, options));

/** Gamma numbers with mean `concentration * scale`. */
export const gamma: Draw<
  [concentration: Operand, scale: Operand, shape?: nd.Shape, options?: Options]
> = (concentration, scale, shape, options) =>
  new Tensor(nd.gamma(valueOf(concentration), valueOf(scale), shape, options));

/** Beta numbers, from 0 to 1, with mean `a / (a + b)`. */
export const beta: Draw<[a: Operand, b: Operand, shape?: nd.Shape, options?: Options]> = (
  a,
  b,
  shape,
  options,
) => new Tensor(nd.beta(valueOf(a), valueOf(b), shape, options));

/** Poisson counts with mean `rate`, int32. */
export const poisson: Draw<[rate: Operand, shape?: nd.Shape, options?: Options]> = (
  rate,
  shape,
  options,
) => new Tensor(nd.poisson(valueOf(rate), shape, options));

/** How many of `n` tries succeed, each with probability `p`, int32. */
export const binomial: Draw<[n: Operand, p: Operand, shape?: nd.Shape, options?: Options]> = (
  n,
  p,
  shape,
  options,
) => new Tensor(nd.binomial(valueOf(n), valueOf(p), shape, options));

/** Options of `choice`. */
export interface ChoiceTensorOptions extends nd.RandomOptions {
  /** Whether one can be drawn twice. Default true. */
  readonly replace?: boolean;
  /** The probability of each, which sum to 1. Default all alike. */
  readonly probabilities?: ArrayLike<number> | Tensor;
}

const choiceOptions: nd.args.Kinds<ChoiceTensorOptions> = {
  dtype: nd.arrayOptions.dtype,
  backend: nd.arrayOptions.backend,
  generator: nd.generatorKind,
  replace: nd.args.flag,
  // Looked at by the function of arrays.
  probabilities: nd.args.anything,
};

/** Choices among the slices of a tensor along axis 0, or among the numbers 0 to n - 1 (int32). */
export function choice(
  from: Operand,
  shape: number | nd.Shape = [],
  options: ChoiceTensorOptions = {},
): Tensor {
  const { probabilities, ...others } = nd.args.checkOptions("choice", options, choiceOptions);
  const p = isTensor(probabilities) ? probabilities.value : probabilities;
  return new Tensor(nd.choice(valueOf(from), shape, { ...others, probabilities: p }));
}

/** Whole numbers 0 to n - 1 in random order, int32. */
export function permutation(n: number, options: nd.RandomOptions = {}): Tensor {
  return new Tensor(nd.permutation(n, options));
}

const sources = { logits: tensorKind, probabilities: tensorKind };

/**
 * Classes drawn with the probabilities `softmax(logits)`, or those given, along the last axis: int32
 * of `shape` followed by the other axes.
 *
 * @example
 * import { categorical, tensor } from "@needle/autograd";
 * const policy = tensor([0, 1e4, 0], { requiresGrad: true });
 * const action = categorical({ logits: policy });
 * action; // => 1
 * policy.logSoftmax().gather(0, action.unsqueeze(0)).requiresGrad; // => true
 */
export function categorical(
  source: { readonly logits: Tensor } | { readonly probabilities: Tensor },
  shape: nd.Shape = [],
  options: nd.RandomOptions = {},
): Tensor {
  const given = nd.args.checkOptions("categorical", source, sources);
  const { logits, probabilities }: { logits?: Tensor; probabilities?: Tensor } = given;
  const values = { logits: logits?.value, probabilities: probabilities?.value };
  return new Tensor(nd.categorical(values as { readonly logits: nd.NDArray }, shape, options));
}
