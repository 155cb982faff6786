/** The matrix product, and the transposes that make it differentiable. */
import * as nd from "@needle/ndarray";
import { bilinear, unbroadcast } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { flatten, reshape, transpose, unsqueeze } from "./views.ts";

/**
 * The matrix product of the last two axes, batched over the others with broadcasting:
 * `[…, m, k] x […, k, n] -> […, m, n]`. A 1-D operand counts as a row on the left and as a column on the right,
 * and its axis goes away.
 *
 * @throws ShapeError when the inner sizes differ.
 *
 * @example
 * import { ones, tensor } from "@needle/autograd";
 * const w = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * const x = ones([10, 5, 2]);
 * x.matmul(w).shape; // => [10,5,2]
 * x.matmul(w).sum().backward();
 * w.grad; // => [[50. 50.]
 *    //     [50. 50.]]
 */
export const matmul: (a: Tensor, b: Tensor) => Tensor = bilinear("matmul", nd.matmul, [
  // dA = G B^T, dB = A^T G, summed over batch axes that were stretched.
  (g, a, b) => toShape(matmul(asMatrix(g, a, b), transpose(column(b))), row(a).shape, a),
  (g, a, b) =>
    b.ndim === 2 && a.ndim > 2
      ? matmul(transpose(rows(a)), rows(g))
      : toShape(matmul(transpose(row(a)), asMatrix(g, a, b)), column(b).shape, b),
]);

/** All axes but the last as one: a sum over batches is then part of the product. */
function rows(x: Tensor): Tensor {
  return flatten(x, 0, -2);
}

function row(a: Tensor): Tensor {
  return a.ndim === 1 ? unsqueeze(a, 0) : a;
}

function column(b: Tensor): Tensor {
  return b.ndim === 1 ? unsqueeze(b, 1) : b;
}

/** `g` with the axes that 1-D operands lost. */
function asMatrix(g: Tensor, a: Tensor, b: Tensor): Tensor {
  const withColumn = b.ndim === 1 ? unsqueeze(g, -1) : g;
  return a.ndim === 1 ? unsqueeze(withColumn, -2) : withColumn;
}

function toShape(adjoint: Tensor, matrix: readonly number[], x: Tensor): Tensor {
  return reshape(unbroadcast(adjoint, matrix), x.shape);
}
