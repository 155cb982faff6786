/** Elementwise kernels of bytes, uint8 or bool: `add` is `addUint8` to the host. */
import * as ops from "./arithmetic";
import { TypedAsk1, TypedAsk2, TypedMap1, TypedMap2 } from "./typed-rows";
import { walk1, walk2 } from "./walk";

export function negUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<u8, ops.Neg<u8>>>(o, x, n, so, sx, frame);
}

export function signUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<u8, ops.Sign<u8>>>(o, x, n, so, sx, frame);
}

export function squareUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedMap1<u8, ops.Square<u8>>>(o, x, n, so, sx, frame);
}

export function logicalNotUint8(o: usize, x: usize, n: i32, so: i32, sx: i32, frame: usize): void {
  walk1<TypedAsk1<u8, ops.LogicalNot<u8>>>(o, x, n, so, sx, frame);
}

export function addUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<u8, ops.Add<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function subUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<u8, ops.Sub<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function mulUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<u8, ops.Mul<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function maximumUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<u8, ops.Maximum<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function minimumUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<u8, ops.Minimum<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function bitwiseAndUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<u8, ops.BitwiseAnd>>(o, a, b, n, so, sa, sb, frame);
}

export function bitwiseOrUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<u8, ops.BitwiseOr>>(o, a, b, n, so, sa, sb, frame);
}

export function bitwiseXorUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedMap2<u8, ops.BitwiseXor>>(o, a, b, n, so, sa, sb, frame);
}

export function eqUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.Eq<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function neUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.Ne<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function ltUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.Lt<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function leUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.Le<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function gtUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.Gt<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function geUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.Ge<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalAndUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.LogicalAnd<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalOrUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.LogicalOr<u8>>>(o, a, b, n, so, sa, sb, frame);
}

export function logicalXorUint8(o: usize, a: usize, b: usize, n: i32, so: i32, sa: i32, sb: i32, frame: usize): void {
  walk2<TypedAsk2<u8, ops.LogicalXor<u8>>>(o, a, b, n, so, sa, sb, frame);
}
