/**
 * Linear algebra on the matrices of the last two axes, batched over the others. The derivatives
 * follow Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
 * differentiation" (2008), and Murray, "Differentiation of the Cholesky decomposition" (2016), in
 * ops that have derivatives themselves.
 */
import * as nd from "@needle/ndarray";
import type { Rule } from "../graph.ts";
import { checkTensors, general, record, unbroadcast } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { trace, tril, triu } from "./diagonal.ts";
import { add, mul, neg, sub } from "./elementwise.ts";
import { concat } from "./joining.ts";
import { matmul } from "./matmul.ts";
import { slice, squeeze, transpose, unsqueeze } from "./views.ts";

/** The same element for a whole matrix. */
const spread = (x: Tensor): Tensor => unsqueeze(unsqueeze(x, -1), -1);

/** What both systems have: x = A^-1 b with db = A^-T g and dA = -db x^T on the part that is read. */
function systemRule(
  name: string,
  solveWith: (a: Tensor, b: Tensor, params: readonly unknown[]) => Tensor,
  solveTransposed: (a: Tensor, b: Tensor, params: readonly unknown[]) => Tensor,
  part: (a: Tensor, params: readonly unknown[]) => Tensor,
): Rule {
  return {
    name,
    saves: "both",
    vjp(i, g, y, { inputs, params }) {
      const [a, b] = inputs as [Tensor, Tensor];
      const side = solveTransposed(a, g, params);
      if (i === 1) return unbroadcast(side, b.shape).astype(b.dtype);
      const whole = part(neg(matmul(side, transpose(y))), params);
      return unbroadcast(whole, a.shape).astype(a.dtype);
    },
    jvp([da, db], y, { inputs, params }) {
      const [a] = inputs as [Tensor, Tensor];
      const moved = da ? matmul(part(da, params), y) : null;
      const side = moved === null ? db! : db ? sub(db, moved) : neg(moved);
      return solveWith(a, side, params).astype(y.dtype);
    },
  };
}

const solveRule: Rule = systemRule(
  "solve",
  (a, b) => solveMatrices(a, b),
  (a, b) => solveMatrices(transpose(a), b),
  (a) => a,
);

function solveMatrices(a: Tensor, b: Tensor): Tensor {
  return record(solveRule, nd.solveMatrices(a.value, b.value), [a, b], []);
}

/**
 * Solves `a x = b`. `b` holds matrices `[…, n, k]`, or a vector for each matrix `[…, n]`; leading
 * axes broadcast.
 *
 * @throws LinAlgError for a singular matrix.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[2, 1], [1, 3]]).solve(tensor([3, 5])); // => [0.8 1.4]
 */
export function solve(a: Tensor, b: Tensor): Tensor {
  checkTensors("solve", [a, b]);
  if (!nd.isVectorSide(a.shape, b.shape)) return solveMatrices(a, b);
  return nd.scope(() => squeeze(solveMatrices(a, unsqueeze(b, -1)), -1));
}

const optionsOf = (params: readonly unknown[]): nd.TriangularOptions =>
  params[0] as nd.TriangularOptions;

const triangularRule: Rule = systemRule(
  "triangularSolve",
  (a, b, params) => triangularSolve(a, b, optionsOf(params)),
  (a, b, params) => {
    const { upper = false, unitriangular } = optionsOf(params);
    return triangularSolve(transpose(a), b, { upper: !upper, unitriangular });
  },
  (a, params) => {
    const { upper = false, unitriangular = false } = optionsOf(params);
    const offset = unitriangular ? 1 : 0;
    return upper ? triu(a, offset) : tril(a, -offset);
  },
);

/**
 * Solves `T x = b` where `T` is the lower triangle of `a` (or the upper); the other triangle is not
 * read.
 *
 * @throws LinAlgError when an element of the diagonal is 0.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[2, 0], [1, 1]]).triangularSolve(tensor([[4], [3]])); // => [[2.]
 *    //     [1.]]
 */
export function triangularSolve(a: Tensor, b: Tensor, options: nd.TriangularOptions = {}): Tensor {
  checkTensors("triangularSolve", [a, b]);
  const value = nd.triangularSolve(a.value, b.value, options);
  return record(triangularRule, value, [a, b], [options]);
}

/**
 * The inverse matrix. To apply it, `solve` is faster and more exact.
 *
 * @throws LinAlgError for a singular matrix.
 */
export const inverse: (x: Tensor) => Tensor = general("inverse", nd.inverse, {
  saves: "output",
  vjp: (g, y) => neg(matmul(transpose(y), matmul(g, transpose(y)))),
  jvp: (t, y) => neg(matmul(y, matmul(t, y))),
});

/**
 * The determinant; 1 of a matrix without elements. Its derivative needs the inverse, so that of a
 * singular matrix is a LinAlgError.
 */
export const det: (x: Tensor) => Tensor = general("det", nd.det, {
  saves: "both",
  vjp: (g, y, x) => mul(spread(mul(g, y)), transpose(inverse(x))),
  jvp: (t, y, x) => mul(y, trace(solveMatrices(x, t), 0, -2, -1)),
});

const logabsdet = general("slogdet", (x: nd.NDArray): nd.NDArray => nd.slogdet(x).logabsdet, {
  saves: "inputs",
  vjp: (g, _y, x) => mul(spread(g), transpose(inverse(x))),
  jvp: (t, _y, x) => trace(solveMatrices(x, t), 0, -2, -1),
});

