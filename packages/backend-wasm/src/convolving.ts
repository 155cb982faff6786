/**
 * Convolutions and their adjoints. Kernels work on images with the channels last, reading and
 * writing in place where images lie so, else through copies of a few images at a time; what they
 * have to know stands in a plan in linear memory.
 */
import type { ConvWindow, OptionalKernels, RequiredKernels, View } from "@needle/ndarray";
import { addressOf, type Context, kernelOf } from "./context.ts";
import {
  bandOf,
  chunkOf,
  everySo,
  type Four,
  flippedWeightOf,
  forwardPlan,
  inputPlan,
  inTiles,
  isDepthwise,
  isPoint,
  matrixOf,
  type Plan,
  remainder,
  stepsOf,
  suitsWinograd,
  turned,
  type Weight,
  weightOf,
} from "./convolution-plan.ts";
import type { Block } from "./memory.ts";
import type { Kernel } from "./module.ts";

/** The convolving part of a backend. */
export type Convolving = Required<Pick<OptionalKernels, "conv2d" | "conv2dInput" | "conv2dWeight">>;

/** Bytes of a plan. */
const planBytes = 128;

/** Bytes of room behind a plan, for one transform half done. */
const halfBytes = 640;

/** Multiply-adds that are worth another thread. */
const grain = 2 ** 18;

/** So many parts of a weight's gradient have sums of their own, of so many bytes together. */
const mostParts = 16;
const mostPartBytes = 2 ** 24;

/** How a convolution is computed. */
type Way = "winograd" | "depthwise" | "product";

/** The kernels of convolutions, and of gradients of weights, with what tells their scratch. */
const convolutions: Record<Way, readonly [string, string]> = {
  winograd: ["winogradConv", "winogradScratchBytes"],
  depthwise: ["depthwiseConv", "depthwiseScratchBytes"],
  product: ["convGemm", "convGemmScratchBytes"],
};
const gradients: Record<Way, readonly [string, string]> = {
  winograd: ["winogradWeightParts", "winogradWeightScratchBytes"],
  depthwise: ["depthwiseWeightParts", "depthwiseWeightScratchBytes"],
  product: ["convWeightParts", "convWeightScratchBytes"],
};

/**
 * @param precise - whether sums are computed as they stand, without Winograd's shorter way, which
 *   rounds more.
 */
