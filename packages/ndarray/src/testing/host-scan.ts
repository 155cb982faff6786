/** What scans, recurrences and sorting give, on lists: each element worked out for itself. */
import type { ScanOp } from "../backend.ts";
import { HostArray, hostLogsumexp, hostReduce } from "./host.ts";

/** The elements along an axis through the place `index`, up to and including it. */
function upTo(x: HostArray, axis: number, index: readonly number[]): HostArray {
  const count = index[axis]! + 1;
  return HostArray.from(x.dtype, [count], ([i]) => x.at(index.with(axis, i!)));
}

/** The position of the last element no other beats, or of the last NaN. */
function latest(values: readonly number[], beats: (a: number, b: number) => boolean): number {
  const nan = values.findLastIndex(Number.isNaN);
  return nan !== -1 ? nan : values.findLastIndex((x) => !values.some((other) => beats(other, x)));
}

const folds: Record<ScanOp, (part: HostArray) => number> = {
  sum: (part) => hostReduce("sum", part, [0]).values[0]!,
  prod: (part) => hostReduce("prod", part, [0]).values[0]!,
  logsumexp: (part) => hostLogsumexp(part, [0]).values[0]!,
  argmax: (part) => latest(part.values, (a, b) => a > b),
  argmin: (part) => latest(part.values, (a, b) => a < b),
};

/** A scan along an axis. */
export function hostScan(op: ScanOp, x: HostArray, axis: number): HostArray {
  const dtype = op === "argmax" || op === "argmin" ? "int32" : x.dtype;
  return HostArray.from(dtype, x.shape, (index) => folds[op](upTo(x, axis, index)));
}

/** `y[i] = a[i] y[i - 1] + b[i]` along an axis, from 0. */
export function hostRecurrence(a: HostArray, b: HostArray, axis: number): HostArray {
  return HostArray.from(b.dtype, b.shape, (index) => {
    const terms = upTo(b, axis, index).values;
    const factors = upTo(a, axis, index).values;
    return terms.reduce((value, term, i) => (i === 0 ? term : factors[i]! * value + term));
  });
}

/** The positions that sort an axis: each element's rank is the number of those before it. */
export function hostArgsort(x: HostArray, axis: number, descending: boolean): HostArray {
  const before = (a: number, b: number): boolean => {
    if (Number.isNaN(a) || Number.isNaN(b))
      return descending ? Number.isNaN(a) && !Number.isNaN(b) : !Number.isNaN(a);
    return descending ? a > b : a < b;
  };
  const line = (index: readonly number[]): readonly number[] =>
    upTo(x, axis, index.with(axis, x.shape[axis]! - 1)).values;
  return HostArray.from("int32", x.shape, (index) => {
    const values = line(index);
    const comesBefore = (i: number, j: number): boolean => {
      const [a, b] = [values[i]!, values[j]!];
      const isNaNPair = Number.isNaN(a) && Number.isNaN(b);
      if (isNaNPair || a === b) return i < j;
      return before(a, b);
    };
    return values.findIndex(
      (_, i) => values.filter((_value, j) => comesBefore(j, i)).length === index[axis],
    );
  });
}
