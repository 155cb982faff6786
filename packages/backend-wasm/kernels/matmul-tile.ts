/**
 * The register tiles of the matrix product: a few output rows and columns held in registers while
 * k runs. Each output is one running sum in the order of k, whatever the tile and wherever the
 * output lies in it, so cutting a product differently never changes a bit.
 *
 * The tile sizes are set by x64, where an engine has 15 vector registers to give. 6x8 uses them
 * all: 12 sums, two vectors of `b`, one broadcast of `a`; with fewer sums the latency of the
 * multiply-add shows. It only just fits: with a condition before the loop or after it, with row
 * pointers derived from one another, or with the loop unrolled over k, V8 moves sums to memory
 * inside the loop, at half the speed. So a tile is always whole and only stores. Pointers are
 * bumped because each distinct offset of a broadcasting load costs an address computation.
 *
 * `tiles…` runs a tile down the rows: a loop of calls. As a loop around the tile's own, V8 11 moves
 * the sums to memory.
 *
 * Strides are in bytes.
 */
import { madd } from "./madd";

/** out[6, 8] = a[6, k] x b[k, 8]. */
export function tile6x8(
  out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, k: i32,
): void {
  multiply6x8(out, outRow, a, aRow, aStep, b, bStep, k, false, 0);
}

/** The same, while `b` is copied to `packed`, step after step: packing that costs next to nothing. */
export function packingTile6x8(
  out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, k: i32, packed: usize,
): void {
  multiply6x8(out, outRow, a, aRow, aStep, b, bStep, k, true, packed);
}

// @ts-ignore: decorator
@inline
function multiply6x8(
  out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, k: i32, packs: bool, packed: usize,
): void {
  let a0 = a;
  let a1 = a + aRow;
  let a2 = a + 2 * aRow;
  let a3 = a + 3 * aRow;
  let a4 = a + 4 * aRow;
  let a5 = a + 5 * aRow;
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero;
  let c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero;
  let c40 = zero, c41 = zero;
  let c50 = zero, c51 = zero;
  for (; k > 0; k--) {
    const y0 = v128.load(b), y1 = v128.load(b, 16);
    if (packs) {
      v128.store(packed, y0);
      v128.store(packed, y1, 16);
      packed += 32;
    }
    b += bStep;
    let x = v128.load32_splat(a0);
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    a0 += aStep;
    x = v128.load32_splat(a1);
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    a1 += aStep;
    x = v128.load32_splat(a2);
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    a2 += aStep;
    x = v128.load32_splat(a3);
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    a3 += aStep;
    x = v128.load32_splat(a4);
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    a4 += aStep;
    x = v128.load32_splat(a5);
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
    a5 += aStep;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out + outRow, c10);
  v128.store(out + outRow, c11, 16);
  v128.store(out + 2 * outRow, c20);
  v128.store(out + 2 * outRow, c21, 16);
  v128.store(out + 3 * outRow, c30);
  v128.store(out + 3 * outRow, c31, 16);
  v128.store(out + 4 * outRow, c40);
  v128.store(out + 4 * outRow, c41, 16);
  v128.store(out + 5 * outRow, c50);
  v128.store(out + 5 * outRow, c51, 16);
}

/** As many tiles, one below the other; `aTile` leads from the rows of `a` of one to the next. */
export function tiles6x8(
  tiles: i32, out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32, aTile: i32,
  b: usize, bStep: i32, k: i32,
): void {
  for (; tiles > 0; tiles--) {
    tile6x8(out, outRow, a, aRow, aStep, b, bStep, k);
    out += 6 * outRow;
    a += aTile;
  }
}

