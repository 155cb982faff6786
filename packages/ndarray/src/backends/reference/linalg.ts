/** Factorizations of matrices and triangular systems, in double precision and rounded once. */
import type { View } from "../../backend.ts";
import { LinAlgError } from "../../errors.ts";
import { dataOf, forEachRow } from "./loops.ts";

/** A matrix to work on, row by row. */
type Matrix = Float64Array;

/** Calls `work` with the place of each matrix of the last two axes of every view. */
function forEachMatrix(
  views: readonly View[],
  work: (offsets: readonly number[], batch: number) => void,
): void {
  const outer = views.map((x) => ({ strides: x.strides.slice(0, -2), offset: x.offset }));
  let batch = 0;
  forEachRow(views[0]!.shape.slice(0, -2), outer, (offsets, count, steps) => {
    const places = [...offsets];
    for (let i = 0; i < count; i++) {
      work(places, batch++);
      for (let j = 0; j < places.length; j++) places[j]! += steps[j]!;
    }
  });
}

function load(x: View, offset: number): Matrix {
  const data = dataOf(x);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const [down, right] = x.strides.slice(-2) as [number, number];
  const matrix = new Float64Array(rows * columns);
  for (let i = 0, n = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) matrix[n++] = data[offset + i * down + j * right]!;
  }
  return matrix;
}

function store(out: View, offset: number, value: (i: number, j: number) => number): void {
  const data = dataOf(out);
  const [rows, columns] = out.shape.slice(-2) as [number, number];
  const [down, right] = out.strides.slice(-2) as [number, number];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) data[offset + i * down + j * right] = value(i, j);
  }
}

/** Gaussian elimination with the largest pivot of each column (Golub and Van Loan, 3.4). */
export function lu(out: View, order: View, x: View): void {
  const n = x.shape.at(-1)!;
  // The order is a column, so that it has a matrix for each matrix.
  const column: View = { ...order, shape: [...order.shape, 1], strides: [...order.strides, 0] };
  forEachMatrix([x, out, column], ([from, to, place]) => {
    const a = load(x, from!);
    const rows = Int32Array.from({ length: n }, (_, i) => i);
    for (let k = 0; k < n; k++) {
      let pivot = k;
      for (let i = k + 1; i < n; i++) {
        if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i;
      }
      if (pivot !== k) swapRows(a, rows, n, k, pivot);
      const head = a[k * n + k]!;
      if (head === 0) continue;
      for (let i = k + 1; i < n; i++) {
        const factor = a[i * n + k]! / head;
        a[i * n + k] = factor;
        for (let j = k + 1; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
      }
    }
    store(out, to!, (i, j) => a[i * n + j]!);
    store(column, place!, (i) => rows[i]!);
  });
}

function swapRows(a: Matrix, rows: Int32Array, n: number, k: number, pivot: number): void {
  for (let j = 0; j < n; j++) {
    [a[k * n + j], a[pivot * n + j]] = [a[pivot * n + j]!, a[k * n + j]!];
  }
  [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
}

/** Column by column; reads the lower triangle only. */
export function cholesky(out: View, x: View): void {
  const n = x.shape.at(-1)!;
  forEachMatrix([x, out], ([from, to], batch) => {
    const a = load(x, from!);
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        let sum = a[i * n + j]!;
        for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
        if (i > j) a[i * n + j] = sum / a[j * n + j]!;
        else if (sum > 0 || Number.isNaN(sum)) a[j * n + j] = Math.sqrt(sum);
        else {
          throw new LinAlgError(
            "cholesky",
            `matrix ${batch} is not positive definite, its minor of order ${j + 1} is not positive`,
            "Add a small multiple of the identity, or use qr.",
          );
        }
      }
    }
    store(out, to!, (i, j) => (i >= j ? a[i * n + j]! : 0));
  });
}

/** Substitution from the top or from the bottom. */
export function triangularSolve(out: View, a: View, b: View, upper: boolean, unit: boolean): void {
  const n = a.shape.at(-1)!;
  const columns = b.shape.at(-1)!;
  forEachMatrix([a, b, out], ([left, right, to], batch) => {
    const matrix = load(a, left!);
    const x = load(b, right!);
    for (let step = 0; step < n; step++) {
      const i = upper ? n - 1 - step : step;
      const head = unit ? 1 : matrix[i * n + i]!;
      if (head === 0) {
        throw new LinAlgError(
          "triangularSolve",
          `matrix ${batch} is singular, element [${i},${i}] of its triangle is 0`,
          "Use a matrix of full rank, or add a small multiple of the identity.",
        );
      }
      for (let j = 0; j < columns; j++) {
        let sum = x[i * columns + j]!;
        for (let k = upper ? i + 1 : 0; k < (upper ? n : i); k++) {
          sum -= matrix[i * n + k]! * x[k * columns + j]!;
        }
        x[i * columns + j] = sum / head;
      }
    }
    store(out, to!, (i, j) => x[i * columns + j]!);
  });
}

/** Householder's reflections, with LAPACK's signs. */
export function qr(q: View, r: View, x: View): void {
  const [m, n] = x.shape.slice(-2) as [number, number];
  const k = Math.min(m, n);
  forEachMatrix([x, q, r], ([from, toQ, toR]) => {
    const a = load(x, from!);
    const scales = new Float64Array(k);
    for (let j = 0; j < k; j++) scales[j] = reflect(a, m, n, j);
    const basis = new Float64Array(m * k);
    for (let j = 0; j < k; j++) basis[j * k + j] = 1;
    for (let j = k - 1; j >= 0; j--) applyReflection(a, n, scales[j]!, j, basis, m, k);
    store(q, toQ!, (i, j) => basis[i * k + j]!);
    store(r, toR!, (i, j) => (j >= i ? a[i * n + j]! : 0));
  });
}

/**
 * Turns column `j` into `beta e_j`, leaving the vector of the reflection (without its leading 1)
 * below the diagonal; returns its scale.
 */
function reflect(a: Matrix, m: number, n: number, j: number): number {
  let norm = 0;
  for (let i = j + 1; i < m; i++) norm = Math.hypot(norm, a[i * n + j]!);
  if (norm === 0) return 0;
  const alpha = a[j * n + j]!;
  const beta = alpha >= 0 ? -Math.hypot(alpha, norm) : Math.hypot(alpha, norm);
  for (let i = j + 1; i < m; i++) a[i * n + j]! /= alpha - beta;
  const scale = (beta - alpha) / beta;
  applyReflection(a, n, scale, j, a, m, n, j + 1);
  a[j * n + j] = beta;
  return scale;
}

/** Multiplies `target` from the left by the reflection in column `j` of `a`. */
function applyReflection(
  a: Matrix,
  n: number,
  scale: number,
  j: number,
  target: Matrix,
  m: number,
  columns: number,
  from = 0,
): void {
  if (scale === 0) return;
  for (let c = from; c < columns; c++) {
    let sum = target[j * columns + c]!;
    for (let i = j + 1; i < m; i++) sum += a[i * n + j]! * target[i * columns + c]!;
    sum *= scale;
    target[j * columns + c]! -= sum;
    for (let i = j + 1; i < m; i++) target[i * columns + c]! -= sum * a[i * n + j]!;
  }
}
