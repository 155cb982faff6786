/** asin, acos, atan and atan2 of four float32 at a time. */
import { float, HALF, ONE, SIGN, word } from "./constants";
import { sizeBits } from "./exponential";
import { madd } from "./madd";
import { Long1, Long2 } from "./rows";
import { walk1, walk2 } from "./walk";

const floats: usize = memory.data<f32>([
  // (atan x / x - 1) / x^2 in x^2, for |x| up to tan(pi / 8).
  -0.333333135, 0.199983597, -0.142413229, 0.105768353, -0.0603377931,
  // (asin x / x - 1) / x^2 in x^2, for |x| up to 1/2.
  0.166666597, 0.0750052184, 0.0445133746, 0.0318390951, 0.0143148098, 0.0376969203,
  // tan(pi / 8); pi / 4, pi / 2 and pi, with what each loses as a float.
  0.41421356, 0.785398185, -2.18556942e-8, 1.57079637, -4.37113883e-8, 3.14159274, -8.74227766e-8,
]);

@inline
function constant(i: i32): v128 {
  return v128.load32_splat(floats + 4 * i);
}

@inline const ASIN: i32 = 5;
@inline const EIGHTH: i32 = 11;
@inline const PI_4: i32 = 12;
@inline const PI_2: i32 = 14;
@inline const PI: i32 = 16;

@inline
function select(mask: v128, yes: v128, no: v128): v128 {
  return v128.bitselect(yes, no, mask);
}

/** (asin x - x) / x, from x^2. */
@inline
function asinBend(square: v128): v128 {
  let p = madd(constant(ASIN + 5), square, constant(ASIN + 4));
  p = madd(p, square, constant(ASIN + 3));
  p = madd(p, square, constant(ASIN + 2));
  p = madd(p, square, constant(ASIN + 1));
  p = madd(p, square, constant(ASIN));
  return f32x4.mul(p, square);
}

/** |x|^2 up to 1/2, and (1 - |x|) / 2 beyond: the square of the sine of half the angle left. */
@inline
function asinSquare(size: v128, isWide: v128): v128 {
  const rest = f32x4.mul(f32x4.sub(float(ONE), size), float(HALF));
  return select(isWide, rest, f32x4.mul(size, size));
}

@unmanaged
class Asin {
  @inline
  apply(x: v128): v128 {
    const size = sizeBits(x);
    const isWide = f32x4.gt(size, float(HALF));
    const square = asinSquare(size, isWide);
    const s = select(isWide, f32x4.sqrt(square), size);
    const r = madd(s, asinBend(square), s);
    const rest = f32x4.sub(constant(PI_2), f32x4.sub(f32x4.add(r, r), constant(PI_2 + 1)));
    return v128.or(select(isWide, rest, r), v128.and(x, word(SIGN)));
  }
}

@unmanaged
class Acos {
  @inline
  apply(x: v128): v128 {
    const size = sizeBits(x);
    const sign = v128.and(x, word(SIGN));
    const isWide = f32x4.gt(size, float(HALF));
    const square = asinSquare(size, isWide);
    const s = select(isWide, f32x4.sqrt(square), size);
    const r = madd(s, asinBend(square), s);
    // 2 r or pi - 2 r; pi / 2 less the signed angle.
    const double = f32x4.add(r, r);
    const turned = f32x4.sub(constant(PI), f32x4.sub(double, constant(PI + 1)));
    const wide = select(i32x4.shr_s(x, 31), turned, double);
    const signed = v128.xor(r, sign);
    const narrow = f32x4.sub(constant(PI_2), f32x4.sub(signed, constant(PI_2 + 1)));
    return v128.or(select(isWide, wide, narrow), f32x4.ne(x, x));
  }
}

/**
 * The angle of the point (x, y) with x >= y >= 0: the arc tangent of y / x, or pi / 4 more than that
 * of (y - x) / (y + x) where it is beyond pi / 8.
 */
@inline
function octant(y: v128, x: v128): v128 {
  const isWide = f32x4.gt(y, f32x4.mul(x, constant(EIGHTH)));
  const above = select(isWide, f32x4.sub(y, x), y);
  const below = select(isWide, f32x4.add(y, x), x);
  const t = f32x4.div(above, below);
  const square = f32x4.mul(t, t);
  let p = madd(constant(4), square, constant(3));
  p = madd(p, square, constant(2));
  p = madd(p, square, constant(1));
  p = madd(p, square, constant(0));
  const bent = madd(f32x4.mul(t, square), p, v128.and(isWide, constant(PI_4 + 1)));
  return f32x4.add(v128.and(isWide, constant(PI_4)), f32x4.add(t, bent));
}

/** pi / 2 - r where `isSteep`. */
@inline
function turnedOver(r: v128, isSteep: v128): v128 {
  return select(isSteep, f32x4.sub(constant(PI_2), f32x4.sub(r, constant(PI_2 + 1))), r);
}

@unmanaged
class Atan {
  @inline
  apply(x: v128): v128 {
    const size = sizeBits(x);
    const isSteep = f32x4.gt(size, float(ONE));
    const y = octant(select(isSteep, float(ONE), size), select(isSteep, size, float(ONE)));
    return v128.or(turnedOver(y, isSteep), v128.and(x, word(SIGN)));
  }
}

@unmanaged
class Atan2 {
  @inline
  apply(y: v128, x: v128): v128 {
    // Scaled down where a sum would overflow; equal infinities are as ones, two zeros as 0 / 1.
    const endless = f32x4.splat(Infinity);
    let across = sizeBits(x);
    let up = sizeBits(y);
    const isSteep = f32x4.gt(up, across);
    let most = select(isSteep, up, across);
    let least = select(isSteep, across, up);
    const isHuge = f32x4.gt(most, f32x4.splat(1e38));
    const scale = select(isHuge, f32x4.splat(0.25), float(ONE));
    most = f32x4.mul(most, scale);
    least = f32x4.mul(least, scale);
    const isEndless = f32x4.eq(least, endless);
    most = select(isEndless, float(ONE), most);
    least = select(isEndless, float(ONE), least);
    most = select(f32x4.eq(most, f32x4.splat(0)), float(ONE), most);
    let r = turnedOver(octant(least, most), isSteep);
    const turned = f32x4.sub(constant(PI), f32x4.sub(r, constant(PI + 1)));
    r = v128.or(select(i32x4.shr_s(x, 31), turned, r), v128.and(y, word(SIGN)));
    return v128.or(r, v128.or(f32x4.ne(x, x), f32x4.ne(y, y)));
  }
}

export function asinFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Asin>>(o, x, n, so, sx, frame);
}

export function acosFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Acos>>(o, x, n, so, sx, frame);
}

export function atanFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Atan>>(o, x, n, so, sx, frame);
}

export function atan2Float32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Long2<Atan2>>(o, a, b, n, so, sa, sb, frame);
}
