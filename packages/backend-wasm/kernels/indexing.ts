/**
 * Picking and adding by int32 positions along one axis. Where the position is the same for a
 * contiguous row, the row is moved at once. The last arguments say how long the axis is and how far
 * apart its elements are, in bytes; the result is 1 when a position was outside (the rest of that
 * row was left out), else 0.
 */
import { walk2 } from "./walk";

let length: i32 = 0;
let step: i32 = 0;
let outside: bool = false;

/** Rows of an axis of that length and step. */
@inline
function walkAxis<Row>(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize, axisLength: i32, axisStep: i32,
): i32 {
  length = axisLength;
  step = axisStep;
  outside = false;
  walk2<Row>(o, a, b, n, so, sa, sb, frame);
  return <i32>outside;
}

/** The position itself, or -1 where the axis does not have it. */
@inline
function resolve(index: i32): i32 {
  if (<u32>index < <u32>length) return index;
  outside = true;
  return -1;
}

@unmanaged
class Gather<T> {
  run(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32): void {
    if (sb == 0 && so == sizeof<T>() && sa == sizeof<T>()) {
      const i = resolve(load<i32>(b));
      if (i >= 0) memory.copy(o, a + i * step, n * sizeof<T>());
      return;
    }
    for (; n > 0; n--) {
      const i = resolve(load<i32>(b));
      if (i < 0) return;
      store<T>(o, load<T>(a + i * step));
      o += so;
      a += sa;
      b += sb;
    }
  }
}

export function gather1(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize, axisLength: i32, axisStep: i32,
): i32 {
  return walkAxis<Gather<u8>>(o, a, b, n, so, sa, sb, frame, axisLength, axisStep);
}

export function gather4(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize, axisLength: i32, axisStep: i32,
): i32 {
  return walkAxis<Gather<u32>>(o, a, b, n, so, sa, sb, frame, axisLength, axisStep);
}

export function gather8(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize, axisLength: i32, axisStep: i32,
): i32 {
  return walkAxis<Gather<u64>>(o, a, b, n, so, sa, sb, frame, axisLength, axisStep);
}

/**
 * The first operand is what is added, so that rows follow its layout; the second what is added to.
 */
@unmanaged
class ScatterAdd<T> {
  run(x: usize, a: usize, b: usize, n: i32, sx: i32, sa: i32, sb: i32): void {
    if (sb == 0 && sx == sizeof<T>() && sa == sizeof<T>()) {
      const i = resolve(load<i32>(b));
      if (i < 0) return;
      a += i * step;
      const lanes = 16 / <i32>sizeof<T>();
      for (; n >= lanes; n -= lanes) {
        v128.store(a, v128.add<T>(v128.load(a), v128.load(x)));
        a += 16;
        x += 16;
      }
      for (; n > 0; n--) {
        store<T>(a, load<T>(a) + load<T>(x));
        a += sizeof<T>();
        x += sizeof<T>();
      }
      return;
    }
    for (; n > 0; n--) {
      const i = resolve(load<i32>(b));
      if (i < 0) return;
      const place = a + i * step;
      store<T>(place, load<T>(place) + load<T>(x));
      x += sx;
      a += sa;
      b += sb;
    }
  }
}

export function scatterAddInt32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize, axisLength: i32, axisStep: i32,
): i32 {
  return walkAxis<ScatterAdd<i32>>(o, a, b, n, so, sa, sb, frame, axisLength, axisStep);
}

export function scatterAddFloat32(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize, axisLength: i32, axisStep: i32,
): i32 {
  return walkAxis<ScatterAdd<f32>>(o, a, b, n, so, sa, sb, frame, axisLength, axisStep);
}

export function scatterAddFloat64(
  o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize, axisLength: i32, axisStep: i32,
): i32 {
  return walkAxis<ScatterAdd<f64>>(o, a, b, n, so, sa, sb, frame, axisLength, axisStep);
}
