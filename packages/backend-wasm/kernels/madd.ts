/**
 * The instruction, of floats and of doubles, in which the two builds differ. Relaxed (`--use RELAXED=1`) takes the
 * engine's fastest a * b + c, fused wherever the processor can; strict rounds twice and gives the
 * same bits on every machine.
 */

// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  // @ts-ignore: defined on the command line or not at all
  if (isDefined(RELAXED)) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
export function maddDouble(a: v128, b: v128, c: v128): v128 {
  // @ts-ignore: defined on the command line or not at all
  if (isDefined(RELAXED)) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}
