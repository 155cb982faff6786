/**
 * erf, erfc and gelu of float32. The last two come from the tail Q of the normal distribution: most
 * of its digits in float32, the last few operations in double precision.
 */
import { double, float, ONE, ROUND, SIGN, SIZE, word } from "./constants";
import { high, joined, low, scaledBy } from "./doubles";
import { erf } from "./error";
import { powerTail } from "./exponential";
import { madd, maddDouble } from "./madd";
import { Long1, Map1 } from "./rows";
import { walk1 } from "./walk";

const floats: usize = memory.data<f32>([
  // Q(z) e^(z^2 / 2) in t = (z - 3) / (z + 3), for z from 0 to 14.7; from t^2 on.
  0.123225048, -0.0462132655, 0.00613187719, 0.0029044128, -0.000983107602, -0.000339019462,
  0.000114840979, 5.30949183e-5,
]);

const doubles: usize = memory.data<f64>([
  // The first two of its coefficients.
  0.12151394741916463, -0.20640262068021656,
  // 3; beyond 14.7, Q is 0 as a float32; -log2 e / 2, ln 2, sqrt 2.
  3, 14.7, -0.7213475204444817, 0.6931471805599453, 1.4142135623730951,
]);

@inline
function constant(i: i32): v128 {
  return v128.load64_splat(doubles + 8 * i);
}

@inline
function coefficient(i: i32): v128 {
  return v128.load32_splat(floats + 4 * i);
}

@inline const MIDDLE: i32 = 2;
@inline const FAR: i32 = 3;
@inline const HALF_LOG2E: i32 = 4;
@inline const LN2: i32 = 5;
@inline const SQRT2: i32 = 6;

/** Coefficients from t^2 on. */
@inline
function bend(t: v128): v128 {
  let p = madd(coefficient(7), t, coefficient(6));
  p = madd(p, t, coefficient(5));
  p = madd(p, t, coefficient(4));
  p = madd(p, t, coefficient(3));
  p = madd(p, t, coefficient(2));
  p = madd(p, t, coefficient(1));
  return madd(p, t, coefficient(0));
}

@inline
function turned(z: v128): v128 {
  return f64x2.div(f64x2.sub(z, constant(MIDDLE)), f64x2.add(z, constant(MIDDLE)));
}

/** `factor` times the polynomial, whose bent part is `p`. */
@inline
function scaledTail(factor: v128, t: v128, p: v128): v128 {
  return f64x2.mul(factor, maddDouble(maddDouble(p, t, constant(1)), t, constant(0)));
}

/** Q(z) times a factor, for two pairs of doubles that are at least 0. */
@inline
function tail(z0: v128, z1: v128, factor0: v128, factor1: v128): v128 {
  const t0 = turned(z0);
  const t1 = turned(z1);
  const p = bend(joined(t0, t1));
  const power0 = f64x2.mul(f64x2.mul(z0, z0), constant(HALF_LOG2E));
  const power1 = f64x2.mul(f64x2.mul(z1, z1), constant(HALF_LOG2E));
  const whole0 = f64x2.add(power0, double(ROUND));
  const whole1 = f64x2.add(power1, double(ROUND));
  const rest0 = f64x2.sub(power0, f64x2.sub(whole0, double(ROUND)));
  const rest1 = f64x2.sub(power1, f64x2.sub(whole1, double(ROUND)));
  const q = powerTail(joined(f64x2.mul(rest0, constant(LN2)), f64x2.mul(rest1, constant(LN2))));
  const y0 = scaledTail(factor0, t0, low(p));
  const y1 = scaledTail(factor1, t1, high(p));
  return joined(scaledBy(maddDouble(y0, low(q), y0), whole0), scaledBy(maddDouble(y1, high(q), y1), whole1));
}

@inline
function near(z: v128): v128 {
  return f64x2.pmin(constant(FAR), z);
}

@unmanaged
class Erf {
  @inline
  apply(x: v128): v128 {
    return erf(x);
  }
}

/** 2 Q(sqrt 2 |x|), and 2 less that below 0. */
@unmanaged
class Erfc {
  @inline
  apply(x: v128): v128 {
    const size = v128.and(x, word(SIZE));
    const two = f64x2.splat(2);
    const z0 = near(f64x2.mul(low(size), constant(SQRT2)));
    const z1 = near(f64x2.mul(high(size), constant(SQRT2)));
    const y = tail(z0, z1, two, two);
    const below = f32x4.lt(x, f32x4.splat(0));
    return v128.or(v128.bitselect(f32x4.sub(f32x4.splat(2), y), y, below), f32x4.ne(x, x));
  }
}

/** max(x, 0) - |x| Q(|x|); NaN for the negative infinity, and -0 for -0. */
@unmanaged
class Gelu {
  @inline
  apply(x: v128): v128 {
    const size = v128.and(x, word(SIZE));
    const z0 = near(low(size));
    const z1 = near(high(size));
    const above = v128.or(
      v128.andnot(x, f32x4.le(x, f32x4.splat(0))),
      v128.and(x, word(SIGN)),
    );
    const y = f32x4.sub(above, tail(z0, z1, z0, z1));
    return v128.or(y, f32x4.eq(x, f32x4.splat(-Infinity)));
  }
}

export function erfFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Erf>>(o, x, n, so, sx, frame);
}

export function erfcFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Erfc>>(o, x, n, so, sx, frame);
}

export function geluFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Gelu>>(o, x, n, so, sx, frame);
}