export function createConvolving(
  context: Context,
  { fill, matmul }: Pick<RequiredKernels, "fill" | "matmul">,
  precise: boolean,
): Convolving {
  const { kernels, memory, pool, fallback } = context;
  const kernel = (name: string): Kernel => kernelOf(kernels, name);

  /** Whether the kernels can take a call: float32, all in linear memory. */
  function isNative(op: string, views: readonly View[]): boolean {
    return views.every((view) => view.dtype === "float32" && addressOf(op, view) > 0);
  }

  /** Calls `body` with memory that is freed afterwards; false where there is none. */
  function withRoom(sizes: readonly number[], body: (...addresses: number[]) => boolean): boolean {
    const blocks: Block[] = [];
    try {
      for (const size of sizes) blocks.push(memory.alloc("uint8", Math.max(1, size)));
      const addresses = blocks.map((block) => block.pointer);
      return !addresses.includes(0) && body(...addresses);
    } finally {
      for (const block of blocks) memory.free(block);
    }
  }

  /** The words of `kernels/conv-plan.ts`. */
  function writePlan(at: number, plan: Plan, weight: number, chunk = chunkOf(plan)): void {
    const { op, x, y, kernel: window, stride, dilation, groups, padded, top, spread } = plan;
    const [, h, w, c] = x.shape as Four;
    const [, oh, ow, o] = y.shape as Four;
    const images = [addressOf(op, x), ...stepsOf(x), addressOf(op, y), ...stepsOf(y)];
    const sizes = [h, w, c, ...padded, ...top, ...spread, oh, ow, o];
    const windows = [...window, ...stride, ...dilation, groups, chunk];
    memory.int32.set([...images, weight, ...sizes, ...windows], at / 4);
  }

  /** Calls a kernel on all images; each thread's part has scratch memory of its own. */
  function onImages(way: Way, at: number, plan: Plan, weight: number, work: number): boolean {
    const count = plan.x.shape[0]!;
    const isShared = pool.isWorthSharing(count * work, grain);
    if (isShared && count < pool.threads && plan.spread[0] === 1)
      return inBands(way, plan, weight, work);
    // Fewer images at once than would stay in the cache, where there are few for each thread.
    const most = isShared ? Math.ceil(count / pool.threads) : count;
    const align = Math.min(chunkOf(plan), most);
    writePlan(at, plan, weight, align);
    const [name, scratchBytes] = convolutions[way];
    const parts = isShared ? Math.min(4 * pool.threads, Math.ceil(count / align)) : 1;
    const room = (kernel(scratchBytes)(at) + 63) & ~63;
    return withRoom([parts * room], (scratch) => {
      pool.split(
        kernel(name),
        count,
        Math.max(1, Math.ceil(grain / work)),
        (first, images, part) => [at, first, images, scratch! + part * room],
        { align, repeatable: true },
      );
      return true;
    });
  }

  /**
   * Calls a kernel on one image after the other, of each of which threads take bands of rows: plans
   * of their own, cut so that no tile is.
   */
  function inBands(way: Way, plan: Plan, weight: number, work: number): boolean {
    const rows = plan.y.shape[1]!;
    const tile = way === "winograd" ? 4 : 1;
    const tall = tile * Math.ceil(rows / (tile * 2 * pool.threads));
    const bands = Math.ceil(rows / tall);
    const [name, scratchBytes] = convolutions[way];
    return withRoom([bands * planBytes], (plans) => {
      // With a border, as the first or the last band may have; several bands that one call computes
      // have enough in theirs together.
      const band = bandOf(plan, 0, 0, Math.min(tall, rows), tile);
      writePlan(plans!, { ...band, top: [1, 1] }, weight, 1);
      const room = (kernel(scratchBytes)(plans!) + 63) & ~63;
      return withRoom([bands * room], (scratch) => {
        for (let image = 0; image < plan.x.shape[0]!; image++) {
          pool.split(
            kernel(name),
            bands,
            Math.max(1, Math.ceil((grain * bands) / work)),
            (first, count) => {
              const at = plans! + first * planBytes;
              const height = Math.min(count * tall, rows - first * tall);
              writePlan(at, bandOf(plan, image, first * tall, height, tile), weight, 1);
              return [at, 0, 1, scratch! + first * room];
            },
            { repeatable: true },
          );
        }
        return true;
      });
    });
  }

  /** Chooses the kernels for a plan, and changes the plan to what they want. */
  function routed(plan: Plan): readonly [Way, Plan] {
    if (!precise && suitsWinograd(plan)) return ["winograd", inTiles(plan)];
    return [isDepthwise(plan) ? "depthwise" : "product", plan];
  }

  /** Floats of a packed weight. */
  function packedSize(way: Way, { x, y, kernel: window, groups }: Plan): number {
    const [c, o] = [x.shape[3]!, y.shape[3]!];
    if (way === "winograd") return 36 * c * o;
    const terms = window[0] * window[1];
    if (way === "depthwise") return terms * c;
    return kernel("convPackSize")((terms * c) / groups, o / groups, groups);
  }

  function pack(way: Way, to: number, half: number, plan: Plan, weight: Weight): void {
    const { x, y, kernel: window, groups } = plan;
    const { address, steps, groupStep } = weight;
    const [c, o] = [x.shape[3]!, y.shape[3]!];
    if (way === "winograd") kernel("winogradPack")(to, half, address, ...steps, c, o);
    else if (way === "depthwise")
      kernel("depthwisePack")(to, address, steps[0], steps[1], groupStep, ...window, c);
    else
      kernel("convPack")(
        to,
        address,
        ...steps,
        ...window,
        c / groups,
        o / groups,
        groups,
        groupStep,
      );
  }

  function convolve(direct: Plan, weight: Weight): boolean {
    const [way, plan] = routed(direct);
    const { x, y, kernel: window, groups } = plan;
    return withRoom([planBytes + halfBytes, 4 * packedSize(way, plan)], (at, panels) => {
      pack(way, panels!, at! + planBytes, plan, weight);
      const terms = (window[0] * window[1] * x.shape[3]!) / groups;
      const work = terms * y.shape[1]! * y.shape[2]! * y.shape[3]!;
      return onImages(way, at!, plan, panels!, work);
    });
  }

  /**
   * A window of one pixel is a matrix product, of all images at once where their pixels are a line,
   * else of one after the other. False where it is none.
   *
   * @param weight - `[channels of x, channels of y]`.
   */
  function multiply(y: View, x: View, weight: View): boolean {
    const [n, h, w] = x.shape as Four;
    const steps = [x, y].map(stepsOf);
    if (!steps.every(([, row, pixel]) => row === pixel * w)) return false;
    const areLine = steps.every(([image, row]) => image === row * h);
    const [count, pixels] = areLine ? [1, n * h * w] : [n, h * w];
    const matrices = (view: View): View => {
      const [image, , pixel, channel] = stepsOf(view).map((step) => step / 4) as unknown as Four;
      const shape = [count, pixels, view.shape[3]!];
      return { ...view, shape, strides: [image, pixel, channel] };
    };
    const shape = [count, ...weight.shape];
    matmul(matrices(y), matrices(x), { ...weight, shape, strides: [0, ...weight.strides] });
    return true;
  }

  function sumWeight(direct: Plan, out: View): boolean {
    const [way, plan] = routed(direct);
    const images = plan.x.shape[0]!;
    const [c, o] = [plan.x.shape[3]!, plan.y.shape[3]!];
    const [name, scratchBytes] = gradients[way];
    return withRoom([planBytes + halfBytes], (at) => {
      writePlan(at!, plan, 0);
      const bytes = 4 * (way === "winograd" ? 36 * c * o : kernel("convWeightSize")(at!));
      const most = Math.max(1, Math.min(mostParts, Math.floor(mostPartBytes / bytes)));
      const perPart = Math.ceil(images / most);
      const parts = Math.ceil(images / perPart);
      const room = (kernel(scratchBytes)(at!) + 63) & ~63;
      const rooms = pool.threads > 1 ? Math.min(4 * pool.threads, parts) : 1;
      return withRoom([parts * bytes, rooms * room], (sums, scratch) => {
        pool.split(
          kernel(name),
          parts,
          1,
          (first, count, part) => [
            ...[at!, sums!, images, perPart, first, count],
            scratch! + part * room,
          ],
          { repeatable: true },
        );
        const to = [addressOf(plan.op, out), ...stepsOf(out)];
        if (way === "winograd")
          kernel("winogradWeightSum")(sums!, at! + planBytes, parts, c, o, ...to);
        else kernel("convWeightSum")(at!, sums!, parts, ...to);
        return true;
      });
    });
  }

  /**
   * The adjoint of a strided convolution, by the remainders of rows and columns divided by the
   * stride: those of one remainder meet every so many rows and columns of the weight, and come of a
   * convolution without stride.
   */
  function convolveInput(out: View, y: View, weight: View, window: ConvWindow): void {
    const [sh, sw] = window.stride;
    for (let row = 0; row < Math.min(sh, out.shape[1]!); row++) {
      for (let column = 0; column < Math.min(sw, out.shape[2]!); column++) {
        const [rows, columns] = [
          remainder(out, weight, window, 0, row),
          remainder(out, weight, window, 1, column),
        ];
        const part = everySo(out, [1, 2], [row, column], [sh, sw]);
        if (rows === null || columns === null) {
          fill(part, 0);
          continue;
        }
        conv2dInput(
          part,
          y,
          everySo(weight, [0, 1], [rows.first, columns.first], [rows.step, columns.step]),
          {
            stride: [1, 1],
            padding: [rows.padding, columns.padding],
            dilation: [rows.dilation, columns.dilation],
            groups: window.groups,
          },
        );
      }
    }
  }

  function conv2dInput(out: View, y: View, weight: View, window: ConvWindow): void {
    if (!isNative("conv2dInput", [out, y, weight])) {
      fallback.conv2dInput(out, y, weight, window);
      return;
    }
    if (window.stride[0] > 1 || window.stride[1] > 1) {
      convolveInput(out, y, weight, window);
      return;
    }
    if (isPoint(weight, window, y, out) && multiply(out, y, turned(matrixOf(weight)))) return;
    const plan = inputPlan("conv2dInput", out, weight, y, window);
    const done = y.shape[0] === 0 || convolve(plan, flippedWeightOf("conv2dInput", weight, plan));
    if (!done) fallback.conv2dInput(out, y, weight, window);
  }

  return {
    conv2d(out, x, weight, window) {
      if (!isNative("conv2d", [out, x, weight])) {
        fallback.conv2d(out, x, weight, window);
        return;
      }
      if (isPoint(weight, window, x, out) && multiply(out, x, matrixOf(weight))) return;
      const plan = forwardPlan("conv2d", x, weight, out, window);
      const done = x.shape[0] === 0 || convolve(plan, weightOf("conv2d", weight, plan));
      if (!done) fallback.conv2d(out, x, weight, window);
    },

    conv2dInput,

    conv2dWeight(out, x, y, window) {
      const plan = forwardPlan("conv2dWeight", x, out, y, window);
      const done =
        isNative("conv2dWeight", [out, x, y]) && x.shape[0] !== 0 && sumWeight(plan, out);
      if (!done) fallback.conv2dWeight(out, x, y, window);
    },
  };
}
