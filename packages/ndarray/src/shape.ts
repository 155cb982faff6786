/**
 * Every rule about shapes, strides and axes, and the errors that go with them. Nothing here touches
 * values: an op computes its output shape with these functions, and kernels then trust it.
 */
import { ArgumentError, rightCall, ShapeError, show, showShape } from "./errors.ts";

/** Sizes of the axes, outermost first. */
export type Shape = readonly number[];

/** One axis, several, or all of them (`null` or left out). Negative axes count from the end. */
export type Axes = number | readonly number[] | null;

/** The number of elements of a shape; 1 for `[]`. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/**
 * Strides, in elements, of a row-major array without gaps.
 *
 * @example
 * import { rowMajorStrides } from "@needle/ndarray";
 * rowMajorStrides([2, 3, 4]); // => [12,4,1]
 */
export function rowMajorStrides(shape: Shape): number[] {
  checkSizes("rowMajorStrides", shape);
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/**
 * Whether elements lie in row-major order without gaps. Strides of axes of size 1 do not matter,
 * nor those around no elements.
 */
export function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  if (sizeOf(shape) === 0) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    if (length !== 1 && strides[axis] !== expected) return false;
    expected *= length;
  }
  return true;
}

/** Throws unless a shape is made of numbers: for rules that are called with every op. */
function checkSizes(op: string, shape: Shape): void {
  if (!Array.isArray(shape)) checkShape(op, shape);
  for (const length of shape) if (typeof length !== "number") checkShape(op, shape);
}

/**
 * Throws unless every size is a whole number of at least 0.
 *
 * @param call - how the function is called, where something else may stand in the shape's place.
 */
export function checkShape(op: string, shape: Shape, call?: string): void {
  checkList(op, "a shape is an array of sizes", shape, call);
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new ShapeError(
        op,
        `sizes must be whole numbers of at least 0, got ${showShape(shape)}`,
      );
    }
  }
  if (!Number.isSafeInteger(sizeOf(shape))) {
    throw new ShapeError(op, `${showShape(shape)} has too many elements`);
  }
}

/** Throws unless `list` is an array, as `expected` says. */
export function checkList(
  op: string,
  expected: string,
  list: readonly unknown[],
  call?: string,
): void {
  if (Array.isArray(list)) return;
  const remedy = typeof list === "number" ? `Write [${list}].` : rightCall(list, call);
  throw new ShapeError(op, `${expected}, got ${show(list)}`, remedy);
}

/** The axis as a number from 0 to rank - 1. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis)) {
    throw new ShapeError(op, `an axis is a whole number, got ${show(axis)}`);
  }
  const normalized = axis < 0 ? axis + rank : axis;
  if (normalized >= 0 && normalized < rank) return normalized;
  const axes = `${rank} ${rank === 1 ? "axis" : "axes"}`;
  throw new ShapeError(op, `axis ${axis} is out of range for ${axes}`);
}

/** Two axes that are given as a pair, or one by one. */
export function axisPair(
  op: string,
  axes: number | readonly [number, number],
  other: number,
): readonly [number, number] {
  if (!Array.isArray(axes)) return [axes as number, other];
  if (axes.length === 2) return axes as unknown as readonly [number, number];
  throw new ShapeError(op, `needs two axes, got ${show(axes)}`);
}

/** The axes in increasing order, each once; all of them for `null` or `undefined`. */
export function normalizeAxes(op: string, axes: Axes | undefined, rank: number): number[] {
  if (axes === null || axes === undefined) {
    const all = new Array<number>(rank);
    for (let axis = 0; axis < rank; axis++) all[axis] = axis;
    return all;
  }
  if (typeof axes === "number") return [normalizeAxis(op, axes, rank)];
  checkList(op, "axes are a number or an array of numbers", axes);
  const list = Array.from(axes, (axis) => normalizeAxis(op, axis, rank));
  checkDistinct(op, axes, list);
  return list.sort((a, b) => a - b);
}

