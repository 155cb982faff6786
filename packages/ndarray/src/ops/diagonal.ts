/** Diagonals of matrices and the triangles beside them. */
import { check, whole } from "../args.ts";
import { arange, zeros } from "../create.ts";
import { ShapeError, showShape } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { axisPair, broadcastStrides, checkShape, normalizeAxis, type Shape } from "../shape.ts";
import { assign } from "./cast.ts";
import { checkArray } from "./common.ts";
import { le, where } from "./elementwise.ts";
import { sum } from "./reduce.ts";
import { unsqueeze } from "./views.ts";

/** The two axes of the matrices, as a pair or the first of two arguments. */
export type DiagonalAxes = number | readonly [number, number];

interface Diagonal {
  readonly first: number;
  readonly second: number;
  readonly length: number;
  readonly row: number;
  readonly column: number;
}

function locate(
  op: string,
  shape: Shape,
  offset: number,
  axes: DiagonalAxes,
  other: number,
): Diagonal {
  const [a, b] = axisPair(op, axes, other);
  if (shape.length < 2)
    throw new ShapeError(op, `needs at least two axes, got ${showShape(shape)}`);
  const [first, second] = [normalizeAxis(op, a, shape.length), normalizeAxis(op, b, shape.length)];
  if (first === second) throw new ShapeError(op, `axes ${a} and ${b} are the same`);
  check(op, "offset", offset, whole());
  const [row, column] = offset < 0 ? [-offset, 0] : [0, offset];
  const length = Math.max(0, Math.min(shape[first]! - row, shape[second]! - column));
  return { first, second, length, row, column };
}

/**
 * The diagonal of the matrices that two axes span, as a view: both axes go away, and the diagonal
 * becomes the last axis. `offset` counts diagonals above (below, if negative) the main one. Axes
 * are `0, 1` unless given, as a pair or one by one.
 *
 * @throws ShapeError for fewer than two axes, or the same axis twice.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * const x = arange(9).reshape([3, 3]);
 * x.diagonal(); // => [0 4 8]
 * x.diagonal(-1); // => [3 7]
 */
export function diagonal<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  offset = 0,
  axes: DiagonalAxes = 0,
  other = 1,
): NDArray<D> {
  checkArray("diagonal", x);
  const { first, second, length, row, column } = locate("diagonal", x.shape, offset, axes, other);
  const outside = (_: unknown, axis: number): boolean => axis !== first && axis !== second;
  const [down, right] = [x.strides[first]!, x.strides[second]!];
  return new NDArray<D>(
    x.storage,
    [...x.shape.filter(outside), length],
    [...x.strides.filter(outside), down + right],
    length === 0 ? x.offset : x.offset + row * down + column * right,
  );
}

/**
 * Zeros of `shape` with `x` on the diagonal that `diagonal` with the same arguments reads: its
 * transpose.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).undiagonal([2, 3], 1); // => [[0. 1. 0.] [0. 0. 2.]]
 */
export function undiagonal(
  x: NDArray,
  shape: Shape,
  offset = 0,
  axes: DiagonalAxes = 0,
  other = 1,
): NDArray {
  checkArray("undiagonal", x);
  checkShape("undiagonal", shape);
  const { first, second, length } = locate("undiagonal", shape, offset, axes, other);
  const around = shape.filter((_, axis) => axis !== first && axis !== second);
  broadcastStrides("undiagonal", x.shape, x.strides, [...around, length]);
  return scope(() => {
    const out = zeros(shape, { dtype: x.dtype, backend: x.backend });
    assign(diagonal(out, offset, axes, other), x);
    return out;
  });
}

/** The shape of the matrix that `diag` makes of a vector, and a check of the rank. */
function diagShape(op: string, shape: Shape, offset: number): number[] | null {
  if (shape.length === 2) return null;
  if (shape.length !== 1) {
    throw new ShapeError(op, `needs a vector or a matrix, got ${showShape(shape)}`);
  }
  const length = shape[0]! + Math.abs(offset);
  return [length, length];
}

/**
 * The square matrix with a vector on its diagonal, or the diagonal of a matrix (a view), `offset`
 * diagonals above the main one.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).diag(); // => [[1. 0.] [0. 2.]]
 * array([[1, 2], [3, 4]]).diag(1); // => [2.]
 */
export function diag(x: NDArray, offset = 0): NDArray {
  checkArray("diag", x);
  check("diag", "offset", offset, whole());
  const shape = diagShape("diag", x.shape, offset);
  return shape === null ? diagonal(x, offset) : undiagonal(x, shape, offset);
}

/**
 * The sum along the diagonal of the matrices that two axes span; as in NumPy for other axes and an
 * offset. bool and uint8 are added as int32.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(9).reshape([3, 3]).trace(); // => 12
 */
export function trace(x: NDArray, offset = 0, axes: DiagonalAxes = 0, other = 1): NDArray {
  checkArray("trace", x);
  locate("trace", x.shape, offset, axes, other);
  return scope(() => sum(diagonal(x, offset, axes, other), -1));
}

/** The matrices of the last two axes with zeros where `keep` says no. */
function triangle(
  op: string,
  x: NDArray,
  offset: number,
  keep: (rows: NDArray, columns: NDArray) => NDArray,
): NDArray {
  checkArray(op, x);
  if (x.ndim < 2) throw new ShapeError(op, `needs at least two axes, got ${showShape(x.shape)}`);
  check(op, "offset", offset, whole());
  const { backend, dtype } = x;
  const int = { dtype: "int32", backend } as const;
  return scope(() => {
    const rows = unsqueeze(arange(0, x.shape.at(-2)!, 1, int), 1);
    // Both count the diagonals above the main one: column - row against the offset.
    const columns = arange(-offset, x.shape.at(-1)! - offset, 1, int);
    return where(keep(rows, columns), x, zeros([], { dtype, backend }));
  });
}

/**
 * The lower triangles of the matrices of the last two axes: elements above diagonal `offset` become
 * 0.
 *
 * @example
 * import { ones } from "@needle/ndarray";
 * ones([2, 3]).tril(); // => [[1. 0. 0.] [1. 1. 0.]]
 */
export function tril(x: NDArray, offset = 0): NDArray {
  return triangle("tril", x, offset, (rows, columns) => le(columns, rows));
}

/**
 * The upper triangles of the matrices of the last two axes: elements below diagonal `offset` become
 * 0.
 *
 * @example
 * import { ones } from "@needle/ndarray";
 * ones([2, 3]).triu(1); // => [[0. 1. 1.] [0. 0. 1.]]
 */
export function triu(x: NDArray, offset = 0): NDArray {
  return triangle("triu", x, offset, (rows, columns) => le(rows, columns));
}
