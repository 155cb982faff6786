/**
 * Convolutional layers. Images are `[batch, channels, height, width]` and sequences
 * `[batch, channels, length]`, or with `layout: "NHWC"` with the channels last.
 */
import { rand, type Tensor, zeros } from "@needle/autograd";
import * as nd from "@needle/ndarray";
import {
  ArgumentError,
  args,
  type DrawOptions,
  type Shape,
  ShapeError,
  showShape,
  sizeOf,
} from "@needle/ndarray";
import { kaimingUniform } from "../init.ts";
import { Parameter } from "../parameter.ts";
import { placement, placementKinds } from "../placement.ts";
import { showSettings } from "../settings.ts";
import { TensorModule } from "../tensor-module.ts";

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

const commonKinds: args.Kinds<Common> = { ...placementKinds, bias: args.flag };

/** Rows and columns of a window, or one number for both. */
type Kernel = number | readonly [number, number];

/** What decides the shape of a weight. */
interface WeightOptions extends Common {
  readonly groups?: number;
  readonly layout?: nd.Layout;
}

const ofImages = { kind: nd.pairKind(1), axes: 2 } as const;
const ofSequences = { kind: args.whole(1), axes: 1 } as const;

/** What the options must be, and how the axes of the weight are ordered. */
interface Form<Options> {
  readonly kinds: args.Kinds<Omit<Options, keyof Common>>;
  /** What the size of the kernel must be, and how many axes it is along. */
  readonly kernel: { readonly kind: args.Kind; readonly axes: 1 | 2 };
  readonly isTransposed?: boolean;
  /** That of the images unless given. */
  readonly layout?: nd.Layout;
}

/** Weight and bias, and how the layer is printed; the weight is drawn first. */
abstract class Convolution<Options extends Common> extends TensorModule {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly options: Options;
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  /**
   * The weight is `[out, in / groups, …kernel]`, or with the channels last `[…kernel, in / groups,
   * out]`; a transposed convolution's has `in` and `out` the other way round. The inputs of one
   * output set the bounds of weight (Kaiming's, for ReLU) and bias (`1 / sqrt` of their number).
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Kernel,
    options: Options & WeightOptions,
    { kinds, kernel, isTransposed = false, ...form }: Form<Options>,
  ) {
    super();
    const all = { ...commonKinds, ...kinds } as args.Kinds<Options & WeightOptions>;
    checkConvolution(new.target.name, { inChannels, outChannels }, options, all);
    args.check(new.target.name, "kernelSize", kernelSize, kernel.kind);
    const { groups = 1, bias = true } = options;
    const { layout = options.layout ?? "NCHW" } = form;
    const sizes = typeof kernelSize === "number" ? Array(kernel.axes).fill(kernelSize) : kernelSize;
    const [first, other] = isTransposed ? [inChannels, outChannels] : [outChannels, inChannels];
    const second = other / groups;
    const shape = layout === "NCHW" ? [first, second, ...sizes] : [...sizes, second, first];
    const fanIn = second * sizeOf(sizes);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = sizes;
    this.options = options;
    this.weight = new Parameter(initialWeight(shape, fanIn, placement(options)));
    this.bias = bias ? new Parameter(initialBias(outChannels, fanIn, placement(options))) : null;
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
    const { inChannels, outChannels, kernelSize, options } = this;
    return `${inChannels}, ${outChannels}, ${showSettings({ kernelSize, ...options })}`;
  }
}

/** The transpose of a convolution: each pixel of the input has a window of the output. */
abstract class Transposed<Options extends Common> extends Convolution<Options> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Kernel,
    options: Options & WeightOptions,
    form: Form<Options>,
  ) {
    super(inChannels, outChannels, kernelSize, options, { ...form, isTransposed: true });
  }

  protected override slides(input: Shape): readonly [images: Shape, channels: number] {
    return [input, this.inChannels];
  }
}

function checkConvolution<Options extends WeightOptions>(
  op: string,
  channels: Readonly<Record<"inChannels" | "outChannels", number>>,
  options: Options,
  kinds: args.Kinds<Options>,
): void {
  args.checkEach(op, channels, args.whole(0));
  const { groups = 1 } = args.checkOptions(op, options, kinds);
  for (const [name, count] of Object.entries(channels)) {
    if (count % groups === 0) continue;
    throw new ArgumentError(op, `${name} must be a multiple of ${groups} groups, got ${count}`);
  }
}

/** Kaiming's bound is infinite without inputs; there is nothing to draw then. */
function initialWeight(shape: Shape, fanIn: number, options: DrawOptions): Tensor {
  return fanIn === 0 ? zeros(shape, options) : kaimingUniform(fanIn, 1, { ...options, shape });
}

function initialBias(channels: number, fanIn: number, options: DrawOptions): Tensor {
  if (fanIn === 0) return zeros([channels], options);
  const bound = 1 / Math.sqrt(fanIn);
  return rand([channels], { ...options, low: -bound, high: bound });
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
    const form = { kinds: nd.convOptions, kernel: ofImages };
    super(inChannels, outChannels, kernelSize, options, form);
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
    const form = { kinds: nd.conv1dOptions, kernel: ofSequences };
    super(inChannels, outChannels, kernelSize, options, form);
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
export class ConvTranspose2d extends Transposed<ConvTranspose2dOptions> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Kernel,
    options: ConvTranspose2dOptions = {},
  ) {
    const form = { kinds: nd.convTransposeOptions, kernel: ofImages };
    super(inChannels, outChannels, kernelSize, options, form);
  }

  forward(x: Tensor): Tensor {
    return x.convTranspose2d(this.weight, { ...this.window, bias: this.bias ?? undefined });
  }
}

/**
 * The transpose of a convolution of sequences: `[batch, in, length] -> [batch, out, length']`, with
 * a weight `[in, out / groups, k]`.
 */
export class ConvTranspose1d extends Transposed<ConvTranspose1dOptions> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTranspose1dOptions = {},
  ) {
    const form = { kinds: nd.convTranspose1dOptions, kernel: ofSequences };
    super(inChannels, outChannels, kernelSize, options, form);
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
    const kernel = { kind: args.whole(1), axes: 2 } as const;
    const kinds = { stride: args.whole(1) };
    super(inChannels, outChannels, kernelSize, options, { kinds, kernel, layout: "NHWC" });
  }

  forward(x: Tensor): Tensor {
    if (x.ndim !== 4 || x.shape[1] !== this.inChannels) {
      const expected = `[batch,${this.inChannels},height,width]`;
      throw new ShapeError("Conv", `expected ${expected}, got ${showShape(x.shape)}`);
    }
    const { stride = 1 } = this.options;
    const padding = Math.floor(this.kernelSize[0]! / 2);
    const options = { stride, padding, layout: "NHWC", bias: this.bias ?? undefined } as const;
    return x.permute([0, 2, 3, 1]).conv2d(this.weight, options).permute([0, 3, 1, 2]);
  }
}
