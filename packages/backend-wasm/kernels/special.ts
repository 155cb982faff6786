/**
 * erf, erfc, gelu, pow, log2 and log10 of float32. All but erf and log2 are worked out in double
 * precision two at a time, as float32 has not the digits for them. Polynomials are minimax fits,
 * lowest coefficient first.
 */
import { erf } from "./error";
import { log2Common, logRare } from "./exponential";
import { Map1, Map2, MapCommon } from "./rows";
import { walk1, walk2 } from "./walk";

const doubles: usize = memory.data<f64>([
  // exp: log2 e, ln 2, then 1 / k! for k = 2 to 9.
  1.4426950408889634, 0.6931471805599453,
  0.5, 0.16666666666666666, 0.041666666666666664, 0.008333333333333333, 0.001388888888888889,
  0.0001984126984126984, 0.0000248015873015873, 0.0000027557319223985893,
  // (z + 2.5) e^(z^2) erfc z in t = (z - 2.5) / (z + 2.5), for z from 0 to 12.
  1.0540318177043615, -0.8046518399965075, 0.45391436283771536, -0.17125151474145292, 0.028357738790844553, 0.008396070720642529, -0.004796971334469387, -0.00044580447310610676, 0.0006471590433613726, 5.4300412102337605e-05, -5.2901549135053775e-05,
  // log: 1 / (2 k + 1) for k = 1 to 8.
  0.3333333333333333, 0.2, 0.14285714285714285, 0.1111111111111111, 0.09090909090909091,
  0.07692307692307693, 0.06666666666666667, 0.058823529411764705,
  // 1, 2, 0.5, 2.5, 12, -150, 90.
  1, 2, 0.5, 2.5, 12, -150, 90,
]);

@inline
function double(i: i32): v128 {
  return v128.load64_splat(doubles + 8 * i);
}

@inline const EXP: i32 = 0;
@inline const ERFC: i32 = 10;
@inline const LOG: i32 = 21;
@inline const ONE: i32 = 29;
@inline const TWO: i32 = 30;
@inline const HALF: i32 = 31;
@inline const SHIFT: i32 = 32;
@inline const FAR: i32 = 33;
@inline const LOW: i32 = 34;
@inline const HIGH: i32 = 35;

/** a b + c. */
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c);
}

/** The polynomial of the eight coefficients from `i` on, in pairs, so that little waits. */
@inline
function polynomial8(x: v128, i: i32): v128 {
  const x2 = f64x2.mul(x, x);
  const x4 = f64x2.mul(x2, x2);
  const low = madd(madd(double(i + 3), x, double(i + 2)), x2, madd(double(i + 1), x, double(i)));
  const high = madd(
    madd(double(i + 7), x, double(i + 6)),
    x2,
    madd(double(i + 5), x, double(i + 4)),
  );
  return madd(high, x4, low);
}

/** e^x; results beyond float32 are as large or as small as float32 rounds away. NaN for NaN. */
@inline
function exp(x: v128): v128 {
  const v = f64x2.pmax(double(LOW), f64x2.pmin(double(HIGH), x));
  const n = f64x2.nearest(f64x2.mul(v, double(EXP)));
  const r = f64x2.sub(v, f64x2.mul(n, double(EXP + 1)));
  const p = madd(f64x2.mul(r, r), polynomial8(r, EXP + 2), f64x2.add(r, double(ONE)));
  // As integers: both lie in the low halves, and their sums with 1023 are positive.
  const whole = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n));
  const y = f64x2.mul(p, i64x2.shl(i64x2.add(whole, i64x2.splat(1023)), 52));
  return v128.bitselect(y, x, f64x2.eq(x, x));
}

/** erfc |x|: 0 beyond 12, NaN for NaN. `power` is -x^2. */
@inline
function tail(x: v128, power: v128): v128 {
  const z = f64x2.abs(x);
  const near = f64x2.pmin(double(FAR), z);
  const sum = f64x2.add(near, double(SHIFT));
  const inverse = f64x2.div(double(ONE), sum);
  const t = f64x2.mul(f64x2.sub(near, double(SHIFT)), inverse);
  const t2 = f64x2.mul(t, t);
  const t8 = f64x2.mul(f64x2.mul(t2, t2), f64x2.mul(t2, t2));
  const end = madd(double(ERFC + 10), t2, madd(double(ERFC + 9), t, double(ERFC + 8)));
  const p = madd(end, t8, polynomial8(t, ERFC));
  const y = f64x2.mul(f64x2.mul(exp(power), inverse), p);
  return v128.andnot(v128.bitselect(y, x, f64x2.eq(x, x)), f64x2.ge(z, double(FAR)));
}

