/**
 * Arrays drawn from distributions. Parameters are numbers, or arrays that broadcast to the shape;
 * arrays are read and checked on the host before anything is drawn. Philox streams give the same
 * numbers on every backend; NumPy's legacy stream gives those of `numpy.random`.
 */
import { anything, checkOptions, flag, type Kinds, number } from "../args.ts";
import { fromTypedArray } from "../create.ts";
import type { DType } from "../dtype.ts";
import { ArgumentError, ShapeError, show } from "../errors.ts";
import { isNDArray, type NDArray } from "../ndarray.ts";
import { astype } from "../ops/cast.ts";
import { checkArray } from "../ops/common.ts";
import { add, log, lt, mul, neg, sub } from "../ops/elementwise.ts";
import { take } from "../ops/indexing.ts";
import { argmax, sum } from "../ops/reduce.ts";
import { broadcastTo } from "../ops/views.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, checkShape, type Shape, sameShape, sizeOf } from "../shape.ts";
import { defaultGenerator } from "./default-generator.ts";
import { type RandomOptions, randomOptions, settledOptions } from "./draws.ts";
import {
  betaFrom,
  binomialFrom,
  gammaFrom,
  poissonFrom,
  type Source,
  truncatedNormalFrom,
} from "./samplers.ts";

/** A parameter of a distribution: one number for all elements, or one for each. */
export type Parameter = number | NDArray;

/** What a parameter must be. */
interface Rule {
  readonly holds: (value: number) => boolean;
  readonly words: string;
}

const finite: Rule = { holds: Number.isFinite, words: "finite" };
const atLeast0: Rule = { holds: (x) => x >= 0 && x < Infinity, words: "finite and at least 0" };
const above0: Rule = { holds: (x) => x > 0 && x < Infinity, words: "finite and above 0" };
const probability: Rule = { holds: (x) => x >= 0 && x <= 1, words: "from 0 to 1" };
const count: Rule = {
  holds: (x) => Number.isInteger(x) && x >= 0 && x < 2 ** 31,
  words: "a whole number from 0 to 2^31 - 1",
};
// Ten deviations below what int32 holds.
const rateOfInt32: Rule = { holds: (x) => x >= 0 && x <= 2147e6, words: "from 0 to 2.147e9" };

type Checked = Readonly<Record<string, readonly [value: Parameter, rule: Rule]>>;

/** The shape to draw, and each parameter as a function of the position in row-major order. */
interface Plan {
  readonly shape: Shape;
  readonly at: readonly ((i: number) => number)[];
}

function plan<Options extends RandomOptions>(
  op: string,
  shape: Shape | undefined,
  parameters: Checked,
  options: Options,
  kinds: Kinds<Options>,
): Plan {
  checkOptions(op, options, kinds);
  const values = Object.values(parameters).map(([value]) => value);
  const shapes = values.map((value) => (isNDArray(value) ? value.shape : []));
  const joint = broadcastShapes(op, ...shapes);
  const full = shape ?? joint;
  checkShape(op, full);
  if (!sameShape(broadcastShapes(op, joint, full), full)) {
    throw new ShapeError(op, `parameters of [${joint}] do not broadcast to [${full}]`);
  }
  const at = Object.entries(parameters).map(([name, [value, rule]]) => {
    const check = (x: number): void => {
      if (typeof x === "number" && rule.holds(x)) return;
      throw new ArgumentError(op, `${name} must be ${rule.words}, got ${show(x)}`);
    };
    if (!isNDArray(value)) {
      check(value);
      return () => value;
    }
    value.toTypedArray().forEach(check);
    const read = scope(() => broadcastTo(value, full).toTypedArray());
    return (i: number) => read[i]!;
  });
  return { shape: full, at };
}

/** Draws each element for itself. */
function drawn(
  { shape, at }: Plan,
  options: RandomOptions,
  dtype: DType,
  draw: (source: Source, ...parameters: number[]) => number,
): NDArray {
  const generator = options.generator ?? defaultGenerator();
  const values = generator.sample(sizeOf(shape), (source, i) =>
    draw(source, ...at.map((parameter) => parameter(i))),
  );
  return fromTypedArray<DType>(values, shape, { dtype, backend: options.backend });
}

