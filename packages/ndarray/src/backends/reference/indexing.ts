/** Picking and adding by integer positions along one axis. */
import type { View } from "../../backend.ts";
import { IndexError } from "../../errors.ts";
import { dataOf, forEachRow } from "./loops.ts";

/** The position itself, if the axis has it. */
function checked(op: string, index: number, length: number): number {
  if (index >= 0 && index < length) return index;
  throw new IndexError(op, `index ${index} is out of range for an axis of length ${length}`);
}

/**
 * The layout of `x` with its stride along `axis` taken out: that axis is walked by index values
 * instead.
 */
function without(x: View, axis: number): { strides: readonly number[]; offset: number } {
  return { strides: x.strides.with(axis, 0), offset: x.offset };
}

export function gather(out: View, x: View, index: View, axis: number): void {
  const target = dataOf(out);
  const from = dataOf(x);
  const positions = dataOf(index);
  const length = x.shape[axis]!;
  const stride = x.strides[axis]!;
  forEachRow(out.shape, [out, without(x, axis), index], (offsets, count, steps) => {
    let [o, p, i] = offsets as [number, number, number];
    const [outStep, step, indexStep] = steps as [number, number, number];
    if (indexStep === 0 && outStep === 1 && step === 1) {
      // One index for the whole row, as when batches are taken from a dataset.
      const start = p + checked("gather", positions[i]!, length) * stride;
      target.set(from.subarray(start, start + count), o);
      return;
    }
    for (let n = 0; n < count; n++, o += outStep, p += step, i += indexStep) {
      target[o] = from[p + checked("gather", positions[i]!, length) * stride]!;
    }
  });
}

export function scatter(out: View, index: View, x: View, axis: number): void {
  const target = dataOf(out);
  const from = dataOf(x);
  const positions = dataOf(index);
  const length = out.shape[axis]!;
  const stride = out.strides[axis]!;
  forEachRow(index.shape, [without(out, axis), x, index], (offsets, count, steps) => {
    let [o, p, i] = offsets as [number, number, number];
    const [outStep, step, indexStep] = steps as [number, number, number];
    for (let n = 0; n < count; n++, o += outStep, p += step, i += indexStep) {
      target[o + checked("scatter", positions[i]!, length) * stride] = from[p]!;
    }
  });
}

export function scatterAdd(out: View, index: View, x: View, axis: number): void {
  const target = dataOf(out);
  const from = dataOf(x);
  const positions = dataOf(index);
  const isBool = out.dtype === "bool";
  const length = out.shape[axis]!;
  const stride = out.strides[axis]!;
  forEachRow(index.shape, [without(out, axis), x, index], (offsets, count, steps) => {
    let [o, p, i] = offsets as [number, number, number];
    const [outStep, step, indexStep] = steps as [number, number, number];
    for (let n = 0; n < count; n++, o += outStep, p += step, i += indexStep) {
      const place = o + checked("scatterAdd", positions[i]!, length) * stride;
      const total = target[place]! + from[p]!;
      target[place] = isBool ? Number(total !== 0) : total;
    }
  });
}
