/** Elementwise kernels of two float32 operands: `add` is `addFloat32` to the host. */
import { Ask2, Map2 } from "./rows";
import { walk2 } from "./walk";

@unmanaged
class Add {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

export function addFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Add>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Sub {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}

export function subFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Sub>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Mul {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

export function mulFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Mul>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Div {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}

export function divFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Div>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Maximum {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.max(a, b);
  }
}

export function maximumFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Maximum>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Minimum {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.min(a, b);
  }
}

export function minimumFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Minimum>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Eq {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.eq(a, b);
  }
}

export function eqFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Eq>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Ne {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.ne(a, b);
  }
}

export function neFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Ne>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Lt {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.lt(a, b);
  }
}

export function ltFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Lt>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Le {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.le(a, b);
  }
}

export function leFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Le>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Gt {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.gt(a, b);
  }
}

export function gtFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Gt>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Ge {
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.ge(a, b);
  }
}

export function geFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Ge>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class LogicalAnd {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.and(f32x4.ne(a, f32x4.splat(0)), f32x4.ne(b, f32x4.splat(0)));
  }
}

export function logicalAndFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<LogicalAnd>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class LogicalOr {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.or(f32x4.ne(a, f32x4.splat(0)), f32x4.ne(b, f32x4.splat(0)));
  }
}

export function logicalOrFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<LogicalOr>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class LogicalXor {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.xor(f32x4.ne(a, f32x4.splat(0)), f32x4.ne(b, f32x4.splat(0)));
  }
}

export function logicalXorFloat32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<LogicalXor>>(o, a, b, n, so, sa, sb, frame);
}
