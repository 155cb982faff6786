/** Diagonals of matrices and the triangles beside them. */
import * as nd from "@needle/ndarray";
import { linear, unbroadcast } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { unsqueeze } from "./views.ts";

/**
 * The diagonal of the matrices that two axes span (`0, 1` unless given): both axes go away, and the
 * diagonal becomes the last axis.
 *
 * @throws ShapeError for fewer than two axes, or the same axis twice.
 *
 * @example
 * import { arange } from "@needle/autograd";
 * arange(9).reshape([3, 3]).diagonal(-1); // => [3 7]
 */
export const diagonal: (
  x: Tensor,
  offset?: number,
  axes?: nd.DiagonalAxes,
  other?: number,
) => Tensor = linear("diagonal", nd.diagonal, (g, x, ...where) => undiagonal(g, x.shape, ...where));

/**
 * Zeros of `shape` with `x` on the diagonal that `diagonal` with the same arguments reads.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).undiagonal([2, 3], 1); // => [[0. 1. 0.]
 *    //     [0. 0. 2.]]
 */
export const undiagonal: (
  x: Tensor,
  shape: nd.Shape,
  offset?: number,
  axes?: nd.DiagonalAxes,
  other?: number,
) => Tensor = linear("undiagonal", nd.undiagonal, (g, x, _shape, ...where) =>
  unbroadcast(diagonal(g, ...where), x.shape),
);

/**
 * The square matrix with a vector on its diagonal, or the diagonal of a matrix, `offset` diagonals
 * above the main one.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).diag(); // => [[1. 0.]
 *    //     [0. 2.]]
 */
export const diag: (x: Tensor, offset?: number) => Tensor = linear(
  "diag",
  nd.diag,
  (g, x, offset) => (x.ndim === 1 ? diagonal(g, offset) : undiagonal(g, x.shape, offset)),
);

/**
 * The sum along the diagonal of the matrices that two axes span (`0, 1` unless given).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[1, 2], [3, 4]]).trace(); // => 5.0
 */
export const trace: (x: Tensor, offset?: number, axes?: nd.DiagonalAxes, other?: number) => Tensor =
  linear("trace", nd.trace, (g, x, ...where) => undiagonal(unsqueeze(g, -1), x.shape, ...where));

/** The lower triangles of the matrices of the last two axes: 0 above diagonal `offset`. */
export const tril: (x: Tensor, offset?: number) => Tensor = linear(
  "tril",
  nd.tril,
  (g, _x, offset) => tril(g, offset),
);

/** The upper triangles of the matrices of the last two axes: 0 below diagonal `offset`. */
export const triu: (x: Tensor, offset?: number) => Tensor = linear(
  "triu",
  nd.triu,
  (g, _x, offset) => triu(g, offset),
);
