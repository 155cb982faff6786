/** Dropout. */
import { Tensor, zerosLike } from "@needle/autograd";
import { ArgumentError, randb } from "@needle/ndarray";
import { Module } from "../module.ts";

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
export class Dropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1))
      throw new ArgumentError("Dropout", `the probability must be from 0 to 1, got ${p}`);
    this.p = p;
  }

  override describe(): string {
    return `p=${this.p}`;
  }

  forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x;
    if (this.p === 1) return x.mul(zerosLike(x));
    const kept = randb(x.shape, 1 - this.p, { backend: x.backend });
    return x.mul(new Tensor(kept.astype(x.dtype).mul(1 / (1 - this.p))));
  }
}
