/** The fully connected layer. */
import { rand, type Tensor, zeros } from "@needle/autograd";
import { args, type DrawOptions, type Shape, ShapeError, showShape, sizeOf } from "@needle/ndarray";
import { kaimingUniform } from "../init.ts";
import { Parameter } from "../parameter.ts";
import { placement, placementKinds } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";

/** Options of Linear. */
export interface LinearOptions extends DrawOptions {
  /** Whether to add a bias. Default true. */
  readonly bias?: boolean;
}

const linearKinds: args.Kinds<LinearOptions> = { ...placementKinds, bias: args.flag };

/**
 * `x W + b`: `[…, in] -> […, out]`, with W `[in, out]` and b `[out]`, both drawn from Kaiming's
 * uniform distribution, W first (with fan in, b with fan out; CMU 10-714 hw2).
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Linear } from "@needle/nn";
 * new Linear(784, 10).forward(zeros([32, 784])).shape; // => [32,10]
 */
export class Linear extends TensorModule {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    args.checkEach(new.target.name, { inFeatures, outFeatures }, args.whole(0));
    const { bias = true } = args.checkOptions(new.target.name, options, linearKinds);
    this.weight = new Parameter(initialWeight(inFeatures, outFeatures, options));
    this.bias = bias ? new Parameter(initialBias(outFeatures, options)) : null;
  }

  get inFeatures(): number {
    return this.weight.shape[0]!;
  }

  get outFeatures(): number {
    return this.weight.shape[1]!;
  }

  override multiplyAdds(_inputs: readonly Shape[], [output]: readonly Shape[]): number {
    return sizeOf(output!) * this.inFeatures;
  }

  override describe(): string {
    const { inFeatures, outFeatures } = this;
    return `inFeatures=${inFeatures}, outFeatures=${outFeatures}, bias=${this.bias !== null}`;
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

/** Kaiming's bound is infinite without inputs; there is nothing to draw then. */
function initialWeight(inFeatures: number, outFeatures: number, options: DrawOptions): Tensor {
  const where = placement(options);
  if (inFeatures === 0) return zeros([0, outFeatures], where);
  return kaimingUniform(inFeatures, outFeatures, where);
}

function initialBias(outFeatures: number, options: DrawOptions): Tensor {
  if (outFeatures === 0) return zeros([0], placement(options));
  return kaimingUniform(outFeatures, 1, { ...placement(options), shape: [outFeatures] });
}

/**
 * `y_k = a W_k b + bias_k`, linear in each of two inputs: `[…, first]` and `[…, second]` to
 * `[…, out]`, with W `[out, first, second]`; drawn uniformly within `1 / sqrt(first)` of 0.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { Bilinear } from "@needle/nn";
 * new Bilinear(3, 4, 2).forward(ones([5, 3]), ones([5, 4])).shape; // => [5,2]
 */
export class Bilinear extends TensorModule<[a: Tensor, b: Tensor]> {
  static override readonly tensorInputs: readonly string[] = ["a", "b"];
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(first: number, second: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    args.check(new.target.name, "first", first, args.whole(1));
    args.checkEach(new.target.name, { second, outFeatures }, args.whole(0));
    args.checkOptions(new.target.name, options, linearKinds);
    const bound = 1 / Math.sqrt(first);
    const draw = (shape: number[]): Parameter =>
      new Parameter(rand(shape, { ...placement(options), low: -bound, high: bound }));
    this.weight = draw([outFeatures, first, second]);
    this.bias = (options.bias ?? true) ? draw([outFeatures]) : null;
  }

  override multiplyAdds(_inputs: readonly Shape[], [output]: readonly Shape[]): number {
    const [, first, second] = this.weight.shape as [number, number, number];
    return sizeOf(output!) * (first + 1) * second;
  }

  override describe(): string {
    const [out, first, second] = this.weight.shape;
    return `first=${first}, second=${second}, outFeatures=${out}, bias=${this.bias !== null}`;
  }

  forward(a: Tensor, b: Tensor): Tensor {
    const [, first, second] = this.weight.shape as [number, number, number];
    if (a.shape.at(-1) !== first || b.shape.at(-1) !== second) {
      const got = `${showShape(a.shape)} and ${showShape(b.shape)}`;
      throw new ShapeError("Bilinear", `expected […,${first}] and […,${second}], got ${got}`);
    }
    // [..., 1, 1, first] x [out, first, second] -> [..., out, 1, second], times b and summed.
    const rows = a.unsqueeze(-2).unsqueeze(-2).matmul(this.weight).squeeze(-2);
    const product = rows.mul(b.unsqueeze(-2)).sum(-1);
    return this.bias === null ? product : product.add(this.bias);
  }
}
