/** Pools of float32 images: largest elements with their positions, sums, and the sums' adjoint. */
import type { OptionalKernels, PoolWindow, View } from "@needle/ndarray";
import { addressOf, type Context, kernelOf } from "./context.ts";

/** The pooling part of a backend. */
export type Pooling = Required<Pick<OptionalKernels, "maxPool2d" | "sumPool2d" | "sumPool2dInput">>;

/** Bytes of a plan. */
const planBytes = 128;

/** Elements read that are worth another thread. */
const grain = 8192;

interface Images {
  readonly x: View;
  readonly y: View;
  readonly index?: View;
}

export function createPooling(context: Context): Pooling {
  const { kernels, memory, pool, fallback } = context;

  function isNative(op: string, x: View, views: readonly View[]): boolean {
    return x.dtype === "float32" && [x, ...views].every((view) => addressOf(op, view) > 0);
  }

  /** Runs a kernel on all rows of the output, or all images. False where memory is full. */
  function run(
    name: "maxPoolRows" | "sumPoolRows" | "sumPoolInput",
    op: string,
    views: Images,
    window: PoolWindow,
  ): boolean {
    const { x, y, index } = inPlanes(views);
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const [, oh, ow] = y.shape as [number, number, number];
    const plan = memory.alloc("int32", planBytes / 4);
    try {
      if (plan.pointer === 0) return false;
      const { kernel, stride, padding, dilation } = window;
      const placed = [x, y, index].flatMap((view) => [
        addressOf(op, view),
        ...view.strides.map((step) => 4 * step),
      ]);
      const sizes = [h, w, oh, ow, c, ...kernel, ...stride, ...padding, ...dilation];
      memory.int32.set([...placed, ...sizes], plan.pointer / 4);
      const units = name === "sumPoolInput" ? n : n * oh;
      const work = ((n * oh * ow * c) / Math.max(1, units)) * kernel[0] * kernel[1];
      pool.split(
        kernelOf(kernels, name),
        units,
        Math.max(1, Math.ceil(grain / Math.max(1, work))),
        (first, count) => [plan.pointer, first, count],
        { repeatable: true },
      );
      return true;
    } finally {
      memory.free(plan);
    }
  }

  return {
    maxPool2d(out, index, x, window) {
      const done =
        isNative("maxPool2d", x, [out, index]) &&
        run("maxPoolRows", "maxPool2d", { x, y: out, index }, window);
      if (!done) fallback.maxPool2d(out, index, x, window);
    },

    sumPool2d(out, x, window) {
      const done =
        isNative("sumPool2d", x, [out]) && run("sumPoolRows", "sumPool2d", { x, y: out }, window);
      if (!done) fallback.sumPool2d(out, x, window);
    },

    sumPool2dInput(out, y, window) {
      const done =
        isNative("sumPool2dInput", y, [out]) &&
        run("sumPoolInput", "sumPool2dInput", { x: out, y }, window);
      if (!done) fallback.sumPool2dInput(out, y, window);
    },
  };
}

/**
 * Images whose channels lie one plane after another, as so many images of one channel: their rows
 * are then read in line. Others as they are.
 */
function inPlanes({ x, y, index = y }: Images): Required<Images> {
  const all = [x, y, index];
  const joins = all.every(({ shape, strides }) => {
    const [n, , , c] = shape as readonly number[];
    return strides[3] !== 1 && (n === 1 || strides[0] === c! * strides[3]!);
  });
  if (!joins) return { x, y, index };
  const planes = (view: View): View => ({
    ...view,
    shape: [view.shape[0]! * view.shape[3]!, view.shape[1]!, view.shape[2]!, 1],
    strides: [view.strides[3]!, view.strides[1]!, view.strides[2]!, 1],
  });
  return { x: planes(x), y: planes(y), index: planes(index) };
}
