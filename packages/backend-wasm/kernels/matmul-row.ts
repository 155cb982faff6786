/**
 * Tiles for one row times a matrix: every element of `b` is used once, so it is read where it lies
 * and memory sets the speed. Sums run in the order of k, as in the other tiles. Strides in bytes.
 */
import { madd } from "./madd";

/** out[32] = a[k] x b[k, 32], the rows of `b` contiguous. */
export function tile1x32(out: usize, a: usize, aStep: i32, b: usize, bRow: i32, k: i32): void {
  const zero = f32x4.splat(0);
  let c0 = zero, c1 = zero, c2 = zero, c3 = zero;
  let c4 = zero, c5 = zero, c6 = zero, c7 = zero;
  for (; k > 0; k--) {
    const x = v128.load32_splat(a);
    c0 = madd(x, v128.load(b), c0);
    c1 = madd(x, v128.load(b, 16), c1);
    c2 = madd(x, v128.load(b, 32), c2);
    c3 = madd(x, v128.load(b, 48), c3);
    c4 = madd(x, v128.load(b, 64), c4);
    c5 = madd(x, v128.load(b, 80), c5);
    c6 = madd(x, v128.load(b, 96), c6);
    c7 = madd(x, v128.load(b, 112), c7);
    a += aStep;
    b += bRow;
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
  v128.store(out, c4, 64);
  v128.store(out, c5, 80);
  v128.store(out, c6, 96);
  v128.store(out, c7, 112);
}

/** out[16] = a[k] x b[k, 16], the columns of `b` contiguous. */
export function tile1x16(out: usize, a: usize, aStep: i32, b: usize, bCol: i32, k: i32): void {
  const zero = f32x4.splat(0);
  let c0 = zero, c1 = zero, c2 = zero, c3 = zero;
  for (; k >= 4; k -= 4) {
    c0 = fourByFour(c0, a, aStep, b, bCol);
    c1 = fourByFour(c1, a, aStep, b + 4 * bCol, bCol);
    c2 = fourByFour(c2, a, aStep, b + 8 * bCol, bCol);
    c3 = fourByFour(c3, a, aStep, b + 12 * bCol, bCol);
    a += 4 * aStep;
    b += 16;
  }
  for (; k > 0; k--) {
    const x = v128.load32_splat(a);
    c0 = madd(x, gather(b, bCol), c0);
    c1 = madd(x, gather(b + 4 * bCol, bCol), c1);
    c2 = madd(x, gather(b + 8 * bCol, bCol), c2);
    c3 = madd(x, gather(b + 12 * bCol, bCol), c3);
    a += aStep;
    b += 4;
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
}

/** Four columns, four steps of k: the columns are transposed in registers. */
// @ts-ignore: decorator
@inline
function fourByFour(sum: v128, a: usize, aStep: i32, b: usize, bCol: i32): v128 {
  const r0 = v128.load(b);
  const r1 = v128.load(b + bCol);
  const r2 = v128.load(b + 2 * bCol);
  const r3 = v128.load(b + 3 * bCol);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  sum = madd(v128.load32_splat(a), v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
  sum = madd(v128.load32_splat(a + aStep), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), sum);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  sum = madd(v128.load32_splat(a + 2 * aStep), v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), sum);
  return madd(v128.load32_splat(a + 3 * aStep), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), sum);
}

// @ts-ignore: decorator
@inline
function gather(b: usize, bCol: i32): v128 {
  let y = v128.load32_zero(b);
  y = v128.load_lane<f32>(b + bCol, y, 1);
  y = v128.load_lane<f32>(b + 2 * bCol, y, 2);
  return v128.load_lane<f32>(b + 3 * bCol, y, 3);
}
