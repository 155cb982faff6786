/** Layers that move elements between channels and pixels, without parameters. */
import type { Tensor } from "@needle/autograd";
import { args, pairKind, ShapeError, showShape } from "@needle/ndarray";
import { Configured, showSettings } from "../settings.ts";
import { TensorModule } from "../tensor-module.ts";

/** A layer that makes images larger or smaller by a whole factor. */
abstract class Rescaled extends TensorModule {
  readonly factor: number;

  constructor(factor: number) {
    super();
    args.check(new.target.name, "factor", factor, args.whole(1));
    this.factor = factor;
  }

  override describe(): string {
    return showSettings(this);
  }
}

/**
 * Larger images of fewer channels: `[…, channels * factor^2, h, w] -> […, channels, h * factor,
 * w * factor]`.
 *
 * Shi et al., Real-time single image and video super-resolution (2016).
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { PixelShuffle } from "@needle/nn";
 * new PixelShuffle(2).forward(zeros([1, 8, 3, 3])).shape; // => [1,2,6,6]
 */
export class PixelShuffle extends Rescaled {
  forward(x: Tensor): Tensor {
    return x.pixelShuffle(this.factor);
  }
}

/** The opposite of PixelShuffle. */
export class PixelUnshuffle extends Rescaled {
  forward(x: Tensor): Tensor {
    return x.pixelUnshuffle(this.factor);
  }
}

/**
 * The channels in another order: the first of each of `groups` groups, then the second of each, and
 * so on. `[batch, channels, …]` keeps its shape.
 *
 * Zhang et al., ShuffleNet (2017).
 *
 * @throws ShapeError unless the channels can be divided among the groups.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ChannelShuffle } from "@needle/nn";
 * new ChannelShuffle(2).forward(tensor([[1, 2, 3, 4]])); // => [[1. 3. 2. 4.]]
 */
export class ChannelShuffle extends TensorModule {
  readonly groups: number;

  constructor(groups: number) {
    super();
    args.check(new.target.name, "groups", groups, args.whole(1));
    this.groups = groups;
  }

  override describe(): string {
    return showSettings(this);
  }

  forward(x: Tensor): Tensor {
    const [batch, channels, ...places] = x.shape;
    if (channels === undefined || channels % this.groups !== 0) {
      const expected = `[batch,channels,…] with a multiple of ${this.groups} channels`;
      throw new ShapeError("ChannelShuffle", `expected ${expected}, got ${showShape(x.shape)}`);
    }
    const grouped = [batch!, this.groups, channels / this.groups, ...places];
    return x.reshape(grouped).swapaxes(1, 2).reshape(x.shape);
  }
}

/** Two numbers, for rows and columns, or one for both. */
type Both = number | readonly [number, number];

const both = (x: Both): readonly [number, number] => (typeof x === "number" ? [x, x] : x);

/** Options of Unfold and Fold. */
export interface WindowLayerOptions {
  /** How far apart the pixels of a window are. Default 1. */
  readonly dilation?: Both;
  /** Zeros on each side of the images. Default 0. */
  readonly padding?: Both;
  /** How far apart windows are. Default 1. */
  readonly stride?: Both;
}

/** How windows lie along an axis. */
interface Along {
  readonly size: number;
  readonly step: number;
  readonly dilation: number;
  readonly padding: number;
}

/** A layer between images and the windows of them. */
abstract class Windows extends Configured<WindowLayerOptions> {
  protected static override readonly optionKinds: args.Kinds<WindowLayerOptions> = {
    dilation: pairKind(1),
    padding: pairKind(0),
    stride: pairKind(1),
  };
  readonly kernelSize: readonly [number, number];

  constructor(kernelSize: Both, options?: WindowLayerOptions) {
    super(options);
    args.check(new.target.name, "kernelSize", kernelSize, pairKind(1));
    this.kernelSize = both(kernelSize);
  }

  override describe(): string {
    return showSettings({ kernelSize: this.kernelSize, ...this.options });
  }

