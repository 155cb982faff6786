/**
 * Softmax regression by hand: arrays only, no automatic differentiation. The gradient was derived
 * on paper; the formulas stand above the lines that compute them (CMU 10-714, lecture 2 and hw0).
 */
import { type NDArray, oneHot, scope } from "@needle/ndarray";

/** How an epoch walks over its rows. */
export interface EpochOptions {
  /** The learning rate. Default 0.1. */
  readonly lr?: number;
  /** Rows a step; the last step takes what is left. Default 100. */
  readonly batch?: number;
}

/**
 * The mean over all rows of `log(sum_j exp(h_j)) - h_y`, which is `-log(softmax(h)_y)`.
 *
 * @param h - scores `[batch, classes]`.
 * @param y - labels, integers `[batch]`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * softmaxLoss(array([[0, 0]]), array([1], { dtype: "int32" })).item().toFixed(4); // => 0.6931
 */
export function softmaxLoss(h: NDArray, y: NDArray): NDArray {
  return scope(() => {
    const ofLabel = h.gather(1, y.unsqueeze(1)).squeeze(1);
    return h.logsumexp(1).sub(ofLabel).mean();
  });
}

/**
 * One step of gradient descent on one batch. Changes `theta` in place and gives the loss it had
 * before.
 *
 * The hypothesis is `h = X theta`, the loss the mean of `-log(softmax(h)_y)`. For one row,
 * with `z = softmax(h)`:
 *
 *     d loss / d h_i = d/d h_i (log(sum_j exp(h_j)) - h_y) = exp(h_i) / sum_j exp(h_j) - (i == y) =
 * z_i - onehot(y)_i
 *
 * and by the chain rule over the m rows:
 *
 *     d loss / d theta = X^T (softmax(X theta) - onehot(y)) / m
 *
 * @param X - `[m, n]`.
 * @param y - labels, integers `[m]`.
 * @param theta - `[n, classes]`.
 */
export function softmaxRegressionStep(X: NDArray, y: NDArray, theta: NDArray, lr: number): NDArray {
  return scope(() => {
    const [m, classes] = [X.shape[0]!, theta.shape[1]!];

    // h = X theta
    const h = X.matmul(theta);

    // X^T (softmax(h) - onehot(y)) / m
    const gradient = X.transpose()
      .matmul(h.softmax().sub(oneHot(y, classes)))
      .div(m);

    theta.assign(theta.sub(gradient.mul(lr)));
    return softmaxLoss(h, y);
  });
}

/**
 * One pass over the rows in their order, a step of stochastic gradient descent for each batch.
 * Changes `theta` in place.
 *
 * @param X - `[rows, n]`.
 * @param y - labels, integers `[rows]`.
 * @param theta - `[n, classes]`.
 *
 * @example
 * import { array, zeros } from "@needle/ndarray";
 * const theta = zeros([2, 2]);
 * softmaxRegressionEpoch(array([[1, 0]]), array([1], { dtype: "int32" }), theta, { lr: 1 });
 * theta; // => [[-0.5  0.5]
 *    //     [ 0.   0. ]]
 */
export function softmaxRegressionEpoch(
  X: NDArray,
  y: NDArray,
  theta: NDArray,
  options: EpochOptions = {},
): void {
  const { lr = 0.1, batch = 100 } = options;
  for (let start = 0; start < X.shape[0]!; start += batch) {
    const rows = [start, start + batch];
    scope(() => {
      softmaxRegressionStep(X.slice(rows), y.slice(rows), theta, lr);
    });
  }
}
