/** Stochastic gradient descent. */
import type { Tensor } from "@needle/autograd";
import { type NDArray, zerosLike } from "@needle/ndarray";
import { atLeastZero, fraction, Optimizer } from "./optimizer.ts";

/** Options of SGD. */
export interface SGDOptions {
  /** The learning rate. Default 0.01. */
  readonly lr?: number;
  /** How much of the last direction stays in the next. Default 0. */
  readonly momentum?: number;
  /** Times the parameter, added to its gradient. Default 0. */
  readonly weightDecay?: number;
}

type SGDState = { readonly velocity?: NDArray };

/**
 * `u = momentum * u + (1 - momentum) * (gradient + weightDecay * w)`, then `w = w - lr * u`; u
 * starts at 0 (CMU 10-714 hw2; PyTorch leaves out the factor `1 - momentum`).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { SGD } from "@needle/optim";
 * const w = tensor(3, { requiresGrad: true });
 * const optimizer = new SGD([w], { lr: 0.1 });
 * w.square().backward();
 * optimizer.step();
 * w; // => 2.4
 */
export class SGD extends Optimizer<SGDState & Record<string, NDArray>> {
  readonly momentum: number;
  readonly weightDecay: number;

  constructor(parameters: Iterable<Tensor>, options: SGDOptions = {}) {
    const { lr = 0.01, momentum = 0, weightDecay = 0 } = options;
    super(parameters, lr);
    this.momentum = fraction("SGD", "momentum", momentum);
    this.weightDecay = atLeastZero("SGD", "weightDecay", weightDecay);
  }

  protected init(value: NDArray): Record<string, NDArray> {
    return this.momentum === 0 ? {} : { velocity: zerosLike(value) };
  }

  protected update(value: NDArray, gradient: NDArray, { velocity }: SGDState): void {
    const { backend, storage } = value;
    if (backend.sgdStep !== undefined) {
      backend.sgdStep(value.view("SGD"), gradient.view("SGD"), velocity?.view("SGD") ?? null, this);
      storage.version += 1;
      return;
    }
    const g = this.weightDecay === 0 ? gradient : gradient.add(value.mul(this.weightDecay));
    velocity?.assign(velocity.mul(this.momentum).add(g.mul(1 - this.momentum)));
    value.assign(value.sub((velocity ?? g).mul(this.lr)));
  }
}
