/** Elementwise kernels of float64 operands: `add` is `addFloat64` to the host. */
import * as ops from "./arithmetic";
import * as math from "./double-functions";
import { TypedAsk1, TypedAsk2, TypedMap1, TypedMap2 } from "./typed-rows";
import { walk1, walk2 } from "./walk";

export function negFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, ops.Neg<f64>>>(o, x, n, so, sx, frame);
}

export function absFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, ops.Abs<f64>>>(o, x, n, so, sx, frame);
}

export function signFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, ops.Sign<f64>>>(o, x, n, so, sx, frame);
}

export function squareFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, ops.Square<f64>>>(o, x, n, so, sx, frame);
}

export function reluFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, ops.Relu<f64>>>(o, x, n, so, sx, frame);
}

@unmanaged
class Floor {
  @inline
  apply(x: v128): v128 {
    return f64x2.floor(x);
  }
}

export function floorFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Floor>>(o, x, n, so, sx, frame);
}

@unmanaged
class Ceil {
  @inline
  apply(x: v128): v128 {
    return f64x2.ceil(x);
  }
}

export function ceilFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Ceil>>(o, x, n, so, sx, frame);
}

@unmanaged
class Round {
  @inline
  apply(x: v128): v128 {
    return f64x2.nearest(x);
  }
}

export function roundFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Round>>(o, x, n, so, sx, frame);
}

@unmanaged
class Trunc {
  @inline
  apply(x: v128): v128 {
    return f64x2.trunc(x);
  }
}

export function truncFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Trunc>>(o, x, n, so, sx, frame);
}

@unmanaged
class Sqrt {
  @inline
  apply(x: v128): v128 {
    return f64x2.sqrt(x);
  }
}

export function sqrtFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Sqrt>>(o, x, n, so, sx, frame);
}

@unmanaged
class Rsqrt {
  @inline
  apply(x: v128): v128 {
    return f64x2.div(f64x2.splat(1), f64x2.sqrt(x));
  }
}

export function rsqrtFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Rsqrt>>(o, x, n, so, sx, frame);
}

@unmanaged
class Reciprocal {
  @inline
  apply(x: v128): v128 {
    return f64x2.div(f64x2.splat(1), x);
  }
}

export function reciprocalFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Reciprocal>>(o, x, n, so, sx, frame);
}

@unmanaged
class Exp {
  @inline
  apply(x: v128): v128 {
    return math.exp(x);
  }
}

export function expFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Exp>>(o, x, n, so, sx, frame);
}

@unmanaged
class Log {
  @inline
  apply(x: v128): v128 {
    return math.log(x);
  }
}

export function logFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Log>>(o, x, n, so, sx, frame);
}

@unmanaged
class Sigmoid {
  @inline
  apply(x: v128): v128 {
    return math.sigmoid(x);
  }
}

export function sigmoidFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Sigmoid>>(o, x, n, so, sx, frame);
}

@unmanaged
class Silu {
  @inline
  apply(x: v128): v128 {
    return f64x2.mul(x, math.sigmoid(x));
  }
}

export function siluFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<f64, Silu>>(o, x, n, so, sx, frame);
}

@unmanaged
class IsNaN {
  @inline
  apply(x: v128): v128 {
    return f64x2.ne(x, x);
  }
}

export function isNaNFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedAsk1<f64, IsNaN>>(o, x, n, so, sx, frame);
}

@unmanaged
class IsFinite {
  @inline
  apply(x: v128): v128 {
    return f64x2.lt(f64x2.abs(x), f64x2.splat(Infinity));
  }
}

export function isFiniteFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedAsk1<f64, IsFinite>>(o, x, n, so, sx, frame);
}

@unmanaged
class IsInf {
  @inline
  apply(x: v128): v128 {
    return f64x2.eq(f64x2.abs(x), f64x2.splat(Infinity));
  }
}

export function isInfFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedAsk1<f64, IsInf>>(o, x, n, so, sx, frame);
}

export function logicalNotFloat64(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedAsk1<f64, ops.LogicalNot<f64>>>(o, x, n, so, sx, frame);
}

@unmanaged
class Div {
  @inline
  apply(a: v128, b: v128): v128 {
    return f64x2.div(a, b);
  }
}

export function addFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<f64, ops.Add<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function subFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<f64, ops.Sub<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function mulFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<f64, ops.Mul<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function divFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<f64, Div>>(o, a, b, n, so, sa, sb, frame);
}

export function maximumFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<f64, ops.Maximum<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function minimumFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<f64, ops.Minimum<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function eqFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.Eq<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function neFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.Ne<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function ltFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.Lt<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function leFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.Le<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function gtFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.Gt<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function geFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.Ge<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalAndFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.LogicalAnd<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalOrFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.LogicalOr<f64>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalXorFloat64(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<f64, ops.LogicalXor<f64>>>(o, a, b, n, so, sa, sb, frame);
}
