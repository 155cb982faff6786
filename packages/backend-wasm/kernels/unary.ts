/** Elementwise kernels of one float32 operand: `neg` is `negFloat32` to the host. */
import { float, ONE } from "./constants";
import * as math from "./exponential";
import { Map1, MapCommon } from "./rows";
import * as waves from "./trigonometry";
import { walk1 } from "./walk";

@unmanaged
class Neg {
  @inline
  apply(x: v128): v128 {
    return f32x4.neg(x);
  }
}

export function negFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Neg>>(o, x, n, so, sx, frame);
}

@unmanaged
class Abs {
  @inline
  apply(x: v128): v128 {
    return f32x4.abs(x);
  }
}

export function absFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Abs>>(o, x, n, so, sx, frame);
}

@unmanaged
class Sign {
  @inline
  apply(x: v128): v128 {
    return v128.bitselect(v128.or(v128.and(x, i32x4.splat(<i32>0x80000000)), float(ONE)), x, f32x4.gt(f32x4.abs(x), f32x4.splat(0)));
  }
}

export function signFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Sign>>(o, x, n, so, sx, frame);
}

@unmanaged
class Square {
  @inline
  apply(x: v128): v128 {
    return f32x4.mul(x, x);
  }
}

export function squareFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Square>>(o, x, n, so, sx, frame);
}

@unmanaged
class Relu {
  @inline
  apply(x: v128): v128 {
    return v128.andnot(x, f32x4.le(x, f32x4.splat(0)));
  }
}

export function reluFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Relu>>(o, x, n, so, sx, frame);
}

@unmanaged
class Floor {
  @inline
  apply(x: v128): v128 {
    return f32x4.floor(x);
  }
}

export function floorFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Floor>>(o, x, n, so, sx, frame);
}

@unmanaged
class Ceil {
  @inline
  apply(x: v128): v128 {
    return f32x4.ceil(x);
  }
}

export function ceilFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Ceil>>(o, x, n, so, sx, frame);
}

@unmanaged
class Round {
  @inline
  apply(x: v128): v128 {
    return f32x4.nearest(x);
  }
}

export function roundFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Round>>(o, x, n, so, sx, frame);
}

@unmanaged
class Trunc {
  @inline
  apply(x: v128): v128 {
    return f32x4.trunc(x);
  }
}

export function truncFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Trunc>>(o, x, n, so, sx, frame);
}

@unmanaged
class Exp {
  @inline
  rare(a: v128, b: v128): bool {
    return math.expRare(a, b);
  }
  @inline
  common(x: v128): v128 {
    return math.expCommon(x);
  }
  @inline
  anywhere(x: v128): v128 {
    return math.expAnywhere(x);
  }
}

export function expFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<MapCommon<Exp>>(o, x, n, so, sx, frame);
}

@unmanaged
class Expm1 {
  @inline
  apply(x: v128): v128 {
    return math.expm1(x);
  }
}

export function expm1Float32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Expm1>>(o, x, n, so, sx, frame);
}

@unmanaged
class Log {
  @inline
  rare(a: v128, b: v128): bool {
    return math.logRare(a, b);
  }
  @inline
  common(x: v128): v128 {
    return math.logCommon(x);
  }
  @inline
  anywhere(x: v128): v128 {
    return math.logAnywhere(x);
  }
}

export function logFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<MapCommon<Log>>(o, x, n, so, sx, frame);
}

@unmanaged
class Log1p {
  @inline
  apply(x: v128): v128 {
    return math.log1p(x);
  }
}

export function log1pFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Log1p>>(o, x, n, so, sx, frame);
}

@unmanaged
class Sqrt {
  @inline
  apply(x: v128): v128 {
    return f32x4.sqrt(x);
  }
}

export function sqrtFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Sqrt>>(o, x, n, so, sx, frame);
}

@unmanaged
class Rsqrt {
  @inline
  apply(x: v128): v128 {
    return f32x4.div(float(ONE), f32x4.sqrt(x));
  }
}

export function rsqrtFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Rsqrt>>(o, x, n, so, sx, frame);
}

@unmanaged
class Reciprocal {
  @inline
  apply(x: v128): v128 {
    return f32x4.div(float(ONE), x);
  }
}

export function reciprocalFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Reciprocal>>(o, x, n, so, sx, frame);
}

@unmanaged
class Sin {
  @inline
  apply(x: v128): v128 {
    return waves.sin(x);
  }
}

export function sinFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Sin>>(o, x, n, so, sx, frame);
}

@unmanaged
class Cos {
  @inline
  apply(x: v128): v128 {
    return waves.cos(x);
  }
}

export function cosFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Cos>>(o, x, n, so, sx, frame);
}

@unmanaged
class Tan {
  @inline
  apply(x: v128): v128 {
    return waves.tan(x);
  }
}

export function tanFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Tan>>(o, x, n, so, sx, frame);
}

@unmanaged
class Tanh {
  @inline
  apply(x: v128): v128 {
    return math.tanh(x);
  }
}

export function tanhFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Tanh>>(o, x, n, so, sx, frame);
}

@unmanaged
class Sigmoid {
  @inline
  rare(a: v128, b: v128): bool {
    return math.expRare(a, b);
  }
  @inline
  common(x: v128): v128 {
    return math.sigmoidCommon(x);
  }
  @inline
  anywhere(x: v128): v128 {
    return math.sigmoidAnywhere(x);
  }
}

export function sigmoidFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<MapCommon<Sigmoid>>(o, x, n, so, sx, frame);
}

@unmanaged
class Silu {
  @inline
  rare(a: v128, b: v128): bool {
    return math.expRare(a, b);
  }
  @inline
  common(x: v128): v128 {
    return math.siluCommon(x);
  }
  @inline
  anywhere(x: v128): v128 {
    return math.siluAnywhere(x);
  }
}

export function siluFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<MapCommon<Silu>>(o, x, n, so, sx, frame);
}

@unmanaged
class Exp2 {
  @inline
  apply(x: v128): v128 {
    return math.exp2(x);
  }
}

export function exp2Float32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Exp2>>(o, x, n, so, sx, frame);
}
