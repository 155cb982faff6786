/** Calls of the products and of linear algebra. */

import type { NDArray } from "../ndarray.ts";
import * as linalg from "../ops/linalg.ts";
import * as products from "../ops/products.ts";
import { type ArrayInput, call, f32, f64, i32, type OpCall, u8 } from "./call.ts";

type Product = (a: NDArray, b: NDArray) => NDArray;

function pair(run: Product, a: ArrayInput, b: ArrayInput): OpCall {
  return call(`[${a.shape}] and [${b.shape}]`, [a, b], (x, y) => run(x!, y!));
}

/** The calls of products and of linear algebra. */
export const linalgCalls: Record<
  | Exclude<keyof typeof products, "einsum">
  | "cholesky"
  | "det"
  | "inverse"
  | "matrixPower"
  | "qr"
  | "slogdet"
  | "solve"
  | "triangularSolve",
  readonly OpCall[]
> = {
  dot: [
    pair(products.dot, f32(3), i32(3)),
    pair(products.dot, f32(2, 3), f64(4, 3, 2)),
    pair(products.dot, f32(), u8(2)),
  ],
  inner: [pair(products.inner, f32(2, 3), i32(4, 3)), pair(products.inner, i32(), f32(2))],
  vdot: [pair(products.vdot, f32(2, 3), f64(6))],
  outer: [pair(products.outer, f32(2), i32(2, 2)), pair(products.outer, f32(0), f32(3))],
  tensordot: [
    pair((a, b) => products.tensordot(a, b, [[0], [1]]), f32(2, 3), f64(4, 2)),
    pair(products.tensordot, i32(2, 3, 4), u8(3, 4, 5)),
  ],
  kron: [pair(products.kron, f32(2, 3), i32(2)), pair(products.kron, u8(2), u8(2, 2))],
  cross: [pair((a, b) => products.cross(a, b), f32(2, 3), f64(3))],
  solve: [
    pair(linalg.solve, f64(2, 2), f64(2, 1)),
    pair(linalg.solve, f32(3, 2, 2), i32(3, 2)),
    pair(linalg.solve, i32(2, 0, 0), f64(0, 3)),
  ],
  triangularSolve: [
    pair((a, b) => linalg.triangularSolve(a, b), f32(2, 2), f32(4, 2, 1)),
    pair((a, b) => linalg.triangularSolve(a, b, { upper: true }), f32(3, 2, 2), f64(2, 1)),
  ],
  inverse: [
    call("batch", [f32(3, 2, 2)], (x) => linalg.inverse(x!)),
    call("empty", [i32(0, 0)], (x) => linalg.inverse(x!)),
  ],
  det: [
    call("integers", [i32(3, 3)], (x) => linalg.det(x!)),
    call("batch", [f64(2, 0, 3, 3)], (x) => linalg.det(x!)),
  ],
  slogdet: [
    call("sign", [f32(4, 3, 3)], (x) => {
      const { sign, logabsdet } = linalg.slogdet(x!);
      logabsdet.dispose();
      return sign;
    }),
    call("logarithm", [f64(3, 3)], (x) => {
      const { sign, logabsdet } = linalg.slogdet(x!);
      sign.dispose();
      return logabsdet;
    }),
  ],
  cholesky: [
    call("no matrices", [f32(0, 2, 2)], (x) => linalg.cholesky(x!)),
    call("empty matrices", [i32(3, 0, 0)], (x) => linalg.cholesky(x!)),
  ],
  qr: [
    call("tall", [f32(2, 4, 3)], (x) => {
      const { q, r } = linalg.qr(x!);
      r.dispose();
      return q;
    }),
    call("wide", [i32(2, 3)], (x) => {
      const { q, r } = linalg.qr(x!);
      q.dispose();
      return r;
    }),
  ],
  matrixPower: [
    call("zero", [i32(2, 3, 3)], (x) => linalg.matrixPower(x!, 0)),
    call("one", [f32(3, 3)], (x) => linalg.matrixPower(x!, 1)),
    call("five", [f32(3, 3)], (x) => linalg.matrixPower(x!, 5)),
  ],
};
