/**
 * Losses as modules, for models that hold their loss as a part. Each calls the function of the same
 * name with the options it was made with.
 */
import type {
  BinaryCrossEntropyWithLogitsOptions,
  CrossEntropyOptions,
  GaussianNllOptions,
  HuberOptions,
  KlDivOptions,
  LossOptions,
  MarginOptions,
  MultiLabelSoftMarginOptions,
  MultiMarginOptions,
  NllOptions,
  PoissonNllOptions,
  SmoothL1Options,
  Tensor,
  TripletMarginOptions,
  WeightedLossOptions,
} from "@needle/autograd";
import * as ag from "@needle/autograd";
import { opOptions } from "@needle/autograd";
import type { args } from "@needle/ndarray";
import { Configured } from "./settings.ts";

/** A function of predictions and targets. */
abstract class Loss<
  Options extends object,
  Inputs extends readonly Tensor[] = [x: Tensor, target: Tensor],
> extends Configured<Options, Inputs> {
  static override readonly tensorInputs: readonly string[] = ["x", "target"];
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
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  static override readonly tensorInputs: readonly string[] = ["scores", "target"];
  protected static override readonly optionKinds: args.Kinds<CrossEntropyOptions> =
    opOptions.crossEntropyOptions;

  forward(scores: Tensor, target: Tensor): Tensor {
    return ag.crossEntropy(scores, target, this.options);
  }
}

/** The course's name of CrossEntropyLoss. */
export class SoftmaxLoss extends CrossEntropyLoss {}

/** `nllLoss(logs, labels)` */
export class NLLLoss extends Loss<NllOptions> {
  static override readonly tensorInputs: readonly string[] = ["logs", "labels"];
  protected static override readonly optionKinds: args.Kinds<NllOptions> = opOptions.nllOptions;

  forward(logs: Tensor, labels: Tensor): Tensor {
    return ag.nllLoss(logs, labels, this.options);
  }
}

/** `mseLoss(x, target)` */
export class MSELoss extends Loss<LossOptions> {
  protected static override readonly optionKinds: args.Kinds<LossOptions> = opOptions.lossOptions;

  forward(x: Tensor, target: Tensor): Tensor {
    return ag.mseLoss(x, target, this.options);
  }
}

/** `l1Loss(x, target)` */
export class L1Loss extends Loss<LossOptions> {
  protected static override readonly optionKinds: args.Kinds<LossOptions> = opOptions.lossOptions;

  forward(x: Tensor, target: Tensor): Tensor {
    return ag.l1Loss(x, target, this.options);
  }
}

/** `smoothL1Loss(x, target)` */
export class SmoothL1Loss extends Loss<SmoothL1Options> {
  protected static override readonly optionKinds: args.Kinds<SmoothL1Options> =
    opOptions.smoothL1Options;

  forward(x: Tensor, target: Tensor): Tensor {
    return ag.smoothL1Loss(x, target, this.options);
  }
}

/** `huberLoss(x, target)` */
export class HuberLoss extends Loss<HuberOptions> {
  protected static override readonly optionKinds: args.Kinds<HuberOptions> = opOptions.huberOptions;

  forward(x: Tensor, target: Tensor): Tensor {
    return ag.huberLoss(x, target, this.options);
  }
}

/** `poissonNllLoss(x, target)` */
export class PoissonNLLLoss extends Loss<PoissonNllOptions> {
  protected static override readonly optionKinds: args.Kinds<PoissonNllOptions> =
    opOptions.poissonNllOptions;

  forward(x: Tensor, target: Tensor): Tensor {
    return ag.poissonNllLoss(x, target, this.options);
  }
}

/**
 * `gaussianNllLoss(x, target, variance)`
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { GaussianNLLLoss } from "@needle/nn";
 * const [x, target, variance] = [tensor([1, 2]), tensor([1, 4]), tensor([1, 1])];
 * new GaussianNLLLoss().forward(x, target, variance); // => 1.0
 */
export class GaussianNLLLoss extends Loss<
  GaussianNllOptions,
  [x: Tensor, target: Tensor, variance: Tensor]
> {
  static override readonly tensorInputs: readonly string[] = ["x", "target", "variance"];
  protected static override readonly optionKinds: args.Kinds<GaussianNllOptions> =
    opOptions.gaussianNllOptions;

  forward(x: Tensor, target: Tensor, variance: Tensor): Tensor {
    return ag.gaussianNllLoss(x, target, variance, this.options);
  }
}

/** `binaryCrossEntropy(probabilities, target)` */
export class BCELoss extends Loss<WeightedLossOptions> {
  static override readonly tensorInputs: readonly string[] = ["probabilities", "target"];
  protected static override readonly optionKinds: args.Kinds<WeightedLossOptions> =
    opOptions.weightedLossOptions;

  forward(probabilities: Tensor, target: Tensor): Tensor {
    return ag.binaryCrossEntropy(probabilities, target, this.options);
  }
}

/** `binaryCrossEntropyWithLogits(logits, target)` */
export class BCEWithLogitsLoss extends Loss<BinaryCrossEntropyWithLogitsOptions> {
  static override readonly tensorInputs: readonly string[] = ["logits", "target"];
  protected static override readonly optionKinds: args.Kinds<BinaryCrossEntropyWithLogitsOptions> =
    opOptions.binaryCrossEntropyWithLogitsOptions;

