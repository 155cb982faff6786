/**
 * Basic slicing with NumPy's rules: what an index expression selects, as a new shape, strides and
 * offset.
 */
import { ArgumentError, IndexError, show, showShape } from "./errors.ts";

/**
 * One part of an index expression.
 *
 * | written | NumPy | meaning |
 * |---|---|---|
 * | `2`, `-1` | `2`, `-1` | one position; the axis goes away |
 * | `"1:5"`, `"::-1"`, `":"` | `1:5`, `::-1`, `:` | a range |
 * | `[1, 5]`, `[null, null, -1]` | `1:5`, `::-1` | the same range from numbers: start, stop, step |
 * | `"..."` | `...` | as many whole axes as are missing |
 * | `null` | `newaxis` | a new axis of size 1 |
 */
export type Index = number | string | null | readonly (number | null | undefined)[];

/** Where a slice lies in the memory of what it was taken from. */
export interface Slice {
  readonly shape: number[];
  readonly strides: number[];
  readonly offset: number;
}

/** Applies index expressions to a strided layout. */
export function sliceLayout(layout: Slice, indices: readonly Index[], op = "slice"): Slice {
  const { shape, strides } = layout;
  const parts = expandEllipsis(op, indices, shape);
  const result = { shape: [] as number[], strides: [] as number[], offset: layout.offset };
  let axis = 0;
  for (const part of parts) {
    if (part === null) {
      result.shape.push(1);
      result.strides.push(0);
      continue;
    }
    const length = shape[axis]!;
    const stride = strides[axis]!;
    if (typeof part === "number") {
      result.offset += position(op, part, length, axis) * stride;
    } else {
      const { start, step, count } = resolveRange(op, part, length);
      result.shape.push(count);
      result.strides.push(stride * step);
      if (count > 0) result.offset += start * stride;
    }
    axis += 1;
  }
  return result;
}

type Range = readonly (number | null | undefined)[];
export type Part = number | null | Range;

/** Replaces `"..."` (or the missing end) by whole axes and parses the strings. */
function expandEllipsis(op: string, indices: readonly Index[], shape: readonly number[]): Part[] {
  const read = (index: Index): Part => parseIndex(op, index);
  const consumed = indices.filter((index) => index !== null && index !== "...").length;
  if (consumed > shape.length) {
    throw new IndexError(
      op,
      `${consumed} indices for ${showShape(shape)}, which has ${shape.length} axes`,
    );
  }
  const ellipsis = indices.indexOf("...");
  if (ellipsis !== indices.lastIndexOf("..."))
    throw new IndexError(op, 'only one "..." is allowed');
  const whole = new Array<Part>(shape.length - consumed).fill([]);
  const before = indices.slice(0, ellipsis === -1 ? indices.length : ellipsis);
  const after = ellipsis === -1 ? [] : indices.slice(ellipsis + 1);
  return [...before.map(read), ...whole, ...after.map(read)];
}

/** Reads one part of an index expression; throws where it is none. */
export function parseIndex(op: string, index: Index): Part {
  if (typeof index === "number" || index === null) return index;
  if (typeof index !== "string") {
    if (Array.isArray(index) && index.length <= 3) return wholeNumbers(op, index);
    const remedy = 'An index is a position, a range, null or "...".';
    throw new ArgumentError(op, `a range is [start, stop, step], got ${show(index)}`, remedy);
  }
  const fields = index.split(":").map((field) => field.trim());
  if (
    fields.length < 2 ||
    fields.length > 3 ||
    !fields.every((field) => /^([+-]?\d+)?$/.test(field))
  ) {
    throw new ArgumentError(
      op,
      `cannot read ${show(index)}`,
      'Write ranges as "start:stop:step", each part optional.',
    );
  }
  return fields.map((field) => (field === "" ? null : Number(field)));
}

function wholeNumbers(op: string, range: Range): Range {
  if (range.every((bound) => Number.isInteger(bound ?? 0))) return range;
  throw new ArgumentError(op, `ranges need whole numbers, got ${show(range)}`);
}

function position(op: string, index: number, length: number, axis: number): number {
  const resolved = index < 0 ? index + length : index;
  if (!Number.isInteger(index) || resolved < 0 || resolved >= length) {
    throw new IndexError(op, `index ${index} is out of range for axis ${axis} of length ${length}`);
  }
  return resolved;
}

/** Python's slice.indices: the first position, the step, and how many there are. */
function resolveRange(
  op: string,
  range: Range,
  length: number,
): { start: number; step: number; count: number } {
  const step = range[2] ?? 1;
  if (step === 0) throw new ArgumentError(op, "the step cannot be 0");
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clip = (bound: number): number =>
    Math.min(high, Math.max(low, bound < 0 ? bound + length : bound));
  const start = clip(range[0] ?? (step > 0 ? 0 : length - 1));
  const stop = isAbsent(range[1]) ? (step > 0 ? high : low) : clip(range[1]);
  return { start, step, count: Math.max(0, Math.ceil((stop - start) / step)) };
}

function isAbsent(bound: number | null | undefined): bound is null | undefined {
  return bound === null || bound === undefined;
}
