/**
 * The reference backend's kernels on this backend's memory: for dtypes, layouts and places that
 * have no kernel of their own.
 */
import {
  type Backend,
  createReferenceBackend,
  type KernelOperand,
  type OptionalKernels,
  type RequiredKernels,
  type TypedArray,
  type View,
} from "@needle/ndarray";
import type { Block, LinearMemory } from "./memory.ts";

/** What the reference backend does with values. */
export type Fallback = Omit<RequiredKernels, "name" | "alloc" | "free" | "upload" | "read"> & {
  readSync(x: View): TypedArray;
} & Required<Pick<OptionalKernels, ReferenceKernel>>;

/** The optional kernels that the reference backend has. */
type ReferenceKernel =
  | "conv2d"
  | "conv2dInput"
  | "conv2dWeight"
  | "maxPool2d"
  | "sumPool2d"
  | "sumPool2dInput"
  | "dropoutMask"
  | "sgdStep"
  | "adamStep";

/** The reference kernels, taking views of this backend. */
export function createFallback(memory: LinearMemory): Fallback {
  const reference: Backend = createReferenceBackend();
  const see = (x: View): View => ({
    buffer: (x.buffer as Block).array(memory.buffer),
    dtype: x.dtype,
    shape: x.shape,
    strides: x.strides,
    offset: x.offset,
  });
  const operand = (x: KernelOperand): KernelOperand => (typeof x === "number" ? x : see(x));
  return {
    readSync: (x) => reference.readSync!(see(x)),
    fill: (out, value) => reference.fill(see(out), value),
    copy: (out, x) => reference.copy(see(out), see(x)),
    unary: (op, out, x) => reference.unary(op, see(out), see(x)),
    binary: (op, out, a, b) => reference.binary(op, see(out), operand(a), operand(b)),
    where: (out, condition, a, b) =>
      reference.where(see(out), see(condition), operand(a), operand(b)),
    reduce: (op, out, x, axes) => reference.reduce(op, see(out), see(x), axes),
    scan: (op, out, x, axis) => reference.scan(op, see(out), see(x), axis),
    recurrence: (out, a, b, axis) => reference.recurrence(see(out), see(a), see(b), axis),
    argsort: (out, x, axis, descending) => reference.argsort(see(out), see(x), axis, descending),
    matmul: (out, a, b) => reference.matmul(see(out), see(a), see(b)),
    gather: (out, x, index, axis) => reference.gather(see(out), see(x), see(index), axis),
    scatter: (out, index, x, axis) => reference.scatter(see(out), see(index), see(x), axis),
    lu: (out, order, x) => reference.lu(see(out), see(order), see(x)),
    triangularSolve: (out, a, b, upper, unit) =>
      reference.triangularSolve(see(out), see(a), see(b), upper, unit),
    cholesky: (out, x) => reference.cholesky(see(out), see(x)),
    qr: (q, r, x) => reference.qr(see(q), see(r), see(x)),
    scatterAdd: (out, index, x, axis) => reference.scatterAdd(see(out), see(index), see(x), axis),
    sgdStep: (value, gradient, velocity, step) =>
      reference.sgdStep!(see(value), see(gradient), velocity && see(velocity), step),
    adamStep: (value, gradient, mean, square, step) =>
      reference.adamStep!(see(value), see(gradient), see(mean), see(square), step),
    dropoutMask: (out, p, key, offset) => reference.dropoutMask!(see(out), p, key, offset),
    conv2d: (out, x, weight, window) => reference.conv2d!(see(out), see(x), see(weight), window),
    conv2dInput: (out, y, weight, window) =>
      reference.conv2dInput!(see(out), see(y), see(weight), window),
    conv2dWeight: (out, x, y, window) => reference.conv2dWeight!(see(out), see(x), see(y), window),
    maxPool2d: (out, index, x, window) =>
      reference.maxPool2d!(see(out), see(index), see(x), window),
    sumPool2d: (out, x, window) => reference.sumPool2d!(see(out), see(x), window),
    sumPool2dInput: (out, y, window) => reference.sumPool2dInput!(see(out), see(y), window),
    randomBits: (out, key, offset) => reference.randomBits(see(out), key, offset),
  };
}
