/** The matrix product with a bias and an activation: what a fully connected layer computes. */
import { checkOptions, type Kinds, oneOf } from "../args.ts";
import { allocate } from "../create.ts";
import { isFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { affineShape } from "../shape-layers.ts";
import { gelu, relu, sigmoid } from "./activations.ts";
import { checkArray, sameBackend } from "./common.ts";
import { add, tanh } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { broadcastTo, reshape } from "./views.ts";

/** Options of `affine`. */
export interface AffineOptions {
  /** What the sum goes through. Default none. */
  readonly activation?: "none" | "relu" | "tanh" | "sigmoid" | "gelu";
}

const activations = { relu, tanh, sigmoid, gelu };

const affineOptions: Kinds<AffineOptions> = {
  activation: oneOf("none", ...Object.keys(activations)),
};

/**
 * `x W + b` on the last axis: `[…, in]` with a weight `[in, out]` and a bias `[out]` (or null) to
 * `[…, out]`, and an activation of it. With a bias, `relu` costs no pass of its own on backends with
 * a kernel for it.
 *
 * @throws ShapeError unless the shapes are these; ArgumentError for other activations.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).affine(array([[1, 0, 1], [0, 1, 1]]), array([0, 0, 10])); // => [ 1.  2. 13.]
 */
export function affine(
  x: NDArray,
  weight: NDArray,
  bias: NDArray | null = null,
  options: AffineOptions = {},
): NDArray {
  const { activation = "none" } = checkOptions("affine", options, affineOptions);
  const given = bias === null ? [x, weight] : [x, weight, bias];
  for (const operand of given) checkArray("affine", operand);
  const backend = sameBackend("affine", ...given);
  const shape = affineShape(x.shape, weight.shape, bias?.shape ?? null);
  const isFused =
    bias !== null &&
    backend.matmulBias !== undefined &&
    isFloat(x.dtype) &&
    given.every((array) => array.dtype === x.dtype);
  return scope(() => {
    const rows = [x.ndim === 1 ? 1 : -1, x.shape.at(-1)!];
    const activate = (sum: NDArray): NDArray =>
      reshape(activation === "none" ? sum : activations[activation](sum), shape);
    const flat = x.ndim === 2 || x.size === 0 ? x : reshape(x, rows);
    if (!isFused || x.size === 0) {
      const product = matmul(flat, weight);
      const sum = bias === null ? product : add(product, bias);
      return activate(sum);
    }
    const out = allocate("affine", [flat.shape[0]!, shape.at(-1)!], x.dtype, backend);
    const added = broadcastTo(bias, out.shape);
    const [o, a, b, c] = [out, flat, weight, added].map((array) => array.view("affine"));
    backend.matmulBias!(o!, a!, b!, c!, activation === "relu" ? "relu" : "none");
    return activation === "relu" ? reshape(out, shape) : activate(out);
  });
}
