/** The generator that is used when none is given, and ways to set it and to repeat its numbers. */
import { callback, check } from "../args.ts";
import { type Generator, generatorKind, Philox } from "./generator.ts";
import { peekWith, type Rewindable, rewindableWith } from "./rewind.ts";
import { checkWhole } from "./whole.ts";

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
  check("setDefaultGenerator", "the argument", generator, generatorKind);
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
  checkWhole("manualSeed", seed, Number.MAX_SAFE_INTEGER, "seed");
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
  check("rewindable", "the argument", fn, callback);
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
  check("peekRandom", "the argument", fn, callback);
  return peekWith(markDefault, fn);
}

/** The function that makes the default generator what it is now. */
function markDefault(): () => void {
  const generator = current;
  return () => {
    current = generator;
  };
}
