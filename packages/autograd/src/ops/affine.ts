/** The matrix product with a bias. */
import * as nd from "@needle/ndarray";
import { composite } from "../composite.ts";
import { Tensor } from "../tensor.ts";

const affineOf = composite("affine", {
  compose: ([x, weight, bias]) => {
    const product = x!.matmul(weight!);
    return bias === undefined ? product : product.add(bias);
  },
  forward: ([x, weight, bias]) => nd.affine(x!, weight!, bias),
  vjp(i, g, _y, inputs) {
    const [x, weight] = inputs.map((input) => input.value.astype(g.dtype)) as [
      nd.NDArray,
      nd.NDArray,
    ];
    return new Tensor(adjoint(i, g.value, x, weight).astype(inputs[i]!.dtype));
  },
});

function adjoint(i: number, g: nd.NDArray, x: nd.NDArray, weight: nd.NDArray): nd.NDArray {
  if (i === 0) return nd.affine(g, weight.transpose());
  // Rows of all batches are summed over by the product itself.
  if (i === 1) return nd.matmul(rows(x).transpose(), rows(g));
  return rows(g).sum(0);
}

/** All axes but the last as one: `[…, n] -> [rows, n]`. */
function rows(x: nd.NDArray): nd.NDArray {
  return x.ndim === 2 ? x : x.reshape([nd.sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

/**
 * `x W + b` on the last axis: `[…, in]` with a weight `[in, out]` and a bias `[out]` (or null) to
 * `[…, out]`. What a fully connected layer computes.
 *
 * @throws ShapeError unless the shapes are these.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const weight = tensor([[1, 0, 1], [0, 1, 1]], { requiresGrad: true });
 * const y = tensor([[1, 2], [3, 4]]).affine(weight, tensor([0, 0, 10]));
 * y; // => [[ 1.  2. 13.] [ 3.  4. 17.]]
 * y.sum().backward();
 * weight.grad; // => [[4. 4. 4.] [6. 6. 6.]]
 */
export function affine(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  return affineOf(bias === null ? [x, weight] : [x, weight, bias]);
}
