/** Reductions: for each element of the output, a fold over the reduced part of the input. */
import type { ReduceOp, View } from "../../backend.ts";
import { isFloat } from "../../dtype.ts";
import { sizeOf } from "../../shape.ts";
import { dataOf, forEachRow } from "./loops.ts";

/** Folds `count` numbers in `values` into one. */
const folds: Record<ReduceOp, (values: Float64Array, count: number) => number> = {
  sum: (values, count) => pairwiseSum(values, 0, count),
  prod: (values, count) => {
    let product = 1;
    for (let i = 0; i < count; i++) product *= values[i]!;
    return product;
  },
  max: (values, count) => values[firstExtreme(values, count, 1)]!,
  min: (values, count) => values[firstExtreme(values, count, -1)]!,
  argmax: (values, count) => firstExtreme(values, count, 1),
  argmin: (values, count) => firstExtreme(values, count, -1),
};

/** Whole numbers wrap around after each step: their low 32 bits count, which doubles may lose. */
const wholeFolds: Partial<typeof folds> = {
  sum: (values, count) => {
    let total = 0;
    for (let i = 0; i < count; i++) total = (total + values[i]!) | 0;
    return total;
  },
  prod: (values, count) => {
    let product = 1;
    for (let i = 0; i < count; i++) product = Math.imul(product, values[i]!);
    return product;
  },
};

/** Halves are summed apart, so that the rounding error grows with the logarithm of the length. */
function pairwiseSum(values: Float64Array, start: number, end: number): number {
  if (end - start > 128) {
    const middle = (start + end) >>> 1;
    return pairwiseSum(values, start, middle) + pairwiseSum(values, middle, end);
  }
  let total = 0;
  for (let i = start; i < end; i++) total += values[i]!;
  return total;
}

/** The position of the first NaN, else of the first largest (`sign` 1) or smallest (-1) value. */
function firstExtreme(values: Float64Array, count: number, sign: number): number {
  let best = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) return i;
    if ((value - values[best]!) * sign > 0) best = i;
  }
  return best;
}

export function reduce(op: ReduceOp, out: View, x: View, axes: readonly number[]): void {
  const fold = (isFloat(x.dtype) ? undefined : wholeFolds[op]) ?? folds[op];
  const target = dataOf(out);
  const from = dataOf(x);
  const inner = { shape: pick(x.shape, axes), strides: pick(x.strides, axes) };
  const count = sizeOf(inner.shape);
  const gathered = new Float64Array(count);
  // Along the reduced axes the output has size 1, so one element of it stands for each reduced
  // block of the input.
  forEachRow(
    out.shape,
    [out, { strides: keep(x, axes), offset: x.offset }],
    ([first, second], length, [outStep, step]) => {
      for (let i = 0, o = first!, base = second!; i < length; i++, o += outStep!, base += step!) {
        let position = 0;
        forEachRow(
          inner.shape,
          [{ strides: inner.strides, offset: base }],
          ([start], size, [innerStep]) => {
            for (let j = 0, p = start!; j < size; j++, p += innerStep!)
              gathered[position++] = from[p]!;
          },
        );
        target[o] = fold(gathered, count);
      }
    },
  );
}

function pick(list: readonly number[], axes: readonly number[]): number[] {
  return axes.map((axis) => list[axis]!);
}

function keep(x: View, axes: readonly number[]): number[] {
  return x.strides.map((stride, axis) => (axes.includes(axis) ? 0 : stride));
}
