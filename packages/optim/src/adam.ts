/** Adam. */
import type { Tensor } from "@needle/autograd";
import { type NDArray, type View, zerosLike } from "@needle/ndarray";
import { atLeastZero, fraction, Optimizer } from "./optimizer.ts";

/** Options of Adam. */
export interface AdamOptions {
  /** The learning rate. Default 0.001. */
  readonly lr?: number;
  /** How much of the running mean of gradients stays. Default 0.9. */
  readonly beta1?: number;
  /** How much of the running mean of squared gradients stays. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root, against division by 0. Default 1e-8. */
  readonly eps?: number;
  /** Times the parameter, added to its gradient (L2, not AdamW's decay). Default 0. */
  readonly weightDecay?: number;
}

type AdamState = { readonly mean: NDArray; readonly square: NDArray };

/**
 * With `g = gradient + weightDecay * w`, at step t:
 *
 * - `m = beta1 * m + (1 - beta1) * g`
 * - `v = beta2 * v + (1 - beta2) * g^2`
 * - `w = w - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`
 *
 * Kingma and Ba, Adam: a method for stochastic optimization (2015); CMU 10-714 hw2.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Adam } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new Adam([w], { lr: 0.1 });
 * w.square().backward();
 * optimizer.step();
 * w; // => 2.9
 */
export class Adam extends Optimizer<AdamState> {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;

  constructor(parameters: Iterable<Tensor>, options: AdamOptions = {}) {
    const { lr = 0.001, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0 } = options;
    super(parameters, lr);
    this.beta1 = fraction("Adam", "beta1", beta1);
    this.beta2 = fraction("Adam", "beta2", beta2);
    this.eps = atLeastZero("Adam", "eps", eps);
    this.weightDecay = atLeastZero("Adam", "weightDecay", weightDecay);
  }

  protected init(value: NDArray): AdamState {
    return { mean: zerosLike(value), square: zerosLike(value) };
  }

  protected update(value: NDArray, gradient: NDArray, { mean, square }: AdamState): void {
    const { beta1, beta2, steps } = this;
    const { backend, storage } = value;
    if (backend.adamStep !== undefined) {
      const views = [value, gradient, mean, square].map((x) => x.view("Adam"));
      backend.adamStep(...(views as [View, View, View, View]), this);
      storage.version += 1;
      return;
    }
    const g = this.weightDecay === 0 ? gradient : gradient.add(value.mul(this.weightDecay));
    mean.assign(mean.mul(beta1).add(g.mul(1 - beta1)));
    square.assign(square.mul(beta2).add(g.square().mul(1 - beta2)));
    const direction = mean.div(1 - beta1 ** steps);
    const size = square.div(1 - beta2 ** steps).sqrt();
    value.assign(value.sub(direction.div(size.add(this.eps)).mul(this.lr)));
  }
}
