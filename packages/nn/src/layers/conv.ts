/**
 * Convolutional layers. Images are `[batch, channels, height, width]` and sequences
 * `[batch, channels, length]`, or with `layout: "NHWC"` with the channels last.
 */
import { rand, type Tensor, zeros } from "@needle/autograd";
import type * as nd from "@needle/ndarray";
import { type DrawOptions, type Shape, ShapeError, showShape, sizeOf } from "@needle/ndarray";
import { kaimingUniform } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { placement } from "../placement.ts";
import { showSettings } from "../settings.ts";

/** What all convolutional layers take. */
interface Common extends DrawOptions {
  /** Whether to add a bias to each channel. Default true. */
  readonly bias?: boolean;
}

/** Options of Conv2d. */
export interface Conv2dOptions extends Common, nd.ConvOptions {}
/** Options of Conv1d. */
export interface Conv1dOptions extends Common, nd.Conv1dOptions {}
/** Options of ConvTranspose2d. */
export interface ConvTranspose2dOptions extends Common, nd.ConvTransposeOptions {}
/** Options of ConvTranspose1d. */
export interface ConvTranspose1dOptions extends Common, nd.ConvTranspose1dOptions {}

/** Rows and columns of a window, or one number for both. */
type Kernel = number | readonly [number, number];

/** Weight and bias, and how the layer is printed; the weight is drawn first. */
abstract class Convolution<Options extends Common> extends Module {
  readonly options: Options;
  readonly outChannels: number;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  /**
   * @param shape - of the weight.
   * @param fanIn - inputs of one output, which set the bounds of weight (Kaiming's, for ReLU) and
   *   bias (`1 / sqrt(fanIn)`).
   */
  constructor(shape: readonly number[], fanIn: number, channels: number, options: Options) {
    super();
    const { bias = true } = options;
    this.options = options;
    this.outChannels = channels;
    this.weight = new Parameter(kaimingUniform(fanIn, 1, { ...placement(options), shape }));
    this.bias = bias ? new Parameter(initialBias(channels, fanIn, placement(options))) : null;
  }

  /** Every element of the weight counts once for each position of a window. */
  override multiplyAdds(inputs: readonly Shape[], outputs: readonly Shape[]): number {
    const [shape, channels] = this.slides(inputs[0]!, outputs[0]!);
    return (sizeOf(shape) / channels) * this.weight.size;
  }

  /** The images over whose pixels the windows slide, and how many channels these have. */
  protected slides(_input: Shape, output: Shape): readonly [images: Shape, channels: number] {
    return [output, this.outChannels];
  }

  /** How the window moves: the options without those of the parameters. */
  protected get window(): Omit<Options, keyof Common> {
    const { dtype, backend, bias, ...window } = this.options;
    return window;
  }

  override describe(): string {
    return showSettings({ weight: this.weight.shape, ...this.options });
  }
}

function initialBias(channels: number, fanIn: number, options: DrawOptions): Tensor {
  if (fanIn === 0) return zeros([channels], options);
  const bound = 1 / Math.sqrt(fanIn);
  return rand([channels], { ...options, low: -bound, high: bound });
}

function pair(kernel: Kernel): readonly [number, number] {
  return typeof kernel === "number" ? [kernel, kernel] : kernel;
}

/** The shape of a weight: `[out, in, …kernel]`, or with the channels last `[…kernel, in, out]`. */
function weightShape(
  first: number,
  second: number,
  kernel: readonly number[],
  layout: nd.Layout = "NCHW",
): number[] {
  return layout === "NCHW" ? [first, second, ...kernel] : [...kernel, second, first];
}

/**
 * A convolution of images: `[batch, in, h, w] -> [batch, out, h', w']`, with a weight
 * `[out, in / groups, kh, kw]`.
 *
 * @throws ShapeError when the channels do not fit.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Conv2d } from "@needle/nn";
 * const x = zeros([8, 3, 32, 32]);
 * new Conv2d(3, 16, 3, { padding: "same" }).forward(x).shape; // => [8,16,32,32]
 * new Conv2d(3, 16, 3, { stride: 2, padding: 1 }).forward(x).shape; // => [8,16,16,16]
 */
export class Conv2d extends Convolution<Conv2dOptions> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Kernel,
    options: Conv2dOptions = {},
  ) {
    const { groups = 1, layout } = options;
    const kernel = pair(kernelSize);
    const shape = weightShape(outChannels, inChannels / groups, kernel, layout);
    super(shape, (inChannels / groups) * sizeOf(kernel), outChannels, options);
  }

  forward(x: Tensor): Tensor {
    return x.conv2d(this.weight, { ...this.window, bias: this.bias ?? undefined });
  }
}

