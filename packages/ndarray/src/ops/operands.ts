/**
 * How elementwise ops come from kernels: operands are brought to one dtype and one shape, the
 * kernel's table in `backend.ts` says the dtype of the result.
 */
import {
  type BinaryOp,
  binaryOps,
  type Operand as KernelOperand,
  type UnaryOp,
  unaryOps,
  type View,
} from "../backend.ts";
import { allocate } from "../create.ts";
import { type DType, isFloat, promote, promoteNumber, toFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, broadcastStrides, type Shape, sameShape } from "../shape.ts";
import { astype } from "./cast.ts";
import { checkArray, sameBackend } from "./common.ts";

/** An array, or a number that stands for every element. */
export type Operand = NDArray | number;

/** An elementwise function of one array. */
export type Unary = (x: NDArray) => NDArray;

/** An elementwise function of two operands, at least one of them an array. */
export type Binary = (a: Operand, b: Operand) => NDArray;

/** The op of a kernel of one input. Integers become float32 where the kernel gives floats. */
export function unary(op: UnaryOp): Unary {
  const kind = unaryOps[op];
  const run = (x: NDArray): NDArray => {
    checkArray(op, x);
    if (x.dtype === "bool" && kind === "same") throw boolError(op);
    if (kind === "float" && !isFloat(x.dtype)) return scope(() => run(astype(x, "float32")));
    const out = allocate(op, x.shape, kind === "bool" ? "bool" : x.dtype, x.backend);
    x.backend.unary(op, out.view(op), x.view(op));
    return out;
  };
  return run;
}

/** Kernels that bool has no arithmetic for. */
const withoutBool: ReadonlySet<BinaryOp> = new Set<BinaryOp>([
  "sub",
  "fmod",
  "remainder",
  "floorDivide",
  "leftShift",
  "rightShift",
]);

/** Kernels that work on bits, which floats have no whole number of. */
const withoutFloats: ReadonlySet<BinaryOp> = new Set<BinaryOp>([
  "bitwiseAnd",
  "bitwiseOr",
  "bitwiseXor",
  "leftShift",
  "rightShift",
]);

/** The op of a kernel of two inputs, which broadcast. */
export function binary(op: BinaryOp): Binary {
  const kind = binaryOps[op];
  const run = (a: Operand, b: Operand): NDArray => {
    const backend = sameBackend(op, a, b);
    const common = commonDType(a, b);
    if (common === "bool" && withoutBool.has(op)) throw boolError(op);
    if (isFloat(common) && withoutFloats.has(op)) throw floatError(op, common);
    const dtype = kind === "float" ? toFloat(common) : common;
    if (needsCast(a, dtype) || needsCast(b, dtype))
      return scope(() => run(cast(a, dtype), cast(b, dtype)));
    const shape = broadcastOperands(op, a, b);
    const out = allocate(op, shape, kind === "bool" ? "bool" : dtype, backend);
    backend.binary(op, out.view(op), stretch(op, a, shape), stretch(op, b, shape));
    return out;
  };
  return run;
}

export function boolError(op: string): DTypeError {
  return new DTypeError(
    op,
    "not defined for bool",
    "Use logicalNot or logicalXor, or convert with astype first.",
  );
}

export function floatError(op: string, dtype: DType): DTypeError {
  return new DTypeError(
    op,
    `works on the bits of integers and bools, got ${dtype}`,
    'Convert with astype("int32") first.',
  );
}

/** Throws unless operands are of one backend and broadcast. */
export function checkOperands(op: string, ...operands: readonly Operand[]): void {
  sameBackend(op, ...operands);
  broadcastShapes(op, ...operands.map((x) => (typeof x === "number" ? [] : x.shape)));
}

/** The dtype in which two operands are combined. */
export function commonDType(a: Operand, b: Operand): DType {
  if (typeof b === "number") return promoteNumber((a as NDArray).dtype, b);
  return typeof a === "number" ? promoteNumber(b.dtype, a) : promote(a.dtype, b.dtype);
}

/** Whether an operand is an array of another dtype. */
export function needsCast(x: Operand, dtype: DType): boolean {
  return typeof x !== "number" && x.dtype !== dtype;
}

/** An operand as `dtype`; numbers stay what they are. */
export function cast(x: Operand, dtype: DType): Operand {
  return typeof x === "number" ? x : astype(x, dtype);
}

/** The shape two operands stretch to. */
export function broadcastOperands(op: string, a: Operand, b: Operand): Shape {
  if (typeof a === "number") return typeof b === "number" ? [] : b.shape;
  return typeof b === "number" || sameShape(a.shape, b.shape)
    ? a.shape
    : broadcastShapes(op, a.shape, b.shape);
}

/** An operand as kernels take it: stretched to `shape` without a copy. */
export function stretch(op: string, x: Operand, shape: Shape): KernelOperand {
  return typeof x === "number" ? x : stretchView(op, x, shape);
}

/** An array as a view stretched to `shape`. */
export function stretchView(op: string, x: NDArray, shape: Shape): View {
  const view = x.view(op);
  if (sameShape(view.shape, shape)) return view;
  return { ...view, shape, strides: broadcastStrides(op, view.shape, view.strides, shape) };
}

/**
 * An op composed of others, on floats: integers become float32 first, and what is made on the way
 * is freed.
 *
 * @param checkParams - of what comes after `x`, before anything is done.
 */
export function composed<Params extends readonly unknown[]>(
  op: string,
  compose: (x: NDArray, ...params: Params) => NDArray,
  checkParams?: (x: NDArray, ...params: Params) => void,
): (x: NDArray, ...params: Params) => NDArray {
  return (x, ...params) => {
    checkArray(op, x);
    checkParams?.(x, ...params);
    return scope(() => compose(astype(x, toFloat(x.dtype)), ...params));
  };
}
