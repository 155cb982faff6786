/** argmax and argmin across rows of float32: the row of each column's first largest or smallest. */
import { Largest, Smallest } from "./extremes";
import { walk1 } from "./walk";

// What a call says besides addresses: how many rows there are, and how far apart in bytes.
let rows: i32 = 0;
let rowStep: i32 = 0;

/** Where `x` takes the place of `a`: a NaN does, and nothing takes the place of one. */
@inline
function wins<Op>(a: v128, x: v128): v128 {
  return v128.andnot(f32x4.eq(a, a), changetype<Op>(0).holds(a, x));
}

/** Sixteen columns at a time: a cache line of each row. */
@unmanaged
class PositionColumns<Op> {
  run(o: usize, x: usize, n: i32, so: i32, sx: i32): void {
    for (; n >= 16; n -= 16) {
      this.sixteen(o, x);
      o += 64;
      x += 64;
    }
    for (; n > 0; n--) {
      this.one(o, x);
      o += 4;
      x += 4;
    }
  }

  sixteen(o: usize, x: usize): void {
    let a0 = v128.load(x);
    let a1 = v128.load(x, 16);
    let a2 = v128.load(x, 32);
    let a3 = v128.load(x, 48);
    let p0 = i32x4.splat(0);
    let p1 = p0;
    let p2 = p0;
    let p3 = p0;
    for (let i = 1; i < rows; i++) {
      x += rowStep;
      const at = i32x4.splat(i);
      const x0 = v128.load(x);
      const x1 = v128.load(x, 16);
      const x2 = v128.load(x, 32);
      const x3 = v128.load(x, 48);
      const w0 = wins<Op>(a0, x0);
      const w1 = wins<Op>(a1, x1);
      const w2 = wins<Op>(a2, x2);
      const w3 = wins<Op>(a3, x3);
      a0 = v128.bitselect(x0, a0, w0);
      a1 = v128.bitselect(x1, a1, w1);
      a2 = v128.bitselect(x2, a2, w2);
      a3 = v128.bitselect(x3, a3, w3);
      p0 = v128.bitselect(at, p0, w0);
      p1 = v128.bitselect(at, p1, w1);
      p2 = v128.bitselect(at, p2, w2);
      p3 = v128.bitselect(at, p3, w3);
    }
    v128.store(o, p0);
    v128.store(o, p1, 16);
    v128.store(o, p2, 32);
    v128.store(o, p3, 48);
  }

  one(o: usize, x: usize): void {
    let a = v128.load32_splat(x);
    let p = i32x4.splat(0);
    for (let i = 1; i < rows; i++) {
      x += rowStep;
      const y = v128.load32_splat(x);
      const w = wins<Op>(a, y);
      a = v128.bitselect(y, a, w);
      p = v128.bitselect(i32x4.splat(i), p, w);
    }
    v128.store32_lane(o, p, 0);
  }
}

export function argmaxColumnsFloat32(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize, scratch: usize,
): void {
  rows = count;
  rowStep = step;
  walk1<PositionColumns<Largest>>(o, x, n, 4, 4, frame);
}

export function argminColumnsFloat32(
  o: usize, x: usize, n: i32, count: i32, step: i32, frame: usize, scratch: usize,
): void {
  rows = count;
  rowStep = step;
  walk1<PositionColumns<Smallest>>(o, x, n, 4, 4, frame);
}
