/**
 * Linear algebra on the matrices of the last two axes, batched over the others. float32 and
 * float64; integers become float32.
 */
import { callback, check, checkOptions, flag, type Kinds, whole } from "../args.ts";
import { eye } from "../create.ts";
import { promote, toFloat } from "../dtype.ts";
import { LinAlgError, ShapeError, showShape } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, checkShape, sameShape } from "../shape.ts";
import { astype, copy, emptyLike } from "./cast.ts";
import { checkArray, sameBackend } from "./common.ts";
import { diagonal, triu } from "./diagonal.ts";
import { abs, gt, log, mul, sign as signs, sub } from "./elementwise.ts";
import { takeAlongAxis } from "./indexing.ts";
import { matmul } from "./matmul.ts";
import { prod, sum } from "./reduce.ts";
import { floor } from "./rounding.ts";
import { broadcastTo, squeeze, unsqueeze } from "./views.ts";

/**
 * Throws unless an array holds matrices, or square ones.
 *
 * @example
 * import { expectMatrix, zeros } from "@needle/ndarray";
 * expectMatrix("det", zeros([5, 2, 2]), true);
 */
export function expectMatrix(op: string, x: NDArray, isSquare = false): void {
  checkArray(op, x);
  check(op, "isSquare", isSquare, flag);
  if (x.ndim < 2) throw new ShapeError(op, `needs matrices, got ${showShape(x.shape)}`);
  if (isSquare && x.shape.at(-1) !== x.shape.at(-2)) {
    throw new ShapeError(op, `needs square matrices, got ${showShape(x.shape)}`);
  }
}

function asFloat(x: NDArray): NDArray {
  return astype(x, toFloat(x.dtype));
}

/** P A = L U: both triangles in one matrix, and the order of the rows. */
function factor(x: NDArray): { lu: NDArray; order: NDArray } {
  const lu = emptyLike(x);
  const order = emptyLike(x, x.shape.slice(0, -1), "int32");
  x.backend.lu(lu.view("lu"), order.view("lu"), x.view("lu"));
  return { lu, order };
}

/** Runs kernels in the name of `op`, which is then what their errors name. */
function inTheNameOf<T>(op: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof LinAlgError)) throw error;
    throw new LinAlgError(op, error.message.slice(error.message.indexOf(": ") + 2));
  }
}

/** Which triangle a system has. */
export interface TriangularOptions {
  /** Read the upper triangle instead of the lower. Default false. */
  readonly upper?: boolean;
  /** Take the diagonal for ones without reading it. Default false. */
  readonly unitriangular?: boolean;
}

const triangularOptions: Kinds<TriangularOptions> = { upper: flag, unitriangular: flag };

/**
 * Solves `T x = b` where `T` is the lower triangle of `a` (or the upper); the other triangle is not
 * read. `[…, n, n]` and `[…, n, k] -> […, n, k]`, leading axes broadcast.
 *
 * @throws LinAlgError when an element of the diagonal is 0.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[2, 0], [1, 1]]).triangularSolve(array([[4], [3]])); // => [[2.]
 *    //     [1.]]
 */
export function triangularSolve(a: NDArray, b: NDArray, options: TriangularOptions = {}): NDArray {
  const op = "triangularSolve";
  expectMatrix(op, a, true);
  expectMatrix(op, b);
  const backend = sameBackend(op, a, b);
  checkOptions(op, options, triangularOptions);
  const { upper = false, unitriangular = false } = options;
  const n = a.shape.at(-1)!;
  if (b.shape.at(-2) !== n) {
    throw new ShapeError(
      op,
      `${showShape(b.shape)} does not have the ${n} rows of ${showShape(a.shape)}`,
    );
  }
  const batch = broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2));
  const dtype = toFloat(promote(a.dtype, b.dtype));
  return scope(() => {
    const right = broadcastTo(astype(b, dtype), [...batch, ...b.shape.slice(-2)]);
    const left = broadcastTo(astype(a, dtype), [...batch, n, n]);
    const out = emptyLike(right, right.shape, dtype);
    backend.triangularSolve(out.view(op), left.view(op), right.view(op), upper, unitriangular);
    return out;
  });
}

