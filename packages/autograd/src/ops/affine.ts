/** The matrix product with a bias and an activation. */
import * as nd from "@needle/ndarray";
import { composite } from "../composite.ts";
import { checkTensors } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { gelu, relu, sigmoid } from "./activations.ts";
import { tanh } from "./elementwise.ts";

const activations = { tanh, sigmoid, gelu };

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

/** With `relu`, whose slope the output tells: 1 where that is above 0. */
const affineReluOf = composite("affine", {
  compose: ([x, weight, bias]) => relu(affine(x!, weight!, bias)),
  forward: ([x, weight, bias]) => nd.affine(x!, weight!, bias, { activation: "relu" }),
  vjp(i, g, y, inputs) {
    const [x, weight] = inputs.map((input) => input.value.astype(g.dtype)) as [
      nd.NDArray,
      nd.NDArray,
    ];
    const slope = nd.where(nd.gt(y.value, 0), g.value, 0);
    return new Tensor(adjoint(i, slope, x, weight).astype(inputs[i]!.dtype));
  },
  savesOutput: true,
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
 * `[…, out]`. What a fully connected layer computes. With a bias, the
 * activation `relu` costs no pass of its own on backends with a kernel for it.
 *
 * @throws ShapeError unless the shapes are these; ArgumentError for other activations.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const weight = tensor([[1, 0, 1], [0, 1, 1]], { requiresGrad: true });
 * const y = tensor([[1, 2], [3, 4]]).affine(weight, tensor([0, 0, 10]));
 * y; // => [[ 1.  2. 13.] [ 3.  4. 17.]]
 * y.sum().backward();
 * weight.grad; // => [[4. 4. 4.] [6. 6. 6.]]
 */
export function affine(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: nd.AffineOptions = {},
): Tensor {
  const { activation = "none" } = options;
  const inputs = bias === null ? [x, weight] : [x, weight, bias];
  checkTensors("affine", inputs);
  if (activation === "relu") return affineReluOf(inputs);
  if (activation === "none") return affineOf(inputs);
  if (!Object.hasOwn(activations, activation)) {
    throw new nd.ArgumentError(
      "affine",
      `unknown activation ${String(activation)}`,
      "Known are none, relu, tanh, sigmoid, gelu.",
    );
  }
  return nd.scope(() => activations[activation](affineOf(inputs)));
}
