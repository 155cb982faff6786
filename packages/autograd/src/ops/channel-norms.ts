/** Normalization within a sample: over groups of channels, over places, over the last axes. */
import * as nd from "@needle/ndarray";
import { checkTensors, tensorKind } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, pow, rsqrt, square } from "./elementwise.ts";
import { normalize } from "./normalize.ts";
import { mean } from "./reduce.ts";
import { reshape, slice, unslice } from "./views.ts";

/** Options of the normalizations of channels. */
export interface ChannelNormOptions {
  /** A factor for each channel, `[channels]`. */
  readonly weight?: Tensor | null;
  /** Added to each channel, `[channels]`. */
  readonly bias?: Tensor | null;
  /** Added to the variance, against division by 0. Default 1e-5. */
  readonly eps?: number;
}

const channelNormOptions: nd.args.Kinds<ChannelNormOptions> = {
  weight: nd.args.orNull(tensorKind),
  bias: nd.args.orNull(tensorKind),
  eps: nd.args.number,
};

/**
 * Each sample's channels in groups of equal size, each group normalized by its own mean and biased
 * variance, then each channel scaled and shifted: `[batch, channels, …]` keeps its shape. Wu and
 * He, Group normalization (2018).
 *
 * @throws ShapeError for less than two axes, and unless the number of groups divides that of
 * channels.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[[1, 3], [20, 20], [10, 30], [20, 20]]]);
 * x.groupNorm(4).round(); // => [[[-1.  1.] [ 0.  0.] [-1.  1.] [ 0.  0.]]]
 */
export function groupNorm(x: Tensor, groups: number, options: ChannelNormOptions = {}): Tensor {
  checkTensors("groupNorm", [x]);
  nd.args.checkOptions("groupNorm", options, channelNormOptions);
  const op = "groupNorm";
  if (x.ndim < 2) {
    throw new nd.ShapeError(op, `expected [batch,channels,…], got ${nd.showShape(x.shape)}`);
  }
  const [batch, channels] = x.shape as readonly [number, number];
  nd.args.check(op, "groups", groups, nd.args.whole(1));
  if (channels % groups !== 0) {
    const problem = `${channels} channels do not divide into ${groups} groups`;
    throw new nd.ShapeError(op, problem);
  }
  const { weight = null, bias = null, eps = 1e-5 } = options;
  checkParameter(op, "weight", weight, [channels]);
  checkParameter(op, "bias", bias, [channels]);
  return nd.scope(
    () => {
      const size = nd.sizeOf(x.shape.slice(1)) / groups;
      const normal = normalize(reshape(x, [batch, groups, size]), -1, { eps });
      const scaled =
        weight === null
          ? reshape(normal, x.shape)
          : mul(reshape(normal, x.shape), ofChannels(weight, x));
      return bias === null ? scaled : add(scaled, ofChannels(bias, x));
    },
    { label: op },
  );
}

/**
 * Each channel of each sample normalized over its places by its own mean and biased variance, then
 * scaled and shifted: `[batch, channels, …]` keeps its shape. Ulyanov et al., Instance
 * normalization (2016).
 *
 * @throws ShapeError for less than three axes, and where a channel has one place only.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[[1, 3], [10, 30]]]).instanceNorm().round(); // => [[[-1.  1.] [-1.  1.]]]
 */
export function instanceNorm(x: Tensor, options: ChannelNormOptions = {}): Tensor {
  checkTensors("instanceNorm", [x]);
  nd.args.checkOptions("instanceNorm", options, channelNormOptions);
  const op = "instanceNorm";
  const got = nd.showShape(x.shape);
  if (x.ndim < 3) throw new nd.ShapeError(op, `expected [batch,channels,…], got ${got}`);
  const channels = x.shape[1]!;
  const places = nd.sizeOf(x.shape.slice(2));
  if (places === 1) throw new nd.ShapeError(op, `needs more than one place a channel, got ${got}`);
  const { weight = null, bias = null, eps = 1e-5 } = options;
  checkParameter(op, "weight", weight, [channels]);
  checkParameter(op, "bias", bias, [channels]);
  return nd.scope(
    () => {
      const axes = x.shape.map((_, axis) => axis).slice(2);
      return normalize(x, axes, {
        eps,
        weight: weight && ofChannels(weight, x),
        bias: bias && ofChannels(bias, x),
      });
    },
    { label: op },
  );
}

