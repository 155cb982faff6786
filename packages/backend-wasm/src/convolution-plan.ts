/**
 * What the kernels of convolutions are told, worked out from views and windows: plans of forward and
 * adjoint convolutions, of bands of rows, and which kernels suit them.
 */
import type { ConvWindow, View } from "@needle/ndarray";
import { addressOf } from "./context.ts";

/** Of rows and columns. */
type Pair = readonly [number, number];

/** Of images, rows, columns and channels. */
export type Four = readonly [number, number, number, number];

/** A convolution of `x` that gives `y`, or the gradient of its weight from both. */
export interface Plan {
  readonly op: string;
  readonly x: View;
  readonly y: View;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  /** Rows and columns of `x` with its border. */
  readonly padded: Pair;
  /** Rows above and columns to the left; negative ones are cut off. */
  readonly top: Pair;
  /** From one pixel of `x` to the next, zeros between. */
  readonly spread: Pair;
}

/** The weight of a plan. Steps are in bytes. */
export interface Weight {
  readonly address: number;
  /** Of rows, columns, channels read and written. */
  readonly steps: Four;
  readonly groupStep: number;
}

/** Bytes of copied images that stay in the second-level cache. */
const chunkBytes = 2 ** 18;

/** Strides in bytes; those of axes of one element as if there were no gaps. */
export function stepsOf(x: View): Four {
  const steps = x.strides.map((stride) => 4 * stride);
  for (let axis = 3; axis >= 0; axis--) {
    if (x.shape[axis] === 1) steps[axis] = axis === 3 ? 4 : steps[axis + 1]! * x.shape[axis + 1]!;
  }
  return steps as unknown as Four;
}

/** Images that are copied at once. */
export function chunkOf({ x, y, padded }: Plan): number {
  const bytes = 4 * (padded[0] * padded[1] * x.shape[3]! + y.shape[1]! * y.shape[2]! * y.shape[3]!);
  return Math.max(1, Math.min(x.shape[0]!, Math.floor(chunkBytes / Math.max(1, bytes))));
}

export function forwardPlan(op: string, x: View, weight: View, y: View, window: ConvWindow): Plan {
  const { stride, padding, dilation, groups } = window;
  const kernel = weight.shape.slice(0, 2) as unknown as Pair;
  const padded = kernel.map(
    (k, axis) => (y.shape[axis + 1]! - 1) * stride[axis]! + (k - 1) * dilation[axis]! + 1,
  ) as unknown as Pair;
  return { op, x, y, kernel, stride, dilation, groups, padded, top: padding, spread: [1, 1] };
}

/** The adjoint with respect to images is a convolution of `y`, spread out, by the weight flipped. */
export function inputPlan(op: string, x: View, weight: View, y: View, window: ConvWindow): Plan {
  const { stride, padding, dilation, groups } = window;
  const kernel = weight.shape.slice(0, 2) as unknown as Pair;
  const reach = kernel.map((k, axis) => (k - 1) * dilation[axis]!);
  return {
    op,
    x: y,
    y: x,
    kernel,
    stride: [1, 1],
    dilation,
    groups,
    padded: [x.shape[1]! + reach[0]!, x.shape[2]! + reach[1]!],
    top: [reach[0]! - padding[0], reach[1]! - padding[1]],
    spread: stride,
  };
}

/** Tiles that cover a length. */
function tilesOf(length: number): number {
  return Math.ceil(length / 4);
}

/**
 * Whether tiles of 4x4 outputs take fewer operations than the sum: 3x3 windows at every pixel,
 * whole vectors of channels, enough tiles, and not too much of them beyond the image.
 */
export function suitsWinograd({ x, y, kernel, stride, dilation, groups, spread }: Plan): boolean {
  const isDense = [...stride, ...dilation, ...spread, groups].every((one) => one === 1);
  const [n, oh, ow, o] = y.shape as Four;
  const tiles = tilesOf(oh) * tilesOf(ow);
  return (
    isDense &&
    kernel[0] === 3 &&
    kernel[1] === 3 &&
    x.shape[3]! % 8 === 0 &&
    o % 8 === 0 &&
    n * tiles >= 12 &&
    16 * tiles <= 2 * oh * ow
  );
}

