/** The cases of products, as explicit sums. */
import { einsum } from "../../index.ts";
import type * as ops from "../../ops/products.ts";
import { type Case, differentiable, scattered, turned, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

/** The sum of f(0), f(1), …, f(n - 1). */
function total(n: number, f: (k: number) => number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += f(k);
  return sum;
}

/** The cases of the products of two tensors, and of einsum. */
export const productCases: Record<keyof typeof ops, Case> = {
  dot: differentiable((draw) => [
    use(
      "[3] and [3]",
      [draw([3]), draw([3])],
      (a, b) => a.dot(b),
      (a, b) => build([], () => total(3, (k) => at(a, [k]) * at(b, [k]))),
    ),
    use(
      "[2,3] and [2,3,2]",
      [draw([2, 3]), draw([2, 3, 2])],
      (a, b) => a.dot(b),
      (a, b) =>
        build([2, 2, 2], ([i, j, l]) => total(3, (k) => at(a, [i!, k]) * at(b, [j!, k, l!]))),
    ),
    use(
      "[] and [2]",
      [draw([]), draw([2])],
      (a, b) => a.dot(b),
      (a, b) => build([2], ([i]) => at(a, []) * at(b, [i!])),
    ),
  ]),
  inner: differentiable((draw) => [
    use(
      "[2,3] and [4,3]",
      [draw([2, 3]), draw([4, 3])],
      (a, b) => a.inner(b),
      (a, b) => build([2, 4], ([i, j]) => total(3, (k) => at(a, [i!, k]) * at(b, [j!, k]))),
    ),
    use(
      "[0] and [0]",
      [draw([0]), draw([0])],
      (a, b) => a.inner(b),
      () => build([], () => 0),
    ),
  ]),
  vdot: differentiable((draw) => [
    useViews(
      "a turned view and [6]",
      [draw([2, 3]), draw([6])],
      [turned, (b) => b],
      (a, b) => a.vdot(b),
      (a, b) => build([], () => total(6, (k) => a.values[k]! * b.values[k]!)),
    ),
  ]),
  outer: differentiable((draw) => [
    use(
      "[2] and [2,2]",
      [draw([2]), draw([2, 2])],
      (a, b) => a.outer(b),
      (a, b) => build([2, 4], ([i, j]) => a.values[i!]! * b.values[j!]!),
    ),
  ]),
  tensordot: differentiable((draw) => [
    use(
      "[2,3,2] and [3,2,2]",
      [draw([2, 3, 2]), draw([3, 2, 2])],
      (a, b) => a.tensordot(b),
      (a, b) =>
        build([2, 2], ([i, j]) =>
          total(3, (k) => total(2, (l) => at(a, [i!, k, l]) * at(b, [k, l, j!]))),
        ),
    ),
    use(
      "[2,3] and [4,2] over 0 and -1",
      [draw([2, 3]), draw([4, 2])],
      (a, b) => a.tensordot(b, [0, -1]),
      (a, b) => build([3, 4], ([i, j]) => total(2, (k) => at(a, [k, i!]) * at(b, [j!, k]))),
    ),
    use(
      "[2] and [3] over none",
      [draw([2]), draw([3])],
      (a, b) => a.tensordot(b, 0),
      (a, b) => build([2, 3], ([i, j]) => at(a, [i!]) * at(b, [j!])),
    ),
  ]),
  kron: differentiable((draw) => [
    use(
      "[2,2] and [3]",
      [draw([2, 2]), draw([3])],
      (a, b) => a.kron(b),
      (a, b) => build([2, 6], ([i, j]) => at(a, [i!, Math.floor(j! / 3)]) * at(b, [j! % 3])),
    ),
  ]),
  cross: differentiable((draw) => [
    use(
      "[3] and [2,3]",
      [draw([3]), draw([2, 3])],
      (a, b) => a.cross(b),
      (a, b) =>
        build([2, 3], ([i, k]) => {
          const [next, last] = [(k! + 1) % 3, (k! + 2) % 3];
          return at(a, [next]) * at(b, [i!, last]) - at(a, [last]) * at(b, [i!, next]);
        }),
    ),
  ]),
  einsum: differentiable((draw) => {
    const matrix = (...indices: [number, number]) => indices;
    return [
      use(
        "ij,jk",
        [draw([2, 3]), draw([3, 2])],
        (a, b) => einsum("ij,jk", a, b),
        (a, b) => build([2, 2], ([i, k]) => total(3, (j) => at(a, [i!, j]) * at(b, [j, k!]))),
      ),
      use(
        "ii",
        [draw([3, 3])],
        (a) => einsum("ii", a),
        (a) => build([], () => total(3, (i) => at(a, matrix(i, i)))),
      ),
      use(
        "ii->i",
        [draw([3, 3])],
        (a) => einsum("ii->i", a),
        (a) => build([3], ([i]) => at(a, [i!, i!])),
      ),
      use(
        "iii->i",
        [draw([2, 2, 2])],
        (x) => einsum("iii->i", x),
        (x) => build([2], ([i]) => at(x, [i!, i!, i!])),
      ),
      use(
        "iji->j",
        [draw([2, 3, 2])],
        (a) => einsum("iji->j", a),
        (a) => build([3], ([j]) => total(2, (i) => at(a, [i, j!, i]))),
      ),
      use(
        "...ij,...kj->...ik",
        [draw([2, 1, 2, 3]), draw([2, 2, 3])],
        (a, b) => einsum("...ij,...kj->...ik", a, b),
        (a, b) =>
          build([2, 2, 2, 2], ([x, y, i, k]) =>
            total(3, (j) => at(a, [x!, 0, i!, j]) * at(b, [y!, k!, j])),
          ),
      ),
      use(
        "b a",
        [draw([2, 3])],
        (a) => einsum("b a", a),
        (a) => build([3, 2], ([i, j]) => at(a, [j!, i!])),
      ),
      use(
        "ij,j,k->ik",
        [draw([2, 3]), draw([3]), draw([2])],
        (a, b, c) => einsum("ij,j,k->ik", a, b, c),
        (a, b, c) =>
          build([2, 2], ([i, k]) => total(3, (j) => at(a, [i!, j]) * at(b, [j]) * at(c, [k!]))),
      ),
      use(
        "i,i->",
        [draw([3]), draw([1])],
        (a, b) => einsum("i,i->", a, b),
        (a, b) => build([], () => total(3, (i) => at(a, [i]) * at(b, [0]))),
      ),
      use(
        "ab,cd,bc->ad",
        [draw([2, 3]), draw([2, 4]), draw([3, 2])],
        (a, b, c) => einsum("ab,cd,bc->ad", a, b, c),
        (a, b, c) =>
          build([2, 4], ([i, l]) =>
            total(3, (j) => total(2, (k) => at(a, [i!, j]) * at(b, [k, l!]) * at(c, [j, k]))),
          ),
      ),
      useViews(
        "a scattered view",
        [draw([3, 4, 2])],
        [scattered],
        (a) => einsum("abc->b", a),
        (a: Grid) => build([3], ([b]) => total(2, (i) => total(2, (c) => at(a, [i, b!, c])))),
      ),
    ];
  }),
};