/**
 * Whether the right side of `solve` holds a vector for each matrix, as PyTorch decides.
 *
 * @example
 * import { isVectorSide } from "@needle/ndarray";
 * [isVectorSide([2, 3, 3], [2, 3]), isVectorSide([3, 3], [3, 1])]; // => [true,false]
 */
export function isVectorSide(a: readonly number[], b: readonly number[]): boolean {
  for (const shape of [a, b]) checkShape("isVectorSide", shape);
  return b.length === 1 || (b.length === a.length - 1 && sameShape(b, a.slice(0, -1)));
}

/**
 * Solves `a x = b`. `b` holds matrices `[…, n, k]`, or a vector for each matrix `[…, n]`; leading
 * axes broadcast.
 *
 * @throws LinAlgError for a singular matrix.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[2, 1], [1, 3]]).solve(array([3, 5])); // => [0.8 1.4]
 */
export function solve(a: NDArray, b: NDArray): NDArray {
  for (const operand of [a, b]) checkArray("solve", operand);
  sameBackend("solve", a, b);
  expectMatrix("solve", a, true);
  if (!isVectorSide(a.shape, b.shape)) return solveMatrices(a, b);
  return scope(() => squeeze(solveMatrices(a, unsqueeze(b, -1)), -1));
}

/**
 * `solve` with matrices on the right side, whatever its shape could mean besides.
 *
 * @throws LinAlgError for a singular matrix.
 *
 * @example
 * import { array, solveMatrices } from "@needle/ndarray";
 * solveMatrices(array([[2, 1], [1, 3]]), array([[3], [5]])); // => [[0.8] [1.4]]
 */
export function solveMatrices(a: NDArray, b: NDArray): NDArray {
  expectMatrix("solve", a, true);
  expectMatrix("solve", b);
  sameBackend("solve", a, b);
  const n = a.shape.at(-1)!;
  if (b.shape.at(-2) !== n) {
    throw new ShapeError(
      "solve",
      `${showShape(b.shape)} does not have the ${n} rows of ${showShape(a.shape)}`,
    );
  }
  broadcastShapes("solve", a.shape.slice(0, -2), b.shape.slice(0, -2));
  const dtype = toFloat(promote(a.dtype, b.dtype));
  return scope(() => {
    const { lu, order } = factor(astype(a, dtype));
    const lead = new Array<number>(Math.max(0, a.ndim - b.ndim)).fill(1);
    const wide = broadcastTo(astype(b, dtype), [...lead, ...b.shape]);
    const short = new Array<number>(Math.max(0, b.ndim - a.ndim)).fill(1);
    const rows = unsqueeze(broadcastTo(order, [...short, ...order.shape]), -1);
    const ordered = takeAlongAxis(wide, rows, -2);
    return inTheNameOf("solve", () => {
      const half = triangularSolve(lu, ordered, { unitriangular: true });
      return triangularSolve(lu, half, { upper: true });
    });
  });
}

/**
 * The inverse matrix. To apply it, `solve` is faster and more exact.
 *
 * @throws LinAlgError for a singular matrix.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[2, 0], [0, 4]]).inverse(); // => [[0.5  0.  ] [0.   0.25]]
 */
export function inverse(x: NDArray): NDArray {
  expectMatrix("inverse", x, true);
  return scope(() => {
    const a = asFloat(x);
    const identity = eye(x.shape.at(-1)!, undefined, 0, { dtype: a.dtype, backend: x.backend });
    return inTheNameOf("inverse", () => solveMatrices(a, identity));
  });
}

/** 1 or -1, as the order of rows takes an even or an odd number of swaps. */
function parity(order: NDArray, dtype: NDArray["dtype"]): NDArray {
  const later = triu(astype(gt(unsqueeze(order, -1), unsqueeze(order, -2)), "int32"), 1);
  const half = mul(astype(sum(later, [-2, -1]), dtype), 0.5);
  return sub(1, mul(mul(sub(half, floor(half)), 2), 2));
}

/**
 * The determinant; 1 of a matrix without elements.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 2], [3, 4]]).det(); // => -2.0
 */
export function det(x: NDArray): NDArray {
  expectMatrix("det", x, true);
  return scope(() => {
    const { lu, order } = factor(asFloat(x));
    return mul(prod(diagonal(lu, 0, -2, -1), -1), parity(order, lu.dtype));
  });
}

