/**
 * Reductions of bytes, int32 and doubles, and the largest, smallest and product of float32 columns. Of
 * rows: `n` elements that are `sx` bytes apart; of columns: many rows of neighbours become one. A fold is a class without instances that says
 * how running results take more elements; see rows.ts.
 */
import { product } from "./arithmetic";
import { walk1 } from "./walk";

@unmanaged
class Total<T> {
  @inline
  fold(a: v128, x: v128): v128 {
    return v128.add<T>(a, x);
  }
  @inline
  start(): T {
    return <T>0;
  }
}

@unmanaged
class Product<T> {
  @inline
  fold(a: v128, x: v128): v128 {
    return product<T>(a, x);
  }
  @inline
  start(): T {
    return <T>1;
  }
}

@unmanaged
class Largest<T> {
  @inline
  fold(a: v128, x: v128): v128 {
    return v128.max<T>(a, x);
  }
  @inline
  start(): T {
    if (isFloat<T>()) return <T>-Infinity;
    return sizeof<T>() == 1 ? <T>0 : <T>i32.MIN_VALUE;
  }
}

@unmanaged
class Smallest<T> {
  @inline
  fold(a: v128, x: v128): v128 {
    return v128.min<T>(a, x);
  }
  @inline
  start(): T {
    if (isFloat<T>()) return <T>Infinity;
    return sizeof<T>() == 1 ? <T>255 : <T>i32.MAX_VALUE;
  }
}

/** All elements of a row folded into one. */
function foldOf<T, Fold>(x: usize, n: i32, sx: i32): T {
  const fold = changetype<Fold>(0);
  let a = v128.splat<T>(fold.start());
  if (sx == sizeof<T>()) {
    const lanes = 16 / <i32>sizeof<T>();
    let b = a;
    for (; n >= 2 * lanes; n -= 2 * lanes) {
      a = fold.fold(a, v128.load(x));
      b = fold.fold(b, v128.load(x, 16));
      x += 32;
    }
    a = fold.fold(a, b);
    a = fold.fold(a, v128.shuffle<i64>(a, a, 1, 0));
    if (sizeof<T>() <= 4) a = fold.fold(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2));
    if (sizeof<T>() == 1) {
      a = fold.fold(a, v128.shuffle<i16>(a, a, 1, 0, 3, 2, 5, 4, 7, 6));
      a = fold.fold(a, v128.shuffle<i8>(a, a, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    }
  }
  for (; n > 0; n--) {
    a = fold.fold(a, v128.load_splat<T>(x));
    x += sx;
  }
  return v128.extract_lane<T>(a, 0);
}

@unmanaged
class FoldRow<T, Fold> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    store<T>(o, foldOf<T, Fold>(x, n, sx));
  }
}

/** The place of the first element that is the extreme, or the first NaN. */
@unmanaged
class PlaceRow<T, Fold> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const extreme = foldOf<T, Fold>(x, n, sx);
    const wanted = v128.splat<T>(extreme);
    const lanes = 16 / <i32>sizeof<T>();
    let i = 0;
    if (sx == sizeof<T>() && extreme == extreme) {
      while (i + lanes <= n && !v128.any_true(v128.eq<T>(v128.load(x), wanted))) {
        x += 16;
        i += lanes;
      }
    }
    for (; i < n; i++) {
      const v = load<T>(x);
      if (v == extreme || v != v) break;
      x += sx;
    }
    store<i32>(o, i);
  }
}

let rows: i32 = 0;
let rowStep: i32 = 0;

/** Bytes of columns at a time: their results stay in the first-level cache. */
const COLUMNS: i32 = 16384;

