/** Choices among the numbers 0 to n - 1: their arguments, and how counter-based streams draw them. */
import { checkOptions, flag, type Kinds, whole } from "../args.ts";
import { ArgumentError } from "../errors.ts";
import { checkProbabilities, countAtMost, cumulativeLevels } from "./probabilities.ts";
import { checkWhole, list } from "./whole.ts";

/** Options of choices among the numbers 0 to n - 1. */
export interface ChoiceOptions {
  /** How many to draw; 1 unless told. */
  readonly size?: number;
  /** Whether one can be drawn twice; true unless told. */
  readonly replace?: boolean;
  /** The probability of each, which sum to 1; all alike unless told. */
  readonly p?: ArrayLike<number>;
}

const choiceOptions: Kinds<ChoiceOptions> = {
  size: whole(0),
  replace: flag,
  p: list,
};

/** Throws unless the choice can be made. Returns the options. */
export function checkChoice(n: number, options: ChoiceOptions): ChoiceOptions {
  checkWhole("choice", n, 2 ** 31, "n");
  const { size = 1, replace = true, p } = checkOptions("choice", options, choiceOptions);
  if (p !== undefined) checkProbabilities("choice", p, n);
  if (n === 0 && size > 0) {
    throw new ArgumentError("choice", `nothing to draw from, n 0, size ${size}`);
  }
  if (replace) return options;
  if (size > n) {
    throw new ArgumentError(
      "choice",
      `cannot draw ${size} of ${n} without replacement`,
      `Draw at most ${n}, or set replace: true.`,
    );
  }
  const possible = p === undefined ? n : Array.from(p).filter((one) => one > 0).length;
  if (possible < size) {
    throw new ArgumentError(
      "choice",
      `cannot draw ${size} without replacement, p has ${possible} positive entries`,
    );
  }
  return options;
}

/** Choices with replacement by inverting the cumulative probabilities at uniform numbers. */
export function chosenAt(uniform: Float64Array, n: number, p?: ArrayLike<number>): Int32Array {
  if (p === undefined) return Int32Array.from(uniform, (u) => Math.floor(u * n));
  const levels = cumulativeLevels(p);
  return Int32Array.from(uniform, (u) => countAtMost(levels, u));
}

/**
 * `size` distinct choices with probabilities proportional to `p`, from a uniform number for each
 * entry of `p`: the first to ring of clocks with these rates. Efraimidis and Spirakis (2006).
 */
export function distinctAt(uniform: Float64Array, p: ArrayLike<number>, size: number): Int32Array {
  const times = uniform.map((u, i) => (p[i]! > 0 ? -Math.log1p(-u) / p[i]! : Infinity));
  const order = Int32Array.from(uniform, (_, i) => i);
  return order.sort((a, b) => (times[a]! < times[b]! ? -1 : 1)).slice(0, size);
}
