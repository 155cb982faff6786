/** The rules of pools: windows that move over images and give one number a channel. */
import { check, checkOptions, flag, type Kind, type Kinds, orNull, whole } from "./args.ts";
import type { PoolWindow } from "./backend.ts";
import { ArgumentError, ShapeError, showShape } from "./errors.ts";
import type { Shape } from "./shape.ts";
import {
  arranged,
  channelsLast,
  imageOf,
  type Layout,
  layoutKind,
  type Pair,
  pairKind,
  pairOf,
} from "./shape-images.ts";

/** What all pools may be told; `P` is one number, or one each for rows and columns. */
interface PoolOptions<P> {
  /** From one window to the next. Default: the kernel's size, so that windows do not overlap. */
  readonly stride?: P;
  /** Around the image, at most half the kernel. Default 0. */
  readonly padding?: P;
  /** Whether a last window may reach beyond the padded image. Default false. */
  readonly ceilMode?: boolean;
  /** Default `"NCHW"`. */
  readonly layout?: Layout;
}

/** How the largest elements are taken. */
export interface MaxPoolOptions<P = Pair> extends PoolOptions<P> {
  /** From one element of the window to the next. Default 1. */
  readonly dilation?: P;
}

/** How means are taken. */
export interface AvgPoolOptions<P = Pair> extends PoolOptions<P> {
  /** Whether the padding counts as elements of the window. Default true. */
  readonly countIncludePad?: boolean;
  /** By what sums are divided instead of the number of elements. */
  readonly divisorOverride?: number;
}

const plain = { ceilMode: flag, layout: layoutKind };

/** What the options of pools must be. */
export const maxPoolOptions: Kinds<MaxPoolOptions> = {
  stride: pairKind(1),
  padding: pairKind(0),
  dilation: pairKind(1),
  ...plain,
};

/** What the options of pools that take means must be. */
export const avgPoolOptions: Kinds<AvgPoolOptions> = {
  stride: pairKind(1),
  padding: pairKind(0),
  countIncludePad: flag,
  divisorOverride: {
    expected: "a number other than 0",
    holds: (divisor) => Number.isFinite(divisor) && divisor !== 0,
  },
  ...plain,
};

/** What the options of pools of sequences must be. */
export const maxPool1dOptions: Kinds<MaxPoolOptions<number>> = {
  stride: whole(1),
  padding: whole(0),
  dilation: whole(1),
  ...plain,
};

/** What the options of pools of sequences that take means must be. */
export const avgPool1dOptions: Kinds<AvgPoolOptions<number>> = {
  ...avgPoolOptions,
  stride: whole(1),
  padding: whole(0),
};

/** What the options of adaptive pools must be. */
export const adaptivePoolOptions: Kinds<{ readonly layout?: Layout }> = { layout: layoutKind };

/** How many rows and columns an adaptive pool gives; null: as many as there are. */
export type OutputSize = number | readonly [number | null, number | null];

/** A pool with all it needs to know of shapes, which are those of its layout. */
export interface PoolGeometry {
  readonly op: string;
  readonly layout: Layout;
  readonly window: PoolWindow;
  readonly x: Shape;
  readonly y: Shape;
}

/**
 * What a pool of images gives.
 *
 * @throws ArgumentError when the padding is more than half the kernel, ShapeError when the image is
 *   smaller than a window.
 */
export function poolGeometry(
  op: string,
  x: Shape,
  kernelSize: Pair,
  options: MaxPoolOptions = {},
): PoolGeometry {
  checkOptions(op, options, { ...avgPoolOptions, ...maxPoolOptions });
  const { layout = "NCHW", ceilMode = false } = options;
  const { n, c, size } = imageOf(op, x, layout);
  const kernel = pairOf(op, "kernelSize", kernelSize, 1);
  const stride = pairOf(op, "stride", options.stride ?? kernel, 1);
  const padding = pairOf(op, "padding", options.padding ?? 0, 0);
  const dilation = pairOf(op, "dilation", options.dilation ?? 1, 1);
  if (padding.some((p, axis) => 2 * p > kernel[axis]!)) {
    throw new ArgumentError(
      op,
      `padding ${showShape(padding)} is more than half the kernel ${showShape(kernel)}`,
    );
  }
  const output = size.map((length, axis) => {
    const [k, s, p, d] = [kernel[axis]!, stride[axis]!, padding[axis]!, dilation[axis]!];
    const room = length + 2 * p - d * (k - 1) - 1;
    const steps = ceilMode ? Math.ceil(room / s) : Math.floor(room / s);
    // A last window has to begin inside the image or the padding before it.
    return ceilMode && steps * s >= length + p ? steps : steps + 1;
  });
  const isSmall = size.some((length, axis) => {
    const last = Array.from({ length: Math.max(0, output[axis]!) }, (_, i) => i);
    const first = (i: number): number => i * stride[axis]! - padding[axis]!;
    const reaches = (i: number): boolean =>
      Array.from({ length: kernel[axis]! }, (_, j) => first(i) + j * dilation[axis]!).some(
        (at) => at >= 0 && at < length,
      );
    return output[axis]! < 1 || !last.every(reaches);
  });
  if (isSmall) {
    throw new ShapeError(
      op,
      `the image ${showShape(size)} is too small for the kernel ${showShape(kernel)} with padding ${showShape(padding)} and dilation ${showShape(dilation)}`,
    );
  }
  const window = { kernel, stride, padding, dilation };
  return { op, layout, window, x, y: arranged(layout, n, output, c) };
}

