/**
 * Random shapes, values, layouts and index expressions for property tests, with the awkward cases
 * drawn often.
 */
import fc from "fast-check";
import type { DType } from "../dtype.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Index } from "../slice.ts";
import type { HostView } from "./host.ts";

/** Limits of random shapes. */
export interface ShapeLimits {
  /** Default 0. */
  readonly minRank?: number;
  /** Default 5. */
  readonly maxRank?: number;
  /** Largest number of elements. Default 120. */
  readonly maxSize?: number;
}

/** Shapes of any rank, with sizes of 0 and 1 among them. */
export function shapes(limits: ShapeLimits = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = 5, maxSize = 120 } = limits;
  const length = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 2, max: 4 }) },
    { weight: 2, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 11 }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
  return fc
    .array(length, { minLength: minRank, maxLength: maxRank, size: "max" })
    .map((lengths) => shrunk(lengths, maxSize));
}

/** Shortens the longest axes until the shape is small enough. */
function shrunk(lengths: readonly number[], maxSize: number): number[] {
  const shape = [...lengths];
  while (sizeOf(shape) > maxSize) {
    const longest = shape.indexOf(Math.max(...shape));
    shape[longest] = Math.ceil(shape[longest]! / 2);
  }
  return shape;
}

const specials: readonly number[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  0,
  0.5,
  -0.5,
  1.5,
  -1.5,
  2.5,
];

/** Spread evenly from -128 to 128: fast-check's own floats are mostly very small. */
function floats(dtype: "float32" | "float64"): fc.Arbitrary<number> {
  return dtype === "float32"
    ? fc.integer({ min: -(2 ** 24), max: 2 ** 24 }).map((x) => x * 2 ** -17)
    : fc.maxSafeInteger().map((x) => x * 2 ** -46);
}

/**
 * Numbers without specials whose sums and products stay in range; small whole numbers (so ties)
 * among them.
 */
export function moderateValues(dtype: DType): fc.Arbitrary<number> {
  if (dtype === "bool") return fc.integer({ min: 0, max: 1 });
  if (dtype === "uint8") return fc.integer({ min: 0, max: 255 });
  if (dtype === "int32") return fc.integer({ min: -1000, max: 1000 });
  return fc.oneof(
    { weight: 1, arbitrary: fc.integer({ min: -4, max: 4 }) },
    { weight: 2, arbitrary: floats(dtype) },
  );
}

/**
 * Any element of a dtype: ties, NaN, infinities, -0, the smallest and the largest are drawn often.
 */
export function values(dtype: DType): fc.Arbitrary<number> {
  const moderate = moderateValues(dtype);
  if (dtype === "bool" || dtype === "uint8") return moderate;
  if (dtype === "int32") {
    const extremes = fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, -1, 0, 1);
    return fc.oneof(moderate, fc.integer({ min: -4, max: 4 }), extremes, fc.integer());
  }
  const anything = dtype === "float32" ? fc.float() : fc.double();
  return fc.oneof(
    { weight: 4, arbitrary: moderate },
    { weight: 1, arbitrary: fc.constantFrom(...specials) },
    { weight: 1, arbitrary: anything },
  );
}

/** How random views are drawn. */
export interface ViewOptions {
  /** Elements; `values(dtype)` unless given. */
  readonly values?: fc.Arbitrary<number>;
  /** Whether axes may be stretched (stride 0), which an output's must not be. Default true. */
  readonly stretch?: boolean;
}

interface Layout {
  readonly strides: readonly number[];
  readonly offset: number;
  /** Elements of memory the window needs. */
  readonly extent: number;
}

/**
 * Every window of `shape` on a longer list: axes in any memory order, reversed, with steps and
 * gaps, stretched, at an offset.
 */
function layouts(shape: Shape, stretch: boolean): fc.Arbitrary<Layout> {
  const each = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(arbitrary, { minLength: shape.length, maxLength: shape.length });
  const plain = fc.constant({
    order: shape.map((_, axis) => axis),
    steps: shape.map(() => 1),
    gaps: shape.map(() => 0),
    stretched: shape.map(() => false),
  });
  const woven = fc.record({
    order: permutations(shape.length),
    steps: each(fc.constantFrom(1, 1, -1, 2, -2, 3)),
    gaps: each(fc.constantFrom(0, 0, 1, 2)),
    stretched: each(stretch ? fc.constantFrom(false, false, false, true) : fc.constant(false)),
  });
  const lead = fc.integer({ min: 0, max: 5 });
  return fc
    .tuple(fc.oneof({ weight: 1, arbitrary: plain }, { weight: 3, arbitrary: woven }), lead, lead)
    .map(([weave, before, after]) => {
      const strides = shape.map(() => 0);
      let unit = 1;
      let offset = before;
      // Innermost in memory first; far strides keep to small steps, so that memory stays small.
      for (const axis of weave.order.toReversed()) {
        if (weave.stretched[axis]) continue;
        const step = unit > 60 ? Math.sign(weave.steps[axis]!) : weave.steps[axis]!;
        const reach = Math.abs(step) * Math.max(0, shape[axis]! - 1);
        strides[axis] = step * unit;
        if (step < 0) offset += reach * unit;
        unit *= reach + 1 + (unit > 60 ? 0 : weave.gaps[axis]!);
      }
      return { strides, offset, extent: before + unit + after };
    });
}

