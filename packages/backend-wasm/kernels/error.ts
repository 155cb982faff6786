/**
 * erf of four float32 at a time. Polynomials are minimax fits, their coefficients rounded
 * to float32 one after the other, lowest first.
 */
import { float, ONE, SIGN, SIZE, word } from "./constants";
import { expOfNegative } from "./exponential";
import { madd } from "./madd";

const floats: usize = memory.data<f32>([
  // erf x / x in x^2, for |x| up to 0.92.
  1.12837911, -0.376122326, 0.112793028, -0.0266825203, 0.00487893075, -0.000544976501,
  // -log(erfc x) / x, for x from 0.92 to 4, where erf is 1 to the last digit.
  1.12851727, 0.635708511, 0.105274715, -0.022898186, 0.00321750971, -0.000214293599,
  0.92, 4,
]);

@inline
function constant(i: i32): v128 {
  return v128.load32_splat(floats + 4 * i);
}

@inline const NEAR: i32 = 0;
@inline const FAR: i32 = 6;
@inline const CUT: i32 = 12;
@inline const END: i32 = 13;

/** Near 0 a polynomial, farther out 1 - e^-P(|x|), which is erfc. */
@inline
export function erf(x: v128): v128 {
  const square = f32x4.mul(x, x);
  let near = madd(constant(NEAR + 5), square, constant(NEAR + 4));
  near = madd(near, square, constant(NEAR + 3));
  near = madd(near, square, constant(NEAR + 2));
  near = madd(near, square, constant(NEAR + 1));
  near = madd(near, square, constant(NEAR));
  const size = v128.and(x, word(SIZE));
  const z = f32x4.pmin(size, constant(END));
  let far = madd(constant(FAR + 5), z, constant(FAR + 4));
  far = madd(far, z, constant(FAR + 3));
  far = madd(far, z, constant(FAR + 2));
  far = madd(far, z, constant(FAR + 1));
  far = madd(far, z, constant(FAR));
  const y = f32x4.sub(float(ONE), expOfNegative(f32x4.mul(far, z)));
  const signed = v128.or(y, v128.and(x, word(SIGN)));
  return v128.bitselect(signed, f32x4.mul(x, near), f32x4.gt(size, constant(CUT)));
}
