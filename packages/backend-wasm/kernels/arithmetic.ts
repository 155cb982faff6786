/**
 * Elementwise ops that are one or two instructions on elements of any type T: bytes, int32, double.
 * Results of whole numbers wrap around. Questions give a mask in each lane. No class here ever has
 * an instance; see rows.ts.
 */

@unmanaged
export class Neg<T> {
  @inline
  apply(x: v128): v128 {
    return v128.neg<T>(x);
  }
}

@unmanaged
export class Abs<T> {
  @inline
  apply(x: v128): v128 {
    return v128.abs<T>(x);
  }
}

@unmanaged
export class Sign<T> {
  @inline
  apply(x: v128): v128 {
    if (sizeof<T>() == 1) return i8x16.min_u(x, i8x16.splat(1));
    if (sizeof<T>() == 4) return v128.or(i32x4.shr_s(x, 31), i32x4.shr_u(i32x4.neg(x), 31));
    const one = v128.or(v128.and(x, i64x2.splat(0x8000000000000000)), f64x2.splat(1));
    return v128.bitselect(one, x, f64x2.gt(f64x2.abs(x), f64x2.splat(0)));
  }
}

@unmanaged
export class Square<T> {
  @inline
  apply(x: v128): v128 {
    return product<T>(x, x);
  }
}

@unmanaged
export class Relu<T> {
  @inline
  apply(x: v128): v128 {
    return v128.andnot(x, v128.le<T>(x, v128.splat<T>(<T>0)));
  }
}

@unmanaged
export class LogicalNot<T> {
  @inline
  apply(x: v128): v128 {
    return v128.eq<T>(x, v128.splat<T>(<T>0));
  }
}

@unmanaged
export class Add<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.add<T>(a, b);
  }
}

@unmanaged
export class Sub<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.sub<T>(a, b);
  }
}

@unmanaged
export class Mul<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return product<T>(a, b);
  }
}

/** Bytes have no multiplication of their own: the low halves of products of twice the width. */
@inline
export function product<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() > 1) return v128.mul<T>(a, b);
  const low = i16x8.extmul_low_i8x16_u(a, b);
  const high = i16x8.extmul_high_i8x16_u(a, b);
  return v128.shuffle<i8>(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

@unmanaged
export class Maximum<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.max<T>(a, b);
  }
}

@unmanaged
export class Minimum<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.min<T>(a, b);
  }
}

@unmanaged
export class Eq<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.eq<T>(a, b);
  }
}

@unmanaged
export class Ne<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.ne<T>(a, b);
  }
}

@unmanaged
export class Lt<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.lt<T>(a, b);
  }
}

@unmanaged
export class Le<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.le<T>(a, b);
  }
}

@unmanaged
export class Gt<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.gt<T>(a, b);
  }
}

@unmanaged
export class Ge<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.ge<T>(a, b);
  }
}

/** The lanes that are not zero; NaN is not. */
@inline
function truth<T>(x: v128): v128 {
  return v128.ne<T>(x, v128.splat<T>(<T>0));
}

@unmanaged
export class LogicalAnd<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.and(truth<T>(a), truth<T>(b));
  }
}

@unmanaged
export class LogicalOr<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.or(truth<T>(a), truth<T>(b));
  }
}

@unmanaged
export class LogicalXor<T> {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.xor(truth<T>(a), truth<T>(b));
  }
}

@unmanaged
export class BitwiseAnd {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.and(a, b);
  }
}

@unmanaged
export class BitwiseOr {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.or(a, b);
  }
}

@unmanaged
export class BitwiseXor {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.xor(a, b);
  }
}