/** Random windows of a shape and dtype on random memory. */
export function views(
  dtype: DType,
  shape: Shape,
  options: ViewOptions = {},
): fc.Arbitrary<HostView> {
  const { values: elements = values(dtype), stretch = true } = options;
  const cycle = fc.array(elements, { minLength: 1, maxLength: 41, size: "max" });
  return fc.tuple(layouts(shape, stretch), cycle).map(([layout, list]) => ({
    dtype,
    shape,
    strides: layout.strides,
    offset: layout.offset,
    // A third of each round comes from elsewhere, so that memory does not repeat with the list's
    // length.
    data: Array.from(
      { length: layout.extent },
      (_, i) => list[(i + Math.floor(i / 3)) % list.length]!,
    ),
  }));
}

/** Random windows of any shape. */
export function anyViews(
  dtype: DType,
  limits: ShapeLimits & ViewOptions = {},
): fc.Arbitrary<HostView> {
  return shapes(limits).chain((shape) => views(dtype, shape, limits));
}

/** Shapes that broadcast together, and what they give. */
export interface Broadcast {
  readonly operands: readonly number[][];
  readonly result: number[];
}

/** `count` shapes that broadcast to one: each lacks some leading axes and has size 1 on others. */
export function broadcastable(count: number, limits: ShapeLimits = {}): fc.Arbitrary<Broadcast> {
  return shapes(limits).chain((shape) => {
    const operand = fc
      .tuple(
        fc.nat(shape.length),
        fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      )
      .map(([from, ones]) => shape.map((length, axis) => (ones[axis] ? 1 : length)).slice(from));
    return fc.array(operand, { minLength: count, maxLength: count }).map((operands) => ({
      operands,
      result: commonShape(operands),
    }));
  });
}

function commonShape(operands: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...operands.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = operands.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return lengths.find((length) => length !== 1) ?? 1;
  });
}

/** Different axes of an array in increasing order, none and all of them included. */
export function axesOf(rank: number): fc.Arbitrary<number[]> {
  return fc.subarray(Array.from({ length: rank }, (_, axis) => axis));
}

/** As `axesOf`, in any order, some counted from the end. */
export function anyAxesOf(rank: number): fc.Arbitrary<number[]> {
  const named = fc.shuffledSubarray(Array.from({ length: rank }, (_, axis) => axis));
  return fc.tuple(named, fc.infiniteStream(fc.boolean())).map(([axes, fromEnd]) => {
    return axes.map((axis) => (fromEnd.next().value === true ? axis - rank : axis));
  });
}

/** Orders of all axes. */
export function permutations(rank: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank, maxLength: rank },
  );
}

/**
 * Index expressions that fit a shape: positions, ranges beyond either end, steps of either sign,
 * new axes, an ellipsis.
 */
export function indexExpressions(shape: Shape): fc.Arbitrary<Index[]> {
  const bound = (length: number): fc.Arbitrary<number | null> =>
    fc.option(fc.integer({ min: -length - 2, max: length + 2 }), { nil: null });
  const range = (length: number): fc.Arbitrary<Index> =>
    fc.tuple(bound(length), bound(length), fc.constantFrom(null, 1, 2, 3, -1, -2, -3));
  const part = (length: number): fc.Arbitrary<Index> =>
    length === 0
      ? range(length)
      : fc.oneof(
          range(length),
          range(length).map(asText),
          fc.integer({ min: -length, max: length - 1 }),
        );
  const extras = fc.record({
    ellipsis: fc.option(fc.nat(shape.length)),
    skipped: fc.nat(shape.length),
    newAxis: fc.option(fc.nat(shape.length)),
  });
  return fc
    .tuple(fc.tuple(...shape.map(part)), extras)
    .map(([parts, { ellipsis, skipped, newAxis }]) => {
      const from = ellipsis ?? shape.length - skipped;
      const shown: Index[] =
        ellipsis === null
          ? parts.slice(0, from)
          : [...parts.slice(0, from), "...", ...parts.slice(from + skipped)];
      return newAxis === null ? shown : shown.toSpliced(newAxis, 0, null);
    });
}

function asText(range: Index): Index {
  return Array.isArray(range) ? range.map((bound) => bound ?? "").join(":") : range;
}