/** Throws if two of the axes in `list` are the same; `named` is how they were given. */
export function checkDistinct(op: string, named: readonly number[], list: readonly number[]): void {
  if (new Set(list).size === list.length) return;
  throw new ShapeError(op, `an axis is named twice in ${showShape(named)}`);
}

/**
 * NumPy's broadcasting: shapes are aligned at the end, and a size of 1 stretches.
 *
 * @example
 * import { broadcastShapes } from "@needle/ndarray";
 * broadcastShapes("add", [4, 1], [3]); // => [4,3]
 */
export function broadcastShapes(op: string, ...shapes: Shape[]): number[] {
  for (const shape of shapes) checkSizes(op, shape);
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 1; i <= shape.length; i++) {
      const length = shape[shape.length - i]!;
      const other = result[rank - i]!;
      if (length === other || length === 1) continue;
      if (other !== 1) {
        const all = shapes.map(showShape).join(" and ");
        throw new ShapeError(op, `shapes ${all} do not broadcast (${other} vs ${length})`);
      }
      result[rank - i] = length;
    }
  }
  return result;
}

/** Strides that make an array of `shape` look like one of `target`: 0 along each stretched axis. */
export function broadcastStrides(
  op: string,
  shape: Shape,
  strides: readonly number[],
  target: Shape,
): number[] {
  const lead = target.length - shape.length;
  const fits =
    lead >= 0 && shape.every((length, axis) => length === 1 || length === target[lead + axis]);
  if (!fits)
    throw new ShapeError(op, `${showShape(shape)} does not broadcast to ${showShape(target)}`);
  return target.map((_, axis) =>
    axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]!,
  );
}

/** The axes along which an array of `shape` was stretched to become `target`. */
export function broadcastAxes(shape: Shape, target: Shape): number[] {
  const lead = target.length - shape.length;
  const axes: number[] = [];
  for (let axis = 0; axis < target.length; axis++) {
    if (axis < lead || (shape[axis - lead] === 1 && target[axis] !== 1)) axes.push(axis);
  }
  return axes;
}

/** The shape after reducing `axes`, which stay with size 1 when `keepdims`. */
export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): number[] {
  if (keepdims) return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** The target of a reshape with at most one -1 filled in. */
export function reshapedShape(op: string, from: Shape, to: Shape): number[] {
  checkList(op, "a shape is an array of sizes", to);
  const size = sizeOf(from);
  const unknown = to.indexOf(-1);
  if (unknown !== to.lastIndexOf(-1)) {
    throw new ShapeError(op, `only one size can be -1, got ${showShape(to)}`);
  }
  if (unknown === -1) {
    checkShape(op, to);
    if (sizeOf(to) === size) return [...to];
    throw new ShapeError(
      op,
      `cannot turn ${showShape(from)} into ${showShape(to)} (${size} vs ${sizeOf(to)} elements)`,
    );
  }
  const known = to.filter((_, axis) => axis !== unknown);
  checkShape(op, known);
  const rest = sizeOf(known);
  if (rest === 0 || size % rest !== 0) {
    throw new ShapeError(
      op,
      `cannot turn ${showShape(from)} into ${showShape(to)}: ${size} elements do not divide by ${rest}`,
    );
  }
  return to.map((length) => (length === -1 ? size / rest : length));
}

/**
 * Strides under which the same memory reads as `to` (of equal size), or null if that needs a copy.
 * Axes of `from` are taken in runs that are contiguous among themselves; each run must match a run
 * of `to`.
 */
export function reshapedStrides(
  from: Shape,
  strides: readonly number[],
  to: Shape,
): number[] | null {
  if (isRowMajor(from, strides)) return rowMajorStrides(to);
  const kept = from
    .map((length, axis) => ({ length, stride: strides[axis]! }))
    .filter((a) => a.length !== 1);
  const result = new Array<number>(to.length).fill(1);
  let i = 0;
  let j = 0;
  while (i < kept.length) {
    const start = i;
    const first = j;
    let have = kept[i++]!.length;
    let want = to[j++]!;
    while (have !== want) {
      if (have < want) have *= kept[i++]!.length;
      else want *= to[j++]!;
    }
    for (let axis = start; axis < i - 1; axis++) {
      if (kept[axis]!.stride !== kept[axis + 1]!.stride * kept[axis + 1]!.length) return null;
    }
    let stride = kept[i - 1]!.stride;
    for (let axis = j - 1; axis >= first; axis--) {
      result[axis] = stride;
      stride *= to[axis]!;
    }
  }
  return result;
}

/** Checks that `axes` is a permutation of all axes and returns it with negative axes resolved. */
export function normalizePermutation(op: string, axes: readonly number[], rank: number): number[] {
  checkList(op, "an order is an array of axes", axes);
  const order = Array.from(axes, (axis) => normalizeAxis(op, axis, rank));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ShapeError(op, `${showShape(axes)} is not an order of all ${rank} axes`);
  }
  return order;
}

