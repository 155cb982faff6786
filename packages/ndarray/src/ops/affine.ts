/** The matrix product with a bias: what a fully connected layer computes. */
import { empty } from "../create.ts";
import { isFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { affineShape } from "../shape-layers.ts";
import { sameBackend } from "./common.ts";
import { add } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { broadcastTo, reshape } from "./views.ts";

/**
 * `x W + b` on the last axis: `[…, in]` with a weight `[in, out]` and a bias `[out]` (or null) to
 * `[…, out]`.
 *
 * @throws ShapeError unless the shapes are these.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).affine(array([[1, 0, 1], [0, 1, 1]]), array([0, 0, 10])); // => [ 1.  2. 13.]
 */
export function affine(x: NDArray, weight: NDArray, bias: NDArray | null = null): NDArray {
  const given = bias === null ? [x, weight] : [x, weight, bias];
  const backend = sameBackend("affine", ...given);
  const shape = affineShape(x.shape, weight.shape, bias?.shape ?? null);
  const isFused =
    bias !== null &&
    backend.matmulBias !== undefined &&
    isFloat(x.dtype) &&
    given.every((array) => array.dtype === x.dtype);
  return scope(() => {
    const rows = [x.ndim === 1 ? 1 : -1, x.shape.at(-1)!];
    const flat = x.ndim === 2 || x.size === 0 ? x : reshape(x, rows);
    if (!isFused || x.size === 0) {
      const product = matmul(flat, weight);
      const sum = bias === null ? product : add(product, bias);
      return reshape(sum, shape);
    }
    const out = empty([flat.shape[0]!, shape.at(-1)!], { dtype: x.dtype, backend });
    const added = broadcastTo(bias, out.shape);
    const [o, a, b, c] = [out, flat, weight, added].map((array) => array.view("affine"));
    backend.matmulBias!(o!, a!, b!, c!);
    return reshape(out, shape);
  });
}
