/**
 * HostArray: arrays as plain lists, worked on index by index. It is the truth that kernels are
 * compared with, so it is written to be believed, not to be fast, and shares no loop with the rest
 * of needle. Float results are doubles, not yet rounded to the dtype.
 */
import type { BinaryOp, ReduceOp, UnaryOp } from "../backend.ts";
import type { DType } from "../dtype.ts";
import type { Shape } from "../shape.ts";
import { binaryValue, hold, isWhole, unaryValue, wrap } from "./host-values.ts";

/** A list of elements, and a window on it: what a kernel sees as a View, on the host. */
export interface HostView {
  readonly dtype: DType;
  /** Everything in memory, also what the window leaves out. */
  readonly data: readonly number[];
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Every multi-index of a shape, in row-major order. */
export function multiIndices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (found, length) => found.flatMap((index) => Array.from({ length }, (_, i) => [...index, i])),
    [[]],
  );
}

/** Where in memory the element at a multi-index of a window is. */
export function placeOf(
  x: { readonly strides: readonly number[]; readonly offset: number },
  index: readonly number[],
): number {
  return index.reduce((place, i, axis) => place + i * x.strides[axis]!, x.offset);
}

/** An array of any rank as a list in row-major order. */
export class HostArray {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly values: readonly number[];

  constructor(dtype: DType, shape: Shape, values: readonly number[]) {
    this.dtype = dtype;
    this.shape = shape;
    this.values = values;
  }

  /** The array whose element at each multi-index is `rule(index)`. */
  static from(dtype: DType, shape: Shape, rule: (index: readonly number[]) => number): HostArray {
    return new HostArray(dtype, shape, multiIndices(shape).map(rule));
  }

  /** What a window shows. */
  static of(x: HostView): HostArray {
    return HostArray.from(x.dtype, x.shape, (index) => hold(x.dtype, x.data[placeOf(x, index)]!));
  }

  at(index: readonly number[]): number {
    return this.values[index.reduce((place, i, axis) => place * this.shape[axis]! + i, 0)]!;
  }

  map(rule: (value: number) => number, dtype: DType = this.dtype): HostArray {
    return new HostArray(dtype, this.shape, this.values.map(rule));
  }
}

/** An array, or a number that stands for every element. */
export type HostOperand = HostArray | number;

function operandAt(x: HostOperand, dtype: DType, index: readonly number[]): number {
  return typeof x === "number" ? hold(dtype, x) : x.at(index);
}

/** The values converted to another dtype. */
export function hostCast(dtype: DType, x: HostArray): HostArray {
  return x.map((value) => hold(dtype, value), dtype);
}

/** An elementwise op of one input; `dtype` is the result's. */
export function hostUnary(op: UnaryOp, dtype: DType, x: HostArray): HostArray {
  return x.map((value) => unaryValue(op, x.dtype, value), dtype);
}

/** An elementwise op of two inputs of one shape and of dtype `from`; `dtype` is the result's. */
export function hostBinary(
  op: BinaryOp,
  out: { readonly dtype: DType; readonly shape: Shape },
  from: DType,
  a: HostOperand,
  b: HostOperand,
): HostArray {
  return HostArray.from(out.dtype, out.shape, (index) =>
    binaryValue(op, from, operandAt(a, from, index), operandAt(b, from, index)),
  );
}

/** Elements of `a` where the condition holds, of `b` elsewhere. */
export function hostWhere(
  dtype: DType,
  condition: HostArray,
  a: HostOperand,
  b: HostOperand,
): HostArray {
  return HostArray.from(dtype, condition.shape, (index) =>
    operandAt(condition.at(index) !== 0 ? a : b, dtype, index),
  );
}

/** A reduction that keeps the reduced axes with size 1. */
export function hostReduce(op: ReduceOp, x: HostArray, axes: readonly number[]): HostArray {
  const lengths = (reduced: boolean): number[] =>
    x.shape.map((length, axis) => (axes.includes(axis) === reduced ? length : 1));
  const offsets = multiIndices(lengths(true));
  const dtype = op === "argmax" || op === "argmin" ? "int32" : x.dtype;
  return HostArray.from(dtype, lengths(false), (index) => {
    const elements = offsets.map((offset) => x.at(offset.map((i, axis) => i + index[axis]!)));
    return folds[op](elements, x.dtype);
  });
}

const folds: Record<ReduceOp, (elements: readonly number[], dtype: DType) => number> = {
  sum: (elements, dtype) => accumulate(elements, dtype, "add", 0),
  prod: (elements, dtype) => accumulate(elements, dtype, "mul", 1),
  max: (elements) => elements[firstExtreme(elements, (a, b) => a > b)]!,
  min: (elements) => elements[firstExtreme(elements, (a, b) => a < b)]!,
  argmax: (elements) => firstExtreme(elements, (a, b) => a > b),
  argmin: (elements) => firstExtreme(elements, (a, b) => a < b),
};

