/** Layers that compare vectors. */
import {
  type CosineSimilarityOptions,
  opOptions,
  type PairwiseDistanceOptions,
  type Tensor,
} from "@needle/autograd";
import type { args } from "@needle/ndarray";
import { Configured } from "../settings.ts";

/**
 * The cosine of the angle between vectors along an axis, 1 unless given.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { CosineSimilarity } from "@needle/nn";
 * new CosineSimilarity().forward(tensor([[1, 0]]), tensor([[3, 4]])); // => [0.6]
 */
export class CosineSimilarity extends Configured<CosineSimilarityOptions, [a: Tensor, b: Tensor]> {
  static override readonly tensorInputs: readonly string[] = ["a", "b"];
  protected static override readonly optionKinds: args.Kinds<CosineSimilarityOptions> =
    opOptions.cosineSimilarityOptions;

  forward(a: Tensor, b: Tensor): Tensor {
    return a.cosineSimilarity(b, this.options);
  }
}

/**
 * The distance of vectors along the last axis, by the norm of the power `p`, 2 unless given.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { PairwiseDistance } from "@needle/nn";
 * const distance = new PairwiseDistance({ p: 1, eps: 0 });
 * distance.forward(tensor([[1, 0]]), tensor([[3, 4]])); // => [6.]
 */
export class PairwiseDistance extends Configured<PairwiseDistanceOptions, [a: Tensor, b: Tensor]> {
  static override readonly tensorInputs: readonly string[] = ["a", "b"];
  protected static override readonly optionKinds: args.Kinds<PairwiseDistanceOptions> =
    opOptions.pairwiseDistanceOptions;

  forward(a: Tensor, b: Tensor): Tensor {
    return a.pairwiseDistance(b, this.options);
  }
}
