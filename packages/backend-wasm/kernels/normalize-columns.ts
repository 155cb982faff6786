/**
 * Normalization of columns of float32: batch norm of `[rows, n]`. Rows are read from start to end,
 * and as many columns at a time as their sums fit into the first-level cache; any range of columns
 * can be a call of its own. Sums are made as in normalize.ts.
 */
import { madd } from "./madd";
import { addTotals, storeTotals } from "./totals";

/** Rows added before double precision takes over. */
const BLOCK: i32 = 64;

/** Columns at a time. */
const COLUMNS: i32 = 256;

// Where in the scratch vectors of COLUMNS numbers are: floats, then doubles.
const SUMS: i32 = 0;
const SQUARES: i32 = 4 * COLUMNS;
const SCALES: i32 = 8 * COLUMNS;
const SHIFTS: i32 = 12 * COLUMNS;
const TOTALS: i32 = 16 * COLUMNS;
const SQUARE_TOTALS: i32 = 24 * COLUMNS;

/** Bytes of scratch that each kernel here needs. */
export function columnsScratchBytes(): i32 {
  return 32 * COLUMNS;
}

/** `totals = sum(x)` of each column. */
function sumRows(scratch: usize, x: usize, rows: i32, step: i32, n: i32): void {
  memory.fill(scratch + TOTALS, 0, 8 * n);
  for (let r = 0; r < rows; r += BLOCK) {
    memory.fill(scratch + SUMS, 0, 4 * n);
    const end = min(r + BLOCK, rows);
    for (let i = r; i < end; i++) {
      const from = x + i * step;
      let c = 0;
      for (; c + 4 <= n; c += 4) {
        const at = scratch + 4 * c;
        v128.store(at, f32x4.add(v128.load(at), v128.load(from + 4 * c)));
      }
      for (; c < n; c++) {
        const at = scratch + 4 * c;
        store<f32>(at, load<f32>(at) + load<f32>(from + 4 * c));
      }
    }
    addTotals(scratch + TOTALS, scratch + SUMS, n);
  }
}

/** Totals of `h` and of `h (x - mean)` of each column, where h is g, or x - mean if g is 0. */
function slopeRows(
  scratch: usize, g: usize, x: usize, mean: usize, rows: i32, step: i32, n: i32,
): void {
  memory.fill(scratch + TOTALS, 0, 8 * n);
  memory.fill(scratch + SQUARE_TOTALS, 0, 8 * n);
  for (let r = 0; r < rows; r += BLOCK) {
    memory.fill(scratch + SUMS, 0, 4 * n);
    memory.fill(scratch + SQUARES, 0, 4 * n);
    const end = min(r + BLOCK, rows);
    for (let i = r; i < end; i++) {
      const from = x + i * step;
      const slopes = g + i * step;
      let c = 0;
      for (; c + 4 <= n; c += 4) {
        const at = scratch + 4 * c;
        const centered = f32x4.sub(v128.load(from + 4 * c), v128.load(mean + 4 * c));
        const h = g ? v128.load(slopes + 4 * c) : centered;
        v128.store(at, f32x4.add(v128.load(at), h));
        v128.store(at + SQUARES, madd(h, centered, v128.load(at + SQUARES)));
      }
      for (; c < n; c++) {
        const at = scratch + 4 * c;
        const centered = load<f32>(from + 4 * c) - load<f32>(mean + 4 * c);
        const h = g ? load<f32>(slopes + 4 * c) : centered;
        store<f32>(at, load<f32>(at) + h);
        store<f32>(at + SQUARES, load<f32>(at + SQUARES) + h * centered);
      }
    }
    addTotals(scratch + TOTALS, scratch + SUMS, n);
    addTotals(scratch + SQUARE_TOTALS, scratch + SQUARES, n);
  }
}

/** `n` columns, rows `step` bytes apart; weight and bias (0 for none) belong to the columns. */
export function normalizeColumns(
  o: usize, x: usize, mean: usize, variance: usize, weight: usize, bias: usize,
  n: i32, rows: i32, step: i32, eps: f64, scratch: usize,
): void {
  for (let c = 0; c < n; c += COLUMNS) {
    const at = 4 * c;
    const w: usize = weight ? weight + at : 0;
    normalizeSome(o + at, x + at, mean + at, variance + at, w, bias + at, min(n - c, COLUMNS), rows, step, eps, scratch);
  }
}