/** The determinant as a sign and a logarithm. */
export interface SignedLogarithm {
  /** 1, -1, or 0 for a singular matrix; without a gradient. */
  readonly sign: Tensor;
  /** The logarithm of the determinant's absolute value. */
  readonly logabsdet: Tensor;
}

/** The sign and the logarithm of the determinant, which neither overflows nor underflows. */
export function slogdet(x: Tensor): SignedLogarithm {
  checkTensors("slogdet", [x]);
  const sign = nd.scope(() => nd.slogdet(x.value).sign);
  return { sign: new Tensor(sign), logabsdet: logabsdet(x) };
}

/** The lower triangle, with half the diagonal. */
function half(x: Tensor): Tensor {
  return mul(add(tril(x), tril(x, -1)), 0.5);
}

function symmetric(x: Tensor): Tensor {
  return mul(add(x, transpose(x)), 0.5);
}

/**
 * The lower triangle `L` with `L L^T = x`, for symmetric positive definite matrices. Only the lower
 * triangle of `x` is read; the gradient is symmetric.
 *
 * @throws LinAlgError when a matrix is not positive definite.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[4, 2], [2, 5]]).cholesky(); // => [[2. 0.]
 *    //     [1. 2.]]
 */
export const cholesky: (x: Tensor) => Tensor = general("cholesky", nd.cholesky, {
  saves: "output",
  // dA = L^-T half(L^T dL) L^-1, made symmetric.
  vjp(g, y) {
    const up = { upper: true };
    const left = triangularSolve(transpose(y), half(matmul(transpose(y), tril(g))), up);
    return symmetric(triangularSolve(transpose(y), transpose(left), up));
  },
  // dL = L half(L^-1 dA L^-T)
  jvp(t, y) {
    const left = triangularSolve(y, symmetric(t));
    return matmul(y, half(triangularSolve(y, transpose(left))));
  },
});

/** q over r, which have as many columns where the matrix has no fewer rows. */
const stackedQR = general(
  "qr",
  (x: nd.NDArray): nd.NDArray => {
    const { q, r } = nd.qr(x);
    return nd.concat([q, r], -2);
  },
  {
    saves: "output",
    // dA = (dQ + Q S) R^-T with S the symmetric matrix of the lower triangle of R dR^T - dQ^T Q.
    vjp(g, y) {
      const [[q, r], [gq, gr]] = [parts(y), parts(g)];
      const m = sub(matmul(r, transpose(triu(gr))), matmul(transpose(gq), q));
      const s = add(tril(m), transpose(tril(m, -1)));
      return overTriangle(add(gq, matmul(q, s)), transpose(r), false);
    },
    // With C = dA R^-1: dQ = Q (O - Q^T C) + C and dR = (Q^T C - O) R, O antisymmetric.
    jvp(t, y) {
      const [q, r] = parts(y);
      const c = overTriangle(t, r, true);
      const inside = matmul(transpose(q), c);
      const low = tril(inside, -1);
      const rest = sub(inside, sub(low, transpose(low)));
      return concat([sub(c, matmul(q, rest)), matmul(rest, r)], -2);
    },
  },
);

function parts(y: Tensor): [Tensor, Tensor] {
  const n = y.shape.at(-1)!;
  return [
    slice(y, "...", [0, y.shape.at(-2)! - n], ":"),
    slice(y, "...", [y.shape.at(-2)! - n, null], ":"),
  ];
}

/** x T^-1 for a triangle T. */
function overTriangle(x: Tensor, triangle: Tensor, upper: boolean): Tensor {
  return transpose(triangularSolve(transpose(triangle), transpose(x), { upper: !upper }));
}

/** An orthonormal basis and an upper triangle. */
export interface QR {
  /** `[…, m, min(m, n)]`, with orthonormal columns. */
  readonly q: Tensor;
  /** `[…, min(m, n), n]`, zero below the diagonal. */
  readonly r: Tensor;
}

/**
 * The reduced factorization `q r = x` by Householder's reflections. The derivative needs the first
 * `min(m, n)` columns to be independent.
 */
export function qr(x: Tensor): QR {
  checkTensors("qr", [x]);
  nd.expectMatrix("qr", x.value);
  const [m, n] = x.shape.slice(-2) as [number, number];
  return nd.scope(() => {
    // The columns past a square are no part of the basis: r = q^T x there.
    const square = m < n ? slice(x, "...", [0, m]) : x;
    const [q, r] = parts(stackedQR(square));
    if (m >= n) return { q, r };
    return { q, r: concat([r, matmul(transpose(q), slice(x, "...", [m, null]))], -1) };
  });
}

/**
 * Square matrices multiplied by themselves `power` times; of a negative power their inverse.
 *
 * @throws LinAlgError for a negative power of a singular matrix.
 */
export function matrixPower(x: Tensor, power: number): Tensor {
  checkTensors("matrixPower", [x]);
  nd.checkPower("matrixPower", power);
  if (power === 0) return new Tensor(nd.matrixPower(x.value, 0));
  nd.expectMatrix("matrixPower", x.value, true);
  return nd.scope(() => {
    const base = power < 0 ? inverse(x) : mul(x, 1);
    return nd.powerOf(base, Math.abs(power), matmul);
  });
}
