/** Where things are when the elements of some axes are put in order. */
import { check, type Kind, oneOf, whole } from "./args.ts";
import { ArgumentError, show, showShape } from "./errors.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** How an array is laid out for an op that works along one axis but is asked to reduce several. */
export interface ReducedLast {
  /** The axes for `permute`: those that are kept, then those that are reduced. */
  readonly order: readonly number[];
  /** The sizes of the axes that are kept. */
  readonly kept: Shape;
  /** How many elements are reduced into one. */
  readonly count: number;
}

/** The reduced axes moved to the end, in order. */
export function reducedLast(shape: Shape, reduced: readonly number[]): ReducedLast {
  const all = shape.map((_, axis) => axis);
  const keptAxes = all.filter((axis) => !reduced.includes(axis));
  return {
    order: [...keptAxes, ...reduced],
    kept: keptAxes.map((axis) => shape[axis]!),
    count: sizeOf(reduced.map((axis) => shape[axis]!)),
  };
}

/** What to take where a share falls between two elements. */
export type ShareMethod = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Halves to the even place, as NumPy. */
function nearest(place: number): number {
  const below = Math.floor(place);
  const gap = place - below;
  return gap > 0.5 || (gap === 0.5 && below % 2 === 1) ? below + 1 : below;
}

const methods: Readonly<Record<ShareMethod, (place: number) => number>> = {
  linear: (place) => place,
  lower: Math.floor,
  higher: Math.ceil,
  midpoint: (place) => (Math.floor(place) + Math.ceil(place)) / 2,
  nearest,
};

/** What a share's method must be. */
export const shareMethods: Kind = oneOf(...Object.keys(methods));

/** Throws unless a share is from 0 to 1. */
export function checkShare(op: string, share: number): void {
  if (share >= 0 && share <= 1) return;
  throw new ArgumentError(op, `shares are from 0 to 1 (percentages to 100), got ${show(share)}`);
}

/**
 * The place of a share of `count` elements in order, 0 for the first: whole, or between two.
 *
 * @throws ArgumentError for a share outside 0 to 1, and for an unknown method.
 */
export function placeOfShare(
  op: string,
  share: number,
  count: number,
  method: ShareMethod = "linear",
): number {
  checkShare(op, share);
  check(op, "method", method, shareMethods);
  return methods[method](share * (count - 1));
}

/** Throws unless an axis has `k` elements. */
export function checkTopk(k: number, shape: Shape, axis: number): void {
  const length = shape[axis]!;
  if (Number.isSafeInteger(k) && k >= 0 && k <= length) return;
  throw new ArgumentError(
    "topk",
    `k must be a whole number from 0 to ${length}, the size of axis ${axis} of ${showShape(shape)}, got ${show(k)}`,
  );
}

/** Throws unless differences can be taken `n` times. */
export function checkTimes(n: number): void {
  check("diff", "n", n, whole(0));
}