function normalizeSome(
  o: usize, x: usize, mean: usize, variance: usize, weight: usize, bias: usize,
  n: i32, rows: i32, step: i32, eps: f64, scratch: usize,
): void {
  const count = <f64>rows;
  sumRows(scratch, x, rows, step, n);
  storeTotals(mean, scratch + TOTALS, n, 1 / count);
  slopeRows(scratch, 0, x, mean, rows, step, n);
  for (let c = 0; c < n; c++) {
    const at = scratch + 4 * c;
    const off = load<f64>(scratch + TOTALS + 8 * c) / count;
    const v = load<f64>(scratch + SQUARE_TOTALS + 8 * c) / count - off * off;
    let scale = 1 / Math.sqrt(v + eps);
    let shift = -off * scale;
    if (weight) {
      const w = <f64>load<f32>(weight + 4 * c);
      scale *= w;
      shift = shift * w + <f64>load<f32>(bias + 4 * c);
    }
    store<f32>(variance + 4 * c, <f32>v);
    store<f32>(at + SCALES, <f32>scale);
    store<f32>(at + SHIFTS, <f32>shift);
  }
  for (; rows > 0; rows--) {
    let c = 0;
    for (; c + 4 <= n; c += 4) {
      const at = 4 * c;
      const centered = f32x4.sub(v128.load(x + at), v128.load(mean + at));
      const scale = v128.load(scratch + SCALES + at);
      v128.store(o + at, madd(centered, scale, v128.load(scratch + SHIFTS + at)));
    }
    for (; c < n; c++) {
      const at = 4 * c;
      const centered = load<f32>(x + at) - load<f32>(mean + at);
      const scale = load<f32>(scratch + SCALES + at);
      store<f32>(o + at, centered * scale + load<f32>(scratch + SHIFTS + at));
    }
    o += step;
    x += step;
  }
  // What the shifts have made up for.
  for (let c = 0; c < n; c++) {
    const off = load<f64>(scratch + TOTALS + 8 * c) / count;
    store<f32>(mean + 4 * c, <f32>(<f64>load<f32>(mean + 4 * c) + off));
  }
}

/** The adjoint of `x`; arguments as of `normalizeColumns`. */
export function normalizeInputColumns(
  o: usize, g: usize, x: usize, mean: usize, variance: usize, weight: usize,
  n: i32, rows: i32, step: i32, eps: f64, scratch: usize,
): void {
  for (let c = 0; c < n; c += COLUMNS) {
    const at = 4 * c;
    const w: usize = weight ? weight + at : 0;
    adjointSome(o + at, g + at, x + at, mean + at, variance + at, w, min(n - c, COLUMNS), rows, step, eps, scratch);
  }
}

function adjointSome(
  o: usize, g: usize, x: usize, mean: usize, variance: usize, weight: usize,
  n: i32, rows: i32, step: i32, eps: f64, scratch: usize,
): void {
  const count = <f64>rows;
  slopeRows(scratch, g, x, mean, rows, step, n);
  for (let c = 0; c < n; c++) {
    const at = scratch + 4 * c;
    const square = 1 / (<f64>load<f32>(variance + 4 * c) + eps);
    let scale = Math.sqrt(square);
    if (weight) scale *= <f64>load<f32>(weight + 4 * c);
    const along = (-scale * square * load<f64>(scratch + SQUARE_TOTALS + 8 * c)) / count;
    store<f32>(at + SUMS, <f32>along);
    store<f32>(at + SCALES, <f32>scale);
    store<f32>(at + SHIFTS, <f32>((-scale * load<f64>(scratch + TOTALS + 8 * c)) / count));
  }
  for (; rows > 0; rows--) {
    let c = 0;
    for (; c + 4 <= n; c += 4) {
      const at = 4 * c;
      const centered = f32x4.sub(v128.load(x + at), v128.load(mean + at));
      const rest = madd(centered, v128.load(scratch + SUMS + at), v128.load(scratch + SHIFTS + at));
      v128.store(o + at, madd(v128.load(g + at), v128.load(scratch + SCALES + at), rest));
    }
    for (; c < n; c++) {
      const at = 4 * c;
      const centered = load<f32>(x + at) - load<f32>(mean + at);
      const rest = centered * load<f32>(scratch + SUMS + at) + load<f32>(scratch + SHIFTS + at);
      store<f32>(o + at, load<f32>(g + at) * load<f32>(scratch + SCALES + at) + rest);
    }
    o += step;
    g += step;
    x += step;
  }
}

/** The adjoint of a weight of the columns: `sum(g (x - mean)) / sqrt(variance + eps)` of each. */
export function normalizeWeightColumns(
  o: usize, g: usize, x: usize, mean: usize, variance: usize,
  n: i32, rows: i32, step: i32, eps: f64, scratch: usize,
): void {
  for (let c = 0; c < n; c += COLUMNS) {
    const at = 4 * c;
    const some = min(n - c, COLUMNS);
    slopeRows(scratch, g + at, x + at, mean + at, rows, step, some);
    for (let i = 0; i < some; i++) {
      const spread = Math.sqrt(<f64>load<f32>(variance + at + 4 * i) + eps);
      store<f32>(o + at + 4 * i, <f32>(load<f64>(scratch + SQUARE_TOTALS + 8 * i) / spread));
    }
  }
}
