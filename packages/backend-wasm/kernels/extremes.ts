/**
 * How four running results take four more elements, for the largest and the smallest. Neither class
 * has instances; see rows.ts.
 */

@unmanaged
export class Largest {
  @inline
  fold(a: v128, x: v128): v128 {
    return f32x4.max(a, x);
  }
  /** The same where neither is NaN, in one instruction. */
  @inline
  quick(a: v128, x: v128): v128 {
    return f32x4.pmax(x, a);
  }
  /** Whether `a` is no worse than a later `x`. */
  @inline
  holds(a: v128, x: v128): v128 {
    return f32x4.ge(a, x);
  }
  @inline
  start(): f32 {
    return -Infinity;
  }
}

@unmanaged
export class Smallest {
  @inline
  fold(a: v128, x: v128): v128 {
    return f32x4.min(a, x);
  }
  @inline
  quick(a: v128, x: v128): v128 {
    return f32x4.pmin(x, a);
  }
  @inline
  holds(a: v128, x: v128): v128 {
    return f32x4.le(a, x);
  }
  @inline
  start(): f32 {
    return Infinity;
  }
}
