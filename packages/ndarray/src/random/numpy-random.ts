// NumPy's legacy random stream, np.random.seed and RandomState: the same seed gives the same
// numbers as in a course's Python. Frozen by NumPy (NEP 19), so it cannot drift. Works on host
// arrays; leaves shapes, dtypes and devices to its callers.

import { check, checkEach, number } from "../args.ts";
import { ArgumentError, show } from "../errors.ts";
import { type ChoiceOptions, checkChoice } from "./choice.ts";
import { logUnit } from "./log.ts";
import { checkSeed, Mt19937 } from "./mt19937.ts";
import { countAtMost, cumulativeLevels } from "./probabilities.ts";
import { beforeDraw } from "./rewind.ts";
import { gaussianPair, type Source } from "./samplers.ts";
import { checkWhole, list } from "./whole.ts";

/** What `NumpyRandom.seed` takes: a whole number from 0 to 2^32 - 1, or an array of them. */
export type NumpySeed = number | readonly number[];

/** Anything that can be shuffled in place: an array or a typed array. */
export interface Shuffleable<T> {
  readonly length: number;
  [index: number]: T;
}

/**
 * NumPy's `RandomState`.
 *
 * @example
 * import { NumpyRandom } from "@needle/ndarray";
 * Array.from(new NumpyRandom(42).permutation(10)); // => [8,1,5,0,7,2,9,4,3,6]
 * Array.from(new NumpyRandom(0).rand(2)); // => [0.5488135039273248,0.7151893663724195]
 * Array.from(new NumpyRandom(0).choice(5, { size: 3, replace: false })); // => [2,0,1]
 */
export class NumpyRandom {
  #words: Mt19937;
  /** The second number of the last Gaussian pair, until it is drawn. */
  #spareGaussian: number | undefined;

  readonly #mark = (): (() => void) => {
    const [words, spare] = [this.#words, this.#spareGaussian];
    return () => {
      this.#words = words;
      this.#spareGaussian = spare;
    };
  };

  /** The stream as numbers one at a time, for distributions made of them. */
  readonly source: Source = {
    uniform: () => this.#words.double(),
    normal: () => this.#gaussian(),
  };

  /** @throws ArgumentError as {@link NumpyRandom.seed} */
  constructor(seed: NumpySeed) {
    checkSeed("NumpyRandom", seed, "seed");
    this.#words = new Mt19937(seed);
  }

