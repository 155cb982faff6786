/**
 * Products of two tensors beside `matmul`, composed of differentiable ops. The compositions are
 * those of the products of arrays.
 */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const { products } = nd;

function product<Rest extends readonly unknown[]>(
  op: string,
  compute: (a: Tensor, b: Tensor, ...rest: Rest) => Tensor,
): (a: Tensor, b: Tensor, ...rest: Rest) => Tensor {
  return (a, b, ...rest) => {
    checkTensors(op, [a, b]);
    return nd.scope(() => compute(a, b, ...rest));
  };
}

/**
 * The product of vectors, or of matrices; of more axes the sum over the last of `a` and the last
 * but one of `b`. A 0-d operand multiplies.
 */
export const dot: (a: Tensor, b: Tensor) => Tensor = product("dot", products.dot);

/** The sum over the last axes of both. A 0-d operand multiplies. */
export const inner: (a: Tensor, b: Tensor) => Tensor = product("inner", products.inner);

/** The dot product of both tensors, flattened. */
export const vdot: (a: Tensor, b: Tensor) => Tensor = product("vdot", products.vdot);

/**
 * Every element of the one times every element of the other, both flattened: `[m] x [n] -> [m, n]`.
 */
export const outer: (a: Tensor, b: Tensor) => Tensor = product("outer", products.outer);

/**
 * The sum over several axes of both: over so many of the last of `a` and the first of `b` (2 unless
 * given), or over the pairs of two lists.
 *
 * @throws ShapeError when the lengths of a pair differ.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * ones([2, 3, 4]).tensordot(ones([4, 3, 5]), [[1, 2], [1, 0]]).shape; // => [2,5]
 */
export const tensordot: (a: Tensor, b: Tensor, axes?: nd.TensordotAxes) => Tensor = product(
  "tensordot",
  products.tensordot<Tensor>,
);

/** Kronecker's product: the second operand over again for each element of the first, times it. */
export const kron: (a: Tensor, b: Tensor) => Tensor = product("kron", products.kron);

/**
 * The vector product along an axis of length 3; the others broadcast.
 *
 * @throws ShapeError when the axis has another length.
 */
export const cross: (a: Tensor, b: Tensor, axis?: number) => Tensor = product(
  "cross",
  products.cross<Tensor>,
);

/**
 * A product by Einstein's convention: axes of one name are multiplied element by element, and
 * summed unless the name is in the output.
 *
 * @throws ShapeError for lengths that differ, ArgumentError for subscripts that cannot be read.
 *
 * @example
 * import { einsum, tensor } from "@needle/autograd";
 * const a = tensor([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", a, a); // => [[ 7. 10.]
 *    //     [15. 22.]]
 */
export const einsum: (subscripts: string, ...operands: Tensor[]) => Tensor = nd.einsum<Tensor>;