const floatOf = ({ dtype = "float32" }: RandomOptions): DType => dtype;

/** The backend asked for, or that of the first parameter that is an array. */
function placed(options: RandomOptions, ...parameters: readonly Parameter[]): RandomOptions {
  return { ...options, backend: options.backend ?? parameters.find(isNDArray)?.backend };
}

/**
 * Numbers uniform in [low, high); `rand` with its bounds first. The shape is that of the parameters
 * unless given.
 *
 * @throws ArgumentError for bounds that are not finite.
 *
 * @example
 * import { NumpyGenerator, uniform } from "@needle/ndarray";
 * uniform(-1, 1, [2], { generator: new NumpyGenerator(0) }); // => [0.09762704 0.43037868]
 */
export function uniform(
  low: Parameter,
  high: Parameter,
  shape?: Shape,
  options: RandomOptions = {},
): NDArray {
  const bounds: Checked = { low: [low, finite], high: [high, finite] };
  const { shape: full } = plan("uniform", shape, bounds, options, randomOptions);
  const generator = options.generator ?? defaultGenerator();
  return scope(() => {
    const unit = generator.uniform(full, placed(options, low, high));
    const range = typeof low === "number" && typeof high === "number" ? high - low : sub(high, low);
    return astype(add(mul(unit, range), low), floatOf(options));
  });
}

/**
 * Normal numbers with the given mean and standard deviation; `randn` with its parameters first.
 *
 * @throws ArgumentError for a negative deviation.
 *
 * @example
 * import { array, NumpyGenerator, normal } from "@needle/ndarray";
 * normal(array([0, 100]), 1, [2], { generator: new NumpyGenerator(0) }); // => [  1.7640524 100.400154 ]
 */
export function normal(
  mean: Parameter,
  std: Parameter,
  shape?: Shape,
  options: RandomOptions = {},
): NDArray {
  const moments: Checked = { mean: [mean, finite], std: [std, atLeast0] };
  const { shape: full } = plan("normal", shape, moments, options, randomOptions);
  const generator = options.generator ?? defaultGenerator();
  return scope(() => {
    const unit = generator.normal(full, placed(options, mean, std));
    return astype(add(mul(unit, std), mean), floatOf(options));
  });
}

/**
 * Normal numbers of which those outside [low, high] are drawn again; -2 and 2 unless given, in the
 * units of the numbers, not in deviations.
 *
 * @throws ArgumentError unless `std` is above 0 and `low` below `high`.
 *
 * @example
 * import { truncatedNormal } from "@needle/ndarray";
 * truncatedNormal(0, 1, [1000]).abs().max().item() <= 2; // => true
 */
export function truncatedNormal(
  mean: Parameter,
  std: Parameter,
  shape?: Shape,
  options: RandomOptions & { readonly low?: number; readonly high?: number } = {},
): NDArray {
  const moments: Checked = { mean: [mean, finite], std: [std, above0] };
  const kinds = { ...randomOptions, low: number, high: number };
  const plans = plan("truncatedNormal", shape, moments, options, kinds);
  const { low = -2, high = 2 } = options;
  if (!(low < high)) {
    throw new ArgumentError("truncatedNormal", `low must be below high, got ${low} and ${high}`);
  }
  return drawn(plans, placed(options, mean, std), floatOf(options), (source, m, s) => {
    const z = truncatedNormalFrom(source, (low - m!) / s!, (high - m!) / s!);
    return Math.min(high, Math.max(low, m! + s! * z));
  });
}

/**
 * True with probability `p`, as bool: where a uniform number is below `p`.
 *
 * @throws ArgumentError for a probability outside [0, 1].
 *
 * @example
 * import { array, bernoulli } from "@needle/ndarray";
 * bernoulli(array([0, 1, 1])); // => [False  True  True]
 */
