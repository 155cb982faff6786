/** Sorting along one axis. */
import type { View } from "../../backend.ts";
import type { TypedArray } from "../../dtype.ts";
import { alongAxis, dataOf, forEachRow } from "./loops.ts";

/** Smaller first, NaN after every number. */
function compare(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

export function argsort(out: View, x: View, axis: number, descending: boolean): void {
  const target = dataOf(out);
  const from: TypedArray = dataOf(x);
  const [outStep, step] = [out.strides[axis]!, x.strides[axis]!];
  const order = new Int32Array(x.shape[axis]!);
  const sign = descending ? -1 : 1;
  const [shape, sources] = alongAxis(axis, out, x);
  forEachRow(shape, sources, ([first, second], count, [nextOut, next]) => {
    for (let n = 0, o = first!, p = second!; n < count; n++, o += nextOut!, p += next!) {
      for (let i = 0; i < order.length; i++) order[i] = i;
      // Equal elements by position: typed arrays sort in place, and not all engines stably.
      order.sort((i, j) => sign * compare(from[p + i * step]!, from[p + j * step]!) || i - j);
      for (let i = 0; i < order.length; i++) target[o + i * outStep] = order[i]!;
    }
  });
}
