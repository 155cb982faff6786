/**
 * Constants that the kernels read from memory: engines make those written in the code anew in each
 * turn of a loop. Every polynomial is a minimax fit of the named function, its coefficients rounded
 * to float32 one after the other, lowest first.
 */

const floats: usize = memory.data<f32>([
  // exp: log2 e, 1.5 * 2^23, -ln 2 in two parts, then (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2.
  1.44269504, 12582912.0, -0.693359375, 2.12194440e-4,
  0.49999994, 0.16666521, 0.041668262, 0.0083686737, 0.0013821041,
  // expm1: the same with relative error, one coefficient more.
  0.5, 0.16666666, 0.041666493, 0.0083335461, 0.0013932326, 0.00019761655,
  // log: ln 2 in two parts, then (log(1 + f) - f + f^2 / 2) / f^3 on |f| <= 1 / 3.
  0.693359375, -2.12194440e-4,
  0.33333215, -0.24999805, 0.20010434, -0.16680232, 0.14005569, -0.12187228, 0.13985494, -0.1288048,
  // sin: (sin r / r - 1) / r^2 in r^2, and cos: (cos r - 1 + r^2 / 2) / r^4, on |r| <= pi / 4.
  -0.16666655, 0.008332191, -0.00019518615,
  0.041666646, -0.0013887309, 2.4432327e-5,
  // 1, 2, 0.5, -0.5.
  1.0, 2.0, 0.5, -0.5,
  // Ends of what is computed: exp, expm1, tanh.
  -104.0, 89.0, -18.0, 19.0,
  // Below this, expm1 and the like are x itself.
  5.9604645e-8,
  // 1.5 * 2^23 + 126: the low bits of a sum with it are the exponent of half the power of two.
  12583038.0,
  // -log2 e.
  -1.44269504,
  // log2: log2 e in two parts, the first of 12 bits.
  1.4423828125, 3.12228699e-4,
]);

const doubles: usize = memory.data<f64>([
  // 2 / pi, 1.5 * 2^52, pi / 2 in two parts of which the first has 33 bits.
  0.6366197723675814, 6755399441055744.0, 1.5707963267341256, 6.077100506506192e-11,
]);

const words: usize = memory.data<u32>([
  // The sign of a float, its other bits, and the upper half of its digits.
  0x80000000, 0x7fffffff, 0xfffff000,
  // exp: beyond 87 the power of two has no normal float.
  0x42ae0000,
  // log: what turns the positive normal numbers into the smallest integers; the largest of them;
  // 2 / 3.
  0x7f800000, 0xfeffffff, 0x3f2aaaab,
]);

/** Bit pattern `i`, in all four lanes. */
@inline
export function word(i: i32): v128 {
  return v128.load32_splat(words + 4 * i);
}

/** Constant `i`, in all four lanes. */
@inline
export function float(i: i32): v128 {
  return v128.load32_splat(floats + 4 * i);
}

/** Double constant `i`, in both lanes. */
@inline
export function double(i: i32): v128 {
  return v128.load64_splat(doubles + 8 * i);
}

// Where each group begins.
@inline export const EXP: i32 = 0;
@inline export const EXPM1: i32 = 9;
@inline export const LOG: i32 = 15;
@inline export const SIN: i32 = 25;
@inline export const COS: i32 = 28;
@inline export const ONE: i32 = 31;
@inline export const TWO: i32 = 32;
@inline export const HALF: i32 = 33;
@inline export const MINUS_HALF: i32 = 34;
@inline export const EXP_LOW: i32 = 35;
@inline export const EXP_HIGH: i32 = 36;
@inline export const EXPM1_LOW: i32 = 37;
@inline export const TANH_HIGH: i32 = 38;
@inline export const TINY: i32 = 39;
@inline export const HALVED: i32 = 40;
@inline export const MINUS_LOG2E: i32 = 41;
@inline export const LOG2E: i32 = 42;

// Doubles.
@inline export const ROUND: i32 = 1;

// Bit patterns.
@inline export const SIGN: i32 = 0;
@inline export const SIZE: i32 = 1;
@inline export const UPPER: i32 = 2;
@inline export const EXP_MOST: i32 = 3;
@inline export const LOG_TURN: i32 = 4;
@inline export const LOG_MOST: i32 = 5;
@inline export const LOG_MIDDLE: i32 = 6;
