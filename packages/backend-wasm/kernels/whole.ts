/** Elementwise kernels of int32 operands: `add` is `addInt32` to the host. Results wrap around. */
import { Ask1, Ask2, Map1, Map2 } from "./rows";
import { walk1, walk2 } from "./walk";

@unmanaged
class Neg {
  @inline
  apply(x: v128): v128 {
    return i32x4.neg(x);
  }
}

export function negInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Neg>>(o, x, n, so, sx, frame);
}

@unmanaged
class Abs {
  @inline
  apply(x: v128): v128 {
    return i32x4.abs(x);
  }
}

export function absInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Abs>>(o, x, n, so, sx, frame);
}

@unmanaged
class Sign {
  @inline
  apply(x: v128): v128 {
    return v128.or(i32x4.shr_s(x, 31), i32x4.shr_u(i32x4.neg(x), 31));
  }
}

export function signInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Sign>>(o, x, n, so, sx, frame);
}

@unmanaged
class Square {
  @inline
  apply(x: v128): v128 {
    return i32x4.mul(x, x);
  }
}

export function squareInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Square>>(o, x, n, so, sx, frame);
}

@unmanaged
class Relu {
  @inline
  apply(x: v128): v128 {
    return i32x4.max_s(x, i32x4.splat(0));
  }
}

export function reluInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<Relu>>(o, x, n, so, sx, frame);
}

@unmanaged
class LogicalNot {
  @inline
  apply(x: v128): v128 {
    return i32x4.eq(x, i32x4.splat(0));
  }
}

export function logicalNotInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Ask1<LogicalNot>>(o, x, n, so, sx, frame);
}

@unmanaged
class Add {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.add(a, b);
  }
}

export function addInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Add>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Sub {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.sub(a, b);
  }
}

export function subInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Sub>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Mul {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.mul(a, b);
  }
}

export function mulInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Mul>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Maximum {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.max_s(a, b);
  }
}

export function maximumInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Maximum>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Minimum {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.min_s(a, b);
  }
}

export function minimumInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<Minimum>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Eq {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.eq(a, b);
  }
}

export function eqInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Eq>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Ne {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.ne(a, b);
  }
}

export function neInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Ne>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Lt {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.lt_s(a, b);
  }
}

export function ltInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Lt>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Le {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.le_s(a, b);
  }
}

export function leInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Le>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Gt {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.gt_s(a, b);
  }
}

export function gtInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Gt>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class Ge {
  @inline
  apply(a: v128, b: v128): v128 {
    return i32x4.ge_s(a, b);
  }
}

export function geInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<Ge>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class LogicalAnd {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.and(i32x4.ne(a, i32x4.splat(0)), i32x4.ne(b, i32x4.splat(0)));
  }
}

export function logicalAndInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<LogicalAnd>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class LogicalOr {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.or(i32x4.ne(a, i32x4.splat(0)), i32x4.ne(b, i32x4.splat(0)));
  }
}

export function logicalOrInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<LogicalOr>>(o, a, b, n, so, sa, sb, frame);
}

@unmanaged
class LogicalXor {
  @inline
  apply(a: v128, b: v128): v128 {
    return v128.xor(i32x4.ne(a, i32x4.splat(0)), i32x4.ne(b, i32x4.splat(0)));
  }
}

export function logicalXorInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<LogicalXor>>(o, a, b, n, so, sa, sb, frame);
}
