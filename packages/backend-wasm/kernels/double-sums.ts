/**
 * Sums of doubles, of rows and of columns. Numbers are added plainly in blocks; the blocks are
 * added with what each addition loses kept beside (Knuth's two-sum), so that the error does not grow
 * with the length.
 */
import { walk1 } from "./walk";

/** Elements of a row that are added plainly, in eight sums. */
const BLOCK: i32 = 256;

/** Rows whose columns are added plainly. */
const ROWS: i32 = 32;

/** What a + b = sum has lost. */
@inline
function loss(a: v128, b: v128, sum: v128): v128 {
  const part = f64x2.sub(sum, a);
  return f64x2.add(f64x2.sub(a, f64x2.sub(sum, part)), f64x2.sub(b, part));
}

/** A total and what it has lost; the total alone where that is no number, beyond infinity. */
@inline
function joined(total: v128, lost: v128): v128 {
  const sum = f64x2.add(total, lost);
  return v128.bitselect(sum, total, f64x2.eq(sum, sum));
}

/** Two elements, `step` bytes apart. */
@inline
function pair(x: usize, step: i32): v128 {
  return v128.load64_lane(x + step, v128.load64_zero(x), 1);
}

/** The sum of at most BLOCK elements: the same additions for every step. */
function blockOf(x: usize, n: i32, step: i32): v128 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  if (step == 8) {
    for (; n >= 8; n -= 8) {
      a = f64x2.add(a, v128.load(x));
      b = f64x2.add(b, v128.load(x, 16));
      c = f64x2.add(c, v128.load(x, 32));
      d = f64x2.add(d, v128.load(x, 48));
      x += 64;
    }
  } else {
    for (; n >= 8; n -= 8) {
      a = f64x2.add(a, pair(x, step));
      b = f64x2.add(b, pair(x + 2 * step, step));
      c = f64x2.add(c, pair(x + 4 * step, step));
      d = f64x2.add(d, pair(x + 6 * step, step));
      x += 8 * step;
    }
  }
  for (; n > 0; n--) {
    a = f64x2.add(a, v128.load64_zero(x));
    x += step;
  }
  const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.add(sum, v128.shuffle<i64>(sum, sum, 1, 0));
}

@unmanaged
class SumRow {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    let total = blockOf(x, min(n, BLOCK), sx);
    let lost = f64x2.splat(0);
    for (let i = BLOCK; i < n; i += BLOCK) {
      const block = blockOf(x + i * sx, min(n - i, BLOCK), sx);
      const sum = f64x2.add(total, block);
      lost = f64x2.add(lost, loss(total, block, sum));
      total = sum;
    }
    v128.store64_lane(o, joined(total, lost), 0);
  }
}

export function sumRowsFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<SumRow>(o, x, n, so, sx, frame);
}

let rows: i32 = 0;
let rowStep: i32 = 0;

@unmanaged
class SumColumns {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    for (; n >= 4; n -= 4) {
      this.four(o, x);
      o += 32;
      x += 32;
    }
    for (; n > 0; n--) {
      this.one(o, x);
      o += 8;
      x += 8;
    }
  }

  four(o: usize, x: usize): void {
    let total0 = f64x2.splat(0);
    let total1 = total0;
    let lost0 = total0;
    let lost1 = total0;
    for (let i = 0; i < rows; i += ROWS) {
      let a = v128.load(x);
      let b = v128.load(x, 16);
      x += rowStep;
      for (let r = min(rows - i, ROWS) - 1; r > 0; r--) {
        a = f64x2.add(a, v128.load(x));
        b = f64x2.add(b, v128.load(x, 16));
        x += rowStep;
      }
      const sum0 = f64x2.add(total0, a);
      const sum1 = f64x2.add(total1, b);
      lost0 = f64x2.add(lost0, loss(total0, a, sum0));
      lost1 = f64x2.add(lost1, loss(total1, b, sum1));
      total0 = sum0;
      total1 = sum1;
    }
    v128.store(o, joined(total0, lost0));
    v128.store(o, joined(total1, lost1), 16);
  }

  one(o: usize, x: usize): void {
    let total = f64x2.splat(0);
    let lost = total;
    for (let i = 0; i < rows; i += ROWS) {
      let a = v128.load64_splat(x);
      x += rowStep;
      for (let r = min(rows - i, ROWS) - 1; r > 0; r--) {
        a = f64x2.add(a, v128.load64_splat(x));
        x += rowStep;
      }
      const sum = f64x2.add(total, a);
      lost = f64x2.add(lost, loss(total, a, sum));
      total = sum;
    }
    v128.store64_lane(o, joined(total, lost), 0);
  }
}

export function sumColumnsFloat64(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize,
): void {
  rows = count;
  rowStep = step;
  walk1<SumColumns>(o, x, n, 8, 8, frame);
}
