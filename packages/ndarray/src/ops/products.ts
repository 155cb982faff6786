/** Products of two arrays beside `matmul`. How each is computed stands in `contraction.ts`. */
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkArray, sameBackend } from "./common.ts";
import { products, type TensordotAxes } from "./contraction.ts";

function product<Rest extends readonly unknown[]>(
  op: string,
  compute: (a: NDArray, b: NDArray, ...rest: Rest) => NDArray,
): (a: NDArray, b: NDArray, ...rest: Rest) => NDArray {
  return (a, b, ...rest) => {
    for (const operand of [a, b]) checkArray(op, operand);
    sameBackend(op, a, b);
    return scope(() => compute(a, b, ...rest));
  };
}

/**
 * The product of vectors, or of matrices; of more axes the sum over the last of `a` and the last
 * but one of `b` (NumPy's dot). A 0-d operand multiplies.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).dot(array([3, 4])); // => 11.0
 */
export const dot: (a: NDArray, b: NDArray) => NDArray = product("dot", products.dot);

/**
 * The sum over the last axes of both (NumPy's inner). A 0-d operand multiplies.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 2], [3, 4]]).inner(array([1, 1])); // => [3. 7.]
 */
export const inner: (a: NDArray, b: NDArray) => NDArray = product("inner", products.inner);

/**
 * The dot product of both arrays, flattened.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 2], [3, 4]]).vdot(array([[1, 1], [1, 1]])); // => 10.0
 */
export const vdot: (a: NDArray, b: NDArray) => NDArray = product("vdot", products.vdot);

/**
 * Every element of the one times every element of the other, both flattened: `[m] x [n] -> [m, n]`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).outer(array([3, 4])); // => [[3. 4.] [6. 8.]]
 */
export const outer: (a: NDArray, b: NDArray) => NDArray = product("outer", products.outer);

/**
 * The sum over several axes of both: over so many of the last of `a` and the first of `b` (2 unless
 * given), or over the pairs of two lists. The other axes of `a` come before those of `b`.
 *
 * @throws ShapeError when the lengths of a pair differ.
 *
 * @example
 * import { ones } from "@needle/ndarray";
 * ones([2, 3, 4]).tensordot(ones([4, 3, 5]), [[1, 2], [1, 0]]).shape; // => [2,5]
 */
export const tensordot: (a: NDArray, b: NDArray, axes?: TensordotAxes) => NDArray = product(
  "tensordot",
  products.tensordot<NDArray>,
);

/**
 * Kronecker's product: the second operand over again for each element of the first, times it.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 10]).kron(array([1, 2])); // => [ 1.  2. 10. 20.]
 */
export const kron: (a: NDArray, b: NDArray) => NDArray = product("kron", products.kron);

/**
 * The vector product along an axis of length 3; the others broadcast.
 *
 * @throws ShapeError when the axis has another length.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 0, 0]).cross(array([0, 1, 0])); // => [0. 0. 1.]
 */
export const cross: (a: NDArray, b: NDArray, axis?: number) => NDArray = product(
  "cross",
  products.cross<NDArray>,
);