  forward(logits: Tensor, target: Tensor): Tensor {
    return ag.binaryCrossEntropyWithLogits(logits, target, this.options);
  }
}

/** `klDiv(logs, target)` */
export class KLDivLoss extends Loss<KlDivOptions> {
  static override readonly tensorInputs: readonly string[] = ["logs", "target"];
  protected static override readonly optionKinds: args.Kinds<KlDivOptions> = opOptions.klDivOptions;

  forward(logs: Tensor, target: Tensor): Tensor {
    return ag.klDiv(logs, target, this.options);
  }
}

/** `hingeLoss(x, target)` */
export class HingeLoss extends Loss<MarginOptions> {
  protected static override readonly optionKinds: args.Kinds<MarginOptions> =
    opOptions.marginOptions;

  forward(x: Tensor, target: Tensor): Tensor {
    return ag.hingeLoss(x, target, this.options);
  }
}

/** `softMarginLoss(x, target)` */
export class SoftMarginLoss extends Loss<LossOptions> {
  protected static override readonly optionKinds: args.Kinds<LossOptions> = opOptions.lossOptions;

  forward(x: Tensor, target: Tensor): Tensor {
    return ag.softMarginLoss(x, target, this.options);
  }
}

/** `hingeEmbeddingLoss(distances, target)` */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  static override readonly tensorInputs: readonly string[] = ["distances", "target"];
  protected static override readonly optionKinds: args.Kinds<MarginOptions> =
    opOptions.marginOptions;

  forward(distances: Tensor, target: Tensor): Tensor {
    return ag.hingeEmbeddingLoss(distances, target, this.options);
  }
}

/** `multiMarginLoss(scores, labels)` */
export class MultiMarginLoss extends Loss<MultiMarginOptions> {
  static override readonly tensorInputs: readonly string[] = ["scores", "labels"];
  protected static override readonly optionKinds: args.Kinds<MultiMarginOptions> =
    opOptions.multiMarginOptions;

  forward(scores: Tensor, labels: Tensor): Tensor {
    return ag.multiMarginLoss(scores, labels, this.options);
  }
}

/** `multiLabelMarginLoss(scores, labels)` */
export class MultiLabelMarginLoss extends Loss<LossOptions> {
  static override readonly tensorInputs: readonly string[] = ["scores", "labels"];
  protected static override readonly optionKinds: args.Kinds<LossOptions> = opOptions.lossOptions;

  forward(scores: Tensor, labels: Tensor): Tensor {
    return ag.multiLabelMarginLoss(scores, labels, this.options);
  }
}

/**
 * `multiLabelSoftMarginLoss(scores, target)`
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { MultiLabelSoftMarginLoss } from "@needle/nn";
 * new MultiLabelSoftMarginLoss().forward(tensor([[0, 0]]), tensor([[1, 0]])); // => 0.6931472
 */
export class MultiLabelSoftMarginLoss extends Loss<MultiLabelSoftMarginOptions> {
  static override readonly tensorInputs: readonly string[] = ["scores", "target"];
  protected static override readonly optionKinds: args.Kinds<MultiLabelSoftMarginOptions> =
    opOptions.multiLabelSoftMarginOptions;

  forward(scores: Tensor, target: Tensor): Tensor {
    return ag.multiLabelSoftMarginLoss(scores, target, this.options);
  }
}

/** `marginRankingLoss(a, b, target)` */
export class MarginRankingLoss extends Loss<MarginOptions, [a: Tensor, b: Tensor, target: Tensor]> {
  static override readonly tensorInputs: readonly string[] = ["a", "b", "target"];
  protected static override readonly optionKinds: args.Kinds<MarginOptions> =
    opOptions.marginOptions;

  forward(a: Tensor, b: Tensor, target: Tensor): Tensor {
    return ag.marginRankingLoss(a, b, target, this.options);
  }
}

/**
 * `cosineEmbeddingLoss(a, b, target)`
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { CosineEmbeddingLoss } from "@needle/nn";
 * const [a, b] = [tensor([[1, 0]]), tensor([[0, 2]])];
 * new CosineEmbeddingLoss().forward(a, b, tensor([1])); // => 1.0
 */
export class CosineEmbeddingLoss extends Loss<
  MarginOptions,
  [a: Tensor, b: Tensor, target: Tensor]
> {
  static override readonly tensorInputs: readonly string[] = ["a", "b", "target"];
  protected static override readonly optionKinds: args.Kinds<MarginOptions> =
    opOptions.marginOptions;

  forward(a: Tensor, b: Tensor, target: Tensor): Tensor {
    return ag.cosineEmbeddingLoss(a, b, target, this.options);
  }
}

/**
 * `tripletMarginLoss(anchor, positive, negative)`
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { TripletMarginLoss } from "@needle/nn";
 * const loss = new TripletMarginLoss({ margin: 0.5, eps: 0 });
 * loss.forward(tensor([[0, 0]]), tensor([[0, 2]]), tensor([[1.5, 0]])); // => 1.0
 */
export class TripletMarginLoss extends Loss<
  TripletMarginOptions,
  [anchor: Tensor, positive: Tensor, negative: Tensor]
> {
  static override readonly tensorInputs: readonly string[] = ["anchor", "positive", "negative"];
  protected static override readonly optionKinds: args.Kinds<TripletMarginOptions> =
    opOptions.tripletMarginOptions;

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return ag.tripletMarginLoss(anchor, positive, negative, this.options);
  }
}