export function bernoulli(p: Parameter, shape?: Shape, options: RandomOptions = {}): NDArray {
  const { shape: full } = plan(
    "bernoulli",
    shape,
    { p: [p, probability] },
    options,
    settledOptions,
  );
  const generator = options.generator ?? defaultGenerator();
  return scope(() => lt(generator.uniform(full, { ...placed(options, p), dtype: "float64" }), p));
}

/**
 * Exponential numbers with mean `scale`, which is 1 divided by their rate.
 *
 * @throws ArgumentError for a negative scale.
 *
 * @example
 * import { exponential, NumpyGenerator } from "@needle/ndarray";
 * exponential(2, [2], { generator: new NumpyGenerator(0) }); // => [1.5917491 2.5118616]
 */
export function exponential(scale: Parameter, shape?: Shape, options: RandomOptions = {}): NDArray {
  const { shape: full } = plan(
    "exponential",
    shape,
    { scale: [scale, atLeast0] },
    options,
    randomOptions,
  );
  const generator = options.generator ?? defaultGenerator();
  return scope(() => {
    const unit = generator.uniform(full, { ...placed(options, scale), dtype: "float64" });
    return astype(mul(neg(log(sub(1, unit))), scale), floatOf(options));
  });
}

/**
 * Gamma numbers with mean `concentration * scale`.
 *
 * @throws ArgumentError for negative parameters.
 *
 * @example
 * import { gamma, NumpyGenerator } from "@needle/ndarray";
 * gamma(2.5, 1, [2], { generator: new NumpyGenerator(0) }); // => [5.9387007 2.8106697]
 */
export function gamma(
  concentration: Parameter,
  scale: Parameter,
  shape?: Shape,
  options: RandomOptions = {},
): NDArray {
  const parameters: Checked = {
    concentration: [concentration, atLeast0],
    scale: [scale, atLeast0],
  };
  const plans = plan("gamma", shape, parameters, options, randomOptions);
  const places = placed(options, concentration, scale);
  return drawn(plans, places, floatOf(options), (source, a, b) => b! * gammaFrom(source, a!));
}

/**
 * Beta numbers, from 0 to 1, with mean `a / (a + b)`.
 *
 * @throws ArgumentError unless both are above 0.
 *
 * @example
 * import { beta } from "@needle/ndarray";
 * beta(2, 3, [4]).shape; // => [4]
 */
export function beta(
  a: Parameter,
  b: Parameter,
  shape?: Shape,
  options: RandomOptions = {},
): NDArray {
  const plans = plan("beta", shape, { a: [a, above0], b: [b, above0] }, options, randomOptions);
  return drawn(plans, placed(options, a, b), floatOf(options), (source, x, y) =>
    betaFrom(source, x!, y!),
  );
}

/**
 * Poisson counts with mean `rate`, int32.
 *
 * @throws ArgumentError for a negative rate, and one whose counts int32 may not hold.
 *
 * @example
 * import { NumpyGenerator, poisson } from "@needle/ndarray";
 * poisson(4, [5], { generator: new NumpyGenerator(0) }); // => [6 7 1 8 4]
 */
export function poisson(rate: Parameter, shape?: Shape, options: RandomOptions = {}): NDArray {
  const plans = plan("poisson", shape, { rate: [rate, rateOfInt32] }, options, settledOptions);
  return drawn(plans, placed(options, rate), "int32", (source, mean) => poissonFrom(source, mean!));
}

/**
 * How many of `n` tries succeed, each with probability `p`, int32.
 *
 * @throws ArgumentError unless `n` is a whole number and `p` from 0 to 1.
 *
 * @example
 * import { binomial } from "@needle/ndarray";
 * binomial(7, 1, [2]); // => [7 7]
 */
