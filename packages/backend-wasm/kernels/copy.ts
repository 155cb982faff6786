/** Moving elements: fill, copy, where, transposed copies. */
import { scatter4 } from "./rows";
import { walk1, walk3 } from "./walk";

/** Elements of type T from elements of the same type; a step of 0 fills. */
@unmanaged
class Move<T> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    if (so == sizeof<T>() && sx == sizeof<T>()) {
      memory.copy(o, x, n * sizeof<T>());
      return;
    }
    if (so == sizeof<T>() && sx == 0) {
      const value = v128.load_splat<T>(x);
      const lanes = 16 / <i32>sizeof<T>();
      for (; n >= lanes; n -= lanes) {
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

/** The lanes of T whose bytes, beginning at `a`, are not zero. */
@inline
function chosen<T>(a: usize): v128 {
  if (sizeof<T>() == 1) return i8x16.ne(v128.load(a), i8x16.splat(0));
  if (sizeof<T>() == 4) {
    const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(a)));
    return i32x4.ne(wide, i32x4.splat(0));
  }
  return i64x2(-(<i64>(load<u8>(a) != 0)), -(<i64>(load<u8>(a, 1) != 0)));
}

/** Elements of `b` where the byte `a` is not zero, of `c` elsewhere. */
@unmanaged
class Where<T> {
  run(o: usize, a: usize, b: usize, c: usize, n: i32, so: i32, sa: i32, sb: i32, sc: i32): void {
    const isDense = (sb == sizeof<T>() || sb == 0) && (sc == sizeof<T>() || sc == 0);
    if (so == sizeof<T>() && sa == 1 && isDense) {
      const lanes = 16 / <i32>sizeof<T>();
      for (; n >= lanes; n -= lanes) {
        const yes = sb != 0 ? v128.load(b) : v128.load_splat<T>(b);
        const no = sc != 0 ? v128.load(c) : v128.load_splat<T>(c);
        v128.store(o, v128.bitselect(yes, no, chosen<T>(a)));
        o += 16;
        a += lanes;
        b += lanes * sb;
        c += lanes * sc;
      }
    }
    for (; n > 0; n--) {
      store<T>(o, load<u8>(a) ? load<T>(b) : load<T>(c));
      o += so;
      a += sa;
      b += sb;
      c += sc;
    }
  }
}

export function where1(
  o: usize, a: usize, b: usize, c: usize, n: i32, so: i32, sa: i32, sb: i32, sc: i32, frame: usize,
): void {
  walk3<Where<u8>>(o, a, b, c, n, so, sa, sb, sc, frame);
}

export function where4(
  o: usize, a: usize, b: usize, c: usize, n: i32, so: i32, sa: i32, sb: i32, sc: i32, frame: usize,
): void {
  walk3<Where<u32>>(o, a, b, c, n, so, sa, sb, sc, frame);
}

export function where8(
  o: usize, a: usize, b: usize, c: usize, n: i32, so: i32, sa: i32, sb: i32, sc: i32, frame: usize,
): void {
  walk3<Where<u64>>(o, a, b, c, n, so, sa, sb, sc, frame);
}

/**
 * `out[r][c] = x[c][r]` for elements of four bytes: rows of `out` are `so` bytes apart and
 * contiguous inside, columns of `x` too. Tiles of 4 x 4 are turned in registers.
 */
export function transpose4(o: usize, x: usize, rows: i32, columns: i32, so: i32, sx: i32): void {
  let r = 0;
  while (r + 4 <= rows) {
    // Four cache lines of `x` are read to their end before the next.
    const band = min((rows - r) & ~3, 16);
    let from = x + 4 * r;
    let to = o + r * so;
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      let source = from;
      let target = to;
      for (let i = band; i > 0; i -= 4) {
        turn4(target, source, so, sx);
        source += 16;
        target += 4 * so;
      }
      from += 4 * sx;
      to += 16;
    }
    for (; c < columns; c++) {
      for (let i = 0; i < band; i += 4) scatter4(to + i * so, so, v128.load(from + 4 * i));
      from += sx;
      to += 4;
    }
    r += band;
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

/** One tile of 4 x 4. */
@inline
function turn4(to: usize, from: usize, so: i32, sx: i32): void {
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
}
