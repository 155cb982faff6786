/**
 * How far to go along a direction, so that the strong Wolfe conditions hold: the value falls enough
 * and the slope becomes flat enough. Nocedal and Wright, Numerical optimization (2006), algorithms
 * 3.5 and 3.6, with cubic interpolation.
 */

/** The value of a function and its gradient. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Evaluates at a distance from the start. */
export type Line = (length: number) => Promise<Evaluation>;

/** Where the search begins. */
export interface Start {
  readonly start: Evaluation;
  readonly direction: Float64Array;
  /** The first distance to try. */
  readonly trial: number;
  /** The slope at the start, which is negative. */
  readonly slope: number;
}

/** A place on the line. */
interface Place {
  readonly at: number;
  readonly point: Evaluation;
  readonly slope: number;
}

const [enough, flat] = [1e-4, 0.9];
const mostEvaluations = 25;
const smallestChange = 1e-9;

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

/** The largest magnitude. */
export function largest(x: Float64Array): number {
  return x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** A distance at which the conditions hold, or the best found, and the evaluation there. */
export async function strongWolfe(line: Line, from: Start): Promise<[number, Evaluation]> {
  const { start, direction, trial, slope } = from;
  const place = async (at: number): Promise<Place> => {
    const point = await line(at);
    return { at, point, slope: dot(point.gradient, direction) };
  };
  const falls = (x: Place): boolean => x.point.value <= start.value + enough * x.at * slope;
  const isFlat = (x: Place): boolean => Math.abs(x.slope) <= -flat * slope;

  let before: Place = { at: 0, point: start, slope };
  let here = await place(trial);
  let evaluations = 1;
  let bracket: [Place, Place] | null = null;
  while (bracket === null && evaluations < mostEvaluations) {
    const isWorse = evaluations > 1 && here.point.value >= before.point.value;
    if (!falls(here) || isWorse) bracket = [before, here];
    else if (isFlat(here)) return [here.at, here.point];
    else if (here.slope >= 0) bracket = [before, here];
    else {
      const [low, high] = [here.at + 0.01 * (here.at - before.at), here.at * 10];
      const next = cubicMinimum(before, here, low, high);
      before = here;
      here = await place(next);
      evaluations += 1;
    }
  }
  if (bracket === null) bracket = [{ at: 0, point: start, slope }, here];

  let [low, high] = order(bracket);
  let stuck = false;
  while (evaluations < mostEvaluations) {
    const width = Math.abs(high.at - low.at);
    if (width * largest(direction) < smallestChange) break;
    const [left, right] = [Math.min(low.at, high.at), Math.max(low.at, high.at)];
    let next = cubicMinimum(low, high, left, right);
    // Too near an end twice, or at it: a tenth inside makes the bracket shrink.
    const margin = 0.1 * width;
    if (Math.min(right - next, next - left) < margin) {
      if (stuck || next >= right || next <= left) {
        next = Math.abs(next - right) < Math.abs(next - left) ? right - margin : left + margin;
        stuck = false;
      } else stuck = true;
    } else stuck = false;
    const middle = await place(next);
    evaluations += 1;
    if (!falls(middle) || middle.point.value >= low.point.value) {
      [low, high] = order([low, middle]);
    } else {
      if (isFlat(middle)) return [middle.at, middle.point];
      if (middle.slope * (high.at - low.at) >= 0) high = low;
      low = middle;
    }
  }
  return [low.at, low.point];
}

/** The lower of two places first. */
function order([a, b]: readonly [Place, Place]): [Place, Place] {
  return a.point.value <= b.point.value ? [a, b] : [b, a];
}

/** The minimum of the cubic through values and slopes of two places, between two bounds. */
function cubicMinimum(a: Place, b: Place, low: number, high: number): number {
  const [x, y] = a.at <= b.at ? [a, b] : [b, a];
  const d1 = x.slope + y.slope - (3 * (x.point.value - y.point.value)) / (x.at - y.at);
  const root = d1 * d1 - x.slope * y.slope;
  if (!(root >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(root);
  const minimum = y.at - (y.at - x.at) * ((y.slope + d2 - d1) / (y.slope - x.slope + 2 * d2));
  return Math.min(Math.max(minimum, low), high);
}
