/**
 * Ten columns by tiles of their own: class scores are so many. Panels of 8 and 4 would leave two
 * lanes of twelve idle, and few sums to hide the latency of the multiply-add behind.
 */
import { madd } from "./madd";

/**
 * out[rows, 10] = a[rows, k] x b[k, 10], the columns of `b` and of `out` contiguous; at least four
 * rows. The last tile may repeat rows of the one before: the sums are the same. Strides in bytes.
 */
export function multiplyTen(
  out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32, rows: i32,
  b: usize, bStep: i32, k: i32,
): void {
  for (; rows >= 4; rows -= 4) {
    tile4x10(out, outRow, a, aRow, aStep, b, bStep, k);
    out += 4 * outRow;
    a += 4 * aRow;
  }
  const back = 4 - rows;
  if (back < 4) tile4x10(out - back * outRow, outRow, a - back * aRow, aRow, aStep, b, bStep, k);
}

/** The last two columns of two rows share a vector: ten sums, three vectors of `b`, two of `a`. */
function tile4x10(
  out: usize, outRow: i32,
  a: usize, aRow: i32, aStep: i32,
  b: usize, bStep: i32, k: i32,
): void {
  let a0 = a;
  let a1 = a + aRow;
  let a2 = a + 2 * aRow;
  let a3 = a + 3 * aRow;
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero;
  let c20 = zero, c21 = zero, c30 = zero, c31 = zero;
  let d01 = zero, d23 = zero;
  for (; k > 0; k--) {
    const y0 = v128.load(b), y1 = v128.load(b, 16), y2 = v128.load64_splat(b, 32);
    b += bStep;
    let x0 = v128.load32_splat(a0);
    c00 = madd(x0, y0, c00);
    c01 = madd(x0, y1, c01);
    a0 += aStep;
    let x1 = v128.load32_splat(a1);
    c10 = madd(x1, y0, c10);
    c11 = madd(x1, y1, c11);
    a1 += aStep;
    d01 = madd(v128.shuffle<f32>(x0, x1, 0, 1, 4, 5), y2, d01);
    x0 = v128.load32_splat(a2);
    c20 = madd(x0, y0, c20);
    c21 = madd(x0, y1, c21);
    a2 += aStep;
    x1 = v128.load32_splat(a3);
    c30 = madd(x1, y0, c30);
    c31 = madd(x1, y1, c31);
    a3 += aStep;
    d23 = madd(v128.shuffle<f32>(x0, x1, 0, 1, 4, 5), y2, d23);
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store64_lane(out, d01, 0, 32);
  v128.store(out + outRow, c10);
  v128.store(out + outRow, c11, 16);
  v128.store64_lane(out + outRow, d01, 1, 32);
  v128.store(out + 2 * outRow, c20);
  v128.store(out + 2 * outRow, c21, 16);
  v128.store64_lane(out + 2 * outRow, d23, 0, 32);
  v128.store(out + 3 * outRow, c30);
  v128.store(out + 3 * outRow, c31, 16);
  v128.store64_lane(out + 3 * outRow, d23, 1, 32);
}
