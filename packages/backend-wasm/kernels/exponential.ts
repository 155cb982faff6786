/**
 * exp, log and what is made of them, on four float32 at a time. All give NaN for NaN, and right
 * results at infinities and below 2^-126.
 */
import {
  EXP, EXP_HIGH, EXP_LOW, EXPM1, EXPM1_LOW, float, HALF, LOG, MINUS_HALF, ONE, TANH_HIGH, TINY, TWO,
} from "./constants";
import { madd } from "./madd";

/**
 * The bits of `x` without its sign, which order as integers the way sizes do; NaN is the largest.
 */
@inline
export function sizeBits(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x7fffffff));
}

@inline
function select(mask: v128, yes: v128, no: v128): v128 {
  return v128.bitselect(yes, no, mask);
}

/** `z = n + 1.5 * 2^23` where n is x / ln 2 rounded: its low bits are n as an integer. */
@inline
function scaled(x: v128): v128 {
  return madd(x, float(EXP), float(EXP + 1));
}

/** `x - n ln 2`. */
@inline
function remainder(x: v128, n: v128): v128 {
  return madd(n, float(EXP + 3), madd(n, float(EXP + 2), x));
}

/** e^r = 1 + (r + r^2 P(r)) */
@inline
function power(r: v128): v128 {
  let p = madd(float(EXP + 8), r, float(EXP + 7));
  p = madd(p, r, float(EXP + 6));
  p = madd(p, r, float(EXP + 5));
  p = madd(p, r, float(EXP + 4));
  return f32x4.add(madd(p, f32x4.mul(r, r), r), float(ONE));
}

@inline
export function exp(x: v128): v128 {
  // Beyond 87 the power of two has no normal float.
  if (v128.any_true(i32x4.gt_s(sizeBits(x), i32x4.splat(0x42ae0000)))) return expAnywhere(x);
  const z = scaled(x);
  const p = power(remainder(x, f32x4.sub(z, float(EXP + 1))));
  return i32x4.add(p, i32x4.shl(z, 23));
}

/** exp with the power of two multiplied in two steps, of which only the last may round. */
function expAnywhere(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, float(EXP_HIGH)), float(EXP_LOW));
  const z = scaled(clamped);
  const p = power(remainder(clamped, f32x4.sub(z, float(EXP + 1))));
  const n = i32x4.sub(z, float(EXP + 1));
  const first = i32x4.shr_s(n, 1);
  const y = f32x4.mul(f32x4.mul(p, powerOfTwo(first)), powerOfTwo(i32x4.sub(n, first)));
  return select(f32x4.ne(x, x), x, y);
}

@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/**
 * e^x - 1 for x from -18 to 89: twice `s q + (s - 1/2)`, with s = 2^(n-1) and q = e^r - 1 = r + r^2
 * P(r).
 */
@inline
function expm1Between(x: v128): v128 {
  const z = scaled(x);
  const r = remainder(x, f32x4.sub(z, float(EXP + 1)));
  let p = madd(float(EXPM1 + 5), r, float(EXPM1 + 4));
  p = madd(p, r, float(EXPM1 + 3));
  p = madd(p, r, float(EXPM1 + 2));
  p = madd(p, r, float(EXPM1 + 1));
  p = madd(p, r, float(EXPM1));
  const q = madd(p, f32x4.mul(r, r), r);
  const s = i32x4.shl(i32x4.add(z, i32x4.splat(126)), 23);
  const half = madd(s, q, f32x4.add(s, float(MINUS_HALF)));
  return f32x4.add(half, half);
}

@inline
export function expm1(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, float(EXP_HIGH)), float(EXPM1_LOW));
  return select(f32x4.lt(f32x4.abs(x), float(TINY)), x, expm1Between(clamped));
}

/** tanh |x| = t / (t + 2), t = e^(2|x|) - 1. */
@inline
export function tanh(x: v128): v128 {
  const size = f32x4.abs(x);
  const t = expm1Between(f32x4.pmin(f32x4.add(size, size), float(TANH_HIGH)));
  const y = f32x4.div(t, f32x4.add(t, float(TWO)));
  return v128.or(y, v128.andnot(x, i32x4.splat(0x7fffffff)));
}

/**
 * 1 / (1 + e^-x), and e^x / (1 + e^x) below 0: the power never overflows, and small results keep
 * their digits.
 */
