/**
 * Casts: `int32ToFloat32` and so on to the host; "byte" is uint8 or bool. Numbers become whole ones
 * towards zero and keep their low bits.
 */
import { Ask1, gather4, scatter4 } from "./rows";
import { TypedAsk1 } from "./typed-rows";
import { walk1 } from "./walk";

/** Bytes to float32. */
@unmanaged
class ByteToFloat {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    if (so == 4 && sx == 1) {
      for (; n >= 8; n -= 8) {
        const wide = v128.load8x8_u(x);
        v128.store(o, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(wide)));
        v128.store(o, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(wide)), 16);
        o += 32;
        x += 8;
      }
    }
    for (; n > 0; n--) {
      store<f32>(o, <f32>load<u8>(x));
      o += so;
      x += sx;
    }
  }
}

/** Bytes to int32. */
@unmanaged
class ByteToWhole {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    if (so == 4 && sx == 1) {
      for (; n >= 8; n -= 8) {
        const wide = v128.load8x8_u(x);
        v128.store(o, i32x4.extend_low_i16x8_u(wide));
        v128.store(o, i32x4.extend_high_i16x8_u(wide), 16);
        o += 32;
        x += 8;
      }
    }
    for (; n > 0; n--) {
      store<i32>(o, <i32>load<u8>(x));
      o += so;
      x += sx;
    }
  }
}

/** int32 to float32. */
@unmanaged
class WholeToFloat {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    for (; n >= 4; n -= 4) {
      scatter4(o, so, f32x4.convert_i32x4_s(gather4(x, sx)));
      o += 4 * so;
      x += 4 * sx;
    }
    for (; n > 0; n--) {
      store<f32>(o, <f32>load<i32>(x));
      o += so;
      x += sx;
    }
  }
}

/**
 * The low 32 bits of a number without its fraction, as JavaScript converts numbers; 0 for NaN and
 * infinities.
 */
function lowBits(x: f64): i32 {
  if (abs(x) < 9223372036854775808.0) return <i32>(<i64>x);
  // A multiple of 2^11, so that the remainder is exact.
  return abs(x) < Infinity ? <i32>(<i64>(x - 4294967296.0 * Math.floor(x / 4294967296.0))) : 0;
}

/** float32 to int32, towards zero; what does not fit wraps around. */
@unmanaged
class FloatToWhole {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const limit = f32x4.splat(2147483648.0);
    for (; n >= 4; n -= 4) {
      const v = gather4(x, sx);
      if (i32x4.all_true(f32x4.lt(f32x4.abs(v), limit))) {
        scatter4(o, so, i32x4.trunc_sat_f32x4_s(v));
      } else {
        store<i32>(o, lowBits(f32x4.extract_lane(v, 0)));
        store<i32>(o + so, lowBits(f32x4.extract_lane(v, 1)));
        store<i32>(o + 2 * so, lowBits(f32x4.extract_lane(v, 2)));
        store<i32>(o + 3 * so, lowBits(f32x4.extract_lane(v, 3)));
      }
      o += 4 * so;
      x += 4 * sx;
    }
    for (; n > 0; n--) {
      store<i32>(o, lowBits(load<f32>(x)));
      o += so;
      x += sx;
    }
  }
}

/** int32 or float32 to uint8: the low bits. */
@unmanaged
class Narrow<From> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    if (so == 1 && sx == 4) {
      for (; n >= 16 && fits<From>(x); n -= 16) {
        const low = i16x8.narrow_i32x4_u(lowBytes<From>(x), lowBytes<From>(x + 16));
        const high = i16x8.narrow_i32x4_u(lowBytes<From>(x + 32), lowBytes<From>(x + 48));
        v128.store(o, i8x16.narrow_i16x8_u(low, high));
        o += 16;
        x += 64;
      }
    }
    for (; n > 0; n--) {
      store<u8>(o, <u8>whole<From>(load<From>(x)));
      o += so;
      x += sx;
    }
  }
}

/** The low byte of each of four neighbours. */
@inline
function lowBytes<From>(x: usize): v128 {
  const v = v128.load(x);
  return v128.and(isFloat<From>() ? i32x4.trunc_sat_f32x4_s(v) : v, i32x4.splat(255));
}

/** Whether sixteen neighbours are numbers of 32 bits. */
@inline
function fits<From>(x: usize): bool {
  if (isInteger<From>()) return true;
  const a = f32x4.max(f32x4.abs(v128.load(x)), f32x4.abs(v128.load(x, 16)));
  const b = f32x4.max(f32x4.abs(v128.load(x, 32)), f32x4.abs(v128.load(x, 48)));
  return i32x4.all_true(f32x4.lt(f32x4.max(a, b), f32x4.splat(2147483648.0)));
}

/** A number of any type as int32. */
@inline
function whole<From>(x: From): i32 {
  return isFloat<From>() ? lowBits(<f64>x) : <i32>x;
}

/** Elements one by one. */
@unmanaged
class Convert<From, To> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    for (; n > 0; n--) {
      const v = load<From>(x);
      store<To>(o, isFloat<To>() ? <To>v : <To>whole<From>(v));
      o += so;
      x += sx;
    }
  }
}

/** Elements that are not zero. */
@unmanaged
class Truth<T> {
  @inline
  apply(x: v128): v128 {
    return v128.ne<T>(x, v128.splat<T>(<T>0));
  }
}

export function byteToFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<ByteToFloat>(o, x, n, so, sx, frame);
}

export function byteToInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<ByteToWhole>(o, x, n, so, sx, frame);
}

export function int32ToFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<WholeToFloat>(o, x, n, so, sx, frame);
}

export function float32ToInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FloatToWhole>(o, x, n, so, sx, frame);
}

export function byteToBool(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedAsk1<u8, Truth<u8>>>(o, x, n, so, sx, frame);
}

export function int32ToBool(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Ask1<Truth<i32>>>(o, x, n, so, sx, frame);
}

export function float32ToBool(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Ask1<Truth<f32>>>(o, x, n, so, sx, frame);
}

export function float64ToBool(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedAsk1<f64, Truth<f64>>>(o, x, n, so, sx, frame);
}

export function int32ToUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Narrow<i32>>(o, x, n, so, sx, frame);
}

export function float32ToUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Narrow<f32>>(o, x, n, so, sx, frame);
}

export function float64ToUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Convert<f64, u8>>(o, x, n, so, sx, frame);
}

export function float64ToInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Convert<f64, i32>>(o, x, n, so, sx, frame);
}

export function float64ToFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Convert<f64, f32>>(o, x, n, so, sx, frame);
}

export function byteToFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Convert<u8, f64>>(o, x, n, so, sx, frame);
}

export function int32ToFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Convert<i32, f64>>(o, x, n, so, sx, frame);
}

export function float32ToFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Convert<f32, f64>>(o, x, n, so, sx, frame);
}