function accumulate(
  elements: readonly number[],
  dtype: DType,
  op: "add" | "mul",
  start: number,
): number {
  return elements.reduce((total, value) => binaryValue(op, dtype, total, value), start);
}

/** The first NaN, else the first element that no other beats. */
function firstExtreme(
  elements: readonly number[],
  beats: (a: number, b: number) => boolean,
): number {
  const nan = elements.findIndex(Number.isNaN);
  return nan !== -1 ? nan : elements.findIndex((x) => !elements.some((other) => beats(other, x)));
}

/** The product of the last two axes; the batch axes before them are equal. */
export function hostMatmul(a: HostArray, b: HostArray): HostArray {
  const inner = a.shape.at(-1)!;
  const terms = Array.from({ length: inner }, (_, p) => p);
  return HostArray.from(a.dtype, [...a.shape.slice(0, -1), b.shape.at(-1)!], (index) => {
    const batch = index.slice(0, -2);
    const [row, column] = [index.at(-2)!, index.at(-1)!];
    const products = terms.map((p): [number, number] => [
      a.at([...batch, row, p]),
      b.at([...batch, p, column]),
    ]);
    if (isWhole(a.dtype)) {
      return wrap(
        a.dtype,
        products.reduce((total, [x, y]) => total + BigInt(x) * BigInt(y), 0n),
      );
    }
    return products.reduce((total, [x, y]) => total + x * y, 0);
  });
}

/** `out[i][j] = x[index[i][j]][j]` for axis 0. */
export function hostGather(x: HostArray, index: HostArray, axis: number): HostArray {
  return HostArray.from(x.dtype, index.shape, (at) => x.at(at.with(axis, index.at(at))));
}

/** `out[index[i][j]][j] += x[i][j]` for axis 0, from what `out` holds. */
export function hostScatterAdd(
  out: HostArray,
  index: HostArray,
  x: HostArray,
  axis: number,
): HostArray {
  return HostArray.from(out.dtype, out.shape, (at) => {
    const added = multiIndices(index.shape).filter(
      (from) =>
        index.at(from) === at[axis] && from.every((i, other) => other === axis || i === at[other]),
    );
    return added.reduce(
      (total, from) => binaryValue("add", out.dtype, total, x.at(from)),
      out.at(at),
    );
  });
}

/** `out[index[i][j]][j] = x[i][j]` for axis 0, the last of repeated positions. */
export function hostScatter(
  out: HostArray,
  index: HostArray,
  x: HostArray,
  axis: number,
): HostArray {
  return HostArray.from(out.dtype, out.shape, (at) => {
    const last = multiIndices(index.shape).findLast(
      (from) =>
        index.at(from) === at[axis] && from.every((i, other) => other === axis || i === at[other]),
    );
    return last === undefined ? out.at(at) : x.at(last);
  });
}

/** `log(sum(exp(x)))` with the reduced axes kept. */
export function hostLogsumexp(x: HostArray, axes: readonly number[]): HostArray {
  const shape = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const offsets = multiIndices(x.shape.map((length, axis) => (axes.includes(axis) ? length : 1)));
  return HostArray.from(x.dtype, shape, (index) => {
    const elements = offsets.map((offset) => x.at(offset.map((i, axis) => i + index[axis]!)));
    const largest = elements.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const shift = Number.isFinite(largest) ? largest : 0;
    return Math.log(elements.reduce((total, value) => total + Math.exp(value - shift), 0)) + shift;
  });
}

/** The largest element along an axis, at each place of `x`; NaN if any is. */
export function hostLargest(x: HostArray, axis: number): HostArray {
  const largest = hostReduce("max", x, [axis]);
  return HostArray.from(x.dtype, x.shape, (index) => largest.at(index.with(axis, 0)));
}

/** The composition that a fused softmax stands for: `e / sum(e)` with `e = exp(x - max(x))`. */
export function hostSoftmax(x: HostArray, axis: number): HostArray {
  const largest = hostLargest(x, axis);
  const powers = HostArray.from(x.dtype, x.shape, (index) =>
    Math.exp(x.at(index) - largest.at(index)),
  );
  const total = hostReduce("sum", powers, [axis]);
  return HostArray.from(
    x.dtype,
    x.shape,
    (index) => powers.at(index) / total.at(index.with(axis, 0)),
  );
}

/**
 * The composition that a fused logSoftmax stands for: `s - log(sum(exp(s)))` with `s = x - max(x)`.
 */
export function hostLogSoftmax(x: HostArray, axis: number): HostArray {
  const largest = hostLargest(x, axis);
  const shifted = HostArray.from(x.dtype, x.shape, (index) => x.at(index) - largest.at(index));
  const total = hostReduce("sum", shifted.map(Math.exp), [axis]);
  return HostArray.from(
    x.dtype,
    x.shape,
    (index) => shifted.at(index) - Math.log(total.at(index.with(axis, 0))),
  );
}
