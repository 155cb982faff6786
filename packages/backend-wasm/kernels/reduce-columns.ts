/**
 * Reductions across rows: many rows of contiguous elements become one. Float sums add at most 64
 * numbers in float32 before they go on in double precision.
 */
import { Largest, Smallest } from "./extremes";
import { walk1 } from "./walk";

// What a call says besides addresses: how many rows there are, how far apart in bytes, and for sums
// of more than 64 rows where a double for each column may be kept.
let rows: i32 = 0;
let rowStep: i32 = 0;
let totals: usize = 0;

/** Rows added in float32 before double precision takes over. */
const BLOCK: i32 = 64;

/** The sum of four columns of `count` rows. */
@inline
function addRows(x: usize, count: i32): v128 {
  let a = v128.load(x);
  for (let i = count - 1; i > 0; i--) {
    x += rowStep;
    a = f32x4.add(a, v128.load(x));
  }
  return a;
}

/** Adds four floats to four doubles. */
@inline
function accumulate(t: usize, v: v128): void {
  v128.store(t, f64x2.add(v128.load(t), f64x2.promote_low_f32x4(v)));
  const above = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
  v128.store(t, f64x2.add(v128.load(t, 16), above), 16);
}

@unmanaged
class SumColumns {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    if (rows <= BLOCK) {
      this.block(o, x, n, rows, false);
      return;
    }
    memory.fill(totals, 0, 8 * n);
    for (let i = 0; i < rows; i += BLOCK) this.block(totals, x + i * rowStep, n, min(rows - i, BLOCK), true);
    for (let i = 0; i < n; i++) store<f32>(o + 4 * i, <f32>load<f64>(totals + 8 * i));
  }

  /** The sums of a block of rows, stored as floats or added to doubles. */
  block(o: usize, x: usize, n: i32, count: i32, asDoubles: bool): void {
    for (; n >= 16; n -= 16) {
      let a0 = v128.load(x);
      let a1 = v128.load(x, 16);
      let a2 = v128.load(x, 32);
      let a3 = v128.load(x, 48);
      let p = x;
      for (let i = count - 1; i > 0; i--) {
        p += rowStep;
        a0 = f32x4.add(a0, v128.load(p));
        a1 = f32x4.add(a1, v128.load(p, 16));
        a2 = f32x4.add(a2, v128.load(p, 32));
        a3 = f32x4.add(a3, v128.load(p, 48));
      }
      x += 64;
      if (asDoubles) {
        accumulate(o, a0);
        accumulate(o + 32, a1);
        accumulate(o + 64, a2);
        accumulate(o + 96, a3);
        o += 128;
      } else {
        v128.store(o, a0);
        v128.store(o, a1, 16);
        v128.store(o, a2, 32);
        v128.store(o, a3, 48);
        o += 64;
      }
    }
    for (; n >= 4; n -= 4) {
      const a = addRows(x, count);
      x += 16;
      if (asDoubles) accumulate(o, a);
      else v128.store(o, a);
      o += asDoubles ? 32 : 16;
    }
    for (; n > 0; n--) {
      let a: f64 = 0;
      for (let i = 0; i < count; i++) a += load<f32>(x + i * rowStep);
      x += 4;
      if (asDoubles) store<f64>(o, load<f64>(o) + a);
      else store<f32>(o, <f32>a);
      o += asDoubles ? 8 : 4;
    }
  }
}

@inline
function walkColumns<Columns>(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize, scratch: usize,
): void {
  rows = count;
  rowStep = step;
  totals = scratch;
  walk1<Columns>(o, x, n, 4, 4, frame);
}

export function sumColumnsFloat32(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize, scratch: usize,
): void {
  walkColumns<SumColumns>(o, x, n, count, step, frame, scratch);
}

@unmanaged
class Product {
  @inline
  fold(a: v128, x: v128): v128 {
    return f32x4.mul(a, x);
  }
}

@unmanaged
class WholeSum {
  @inline
  fold(a: v128, x: v128): v128 {
    return i32x4.add(a, x);
  }
}

/** Folds row after row into the output, eight columns at a time. */
@unmanaged
class FoldColumns<Op> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const op = changetype<Op>(0);
    for (; n >= 8; n -= 8) {
      let a0 = v128.load(x);
      let a1 = v128.load(x, 16);
      let p = x;
      for (let i = rows - 1; i > 0; i--) {
        p += rowStep;
        a0 = op.fold(a0, v128.load(p));
        a1 = op.fold(a1, v128.load(p, 16));
      }
      v128.store(o, a0);
      v128.store(o, a1, 16);
      o += 32;
      x += 32;
    }
    for (; n > 0; n--) {
      let a = v128.load32_splat(x);
      for (let i = 1; i < rows; i++) a = op.fold(a, v128.load32_splat(x + i * rowStep));
      v128.store32_lane(o, a, 0);
      o += 4;
      x += 4;
    }
  }
}

export function maxColumnsFloat32(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize, scratch: usize,
): void {
  walkColumns<FoldColumns<Largest>>(o, x, n, count, step, frame, scratch);
}

export function minColumnsFloat32(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize, scratch: usize,
): void {
  walkColumns<FoldColumns<Smallest>>(o, x, n, count, step, frame, scratch);
}

export function prodColumnsFloat32(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize, scratch: usize,
): void {
  walkColumns<FoldColumns<Product>>(o, x, n, count, step, frame, scratch);
}

export function sumColumnsInt32(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize, scratch: usize,
): void {
  walkColumns<FoldColumns<WholeSum>>(o, x, n, count, step, frame, scratch);
}
