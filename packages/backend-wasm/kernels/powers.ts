/**
 * pow, log2 and log10 of float32. Logarithms that are to be multiplied, and log10, so that powers of
 * ten come out whole, are in double precision.
 */
import { double, ROUND } from "./constants";
import { high, joined, low, scaledBy } from "./doubles";
import {
  above, exponentOf, fraction, log2Common, logRare, logTail, powerTail, sizeBits,
} from "./exponential";
import { maddDouble } from "./madd";
import { Long1, Long2, MapCommon } from "./rows";
import { walk1, walk2 } from "./walk";

const doubles: usize = memory.data<f64>([
  // log2((1 + s) / (1 - s)) / s in s^2, for |s| up to 1/5.
  2.8853900818438767, 0.96179661834613173, 0.57709272621954466, 0.41119101007888703,
  0.3485923486232278,
  // Beyond 2^200 and 2^-200, all is infinite or 0 as a float32. ln 2, log10 2 and log10 e.
  200, -200, 0.6931471805599453, 0.3010299956639812, 0.4342944819032518,
  // 1, 2, -0.5.
  1, 2, -0.5,
]);

@inline
function constant(i: i32): v128 {
  return v128.load64_splat(doubles + 8 * i);
}

@inline const MOST: i32 = 5;
@inline const LEAST: i32 = 6;
@inline const LN2: i32 = 7;
@inline const LOG10_2: i32 = 8;
@inline const LOG10_E: i32 = 9;
@inline const ONE: i32 = 10;
@inline const TWO: i32 = 11;
@inline const MINUS_HALF: i32 = 12;

/** e + log2(1 + f) with s = f / (2 + f). */
@inline
function log2Of(f: v128, e: v128): v128 {
  const s = f64x2.div(f, f64x2.add(f, constant(TWO)));
  const square = f64x2.mul(s, s);
  let p = maddDouble(constant(4), square, constant(3));
  p = maddDouble(p, square, constant(2));
  p = maddDouble(p, square, constant(1));
  p = maddDouble(p, square, constant(0));
  return maddDouble(s, p, e);
}

/** b log2 a within what a float32 can show, and a 2^b's whole part of it. */
@inline
function limited(x: v128): v128 {
  return f64x2.pmax(constant(LEAST), f64x2.pmin(constant(MOST), x));
}

/** a^b for a = 2^e (1 + f). */
@inline
function power(f: v128, e: v128, b: v128): v128 {
  const y0 = limited(f64x2.mul(low(b), log2Of(low(f), f64x2.convert_low_i32x4_s(e))));
  const above = v128.shuffle<i64>(e, e, 1, 1);
  const y1 = limited(f64x2.mul(high(b), log2Of(high(f), f64x2.convert_low_i32x4_s(above))));
  const whole0 = f64x2.add(y0, double(ROUND));
  const whole1 = f64x2.add(y1, double(ROUND));
  const rest0 = f64x2.sub(y0, f64x2.sub(whole0, double(ROUND)));
  const rest1 = f64x2.sub(y1, f64x2.sub(whole1, double(ROUND)));
  const q = powerTail(joined(f64x2.mul(rest0, constant(LN2)), f64x2.mul(rest1, constant(LN2))));
  return joined(
    scaledBy(f64x2.add(low(q), constant(ONE)), whole0),
    scaledBy(f64x2.add(high(q), constant(ONE)), whole1),
  );
}

@inline
function powCommon(a: v128, b: v128): v128 {
  const exponent = exponentOf(above(a));
  return power(fraction(a, exponent), exponent, b);
}