/** Options of `rmsNorm`. */
export interface RMSNormOptions {
  /** Factors, of the shape that is normalized. */
  readonly weight?: Tensor | null;
  /** Added to the mean square. Default the spacing of numbers at 1 in the dtype of `x`. */
  readonly eps?: number;
}

const rmsNormOptions: nd.args.Kinds<RMSNormOptions> = {
  weight: nd.args.orNull(tensorKind),
  eps: nd.args.number,
};

/**
 * `x / sqrt(mean(x^2) + eps)` over the last axes, whose sizes are given as one number or several,
 * then scaled. Zhang and Sennrich, Root mean square layer normalization (2019).
 *
 * @throws ShapeError unless the last sizes of `x` are those given.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[1, 7], [-5, -5]]).rmsNorm(2); // => [[ 0.2  1.4]
 *    //     [-1.  -1. ]]
 */
export function rmsNorm(
  x: Tensor,
  sizes: number | readonly number[],
  options: RMSNormOptions = {},
): Tensor {
  checkTensors("rmsNorm", [x]);
  nd.args.checkOptions("rmsNorm", options, rmsNormOptions);
  const op = "rmsNorm";
  nd.args.check(op, "sizes", sizes, nd.args.oneOrMore(nd.args.whole(0)));
  const shape = typeof sizes === "number" ? [sizes] : sizes;
  const lead = x.ndim - shape.length;
  if (shape.length === 0 || lead < 0 || !nd.sameShape(x.shape.slice(lead), shape)) {
    const expected = `[…,${shape.join(",")}]`;
    throw new nd.ShapeError(op, `expected ${expected}, got ${nd.showShape(x.shape)}`);
  }
  const { weight = null, eps = x.dtype === "float64" ? Number.EPSILON : 2 ** -23 } = options;
  checkParameter(op, "weight", weight, shape);
  return nd.scope(
    () => {
      const axes = shape.map((_, i) => lead + i);
      const scale = rsqrt(add(mean(square(x), axes, { keepdims: true }), eps));
      const normal = mul(x, scale);
      return weight === null ? normal : mul(normal, weight);
    },
    { label: op },
  );
}

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

const localResponseNormOptions: nd.args.Kinds<LocalResponseNormOptions> = {
  alpha: nd.args.number,
  beta: nd.args.number,
  k: nd.args.number,
};

/**
 * Each channel divided by `(k + alpha mean)^beta`, with the mean of the squares of `size`
 * neighbouring channels, those past the ends counting as 0: `[batch, channels, …]` keeps its shape.
 * Krizhevsky et al., ImageNet classification (2012).
 *
 * @throws ShapeError for less than two axes; ArgumentError unless `size` is a whole number from 1.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[2, 0, 0]]).localResponseNorm(1, { alpha: 1, beta: 1, k: 0 }).slice(0, 0); // => 0.5
 */
export function localResponseNorm(
  x: Tensor,
  size: number,
  options: LocalResponseNormOptions = {},
): Tensor {
  checkTensors("localResponseNorm", [x]);
  nd.args.checkOptions("localResponseNorm", options, localResponseNormOptions);
  const op = "localResponseNorm";
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (x.ndim < 2) {
    throw new nd.ShapeError(op, `expected [batch,channels,…], got ${nd.showShape(x.shape)}`);
  }
  nd.args.check(op, "size", size, nd.args.whole(1));
  const [batch, channels, ...places] = x.shape as readonly [number, number, ...number[]];
  return nd.scope(
    () => {
      const before = Math.floor(size / 2);
      const shape = [batch, channels + size - 1, ...places];
      const padded = unslice(square(x), shape, ":", [before, before + channels]);
      const shifted = Array.from({ length: size }, (_, i) => slice(padded, ":", [i, i + channels]));
      const total = shifted.reduce((a, b) => add(a, b));
      return div(x, pow(add(mul(total, alpha / size), k), beta));
    },
    { label: op },
  );
}

/** A number for each channel, axis 1 of `x`, shaped to stretch over the others. */
function ofChannels(parameter: Tensor, x: Tensor): Tensor {
  return reshape(parameter, [-1, ...x.shape.slice(2).map(() => 1)]);
}

function checkParameter(op: string, name: string, parameter: Tensor | null, shape: nd.Shape): void {
  if (parameter === null || nd.sameShape(parameter.shape, shape)) return;
  const got = nd.showShape(parameter.shape);
  throw new nd.ShapeError(op, `expected a ${name} ${nd.showShape(shape)}, got ${got}`);
}