export function binomial(
  n: Parameter,
  p: Parameter,
  shape?: Shape,
  options: RandomOptions = {},
): NDArray {
  const plans = plan(
    "binomial",
    shape,
    { n: [n, count], p: [p, probability] },
    options,
    settledOptions,
  );
  return drawn(plans, placed(options, n, p), "int32", (source, tries, chance) =>
    binomialFrom(source, tries!, chance!),
  );
}

/** Options of `choice`. */
export interface ChoiceArrayOptions extends RandomOptions {
  /** Whether one can be drawn twice. Default true. */
  readonly replace?: boolean;
  /** The probability of each, which sum to 1. Default all alike. */
  readonly probabilities?: ArrayLike<number> | NDArray;
}

/**
 * Choices among the slices of an array along axis 0, or among the numbers 0 to n - 1 (int32).
 *
 * @param shape - that of the choices, or how many.
 * @throws ArgumentError for probabilities that do not sum to 1, and for more choices than there are
 * without replacement.
 *
 * @example
 * import { choice, NumpyGenerator } from "@needle/ndarray";
 * choice(5, 3, { replace: false, generator: new NumpyGenerator(0) }); // => [2 0 1]
 */
export function choice(
  from: number | NDArray,
  shape: number | Shape = [],
  options: ChoiceArrayOptions = {},
): NDArray {
  const kinds = { ...settledOptions, replace: flag, probabilities: anything };
  const { replace = true, probabilities } = checkOptions("choice", options, kinds);
  const wanted = typeof shape === "number" ? [shape] : shape;
  checkShape("choice", wanted);
  if (isNDArray(from) && from.ndim === 0) {
    throw new ShapeError("choice", "needs an array of at least one axis, got []");
  }
  const p = isNDArray(probabilities) ? probabilities.toTypedArray() : probabilities;
  const generator = options.generator ?? defaultGenerator();
  const n = isNDArray(from) ? from.shape[0]! : from;
  const found = generator.choice(n, { size: sizeOf(wanted), replace, p });
  return scope(() => {
    const { backend } = isNDArray(from) ? from : options;
    const index = fromTypedArray<DType>(found, wanted, { backend });
    return isNDArray(from) ? take(from, index) : index;
  });
}

/**
 * Classes drawn with the probabilities `softmax(logits)`, or those given, along the last axis: int32
 * of `shape` followed by the other axes. Uses that the largest of logits plus Gumbel noise is at a
 * class with its probability.
 *
 * @param source - `[…, classes]`; probabilities need not sum to 1.
 * @throws ArgumentError for negative probabilities, and for no class at all.
 *
 * @example
 * import { array, categorical } from "@needle/ndarray";
 * categorical({ probabilities: array([[0, 1], [1, 0]]) }); // => [1 0]
 */
export function categorical(
  source: { readonly logits: NDArray } | { readonly probabilities: NDArray },
  shape: Shape = [],
  options: RandomOptions = {},
): NDArray {
  const op = "categorical";
  checkOptions(op, options, settledOptions);
  const { logits, probabilities }: { logits?: NDArray; probabilities?: NDArray } = Object(source);
  const given = logits ?? probabilities;
  if (given === undefined) {
    throw new ArgumentError(op, `takes { logits } or { probabilities }, got ${show(source)}`);
  }
  checkArray(op, given);
  checkShape(op, shape);
  if (given.ndim === 0 || given.shape.at(-1) === 0) {
    throw new ShapeError(op, `expected […,classes], got [${given.shape}]`);
  }
  if (logits === undefined) {
    plan(op, undefined, { "a probability": [given, atLeast0] }, {}, randomOptions);
    if (scope(() => sum(given, -1).toTypedArray()).some((total) => total === 0)) {
      throw new ArgumentError(op, "the probabilities of a row are all 0");
    }
  }
  const generator = options.generator ?? defaultGenerator();
  return scope(() => {
    const { backend } = given;
    const unit = generator.uniform([...shape, ...given.shape], { dtype: "float64", backend });
    const scores = logits ?? log(given);
    const noise = neg(log(neg(log(unit))));
    return argmax(add(noise, astype(scores, "float64")), -1);
  });
}
