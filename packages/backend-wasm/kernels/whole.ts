/** Elementwise kernels of int32 operands: `add` is `addInt32` to the host. */
import * as ops from "./arithmetic";
import { Ask1, Ask2, Map1, Map2 } from "./rows";
import { walk1, walk2 } from "./walk";

export function negInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<ops.Neg<i32>>>(o, x, n, so, sx, frame);
}

export function absInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<ops.Abs<i32>>>(o, x, n, so, sx, frame);
}

export function signInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<ops.Sign<i32>>>(o, x, n, so, sx, frame);
}

export function squareInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<ops.Square<i32>>>(o, x, n, so, sx, frame);
}

export function reluInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Map1<ops.Relu<i32>>>(o, x, n, so, sx, frame);
}

export function logicalNotInt32(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<Ask1<ops.LogicalNot<i32>>>(o, x, n, so, sx, frame);
}

export function addInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<ops.Add<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function subInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<ops.Sub<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function mulInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<ops.Mul<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function maximumInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<ops.Maximum<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function minimumInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<ops.Minimum<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function bitwiseAndInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<ops.BitwiseAnd>>(o, a, b, n, so, sa, sb, frame);
}

export function bitwiseOrInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<ops.BitwiseOr>>(o, a, b, n, so, sa, sb, frame);
}

export function bitwiseXorInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Map2<ops.BitwiseXor>>(o, a, b, n, so, sa, sb, frame);
}

export function eqInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.Eq<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function neInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.Ne<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function ltInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.Lt<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function leInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.Le<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function gtInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.Gt<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function geInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.Ge<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalAndInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.LogicalAnd<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalOrInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.LogicalOr<i32>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalXorInt32(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<Ask2<ops.LogicalXor<i32>>>(o, a, b, n, so, sa, sb, frame);
}
