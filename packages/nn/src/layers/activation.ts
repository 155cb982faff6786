/** Activations: elementwise functions as modules, any shape. */
import { full, type Tensor, where } from "@needle/autograd";
import {
  type DrawOptions,
  type GeluOptions,
  ShapeError,
  type SoftplusOptions,
  showShape,
} from "@needle/ndarray";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

/** `max(x, 0)` */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return x.relu();
  }
}

/** `min(max(x, 0), 6)` */
export class ReLU6 extends Module {
  forward(x: Tensor): Tensor {
    return x.relu6();
  }
}

/** `tanh(x)` */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/** `1 / (1 + e^-x)` */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

/** The logarithm of `sigmoid(x)`. */
export class LogSigmoid extends Module {
  forward(x: Tensor): Tensor {
    return x.logSigmoid();
  }
}

/** `x * sigmoid(x)`, also known as swish. */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    return x.silu();
  }
}

/** `x * tanh(softplus(x))` */
export class Mish extends Module {
  forward(x: Tensor): Tensor {
    return x.mish();
  }
}

/** SELU with its two constants, for self-normalizing networks. */
export class SELU extends Module {
  forward(x: Tensor): Tensor {
    return x.selu();
  }
}

/** `x / (1 + |x|)` */
export class Softsign extends Module {
  forward(x: Tensor): Tensor {
    return x.softsign();
  }
}

/** A straight line from 0 to 1 in place of the sigmoid. */
export class Hardsigmoid extends Module {
  forward(x: Tensor): Tensor {
    return x.hardsigmoid();
  }
}

/** `x * hardsigmoid(x)` */
export class Hardswish extends Module {
  forward(x: Tensor): Tensor {
    return x.hardswish();
  }
}

/** `x - tanh(x)` */
export class Tanhshrink extends Module {
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
export class GELU extends Module {
  readonly options: GeluOptions;

  constructor(options: GeluOptions = {}) {
    super();
    this.options = options;
  }

  forward(x: Tensor): Tensor {
    return x.gelu(this.options);
  }
}

/** `log(1 + e^(beta x)) / beta` */
export class Softplus extends Module {
  readonly options: SoftplusOptions;

  constructor(options: SoftplusOptions = {}) {
    super();
    this.options = options;
  }

  forward(x: Tensor): Tensor {
    return x.softplus(this.options);
  }
}

/** `x` above 0, `slope * x` below. */
export class LeakyReLU extends Module {
  readonly slope: number;

  constructor(slope = 0.01) {
    super();
    this.slope = slope;
  }

  override describe(): string {
    return `slope=${this.slope}`;
  }

  forward(x: Tensor): Tensor {
    return x.leakyRelu(this.slope);
  }
}

/** `x` above 0, `alpha * (e^x - 1)` below. */
export class ELU extends Module {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override describe(): string {
    return `alpha=${this.alpha}`;
  }

  forward(x: Tensor): Tensor {
    return x.elu(this.alpha);
  }
}

/** `x` above 0, `alpha * (e^(x / alpha) - 1)` below. */
export class CELU extends Module {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override describe(): string {
    return `alpha=${this.alpha}`;
  }

  forward(x: Tensor): Tensor {
    return x.celu(this.alpha);
  }
}

/** `x` brought into `[min, max]`. */
export class Hardtanh extends Module {
  readonly min: number;
  readonly max: number;

  constructor(min = -1, max = 1) {
    super();
    this.min = min;
    this.max = max;
  }

  override describe(): string {
    return `min=${this.min}, max=${this.max}`;
  }

  forward(x: Tensor): Tensor {
    return x.hardtanh(this.min, this.max);
  }
}

/** 0 within `lambda` of 0, `x` elsewhere. */
export class Hardshrink extends Module {
  readonly lambda: number;

  constructor(lambda = 0.5) {
    super();
    this.lambda = lambda;
  }

  override describe(): string {
    return `lambda=${this.lambda}`;
  }

  forward(x: Tensor): Tensor {
    return x.hardshrink(this.lambda);
  }
}

/** `x` pulled towards 0 by `lambda`. */
export class Softshrink extends Module {
  readonly lambda: number;

  constructor(lambda = 0.5) {
    super();
    this.lambda = lambda;
  }

  override describe(): string {
    return `lambda=${this.lambda}`;
  }

  forward(x: Tensor): Tensor {
    return x.softshrink(this.lambda);
  }
}

/** `x` above `limit`, `value` elsewhere. */
export class Threshold extends Module {
  readonly limit: number;
  readonly value: number;

  constructor(limit: number, value: number) {
    super();
    this.limit = limit;
    this.value = value;
  }

  override describe(): string {
    return `limit=${this.limit}, value=${this.value}`;
  }

  forward(x: Tensor): Tensor {
    return x.threshold(this.limit, this.value);
  }
}

/** Probabilities along one axis, the last unless given. */
export class Softmax extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  override describe(): string {
    return `axis=${this.axis}`;
  }

  forward(x: Tensor): Tensor {
    return x.softmax(this.axis);
  }
}

/** The logarithms of probabilities along one axis, the last unless given. */
export class LogSoftmax extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  override describe(): string {
    return `axis=${this.axis}`;
  }

  forward(x: Tensor): Tensor {
    return x.logSoftmax(this.axis);
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
export class PReLU extends Module {
  readonly weight: Parameter;

  constructor(channels = 1, options: DrawOptions & { readonly initial?: number } = {}) {
    super();
    this.weight = new Parameter(full([channels], options.initial ?? 0.25, options));
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
