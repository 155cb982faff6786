/** `gather`, `scatter` and `scatterAdd`. */
import type { DType, View } from "@needle/ndarray";
import { cheap } from "./calls.ts";
import { addressOf, type Context, kernelOf } from "./context.ts";
import { elementBytes } from "./layout.ts";
import type { Kernel } from "./module.ts";

/** The indexing part of a backend. */
export interface Indexing {
  gather(out: View, x: View, index: View, axis: number): void;
  scatter(out: View, index: View, x: View, axis: number): void;
  scatterAdd(out: View, index: View, x: View, axis: number): void;
}

export function createIndexing(context: Context): Indexing {
  const { kernels, layout, calls, fallback } = context;
  const { addresses } = calls;
  const gathers: Readonly<Record<number, Kernel>> = {
    1: kernels.gather1!,
    4: kernels.gather4!,
    8: kernels.gather8!,
  };
  const scatterAdds: Partial<Record<DType, Kernel>> = {
    int32: kernelOf(kernels, "scatterAddInt32"),
    float32: kernelOf(kernels, "scatterAddFloat32"),
    float64: kernelOf(kernels, "scatterAddFloat64"),
  };

  /**
   * Runs a kernel on operands `first` and `along`, the second of which is walked by index values.
   *
   * @param written - which of the two the kernel writes.
   */
  function pick(
    op: string,
    kernel: Kernel,
    first: View,
    along: View,
    index: View,
    axis: number,
    written: 0 | 1,
  ): boolean {
    addresses[0] = addressOf(op, first);
    addresses[1] = addressOf(op, along);
    addresses[2] = addressOf(op, index);
    if (addresses[0] === 0 || addresses[1] === 0 || addresses[2] === 0) return false;
    if (!layout.set(first, { ...along, strides: along.strides.with(axis, 0) }, index)) return true;
    const extra = [along.shape[axis]!, along.strides[axis]! * elementBytes(along)];
    return calls.run(kernel, 3, { ...cheap, extra, written }) === 0;
  }

  return {
    // The reference kernels run, too, where a position was outside: they say which.
    gather(out, x, index, axis) {
      if (!pick("gather", gathers[elementBytes(x)]!, out, x, index, axis, 0))
        fallback.gather(out, x, index, axis);
    },

    scatter: fallback.scatter,

    scatterAdd(out, index, x, axis) {
      const kernel = scatterAdds[x.dtype];
      const done = kernel !== undefined && pick("scatterAdd", kernel, x, out, index, axis, 1);
      if (!done) fallback.scatterAdd(out, index, x, axis);
    },
  };
}
