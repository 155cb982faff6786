/**
 * exp, log and sigmoid of two doubles at once, within one unit in the last place (sigmoid: two).
 * Their series are Taylor's, cut where a term no longer counts, lowest coefficient first.
 */

const doubles: usize = memory.data<f64>([
  // exp: log2 e; ln 2 in two parts, the first of 33 bits, so that its products with exponents are
  // exact; 1 / k! for k = 2 to 13.
  1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10,
  0.5, 0.16666666666666666, 0.041666666666666664, 0.008333333333333333, 0.001388888888888889,
  0.0001984126984126984, 0.0000248015873015873, 0.0000027557319223985893, 2.755731922398589e-7,
  2.505210838544172e-8, 2.08767569878681e-9, 1.6059043836821613e-10,
  // log: 2 / (2 k + 1) for k = 1 to 10.
  0.6666666666666666, 0.4, 0.2857142857142857, 0.2222222222222222, 0.18181818181818182,
  0.15384615384615385, 0.13333333333333333, 0.11764705882352941, 0.10526315789473684,
  0.09523809523809523,
]);

@inline
function double(i: i32): v128 {
  return v128.load64_splat(doubles + 8 * i);
}

@inline const LOG2_E: i32 = 0;
@inline const LN2_HIGH: i32 = 1;
@inline const LN2_LOW: i32 = 2;
@inline const EXP: i32 = 3;
@inline const LOG: i32 = 15;

/** a b + c, rounded twice. */
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c);
}

/** The polynomial of an even number of coefficients from `i` on: even and odd powers apart, so that less waits. */
@inline
function polynomial(x: v128, i: i32, count: i32): v128 {
  const square = f64x2.mul(x, x);
  let even = double(i + count - 2);
  let odd = double(i + count - 1);
  for (let k = i + count - 4; k >= i; k -= 2) {
    even = madd(even, square, double(k));
    odd = madd(odd, square, double(k + 1));
  }
  return madd(odd, x, even);
}

/** 2^n for int32 n from -1022 to 1023 in the low half. */
@inline
function power(n: v128): v128 {
  return i64x2.shl(i64x2.add(i64x2.extend_low_i32x4_s(n), i64x2.splat(1023)), 52);
}

/** e^x = 2^n e^r with |r| <= ln 2 / 2; 2^n is multiplied in two halves, as it may be no double. */
@inline
export function exp(x: v128): v128 {
  const v = f64x2.pmax(f64x2.splat(-746), f64x2.pmin(f64x2.splat(710), x));
  const n = f64x2.nearest(f64x2.mul(v, double(LOG2_E)));
  const high = f64x2.sub(v, f64x2.mul(n, double(LN2_HIGH)));
  const r = f64x2.sub(high, f64x2.mul(n, double(LN2_LOW)));
  const tail = madd(f64x2.mul(r, r), polynomial(r, EXP, 12), r);
  const whole = i32x4.trunc_sat_f64x2_s_zero(n);
  const half = i32x4.shr_s(whole, 1);
  const y = f64x2.mul(f64x2.add(f64x2.splat(1), tail), power(half));
  return v128.bitselect(f64x2.mul(y, power(i32x4.sub(whole, half))), x, f64x2.eq(x, x));
}

/** 1 / (1 + e^-x), by way of e^-|x|, which does not overflow. */
@inline
export function sigmoid(x: v128): v128 {
  const e = exp(f64x2.neg(f64x2.abs(x)));
  const one = f64x2.splat(1);
  return f64x2.div(v128.bitselect(e, one, f64x2.lt(x, f64x2.splat(0))), f64x2.add(one, e));
}

/**
 * log(2^k (1 + f)) with 1 + f between sqrt(1/2) and sqrt(2): with s = f / (2 + f),
 * log(1 + f) = 2 s + s R(s^2) = f - (f^2 / 2 - s (f^2 / 2 + R(s^2))), which loses nothing where f is
 * small.
 */
@inline
export function log(x: v128): v128 {
  const zero = f64x2.splat(0);
  const isTiny = f64x2.lt(x, f64x2.splat(2.2250738585072014e-308));
  const bits = v128.bitselect(f64x2.mul(x, f64x2.splat(18014398509481984)), x, isTiny);
  // The bits of sqrt(1/2).
  const exponent = i64x2.shr_s(i64x2.sub(bits, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const f = f64x2.sub(i64x2.sub(bits, i64x2.shl(exponent, 52)), f64x2.splat(1));
  const whole = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponent, exponent, 0, 2, 0, 2));
  const k = f64x2.sub(whole, v128.and(isTiny, f64x2.splat(54)));
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  const R = f64x2.mul(z, polynomial(z, LOG, 10));
  const square = f64x2.mul(f64x2.splat(0.5), f64x2.mul(f, f));
  const low = madd(s, f64x2.add(square, R), f64x2.mul(k, double(LN2_LOW)));
  const y = f64x2.sub(f64x2.mul(k, double(LN2_HIGH)), f64x2.sub(f64x2.sub(square, low), f));
  const isUsual = v128.and(f64x2.gt(x, zero), f64x2.lt(x, f64x2.splat(Infinity)));
  // 0 gives -infinity, what is below NaN; infinity and NaN stay.
  const below = v128.bitselect(f64x2.splat(-Infinity), f64x2.splat(NaN), f64x2.eq(x, zero));
  return v128.bitselect(y, v128.bitselect(below, x, f64x2.le(x, zero)), isUsual);
}
