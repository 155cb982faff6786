/**
 * Tiles whose left operand is read from the image where it lies, `rows[i] + places[p]`, since packing
 * it would take about as long as multiplying: for convolutions of few channels, and to one channel.
 */
import { storeLanes } from "./conv-tile";
import { madd } from "./madd";

/** Sums of so few products are read in place; they run in the order of p, as in `matmul-tile.ts`. */
export const MOST_DIRECT = 64;

/**
 * out[i, 8] = left[i, k] x b[k, 8] for the `count` rows of a tile that are wanted and some beyond.
 * From one row of `out` and `b` to the next in bytes.
 */
// @ts-ignore: decorator
@inline
export function directTile(
  out: usize, outRow: i32, count: i32, rows: usize, places: usize, b: usize, bStep: i32, k: i32,
): void {
  // @ts-ignore: defined on the command line or not at all
  if (isDefined(RELAXED) && count > 4) direct6x8(out, outRow, rows, places, b, bStep, k);
  else direct4x8(out, outRow, rows, places, b, bStep, k);
}

function direct6x8(
  out: usize, outRow: i32, rows: usize, places: usize, b: usize, bStep: i32, k: i32,
): void {
  const a0 = load<u32>(rows);
  const a1 = load<u32>(rows, 4);
  const a2 = load<u32>(rows, 8);
  const a3 = load<u32>(rows, 12);
  const a4 = load<u32>(rows, 16);
  const a5 = load<u32>(rows, 20);
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero;
  let c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero;
  let c40 = zero, c41 = zero;
  let c50 = zero, c51 = zero;
  for (; k > 0; k--) {
    const place = load<u32>(places);
    places += 4;
    const y0 = v128.load(b), y1 = v128.load(b, 16);
    b += bStep;
    let x = v128.load32_splat(a0 + place);
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load32_splat(a1 + place);
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load32_splat(a2 + place);
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load32_splat(a3 + place);
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
    x = v128.load32_splat(a4 + place);
    c40 = madd(x, y0, c40);
    c41 = madd(x, y1, c41);
    x = v128.load32_splat(a5 + place);
    c50 = madd(x, y0, c50);
    c51 = madd(x, y1, c51);
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

function direct4x8(
  out: usize, outRow: i32, rows: usize, places: usize, b: usize, bStep: i32, k: i32,
): void {
  const a0 = load<u32>(rows);
  const a1 = load<u32>(rows, 4);
  const a2 = load<u32>(rows, 8);
  const a3 = load<u32>(rows, 12);
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero;
  let c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero;
  for (; k > 0; k--) {
    const place = load<u32>(places);
    places += 4;
    const y0 = v128.load(b), y1 = v128.load(b, 16);
    b += bStep;
    let x = v128.load32_splat(a0 + place);
    c00 = madd(x, y0, c00);
    c01 = madd(x, y1, c01);
    x = v128.load32_splat(a1 + place);
    c10 = madd(x, y0, c10);
    c11 = madd(x, y1, c11);
    x = v128.load32_splat(a2 + place);
    c20 = madd(x, y0, c20);
    c21 = madd(x, y1, c21);
    x = v128.load32_splat(a3 + place);
    c30 = madd(x, y0, c30);
    c31 = madd(x, y1, c31);
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

/** So few outputs come of `directDots`. */
export const MOST_DOTS = 3;

/**
 * out[i] = left[i, k] x b[k] for the `count` rows of a tile that are wanted. Takes four products at
 * once: k is a multiple of 4, and so many neighbours lie side by side.
 */
export function directDots(
  out: usize, outRow: i32, count: i32, rows: usize, places: usize, b: usize, k: i32,
): void {
  const end = b + 4 * k;
  for (; count > 0; count -= 4) {
    const a0 = load<u32>(rows);
    const a1 = load<u32>(rows, 4);
    const a2 = load<u32>(rows, 8);
    const a3 = load<u32>(rows, 12);
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
    let at = places;
    for (let from = b; from < end; from += 16) {
      const place = load<u32>(at);
      at += 16;
      const y = v128.load(from);
      c0 = madd(v128.load(a0 + place), y, c0);
      c1 = madd(v128.load(a1 + place), y, c1);
      c2 = madd(v128.load(a2 + place), y, c2);
      c3 = madd(v128.load(a3 + place), y, c3);
    }
    const c01 = f32x4.add(
      v128.shuffle<f32>(c0, c1, 0, 1, 4, 5), v128.shuffle<f32>(c0, c1, 2, 3, 6, 7),
    );
    const c23 = f32x4.add(
      v128.shuffle<f32>(c2, c3, 0, 1, 4, 5), v128.shuffle<f32>(c2, c3, 2, 3, 6, 7),
    );
    const sums = f32x4.add(
      v128.shuffle<f32>(c01, c23, 0, 2, 4, 6), v128.shuffle<f32>(c01, c23, 1, 3, 5, 7),
    );
    storeLanes(out, outRow, sums, count);
    out += 4 * outRow;
    rows += 16;
  }
}
