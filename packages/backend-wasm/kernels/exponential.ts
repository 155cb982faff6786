/**
 * exp, log and what is made of them, on four float32 at a time. All give NaN for NaN, and right
 * results at infinities and below 2^-126. A function `…Common` is for what nearly all numbers are;
 * `…Rare` says whether one of eight is something else.
 */
import {
  EXP, EXP_HIGH, EXP_LOW, EXP_MOST, EXPM1, EXPM1_LOW, float, HALVED, LOG, LOG2E, LOG_MIDDLE,
  LOG_MOST, LOG_TURN, MINUS_HALF, MINUS_LOG2E, ONE, SIGN, SIZE, TANH_HIGH, TINY, UPPER, word,
} from "./constants";
import { madd } from "./madd";

/**
 * The bits of `x` without its sign, which order as integers the way sizes do; NaN is the largest.
 */
@inline
export function sizeBits(x: v128): v128 {
  return v128.and(x, word(SIZE));
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

/** e^r - 1 = r + r^2 P(r) */
@inline
export function powerTail(r: v128): v128 {
  let p = madd(float(EXP + 8), r, float(EXP + 7));
  p = madd(p, r, float(EXP + 6));
  p = madd(p, r, float(EXP + 5));
  p = madd(p, r, float(EXP + 4));
  return madd(p, f32x4.mul(r, r), r);
}

@inline
function power(r: v128): v128 {
  return f32x4.add(powerTail(r), float(ONE));
}

/** Whether exp of one of eight numbers, or of their negatives, leaves the normal floats. */
@inline
export function expRare(a: v128, b: v128): bool {
  return v128.any_true(i32x4.gt_s(i32x4.max_s(sizeBits(a), sizeBits(b)), word(EXP_MOST)));
}

@inline
export function expCommon(x: v128): v128 {
  const z = scaled(x);
  const p = power(remainder(x, f32x4.sub(z, float(EXP + 1))));
  return i32x4.add(p, i32x4.shl(z, 23));
}

@inline
export function exp(x: v128): v128 {
  return expRare(x, x) ? expAnywhere(x) : expCommon(x);
}

/** e^-x; a product with n and ln 2's first part is exact. */
@inline
export function expOfNegative(x: v128): v128 {
  const z = madd(x, float(MINUS_LOG2E), float(EXP + 1));
  const n = f32x4.sub(z, float(EXP + 1));
  const r = madd(n, float(EXP + 3), f32x4.sub(f32x4.mul(n, float(EXP + 2)), x));
  return i32x4.add(power(r), i32x4.shl(z, 23));
}

/** exp with the power of two multiplied in two steps, of which only the last may round. */
export function expAnywhere(x: v128): v128 {
  return expTimes(x, 0);
}

/** e^x / 2, which overflows later. */
export function expHalved(x: v128): v128 {
  return expTimes(x, -1);
}

/** e^x 2^k for k = 0 and -1, of which 89.6 is beyond. */
@inline
function expTimes(x: v128, k: i32): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89.6)), float(EXP_LOW));
  const z = scaled(clamped);
  const p = power(remainder(clamped, f32x4.sub(z, float(EXP + 1))));
  const n = i32x4.add(i32x4.sub(z, float(EXP + 1)), i32x4.splat(k));
  const first = i32x4.shr_s(n, 1);
  const y = f32x4.mul(f32x4.mul(p, powerOfTwo(first)), powerOfTwo(i32x4.sub(n, first)));
  return select(f32x4.ne(x, x), x, y);
}

@inline
export function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/**
 * (e^x - 1) / 2 for x from -18 to 89: `s q + (s - 1/2)`, with s = 2^(n-1) and q = e^r - 1 = r + r^2
 * P(r).
 */
@inline
export function halfExpm1(x: v128): v128 {
  const z = madd(x, float(EXP), float(HALVED));
  const r = remainder(x, f32x4.sub(z, float(HALVED)));
  let p = madd(float(EXPM1 + 5), r, float(EXPM1 + 4));
  p = madd(p, r, float(EXPM1 + 3));
  p = madd(p, r, float(EXPM1 + 2));
  p = madd(p, r, float(EXPM1 + 1));
  p = madd(p, r, float(EXPM1));
  const q = madd(p, f32x4.mul(r, r), r);
  const s = i32x4.shl(z, 23);
  return madd(s, q, f32x4.add(s, float(MINUS_HALF)));
}

@inline
export function expm1(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, float(EXP_HIGH)), float(EXPM1_LOW));
  const half = halfExpm1(clamped);
  return select(f32x4.lt(sizeBits(x), float(TINY)), x, f32x4.add(half, half));
}

