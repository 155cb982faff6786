/** Layers that normalize channels: over the batch, in groups, or each by itself. */
import { ones, type Tensor, zeros } from "@needle/autograd";
import { ArgumentError, args } from "@needle/ndarray";
import { Buffer, type Parameter } from "../parameter.ts";
import { placement } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";
import { type NormOptions, normKinds, onesOf, refuse, zerosOf } from "./norm.ts";

/** Options of batch normalization. */
export interface BatchNormOptions extends NormOptions {
  /** The weight of a new batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Whether there are a weight and a bias. Default true. */
  readonly affine?: boolean;
  /** PyTorch's running variance: the unbiased one of each batch. Default false. */
  readonly unbiased?: boolean;
}

const batchNormKinds: args.Kinds<BatchNormOptions> = {
  ...normKinds,
  momentum: args.number,
  affine: args.flag,
  unbiased: args.flag,
};

/** What batch normalization of features, sequences and images share. */
abstract class BatchNorm extends TensorModule {
  readonly dim: number;
  readonly eps: number;
  readonly momentum: number;
  readonly unbiased: boolean;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Buffer;
  readonly runningVar: Buffer;

  constructor(dim: number, options: BatchNormOptions = {}) {
    super();
    args.check(new.target.name, "dim", dim, args.whole(0));
    args.checkOptions(new.target.name, options, batchNormKinds);
    const { eps = 1e-5, momentum = 0.1, affine = true, unbiased = false } = options;
    this.dim = dim;
    this.eps = eps;
    this.momentum = momentum;
    this.unbiased = unbiased;
    this.weight = affine ? onesOf([dim], options) : null;
    this.bias = affine ? zerosOf([dim], options) : null;
    this.runningMean = new Buffer(zeros([dim], placement(options)));
    this.runningVar = new Buffer(ones([dim], placement(options)));
  }

  override describe(): string {
    return `${this.dim}, eps=${this.eps}, momentum=${this.momentum}`;
  }

  /** Whether an input of this many axes is taken, and how that is written. */
  protected abstract readonly expected: readonly [ranks: readonly number[], shape: string];

  forward(x: Tensor): Tensor {
    const name = this.constructor.name;
    const [ranks, shape] = this.expected;
    if (!ranks.includes(x.ndim) || x.shape[1] !== this.dim) refuse(name, x, shape);
    const { training, eps, momentum, unbiased, weight, bias } = this;
    if (training && x.size === 0) refuse(name, x, "at least one row in training");
    const options = { training, eps, momentum, unbiased, weight, bias };
    return x.batchNorm(this.runningMean, this.runningVar, options);
  }
}

/**
 * Each feature normalized over the batch, then scaled and shifted: `[batch, dim] -> [batch, dim]`, or
 * each channel of sequences `[batch, dim, length]`. In training with the batch's own mean and biased
 * variance, which also update `runningMean` and `runningVar`: `(1 - momentum) * old + momentum *
 * new`; in evaluation with those.
 *
 * Ioffe and Szegedy, Batch normalization (2015); CMU 10-714 hw2. PyTorch keeps the unbiased
 * variance in `running_var`; so does `{ unbiased: true }`.
 *
 * @throws ShapeError for inputs of another shape, and in training for a batch without rows.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { BatchNorm1d } from "@needle/nn";
 * const norm = new BatchNorm1d(1);
 * norm.forward(tensor([[1], [3], [5]])).round(); // => [[-1.] [ 0.] [ 1.]]
 * norm.runningMean; // => [0.3]
 * norm.eval().forward(tensor([[0.3]])); // => [[0.]]
 */
export class BatchNorm1d extends BatchNorm {
  protected get expected(): readonly [readonly number[], string] {
    return [[2, 3], `[batch,${this.dim}]`];
  }
}

/**
 * Each channel normalized over the batch and its pixels, as BatchNorm1d: `[batch, dim, h, w]`.
 *
 * CMU 10-714 hw4.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { BatchNorm2d } from "@needle/nn";
 * new BatchNorm2d(3).forward(ones([2, 3, 4, 4])).abs().max(); // => 0.0
 */
export class BatchNorm2d extends BatchNorm {
  protected get expected(): readonly [readonly number[], string] {
    return [[4], `[batch,${this.dim},height,width]`];
  }
}

/** Options of GroupNorm and InstanceNorm. */
export interface ChannelNormOptions extends NormOptions {
  /** Whether there are a weight and a bias for each channel. */
  readonly affine?: boolean;
}

const channelNormKinds: args.Kinds<ChannelNormOptions> = { ...normKinds, affine: args.flag };

/**
 * The channels of each sample in groups, each group normalized by itself: `[batch, channels, …]`.
 *
 * Wu and He, Group normalization (2018).
 *
 * @param options.affine - default true.
 * @throws ArgumentError unless the channels can be cut into groups of one size.
 *
 * @example
 * import { randn } from "@needle/autograd";
 * import { GroupNorm } from "@needle/nn";
 * new GroupNorm(2, 6).forward(randn([4, 6, 5, 5])).shape; // => [4,6,5,5]
 */
export class GroupNorm extends TensorModule {
  readonly groups: number;
  readonly channels: number;
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  constructor(groups: number, channels: number, options: ChannelNormOptions = {}) {
    super();
    args.check(new.target.name, "groups", groups, args.whole(1));
    args.check(new.target.name, "channels", channels, args.whole(0));
    args.checkOptions(new.target.name, options, channelNormKinds);
    if (channels % groups !== 0) {
      const problem = `${channels} channels do not make ${groups} groups of one size`;
      throw new ArgumentError("GroupNorm", problem);
    }
    const { affine = true } = options;
    this.groups = groups;
    this.channels = channels;
    this.eps = options.eps ?? 1e-5;
    this.weight = affine ? onesOf([channels], options) : null;
    this.bias = affine ? zerosOf([channels], options) : null;
  }

  override describe(): string {
    return `${this.groups}, ${this.channels}, eps=${this.eps}`;
  }

  forward(x: Tensor): Tensor {
    const { groups, eps, weight, bias } = this;
    if (x.shape[1] !== this.channels) refuse("GroupNorm", x, `[batch,${this.channels},…]`);
    return x.groupNorm(groups, { eps, weight, bias });
  }
}

/**
 * Each channel of each sample normalized by itself: `[batch, channels, …]`, at least one axis after
 * the channels.
 *
 * Ulyanov, Vedaldi and Lempitsky, Instance normalization (2016).
 *
 * @param options.affine - default false, as in PyTorch.
 *
 * @example
 * import { randn } from "@needle/autograd";
 * import { InstanceNorm } from "@needle/nn";
 * new InstanceNorm(6).forward(randn([4, 6, 5, 5])).shape; // => [4,6,5,5]
 */
export class InstanceNorm extends TensorModule {
  readonly channels: number;
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  constructor(channels: number, options: ChannelNormOptions = {}) {
    super();
    args.check(new.target.name, "channels", channels, args.whole(0));
    args.checkOptions(new.target.name, options, channelNormKinds);
    const { affine = false } = options;
    this.channels = channels;
    this.eps = options.eps ?? 1e-5;
    this.weight = affine ? onesOf([channels], options) : null;
    this.bias = affine ? zerosOf([channels], options) : null;
  }

  override describe(): string {
    return `${this.channels}, eps=${this.eps}`;
  }

  forward(x: Tensor): Tensor {
    const { eps, weight, bias } = this;
    if (x.shape[1] !== this.channels) refuse("InstanceNorm", x, `[batch,${this.channels},…]`);
    return x.instanceNorm({ eps, weight, bias });
  }
}
