/** `randomBits` and `dropoutMask`: what is made of the Philox stream. */
import { isRowMajor, sizeOf, type View } from "@needle/ndarray";
import { costlyGrain } from "./calls.ts";
import { addressOf, type Context, kernelOf } from "./context.ts";

/** The random part of a backend. */
export interface Drawing {
  randomBits(out: View, key: Key, offset: number): void;
  dropoutMask(out: View, p: number, key: Key, offset: number): void;
}

type Key = readonly [number, number];

export function createDrawing({ kernels, pool, fallback }: Context): Drawing {
  /**
   * Runs a kernel on elements of four bytes, one word each. False where none is named, or the
   * elements are not one run of linear memory.
   */
  function draw(
    name: string | null,
    out: View,
    key: Key,
    offset: number,
    ...extra: number[]
  ): boolean {
    const address = addressOf("randomBits", out);
    const size = sizeOf(out.shape);
    const isInRange =
      Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(offset + size);
    if (address === 0 || name === null || !isInRange || !isRowMajor(out.shape, out.strides)) {
      return false;
    }
    const kernel = kernelOf(kernels, name);
    const part = (first: number, count: number): number[] => {
      const block = Math.floor((offset + first) / 4);
      const at = [block, Math.floor(block / 2 ** 32), (offset + first) % 4];
      return [address + 4 * first, count, key[0], key[1], ...at, ...extra];
    };
    // A begun block comes first and apart: kernels turn those, and the last, in a place of which
    // there is only one.
    const begun = Math.min(size, (4 - (offset % 4)) % 4);
    if (begun > 0) kernel(...part(0, begun));
    pool.split(kernel, size - begun, costlyGrain, (first, count) => part(begun + first, count), {
      align: 16,
      repeatable: true,
    });
    return true;
  }

  return {
    randomBits(out, key, offset) {
      const { dtype } = out;
      const name = dtype === "float32" ? "randomFloat32" : dtype === "int32" ? "randomInt32" : null;
      if (!draw(name, out, key, offset)) fallback.randomBits(out, key, offset);
    },

    dropoutMask(out, p, key, offset) {
      const name = out.dtype === "float32" ? "dropoutMaskFloat32" : null;
      if (!draw(name, out, key, offset, 1 - p, 1 / (1 - p)))
        fallback.dropoutMask(out, p, key, offset);
    },
  };
}
