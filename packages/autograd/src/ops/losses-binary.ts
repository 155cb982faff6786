/** The cross-entropy of one class: probabilities or scores against targets from 0 to 1. */
import * as nd from "@needle/ndarray";
import { checkTensors, elementwise } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { logSigmoid } from "./activations.ts";
import { add, div, log, maximum, mul, neg, sub } from "./elementwise.ts";
import { lossOfElements, type WeightedLossOptions, weighted } from "./loss-reduction.ts";
import { binaryCrossEntropyWithLogitsOptions, weightedLossOptions } from "./options.ts";

const leastLog = -100;
/** PyTorch's constant, which is single precision. */
const leastDivisor = Math.fround(1e-12);

/** -(t log p + (1 - t) log(1 - p)), logarithms at least -100 and the slope's divisor 1e-12. */
const bernoulliLoss = elementwise<[p: Tensor, target: Tensor]>(
  "binaryCrossEntropy",
  (p: nd.NDArray, t: nd.NDArray) => {
    const [ofOne, ofZero] = [nd.log(p), nd.log1p(nd.neg(p))].map((x) => nd.maximum(x, leastLog));
    return nd.neg(nd.add(nd.mul(t, ofOne!), nd.mul(nd.sub(1, t), ofZero!)));
  },
  [
    (g, _y, p, t) => mul(g, div(sub(p, t), maximum(mul(p, sub(1, p)), leastDivisor))),
    (g, _y, p) => mul(g, sub(maximum(log(sub(1, p)), leastLog), maximum(log(p), leastLog))),
  ],
  "inputs",
);

/**
 * The cross-entropy of probabilities of one class: `-(t log p + (1 - t) log(1 - p))`. Logarithms are
 * taken to be at least -100, so probabilities of 0 and 1 have finite losses, and the slope divides
 * by at least 1e-12, as in PyTorch. NaN for `p` outside [0, 1].
 *
 * `binaryCrossEntropyWithLogits` is more precise.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([0.5, 0]).binaryCrossEntropy(tensor([1, 1]), { reduction: "none" }); // => [  0.6931472 100.       ]
 */
export function binaryCrossEntropy(
  p: Tensor,
  target: Tensor,
  options: WeightedLossOptions = {},
): Tensor {
  checkTensors("binaryCrossEntropy", [p, target]);
  nd.args.checkOptions("binaryCrossEntropy", options, weightedLossOptions);
  const op = "binaryCrossEntropy";
  return lossOfElements(op, { input: p, target }, options, () =>
    weighted(op, bernoulliLoss(p, target), options.weight),
  );
}

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyWithLogitsOptions extends WeightedLossOptions {
  /** A factor of the losses of positive targets; broadcasts to their shape. */
  readonly posWeight?: Tensor;
}

/**
 * `binaryCrossEntropy(sigmoid(x), target)`, stable for `x` of any size.
 *
 * @throws ShapeError unless the shapes are equal.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const target = tensor([1, 1, 0]);
 * tensor([0, -1e4, -1e4]).binaryCrossEntropyWithLogits(target, { reduction: "none" }); // => [6.931472e-01 1.000000e+04 0.000000e+00]
 */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  checkTensors("binaryCrossEntropyWithLogits", [x, target]);
  nd.args.checkOptions(
    "binaryCrossEntropyWithLogits",
    options,
    binaryCrossEntropyWithLogitsOptions,
  );
  const op = "binaryCrossEntropyWithLogits";
  const { weight, posWeight } = options;
  return lossOfElements(op, { input: x, target }, options, () => {
    // (1 - t) x + (1 + (posWeight - 1) t) log(1 + e^-x)
    const ofPositive = neg(logSigmoid(x));
    const scaled =
      posWeight === undefined
        ? ofPositive
        : weighted(op, ofPositive, add(mul(sub(posWeight, 1), target), 1));
    return weighted(op, add(mul(sub(1, target), x), scaled), weight);
  });
}
