/**
 * Losses as modules, for models that hold their loss as a part. Each calls the function of the same
 * name with the options it was made with.
 */

import type { Tensor } from "@needle/autograd";
import * as ag from "@needle/autograd";
import { Module } from "./module.ts";

/** What all of them are: a function of predictions and targets, and its options. */
abstract class Loss<Options> extends Module<[x: Tensor, target: Tensor]> {
  readonly options: Options | undefined;

  constructor(options?: Options) {
    super();
    this.options = options;
  }

  override describe(): string {
    const settings = Object.entries(this.options ?? {});
    return settings.map(([name, value]) => `${name}=${String(value)}`).join(", ");
  }
}

/**
 * `crossEntropy(scores, target)`; the course's SoftmaxLoss.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { CrossEntropyLoss } from "@needle/nn";
 * const loss = new CrossEntropyLoss({ labelSmoothing: 0.1 });
 * loss.forward(tensor([[0, 0]]), tensor([1], { dtype: "int32" })); // => 0.6931472
 */
export class CrossEntropyLoss extends Loss<Parameters<typeof ag.crossEntropy>[2]> {
  forward(scores: Tensor, target: Tensor): Tensor {
    return ag.crossEntropy(scores, target, this.options);
  }
}

/** The course's name of CrossEntropyLoss. */
export class SoftmaxLoss extends CrossEntropyLoss {}

/** `nllLoss(logs, labels)` */
export class NLLLoss extends Loss<Parameters<typeof ag.nllLoss>[2]> {
  forward(logs: Tensor, labels: Tensor): Tensor {
    return ag.nllLoss(logs, labels, this.options);
  }
}

/** `mseLoss(x, target)` */
export class MSELoss extends Loss<Parameters<typeof ag.mseLoss>[2]> {
  forward(x: Tensor, target: Tensor): Tensor {
    return ag.mseLoss(x, target, this.options);
  }
}

/** `l1Loss(x, target)` */
export class L1Loss extends Loss<Parameters<typeof ag.l1Loss>[2]> {
  forward(x: Tensor, target: Tensor): Tensor {
    return ag.l1Loss(x, target, this.options);
  }
}

/** `smoothL1Loss(x, target)` */
export class SmoothL1Loss extends Loss<Parameters<typeof ag.smoothL1Loss>[2]> {
  forward(x: Tensor, target: Tensor): Tensor {
    return ag.smoothL1Loss(x, target, this.options);
  }
}

/** `huberLoss(x, target)` */
export class HuberLoss extends Loss<Parameters<typeof ag.huberLoss>[2]> {
  forward(x: Tensor, target: Tensor): Tensor {
    return ag.huberLoss(x, target, this.options);
  }
}

/** `binaryCrossEntropy(probabilities, target)` */
export class BCELoss extends Loss<Parameters<typeof ag.binaryCrossEntropy>[2]> {
  forward(probabilities: Tensor, target: Tensor): Tensor {
    return ag.binaryCrossEntropy(probabilities, target, this.options);
  }
}

/** `binaryCrossEntropyWithLogits(logits, target)` */
export class BCEWithLogitsLoss extends Loss<Parameters<typeof ag.binaryCrossEntropyWithLogits>[2]> {
  forward(logits: Tensor, target: Tensor): Tensor {
    return ag.binaryCrossEntropyWithLogits(logits, target, this.options);
  }
}

/** `klDiv(logs, target)` */
export class KLDivLoss extends Loss<Parameters<typeof ag.klDiv>[2]> {
  forward(logs: Tensor, target: Tensor): Tensor {
    return ag.klDiv(logs, target, this.options);
  }
}

/** `hingeLoss(x, target)` */
export class HingeLoss extends Loss<Parameters<typeof ag.hingeLoss>[2]> {
  forward(x: Tensor, target: Tensor): Tensor {
    return ag.hingeLoss(x, target, this.options);
  }
}
