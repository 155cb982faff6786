/**
 * Grids: plain numbers with a shape, on which the values of ops are worked out index by index,
 * apart from any kernel.
 */
import { type Axes, normalizeAxes, reducedShape, type Shape, sizeOf } from "@needle/ndarray";
import type { Tensor } from "../../index.ts";

/** Numbers in row-major order and their shape. */
export interface Grid {
  readonly shape: Shape;
  readonly values: readonly number[];
}

/** The values of a tensor. */
export function gridOf(x: Tensor): Grid {
  return { shape: x.shape, values: Array.from(x.toTypedArray()) };
}

/** The grid whose element at each index is what `element` says. */
export function build(shape: Shape, element: (index: readonly number[]) => number): Grid {
  return { shape, values: indices(shape).map(element) };
}

/** Every index of a shape, in row-major order. */
function indices(shape: Shape): readonly (readonly number[])[] {
  return shape.reduce<number[][]>(
    (found, length) => found.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  );
}

/** The element at an index. */
export function at(x: Grid, index: readonly number[]): number {
  return x.values[index.reduce((position, i, axis) => position * x.shape[axis]! + i, 0)]!;
}

/**
 * The element at an index of a larger shape that `x` is stretched to: aligned at the end, axes of
 * size 1 repeat.
 */
export function stretchedAt(x: Grid, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length);
  return at(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
}

/** Each part along some axes replaced by one number. */
export function fold(
  x: Grid,
  axes: Axes | undefined,
  keepdims: boolean,
  combine: (part: readonly number[]) => number,
): Grid {
  const reduced = normalizeAxes("fold", axes, x.shape.length);
  const kept = reducedShape(x.shape, reduced, true);
  const parts: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
  const places = build(kept, () => 0);
  indices(x.shape).forEach((index, position) => {
    const own = index.map((i, axis) => (reduced.includes(axis) ? 0 : i));
    const place = own.reduce((sum, i, axis) => sum * places.shape[axis]! + i, 0);
    parts[place]!.push(x.values[position]!);
  });
  return { shape: reducedShape(x.shape, reduced, keepdims), values: parts.map(combine) };
}

/** The sum of a list. */
export function total(xs: readonly number[]): number {
  return xs.reduce((sum, x) => sum + x, 0);
}

/** The numbers from 0 to below `n`. */
export function count(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
