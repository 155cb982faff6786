/** sinh, cosh and the inverses of the hyperbolic functions, of four float32 at a time. */
import { float, HALF, ONE, SIGN, TINY, word } from "./constants";
import { expHalved, halfExpm1, log1p, sizeBits } from "./exponential";
import { Long1 } from "./rows";
import { walk1 } from "./walk";

const floats: usize = memory.data<f32>([
  // Beyond 20, sinh and cosh are half the exponential. Beyond 1e9, x^2 + 1 is x^2; ln 2.
  20, 1e9, 0.6931472,
]);

@inline
function constant(i: i32): v128 {
  return v128.load32_splat(floats + 4 * i);
}

@inline const STEEP: i32 = 0;
@inline const FAR: i32 = 1;
@inline const LN2: i32 = 2;

@inline
function select(mask: v128, yes: v128, no: v128): v128 {
  return v128.bitselect(yes, no, mask);
}

/** h + h / (2 h + 1) with h = (e^|x| - 1) / 2. */
@unmanaged
class Sinh {
  @inline
  apply(x: v128): v128 {
    const size = sizeBits(x);
    const h = halfExpm1(f32x4.pmin(constant(STEEP), size));
    let y = f32x4.add(h, f32x4.div(h, f32x4.add(f32x4.add(h, h), float(ONE))));
    const isSteep = f32x4.gt(size, constant(STEEP));
    if (v128.any_true(isSteep)) y = select(isSteep, expHalved(size), y);
    y = v128.or(y, v128.and(x, word(SIGN)));
    return v128.or(select(f32x4.lt(size, float(TINY)), x, y), f32x4.ne(x, x));
  }
}

/** y + 1 / (4 y) with y = e^|x| / 2. */
@unmanaged
class Cosh {
  @inline
  apply(x: v128): v128 {
    const y = expHalved(sizeBits(x));
    return f32x4.add(y, f32x4.div(f32x4.splat(0.25), y));
  }
}

/** log(x + sqrt(x^2 + 1)) = log1p(x + x^2 / (1 + sqrt(x^2 + 1))), and log 2x far out. */
@unmanaged
class Asinh {
  @inline
  apply(x: v128): v128 {
    const size = sizeBits(x);
    const square = f32x4.mul(size, size);
    const root = f32x4.sqrt(f32x4.add(square, float(ONE)));
    const near = f32x4.add(size, f32x4.div(square, f32x4.add(root, float(ONE))));
    const isFar = f32x4.gt(size, constant(FAR));
    const y = log1p(select(isFar, size, near));
    return v128.or(f32x4.add(y, v128.and(isFar, constant(LN2))), v128.and(x, word(SIGN)));
  }
}

/** log(x + sqrt(x^2 - 1)) = log1p(t + sqrt(t (t + 2))) with t = x - 1, and log 2x far out. */
@unmanaged
class Acosh {
  @inline
  apply(x: v128): v128 {
    const t = f32x4.sub(x, float(ONE));
    const near = f32x4.add(t, f32x4.sqrt(f32x4.mul(t, f32x4.add(t, f32x4.splat(2)))));
    const isFar = f32x4.gt(x, constant(FAR));
    const y = f32x4.add(log1p(select(isFar, x, near)), v128.and(isFar, constant(LN2)));
    return v128.or(y, f32x4.lt(x, float(ONE)));
  }
}

/** log1p(2 x / (1 - x)) / 2 */
@unmanaged
class Atanh {
  @inline
  apply(x: v128): v128 {
    const size = sizeBits(x);
    const y = log1p(f32x4.div(f32x4.add(size, size), f32x4.sub(float(ONE), size)));
    return v128.or(f32x4.mul(y, float(HALF)), v128.and(x, word(SIGN)));
  }
}

export function sinhFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Sinh>>(o, x, n, so, sx, frame);
}

export function coshFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Cosh>>(o, x, n, so, sx, frame);
}

export function asinhFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Asinh>>(o, x, n, so, sx, frame);
}

export function acoshFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Acosh>>(o, x, n, so, sx, frame);
}

export function atanhFloat32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Long1<Atanh>>(o, x, n, so, sx, frame);
}
