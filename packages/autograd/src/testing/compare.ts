/**
 * How `gradcheck` compares what two ways of differentiating give, and what it says when they
 * differ.
 */
import { NeedleError, showShape } from "@needle/ndarray";
import type { Tensor } from "../index.ts";

/** Derivatives and the way they were found, for messages. */
export type Found<T> = readonly [how: string, value: T];

/**
 * Throws at the first element where two tensors of derivatives differ by more than `tolerance`,
 * relative to the numbers where they are above 1. Infinities and NaN differ from themselves, unless
 * the tolerance is 0.
 *
 * @param whose - what the elements belong to: `input 0`, `the output`.
 */
export function agree(
  whose: string,
  [how, value]: Found<Tensor>,
  [otherHow, other]: Found<Tensor>,
  tolerance: number,
): void {
  const others = other.toTypedArray();
  value.toTypedArray().forEach((x, position) => {
    const y = others[position]!;
    if (close(x, y, tolerance)) return;
    const element = `element ${indexOf(position, value.shape)} of ${whose}`;
    throw wrong(`${how} and ${otherHow} differ at ${element}: ${x} and ${y}`);
  });
}

/**
 * Whether two numbers are finite and differ by no more than `tolerance`; if that is 0, whether they
 * are the same.
 */
export function close(a: number, b: number, tolerance: number): boolean {
  if (tolerance === 0) return Object.is(a, b);
  const apart = Math.abs(a - b);
  return Number.isFinite(apart) && apart <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

/** dtype and shape, as messages show them. */
export function kind(x: Tensor): string {
  return `${x.dtype} ${showShape(x.shape)}`;
}

/** The error of a check that failed. */
export function wrong(problem: string, remedy?: string): NeedleError {
  return new NeedleError("gradcheck", problem, remedy);
}

/** A position in row-major order as an index. */
function indexOf(position: number, shape: readonly number[]): string {
  let rest = position;
  const index = shape.toReversed().map((length) => {
    const i = rest % length;
    rest = (rest - i) / length;
    return i;
  });
  return showShape(index.reverse());
}
