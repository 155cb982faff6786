/** Scans: running totals, products and extremes along one axis. */
import type { ScanOp, View } from "../../backend.ts";
import { isFloat } from "../../dtype.ts";
import { alongAxis, dataOf, forEachRow } from "./loops.ts";

/** Writes what each leading part of `values` gives over them. */
type Fold = (values: Float64Array) => void;

/** Each element combined with the result before it. */
function running(combine: (before: number, value: number) => number): Fold {
  return (values) => {
    for (let i = 1; i < values.length; i++) values[i] = combine(values[i - 1]!, values[i]!);
  };
}

/** Positions of the last element that nothing before it beats, or of the last NaN. */
function latestExtreme(sign: number): Fold {
  return (values) => {
    let best = Number.NaN;
    let position = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      const takesOver = i === 0 || Number.isNaN(value) || (value - best) * sign >= 0;
      // Equal infinities have no difference.
      if (takesOver || value === best) {
        best = value;
        position = i;
      }
      values[i] = position;
    }
  };
}

const folds: Record<ScanOp, Fold> = {
  sum: running((total, value) => total + value),
  prod: running((product, value) => product * value),
  logsumexp: running((total, value) => {
    const largest = Math.max(total, value);
    if (!Number.isFinite(largest)) return largest;
    return largest + Math.log1p(Math.exp(Math.min(total, value) - largest));
  }),
  argmax: latestExtreme(1),
  argmin: latestExtreme(-1),
};

/** Whole numbers wrap around after each step. */
const wholeFolds: Partial<Record<ScanOp, Fold>> = {
  sum: running((total, value) => (total + value) | 0),
  prod: running(Math.imul),
};

export function scan(op: ScanOp, out: View, x: View, axis: number): void {
  const fold = (isFloat(x.dtype) ? undefined : wholeFolds[op]) ?? folds[op];
  const target = dataOf(out);
  const from = dataOf(x);
  const [outStep, step] = [out.strides[axis]!, x.strides[axis]!];
  const values = new Float64Array(x.shape[axis]!);
  const [shape, sources] = alongAxis(axis, out, x);
  forEachRow(shape, sources, ([first, second], count, [nextOut, next]) => {
    for (let n = 0, o = first!, p = second!; n < count; n++, o += nextOut!, p += next!) {
      for (let i = 0; i < values.length; i++) values[i] = from[p + i * step]!;
      fold(values);
      for (let i = 0; i < values.length; i++) target[o + i * outStep] = values[i]!;
    }
  });
}

export function recurrence(out: View, a: View, b: View, axis: number): void {
  const target = dataOf(out);
  const [factors, terms] = [dataOf(a), dataOf(b)];
  const [outStep, stepA, stepB] = [out.strides[axis]!, a.strides[axis]!, b.strides[axis]!];
  const length = out.shape[axis]!;
  const [shape, sources] = alongAxis(axis, out, a, b);
  forEachRow(shape, sources, (offsets, count, steps) => {
    let [o, p, q] = offsets as [number, number, number];
    const [nextOut, nextA, nextB] = steps as [number, number, number];
    for (let n = 0; n < count; n++, o += nextOut, p += nextA, q += nextB) {
      // The first factor has nothing to multiply, be it infinite.
      let value = terms[q]!;
      target[o] = value;
      for (let i = 1; i < length; i++) {
        value = factors[p + i * stepA]! * value + terms[q + i * stepB]!;
        target[o + i * outStep] = value;
      }
    }
  });
}