/** Two of four floats as doubles, and four floats of two pairs of doubles. */
@inline
function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

@inline
function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

@inline
function joined(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
}

@inline
function erfc2(x: v128): v128 {
  const y = tail(x, f64x2.neg(f64x2.mul(x, x)));
  return v128.bitselect(f64x2.sub(double(TWO), y), y, f64x2.lt(x, f64x2.splat(0)));
}

/** x / 2 erfc(-x / sqrt 2) */
@inline
function gelu2(x: v128): v128 {
  const half = f64x2.mul(x, double(HALF));
  const y = tail(f64x2.mul(x, f64x2.splat(0.7071067811865476)), f64x2.neg(f64x2.mul(half, x)));
  return f64x2.mul(
    half,
    v128.bitselect(f64x2.sub(double(TWO), y), y, f64x2.gt(x, f64x2.splat(0))),
  );
}

@unmanaged
class Erf {
  @inline
  apply(x: v128): v128 {
    return erf(x);
  }
}

@unmanaged
class Erfc {
  @inline
  apply(x: v128): v128 {
    return joined(erfc2(low(x)), erfc2(high(x)));
  }
}

@unmanaged
class Gelu {
  @inline
  apply(x: v128): v128 {
    return joined(gelu2(low(x)), gelu2(high(x)));
  }
}

export function erfFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Erf>>(o, x, n, so, sx, frame);
}

export function erfcFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Erfc>>(o, x, n, so, sx, frame);
}

export function geluFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Gelu>>(o, x, n, so, sx, frame);
}

/** log of positive normal doubles: e ln 2 + 2 artanh s, with s = f / (2 + f). */
@inline
function log(x: v128): v128 {
  const above = i64x2.sub(x, i64x2.splat(0x3fe5555555555555));
  const exponent = i64x2.shr_s(above, 52);
  const f = f64x2.sub(i64x2.sub(x, i64x2.shl(exponent, 52)), double(ONE));
  const e = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponent, exponent, 0, 2, 0, 2));
  const s = f64x2.div(f, f64x2.add(double(TWO), f));
  const square = f64x2.mul(s, s);
  const part = madd(f64x2.mul(s, square), polynomial8(square, LOG), s);
  return madd(e, double(EXP + 1), f64x2.add(part, part));
}

@inline
function pow2(a: v128, b: v128): v128 {
  return exp(f64x2.mul(b, log(a)));
}

// @ts-ignore: decorator
@external("math", "pow")
declare function hostPow(a: f64, b: f64): f64;

/** IEEE 754's power: 1 to the NaN and -1 to an infinity are 1, which JavaScript's are not. */
function powOf(a: f32, b: f32): f32 {
  if (a == 1 || (a == -1 && abs(b) == Infinity)) return 1;
  return <f32>hostPow(a, b);
}

function powAnywhere(a: v128, b: v128): v128 {
  let y = f32x4.splat(powOf(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)));
  y = f32x4.replace_lane(y, 1, powOf(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)));
  y = f32x4.replace_lane(y, 2, powOf(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)));
  return f32x4.replace_lane(y, 3, powOf(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

@unmanaged
class Pow {
  @inline
  apply(a: v128, b: v128): v128 {
    // Positive bases and finite exponents; a base below 2^-126 is normal as a double.
    const isOdd = i32x4.ge_u(i32x4.sub(a, i32x4.splat(1)), i32x4.splat(0x7f7fffff));
    const isEndless = i32x4.ge_s(v128.and(b, i32x4.splat(0x7fffffff)), i32x4.splat(0x7f800000));
    if (v128.any_true(v128.or(isOdd, isEndless))) return powAnywhere(a, b);
    return joined(pow2(low(a), low(b)), pow2(high(a), high(b)));
  }
}

export function powFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Map2<Pow>>(o, a, b, n, so, sa, sb, frame);
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

/** In double precision, so that powers of ten come out whole. */
@unmanaged
class Log10 {
  @inline
  rare(a: v128, b: v128): bool {
    return logRare(a, b);
  }
  @inline
  common(x: v128): v128 {
    const scale = f64x2.splat(0.4342944819032518);
    return joined(f64x2.mul(log(low(x)), scale), f64x2.mul(log(high(x)), scale));
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
  walk1<MapCommon<Log10>>(o, x, n, so, sx, frame);
}
