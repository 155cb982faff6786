/** Activations: elementwise functions as modules, any shape. */
import { full, rand, type Tensor, where } from "@needle/autograd";
import {
  ArgumentError,
  args,
  type DrawOptions,
  type GeluOptions,
  geluOptions,
  ShapeError,
  type SoftplusOptions,
  showShape,
  softplusOptions,
} from "@needle/ndarray";
import { Parameter } from "../parameter.ts";
import { placement, placementKinds } from "../placement.ts";
import { Configured, showSettings } from "../settings.ts";
import { TensorModule } from "../tensor-module.ts";

/** An activation whose fields are its settings, and so what is printed. */
abstract class Tunable extends TensorModule {
  override describe(): string {
    return showSettings(this);
  }
}

/** `max(x, 0)` */
export class ReLU extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.relu();
  }
}

/** `min(max(x, 0), 6)` */
export class ReLU6 extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.relu6();
  }
}

/** `tanh(x)` */
export class Tanh extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/** `1 / (1 + e^-x)` */
export class Sigmoid extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

/** The logarithm of `sigmoid(x)`. */
export class LogSigmoid extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.logSigmoid();
  }
}

/** `x * sigmoid(x)`, also known as swish. */
export class SiLU extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.silu();
  }
}

/** `x * tanh(softplus(x))` */
export class Mish extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.mish();
  }
}

/** SELU with its two constants, for self-normalizing networks. */
export class SELU extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.selu();
  }
}

/** `x / (1 + |x|)` */
export class Softsign extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.softsign();
  }
}

/** A straight line from 0 to 1 in place of the sigmoid. */
export class Hardsigmoid extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.hardsigmoid();
  }
}

/** `x * hardsigmoid(x)` */
export class Hardswish extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.hardswish();
  }
}

/** `x - tanh(x)` */
export class Tanhshrink extends TensorModule {
  forward(x: Tensor): Tensor {
    return x.tanhshrink();
  }
}

/**
 * `x` times the normal distribution's probability of less than `x`, or with
 * `{ approximate: "tanh" }` nearly that.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { GELU } from "@needle/nn";
 * new GELU().forward(tensor([0, 1])); // => [0.        0.8413448]
 */
export class GELU extends Configured<GeluOptions> {
  protected static override readonly optionKinds: args.Kinds<GeluOptions> = geluOptions;

  forward(x: Tensor): Tensor {
    return x.gelu(this.options);
  }
}

/** `log(1 + e^(beta x)) / beta` */
export class Softplus extends Configured<SoftplusOptions> {
  protected static override readonly optionKinds: args.Kinds<SoftplusOptions> = softplusOptions;

  forward(x: Tensor): Tensor {
    return x.softplus(this.options);
  }
}

/** `x` above 0, `slope * x` below. */
export class LeakyReLU extends Tunable {
  readonly slope: number;

  constructor(slope = 0.01) {
    super();
    args.check(new.target.name, "slope", slope, args.number);
    this.slope = slope;
  }

  forward(x: Tensor): Tensor {
    return x.leakyRelu(this.slope);
  }
}

/** An activation that goes down to `-alpha`. */
abstract class Exponential extends Tunable {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    args.check(new.target.name, "alpha", alpha, args.number);
    this.alpha = alpha;
  }
}

/** `x` above 0, `alpha * (e^x - 1)` below. */
export class ELU extends Exponential {
  forward(x: Tensor): Tensor {
    return x.elu(this.alpha);
  }
}

/** `x` above 0, `alpha * (e^(x / alpha) - 1)` below. */
export class CELU extends Exponential {
  forward(x: Tensor): Tensor {
    return x.celu(this.alpha);
  }
}

/** `x` brought into `[min, max]`. */
export class Hardtanh extends Tunable {
  readonly min: number;
  readonly max: number;

  constructor(min = -1, max = 1) {
    super();
    args.checkEach(new.target.name, { min, max }, args.number);
    if (!(min < max)) {
      throw new ArgumentError(new.target.name, `min must be below max, got ${min} and ${max}`);
    }
    this.min = min;
    this.max = max;
  }