/**
 * What the sum of each window is divided by: one number where all are alike, else `[oh, ow]` row by
 * row. With `countIncludePad` the padding counts, but not what a last window reaches beyond it.
 */
export function poolDivisors(
  { window, layout, x, y }: PoolGeometry,
  { countIncludePad = true, divisorOverride }: AvgPoolOptions,
): number | Float64Array {
  if (divisorOverride !== undefined) return divisorOverride;
  const [rows, columns] = [0, 1].map((axis) => {
    const [length, outputs] = [x, y].map((shape) => shape[channelsLast[layout][0][axis + 1]!]!);
    const padding = window.padding[axis]!;
    return Array.from({ length: outputs! }, (_, i) => {
      const start = i * window.stride[axis]! - padding;
      const end = Math.min(start + window.kernel[axis]!, length! + padding);
      return countIncludePad ? end - start : Math.min(end, length!) - Math.max(start, 0);
    });
  }) as [number[], number[]];
  return uniform(rows.flatMap((row) => columns.map((column) => row * column)));
}

/** One number where all are alike. */
function uniform(counts: readonly number[]): number | Float64Array {
  return counts.every((count) => count === counts[0])
    ? (counts[0] ?? 1)
    : Float64Array.from(counts);
}

/** The shape in which `[oh, ow]` numbers multiply images. */
export function divisorShape({ layout, y }: PoolGeometry): number[] {
  return layout === "NCHW" ? [y[2]!, y[3]!] : [y[1]!, y[2]!, 1];
}

/** The options of sequences as those of images of one row. */
export function pool2dOptions<O extends PoolOptions<number> & { readonly dilation?: number }>(
  options: O,
): Omit<O, "stride" | "padding" | "dilation"> & {
  readonly stride?: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
} {
  const { stride, padding = 0, dilation = 1, ...rest } = options;
  return {
    ...rest,
    ...(stride === undefined ? {} : { stride: [1, stride] as const }),
    padding: [0, padding],
    dilation: [1, dilation],
  };
}

const outputSizeKind: Kind = {
  expected: "one or two whole numbers of at least 1",
  holds: (value) =>
    whole(1).holds(value) ||
    (Array.isArray(value) && value.length === 2 && value.every(orNull(whole(1)).holds)),
};

/** The windows of an adaptive pool: those of an ordinary one on images whose pixels repeat. */
export interface AdaptiveWindows {
  /** The rows and columns that are taken; -1, which counts as the last, where a window is short. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** The ordinary pool's kernel and stride. */
  readonly kernel: readonly [number, number];
  /** The number of elements of each window, as `poolDivisors` gives it. */
  readonly divisors: number | Float64Array;
}

/**
 * The windows by which an adaptive pool gives so many rows and columns: window `i` of `m` goes from
 * `floor(i n / m)` to `ceil((i + 1) n / m)`.
 *
 * @param repeats - whether short windows are filled up with their last element; with -1 otherwise.
 */
export function adaptiveWindows(
  op: string,
  x: Shape,
  outputSize: OutputSize,
  layout: Layout = "NCHW",
  repeats = false,
): AdaptiveWindows {
  const { size } = imageOf(op, x, layout);
  check(op, "outputSize", outputSize, outputSizeKind);
  const asked = typeof outputSize === "number" ? [outputSize, outputSize] : outputSize;
  const target = pairOf(op, "outputSize", [asked[0] ?? size[0], asked[1] ?? size[1]], 1);
  if (size.includes(0)) throw new ShapeError(op, `the image ${showShape(x)} has no pixels`);
  const windows = size.map((n, axis) => windowsOf(n, target[axis]!));
  const kernel = windows.map((along) => Math.max(...along.map((window) => window.length)));
  const [rows, columns] = windows.map((along, axis) =>
    Int32Array.from(
      along.flatMap((window) =>
        Array.from(
          { length: kernel[axis]! },
          (_, j) => window[j] ?? (repeats ? window.at(-1)! : -1),
        ),
      ),
    ),
  ) as [Int32Array, Int32Array];
  const counts = windows[0]!.flatMap((row) => windows[1]!.map((one) => row.length * one.length));
  return { rows, columns, kernel: kernel as [number, number], divisors: uniform(counts) };
}

/** The positions of the windows of an axis. */
function windowsOf(length: number, count: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * length) / count);
    const end = Math.ceil(((i + 1) * length) / count);
    return Array.from({ length: end - start }, (_, j) => start + j);
  });
}
