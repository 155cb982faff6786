/**
 * Rules about shapes that windows, padding, tiles and parts have, and the errors that go with them.
 */
import { check, type Kinds, whole } from "./args.ts";
import { ArgumentError, ShapeError, show, showShape } from "./errors.ts";
import { checkDistinct, checkList, checkShape, normalizeAxis, type Shape } from "./shape.ts";

/** How far apart the elements of a window are. */
export interface WindowOptions {
  /** Distance between neighbours of a window; 1, where they touch, is the default. */
  readonly dilation?: number;
}

/** What the options of windows must be. */
export const windowOptions: Kinds<WindowOptions> = { dilation: whole(1) };

/** Throws unless `value` is a whole number of at least `least`. */
export function checkCount(op: string, what: string, value: number, least: number): void {
  check(op, what, value, whole(least));
}

/** How many windows of `size` elements, `step` apart, an axis of `length` has room for. */
export function windowCount(
  op: string,
  length: number,
  size: number,
  step: number,
  dilation: number,
): number {
  checkCount(op, "size", size, 1);
  checkCount(op, "step", step, 1);
  const extent = dilation * (size - 1) + 1;
  if (extent > length) {
    const spread = dilation === 1 ? "" : `, spread over ${extent} by dilation ${dilation},`;
    throw new ShapeError(
      op,
      `a window of ${size}${spread} does not fit into an axis of length ${length}`,
      "Pad the axis first, or use a smaller window.",
    );
  }
  return Math.floor((length - extent) / step) + 1;
}

/**
 * What `fold` gives back: checks that `shape` is that of the windows of an axis of `length`, and
 * returns the shape from which they were taken, with the axis counted from the start.
 */
export function foldedShape(
  op: string,
  shape: Shape,
  axis: number,
  length: number,
  step: number,
  dilation: number,
): { shape: number[]; along: number; count: number; size: number } {
  if (shape.length < 2) {
    throw new ShapeError(
      op,
      `needs an axis of windows and one of their elements, got ${showShape(shape)}`,
    );
  }
  const along = normalizeAxis(op, axis, shape.length - 1);
  checkCount(op, "length", length, 0);
  const [count, size] = [shape[along]!, shape.at(-1)!];
  const expected = windowCount(op, length, size, step, dilation);
  if (count !== expected) {
    throw new ShapeError(
      op,
      `${showShape(shape)} has ${count} windows along axis ${along}, an axis of length ${length} has ${expected}`,
      "Pass the length, step and dilation that unfold was given.",
    );
  }
  return { shape: shape.slice(0, -1).with(along, length), along, count, size };
}

/**
 * How much is added before and after each axis: a number for all sides, a pair for all axes, or a
 * pair for each axis.
 */
export type PadWidths = number | readonly [number, number] | readonly (readonly [number, number])[];

/**
 * The pair of every axis.
 *
 * @throws ArgumentError for widths below 0, ShapeError for a wrong number of pairs.
 *
 * @example
 * import { padWidths } from "@needle/ndarray";
 * padWidths("pad", [5, 5], [1, 2]); // => [[1,2],[1,2]]
 */
export function padWidths(op: string, shape: Shape, widths: PadWidths): [number, number][] {
  checkShape(op, shape);
  const isWidth = (width: unknown): boolean => typeof width === "number" || Array.isArray(width);
  if (!isWidth(widths) || (Array.isArray(widths) && !widths.every(isWidth))) {
    const expected = "widths are a number, [before, after], or such a pair an axis";
    throw new ArgumentError(op, `${expected}, got ${show(widths)}`);
  }
  const pairs = allPairs(widths, shape.length);
  if (pairs.length !== shape.length) {
    throw new ShapeError(
      op,
      `${pairs.length} pairs of widths for ${showShape(shape)}, which has ${shape.length} axes`,
      "Give one [before, after] an axis, or one for all.",
    );
  }
  return pairs.map((pair, axis) => {
    const whole = Array.isArray(pair) && pair.length === 2 && pair.every(Number.isSafeInteger);
    if (!whole) {
      const problem = `widths are pairs of whole numbers, got ${show(pair)} for axis ${axis}`;
      throw new ArgumentError(op, problem);
    }
    const [before, after] = pair as [number, number];
    if (before < 0 || after < 0) {
      throw new ArgumentError(
        op,
        `widths must be at least 0, got [${before},${after}] for axis ${axis}`,
        "Use slice to take elements away.",
      );
    }
    return [before, after];
  });
}

function allPairs(widths: PadWidths, rank: number): readonly unknown[] {
  if (typeof widths === "number") return Array.from({ length: rank }, () => [widths, widths]);
  const one = widths.length === 2 && widths.every((width) => typeof width === "number");
  return one ? Array.from({ length: rank }, () => widths) : Array.from<unknown>(widths);
}

