/**
 * Random numbers as arrays. A Generator is a value with a stream of its own; every function that
 * draws takes one, and uses the default generator otherwise, which `manualSeed` restarts.
 */
import type { Kind } from "../args.ts";
import type { Backend } from "../backend.ts";
import { empty, fromTypedArray } from "../create.ts";
import { defaultBackend } from "../device.ts";
import type { DType } from "../dtype.ts";
import { ArgumentError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { astype } from "../ops/cast.ts";
import { add, cos, le, log, mul, sin, sqrt } from "../ops/elementwise.ts";
import { concat } from "../ops/joining.ts";
import { floor } from "../ops/rounding.ts";
import { reshape, slice } from "../ops/views.ts";
import { scope } from "../scope.ts";
import { checkShape, type Shape, sizeOf } from "../shape.ts";
import { type ChoiceOptions, checkChoice, chosenAt, distinctAt } from "./choice.ts";
import { NumpyRandom, type NumpySeed } from "./numpy-random.ts";
import { keyFromSeed, philoxUniform64 } from "./philox.ts";
import { PhiloxSource } from "./philox-source.ts";
import { beforeDraw, peekWith, type Rewindable, rewindableWith } from "./rewind.ts";
import type { Source } from "./samplers.ts";
import { checkWhole } from "./whole.ts";

/** The float dtype and the backend of drawn numbers. */
export interface DrawOptions {
  /** Default float32. */
  readonly dtype?: "float32" | "float64";
  /** Default: the default backend. */
  readonly backend?: Backend;
}

/** A stream of random numbers. */
export interface Generator {
  /** Uniform in [0, 1). */
  uniform(shape: Shape, options?: DrawOptions): NDArray;
  /** Normal with mean 0 and standard deviation 1. */
  normal(shape: Shape, options?: DrawOptions): NDArray;
  /** Whole numbers, uniform from `low` (included) to `high` (excluded), int32. */
  integers(
    low: number,
    high: number,
    shape: Shape,
    options?: Pick<DrawOptions, "backend">,
  ): NDArray;
  /** The numbers 0 to n - 1 in random order, on the host. */
  permutation(n: number): Int32Array;
  /** Some of the numbers 0 to n - 1, on the host. */
  choice(n: number, options?: ChoiceOptions): Int32Array;
  /**
   * `size` numbers of another distribution, on the host: `draw` makes number `i` of any number of
   * uniform and normal ones.
   */
  sample(size: number, draw: (source: Source, i: number) => number): Float64Array;
  /** What `dropoutMask` gives of `uniform`, where the generator has a faster way to it. */
  dropoutMask?(shape: Shape, p: number, options?: DrawOptions): NDArray;
}

/**
 * The default kind of generator: counter-based (Philox-4x32-10), so that a draw depends only on the
 * seed and on how much was drawn before it. Uniform numbers, whole numbers and permutations have
 * the same bits on every backend, thread count and runtime; normal numbers agree to a few units in
 * the last place, as `log` and `cos` do.
 *
 * @example
 * import { Philox } from "@needle/ndarray";
 * new Philox(7).uniform([2]).toArray().toString() === new Philox(7).uniform([2]).toArray().toString(); // => true
 */
export class Philox implements Generator {
  readonly #key: readonly [number, number];
  #offset = 0;
  readonly #mark = (): (() => void) => {
    const offset = this.#offset;
    return () => {
      this.#offset = offset;
    };
  };

  /** @param seed - a whole number from 0 to 2^53 - 1. */
  constructor(seed: number) {
    this.#key = keyFromSeed(seed);
  }

  /** Reserves `words` 32-bit words, in whole blocks of four, and returns where they begin. */
  #take(words: number): number {
    const start = this.#offset;
    beforeDraw(this, this.#mark);
    this.#offset += Math.ceil(words / 4) * 4;
    return start;
  }

  uniform(shape: Shape, options: DrawOptions = {}): NDArray {
    const { dtype = "float32", backend } = options;
    const out = empty<DType>(shape, { dtype, backend });
    out.backend.randomBits(
      out.view("uniform"),
      this.#key,
      this.#take(out.size * (dtype === "float64" ? 2 : 1)),
    );
    return out;
  }

  /** Box-Muller: pairs of uniform numbers turned into a radius and an angle. */
  normal(shape: Shape, options: DrawOptions = {}): NDArray {
    checkShape("normal", shape);
    const size = sizeOf(shape);
    return scope(() => {
      const pairs = this.uniform([2, Math.ceil(size / 2)], options);
      const radius = sqrt(mul(log(add(mul(slice(pairs, 0), -1), 1)), -2));
      const angle = mul(slice(pairs, 1), 2 * Math.PI);
      const values = concat([mul(radius, cos(angle)), mul(radius, sin(angle))]);
      return reshape(slice(values, [0, size]), shape);
    });
  }

  integers(
    low: number,
    high: number,
    shape: Shape,
    { backend }: Pick<DrawOptions, "backend"> = {},
  ): NDArray {
    checkRange(low, high);
    return scope(() => {
      const unit = this.uniform(shape, { dtype: "float64", backend });
      return astype(add(floor(mul(unit, high - low)), low), "int32");
    });
  }

  permutation(n: number): Int32Array {
    checkWhole("permutation", n, 2 ** 31, "n");
    const order = Int32Array.from({ length: n }, (_, i) => i);
    const draws = this.#doubles(n);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(draws[i]! * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  choice(n: number, options: ChoiceOptions = {}): Int32Array {
    checkChoice(n, options);
    const { size = 1, replace = true, p } = options;
    if (replace) return chosenAt(this.#doubles(size), n, p);
    return p === undefined
      ? this.permutation(n).slice(0, size)
      : distinctAt(this.#doubles(n), p, size);
  }

  /** Number `i` depends on the seed, on how much was drawn before, and on `i` alone. */
  sample(size: number, draw: (source: Source, i: number) => number): Float64Array {
    const firstBlock = this.#take(4 * size) / 4;
    const source = new PhiloxSource(this.#key);
    return new Float64Array(size).map((_, i) => draw(source.startAt(firstBlock + i), i));
  }

  dropoutMask(shape: Shape, p: number, options: DrawOptions = {}): NDArray {
    const out = empty<DType>(shape, {
      dtype: options.dtype ?? "float32",
      backend: options.backend,
    });
    if (out.backend.dropoutMask === undefined) return composedMask(this, shape, p, options);
    out.backend.dropoutMask(out.view("dropoutMask"), p, this.#key, this.#take(out.size));
    return out;
  }

  /** Uniform numbers on the host. */
  #doubles(size: number): Float64Array {
    const draws = new Float64Array(size);
    philoxUniform64(draws, this.#key, this.#take(2 * size));
    return draws;
  }
}

/**
 * NumPy's legacy stream (`numpy.random.seed(n)` and the functions after it) as a Generator, to
 * repeat results seeded in Python. Numbers are drawn on the host in double precision and rounded to
 * the dtype asked for.
 *
 * @example
 * import { NumpyGenerator } from "@needle/ndarray";
 * new NumpyGenerator(0).uniform([3]); // => [0.5488135  0.71518934 0.60276335]
 */
export class NumpyGenerator implements Generator {
  /** The stream itself, for the functions Generator does not have (`choice`, `exponential`, …). */
  readonly random: NumpyRandom;

  constructor(seed: NumpySeed) {
    this.random = new NumpyRandom(seed);
  }

  uniform(shape: Shape, options: DrawOptions = {}): NDArray {
    checkShape("uniform", shape);
    return hosted(this.random.rand(sizeOf(shape)), shape, options);
  }

  normal(shape: Shape, options: DrawOptions = {}): NDArray {
    checkShape("normal", shape);
    return hosted(this.random.randn(sizeOf(shape)), shape, options);
  }

  integers(
    low: number,
    high: number,
    shape: Shape,
    { backend }: Pick<DrawOptions, "backend"> = {},
  ): NDArray {
    checkRange(low, high);
    checkShape("integers", shape);
    const numbers = this.random.randint(low, high, sizeOf(shape));
    return fromTypedArray<"int32">(numbers, shape, { backend });
  }

  permutation(n: number): Int32Array {
    return this.random.permutation(n);
  }

  choice(n: number, options: ChoiceOptions = {}): Int32Array {
    return this.random.choice(n, options);
  }

  sample(size: number, draw: (source: Source, i: number) => number): Float64Array {
    return new Float64Array(size).map((_, i) => draw(this.random.source, i));
  }
}

function hosted(values: Float64Array, shape: Shape, options: DrawOptions): NDArray {
  const { dtype = "float32", backend } = options;
  return fromTypedArray<DType>(values, shape, { dtype, backend });
}

function checkRange(low: number, high: number): void {
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low >= high) {
    throw new ArgumentError("randint", `the range from ${low} to ${high} holds no whole number`);
  }
  if (low < -(2 ** 31) || high > 2 ** 31) {
    throw new ArgumentError("randint", `the range from ${low} to ${high} does not fit int32`);
  }
}

let current: Generator = new Philox(Math.floor(Math.random() * 2 ** 32));

/** The generator used when none is given. Starts at an arbitrary seed. */
export function defaultGenerator(): Generator {
  return current;
}

/**
 * Sets the generator used when none is given, e.g. `new NumpyGenerator(0)`.
 *
 * @example
 * import { NumpyGenerator, rand, setDefaultGenerator } from "@needle/ndarray";
 * setDefaultGenerator(new NumpyGenerator(0));
 * rand([2]); // => [0.5488135  0.71518934]
 */
export function setDefaultGenerator(generator: Generator): void {
  current = generator;
}

/**
 * Restarts the default generator, as a Philox stream, from a seed: initial weights, dropout and
 * shuffling repeat.
 *
 * @throws ArgumentError unless the seed is a whole number from 0 to 2^53 - 1.
 *
 * @example
 * import { manualSeed, rand } from "@needle/ndarray";
 * manualSeed(0);
 * const x = rand([3]);
 * manualSeed(0);
 * rand([3]).eq(x).all(); // => True
 */
export function manualSeed(seed: number): void {
  current = new Philox(seed);
}

/**
 * Runs `fn` and gives, beside its result, a function that runs another with every stream of random
 * numbers where it was before: it draws the same numbers, and leaves the streams as they are.
 * Generators that are not of this package are not set back.
 *
 * @example
 * import { rand, rewindable } from "@needle/ndarray";
 * const [x, rewound] = rewindable(() => rand([3]));
 * rewound(() => rand([3])).eq(x).all(); // => True
 * rand([3]).eq(x).all(); // => False
 */
export function rewindable<T>(fn: () => T): Rewindable<T> {
  return rewindableWith(markDefault, fn);
}

/**
 * Runs `fn` and then sets every stream of random numbers that it drew from back to where it was.
 *
 * @example
 * import { peekRandom, rand } from "@needle/ndarray";
 * const coming = peekRandom(() => rand([3]));
 * rand([3]).eq(coming).all(); // => True
 */
export function peekRandom<T>(fn: () => T): T {
  return peekWith(markDefault, fn);
}

/** The function that makes the default generator what it is now. */
function markDefault(): () => void {
  const generator = current;
  return () => {
    current = generator;
  };
}

/** A generator, as options hold it. */
export const generatorKind: Kind = {
  expected: "a generator",
  holds: (value) => typeof value === "object" && value !== null && "uniform" in value,
};

/** How `rand`, `randn` and the like draw. */
export interface RandomOptions extends DrawOptions {
  /** Default: the default generator. */
  readonly generator?: Generator;
}

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
  const { low = 0, high = 1, generator = current } = options;
  if (low === 0 && high === 1) return generator.uniform(shape, options);
  return scope(() => add(mul(generator.uniform(shape, options), high - low), low));
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
  const { mean = 0, std = 1, generator = current } = options;
  if (mean === 0 && std === 1) return generator.normal(shape, options);
  return scope(() => add(mul(generator.normal(shape, options), std), mean));
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
  return (options.generator ?? current).integers(low, high, shape, options);
}

/**
 * 0 or 1 with probability `p` of 1, as bool: true where a uniform number is at most `p`.
 *
 * @example
 * import { randb } from "@needle/ndarray";
 * randb([3], 1); // => [ True  True  True]
 */
export function randb(shape: Shape, p = 0.5, options: RandomOptions = {}): NDArray {
  return scope(() => (options.generator ?? current).uniform(shape, options).le(p));
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
  if (!(p >= 0 && p < 1)) {
    throw new ArgumentError("dropoutMask", `p must be at least 0 and below 1, got ${p}`);
  }
  const { generator = current } = options;
  return generator.dropoutMask?.(shape, p, options) ?? composedMask(generator, shape, p, options);
}

/** `dropoutMask` by plain operations. */
function composedMask(
  generator: Generator,
  shape: Shape,
  p: number,
  options: DrawOptions,
): NDArray {
  const { dtype = "float32", backend } = options;
  return scope(() => {
    const kept = le(generator.uniform(shape, { backend }), 1 - p);
    return mul(astype(kept, dtype), 1 / (1 - p));
  });
}

/**
 * The numbers 0 to n - 1 in random order, int32.
 *
 * @example
 * import { Philox, permutation } from "@needle/ndarray";
 * permutation(5, { generator: new Philox(0) }); // => [4 1 3 2 0]
 */
export function permutation(n: number, options: RandomOptions = {}): NDArray {
  const order = (options.generator ?? current).permutation(n);
  return fromTypedArray<"int32">(order, [n], { backend: options.backend ?? defaultBackend() });
}
