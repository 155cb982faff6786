/** Layers that normalize each sample over its last axes, and what all normalization layers share. */
import { ones, type Tensor, zeros } from "@needle/autograd";
import {
  args,
  type DrawOptions,
  type Shape,
  ShapeError,
  sameShape,
  showShape,
} from "@needle/ndarray";
import { Parameter } from "../parameter.ts";
import { placement, placementKinds } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";

/** Options of normalization layers. */
export interface NormOptions extends DrawOptions {
  /** Added to the variance, against division by 0. Default 1e-5. */
  readonly eps?: number;
}

/** What the options of normalization layers must be. */
export const normKinds: args.Kinds<NormOptions> = { ...placementKinds, eps: args.atLeast(0) };

/** One size, or those of several axes. */
const shapeKind = args.oneOrMore(args.whole(0));

/** Throws for an input of another shape than is expected. */
export function refuse(op: string, x: Tensor, expected: string): never {
  throw new ShapeError(op, `expected ${expected}, got ${showShape(x.shape)}`);
}

/** A weight that changes nothing yet. */
export function onesOf(shape: Shape, options: DrawOptions): Parameter {
  return new Parameter(ones(shape, placement(options)));
}

/** A bias that changes nothing yet. */
export function zerosOf(shape: Shape, options: DrawOptions): Parameter {
  return new Parameter(zeros(shape, placement(options)));
}

/** Options of LayerNorm. */
export interface LayerNormOptions extends NormOptions {
  /** Whether there are a weight and a bias. Default true. */
  readonly affine?: boolean;
  /** Whether there is a bias beside the weight. Default true. */
  readonly bias?: boolean;
}

/**
 * The last axes, whose sizes are given, normalized together, then scaled and shifted element by
 * element: `[…, ...shape]` to the same.
 *
 * Ba, Kiros and Hinton, Layer normalization (2016).
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { LayerNorm } from "@needle/nn";
 * const norm = new LayerNorm([3, 4]);
 * norm.forward(ones([2, 3, 4])).shape; // => [2,3,4]
 * norm.weight.shape; // => [3,4]
 */
export class LayerNorm extends TensorModule {
  readonly shape: readonly number[];
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  constructor(shape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    args.check(new.target.name, "shape", shape, shapeKind);
    args.checkOptions(new.target.name, options, {
      ...normKinds,
      affine: args.flag,
      bias: args.flag,
    });
    const { affine = true, bias = true } = options;
    this.shape = typeof shape === "number" ? [shape] : shape;
    this.eps = options.eps ?? 1e-5;
    this.weight = affine ? onesOf(this.shape, options) : null;
    this.bias = affine && bias ? zerosOf(this.shape, options) : null;
  }

  override describe(): string {
    return `[${this.shape}], eps=${this.eps}`;
  }

  forward(x: Tensor): Tensor {
    const { shape, eps, weight, bias } = this;
    if (!sameShape(x.shape.slice(-shape.length), shape)) {
      refuse("LayerNorm", x, `[…,${shape.join(",")}]`);
    }
    return x.layerNorm(shape, { eps, weight, bias });
  }
}

/**
 * `x / sqrt(mean(x^2) + eps)` over the last axes, whose sizes are given, then scaled: `[…, ...shape]`
 * to the same.
 *
 * Zhang and Sennrich, Root mean square layer normalization (2019).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { RMSNorm } from "@needle/nn";
 * new RMSNorm(2, { eps: 0 }).forward(tensor([[7, 1], [-5, 5]])); // => [[ 1.4  0.2]
 *    //     [-1.   1. ]]
 */
export class RMSNorm extends TensorModule {
  readonly shape: readonly number[];
  readonly eps: number | undefined;
  readonly weight: Parameter;

  /** @param options.eps - default the spacing of numbers at 1 in the dtype of the input. */
  constructor(shape: number | readonly number[], options: NormOptions = {}) {
    super();
    args.check(new.target.name, "shape", shape, shapeKind);
    args.checkOptions(new.target.name, options, normKinds);
    this.shape = typeof shape === "number" ? [shape] : shape;
    this.eps = options.eps;
    this.weight = onesOf(this.shape, options);
  }

  override describe(): string {
    return `[${this.shape}]${this.eps === undefined ? "" : `, eps=${this.eps}`}`;
  }

  forward(x: Tensor): Tensor {
    const { shape, eps, weight } = this;
    if (!sameShape(x.shape.slice(-shape.length), shape)) {
      refuse("RMSNorm", x, `[…,${shape.join(",")}]`);
    }
    return x.rmsNorm(shape, { eps, weight });
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
export class LayerNorm1d extends TensorModule {
  readonly dim: number;
  readonly eps: number;
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(dim: number, options: NormOptions = {}) {
    super();
    args.check(new.target.name, "dim", dim, args.whole(0));
    args.checkOptions(new.target.name, options, normKinds);
    this.dim = dim;
    this.eps = options.eps ?? 1e-5;
    this.weight = onesOf([dim], options);
    this.bias = zerosOf([dim], options);
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
