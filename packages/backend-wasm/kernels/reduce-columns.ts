/**
 * Sums across rows: many rows of contiguous floats become one. They add at most 64
 * numbers in float32 before they go on in double precision.
 */
import { addTotals, storeTotals } from "./totals";
import { walk1 } from "./walk";

// What a call says besides addresses: how many rows there are, how far apart in bytes, and for sums
// of more than 64 rows where a double for each column may be kept.
let rows: i32 = 0;
let rowStep: i32 = 0;
let totals: usize = 0;

/** Rows added in float32 before double precision takes over. */
const BLOCK: i32 = 64;

/** Columns at a time: their sums and four rows of them stay in the first-level cache. */
const COLUMNS: i32 = 4096;

/** Sums are made in the output, then added to the totals; memory is read row after row. */
@unmanaged
class SumColumns {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    for (let c = 0; c < n; c += COLUMNS) this.some(o + 4 * c, x + 4 * c, totals + 8 * c, min(n - c, COLUMNS));
  }

  some(o: usize, x: usize, t: usize, n: i32): void {
    if (rows > BLOCK) memory.fill(t, 0, 8 * n);
    for (let i = 0; i < rows; i += BLOCK) {
      const count = min(rows - i, BLOCK);
      memory.copy(o, x, 4 * n);
      x += rowStep;
      let r = 1;
      for (; r + 4 <= count; r += 4) {
        add4(o, x, n);
        x += 4 * rowStep;
      }
      for (; r < count; r++) {
        add1(o, x, n);
        x += rowStep;
      }
      if (rows > BLOCK) addTotals(t, o, n);
    }
    if (rows > BLOCK) storeTotals(o, t, n, 1);
  }
}

/** Adds a row. */
function add1(o: usize, x: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(o, f32x4.add(v128.load(o), v128.load(x)));
    o += 16;
    x += 16;
  }
  for (; n > 0; n--) {
    store<f32>(o, load<f32>(o) + load<f32>(x));
    o += 4;
    x += 4;
  }
}

/** Adds four rows, one after the other. */
function add4(o: usize, x: usize, n: i32): void {
  let y = x + rowStep;
  let z = y + rowStep;
  let w = z + rowStep;
  for (; n >= 8; n -= 8) {
    let a = f32x4.add(v128.load(o), v128.load(x));
    let b = f32x4.add(v128.load(o, 16), v128.load(x, 16));
    a = f32x4.add(a, v128.load(y));
    b = f32x4.add(b, v128.load(y, 16));
    a = f32x4.add(a, v128.load(z));
    b = f32x4.add(b, v128.load(z, 16));
    v128.store(o, f32x4.add(a, v128.load(w)));
    v128.store(o, f32x4.add(b, v128.load(w, 16)), 16);
    o += 32;
    x += 32;
    y += 32;
    z += 32;
    w += 32;
  }
  for (; n > 0; n--) {
    store<f32>(o, load<f32>(o) + load<f32>(x) + load<f32>(y) + load<f32>(z) + load<f32>(w));
    o += 4;
    x += 4;
    y += 4;
    z += 4;
    w += 4;
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
