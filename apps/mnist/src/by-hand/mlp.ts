/**
 * A network of two layers by hand: arrays only, no automatic differentiation, no biases. The
 * gradient is the chain rule walked backwards, one line a formula (CMU 10-714, lecture 3 and hw0).
 */
import { type NDArray, oneHot, randn, scope } from "@needle/ndarray";
import { type EpochOptions, softmaxLoss } from "./softmax.ts";

/**
 * The weights the network starts from: `W1 [inputs, hidden]` normal with standard deviation
 * `1 / sqrt(hidden)` and `W2 [hidden, classes]` with `1 / sqrt(classes)`, drawn from the default
 * generator in this order.
 */
export function initialWeights(
  inputs: number,
  hidden: number,
  classes: number,
): [W1: NDArray, W2: NDArray] {
  return scope(() => [
    randn([inputs, hidden]).div(Math.sqrt(hidden)),
    randn([hidden, classes]).div(Math.sqrt(classes)),
  ]);
}

/** The network's scores: `relu(X W1) W2`, `[m, n] -> [m, classes]`. */
export function nnScores(X: NDArray, W1: NDArray, W2: NDArray): NDArray {
  return scope(() => X.matmul(W1).relu().matmul(W2));
}

/**
 * One step of gradient descent on one batch. Changes `W1` and `W2` in place and gives the loss they
 * had before.
 *
 * Forward, keeping what the way back needs:
 *
 *     Z1 = relu(X W1)                        [m, hidden]
 *     h  = Z1 W2                             [m, classes]
 *
 * Backward, where G2 and G1 are m times the derivatives of the loss by the inputs of softmax and of
 * relu:
 *
 *     G2 = softmax(h) - onehot(y)            [m, classes]
 *     G1 = 1{Z1 > 0} * (G2 W2^T)             [m, hidden]      (* elementwise)
 *
 *     d loss / d W1 = X^T G1 / m             [n, hidden]
 *     d loss / d W2 = Z1^T G2 / m            [hidden, classes]
 *
 * @param X - `[m, n]`.
 * @param y - labels, integers `[m]`.
 * @param W1 - `[n, hidden]`.
 * @param W2 - `[hidden, classes]`.
 */
export function nnStep(X: NDArray, y: NDArray, W1: NDArray, W2: NDArray, lr: number): NDArray {
  return scope(() => {
    const [m, classes] = [X.shape[0]!, W2.shape[1]!];

    const Z1 = X.matmul(W1).relu();
    const h = Z1.matmul(W2);

    const G2 = h.softmax().sub(oneHot(y, classes));
    const G1 = Z1.gt(0).where(G2.matmul(W2.transpose()), 0);

    const dW1 = X.transpose().matmul(G1).div(m);
    const dW2 = Z1.transpose().matmul(G2).div(m);

    W1.assign(W1.sub(dW1.mul(lr)));
    W2.assign(W2.sub(dW2.mul(lr)));
    return softmaxLoss(h, y);
  });
}

/**
 * One pass over the rows in their order, a step of stochastic gradient descent for each batch.
 * Changes `W1` and `W2` in place.
 *
 * @param X - `[rows, n]`.
 * @param y - labels, integers `[rows]`.
 * @param W1 - `[n, hidden]`.
 * @param W2 - `[hidden, classes]`.
 *
 * @example
 * import { array, ones } from "@needle/ndarray";
 * const [W1, W2] = [ones([1, 1]), ones([1, 2])];
 * nnEpoch(array([[2]]), array([0], { dtype: "int32" }), W1, W2, { lr: 0.5 });
 * W2; // => [[1.5 0.5]]
 */
export function nnEpoch(
  X: NDArray,
  y: NDArray,
  W1: NDArray,
  W2: NDArray,
  options: EpochOptions = {},
): void {
  const { lr = 0.1, batch = 100 } = options;
  for (let start = 0; start < X.shape[0]!; start += batch) {
    const rows = [start, start + batch];
    scope(() => {
      nnStep(X.slice(rows), y.slice(rows), W1, W2, lr);
    });
  }
}
