/** Dropout. */
import type { Tensor } from "@needle/autograd";
import { args } from "@needle/ndarray";
import { TensorModule } from "../tensor-module.ts";

/** What all of them have in common: the probability. */
abstract class DropoutOf extends TensorModule {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    args.check(new.target.name, "the probability", p, args.between(0, 1));
    this.p = p;
  }

  override describe(): string {
    return `p=${this.p}`;
  }
}

/**
 * In training, sets each element to 0 with probability `p` and scales the others by `1 / (1 - p)`;
 * the input itself in evaluation.
 *
 * An element stays where a uniform number from the default generator is at most `1 - p`. Srivastava
 * et al., Dropout (2014).
 *
 * @throws ArgumentError unless p is from 0 to 1.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { NumpyGenerator, setDefaultGenerator } from "@needle/ndarray";
 * import { Dropout } from "@needle/nn";
 * setDefaultGenerator(new NumpyGenerator(0));
 * const dropout = new Dropout(0.4);
 * dropout.forward(ones([5])).mul(0.6); // => [1. 0. 0. 1. 1.]
 * dropout.eval().forward(ones([5])); // => [1. 1. 1. 1. 1.]
 */
export class Dropout extends DropoutOf {
  forward(x: Tensor): Tensor {
    return x.dropout(this.p, { training: this.training });
  }
}

/** Drops whole channels of sequences, `[batch, channels, length]`, in training. */
export class Dropout1d extends DropoutOf {
  forward(x: Tensor): Tensor {
    return x.dropout1d(this.p, { training: this.training });
  }
}

/** Drops whole channels of images, `[batch, channels, height, width]`, in training. */
export class Dropout2d extends DropoutOf {
  forward(x: Tensor): Tensor {
    return x.dropout2d(this.p, { training: this.training });
  }
}

/**
 * Dropout that keeps mean and variance after SELU.
 *
 * Klambauer et al., Self-normalizing neural networks (2017).
 */
export class AlphaDropout extends DropoutOf {
  forward(x: Tensor): Tensor {
    return x.alphaDropout(this.p, { training: this.training });
  }
}
