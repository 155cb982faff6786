/**
 * Watching ops: while a function runs, a watcher is told every tensor that an op is given and every
 * tensor that one gives. Costs one comparison an op when nobody watches.
 */
import type { Operand, Tensor } from "./tensor.ts";

/** What is told of ops. */
export interface Watcher {
  /** Is shown a tensor that an op is given; the op takes what it returns. */
  readonly operand?: (x: Tensor) => Tensor;
  /** Is shown the result of an op that has a derivative. */
  readonly result?: (name: string, y: Tensor, inputs: readonly Operand[]) => void;
}

interface Watch extends Watcher {
  readonly outer: Watch | null;
}

let watch: Watch | null = null;

/** Runs `fn` under a watcher, besides those that watch already. */
export function watched<T>(watcher: Watcher, fn: () => T): T {
  return underWatch({ ...watcher, outer: watch }, fn);
}

function underWatch<T>(next: Watch | null, fn: () => T): T {
  const before = watch;
  watch = next;
  try {
    return fn();
  } finally {
    watch = before;
  }
}

/** The tensor that an op is to take for `x`. */
export function seen<X>(x: X): X;
export function seen(x: Tensor): Tensor {
  if (watch === null) return x;
  let current = x;
  for (let one: Watch | null = watch; one !== null; one = one.outer) {
    const { operand, outer } = one;
    // What a watcher does itself only those outside of it see.
    if (operand !== undefined) current = underWatch(outer, () => operand(current));
  }
  return current;
}

/** The operands that an op is to take for these. */
export function seenAll<X>(
  operands: readonly X[],
  isTensor: (x: unknown) => boolean,
): readonly X[] {
  return watch === null ? operands : operands.map((x) => (isTensor(x) ? seen(x) : x));
}

/** Shows a result to whoever watches. */
export function showResult(name: string, y: Tensor, inputs: readonly Operand[]): Tensor {
  for (let one = watch; one !== null; one = one.outer) one.result?.(name, y, inputs);
  return y;
}