/** Folds rows into the output, four at a time, so that memory is read row after row. */
@unmanaged
class FoldColumns<T, Fold> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    const bytes = n * <i32>sizeof<T>();
    for (let c = 0; c < bytes; c += COLUMNS) this.some(o + c, x + c, min(bytes - c, COLUMNS));
  }

  some(o: usize, x: usize, bytes: i32): void {
    memory.copy(o, x, bytes);
    let r = 1;
    for (; r + 4 <= rows; r += 4) this.four(o, x + r * rowStep, bytes);
    for (; r < rows; r++) this.one(o, x + r * rowStep, bytes);
  }

  one(o: usize, x: usize, bytes: i32): void {
    const fold = changetype<Fold>(0);
    for (; bytes >= 16; bytes -= 16) {
      v128.store(o, fold.fold(v128.load(o), v128.load(x)));
      o += 16;
      x += 16;
    }
    for (; bytes > 0; bytes -= sizeof<T>()) {
      v128.store_lane<T>(o, fold.fold(v128.load_splat<T>(o), v128.load_splat<T>(x)), 0);
      o += sizeof<T>();
      x += sizeof<T>();
    }
  }

  four(o: usize, x: usize, bytes: i32): void {
    const fold = changetype<Fold>(0);
    let y = x + rowStep;
    let z = y + rowStep;
    let w = z + rowStep;
    let left = bytes;
    for (; left >= 16; left -= 16) {
      const a = fold.fold(fold.fold(v128.load(o), v128.load(x)), v128.load(y));
      v128.store(o, fold.fold(fold.fold(a, v128.load(z)), v128.load(w)));
      o += 16;
      x += 16;
      y += 16;
      z += 16;
      w += 16;
    }
    if (left == 0) return;
    this.one(o, x, left);
    this.one(o, y, left);
    this.one(o, z, left);
    this.one(o, w, left);
  }
}

@inline
function walkColumns<T, Columns>(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  rows = count;
  rowStep = step;
  walk1<Columns>(o, x, n, sizeof<T>(), sizeof<T>(), frame);
}

export function sumRowsInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<i32, Total<i32>>>(o, x, n, so, sx, frame);
}

export function sumColumnsInt32(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<i32, FoldColumns<i32, Total<i32>>>(o, x, n, count, step, frame);
}

export function prodRowsInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<i32, Product<i32>>>(o, x, n, so, sx, frame);
}

export function prodColumnsInt32(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<i32, FoldColumns<i32, Product<i32>>>(o, x, n, count, step, frame);
}

export function maxRowsInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<i32, Largest<i32>>>(o, x, n, so, sx, frame);
}

export function maxColumnsInt32(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<i32, FoldColumns<i32, Largest<i32>>>(o, x, n, count, step, frame);
}

export function minRowsInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<i32, Smallest<i32>>>(o, x, n, so, sx, frame);
}

export function minColumnsInt32(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<i32, FoldColumns<i32, Smallest<i32>>>(o, x, n, count, step, frame);
}

export function argmaxRowsInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<PlaceRow<i32, Largest<i32>>>(o, x, n, so, sx, frame);
}

export function argminRowsInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<PlaceRow<i32, Smallest<i32>>>(o, x, n, so, sx, frame);
}

export function maxRowsUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<u8, Largest<u8>>>(o, x, n, so, sx, frame);
}

export function maxColumnsUint8(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<u8, FoldColumns<u8, Largest<u8>>>(o, x, n, count, step, frame);
}

export function minRowsUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<u8, Smallest<u8>>>(o, x, n, so, sx, frame);
}

export function minColumnsUint8(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<u8, FoldColumns<u8, Smallest<u8>>>(o, x, n, count, step, frame);
}

export function argmaxRowsUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<PlaceRow<u8, Largest<u8>>>(o, x, n, so, sx, frame);
}

export function argminRowsUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<PlaceRow<u8, Smallest<u8>>>(o, x, n, so, sx, frame);
}

export function prodRowsFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<f64, Product<f64>>>(o, x, n, so, sx, frame);
}

export function prodColumnsFloat64(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<f64, FoldColumns<f64, Product<f64>>>(o, x, n, count, step, frame);
}

export function maxRowsFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<f64, Largest<f64>>>(o, x, n, so, sx, frame);
}

export function maxColumnsFloat64(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<f64, FoldColumns<f64, Largest<f64>>>(o, x, n, count, step, frame);
}

export function minRowsFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<FoldRow<f64, Smallest<f64>>>(o, x, n, so, sx, frame);
}

export function minColumnsFloat64(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<f64, FoldColumns<f64, Smallest<f64>>>(o, x, n, count, step, frame);
}

export function argmaxRowsFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<PlaceRow<f64, Largest<f64>>>(o, x, n, so, sx, frame);
}

export function argminRowsFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<PlaceRow<f64, Smallest<f64>>>(o, x, n, so, sx, frame);
}

export function prodColumnsFloat32(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<f32, FoldColumns<f32, Product<f32>>>(o, x, n, count, step, frame);
}

export function maxColumnsFloat32(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<f32, FoldColumns<f32, Largest<f32>>>(o, x, n, count, step, frame);
}

export function minColumnsFloat32(o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize): void {
  walkColumns<f32, FoldColumns<f32, Smallest<f32>>>(o, x, n, count, step, frame);
}