  /**
   * Starts the stream again from a seed. `5` and `[5]` are different seeds, as in NumPy.
   *
   * @throws ArgumentError unless each number is whole and from 0 to 2^32 - 1, and an array has at
   *   least one
   */
  seed(seed: NumpySeed): void {
    checkSeed("seed", seed);
    beforeDraw(this, this.#mark);
    this.#words = new Mt19937(seed);
    this.#spareGaussian = undefined;
  }

  /**
   * `size` numbers uniform in [0, 1); NumPy's `rand` and `random_sample`.
   */
  rand(size: number): Float64Array {
    return filled("rand", size, () => this.#words.double());
  }

  /**
   * `size` numbers uniform in [low, high), or (high, low] if low is the greater.
   *
   * @throws ArgumentError if high - low is not finite
   */
  uniform(low: number, high: number, size: number): Float64Array {
    checkEach("uniform", { low, high }, number);
    const range = high - low;
    if (!Number.isFinite(range)) {
      throw new ArgumentError("uniform", `high - low is not finite, got low ${low}, high ${high}`);
    }
    return filled("uniform", size, () => low + range * this.#words.double());
  }

  /**
   * `size` numbers from the Gaussian with mean 0 and standard deviation 1.
   */
  randn(size: number): Float64Array {
    return filled("randn", size, () => this.#gaussian());
  }

  /**
   * `size` numbers from the Gaussian with mean `loc` and standard deviation `scale`.
   *
   * @throws ArgumentError if scale is negative or not a number
   */
  normal(loc: number, scale: number, size: number): Float64Array {
    check("normal", "loc", loc, number);
    checkScale("normal", scale);
    return filled("normal", size, () => loc + scale * this.#gaussian());
  }

  /**
   * `size` numbers from the exponential distribution with mean `scale`.
   *
   * @throws ArgumentError if scale is negative or not a number
   */
  exponential(scale: number, size: number): Float64Array {
    checkScale("exponential", scale);
    return filled("exponential", size, () => scale * -logUnit(1 - this.#words.double()));
  }

  /**
   * `size` whole numbers from low to high - 1, all alike; NumPy's `randint` of dtype int64 or
   * int32.
   *
   * @throws ArgumentError if low >= high, or a bound does not fit the int32 result
   */
  randint(low: number, high: number, size: number): Int32Array {
    checkBounds("randint", low, high, [-(2 ** 31), 2 ** 31]);
    checkWhole("randint", size, Number.MAX_SAFE_INTEGER, "size");
    const max = high - 1 - low;
    const out = new Int32Array(size);
    for (let i = 0; i < size; i++) out[i] = low + this.#upTo(max);
    return out;
  }

  /**
   * As `randint`, for numbers beyond int32; the two draw alike wherever both apply.
   *
   * @throws ArgumentError if low >= high, or a bound does not fit the int64 result
   */
  randint64(low: bigint, high: bigint, size: number): BigInt64Array {
    checkBounds("randint64", low, high, [-(2n ** 63n), 2n ** 63n]);
    checkWhole("randint64", size, Number.MAX_SAFE_INTEGER, "size");
    const max = high - 1n - low;
    const draw = max < 2n ** 32n ? () => BigInt(this.#upTo(Number(max))) : () => this.#upTo64(max);
    return new BigInt64Array(size).map(() => low + draw());
  }

  /**
   * The numbers 0 to n - 1 in random order. Rows taken in this order equal `shuffle` of a matrix.
   */
  permutation(n: number): Int32Array {
    checkWhole("permutation", n, 2 ** 31, "n");
    const out = new Int32Array(n).map((_, i) => i);
    this.shuffle(out);
    return out;
  }

  /** Puts an array's entries in random order, in place (Fisher and Yates, from the end). */
  shuffle<T>(array: Shuffleable<T>): void {
    check("shuffle", "the argument", array, list);
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.#upTo(i);
      const kept = array[i]!;
      array[i] = array[j]!;
      array[j] = kept;
    }
  }

  /**
   * Draws of the numbers 0 to n - 1; NumPy's `choice` of a number.
   *
   * @throws ArgumentError if p is not n probabilities that sum to 1, or without replacement if
   *   `size` is more than n or than the positive entries of p
   */
  choice(n: number, options: ChoiceOptions = {}): Int32Array {
    const { size = 1, replace = true, p } = checkChoice(n, options);
    if (replace) {
      if (size === 0) return new Int32Array(0);
      return p === undefined ? this.randint(0, n, size) : this.#pick(p, size);
    }
    return p === undefined ? this.permutation(n).slice(0, size) : this.#pickDistinct(p, size);
  }

  /** `size` indices drawn with probabilities proportional to p. */
  #pick(p: ArrayLike<number>, size: number): Int32Array {
    const levels = cumulativeLevels(p);
    return Int32Array.from(this.rand(size), (x) => countAtMost(levels, x));
  }

  /** As #pick, but each index once: draws again, without those found, until there are enough. */
  #pickDistinct(p: ArrayLike<number>, size: number): Int32Array {
    const left = Float64Array.from(p);
    const found: number[] = [];
    while (found.length < size) {
      const fresh = new Set(this.#pick(left, size - found.length));
      for (const index of fresh) {
        left[index] = 0;
        found.push(index);
      }
    }
    return Int32Array.from(found);
  }

  /** The next Gaussian number: Marsaglia's polar method, which makes two at a time. */
  #gaussian(): number {
    beforeDraw(this, this.#mark);
    const spare = this.#spareGaussian;
    if (spare !== undefined) {
      this.#spareGaussian = undefined;
      return spare;
    }
    const [second, first] = gaussianPair(() => this.#words.double());
    this.#spareGaussian = second;
    return first;
  }

  /** A whole number from 0 to max, at most 2^32 - 1: words cut to max's bits until one fits. */
  #upTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    let value: number;
    do value = (this.#words.uint32() & mask) >>> 0;
    while (value > max);
    return value;
  }

  /** As #upTo for a max from 2^32 to 2^64 - 1, from two words, the high one first. */
  #upTo64(max: bigint): bigint {
    const bits = max.toString(2).length;
    let value: bigint;
    do {
      const high = BigInt(this.#words.uint32());
      value = BigInt.asUintN(bits, (high << 32n) | BigInt(this.#words.uint32()));
    } while (value > max);
    return value;
  }
}

function filled(op: string, size: number, draw: () => number): Float64Array {
  checkWhole(op, size, Number.MAX_SAFE_INTEGER, "size");
  const out = new Float64Array(size);
  for (let i = 0; i < size; i++) out[i] = draw();
  return out;
}

function checkScale(op: string, scale: number): void {
  if (typeof scale === "number" && scale >= 0) return;
  throw new ArgumentError(op, `expected a scale of at least 0, got ${show(scale)}`);
}

/**
 * Throws unless low < high, both whole and within `limits`, the ends of what the result can hold.
 */
function checkBounds<T extends number | bigint>(
  op: string,
  low: T,
  high: T,
  [least, most]: readonly [T, T],
): void {
  const got = `got low ${show(low)}, high ${show(high)}`;
  const isWhole = (bound: T): boolean =>
    typeof bound === typeof least && (typeof bound === "bigint" || Number.isInteger(bound));
  if (!isWhole(low) || !isWhole(high) || low < least || high > most) {
    const remedy = op === "randint" ? "Use NumpyRandom.randint64 for larger ones." : undefined;
    const range = `whole numbers from ${least} to ${most}`;
    throw new ArgumentError(op, `expected ${range}, ${got}`, remedy);
  }
  if (low >= high) throw new ArgumentError(op, `low must be below high, ${got}`);
}
