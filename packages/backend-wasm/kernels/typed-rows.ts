/**
 * The loops of rows.ts around ops on elements of any type T: a vector at a time where operands have
 * no gaps (or are one number), one by one elsewhere.
 */

/** Elements from one operand. */
@unmanaged
export class TypedMap1<T, Op> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const op = changetype<Op>(0);
    if (so == sizeof<T>() && sx == sizeof<T>()) {
      const lanes = 16 / <i32>sizeof<T>();
      for (; n >= lanes; n -= lanes) {
        v128.store(o, op.apply(v128.load(x)));
        o += 16;
        x += 16;
      }
    }
    for (; n > 0; n--) {
      v128.store_lane<T>(o, op.apply(v128.load_splat<T>(x)), 0);
      o += so;
      x += sx;
    }
  }
}

/** Whether an operand is read as vectors: it has no gaps or is one number. */
@inline
function isDense<T>(step: i32): bool {
  return step == sizeof<T>() || step == 0;
}

/** The next elements of such an operand. */
@inline
function nextOf<T>(x: usize, step: i32): v128 {
  return step == 0 ? v128.load_splat<T>(x) : v128.load(x);
}

/** Elements from two operands; a step of 0 stands for one number. */
@unmanaged
export class TypedMap2<T, Op> {
  run(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32): void {
    const op = changetype<Op>(0);
    if (so == sizeof<T>() && isDense<T>(sa) && isDense<T>(sb)) {
      const lanes = 16 / <i32>sizeof<T>();
      for (; n >= lanes; n -= lanes) {
        v128.store(o, op.apply(nextOf<T>(a, sa), nextOf<T>(b, sb)));
        o += 16;
        a += lanes * sa;
        b += lanes * sb;
      }
    }
    for (; n > 0; n--) {
      v128.store_lane<T>(o, op.apply(v128.load_splat<T>(a), v128.load_splat<T>(b)), 0);
      o += so;
      a += sa;
      b += sb;
    }
  }
}

/** Stores the truth of a mask's lanes, a byte each. */
@inline
function storeTruths<T>(o: usize, mask: v128): void {
  if (sizeof<T>() == 1) {
    v128.store(o, v128.and(mask, i8x16.splat(1)));
  } else {
    const bits = i64x2.bitmask(mask);
    store<u16>(o, <u16>((bits & 1) | ((bits & 2) << 7)));
  }
}

/** Stores the truth of the first lane. */
@inline
function storeTruth(o: usize, mask: v128): void {
  store<u8>(o, <u8>(i32x4.extract_lane(mask, 0) & 1));
}

/** Truth values, a byte each, from one operand of bytes or doubles. */
@unmanaged
export class TypedAsk1<T, Op> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const op = changetype<Op>(0);
    if (so == 1 && sx == sizeof<T>()) {
      const lanes = 16 / <i32>sizeof<T>();
      for (; n >= lanes; n -= lanes) {
        storeTruths<T>(o, op.apply(v128.load(x)));
        o += lanes;
        x += 16;
      }
    }
    for (; n > 0; n--) {
      storeTruth(o, op.apply(v128.load_splat<T>(x)));
      o += so;
      x += sx;
    }
  }
}

/** Truth values, a byte each, from two operands of bytes or doubles. */
@unmanaged
export class TypedAsk2<T, Op> {
  run(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32): void {
    const op = changetype<Op>(0);
    if (so == 1 && isDense<T>(sa) && isDense<T>(sb)) {
      const lanes = 16 / <i32>sizeof<T>();
      for (; n >= lanes; n -= lanes) {
        storeTruths<T>(o, op.apply(nextOf<T>(a, sa), nextOf<T>(b, sb)));
        o += lanes;
        a += lanes * sa;
        b += lanes * sb;
      }
    }
    for (; n > 0; n--) {
      storeTruth(o, op.apply(v128.load_splat<T>(a), v128.load_splat<T>(b)));
      o += so;
      a += sa;
      b += sb;
    }
  }
}
