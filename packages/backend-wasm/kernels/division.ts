/**
 * fmod, remainder and floorDivide of float32, hypot and copysign. Quotients and remainders are exact
 * in double precision while the quotient has no more than 28 bits.
 */
import { SIGN, SIZE, word } from "./constants";
import { high, joined, low } from "./doubles";
import { Long2, Map2 } from "./rows";
import { walk2 } from "./walk";

/** Whether quotients of four are small, so that nothing here is NaN, infinite or divided by 0. */
@inline
function isPlain(a: v128, b: v128): bool {
  const small = f32x4.lt(f32x4.abs(a), f32x4.mul(f32x4.abs(b), f32x4.splat(134217728)));
  const finite = f32x4.lt(f32x4.abs(b), f32x4.splat(1e30));
  return i32x4.all_true(v128.and(small, finite));
}

/** The quotient without its fraction. */
@inline
function whole(a: v128, b: v128): v128 {
  return f64x2.trunc(f64x2.div(a, b));
}

@inline
function signOf(x: v128): v128 {
  return v128.and(x, f64x2.splat(-0.0));
}

/** A remainder of 0 has the sign of `a`. */
@inline
function rest(a: v128, b: v128): v128 {
  return v128.or(f64x2.sub(a, f64x2.mul(whole(a, b), b)), signOf(a));
}

/** Where a remainder is not 0 and has not the sign of `b`. */
@inline
function isAstray(rest: v128, b: v128): v128 {
  return v128.andnot(i64x2.shr_s(v128.xor(rest, b), 63), f64x2.eq(rest, f64x2.splat(0)));
}

@inline
function quotients<Op>(a: v128, b: v128): v128 {
  const op = changetype<Op>(0);
  if (isPlain(a, b)) return joined(op.pair(low(a), low(b)), op.pair(high(a), high(b)));
  return each<Op>(a, b);
}

/** One after the other, whatever they are. */
function each<Op>(a: v128, b: v128): v128 {
  const op = changetype<Op>(0);
  let y = f32x4.splat(<f32>op.of(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)));
  y = f32x4.replace_lane(y, 1, <f32>op.of(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)));
  y = f32x4.replace_lane(y, 2, <f32>op.of(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)));
  return f32x4.replace_lane(y, 3, <f32>op.of(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

@unmanaged
class Fmod {
  @inline
  apply(a: v128, b: v128): v128 {
    return quotients<Fmod>(a, b);
  }
  @inline
  pair(a: v128, b: v128): v128 {
    return rest(a, b);
  }
  of(a: f64, b: f64): f64 {
    return a % b;
  }
}

@unmanaged
class Remainder {
  @inline
  apply(a: v128, b: v128): v128 {
    return quotients<Remainder>(a, b);
  }
  @inline
  pair(a: v128, b: v128): v128 {
    const r = rest(a, b);
    return v128.bitselect(f64x2.add(r, b), r, isAstray(r, b));
  }
  of(a: f64, b: f64): f64 {
    const r = a % b;
    return r != 0 && r < 0 != b < 0 ? r + b : r;
  }
}

/** Zeros have the sign of the quotient. */
@unmanaged
class FloorDivide {
  @inline
  apply(a: v128, b: v128): v128 {
    return quotients<FloorDivide>(a, b);
  }
  @inline
  pair(a: v128, b: v128): v128 {
    const q = whole(a, b);
    const r = f64x2.sub(a, f64x2.mul(q, b));
    const below = f64x2.sub(q, v128.and(f64x2.splat(1), isAstray(r, b)));
    return v128.or(f64x2.abs(below), signOf(v128.xor(a, b)));
  }
  of(a: f64, b: f64): f64 {
    if (b == 0) return a / b;
    const r = a % b;
    const quotient = (a - r) / b;
    const below = r != 0 && r < 0 != b < 0 ? quotient - 1 : quotient;
    return below == 0 ? copysign<f64>(0, a / b) : Math.round(below);
  }
}

@inline
function length(a: v128, b: v128): v128 {
  return f64x2.sqrt(f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)));
}

/** An infinity is longer than what is unknown. */
@unmanaged
class Hypot {
  @inline
  apply(a: v128, b: v128): v128 {
    const y = joined(length(low(a), low(b)), length(high(a), high(b)));
    const endless = f32x4.splat(Infinity);
    const isEndless = v128.or(f32x4.eq(f32x4.abs(a), endless), f32x4.eq(f32x4.abs(b), endless));
    return v128.bitselect(endless, y, isEndless);
  }
}

/** The sign of a NaN counts as positive. */
@unmanaged
class Copysign {
  @inline
  apply(a: v128, b: v128): v128 {
    const sign = v128.and(v128.and(b, word(SIGN)), f32x4.eq(b, b));
    return v128.or(v128.and(a, word(SIZE)), sign);
  }
}

export function fmodFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Long2<Fmod>>(o, a, b, n, so, sa, sb, frame);
}

export function remainderFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Long2<Remainder>>(o, a, b, n, so, sa, sb, frame);
}

export function floorDivideFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Long2<FloorDivide>>(o, a, b, n, so, sa, sb, frame);
}

export function hypotFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Long2<Hypot>>(o, a, b, n, so, sa, sb, frame);
}

export function copysignFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Map2<Copysign>>(o, a, b, n, so, sa, sb, frame);
}