/**
 * What `matmul` gives: the batch shape and the three sizes. A shape of one axis is a row on the
 * left, a column on the right.
 */
export function matmulShape(
  a: Shape,
  b: Shape,
): { batch: number[]; m: number; k: number; n: number } {
  const product = (): string => `${showShape(a)} x ${showShape(b)}`;
  if (a.length === 0 || b.length === 0) {
    throw new ShapeError("matmul", `needs at least one axis each, ${product()}`);
  }
  const [m, k] = [a.at(-2) ?? 1, a.at(-1)!];
  const [inner, n] = b.length === 1 ? [b[0]!, 1] : [b.at(-2)!, b.at(-1)!];
  if (k !== inner) {
    throw new ShapeError("matmul", `inner sizes differ, ${product()} (${k} vs ${inner})`);
  }
  const hasBatch = a.length > 2 || b.length > 2;
  const batch = hasBatch ? broadcastShapes("matmul", a.slice(0, -2), b.slice(0, -2)) : [];
  return { batch, m, k, n };
}

/**
 * Checks that arrays can be joined along `axis`; returns the joint shape, and the axis counted from
 * the start.
 */
export function concatShape(
  op: string,
  shapes: readonly Shape[],
  axis: number,
): { shape: number[]; along: number } {
  const first = shapes[0];
  if (first === undefined) throw new ArgumentError(op, "needs at least one array");
  const along = normalizeAxis(op, axis, first.length);
  let length = 0;
  for (const shape of shapes) {
    const fits =
      shape.length === first.length && shape.every((size, i) => i === along || size === first[i]);
    if (!fits) {
      throw new ShapeError(
        op,
        `shapes differ outside axis ${along}: ${showShape(first)} and ${showShape(shape)}`,
      );
    }
    length += shape[along]!;
  }
  return { shape: first.map((size, i) => (i === along ? length : size)), along };
}

/**
 * Checks the shapes of `gather`: the index has the array's rank and no larger size on the other
 * axes.
 */
export function checkGather(op: string, shape: Shape, index: Shape, axis: number): void {
  const fits =
    index.length === shape.length && index.every((length, i) => i === axis || length <= shape[i]!);
  if (!fits) {
    throw new ShapeError(
      op,
      `index ${showShape(index)} does not fit ${showShape(shape)} along axis ${axis}`,
      "The index needs the array's rank, and no larger size on the other axes.",
    );
  }
}

/** Checks that what `scatterAdd` adds has an element for each of the index. */
export function checkSource(op: string, source: Shape, index: Shape): void {
  const fits = source.length === index.length && index.every((length, i) => length <= source[i]!);
  if (!fits) {
    throw new ShapeError(
      op,
      `source ${showShape(source)} is smaller than index ${showShape(index)}`,
    );
  }
}

/** Checks that there is a shape, and only one. */
export function checkSameShapes(op: string, shapes: readonly Shape[]): void {
  const first = shapes[0];
  if (first === undefined) throw new ArgumentError(op, "needs at least one array");
  const other = shapes.find((shape) => !sameShape(shape, first));
  if (other !== undefined) {
    throw new ShapeError(op, `shapes differ: ${showShape(first)} and ${showShape(other)}`);
  }
}
