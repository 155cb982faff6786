/**
 * Batched matrix product. Both matrices are first copied to double precision (`a` by rows, `b` by
 * columns), so that any strides work and the products are dot products of two contiguous rows; four
 * of them at a time share what they load.
 */
import type { View } from "../../backend.ts";
import { isFloat } from "../../dtype.ts";
import { dataOf, forEachRow } from "./loops.ts";

export function matmul(out: View, a: View, b: View): void {
  const m = out.shape.at(-2)!;
  const n = out.shape.at(-1)!;
  const k = a.shape.at(-1)!;
  const rows = new Float64Array(m * k);
  const columns = new Float64Array(n * k);
  const target = dataOf(out);
  const [outRow, outColumn] = [out.strides.at(-2)!, out.strides.at(-1)!];
  const multiply = isFloat(out.dtype) ? multiplyRow : multiplyWholeRow;
  let packed = -1;
  forEachRow(out.shape.slice(0, -2), [batch(out), batch(a), batch(b)], (offsets, count, steps) => {
    let [o, p, q] = offsets as [number, number, number];
    for (let i = 0; i < count; i++, o += steps[0]!, p += steps[1]!, q += steps[2]!) {
      pack(rows, a, p, m, k, a.strides.at(-2)!, a.strides.at(-1)!);
      if (packed !== q) pack(columns, b, q, n, k, b.strides.at(-1)!, b.strides.at(-2)!);
      packed = q;
      for (let row = 0; row < m; row++) {
        multiply(target, o + row * outRow, outColumn, rows, row * k, columns, n, k);
      }
    }
  });
}

function batch(x: View): { strides: readonly number[]; offset: number } {
  return { strides: x.strides.slice(0, -2), offset: x.offset };
}

/** Copies a strided matrix to contiguous rows of doubles. */
function pack(
  out: Float64Array,
  x: View,
  start: number,
  rows: number,
  columns: number,
  rowStride: number,
  columnStride: number,
): void {
  const from = dataOf(x);
  let position = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0, p = start + i * rowStride; j < columns; j++, p += columnStride)
      out[position++] = from[p]!;
  }
}

/** One row of the output: the dot products of one row of `a` with all columns of `b`. */
function multiplyRow(
  out: { [i: number]: number },
  start: number,
  step: number,
  a: Float64Array,
  row: number,
  b: Float64Array,
  n: number,
  k: number,
): void {
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    const [b0, b1, b2, b3] = [j * k, (j + 1) * k, (j + 2) * k, (j + 3) * k];
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let p = 0; p < k; p++) {
      const v = a[row + p]!;
      s0 += v * b[b0 + p]!;
      s1 += v * b[b1 + p]!;
      s2 += v * b[b2 + p]!;
      s3 += v * b[b3 + p]!;
    }
    out[start + j * step] = s0;
    out[start + (j + 1) * step] = s1;
    out[start + (j + 2) * step] = s2;
    out[start + (j + 3) * step] = s3;
  }
  for (; j < n; j++) {
    let total = 0;
    for (let p = 0, q = j * k; p < k; p++, q++) total += a[row + p]! * b[q]!;
    out[start + j * step] = total;
  }
}

/**
 * The same for whole numbers, which wrap around: their low 32 bits count, which doubles may lose.
 */
function multiplyWholeRow(
  out: { [i: number]: number },
  start: number,
  step: number,
  a: Float64Array,
  row: number,
  b: Float64Array,
  n: number,
  k: number,
): void {
  for (let j = 0; j < n; j++) {
    let total = 0;
    for (let p = 0, q = j * k; p < k; p++, q++) total = (total + Math.imul(a[row + p]!, b[q]!)) | 0;
    out[start + j * step] = total;
  }
}
