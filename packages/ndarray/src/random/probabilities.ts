// Probabilities of the numbers 0 to n - 1: NumPy's checks on them, and drawing by inverting their
// cumulative sum. Sums run in NumPy's order, so that the last bit, and with it each draw, agrees.

import { ArgumentError, show } from "../errors.ts";

/**
 * Throws unless `p` holds n probabilities that sum to 1 within NumPy's tolerance, the square root
 * of the machine epsilon (of float32 if p is a Float32Array).
 *
 * @throws ArgumentError `choice: probabilities must sum to 1, got 0.9`
 */
export function checkProbabilities(op: string, p: ArrayLike<number>, n: number): void {
  if (p.length !== n) {
    throw new ArgumentError(op, `p must have one entry for each of ${n}, got ${p.length}`);
  }
  const bad = Array.from(p).findIndex((one) => typeof one !== "number" || !(one >= 0));
  if (bad !== -1) {
    throw new ArgumentError(
      op,
      `probabilities must be at least 0, got ${show(p[bad])} (index ${bad})`,
    );
  }
  const tolerance = Math.sqrt(p instanceof Float32Array ? 2 ** -23 : Number.EPSILON);
  const sum = compensatedSum(p);
  if (!(Math.abs(sum - 1) <= tolerance)) {
    throw new ArgumentError(op, `probabilities must sum to 1, got ${sum}`, "Divide p by its sum.");
  }
}

/**
 * The running sums of `p`, divided by the last: [1, 2, 1] gives [0.25, 0.75, 1].
 */
export function cumulativeLevels(p: ArrayLike<number>): Float64Array {
  let sum = 0;
  const sums = Float64Array.from(p, (probability) => {
    sum += probability;
    return sum;
  });
  return sums.map((partial) => partial / sum);
}

/**
 * How many of the ascending `levels` are at most x: NumPy's `searchsorted` from the right. With
 * levels from {@link cumulativeLevels} and x uniform in [0, 1) it is an index drawn with those
 * probabilities.
 */
export function countAtMost(levels: Float64Array, x: number): number {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (levels[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Kahan's sum: carries along what each addition lost. */
function compensatedSum(values: ArrayLike<number>): number {
  let sum = 0;
  let excess = 0;
  for (let i = 0; i < values.length; i++) {
    const term = values[i]! - excess;
    const next = sum + term;
    excess = next - sum - term;
    sum = next;
  }
  return sum;
}