/** The plan with a border as far as tiles of outputs reach. */
export function inTiles(plan: Plan): Plan {
  const [, oh, ow] = plan.y.shape as Four;
  return { ...plan, padded: [4 * tilesOf(oh) + 2, 4 * tilesOf(ow) + 2] };
}

/** The plan of one image's rows `first` to `first + rows`; `tile` rows are computed at once. */
export function bandOf(plan: Plan, image: number, first: number, rows: number, tile: number): Plan {
  const { x, y, kernel, stride, dilation, padded, top } = plan;
  const above = top[0] - first * stride[0];
  const cut = Math.min(x.shape[1]!, Math.max(0, -above));
  const height = tile * Math.ceil(rows / tile);
  return {
    ...plan,
    x: part(x, image, cut, x.shape[1]! - cut),
    y: part(y, image, first, rows),
    padded: [(height - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1, padded[1]],
    top: [Math.max(0, above), top[1]],
  };
}

/** Rows of one image. */
function part(x: View, image: number, first: number, rows: number): View {
  const offset = x.offset + image * x.strides[0]! + first * x.strides[1]!;
  return { ...x, shape: [1, rows, x.shape[2]!, x.shape[3]!], offset };
}

/** Whether every channel is a group of its own, in whole vectors. */
export function isDepthwise({ x, y, groups }: Plan): boolean {
  return x.shape[3] === groups && y.shape[3] === groups && groups % 4 === 0;
}

/** Whether each output pixel is made of the one pixel of the input at its place. */
export function isPoint(weight: View, { stride, groups }: ConvWindow, x: View, y: View): boolean {
  const [kh, kw] = weight.shape;
  const isOne = [kh, kw, ...stride, groups].every((one) => one === 1);
  return isOne && x.shape[0]! > 0 && x.shape[1] === y.shape[1] && x.shape[2] === y.shape[2];
}

/** A weight of one pixel as the matrix that it is. */
export function matrixOf(weight: View): View {
  return { ...weight, shape: weight.shape.slice(2), strides: weight.strides.slice(2) };
}

export function turned(matrix: View): View {
  return { ...matrix, shape: matrix.shape.toReversed(), strides: matrix.strides.toReversed() };
}

/** A view of every so many elements along two axes. */
export function everySo(x: View, axes: Pair, first: Pair, step: Pair): View {
  let { shape, strides, offset } = x;
  axes.forEach((axis, i) => {
    shape = shape.with(axis, Math.ceil((shape[axis]! - first[i]!) / step[i]!));
    offset += first[i]! * strides[axis]!;
    strides = strides.with(axis, step[i]! * strides[axis]!);
  });
  return { ...x, shape, strides, offset };
}

interface Remainder {
  /** The first element of the window that meets these rows, and from one to the next. */
  readonly first: number;
  readonly step: number;
  /** Of the convolution without stride. */
  readonly padding: number;
  readonly dilation: number;
}

/** What the rows (axis 0) or columns `at`, `at + stride`, ... of the images meet; null for nothing. */
export function remainder(
  out: View,
  weight: View,
  { stride, padding, dilation }: ConvWindow,
  axis: 0 | 1,
  at: number,
): Remainder | null {
  const [s, d, k] = [stride[axis], dilation[axis], weight.shape[axis]!];
  const meets = (i: number): boolean => (at + padding[axis] - i * d) % s === 0;
  const first = Array.from({ length: k }, (_, i) => i).findIndex(meets);
  if (first < 0 || out.shape[axis + 1]! <= at) return null;
  let step = 1;
  while ((step * d) % s !== 0) step++;
  return { first, step, padding: (at + padding[axis] - first * d) / s, dilation: (step * d) / s };
}

export function weightOf(op: string, weight: View, { y, groups }: Plan): Weight {
  const steps = stepsOf(weight);
  return {
    address: addressOf(op, weight),
    steps,
    groupStep: (steps[3] * y.shape[3]!) / groups,
  };
}

/** From the last row and column to the first, inputs and outputs exchanged. */
export function flippedWeightOf(op: string, weight: View, { x, groups }: Plan): Weight {
  const [row, column, input, output] = stepsOf(weight);
  const [kh, kw] = weight.shape as Four;
  return {
    address: addressOf(op, weight) + (kh - 1) * row + (kw - 1) * column,
    steps: [-row, -column, output, input],
    groupStep: (output * x.shape[3]!) / groups,
  };
}
