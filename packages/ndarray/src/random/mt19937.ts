// The Mersenne Twister MT19937 with NumPy's legacy seeding: the word stream under np.random.seed.
// Matsumoto and Nishimura, ACM TOMACS 8(1), 1998; seeding and 53-bit doubles as in their 2002
// revision. Leaves distributions to numpy-random.ts.

import { ArgumentError } from "../errors.ts";
import { beforeDraw } from "./rewind.ts";
import { checkWhole, list } from "./whole.ts";

const stateLength = 624;
const middle = 397;
const maxWord = 2 ** 32 - 1;

/**
 * Throws unless each number is whole and from 0 to 2^32 - 1, and an array has at least one.
 *
 * @param part - as for `checkWhole`.
 */
export function checkSeed(op: string, seed: number | readonly number[], part?: string): void {
  if (!list.holds(seed)) {
    checkWhole(op, seed as number, maxWord, part);
    return;
  }
  const words = Array.from(seed as readonly number[]);
  if (words.length === 0) {
    throw new ArgumentError(op, "expected at least one number, got an empty array");
  }
  for (const [index, word] of words.entries()) checkWhole(op, word, maxWord, `index ${index}`);
}

/**
 * A Mersenne Twister. `new Mt19937(0).double()` is 0.5488135039273248.
 */
export class Mt19937 {
  // Signed words: the engine keeps them in 32-bit registers.
  readonly #state: Int32Array;
  #position = stateLength;

  /**
   * A whole number seeds as `init_genrand`, an array as `init_by_array`, so `5` and `[5]` differ,
   * as in NumPy.
   *
   * @param seed - one that `checkSeed` takes.
   */
  constructor(seed: number | readonly number[]) {
    this.#state = typeof seed === "number" ? stateFromNumber(seed) : stateFromArray(seed);
  }

  readonly #mark = (): (() => void) => {
    const [state, position] = [this.#state.slice(), this.#position];
    return () => {
      this.#state.set(state);
      this.#position = position;
    };
  };

  /** The next word: a whole number from 0 to 2^32 - 1. */
  uint32(): number {
    beforeDraw(this, this.#mark);
    if (this.#position === stateLength) {
      twistAll(this.#state);
      this.#position = 0;
    }
    let y = this.#state[this.#position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** The next number uniform in [0, 1), a multiple of 2^-53, from two words (`genrand_res53`). */
  double(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }
}

function stateFromNumber(seed: number): Int32Array {
  const state = new Int32Array(stateLength);
  state[0] = seed;
  for (let i = 1; i < stateLength; i++) state[i] = Math.imul(mixed(state, i), 1812433253) + i;
  return state;
}

function stateFromArray(seed: readonly number[]): Int32Array {
  const state = stateFromNumber(19650218);
  let i = 1;
  const advance = (): void => {
    if (++i < stateLength) return;
    state[0] = state[stateLength - 1]!;
    i = 1;
  };
  for (let step = 0; step < Math.max(stateLength, seed.length); step++) {
    const j = step % seed.length;
    state[i] = (state[i]! ^ Math.imul(mixed(state, i), 1664525)) + seed[j]! + j;
    advance();
  }
  for (let step = 1; step < stateLength; step++) {
    state[i] = (state[i]! ^ Math.imul(mixed(state, i), 1566083941)) - i;
    advance();
  }
  state[0] = 0x80000000; // so that the state is never all zero
  return state;
}

/** The word before i, with its high bits folded in. */
function mixed(state: Int32Array, i: number): number {
  const before = state[i - 1]!;
  return before ^ (before >>> 30);
}

// Makes the next 624 words in place; three loops instead of a remainder in the index.
function twistAll(state: Int32Array): void {
  const turn = stateLength - middle;
  const last = stateLength - 1;
  for (let i = 0; i < turn; i++) state[i] = state[i + middle]! ^ twist(state[i]!, state[i + 1]!);
  for (let i = turn; i < last; i++) state[i] = state[i - turn]! ^ twist(state[i]!, state[i + 1]!);
  state[last] = state[middle - 1]! ^ twist(state[last]!, state[0]!);
}

/** The top bit of one word and the rest of the next, times the recurrence's matrix. */
function twist(top: number, rest: number): number {
  const y = (top & 0x80000000) | (rest & 0x7fffffff);
  return (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
}
