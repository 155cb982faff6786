/** The rules of convolutions: the windows they take, and the shapes they give. */
import { check, checkOptions, type Kind, type Kinds, whole } from "./args.ts";
import type { ConvWindow } from "./backend.ts";
import { ArgumentError, ShapeError, showShape } from "./errors.ts";
import { checkList, type Shape } from "./shape.ts";
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

/**
 * Zeros around an image: one number, `[rows, columns]`, `[[top, bottom], [left, right]]`, `"same"`
 * (the output has the size of the input) or `"valid"` (none).
 */
export type Padding =
  | Pair
  | readonly [readonly [number, number], readonly [number, number]]
  | "same"
  | "valid";

/** How a convolution is done. */
export interface ConvOptions {
  /** From one window to the next. Default 1. */
  readonly stride?: Pair;
  /** Zeros around the image. Default 0. */
  readonly padding?: Padding;
  /** From one element of the window to the next. Default 1. */
  readonly dilation?: Pair;
  /** Into how many independent parts the channels are cut. Default 1. */
  readonly groups?: number;
  /** Default `"NCHW"`. */
  readonly layout?: Layout;
}

/** How a transposed convolution is done. */
export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /** What the convolution it transposes had as padding: cut off the result. Default 0. */
  readonly padding?: Exclude<Padding, "same" | "valid">;
  /** Rows and columns added below and to the right, fewer than the stride. Default 0. */
  readonly outputPadding?: Pair;
}

/** Zeros before and after a sequence: one number, `[left, right]`, `"same"` or `"valid"`. */
export type Padding1d = number | readonly [number, number] | "same" | "valid";

/** How a convolution of sequences is done. */
export interface Conv1dOptions extends Omit<ConvOptions, "stride" | "padding" | "dilation"> {
  /** Default 1. */
  readonly stride?: number;
  /** Default 0. */
  readonly padding?: Padding1d;
  /** Default 1. */
  readonly dilation?: number;
}

/** How a transposed convolution of sequences is done. */
export interface ConvTranspose1dOptions extends Omit<Conv1dOptions, "padding"> {
  /** Default 0. */
  readonly padding?: number | readonly [number, number];
  /** Default 0. */
  readonly outputPadding?: number;
}

const sides: Kind = {
  expected: 'numbers, one, two or two pairs, "same" or "valid"',
  holds: (value) => value === "same" || value === "valid" || isSides(value),
};

const numbersOfSides: Kind = { expected: "numbers: one, two or two pairs", holds: isSides };

function isSides(value: unknown): boolean {
  const pair = pairKind(0);
  if (pair.holds(value)) return true;
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((p) => Array.isArray(p) && pair.holds(p))
  );
}

const common = { groups: whole(1), layout: layoutKind };

/** What the options of convolutions must be. */
export const convOptions: Kinds<ConvOptions> = {
  stride: pairKind(1),
  padding: sides,
  dilation: pairKind(1),
  ...common,
};

/** What the options of transposed convolutions must be. */
export const convTransposeOptions: Kinds<ConvTransposeOptions> = {
  ...convOptions,
  padding: numbersOfSides,
  outputPadding: pairKind(0),
};

const sides1d: Kind = {
  expected: 'one or two numbers of at least 0, "same" or "valid"',
  holds: (value) => value === "same" || value === "valid" || pairKind(0).holds(value),
};

/** What the options of convolutions of sequences must be. */
export const conv1dOptions: Kinds<Conv1dOptions> = {
  stride: whole(1),
  padding: sides1d,
  dilation: whole(1),
  ...common,
};

/** What the options of transposed convolutions of sequences must be. */
export const convTranspose1dOptions: Kinds<ConvTranspose1dOptions> = {
  ...conv1dOptions,
  padding: pairKind(0),
  outputPadding: whole(0),
};

/** A convolution with all it needs to know of shapes, which are those of its layout. */
export interface ConvGeometry {
  readonly op: string;
  readonly layout: Layout;
  readonly window: ConvWindow;
  readonly x: Shape;
  readonly weight: Shape;
  readonly y: Shape;
}

type Sides = [[number, number], [number, number]];

