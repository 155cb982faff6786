/**
 * sin, cos and tan of four float32. The argument is reduced to a quarter turn in double precision;
 * far ones are left to the host.
 */
import { COS, double, float, MINUS_HALF, ONE, SIN } from "./constants";
import { sizeBits } from "./exponential";
import { madd } from "./madd";

@external("math", "sin")
declare function hostSin(x: f64): f64;
@external("math", "cos")
declare function hostCos(x: f64): f64;
@external("math", "tan")
declare function hostTan(x: f64): f64;

/** Beyond 2^20, and for NaN and infinities, the two parts of pi / 2 are not enough. */
@inline
function isFar(x: v128): bool {
  return v128.any_true(i32x4.gt_s(sizeBits(x), i32x4.splat(0x49800000)));
}

/** `z = n + 1.5 * 2^52`, n quarter turns being nearest to x, for two lanes. */
@inline
function turns(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, double(0)), double(1));
}

@inline
function remainder(x: v128, z: v128): v128 {
  const n = f64x2.sub(z, double(1));
  return f64x2.sub(f64x2.sub(x, f64x2.mul(n, double(2))), f64x2.mul(n, double(3)));
}

@inline
function high(x: v128): v128 {
  return v128.shuffle<i64>(x, x, 1, 1);
}

/** Number of quarter turns as integers. */
@inline
function quarters(low: v128, above: v128): v128 {
  return v128.shuffle<i32>(low, above, 0, 2, 4, 6);
}

/** Two doubles each as four floats. */
@inline
function narrowed(low: v128, above: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(above), 0, 2);
}

/** What rounding to the floats `r` lost. */
@inline
function lostIn(r: v128, low: v128, above: v128): v128 {
  return narrowed(
    f64x2.sub(low, f64x2.promote_low_f32x4(r)),
    f64x2.sub(above, f64x2.promote_low_f32x4(high(r))),
  );
}

/** sin(r + d) = r + (r z S(z) + d), z = r^2. Tiny r is returned itself, with its sign. */
@inline
function sinOf(r: v128, d: v128): v128 {
  const z = f32x4.mul(r, r);
  const s = madd(madd(float(SIN + 2), z, float(SIN + 1)), z, float(SIN));
  const y = f32x4.add(r, madd(f32x4.mul(r, z), s, d));
  return v128.bitselect(r, y, f32x4.lt(z, f32x4.splat(1e-14)));
}

/** cos(r + d) = 1 - z / 2 + (z^2 C(z) - r d). */
@inline
function cosOf(r: v128, d: v128): v128 {
  const z = f32x4.mul(r, r);
  const c = madd(madd(float(COS + 2), z, float(COS + 1)), z, float(COS));
  const half = f32x4.mul(z, float(MINUS_HALF));
  const one = f32x4.add(half, float(ONE));
  // What rounding 1 - z / 2 lost is added back.
  const lost = f32x4.add(f32x4.sub(float(ONE), one), half);
  return f32x4.add(one, madd(f32x4.mul(z, z), c, f32x4.sub(lost, f32x4.mul(r, d))));
}

/** The lanes of `q` whose bit is set, as a mask. */
@inline
function bit(q: v128, n: i32): v128 {
  return i32x4.shr_s(i32x4.shl(q, 31 - n), 31);
}

@inline
function wave(x: v128, ahead: i32): v128 {
  const xLow = f64x2.promote_low_f32x4(x);
  const xHigh = f64x2.promote_low_f32x4(high(x));
  const low = turns(xLow);
  const above = turns(xHigh);
  const q = i32x4.add(quarters(low, above), i32x4.splat(ahead));
  const rLow = remainder(xLow, low);
  const rHigh = remainder(xHigh, above);
  const r = narrowed(rLow, rHigh);
  const d = lostIn(r, rLow, rHigh);
  const y = v128.bitselect(cosOf(r, d), sinOf(r, d), bit(q, 0));
  return v128.xor(y, i32x4.shl(i32x4.shr_u(q, 1), 31));
}

@inline
export function sin(x: v128): v128 {
  if (isFar(x)) return each<HostSin>(x);
  return wave(x, 0);
}

@inline
export function cos(x: v128): v128 {
  if (isFar(x)) return each<HostCos>(x);
  return wave(x, 1);
}

/** tan r = sin r / cos r, and -cos r / sin r after an odd number of quarter turns. */
@inline
export function tan(x: v128): v128 {
  if (isFar(x)) return each<HostTan>(x);
  const xLow = f64x2.promote_low_f32x4(x);
  const xHigh = f64x2.promote_low_f32x4(high(x));
  const low = turns(xLow);
  const above = turns(xHigh);
  const odd = bit(quarters(low, above), 0);
  const rLow = remainder(xLow, low);
  const rHigh = remainder(xHigh, above);
  const r = narrowed(rLow, rHigh);
  const d = lostIn(r, rLow, rHigh);
  const s = sinOf(r, d);
  const c = cosOf(r, d);
  const y = f32x4.div(v128.bitselect(c, s, odd), v128.bitselect(s, c, odd));
  return v128.xor(y, i32x4.shl(odd, 31));
}

/** A function of the host on each of four lanes. */
function each<Host>(x: v128): v128 {
  const host = changetype<Host>(0);
  let y = f32x4.replace_lane(x, 0, <f32>host.of(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, <f32>host.of(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, <f32>host.of(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, <f32>host.of(f32x4.extract_lane(x, 3)));
}

@unmanaged
class HostSin {
  of(x: f64): f64 {
    return hostSin(x);
  }
}

@unmanaged
class HostCos {
  of(x: f64): f64 {
    return hostCos(x);
  }
}

@unmanaged
class HostTan {
  of(x: f64): f64 {
    return hostTan(x);
  }
}
