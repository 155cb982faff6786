/**
 * Moving and converting elements: fill, copy, where, casts. Rows of other widths than four bytes
 * are moved one element at a time.
 */
import { gather4, scatter4 } from "./rows";
import { walk1, walk3 } from "./walk";

/** Elements of type T from elements of the same type. */
@unmanaged
class Move<T> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    if (so == sizeof<T>() && sx == sizeof<T>()) {
      memory.copy(o, x, n * sizeof<T>());
      return;
    }
    if (sizeof<T>() == 4 && so == 4 && sx == 0) {
      const value = v128.load32_splat(x);
      for (; n >= 4; n -= 4) {
        v128.store(o, value);
        o += 16;
      }
    }
    for (; n > 0; n--) {
      store<T>(o, load<T>(x));
      o += so;
      x += sx;
    }
  }
}

export function copy1(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Move<u8>>(o, x, n, so, sx, frame);
}

export function copy4(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Move<u32>>(o, x, n, so, sx, frame);
}

export function copy8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Move<u64>>(o, x, n, so, sx, frame);
}

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

/** The low 32 bits of a float32 without its fraction, as JavaScript converts numbers; 0 for NaN and infinities. */
function lowBits(x: f32): i32 {
  // From 2^63 on a float32 is a multiple of 2^40.
  return abs(x) < 9223372036854775808.0 ? <i32>(<i64>x) : 0;
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

/** Elements of `b` where the byte `a` is not zero, of `c` elsewhere; four bytes each. */
@unmanaged
class Where {
  run(o: usize, a: usize, b: usize, c: usize, n: i32, so: i32, sa: i32, sb: i32, sc: i32): void {
    if (so == 4 && sa == 1 && (sb == 4 || sb == 0) && (sc == 4 || sc == 0)) {
      for (; n >= 4; n -= 4) {
        const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(a)));
        const yes = sb == 4 ? v128.load(b) : v128.load32_splat(b);
        const no = sc == 4 ? v128.load(c) : v128.load32_splat(c);
        v128.store(o, v128.bitselect(yes, no, i32x4.gt_s(wide, i32x4.splat(0))));
        o += 16;
        a += 4;
        b += 4 * sb;
        c += 4 * sc;
      }
    }
    for (; n > 0; n--) {
      store<u32>(o, load<u8>(a) ? load<u32>(b) : load<u32>(c));
      o += so;
      a += sa;
      b += sb;
      c += sc;
    }
  }
}

export function where4(
  o: usize, a: usize, b: usize, c: usize, n: i32, so: i32, sa: i32, sb: i32, sc: i32, frame: usize,
): void {
  walk3<Where>(o, a, b, c, n, so, sa, sb, sc, frame);
}

/**
 * `out[r][c] = x[c][r]` for elements of four bytes: rows of `out` are `so` bytes apart and
 * contiguous inside, columns of `x` too. Tiles of 4 x 4 are turned in registers.
 */
export function transpose4(o: usize, x: usize, rows: i32, columns: i32, so: i32, sx: i32): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let from = x + 4 * r;
    let to = o + r * so;
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const a0 = v128.load(from);
      const a1 = v128.load(from + sx);
      const a2 = v128.load(from + 2 * sx);
      const a3 = v128.load(from + 3 * sx);
      const b0 = v128.shuffle<i32>(a0, a1, 0, 4, 1, 5);
      const b1 = v128.shuffle<i32>(a2, a3, 0, 4, 1, 5);
      const b2 = v128.shuffle<i32>(a0, a1, 2, 6, 3, 7);
      const b3 = v128.shuffle<i32>(a2, a3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(b0, b1, 0, 2));
      v128.store(to + so, v128.shuffle<i64>(b0, b1, 1, 3));
      v128.store(to + 2 * so, v128.shuffle<i64>(b2, b3, 0, 2));
      v128.store(to + 3 * so, v128.shuffle<i64>(b2, b3, 1, 3));
      from += 4 * sx;
      to += 16;
    }
    for (; c < columns; c++) {
      scatter4(to, so, v128.load(from));
      from += sx;
      to += 4;
    }
  }
  for (; r < rows; r++) {
    let from = x + 4 * r;
    let to = o + r * so;
    for (let c = 0; c < columns; c++) {
      store<u32>(to, load<u32>(from));
      from += sx;
      to += 4;
    }
  }
}
