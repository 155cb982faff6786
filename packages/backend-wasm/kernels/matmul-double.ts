/**
 * The float64 matrix product out[m, n] = a[m, k] x b[k, n] over any strides, with the arguments and
 * the order of additions of the float32 one: each output is a running sum over blocks of DEPTH,
 * whatever the cuts. Both operands are packed in panels of four lines, the last filled up with
 * zeros.
 */
import { maddDouble } from "./madd";

const ROWS = 64;
const COLUMNS = 128;
const DEPTH = 256;
const TILE_BYTES = 4 * 4 * 8;

/** Bytes of scratch that `matmulManyF64` needs for a product of this size, or for any part of it. */
export function matmulF64ScratchBytes(m: i32, n: i32, k: i32): i32 {
  return TILE_BYTES + 8 * (ROWS + COLUMNS) * min(k, DEPTH);
}

/** `count` products, one after the other; steps from one to the next in bytes. */
export function matmulManyF64(
  out: usize, outRow: i32, outCol: i32,
  a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  m: i32, n: i32, k: i32, scratch: usize,
  count: i32, outStep: i32, aStep: i32, bStep: i32,
): void {
  for (; count > 0; count--) {
    multiply(out, 8 * outRow, 8 * outCol, a, 8 * aRow, 8 * aCol, b, 8 * bRow, 8 * bCol, m, n, k, scratch);
    out += outStep;
    a += aStep;
    b += bStep;
  }
}

/** One product. Strides in bytes. */
function multiply(
  out: usize, outRow: i32, outCol: i32,
  a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  m: i32, n: i32, k: i32, scratch: usize,
): void {
  const packedA = scratch + TILE_BYTES;
  const packedB = packedA + 8 * ROWS * min(k, DEPTH);
  for (let j = 0; j < n; j += COLUMNS) {
    const columns = min(n - j, COLUMNS);
    for (let p = 0; p < k; p += DEPTH) {
      const depth = min(k - p, DEPTH);
      pack(packedB, b + p * bRow + j * bCol, bCol, bRow, columns, depth);
      for (let i = 0; i < m; i += ROWS) {
        const rows = min(m - i, ROWS);
        pack(packedA, a + i * aRow + p * aCol, aRow, aCol, rows, depth);
        for (let c = 0; c < columns; c += 4) {
          for (let r = 0; r < rows; r += 4) {
            tile(scratch, packedA + 8 * r * depth, packedB + 8 * c * depth, depth);
            store(
              out + (i + r) * outRow + (j + c) * outCol, outRow, outCol, p > 0,
              scratch, min(rows - r, 4), min(columns - c, 4),
            );
          }
        }
      }
    }
  }
}

/** Panels of four lines side by side: element p of line i of a panel is its element 4 p + i. */
function pack(dst: usize, src: usize, line: i32, step: i32, lines: i32, k: i32): void {
  for (; lines > 0; lines -= 4) {
    let from = src;
    for (let p = 0; p < k; p++) {
      if (line == 8 && lines >= 4) {
        v128.store(dst, v128.load(from));
        v128.store(dst, v128.load(from, 16), 16);
      } else {
        f64.store(dst, f64.load(from));
        f64.store(dst, lines > 1 ? f64.load(from + line) : 0, 8);
        f64.store(dst, lines > 2 ? f64.load(from + 2 * line) : 0, 16);
        f64.store(dst, lines > 3 ? f64.load(from + 3 * line) : 0, 24);
      }
      from += step;
      dst += 32;
    }
    src += 4 * line;
  }
}

/** The product of two panels, 4 x 4. */
function tile(to: usize, a: usize, b: usize, k: i32): void {
  let c00 = f64x2.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let left = v128.load64_splat(a);
    c00 = maddDouble(left, b0, c00);
    c01 = maddDouble(left, b1, c01);
    left = v128.load64_splat(a, 8);
    c10 = maddDouble(left, b0, c10);
    c11 = maddDouble(left, b1, c11);
    left = v128.load64_splat(a, 16);
    c20 = maddDouble(left, b0, c20);
    c21 = maddDouble(left, b1, c21);
    left = v128.load64_splat(a, 24);
    c30 = maddDouble(left, b0, c30);
    c31 = maddDouble(left, b1, c31);
    a += 32;
    b += 32;
  }
  v128.store(to, c00);
  v128.store(to, c01, 16);
  v128.store(to, c10, 32);
  v128.store(to, c11, 48);
  v128.store(to, c20, 64);
  v128.store(to, c21, 80);
  v128.store(to, c30, 96);
  v128.store(to, c31, 112);
}

/** Moves the part of a tile that exists to where it belongs. */
function store(
  out: usize, outRow: i32, outCol: i32, add: bool, from: usize, rows: i32, columns: i32,
): void {
  for (; rows > 0; rows--) {
    for (let c = 0; c < columns; c++) {
      const to = out + c * outCol;
      const sum = f64.load(from + 8 * c);
      f64.store(to, add ? f64.load(to) + sum : sum);
    }
    out += outRow;
    from += 32;
  }
}
