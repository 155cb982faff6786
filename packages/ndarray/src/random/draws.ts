/** Uniform, normal and whole numbers, masks and permutations, drawn as arrays. */
import { check, checkOptions, fraction, type Kinds, number } from "../args.ts";
import { fromTypedArray } from "../create.ts";
import { defaultBackend } from "../device.ts";
import { dtypeKind } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { add, mul } from "../ops/elementwise.ts";
import { scope } from "../scope.ts";
import type { Shape } from "../shape.ts";
import { defaultGenerator } from "./default-generator.ts";
import {
  checkDraw,
  checkRange,
  composedMask,
  type DrawOptions,
  drawOptions,
  type Generator,
  generatorKind,
} from "./generator.ts";

/** How `rand`, `randn` and the like draw. */
export interface RandomOptions extends DrawOptions {
  /** Default: the default generator. */
  readonly generator?: Generator;
}

/** What the options of functions that draw floats must be. */
export const randomOptions: Kinds<RandomOptions> = { ...drawOptions, generator: generatorKind };

/** The same where the dtype of what is drawn is settled. */
export const settledOptions: Kinds<RandomOptions> = { ...randomOptions, dtype: dtypeKind };

const randOptions = { ...randomOptions, low: number, high: number };
const randnOptions = { ...randomOptions, mean: number, std: number };

/** What probabilities must be. */
const probabilities = {
  randb: { ...number, call: "randb(shape, p, options)" },
  dropoutMask: { ...fraction, call: "dropoutMask(shape, p, options)" },
};

/**
 * Numbers uniform in [low, high), 0 and 1 unless given. Rounding to the dtype can give a `high`
 * other than 1 itself.
 *
 * @example
 * import { Philox, rand } from "@needle/ndarray";
 * rand([3], { generator: new Philox(0) }); // => [0.39904642 0.88052016 0.73571277]
 */
export function rand(
  shape: Shape,
  options: RandomOptions & { readonly low?: number; readonly high?: number } = {},
): NDArray {
  checkDraw("rand", shape, options, randOptions);
  const { low = 0, high = 1, generator = defaultGenerator(), ...place } = options;
  if (low === 0 && high === 1) return generator.uniform(shape, place);
  return scope(() => add(mul(generator.uniform(shape, place), high - low), low));
}

/**
 * Normal numbers with the given mean and standard deviation, 0 and 1 unless given.
 *
 * @example
 * import { randn } from "@needle/ndarray";
 * randn([2, 3], { mean: 10, std: 2 }).shape; // => [2,3]
 */
export function randn(
  shape: Shape,
  options: RandomOptions & { readonly mean?: number; readonly std?: number } = {},
): NDArray {
  checkDraw("randn", shape, options, randnOptions);
  const { mean = 0, std = 1, generator = defaultGenerator(), ...place } = options;
  if (mean === 0 && std === 1) return generator.normal(shape, place);
  return scope(() => add(mul(generator.normal(shape, place), std), mean));
}

/**
 * Whole numbers uniform from `low` (included) to `high` (excluded), int32.
 *
 * @example
 * import { Philox, randint } from "@needle/ndarray";
 * randint(0, 10, [5], { generator: new Philox(0) }); // => [3 7 9 6 0]
 */
export function randint(
  low: number,
  high: number,
  shape: Shape,
  options: RandomOptions = {},
): NDArray {
  checkRange("randint", low, high);
  checkDraw("randint", shape, options, settledOptions, "randint(low, high, shape, options)");
  const { backend, generator = defaultGenerator() } = options;
  return generator.integers(low, high, shape, { backend });
}

/**
 * 0 or 1 with probability `p` of 1, as bool: true where a uniform number is at most `p`.
 *
 * @example
 * import { randb } from "@needle/ndarray";
 * randb([3], 1); // => [ True  True  True]
 */
export function randb(shape: Shape, p = 0.5, options: RandomOptions = {}): NDArray {
  const { backend, generator = defaultGenerator() } = checkDraw(
    "randb",
    shape,
    options,
    settledOptions,
  );
  check("randb", "p", p, probabilities.randb);
  return scope(() => generator.uniform(shape, { backend }).le(p));
}

/**
 * What dropout multiplies by: 0 with probability `p`, else 1 / (1 - p), which keeps the mean at 1.
 * An element stays where a uniform float32 number is at most `1 - p`, whatever the dtype.
 *
 * @throws ArgumentError unless `p` is at least 0 and below 1.
 *
 * @example
 * import { dropoutMask, Philox } from "@needle/ndarray";
 * dropoutMask([4], 0.5, { generator: new Philox(0) }); // => [2. 0. 0. 0.]
 */
export function dropoutMask(shape: Shape, p = 0.5, options: RandomOptions = {}): NDArray {
  check("dropoutMask", "p", p, probabilities.dropoutMask);
  checkDraw("dropoutMask", shape, options, randomOptions);
  const { generator = defaultGenerator(), ...place } = options;
  return generator.dropoutMask?.(shape, p, place) ?? composedMask(generator, shape, p, place);
}

/**
 * The numbers 0 to n - 1 in random order, int32.
 *
 * @example
 * import { Philox, permutation } from "@needle/ndarray";
 * permutation(5, { generator: new Philox(0) }); // => [4 1 3 2 0]
 */
export function permutation(n: number, options: RandomOptions = {}): NDArray {
  checkOptions("permutation", options, settledOptions);
  const order = (options.generator ?? defaultGenerator()).permutation(n);
  return fromTypedArray<"int32">(order, [n], { backend: options.backend ?? defaultBackend() });
}
