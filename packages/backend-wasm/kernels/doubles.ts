/** Float32 kernels that need more digits on the way work on two pairs of doubles: in, and out. */

/** The first two of four floats as doubles. */
@inline
export function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The other two. */
@inline
export function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

/** Four floats of two pairs of doubles. */
@inline
export function joined(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
}

/** x 2^n, with n as the low bits of `z`; x is not 0, and the result normal. */
@inline
export function scaledBy(x: v128, z: v128): v128 {
  return i64x2.add(x, i64x2.shl(z, 52));
}