/** Any two numbers, as IEEE 754 has it: 1 to the NaN, and anything to the 0, is 1. */
function powAnywhere(a: v128, b: v128): v128 {
  const zero = f32x4.splat(0);
  const endless = f32x4.splat(Infinity);
  const one = f32x4.splat(1);
  const size = f32x4.abs(a);
  const isSmall = i32x4.lt_u(size, i32x4.splat(0x00800000));
  const raised = v128.bitselect(f32x4.mul(size, f32x4.splat(8388608)), size, isSmall);
  const exponent = exponentOf(above(raised));
  const shift = v128.and(isSmall, i32x4.splat(-23));
  let y = power(fraction(raised, exponent), i32x4.add(exponent, shift), b);
  const isEdge = v128.or(f32x4.eq(size, zero), f32x4.eq(size, endless));
  const vanishes = v128.xor(f32x4.eq(size, zero), f32x4.lt(b, zero));
  y = v128.bitselect(v128.andnot(endless, vanishes), y, isEdge);
  // The sign of an odd power, and no power of a negative number that is not whole.
  const isNegative = i32x4.shr_s(a, 31);
  const half = f32x4.mul(b, f32x4.splat(0.5));
  const isWhole = f32x4.eq(f32x4.trunc(b), b);
  const isOdd = v128.andnot(isWhole, f32x4.eq(f32x4.trunc(half), half));
  y = v128.or(y, v128.and(v128.and(isNegative, isOdd), i32x4.splat(0x80000000)));
  const isNowhere = v128.andnot(v128.andnot(f32x4.lt(a, zero), isWhole), isEdge);
  const isUnknown = v128.or(f32x4.ne(a, a), f32x4.ne(b, b));
  y = v128.or(y, v128.or(isNowhere, isUnknown));
  const isOne = v128.or(
    v128.or(f32x4.eq(a, one), f32x4.eq(b, zero)),
    v128.and(f32x4.eq(size, one), f32x4.eq(f32x4.abs(b), endless)),
  );
  return v128.bitselect(one, y, isOne);
}

@unmanaged
class Pow {
  @inline
  apply(a: v128, b: v128): v128 {
    // Positive normal bases and finite exponents.
    const isEndless = i32x4.ge_s(sizeBits(b), i32x4.splat(0x7f800000));
    if (logRare(a, a) || v128.any_true(isEndless)) return powAnywhere(a, b);
    return powCommon(a, b);
  }
}

export function powFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Long2<Pow>>(o, a, b, n, so, sa, sb, frame);
}

// @ts-ignore: decorator
@external("math", "log2")
declare function hostLog2(x: f64): f64;
// @ts-ignore: decorator
@external("math", "log10")
declare function hostLog10(x: f64): f64;

@unmanaged
class Log2 {
  @inline
  rare(a: v128, b: v128): bool {
    return logRare(a, b);
  }
  @inline
  common(x: v128): v128 {
    return log2Common(x);
  }
  anywhere(x: v128): v128 {
    let y = f32x4.splat(<f32>hostLog2(f32x4.extract_lane(x, 0)));
    y = f32x4.replace_lane(y, 1, <f32>hostLog2(f32x4.extract_lane(x, 1)));
    y = f32x4.replace_lane(y, 2, <f32>hostLog2(f32x4.extract_lane(x, 2)));
    return f32x4.replace_lane(y, 3, <f32>hostLog2(f32x4.extract_lane(x, 3)));
  }
}

/** e log10 2 + (f - f^2 / 2 + t) log10 e, of which t alone is not exact before. */
@inline
function log10Of(f: v128, e: v128, t: v128): v128 {
  const bent = maddDouble(f64x2.mul(f, f), constant(MINUS_HALF), f64x2.add(f, t));
  return maddDouble(bent, constant(LOG10_E), f64x2.mul(e, constant(LOG10_2)));
}

@unmanaged
class Log10 {
  @inline
  apply(x: v128): v128 {
    if (logRare(x, x)) return this.anywhere(x);
    const e = exponentOf(above(x));
    const f = fraction(x, e);
    const t = f32x4.mul(f32x4.mul(f32x4.mul(f, f), f), logTail(f));
    const e1 = v128.shuffle<i64>(e, e, 1, 1);
    return joined(
      log10Of(low(f), f64x2.convert_low_i32x4_s(e), low(t)),
      log10Of(high(f), f64x2.convert_low_i32x4_s(e1), high(t)),
    );
  }
  anywhere(x: v128): v128 {
    let y = f32x4.splat(<f32>hostLog10(f32x4.extract_lane(x, 0)));
    y = f32x4.replace_lane(y, 1, <f32>hostLog10(f32x4.extract_lane(x, 1)));
    y = f32x4.replace_lane(y, 2, <f32>hostLog10(f32x4.extract_lane(x, 2)));
    return f32x4.replace_lane(y, 3, <f32>hostLog10(f32x4.extract_lane(x, 3)));
  }
}

export function log2Float32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<MapCommon<Log2>>(o, x, n, so, sx, frame);
}

export function log10Float32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Log10>>(o, x, n, so, sx, frame);
}