  forward(x: Tensor): Tensor {
    return x.hardtanh(this.min, this.max);
  }
}

/** An activation that is 0 within `lambda` of 0. */
abstract class Shrink extends Tunable {
  readonly lambda: number;

  constructor(lambda = 0.5) {
    super();
    args.check(new.target.name, "lambda", lambda, args.number);
    this.lambda = lambda;
  }
}

/** 0 within `lambda` of 0, `x` elsewhere. */
export class Hardshrink extends Shrink {
  forward(x: Tensor): Tensor {
    return x.hardshrink(this.lambda);
  }
}

/** `x` pulled towards 0 by `lambda`. */
export class Softshrink extends Shrink {
  constructor(lambda = 0.5) {
    super(lambda);
    args.check(new.target.name, "lambda", lambda, args.between(0, Infinity));
  }

  forward(x: Tensor): Tensor {
    return x.softshrink(this.lambda);
  }
}

/** `x` above `limit`, `value` elsewhere. */
export class Threshold extends Tunable {
  readonly limit: number;
  readonly value: number;

  constructor(limit: number, value: number) {
    super();
    args.checkEach(new.target.name, { limit, value }, args.number);
    this.limit = limit;
    this.value = value;
  }

  forward(x: Tensor): Tensor {
    return x.threshold(this.limit, this.value);
  }
}

/**
 * `x` above 0, `weight * x` below, with a weight that is learned: one, or one for each channel
 * (axis 1).
 *
 * He et al., Delving deep into rectifiers (2015).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { PReLU } from "@needle/nn";
 * new PReLU().forward(tensor([-4, 2])); // => [-1.  2.]
 */
export class PReLU extends TensorModule {
  readonly weight: Parameter;

  constructor(channels = 1, options: DrawOptions & { readonly initial?: number } = {}) {
    super();
    args.check(new.target.name, "channels", channels, args.whole(1));
    args.checkOptions(new.target.name, options, { ...placementKinds, initial: args.number });
    this.weight = new Parameter(full([channels], options.initial ?? 0.25, placement(options)));
  }

  override describe(): string {
    return `${this.weight.size}`;
  }

  forward(x: Tensor): Tensor {
    const channels = this.weight.size;
    if (channels > 1 && x.shape[1] !== channels) {
      throw new ShapeError("PReLU", `expected [batch,${channels},…], got ${showShape(x.shape)}`);
    }
    const along = channels === 1 ? [1] : [channels, ...x.shape.slice(2).map(() => 1)];
    return where(x.gt(0), x, x.mul(this.weight.reshape(along)));
  }
}

/**
 * `x` above 0, a random part of `x` below: in training a factor from `lower` to `upper` for each
 * element, in evaluation their mean.
 *
 * Xu et al., Empirical evaluation of rectified activations (2015).
 *
 * @throws ArgumentError when `lower` is above `upper`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { RReLU } from "@needle/nn";
 * new RReLU(0.1, 0.3).eval().forward(tensor([-10, 2])); // => [-2.  2.]
 */
export class RReLU extends Tunable {
  readonly lower: number;
  readonly upper: number;

  constructor(lower: number = 1 / 8, upper: number = 1 / 3) {
    super();
    args.checkEach(new.target.name, { lower, upper }, args.number);
    if (!(lower <= upper)) {
      throw new ArgumentError("RReLU", `lower must be at most upper, got ${lower} and ${upper}`);
    }
    this.lower = lower;
    this.upper = upper;
  }

  forward(x: Tensor): Tensor {
    const { training, lower, upper } = this;
    if (!training) return x.leakyRelu((lower + upper) / 2);
    const dtype = x.dtype === "float64" ? "float64" : "float32";
    const slopes = rand(x.shape, { dtype, backend: x.backend, low: lower, high: upper });
    return where(x.gt(0), x, x.mul(slopes));
  }
}
