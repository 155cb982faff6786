/**
 * Arrays drawn from distributions. Parameters are numbers, or arrays that broadcast to the shape;
 * arrays are read and checked on the host before anything is drawn. Philox streams give the same
 * numbers on every backend; NumPy's legacy stream gives those of `numpy.random`.
 */
import { number } from "../args.ts";
import { type ArrayOptions, fromTypedArray } from "../create.ts";
import type { DType } from "../dtype.ts";
import { ArgumentError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { astype } from "../ops/cast.ts";
import { add, log, lt, mul, neg, sub } from "../ops/elementwise.ts";
import { scope } from "../scope.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { defaultGenerator } from "./default-generator.ts";
import { type RandomOptions, randomOptions, settledOptions } from "./draws.ts";
import {
  above0,
  atLeast0,
  type Checked,
  count,
  finite,
  type Parameter,
  type Plan,
  placed,
  plan,
  probability,
  rateOfInt32,
} from "./parameters.ts";
import {
  betaFrom,
  binomialFrom,
  gammaFrom,
  poissonFrom,
  type Source,
  truncatedNormalFrom,
} from "./samplers.ts";

/** Draws each element for itself. */
function drawn(
  { shape, at }: Plan,
  { generator = defaultGenerator() }: RandomOptions,
  place: ArrayOptions,
  draw: (source: Source, ...parameters: number[]) => number,
): NDArray {
  const values = generator.sample(sizeOf(shape), (source, i) =>
    draw(source, ...at.map((parameter) => parameter(i))),
  );
  return fromTypedArray<DType>(values, shape, place);
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
  const { generator = defaultGenerator() } = options;
  const place = placed(options, low, high);
  return scope(() => {
    const unit = generator.uniform(full, place);
    const range = typeof low === "number" && typeof high === "number" ? high - low : sub(high, low);
    return astype(add(mul(unit, range), low), place.dtype);
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
  const { generator = defaultGenerator() } = options;
  const place = placed(options, mean, std);
  return scope(() => {
    const unit = generator.normal(full, place);
    return astype(add(mul(unit, std), mean), place.dtype);
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
  return drawn(plans, options, placed(options, mean, std), (source, m, s) => {
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
  const { generator = defaultGenerator() } = options;
  const place = placed(options, scale);
  return scope(() => {
    const unit = generator.uniform(full, { ...place, dtype: "float64" });
    return astype(mul(neg(log(sub(1, unit))), scale), place.dtype);
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
  return drawn(plans, options, places, (source, a, b) => b! * gammaFrom(source, a!));
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
  return drawn(plans, options, placed(options, a, b), (source, x, y) => betaFrom(source, x!, y!));
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
  const place = { ...placed(options, rate), dtype: "int32" } as const;
  return drawn(plans, options, place, (source, mean) => poissonFrom(source, mean!));
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
  const place = { ...placed(options, n, p), dtype: "int32" } as const;
  return drawn(plans, options, place, (source, tries, chance) =>
    binomialFrom(source, tries!, chance!),
  );
}
