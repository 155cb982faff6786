/**
 * Reductions of rows: `n` elements that are `sx` bytes apart become one. Float sums add at most 64
 * numbers in float32 before they go on in double precision.
 */
import { Largest, Smallest } from "./extremes";
import { walk1 } from "./walk";

/** The sum of four lanes. */
@inline
export function lanes(v: v128): f64 {
  const pairs = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1)));
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** The sum of contiguous floats. */
export function sumOf(x: usize, n: i32): f64 {
  let total: f64 = 0;
  while (n >= 16) {
    const turns = min(n >> 4, 64);
    n -= turns << 4;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    for (let i = turns; i > 0; i--) {
      a0 = f32x4.add(a0, v128.load(x));
      a1 = f32x4.add(a1, v128.load(x, 16));
      a2 = f32x4.add(a2, v128.load(x, 32));
      a3 = f32x4.add(a3, v128.load(x, 48));
      x += 64;
    }
    total += lanes(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)));
  }
  for (; n >= 4; n -= 4) {
    total += lanes(v128.load(x));
    x += 16;
  }
  for (; n > 0; n--) {
    total += load<f32>(x);
    x += 4;
  }
  return total;
}

@unmanaged
class SumRow {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    if (sx == 4) {
      store<f32>(o, <f32>sumOf(x, n));
      return;
    }
    let a: f64 = 0;
    let b: f64 = 0;
    for (; n >= 2; n -= 2) {
      a += load<f32>(x);
      b += load<f32>(x + sx);
      x += 2 * sx;
    }
    if (n) a += load<f32>(x);
    store<f32>(o, <f32>(a + b));
  }
}

export function sumRowsFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<SumRow>(o, x, n, so, sx, frame);
}

/** The sums, as doubles, of `count` stretches of `length` of `n` contiguous floats. */
export function sumStretchesFloat32(o: usize, x: usize, count: i32, length: i32, n: i32): void {
  for (; count > 0; count--) {
    store<f64>(o, sumOf(x, min(length, n)));
    o += 8;
    x += 4 * length;
    n -= length;
  }
}

@unmanaged
class ProdRow {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    let a: f64 = 1;
    let b: f64 = 1;
    for (; n >= 2; n -= 2) {
      a *= load<f32>(x);
      b *= load<f32>(x + sx);
      x += 2 * sx;
    }
    if (n) a *= load<f32>(x);
    store<f32>(o, <f32>(a * b));
  }
}

export function prodRowsFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<ProdRow>(o, x, n, so, sx, frame);
}

/**
 * The extreme of `n` elements, NaN if any is. `quick` passes NaN from either side or loses it, so
 * NaN is looked for apart.
 */
@inline
function extremeOf<Pick>(x: usize, n: i32, sx: i32): f32 {
  const pick = changetype<Pick>(0);
  let a = f32x4.splat(pick.start());
  if (sx == 4 && n >= 4) {
    let b = a;
    let nan = f32x4.splat(0);
    for (; n >= 8; n -= 8) {
      const x0 = v128.load(x);
      const x1 = v128.load(x, 16);
      a = pick.quick(a, x0);
      b = pick.quick(b, x1);
      nan = v128.or(nan, v128.or(f32x4.ne(x0, x0), f32x4.ne(x1, x1)));
      x += 32;
    }
    if (v128.any_true(nan)) return NaN;
    a = pick.fold(a, b);
    if (n >= 4) {
      a = pick.fold(a, v128.load(x));
      x += 16;
      n -= 4;
    }
    a = pick.fold(a, v128.shuffle<i64>(a, a, 1, 0));
    a = pick.fold(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2));
  }
  for (; n > 0; n--) {
    a = pick.fold(a, v128.load32_splat(x));
    x += sx;
  }
  return f32x4.extract_lane(a, 0);
}

/** The largest of contiguous floats. */
export function largestOf(x: usize, n: i32): f32 {
  return extremeOf<Largest>(x, n, 4);
}

@unmanaged
class ExtremeRow<Pick> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    store<f32>(o, extremeOf<Pick>(x, n, sx));
  }
}

export function maxRowsFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<ExtremeRow<Largest>>(o, x, n, so, sx, frame);
}

export function minRowsFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<ExtremeRow<Smallest>>(o, x, n, so, sx, frame);
}

/** The place of the first element that is the extreme, or the first NaN. */
@unmanaged
class PlaceRow<Pick> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const extreme = extremeOf<Pick>(x, n, sx);
    const wanted = f32x4.splat(extreme);
    const isNaN = extreme != extreme;
    let i = 0;
    if (sx == 4) {
      for (; i + 4 <= n; i += 4) {
        const v = v128.load(x + 4 * i);
        const found = isNaN ? f32x4.ne(v, v) : f32x4.eq(v, wanted);
        if (v128.any_true(found)) {
          store<i32>(o, i + ctz(i32x4.bitmask(found)));
          return;
        }
      }
    }
    for (; i < n; i++) {
      const v = load<f32>(x + i * sx);
      if (isNaN ? v != v : v == extreme) break;
    }
    store<i32>(o, i);
  }
}

export function argmaxRowsFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<PlaceRow<Largest>>(o, x, n, so, sx, frame);
}

export function argminRowsFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<PlaceRow<Smallest>>(o, x, n, so, sx, frame);
}
