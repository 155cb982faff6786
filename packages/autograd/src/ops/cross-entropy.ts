/** Softmax followed by cross-entropy with integer labels, row by row. */
import * as nd from "@needle/ndarray";
import { composite } from "../composite.ts";
import { checkTensors } from "../op.ts";
import { Tensor } from "../tensor.ts";

const crossEntropyOf = composite<[labels: Tensor]>("softmaxCrossEntropy", {
  compose: ([x], labels) => x!.logSoftmax(-1).gather(-1, labels.unsqueeze(-1)).squeeze(-1).neg(),
  forward: ([x], labels) => nd.softmaxCrossEntropy(x!, labels.value),
  vjp: (_i, g, _y, [x], labels) =>
    new Tensor(nd.softmaxCrossEntropyGradient(g.value, x!.value, labels.value)),
});

/**
 * `log(sum(exp(x))) - x[label]` for each row of the last axis: `[…, classes]` and integer labels
 * `[…]` to losses `[…]`. Stable for scores of any size. It keeps no probabilities between its
 * forward and its backward pass.
 *
 * @throws ShapeError unless there is a label for each row; DTypeError unless labels are integers;
 *   IndexError for a label outside the classes (negative ones are).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[0, 0], [1000, 0]], { requiresGrad: true });
 * const losses = x.softmaxCrossEntropy(tensor([1, 0], { dtype: "int32" }));
 * losses; // => [0.6931472 0.       ]
 * losses.sum().backward();
 * x.grad; // => [[ 0.5 -0.5] [ 0.   0. ]]
 */
export function softmaxCrossEntropy(x: Tensor, labels: Tensor): Tensor {
  checkTensors("softmaxCrossEntropy", [x, labels]);
  return crossEntropyOf([x], labels);
}