/**
 * A convolution of sequences: `[batch, in, length] -> [batch, out, length']`, with a weight
 * `[out, in / groups, k]`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Conv1d } from "@needle/nn";
 * new Conv1d(3, 16, 5, { dilation: 2 }).forward(zeros([8, 3, 20])).shape; // => [8,16,12]
 */
export class Conv1d extends Convolution<Conv1dOptions> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: Conv1dOptions = {},
  ) {
    const { groups = 1, layout } = options;
    const shape = weightShape(outChannels, inChannels / groups, [kernelSize], layout);
    super(shape, (inChannels / groups) * kernelSize, outChannels, options);
  }

  forward(x: Tensor): Tensor {
    return x.conv1d(this.weight, { ...this.window, bias: this.bias ?? undefined });
  }
}

/**
 * The transpose of a convolution, which makes images larger: `[batch, in, h, w]` to
 * `[batch, out, h', w']`, with a weight `[in, out / groups, kh, kw]`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { ConvTranspose2d } from "@needle/nn";
 * const layer = new ConvTranspose2d(8, 4, 4, { stride: 2, padding: 1 });
 * layer.forward(zeros([1, 8, 7, 7])).shape; // => [1,4,14,14]
 */
export class ConvTranspose2d extends Convolution<ConvTranspose2dOptions> {
  readonly inChannels: number;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Kernel,
    options: ConvTranspose2dOptions = {},
  ) {
    const { groups = 1, layout } = options;
    const kernel = pair(kernelSize);
    const shape = weightShape(inChannels, outChannels / groups, kernel, layout);
    super(shape, (outChannels / groups) * sizeOf(kernel), outChannels, options);
    this.inChannels = inChannels;
  }

  protected override slides(input: Shape): readonly [images: Shape, channels: number] {
    return [input, this.inChannels];
  }

  forward(x: Tensor): Tensor {
    return x.convTranspose2d(this.weight, { ...this.window, bias: this.bias ?? undefined });
  }
}

/**
 * The transpose of a convolution of sequences: `[batch, in, length] -> [batch, out, length']`, with
 * a weight `[in, out / groups, k]`.
 */
export class ConvTranspose1d extends Convolution<ConvTranspose1dOptions> {
  readonly inChannels: number;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTranspose1dOptions = {},
  ) {
    const { groups = 1, layout } = options;
    const shape = weightShape(inChannels, outChannels / groups, [kernelSize], layout);
    super(shape, (outChannels / groups) * kernelSize, outChannels, options);
    this.inChannels = inChannels;
  }

  protected override slides(input: Shape): readonly [images: Shape, channels: number] {
    return [input, this.inChannels];
  }

  forward(x: Tensor): Tensor {
    return x.convTranspose1d(this.weight, { ...this.window, bias: this.bias ?? undefined });
  }
}

/** Options of Conv. */
export interface ConvOptions extends Common {
  /** Default 1. */
  readonly stride?: number;
}

/**
 * The course's convolutional layer: a square kernel and a padding of half of it, so that with
 * stride 1 and an odd kernel images keep their size. Images are `[batch, in, h, w]`, the weight is
 * `[k, k, in, out]`.
 *
 * CMU 10-714 hw4.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Conv } from "@needle/nn";
 * new Conv(3, 8, 3).forward(zeros([2, 3, 14, 14])).shape; // => [2,8,14,14]
 */
export class Conv extends Convolution<ConvOptions> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvOptions = {},
  ) {
    const fanIn = inChannels * kernelSize ** 2;
    super([kernelSize, kernelSize, inChannels, outChannels], fanIn, outChannels, options);
  }

  forward(x: Tensor): Tensor {
    const [kernel, , channels] = this.weight.shape as [number, number, number];
    if (x.ndim !== 4 || x.shape[1] !== channels) {
      const expected = `[batch,${channels},height,width]`;
      throw new ShapeError("Conv", `expected ${expected}, got ${showShape(x.shape)}`);
    }
    const { stride = 1 } = this.options;
    const padding = Math.floor(kernel / 2);
    const options = { stride, padding, layout: "NHWC", bias: this.bias ?? undefined } as const;
    return x.permute([0, 2, 3, 1]).conv2d(this.weight, options).permute([0, 3, 1, 2]);
  }
}