  /** How windows lie along rows and columns. */
  protected get along(): readonly [rows: Along, columns: Along] {
    const { dilation = 1, padding = 0, stride = 1 } = this.options ?? {};
    const of = (i: 0 | 1): Along => ({
      size: this.kernelSize[i],
      step: both(stride)[i],
      dilation: both(dilation)[i],
      padding: both(padding)[i],
    });
    return [of(0), of(1)];
  }
}

/**
 * The windows that a convolution would slide over, each as a column of numbers: `[batch, channels,
 * h, w] -> [batch, channels * kernel height * kernel width, windows]`.
 *
 * @throws ShapeError unless the input has four axes and windows fit.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Unfold } from "@needle/nn";
 * new Unfold(3, { padding: 1 }).forward(zeros([2, 4, 5, 6])).shape; // => [2,36,30]
 */
export class Unfold extends Windows {
  forward(x: Tensor): Tensor {
    if (x.ndim !== 4) {
      const got = showShape(x.shape);
      throw new ShapeError("Unfold", `expected [batch,channels,h,w], got ${got}`);
    }
    const [rows, columns] = this.along;
    const around: [number, number][] = [rows, columns].map(({ padding }) => [padding, padding]);
    const windows = x
      .pad([[0, 0], [0, 0], ...around])
      .unfold(2, rows.size, rows.step, { dilation: rows.dilation })
      .unfold(3, columns.size, columns.step, { dilation: columns.dilation });
    const [batch, channels, high, wide, ...kernel] = windows.shape as readonly number[];
    const column = channels! * kernel[0]! * kernel[1]!;
    return windows.permute([0, 1, 4, 5, 2, 3]).reshape([batch!, column, high! * wide!]);
  }
}

/**
 * The transpose of Unfold: windows added up at their places in images of `outputSize`: `[batch,
 * channels * kernel height * kernel width, windows] -> [batch, channels, ...outputSize]`.
 *
 * @throws ShapeError unless the input has these axes.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { Fold } from "@needle/nn";
 * new Fold([1, 4], [1, 2]).forward(ones([1, 2, 3])); // => [[[[1. 2. 2. 1.]]]]
 */
export class Fold extends Windows {
  readonly outputSize: readonly [number, number];

  constructor(outputSize: Both, kernelSize: Both, options?: WindowLayerOptions) {
    super(kernelSize, options);
    args.check(new.target.name, "outputSize", outputSize, pairKind(1));
    this.outputSize = both(outputSize);
  }

  override describe(): string {
    return `outputSize=[${this.outputSize}], ${super.describe()}`;
  }

  forward(x: Tensor): Tensor {
    const along = this.along;
    const kernel = along[0].size * along[1].size;
    const padded = along.map(({ padding }, i) => this.outputSize[i]! + 2 * padding);
    const counts = along.map(({ size, step, dilation }, i) =>
      Math.max(0, Math.floor((padded[i]! - dilation * (size - 1) - 1) / step) + 1),
    );
    const windows = counts[0]! * counts[1]!;
    if (x.ndim !== 3 || x.shape[1]! % kernel !== 0 || x.shape[2] !== windows) {
      const expected = `[batch,channels*${kernel},${windows}]`;
      throw new ShapeError("Fold", `expected ${expected}, got ${showShape(x.shape)}`);
    }
    const [rows, columns] = along;
    const channels = x.shape[1]! / kernel;
    return x
      .reshape([x.shape[0]!, channels, rows.size, columns.size, counts[0]!, counts[1]!])
      .permute([0, 1, 4, 5, 2, 3])
      .fold(3, padded[1]!, columns.step, { dilation: columns.dilation })
      .fold(2, padded[0]!, rows.step, { dilation: rows.dilation })
      .slice(
        [],
        [],
        [rows.padding, padded[0]! - rows.padding],
        [columns.padding, padded[1]! - columns.padding],
      );
  }
}