/** out[4, 8] = a[4, k] x b[k, 8]. */
export function tile4x8(
  out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, k: i32,
): void {
  let a0 = a;
  let a1 = a + aRow;
  let a2 = a + 2 * aRow;
  let a3 = a + 3 * aRow;
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero;
  let c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero;
  for (; k > 0; k--) {
    const y0 = v128.load(b), y1 = v128.load(b, 16);
    b += bStep;
    let x = v128.load32_splat(a0);
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    a0 += aStep;
    x = v128.load32_splat(a1);
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    a1 += aStep;
    x = v128.load32_splat(a2);
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    a2 += aStep;
    x = v128.load32_splat(a3);
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    a3 += aStep;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out + outRow, c10);
  v128.store(out + outRow, c11, 16);
  v128.store(out + 2 * outRow, c20);
  v128.store(out + 2 * outRow, c21, 16);
  v128.store(out + 3 * outRow, c30);
  v128.store(out + 3 * outRow, c31, 16);
}

/** As many tiles, one below the other; `aTile` leads from the rows of `a` of one to the next. */
export function tiles4x8(
  tiles: i32, out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32, aTile: i32,
  b: usize, bStep: i32, k: i32,
): void {
  for (; tiles > 0; tiles--) {
    tile4x8(out, outRow, a, aRow, aStep, b, bStep, k);
    out += 4 * outRow;
    a += aTile;
  }
}

/** out[6, 4] = a[6, k] x b[k, 4]. */
export function tile6x4(
  out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, k: i32,
): void {
  let a0 = a;
  let a1 = a + aRow;
  let a2 = a + 2 * aRow;
  let a3 = a + 3 * aRow;
  let a4 = a + 4 * aRow;
  let a5 = a + 5 * aRow;
  const zero = f32x4.splat(0);
  let c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero;
  for (; k > 0; k--) {
    const y = v128.load(b);
    b += bStep;
    c0 = madd(v128.load32_splat(a0), y, c0);
    a0 += aStep;
    c1 = madd(v128.load32_splat(a1), y, c1);
    a1 += aStep;
    c2 = madd(v128.load32_splat(a2), y, c2);
    a2 += aStep;
    c3 = madd(v128.load32_splat(a3), y, c3);
    a3 += aStep;
    c4 = madd(v128.load32_splat(a4), y, c4);
    a4 += aStep;
    c5 = madd(v128.load32_splat(a5), y, c5);
    a5 += aStep;
  }
  v128.store(out, c0);
  v128.store(out + outRow, c1);
  v128.store(out + 2 * outRow, c2);
  v128.store(out + 3 * outRow, c3);
  v128.store(out + 4 * outRow, c4);
  v128.store(out + 5 * outRow, c5);
}

/** As many tiles, one below the other; `aTile` leads from the rows of `a` of one to the next. */
export function tiles6x4(
  tiles: i32, out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32, aTile: i32,
  b: usize, bStep: i32, k: i32,
): void {
  for (; tiles > 0; tiles--) {
    tile6x4(out, outRow, a, aRow, aStep, b, bStep, k);
    out += 6 * outRow;
    a += aTile;
  }
}

/** out[4, 4] = a[4, k] x b[k, 4]. */
export function tile4x4(
  out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, k: i32,
): void {
  let a0 = a;
  let a1 = a + aRow;
  let a2 = a + 2 * aRow;
  let a3 = a + 3 * aRow;
  const zero = f32x4.splat(0);
  let c0 = zero, c1 = zero, c2 = zero, c3 = zero;
  for (; k > 0; k--) {
    const y = v128.load(b);
    b += bStep;
    c0 = madd(v128.load32_splat(a0), y, c0);
    a0 += aStep;
    c1 = madd(v128.load32_splat(a1), y, c1);
    a1 += aStep;
    c2 = madd(v128.load32_splat(a2), y, c2);
    a2 += aStep;
    c3 = madd(v128.load32_splat(a3), y, c3);
    a3 += aStep;
  }
  v128.store(out, c0);
  v128.store(out + outRow, c1);
  v128.store(out + 2 * outRow, c2);
  v128.store(out + 3 * outRow, c3);
}

/** As many tiles, one below the other; `aTile` leads from the rows of `a` of one to the next. */
export function tiles4x4(
  tiles: i32, out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32, aTile: i32,
  b: usize, bStep: i32, k: i32,
): void {
  for (; tiles > 0; tiles--) {
    tile4x4(out, outRow, a, aRow, aStep, b, bStep, k);
    out += 4 * outRow;
    a += aTile;
  }
}