@inline
export function sigmoid(x: v128): v128 {
  const e = exp(v128.or(x, i32x4.splat(<i32>0x80000000)));
  const one = float(ONE);
  return f32x4.div(select(i32x4.shr_s(x, 31), e, one), f32x4.add(e, one));
}

/** x / (1 + e^-x); where the power overflows, the host works it out. */
@inline
export function silu(x: v128): v128 {
  if (v128.any_true(f32x4.lt(x, f32x4.splat(-87)))) return siluAnywhere(x);
  return f32x4.div(x, f32x4.add(exp(f32x4.neg(x)), float(ONE)));
}

// @ts-ignore: decorator
@external("math", "exp")
declare function hostExp(x: f64): f64;

function siluAnywhere(x: v128): v128 {
  let y = x;
  y = f32x4.replace_lane(y, 0, siluOf(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, siluOf(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, siluOf(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, siluOf(f32x4.extract_lane(x, 3)));
}

function siluOf(x: f64): f32 {
  const e = hostExp(-abs(x));
  return <f32>(x * (x < 0 ? e / (1 + e) : 1 / (1 + e)));
}

/** 2^x: x splits into a whole number and what float32 holds exactly beside it. */
@inline
export function exp2(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.splat(-151), f32x4.pmin(f32x4.splat(129), x));
  const n = f32x4.nearest(clamped);
  const p = power(f32x4.mul(f32x4.sub(clamped, n), f32x4.splat(0.6931472)));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const first = i32x4.shr_s(whole, 1);
  const y = f32x4.mul(f32x4.mul(p, powerOfTwo(first)), powerOfTwo(i32x4.sub(whole, first)));
  return select(f32x4.ne(x, x), x, y);
}

/** log(2^e (1 + f)) = e ln 2 + (f - f^2 / 2 + f^3 Q(f)), with 1 + f from 2/3 to 4/3. */
@inline
function logNormal(x: v128, shift: v128): v128 {
  const above = i32x4.sub(x, i32x4.splat(0x3f2aaaab));
  const exponent = i32x4.shr_s(above, 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), float(ONE));
  const e = f32x4.convert_i32x4_s(i32x4.add(exponent, shift));
  let q = madd(float(LOG + 9), f, float(LOG + 8));
  q = madd(q, f, float(LOG + 7));
  q = madd(q, f, float(LOG + 6));
  q = madd(q, f, float(LOG + 5));
  q = madd(q, f, float(LOG + 4));
  q = madd(q, f, float(LOG + 3));
  q = madd(q, f, float(LOG + 2));
  const tail = madd(f32x4.mul(f, f), madd(q, f, float(MINUS_HALF)), f32x4.mul(e, float(LOG + 1)));
  return madd(e, float(LOG), f32x4.add(f, tail));
}

@inline
export function log(x: v128): v128 {
  // One comparison finds what is not a normal positive number.
  const odd = i32x4.ge_u(i32x4.sub(x, i32x4.splat(0x00800000)), i32x4.splat(0x7f000000));
  if (v128.any_true(odd)) return logAnywhere(x);
  return logNormal(x, i32x4.splat(0));
}

function logAnywhere(x: v128): v128 {
  const small = i32x4.lt_u(x, i32x4.splat(0x00800000));
  const raised = select(small, f32x4.mul(x, f32x4.splat(8388608)), x);
  let y = logNormal(raised, v128.and(small, i32x4.splat(-23)));
  y = select(f32x4.eq(x, f32x4.splat(0)), f32x4.splat(-Infinity), y);
  y = select(f32x4.eq(x, f32x4.splat(Infinity)), x, y);
  y = select(f32x4.lt(x, f32x4.splat(0)), f32x4.splat(NaN), y);
  return select(f32x4.ne(x, x), x, y);
}

/**
 * log u + (x - (u - 1)) / u with u = 1 + x rounded: the second term is what rounding took from x.
 */
@inline
export function log1p(x: v128): v128 {
  const u = f32x4.add(x, float(ONE));
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, float(ONE))), u);
  const inside = i32x4.lt_u(i32x4.sub(u, i32x4.splat(1)), i32x4.splat(0x7f7fffff));
  const y = f32x4.add(log(u), v128.and(inside, lost));
  return select(f32x4.lt(f32x4.abs(x), float(TINY)), x, y);
}