/** The determinant as a sign and a logarithm. */
export interface SignedLogarithm {
  /** 1, -1, or 0 for a singular matrix. */
  readonly sign: NDArray;
  /** The logarithm of the determinant's absolute value; -Infinity for a singular matrix. */
  readonly logabsdet: NDArray;
}

/**
 * The sign and the logarithm of the determinant, which neither overflows nor underflows.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const { sign, logabsdet } = array([[0, 1], [1, 0]]).slogdet();
 * [sign.item(), logabsdet.item()]; // => [-1,0]
 */
export function slogdet(x: NDArray): SignedLogarithm {
  expectMatrix("slogdet", x, true);
  return scope(() => {
    const { lu, order } = factor(asFloat(x));
    const heads = diagonal(lu, 0, -2, -1);
    return {
      sign: mul(prod(signs(heads), -1), parity(order, lu.dtype)),
      logabsdet: sum(log(abs(heads)), -1),
    };
  });
}

/**
 * The lower triangle `L` with `L L^T = x`, for symmetric positive definite matrices. Only the lower
 * triangle of `x` is read.
 *
 * @throws LinAlgError when a matrix is not positive definite.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[4, 2], [2, 5]]).cholesky(); // => [[2. 0.] [1. 2.]]
 */
export function cholesky(x: NDArray): NDArray {
  expectMatrix("cholesky", x, true);
  return scope(() => {
    const a = asFloat(x);
    const out = emptyLike(a);
    a.backend.cholesky(out.view("cholesky"), a.view("cholesky"));
    return out;
  });
}

/** An orthonormal basis and an upper triangle. */
export interface QR {
  /** `[…, m, min(m, n)]`, with orthonormal columns. */
  readonly q: NDArray;
  /** `[…, min(m, n), n]`, zero below the diagonal. */
  readonly r: NDArray;
}

/**
 * The reduced factorization `q r = x` by Householder's reflections, with LAPACK's signs.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const { q, r } = array([[3, 1], [4, 2]]).qr();
 * q.matmul(r).round(); // => [[3. 1.] [4. 2.]]
 */
export function qr(x: NDArray): QR {
  expectMatrix("qr", x);
  const [m, n] = x.shape.slice(-2) as [number, number];
  const k = Math.min(m, n);
  return scope(() => {
    const a = asFloat(x);
    const q = emptyLike(a, [...x.shape.slice(0, -2), m, k]);
    const r = emptyLike(a, [...x.shape.slice(0, -2), k, n]);
    a.backend.qr(q.view("qr"), r.view("qr"), a.view("qr"));
    return { q, r };
  });
}

/**
 * Throws unless `power` is a whole number.
 *
 * @example
 * import { checkPower } from "@needle/ndarray";
 * checkPower("matrixPower", -2);
 */
export function checkPower(op: string, power: number): void {
  check(op, "the power", power, whole());
}

/**
 * Square matrices multiplied by themselves `power` times; of a negative power their inverse.
 *
 * @throws LinAlgError for a negative power of a singular matrix.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 1], [0, 1]]).matrixPower(5); // => [[1. 5.] [0. 1.]]
 */
export function matrixPower(x: NDArray, power: number): NDArray {
  expectMatrix("matrixPower", x, true);
  checkPower("matrixPower", power);
  return scope(() => {
    if (power === 0) {
      const identity = eye(x.shape.at(-1)!, undefined, 0, { dtype: x.dtype, backend: x.backend });
      return copy(broadcastTo(identity, x.shape));
    }
    const base = power < 0 ? inTheNameOf("matrixPower", () => inverse(x)) : x;
    const result = powerOf(base, Math.abs(power), matmul);
    return result === x ? copy(x) : result;
  });
}

/**
 * A positive power by squaring, with any product.
 *
 * @example
 * import { powerOf } from "@needle/ndarray";
 * powerOf(3, 5, (a, b) => a * b); // => 243
 */
export function powerOf<T>(x: T, power: number, multiply: (a: T, b: T) => T): T {
  check("powerOf", "power", power, whole(1));
  check("powerOf", "multiply", multiply, callback);
  if (power === 1) return x;
  const half = powerOf(x, Math.floor(power / 2), multiply);
  const square = multiply(half, half);
  return power % 2 === 1 ? multiply(square, x) : square;
}
