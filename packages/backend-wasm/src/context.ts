/** What every family of kernels works with, and the small questions they all ask of views. */
import type { DType, KernelOperand, View } from "@needle/ndarray";
import { MemoryError } from "@needle/ndarray";
import type { Calls } from "./calls.ts";
import type { Fallback } from "./fallback.ts";
import { elementBytes, type Layout } from "./layout.ts";
import type { Block, LinearMemory } from "./memory.ts";
import type { Kernel, Kernels } from "./module.ts";
import type { Pool } from "./pool.ts";

/** The parts of a backend. */
export interface Context {
  readonly memory: LinearMemory;
  readonly kernels: Kernels;
  readonly layout: Layout;
  readonly calls: Calls;
  /** Shares calls that are long enough between threads. */
  readonly pool: Pool;
  readonly fallback: Fallback;
}

/** Where numbers beside arrays are put for kernels to read: two of eight bytes, below the frame. */
const firstSlot = 16;

/**
 * The first byte of a view; 0 when it is not in linear memory.
 *
 * @throws MemoryError when the buffer was freed.
 */
export function addressOf(op: string, x: View): number {
  const { pointer } = x.buffer as Block;
  if (pointer > 0) return pointer + x.offset * elementBytes(x);
  if (pointer < 0) throw freed(op, x);
  return 0;
}

function freed(op: string, x: View): MemoryError {
  return new MemoryError(
    op,
    `a buffer of ${x.dtype} [${x.shape.join(",")}] was freed before this call`,
    "Free buffers only after their last use.",
  );
}

/** The first byte of an operand. A number is put into slot `slot`, as `dtype` holds it. */
export function operandAddress(
  context: Context,
  op: string,
  x: KernelOperand,
  slot: 0 | 1,
  dtype: DType,
): number {
  if (typeof x !== "number") return addressOf(op, x);
  const { memory } = context;
  const at = firstSlot + 8 * slot;
  if (dtype === "float32") memory.float32[at / 4] = x;
  else if (dtype === "float64") memory.float64[at / 8] = x;
  // Of a byte, the lowest one counts.
  else memory.int32[at / 4] = x;
  return at;
}

/** The kernel of a name that the tables promise. */
export function kernelOf(kernels: Kernels, name: string): Kernel {
  return kernels[name]!;
}

/** The kernels `addFloat32`, … of a list of ops, by op. */
export function kernelTable<Op extends string>(
  kernels: Kernels,
  ops: readonly Op[],
  suffix: string,
): Partial<Record<Op, Kernel>> {
  const table: Partial<Record<Op, Kernel>> = {};
  for (const op of ops) {
    const kernel = kernels[`${op}${suffix}`];
    if (kernel !== undefined) table[op] = kernel;
  }
  return table;
}