/** tanh |x| = h / (h + 1), h = (e^(2|x|) - 1) / 2. */
@inline
export function tanh(x: v128): v128 {
  const size = sizeBits(x);
  const h = halfExpm1(f32x4.pmin(f32x4.add(size, size), float(TANH_HIGH)));
  const y = f32x4.div(h, f32x4.add(h, float(ONE)));
  return v128.or(y, v128.and(x, word(SIGN)));
}

@inline
export function sigmoidCommon(x: v128): v128 {
  const one = float(ONE);
  return f32x4.div(one, f32x4.add(expOfNegative(x), one));
}

/**
 * 1 / (1 + e^-x), and e^x / (1 + e^x) below 0: the power never overflows, and small results keep
 * their digits.
 */
export function sigmoidAnywhere(x: v128): v128 {
  const e = expAnywhere(v128.or(x, word(SIGN)));
  const one = float(ONE);
  return f32x4.div(select(i32x4.shr_s(x, 31), e, one), f32x4.add(e, one));
}

/** x / (1 + e^-x) */
@inline
export function siluCommon(x: v128): v128 {
  return f32x4.div(x, f32x4.add(expOfNegative(x), float(ONE)));
}

// @ts-ignore: decorator
@external("math", "exp")
declare function hostExp(x: f64): f64;

/** Where the power overflows, the host works it out. */
export function siluAnywhere(x: v128): v128 {
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

/** Four numbers as 2^e (1 + f), with 1 + f from 2/3 to 4/3. */
@inline
export function above(x: v128): v128 {
  return i32x4.sub(x, word(LOG_MIDDLE));
}

@inline
export function exponentOf(above: v128): v128 {
  return i32x4.shr_s(above, 23);
}

@inline
export function fraction(x: v128, exponent: v128): v128 {
  return f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), float(ONE));
}

/** (log(1 + f) - f + f^2 / 2) / f^3 */
@inline
export function logTail(f: v128): v128 {
  let q = madd(float(LOG + 9), f, float(LOG + 8));
  q = madd(q, f, float(LOG + 7));
  q = madd(q, f, float(LOG + 6));
  q = madd(q, f, float(LOG + 5));
  q = madd(q, f, float(LOG + 4));
  q = madd(q, f, float(LOG + 3));
  return madd(q, f, float(LOG + 2));
}

/** e ln 2 + (f - f^2 / 2 + f^3 Q(f)) */
@inline
function logOf(f: v128, e: v128): v128 {
  const q = madd(logTail(f), f, float(MINUS_HALF));
  const tail = madd(f32x4.mul(f, f), q, f32x4.mul(e, float(LOG + 1)));
  return madd(e, float(LOG), f32x4.add(f, tail));
}

/** Whether one of eight numbers is not positive and normal. */
@inline
export function logRare(a: v128, b: v128): bool {
  const turn = word(LOG_TURN);
  const most = i32x4.max_s(i32x4.add(a, turn), i32x4.add(b, turn));
  return v128.any_true(i32x4.gt_s(most, word(LOG_MOST)));
}

@inline
export function logCommon(x: v128): v128 {
  const exponent = exponentOf(above(x));
  return logOf(fraction(x, exponent), f32x4.convert_i32x4_s(exponent));
}

@inline
export function log(x: v128): v128 {
  return logRare(x, x) ? logAnywhere(x) : logCommon(x);
}

/**
 * e + log2(1 + f): the digits of f times those of log2 e, in two halves each, so that nothing is
 * lost where e is 0. Powers of two come out whole.
 */
@inline
export function log2Common(x: v128): v128 {
  const exponent = exponentOf(above(x));
  const f = fraction(x, exponent);
  const bent = f32x4.mul(f32x4.mul(f, f), madd(logTail(f), f, float(MINUS_HALF)));
  const upper = v128.and(f, word(UPPER));
  const lower = f32x4.add(f32x4.sub(f, upper), bent);
  const rest = madd(f32x4.add(upper, lower), float(LOG2E + 1), f32x4.mul(lower, float(LOG2E)));
  const whole = f32x4.convert_i32x4_s(exponent);
  return f32x4.add(whole, madd(upper, float(LOG2E), rest));
}

export function logAnywhere(x: v128): v128 {
  const small = i32x4.lt_u(x, i32x4.splat(0x00800000));
  const raised = select(small, f32x4.mul(x, f32x4.splat(8388608)), x);
  const exponent = exponentOf(above(raised));
  const shift = v128.and(small, i32x4.splat(-23));
  let y = logOf(fraction(raised, exponent), f32x4.convert_i32x4_s(i32x4.add(exponent, shift)));
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
