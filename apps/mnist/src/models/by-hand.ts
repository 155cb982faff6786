/** The by-hand models as learners. Tensors come in and go out; what is between is arrays. */
import { Tensor } from "@needle/autograd";
import { zeros } from "@needle/ndarray";
import { initialWeights, nnScores, nnStep } from "../by-hand/mlp.ts";
import { softmaxRegressionStep } from "../by-hand/softmax.ts";
import { classes, type Learner, type ModelSettings, pixels } from "./model.ts";

/** Softmax regression from zeros. */
export function softmaxByHand({ lr }: ModelSettings): Learner {
  const theta = zeros([pixels, classes]);
  return {
    step: (images, labels) =>
      new Tensor(softmaxRegressionStep(images.value, labels.value, theta, lr)),
    scores: (images) => new Tensor(images.value.matmul(theta)),
    weights: () => theta,
    state: () => ({ theta }),
  };
}

/** Two layers without biases, from `initialWeights`. */
export function mlpByHand({ hidden, lr }: ModelSettings): Learner {
  const [W1, W2] = initialWeights(pixels, hidden, classes);
  return {
    step: (images, labels) => new Tensor(nnStep(images.value, labels.value, W1, W2, lr)),
    scores: (images) => new Tensor(nnScores(images.value, W1, W2)),
    weights: () => W1,
    state: () => ({ W1, W2 }),
  };
}
