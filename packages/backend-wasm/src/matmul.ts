/**
 * Matrix products: the kernel takes any strides of one pair of matrices, batch axes are walked
 * here.
 */
import type { View } from "@needle/ndarray";
import { addressOf, type Context } from "./context.ts";
import type { Block } from "./memory.ts";

/** The product part of a backend. */
export interface Products {
  matmul(out: View, a: View, b: View): void;
}

export function createProducts(context: Context): Products {
  const { kernels, memory, fallback } = context;
  const { matmulF32, matmulF32ScratchBytes } = kernels;
  /** Room for packed panels, kept between calls. */
  let scratch: Block | null = null;

  function scratchFor(m: number, n: number, k: number): number {
    const bytes = matmulF32ScratchBytes?.(m, n, k) ?? 0;
    if (scratch === null || scratch.size < bytes || scratch.pointer === 0) {
      if (scratch !== null) memory.free(scratch);
      scratch = memory.alloc("uint8", bytes);
    }
    return scratch.pointer;
  }

  return {
    matmul(out, a, b) {
      const [o, p, q] = [addressOf("matmul", out), addressOf("matmul", a), addressOf("matmul", b)];
      const batchAxes = out.shape.length - 2;
      const m = out.shape[batchAxes]!;
      const n = out.shape[batchAxes + 1]!;
      const k = a.shape[batchAxes + 1]!;
      const isNative =
        matmulF32 !== undefined && out.dtype === "float32" && o > 0 && p > 0 && q > 0 && k > 0;
      const room = isNative ? scratchFor(m, n, k) : 0;
      if (!isNative || room === 0) return fallback.matmul(out, a, b);
      const strides = [out, a, b].map((x) => x.strides.slice(-2)) as [number, number][];
      const [[outRow, outColumn], [aRow, aColumn], [bRow, bColumn]] = strides as [
        [number, number],
        [number, number],
        [number, number],
      ];
      const walk = (axis: number, oi: number, pi: number, qi: number): void => {
        if (axis === batchAxes) {
          matmulF32(oi, outRow, outColumn, pi, aRow, aColumn, qi, bRow, bColumn, m, n, k, room);
          return;
        }
        const [so, sa, sb] = [4 * out.strides[axis]!, 4 * a.strides[axis]!, 4 * b.strides[axis]!];
        for (let i = 0; i < out.shape[axis]!; i++)
          walk(axis + 1, oi + i * so, pi + i * sa, qi + i * sb);
      };
      if (m > 0 && n > 0) walk(0, o, p, q);
    },
  };
}
