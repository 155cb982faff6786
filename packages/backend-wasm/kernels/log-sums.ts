/**
 * logSigmoid and logaddexp of float32: logarithms of 1 + e^-d with d >= 0, as the artanh of half of
 * e / (1 + e / 2), twice.
 */
import { double, float, HALF, ONE, ROUND, SIGN, word } from "./constants";
import { high, joined, low, scaledBy } from "./doubles";
import { exp } from "./exponential";
import { madd, maddDouble } from "./madd";
import { Long1, Long2 } from "./rows";
import { walk1, walk2 } from "./walk";

const floats: usize = memory.data<f32>([
  // (log(1 + e) / d - 1) / d^2 in d^2 with d = e / (1 + e / 2), for e from 0 to 1.
  0.0833330154, 0.0125068026, 0.00218732539, 0.000547502888,
]);

const doubles: usize = memory.data<f64>([
  // artanh s / s in s^2, for s up to 1/3.
  0.99999999999999996, 0.33333333333341287, 0.199999999976438, 0.1428571455582858,
  0.11111095430673142, 0.090914299002369555, 0.076818381244458171, 0.067956527427899469,
  0.049403945243823931, 0.088903819130566514,
  // (e^r - 1 - r) / r^2 for |r| up to ln 2 / 2.
  0.50000000000000888, 0.16666666666609795, 0.041666666665890757, 0.0083333333715946024,
  0.0013888889100391291, 0.00019841184273492382, 2.4801342318321938e-05, 2.7635395319259288e-06,
  2.7680319799661679e-07,
  // log2 e; ln 2 in two parts, the first of 32 bits.
  1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10,
]);

@inline
function coefficient(i: i32): v128 {
  return v128.load32_splat(floats + 4 * i);
}

@inline
function constant(i: i32): v128 {
  return v128.load64_splat(doubles + 8 * i);
}

@inline const EXP: i32 = 10;
@inline const LOG2E: i32 = 19;
@inline const LN2: i32 = 20;

/** d + d^3 P(d^2) */
@inline
function log1pOfUnit(e: v128): v128 {
  const d = f32x4.div(e, madd(e, float(HALF), float(ONE)));
  const square = f32x4.mul(d, d);
  let p = madd(coefficient(3), square, coefficient(2));
  p = madd(p, square, coefficient(1));
  p = madd(p, square, coefficient(0));
  return madd(f32x4.mul(d, square), p, d);
}

/** min(x, 0) - log(1 + e^-|x|) */
@unmanaged
class LogSigmoid {
  @inline
  apply(x: v128): v128 {
    const rest = log1pOfUnit(exp(v128.or(x, word(SIGN))));
    return f32x4.sub(f32x4.min(x, f32x4.splat(0)), rest);
  }
}

/** The polynomial of coefficients `first` to `last`. */
@inline
function polynomial(x: v128, first: i32, last: i32): v128 {
  let p = constant(last);
  for (let i = last - 1; i >= first; i--) p = maddDouble(p, x, constant(i));
  return p;
}

/** The same of two pairs of numbers in double precision. Equal infinities have no difference. */
function logaddexp2(a: v128, b: v128): v128 {
  const size = f64x2.abs(v128.andnot(f64x2.sub(a, b), f64x2.eq(a, b)));
  const x = f64x2.neg(f64x2.pmin(f64x2.splat(700), size));
  const whole = f64x2.add(f64x2.mul(x, constant(LOG2E)), double(ROUND));
  const n = f64x2.sub(whole, double(ROUND));
  const r = f64x2.sub(
    f64x2.sub(x, f64x2.mul(n, constant(LN2))),
    f64x2.mul(n, constant(LN2 + 1)),
  );
  const q = maddDouble(polynomial(r, EXP, EXP + 8), f64x2.mul(r, r), r);
  const e = scaledBy(f64x2.add(q, f64x2.splat(1)), whole);
  const s = f64x2.div(e, f64x2.add(e, f64x2.splat(2)));
  const half = f64x2.mul(s, polynomial(f64x2.mul(s, s), 0, 9));
  return f64x2.add(f64x2.max(a, b), f64x2.add(half, half));
}

function logaddexpAnywhere(a: v128, b: v128): v128 {
  return joined(logaddexp2(low(a), low(b)), logaddexp2(high(a), high(b)));
}

/** max(a, b) + log(1 + e^-|a - b|); in double precision where that cancels, or is not finite. */
@unmanaged
class Logaddexp {
  @inline
  apply(a: v128, b: v128): v128 {
    const rest = log1pOfUnit(exp(v128.or(f32x4.sub(a, b), word(SIGN))));
    const y = f32x4.add(f32x4.max(a, b), rest);
    const isSafe = f32x4.ge(f32x4.abs(y), f32x4.max(rest, f32x4.splat(0.125)));
    if (i32x4.all_true(isSafe)) return y;
    return v128.bitselect(y, logaddexpAnywhere(a, b), isSafe);
  }
}

export function logSigmoidFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<LogSigmoid>>(o, x, n, so, sx, frame);
}

export function logaddexpFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize,
): void {
  walk2<Long2<Logaddexp>>(o, a, b, n, so, sa, sb, frame);
}