function sidesOf(
  op: string,
  padding: Padding,
  kernel: readonly number[],
  { stride, dilation }: Pick<ConvWindow, "stride" | "dilation">,
): Sides {
  if (padding === "valid") return sidesOf(op, 0, kernel, { stride, dilation });
  if (padding === "same") {
    if (stride[0] !== 1 || stride[1] !== 1) {
      throw new ArgumentError(
        op,
        `padding "same" needs a stride of 1, got ${showShape(stride)}`,
        "Give the padding in numbers.",
      );
    }
    return kernel.map((k, axis) => {
      const total = dilation[axis]! * (k - 1);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    }) as Sides;
  }
  if (Array.isArray(padding) && padding.length === 2 && padding.every(Array.isArray)) {
    return padding.map((sides) => pairOf(op, "padding", sides as Pair, 0)) as Sides;
  }
  return pairOf(op, "padding", padding as Pair, 0).map((p) => [p, p]) as Sides;
}

function checkGroups(op: string, groups: number, inputs: number, outputs: number): void {
  check(op, "groups", groups, whole(1));
  for (const [what, count] of [
    ["input", inputs],
    ["output", outputs],
  ] as const) {
    if (count % groups !== 0) {
      throw new ShapeError(op, `${count} ${what} channels do not divide into ${groups} groups`);
    }
  }
}

interface Weight {
  readonly kernel: readonly [number, number];
  readonly inputs: number;
  readonly outputs: number;
}

function weightOf(op: string, shape: Shape, layout: Layout, isTransposed: boolean): Weight {
  checkList(op, "a shape is an array of sizes", shape);
  if (shape.length !== 4) {
    const [i, o] = isTransposed ? ["o/groups", "c"] : ["c/groups", "o"];
    const axes = layout === "NCHW" ? `[${o},${i},kh,kw]` : `[kh,kw,${i},${o}]`;
    throw new ShapeError(op, `weights are ${axes}, got ${showShape(shape)}`);
  }
  const [kh, kw, inputs, outputs] = channelsLast[layout][1].map((axis) => shape[axis]!) as [
    number,
    number,
    number,
    number,
  ];
  if (kh === 0 || kw === 0)
    throw new ShapeError(op, `the kernel has no elements, ${showShape(shape)}`);
  return { kernel: [kh, kw], inputs, outputs };
}

/**
 * What a convolution of images by a weight gives.
 *
 * @throws ShapeError when channels do not fit the weight or the groups, or the kernel is larger
 *   than the padded image.
 */
export function convGeometry(
  op: string,
  x: Shape,
  weight: Shape,
  options: ConvOptions = {},
): ConvGeometry {
  checkOptions(op, options, convOptions);
  const { layout = "NCHW", groups = 1 } = options;
  const { n, c, size } = imageOf(op, x, layout);
  const { kernel, inputs, outputs } = weightOf(op, weight, layout, false);
  checkGroups(op, groups, c, outputs);
  if (c !== inputs * groups) {
    const of = groups === 1 ? "" : ` in each of ${groups} groups`;
    throw new ShapeError(
      op,
      `images ${showShape(x)} have ${c} channels, the weight ${showShape(weight)} takes ${inputs}${of}`,
    );
  }
  const stride = pairOf(op, "stride", options.stride ?? 1, 1);
  const dilation = pairOf(op, "dilation", options.dilation ?? 1, 1);
  const sides = sidesOf(op, options.padding ?? 0, kernel, { stride, dilation });
  const extent = kernel.map((k, axis) => dilation[axis]! * (k - 1) + 1);
  const padded = size.map((length, axis) => length + sides[axis]![0] + sides[axis]![1]);
  if (extent.some((length, axis) => length > padded[axis]!)) {
    const dilated = dilation.some((d) => d > 1) ? `, dilated ${showShape(extent)},` : "";
    throw new ShapeError(
      op,
      `the kernel ${showShape(kernel)}${dilated} is larger than the padded image ${showShape(padded)}`,
    );
  }
  const output = padded.map((p, axis) => Math.floor((p - extent[axis]!) / stride[axis]!) + 1);
  const window = { stride, padding: [sides[0][0], sides[1][0]] as const, dilation, groups };
  return { op, layout, window, x, weight, y: arranged(layout, n, output, outputs) };
}

