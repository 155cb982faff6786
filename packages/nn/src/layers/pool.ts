/** Pooling layers and resizing, which have no parameters. Options are those of the ops. */
import { type InterpolateOptions, opOptions, type Tensor } from "@needle/autograd";
import {
  ArgumentError,
  type AvgPoolOptions,
  adaptivePoolOptions,
  args,
  avgPool1dOptions,
  avgPoolOptions,
  type Layout,
  type MaxPoolOptions,
  maxPool1dOptions,
  maxPoolOptions,
  type Pair,
  pairKind,
} from "@needle/ndarray";
import { Configured, showSettings } from "../settings.ts";

/** A layer of an op with a size and options. */
abstract class Pool<Size, Options extends object> extends Configured<Options> {
  protected static readonly sizeKind: args.Kind = pairKind(1);
  readonly size: Size;

  constructor(size: Size, options?: Options) {
    super(options);
    args.check(new.target.name, "the size", size, new.target.sizeKind);
    this.size = size;
  }

  override describe(): string {
    return showSettings({ size: this.size, ...this.options });
  }
}

/**
 * The largest element of each window: `[batch, channels, h, w] -> [batch, channels, h', w']`. The
 * stride is the kernel's size unless given.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { MaxPool2d } from "@needle/nn";
 * new MaxPool2d(2).forward(zeros([1, 3, 28, 28])).shape; // => [1,3,14,14]
 */
export class MaxPool2d extends Pool<Pair, MaxPoolOptions> {
  protected static override readonly optionKinds: args.Kinds<MaxPoolOptions> = maxPoolOptions;

  forward(x: Tensor): Tensor {
    return x.maxPool2d(this.size, this.options);
  }
}

/** The largest element of each window: `[batch, channels, length]`. */
export class MaxPool1d extends Pool<number, MaxPoolOptions<number>> {
  protected static override readonly optionKinds: args.Kinds<MaxPoolOptions<number>> =
    maxPool1dOptions;
  protected static override readonly sizeKind: args.Kind = args.whole(1);

  forward(x: Tensor): Tensor {
    return x.maxPool1d(this.size, this.options);
  }
}

/** The mean of each window: `[batch, channels, h, w] -> [batch, channels, h', w']`. */
export class AvgPool2d extends Pool<Pair, AvgPoolOptions> {
  protected static override readonly optionKinds: args.Kinds<AvgPoolOptions> = avgPoolOptions;

  forward(x: Tensor): Tensor {
    return x.avgPool2d(this.size, this.options);
  }
}

/** The mean of each window: `[batch, channels, length]`. */
export class AvgPool1d extends Pool<number, AvgPoolOptions<number>> {
  protected static override readonly optionKinds: args.Kinds<AvgPoolOptions<number>> =
    avgPool1dOptions;
  protected static override readonly sizeKind: args.Kind = args.whole(1);

  forward(x: Tensor): Tensor {
    return x.avgPool1d(this.size, this.options);
  }
}

/** Where the channels are. */
interface AdaptiveOptions {
  /** Default `"NCHW"`. */
  readonly layout?: Layout;
}

/**
 * Means of windows laid out so that the result has the size given, whatever the image's:
 * `[batch, channels, h, w] -> [batch, channels, ...size]`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { AdaptiveAvgPool2d } from "@needle/nn";
 * new AdaptiveAvgPool2d(1).forward(zeros([8, 64, 7, 5])).shape; // => [8,64,1,1]
 */
export class AdaptiveAvgPool2d extends Pool<Pair, AdaptiveOptions> {
  protected static override readonly optionKinds: args.Kinds<AdaptiveOptions> = adaptivePoolOptions;

  forward(x: Tensor): Tensor {
    return x.adaptiveAvgPool2d(this.size, this.options);
  }
}

/** Means of windows laid out so that the result has the length given. */
export class AdaptiveAvgPool1d extends Pool<number, AdaptiveOptions> {
  protected static override readonly optionKinds: args.Kinds<AdaptiveOptions> = adaptivePoolOptions;
  protected static override readonly sizeKind: args.Kind = args.whole(1);

  forward(x: Tensor): Tensor {
    return x.adaptiveAvgPool1d(this.size, this.options);
  }
}

/** The largest elements of windows laid out so that the result has the size given. */
export class AdaptiveMaxPool2d extends Pool<Pair, AdaptiveOptions> {
  protected static override readonly optionKinds: args.Kinds<AdaptiveOptions> = adaptivePoolOptions;

  forward(x: Tensor): Tensor {
    return x.adaptiveMaxPool2d(this.size, this.options);
  }
}

/** The largest elements of windows laid out so that the result has the length given. */
export class AdaptiveMaxPool1d extends Pool<number, AdaptiveOptions> {
  protected static override readonly optionKinds: args.Kinds<AdaptiveOptions> = adaptivePoolOptions;
  protected static override readonly sizeKind: args.Kind = args.whole(1);

  forward(x: Tensor): Tensor {
    return x.adaptiveMaxPool1d(this.size, this.options);
  }
}

/**
 * Resized along all axes after the channels, by `interpolate`.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Upsample } from "@needle/nn";
 * const layer = new Upsample({ scaleFactor: 2, mode: "bilinear" });
 * layer.forward(zeros([1, 3, 7, 7])).shape; // => [1,3,14,14]
 */
export class Upsample extends Configured<InterpolateOptions> {
  protected static override readonly optionKinds: args.Kinds<InterpolateOptions> =
    opOptions.interpolateOptions;

  constructor(options: InterpolateOptions) {
    super(options);
    if ((options?.size === undefined) === (options?.scaleFactor === undefined)) {
      throw new ArgumentError(new.target.name, "takes one of size and scaleFactor");
    }
  }

  forward(x: Tensor): Tensor {
    return x.interpolate(this.options!);
  }
}
