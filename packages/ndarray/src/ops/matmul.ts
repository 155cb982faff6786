/** The matrix product. */
import { allocate } from "../create.ts";
import { promote } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { matmulShape, rowMajorStrides } from "../shape.ts";
import { astype } from "./cast.ts";
import { checkArray, sameBackend } from "./common.ts";
import { broadcastTo, unsqueeze } from "./views.ts";

/**
 * The matrix product of the last two axes, batched over the others with broadcasting:
 * `[…, m, k] x […, k, n] -> […, m, n]`. A 1-D operand counts as a row on the left and as a column on the right,
 * and its axis goes away.
 *
 * @throws ShapeError when the inner sizes differ or an operand is 0-d.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const a = array([[1, 2], [3, 4]]);
 * a.matmul(a); // => [[ 7. 10.]
 *    //     [15. 22.]]
 * a.matmul(array([1, 1])); // => [3. 7.]
 */
export function matmul(a: NDArray, b: NDArray): NDArray {
  checkArray("matmul", a);
  checkArray("matmul", b);
  const backend = sameBackend("matmul", a, b);
  const { batch, m, k, n } = matmulShape(a.shape, b.shape);
  const dtype = promote(a.dtype, b.dtype);
  if (dtype === "bool")
    throw new DTypeError("matmul", "not defined for bool", "Convert with astype first.");
  if (a.ndim === 2 && b.ndim === 2 && a.dtype === b.dtype) {
    // The common case needs neither views nor conversions.
    const [left, right] = [a.view("matmul"), b.view("matmul")];
    const out = allocate("matmul", [m, n], dtype, backend);
    backend.matmul(out.view("matmul"), left, right);
    return out;
  }
  return scope(() => {
    const left = astype(a.ndim === 1 ? unsqueeze(a, 0) : a, dtype);
    const right = astype(b.ndim === 1 ? unsqueeze(b, 1) : b, dtype);
    const full = [...batch, m, n];
    const shape = full.filter(
      (_, i) => !((a.ndim === 1 && i === batch.length) || (b.ndim === 1 && i === batch.length + 1)),
    );
    const out = allocate("matmul", shape, dtype, backend);
    backend.matmul(
      { ...out.view("matmul"), shape: full, strides: rowMajorStrides(full) },
      broadcastTo(left, [...batch, m, k]).view("matmul"),
      broadcastTo(right, [...batch, k, n]).view("matmul"),
    );
    return out;
  });
}
