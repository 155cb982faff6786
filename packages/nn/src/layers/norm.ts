/** Normalization layers. */
import { ones, type Tensor, zeros } from "@needle/autograd";
import { type DrawOptions, ShapeError, showShape } from "@needle/ndarray";
import { Module } from "../module.ts";
import { Buffer, Parameter } from "../parameter.ts";

/** Options of normalization layers. */
export interface NormOptions extends DrawOptions {
  /** Added to the variance, against division by 0. Default 1e-5. */
  readonly eps?: number;
}

/** Options of BatchNorm1d. */
export interface BatchNormOptions extends NormOptions {
  /** The weight of a new batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
}

function refuse(op: string, x: Tensor, expected: string): never {
  throw new ShapeError(op, `expected ${expected}, got ${showShape(x.shape)}`);
}

/**
 * Each feature normalized over the batch, then scaled and shifted: `[batch, dim] -> [batch, dim]`.
 * In training with the batch's own mean and biased variance, which also update `runningMean` and
 * `runningVar`: `(1 - momentum) * old + momentum * new`; in evaluation with those.
 *
 * Ioffe and Szegedy, Batch normalization (2015); CMU 10-714 hw2. PyTorch keeps the unbiased
 * variance in `running_var`.
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
export class BatchNorm1d extends Module {
  readonly dim: number;
  readonly eps: number;
  readonly momentum: number;
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly runningMean: Buffer;
  readonly runningVar: Buffer;

  constructor(dim: number, options: BatchNormOptions = {}) {
    super();
    const { eps = 1e-5, momentum = 0.1 } = options;
    this.dim = dim;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = new Parameter(ones([dim], options));
    this.bias = new Parameter(zeros([dim], options));
    this.runningMean = new Buffer(zeros([dim], options));
    this.runningVar = new Buffer(ones([dim], options));
  }

  override describe(): string {
    return `${this.dim}, eps=${this.eps}, momentum=${this.momentum}`;
  }

  forward(x: Tensor): Tensor {
    if (x.ndim !== 2 || x.shape[1] !== this.dim) refuse("BatchNorm1d", x, `[batch,${this.dim}]`);
    const { training, eps, momentum, weight, bias } = this;
    if (training && x.shape[0] === 0) refuse("BatchNorm1d", x, "at least one row in training");
    const options = { training, eps, momentum, weight, bias };
    return x.batchNorm(this.runningMean, this.runningVar, options);
  }
}

/**
 * Each vector of features normalized by itself, then scaled and shifted: `[…, dim] -> […, dim]`,
 * with the biased variance.
 *
 * Ba, Kiros and Hinton, Layer normalization (2016); CMU 10-714 hw2.
 *
 * @throws ShapeError unless the last axis has `dim` features.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { LayerNorm1d } from "@needle/nn";
 * const x = tensor([[1, 2, 3], [100, 200, 300]]);
 * new LayerNorm1d(3).forward(x).mul(10).round(); // => [[-12.   0.  12.] [-12.   0.  12.]]
 */
export class LayerNorm1d extends Module {
  readonly dim: number;
  readonly eps: number;
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(dim: number, options: NormOptions = {}) {
    super();
    this.dim = dim;
    this.eps = options.eps ?? 1e-5;
    this.weight = new Parameter(ones([dim], options));
    this.bias = new Parameter(zeros([dim], options));
  }

  override describe(): string {
    return `${this.dim}, eps=${this.eps}`;
  }

  forward(x: Tensor): Tensor {
    if (x.shape.at(-1) !== this.dim) refuse("LayerNorm1d", x, `[…,${this.dim}]`);
    const { dim, eps, weight, bias } = this;
    return x.layerNorm(dim, { eps, weight, bias });
  }
}
