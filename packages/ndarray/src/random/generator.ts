/**
 * Streams of random numbers as arrays. A Generator is a value with a stream of its own; every
 * function that draws takes one, and uses the default generator otherwise.
 */
import { callback, check, checkOptions, fraction, type Kind, type Kinds, oneOf } from "../args.ts";
import { type Backend, backendKind } from "../backend.ts";
import { empty, fromTypedArray } from "../create.ts";
import type { DType } from "../dtype.ts";
import { ArgumentError, show } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { astype } from "../ops/cast.ts";
import { add, cos, le, log, mul, sin, sqrt } from "../ops/elementwise.ts";
import { concat } from "../ops/joining.ts";
import { floor } from "../ops/rounding.ts";
import { reshape, slice } from "../ops/views.ts";
import { scope } from "../scope.ts";
import { checkShape, type Shape, sizeOf } from "../shape.ts";
import { type ChoiceOptions, checkChoice, chosenAt, distinctAt } from "./choice.ts";
import { checkSeed } from "./mt19937.ts";
import { NumpyRandom, type NumpySeed } from "./numpy-random.ts";
import { keyFromSeed, philoxUniform64 } from "./philox.ts";
import { PhiloxSource } from "./philox-source.ts";
import { beforeDraw } from "./rewind.ts";
import type { Source } from "./samplers.ts";
import { checkWhole } from "./whole.ts";

/** The float dtype and the backend of drawn numbers. */
export interface DrawOptions {
  /** Default float32. */
  readonly dtype?: "float32" | "float64";
  /** Default: the default backend. */
  readonly backend?: Backend;
}

/** What the options of draws must be. */
export const drawOptions: Kinds<DrawOptions> = {
  dtype: oneOf("float32", "float64"),
  backend: backendKind,
};

const integersCall = "integers(low, high, shape, options)";

const placeOptions: Kinds<Pick<DrawOptions, "backend">> = { backend: backendKind };

/** A generator, as options hold it. */
export const generatorKind: Kind = {
  expected: "a generator",
  holds: (value) => typeof value === "object" && value !== null && "uniform" in value,
};

/**
 * Throws unless arrays of this shape can be drawn with these options. Returns the options.
 *
 * @param call - how the function is called, where the shape is not its first argument.
 */
export function checkDraw<Options extends object>(
  op: string,
  shape: Shape,
  options: Options,
  kinds: Kinds<Options>,
  call?: string,
): Options {
  checkShape(op, shape, call);
  return checkOptions(op, options, kinds);
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
    checkWhole("Philox", seed, Number.MAX_SAFE_INTEGER, "seed");
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
    const { dtype = "float32", backend } = checkDraw("uniform", shape, options, drawOptions);
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
    checkDraw("normal", shape, options, drawOptions);
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
    options: Pick<DrawOptions, "backend"> = {},
  ): NDArray {
    checkRange("integers", low, high);
    const { backend } = checkDraw("integers", shape, options, placeOptions, integersCall);
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
    checkSample(size, draw);
    const firstBlock = this.#take(4 * size) / 4;
    const source = new PhiloxSource(this.#key);
    return new Float64Array(size).map((_, i) => draw(source.startAt(firstBlock + i), i));
  }

  dropoutMask(shape: Shape, p: number, options: DrawOptions = {}): NDArray {
    check("dropoutMask", "p", p, fraction);
    const { dtype = "float32", backend } = checkDraw("dropoutMask", shape, options, drawOptions);
    const out = empty<DType>(shape, { dtype, backend });
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
    checkSeed("NumpyGenerator", seed, "seed");
    this.random = new NumpyRandom(seed);
  }

  uniform(shape: Shape, options: DrawOptions = {}): NDArray {
    checkDraw("uniform", shape, options, drawOptions);
    return hosted(this.random.rand(sizeOf(shape)), shape, options);
  }

  normal(shape: Shape, options: DrawOptions = {}): NDArray {
    checkDraw("normal", shape, options, drawOptions);
    return hosted(this.random.randn(sizeOf(shape)), shape, options);
  }

  integers(
    low: number,
    high: number,
    shape: Shape,
    options: Pick<DrawOptions, "backend"> = {},
  ): NDArray {
    checkRange("integers", low, high);
    const { backend } = checkDraw("integers", shape, options, placeOptions, integersCall);
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
    checkSample(size, draw);
    return new Float64Array(size).map((_, i) => draw(this.random.source, i));
  }
}

function hosted(values: Float64Array, shape: Shape, options: DrawOptions): NDArray {
  const { dtype = "float32", backend } = options;
  return fromTypedArray<DType>(values, shape, { dtype, backend });
}

function checkSample(size: number, draw: unknown): void {
  checkWhole("sample", size, Number.MAX_SAFE_INTEGER, "size");
  check("sample", "draw", draw, callback);
}

/** Throws unless there are whole numbers from `low` to below `high`, and int32 holds them. */
export function checkRange(op: string, low: number, high: number): void {
  const range = (): string => `the range from ${show(low)} to ${show(high)}`;
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low >= high) {
    throw new ArgumentError(op, `${range()} holds no whole number`);
  }
  if (low < -(2 ** 31) || high > 2 ** 31) {
    throw new ArgumentError(op, `${range()} does not fit int32`);
  }
}

/** `dropoutMask` by plain operations. */
export function composedMask(
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
