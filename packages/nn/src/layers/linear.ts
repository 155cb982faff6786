/** The fully connected layer. */
import { type Tensor, zeros } from "@needle/autograd";
import { type DrawOptions, ShapeError, showShape } from "@needle/ndarray";
import { kaimingUniform } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

/** Options of Linear. */
export interface LinearOptions extends DrawOptions {
  /** Whether to add a bias. Default true. */
  readonly bias?: boolean;
}

/**
 * `x W + b`: `[…, in] -> […, out]`, with W `[in, out]` and b `[out]`, both drawn from Kaiming's
 * uniform distribution, W first (with fan in, b with fan out; CMU 10-714 hw2).
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Linear } from "@needle/nn";
 * new Linear(784, 10).forward(zeros([32, 784])).shape; // => [32,10]
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    const { bias = true } = options;
    this.weight = new Parameter(kaimingUniform(inFeatures, outFeatures, options));
    this.bias = bias ? new Parameter(initialBias(outFeatures, options)) : null;
  }

  get inFeatures(): number {
    return this.weight.shape[0]!;
  }

  get outFeatures(): number {
    return this.weight.shape[1]!;
  }

  forward(x: Tensor): Tensor {
    if (x.ndim === 0 || x.shape.at(-1) !== this.inFeatures) {
      throw new ShapeError(
        "Linear",
        `expected […,${this.inFeatures}], got ${showShape(x.shape)}`,
        "The last axis of the input holds the features; flatten() joins axes.",
      );
    }
    return x.affine(this.weight, this.bias);
  }
}

function initialBias(outFeatures: number, options: DrawOptions): Tensor {
  if (outFeatures === 0) return zeros([0], options);
  return kaimingUniform(outFeatures, 1, { ...options, shape: [outFeatures] });
}