/**
 * What a transposed convolution of images by a weight gives: the geometry of the convolution of
 * which it is the adjoint, so its images are that one's `y`.
 */
export function convTransposeGeometry(
  op: string,
  y: Shape,
  weight: Shape,
  options: ConvTransposeOptions = {},
): ConvGeometry {
  checkOptions(op, options, convTransposeOptions);
  const { layout = "NCHW", groups = 1 } = options;
  const { n, c, size } = imageOf(op, y, layout);
  const { kernel, inputs, outputs } = weightOf(op, weight, layout, true);
  checkGroups(op, groups, c, inputs * groups);
  if (c !== outputs) {
    throw new ShapeError(
      op,
      `images ${showShape(y)} have ${c} channels, the weight ${showShape(weight)} takes ${outputs}`,
    );
  }
  const stride = pairOf(op, "stride", options.stride ?? 1, 1);
  const dilation = pairOf(op, "dilation", options.dilation ?? 1, 1);
  const sides = sidesOf(op, options.padding ?? 0, kernel, { stride, dilation });
  const extra = pairOf(op, "outputPadding", options.outputPadding ?? 0, 0);
  if (extra.some((more, axis) => more >= stride[axis]! && more >= dilation[axis]!)) {
    throw new ArgumentError(
      op,
      `outputPadding ${showShape(extra)} must be smaller than stride ${showShape(stride)} or dilation ${showShape(dilation)}`,
    );
  }
  const output = size.map(
    (length, axis) =>
      (length - 1) * stride[axis]! -
      (sides[axis]![0] + sides[axis]![1]) +
      dilation[axis]! * (kernel[axis]! - 1) +
      extra[axis]! +
      1,
  );
  if (output.some((length) => length < 1)) {
    throw new ShapeError(
      op,
      `images ${showShape(y)} and kernel ${showShape(kernel)} give an output of ${showShape(output)}`,
      "Use less padding.",
    );
  }
  const window = { stride, padding: [sides[0][0], sides[1][0]] as const, dilation, groups };
  return { op, layout, window, x: arranged(layout, n, output, inputs * groups), weight, y };
}

/** The options of sequences as those of images of one row. */
export function conv2dOptions({
  stride = 1,
  padding = 0,
  dilation = 1,
  ...rest
}: Conv1dOptions): ConvOptions {
  const sides = typeof padding === "string" ? padding : rowSides(padding);
  return { ...rest, stride: [1, stride], padding: sides, dilation: [1, dilation] };
}

/** The options of a transpose on sequences as those on images of one row. */
export function convTranspose2dOptions({
  stride = 1,
  padding = 0,
  dilation = 1,
  outputPadding = 0,
  ...rest
}: ConvTranspose1dOptions): ConvTransposeOptions {
  return {
    ...rest,
    stride: [1, stride],
    padding: rowSides(padding),
    dilation: [1, dilation],
    outputPadding: [0, outputPadding],
  };
}

type Sides1d = readonly [readonly [0, 0], readonly [number, number]];

function rowSides(padding: number | readonly [number, number]): Sides1d {
  const [left, right] = typeof padding === "number" ? [padding, padding] : padding;
  return [
    [0, 0],
    [left, right],
  ];
}

/**
 * The axis at which the weight of sequences gets one row.
 *
 * @throws ShapeError unless it has three axes.
 */
export function rowAxis(op: string, weight: Shape, layout: Layout = "NCHW"): number {
  if (weight.length === 3) return layout === "NHWC" ? 0 : 2;
  throw new ShapeError(op, `weights of sequences have 3 axes, got ${showShape(weight)}`);
}

/**
 * The shape in which a bias adds to images or sequences `y`.
 *
 * @throws ShapeError when it is not one number a channel.
 */
export function biasShape(op: string, bias: Shape, y: Shape, layout: Layout = "NCHW"): number[] {
  const channels = y[layout === "NCHW" ? 1 : y.length - 1]!;
  if (bias.length !== 1 || bias[0] !== channels) {
    throw new ShapeError(
      op,
      `the bias is one number a channel, [${channels}], got ${showShape(bias)}`,
    );
  }
  return layout === "NCHW" ? [channels, ...y.slice(2).map(() => 1)] : [channels];
}
