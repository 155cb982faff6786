/**
 * Questions about one float32 operand, answered with a byte each: `isNaN` is `isNaNFloat32` to the
 * host.
 */
import { sizeBits } from "./exponential";
import { Ask1 } from "./rows";
import { walk1 } from "./walk";

@unmanaged
class IsNaN {
  @inline
  apply(x: v128): v128 {
    return f32x4.ne(x, x);
  }
}

export function isNaNFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Ask1<IsNaN>>(o, x, n, so, sx, frame);
}

@unmanaged
class IsFinite {
  @inline
  apply(x: v128): v128 {
    return i32x4.lt_s(sizeBits(x), i32x4.splat(0x7f800000));
  }
}

export function isFiniteFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Ask1<IsFinite>>(o, x, n, so, sx, frame);
}

@unmanaged
class IsInf {
  @inline
  apply(x: v128): v128 {
    return i32x4.eq(sizeBits(x), i32x4.splat(0x7f800000));
  }
}

export function isInfFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Ask1<IsInf>>(o, x, n, so, sx, frame);
}

@unmanaged
class LogicalNot {
  @inline
  apply(x: v128): v128 {
    return f32x4.eq(x, f32x4.splat(0));
  }
}

export function logicalNotFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Ask1<LogicalNot>>(o, x, n, so, sx, frame);
}