/** Sizes with -1 for "as it is", filled in; the rank may grow at the front. */
export function expandedShape(op: string, from: Shape, to: Shape): number[] {
  checkList(op, "a shape is an array of sizes", to);
  const lead = to.length - from.length;
  return Array.from(to, (length, axis) => {
    if (length !== -1) return length;
    if (axis >= lead) return from[axis - lead]!;
    throw new ShapeError(
      op,
      `-1 at axis ${axis} of ${showShape(to)} has no size to keep in ${showShape(from)}`,
    );
  });
}

/**
 * Where `split` cuts an axis of `length`: the start and end of each part.
 *
 * @throws ShapeError when the axis does not divide into so many equal parts.
 *
 * @example
 * import { splitBounds } from "@needle/ndarray";
 * splitBounds("split", 6, [2, 5]); // => [[0,2],[2,5],[5,6]]
 */
export function splitBounds(
  op: string,
  length: number,
  parts: number | readonly number[],
): [number, number][] {
  checkCount(op, "the length of an axis", length, 0);
  if (typeof parts === "number") {
    checkCount(op, "the number of parts", parts, 1);
    if (length % parts !== 0) {
      throw new ShapeError(
        op,
        `an axis of length ${length} does not divide into ${parts} equal parts`,
        "Give the positions to cut at, or use chunk.",
      );
    }
    const size = length / parts;
    return Array.from({ length: parts }, (_, i) => [i * size, (i + 1) * size]);
  }
  if (!Array.isArray(parts)) {
    throw new ArgumentError(op, `parts are a number or where to cut, got ${show(parts)}`);
  }
  for (const cut of parts) check(op, "where to cut", cut, whole());
  const cuts = [0, ...parts.map((cut) => clip(cut < 0 ? cut + length : cut, length)), length];
  return cuts.slice(1).map((end, i) => [cuts[i]!, Math.max(cuts[i]!, end)]);
}

/**
 * The parts that `chunk` makes of an axis of `length`: as many as asked for or fewer, all of one
 * length but the last.
 *
 * @example
 * import { chunkBounds } from "@needle/ndarray";
 * chunkBounds("chunk", 7, 3); // => [[0,3],[3,6],[6,7]]
 */
export function chunkBounds(op: string, length: number, chunks: number): [number, number][] {
  checkCount(op, "the length of an axis", length, 0);
  checkCount(op, "the number of chunks", chunks, 1);
  const size = Math.ceil(length / chunks);
  const count = size === 0 ? chunks : Math.ceil(length / size);
  return Array.from({ length: count }, (_, i) => [i * size, Math.min(length, (i + 1) * size)]);
}

function clip(value: number, high: number): number {
  return Math.min(high, Math.max(0, value));
}

/** What `moveaxis` does as a permutation of `rank` axes. */
export function movedAxes(
  op: string,
  source: number | readonly number[],
  destination: number | readonly number[],
  rank: number,
): number[] {
  const list = (axes: number | readonly number[]): number[] => {
    const named = typeof axes === "number" ? [axes] : axes;
    checkList(op, "axes are a number or an array of numbers", named);
    return Array.from(named, (axis) => normalizeAxis(op, axis, rank));
  };
  const [from, to] = [list(source), list(destination)];
  if (from.length !== to.length) {
    throw new ShapeError(op, `${from.length} axes cannot move to ${to.length} places`);
  }
  for (const axes of [from, to]) checkDistinct(op, axes, axes);
  const rest = Array.from({ length: rank }, (_, axis) => axis).filter((a) => !from.includes(a));
  return Array.from({ length: rank }, (_, place) => {
    const moved = to.indexOf(place);
    return moved === -1 ? rest.shift()! : from[moved]!;
  });
}

/** Throws unless every element of the layout lies within `size` elements of memory. */
export function checkWithin(
  op: string,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  size: number,
): void {
  checkList(op, "strides are an array of whole numbers", strides);
  if (strides.length !== shape.length) {
    throw new ShapeError(op, `${strides.length} strides for ${shape.length} axes`);
  }
  if (![offset, ...strides].every(Number.isSafeInteger)) {
    throw new ArgumentError(
      op,
      `strides and offset are whole numbers, got ${show(strides)} and ${show(offset)}`,
    );
  }
  if (shape.includes(0)) return;
  let [low, high] = [offset, offset];
  shape.forEach((length, axis) => {
    const reach = (length - 1) * strides[axis]!;
    if (reach < 0) low += reach;
    else high += reach;
  });
  if (low < 0 || high >= size) {
    throw new ArgumentError(
      op,
      `${showShape(shape)} with strides [${strides.join(",")}] from ${offset} reaches ${low} to ${high}, the memory has ${size} elements`,
    );
  }
}
