/** The cases of the products, by the sum over the inner axis. */
import { broadcastShapes, type Shape } from "@needle/ndarray";
import * as ops from "../../ops/matmul.ts";
import {
  asIs,
  type Case,
  type Draw,
  differentiable,
  type Sample,
  turned,
  use,
  useViews,
} from "./case.ts";
import { build, type Grid, stretchedAt } from "./grid.ts";

/** out[…, i, j] = sum over p of a[…, i, p] b[…, p, j], for operands of at least two axes. */
function product(a: Grid, b: Grid): Grid {
  const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const batch = broadcastShapes("product", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return build([...batch, m, n], (index) => {
    const [i, j] = index.slice(-2) as [number, number];
    const place = index.slice(0, -2);
    let total = 0;
    for (let p = 0; p < k; p++) {
      total += stretchedAt(a, [...place, i, p]) * stretchedAt(b, [...place, p, j]);
    }
    return total;
  });
}

const shaped = (x: Grid, ...shape: number[]): Grid => ({ shape, values: x.values });
const row = (x: Grid): Grid => shaped(x, 1, ...x.shape);
const column = (x: Grid): Grid => shaped(x, ...x.shape, 1);

function pairs(draw: Draw): Sample[] {
  const of = (a: Shape, b: Shape, expected: (a: Grid, b: Grid) => Grid = product): Sample =>
    use(`[${a}] and [${b}]`, [draw(a), draw(b)], ops.matmul, expected);
  return [
    of([2, 3], [3, 4]),
    of([3], [3], (a, b) => shaped(product(row(a), column(b)))),
    of([3], [3, 2], (a, b) => shaped(product(row(a), b), 2)),
    of([2, 3], [3], (a, b) => shaped(product(a, column(b)), 2)),
    of([3], [2, 3, 4], (a, b) => shaped(product(row(a), b), 2, 4)),
    of([2, 4, 3], [3], (a, b) => shaped(product(a, column(b)), 2, 4)),
    of([2, 2, 3], [2, 3, 2]),
    of([2, 2, 3], [3, 2]),
    of([2, 3], [2, 3, 2]),
    of([2, 1, 2, 3], [3, 3, 2]),
    of([1, 2, 2], [3, 2, 1]),
    of([0, 3], [3, 2]),
    of([2, 0], [0, 3]),
    of([0, 2, 3], [1, 3, 2]),
    useViews(
      "two turned views",
      [draw([3, 2]), draw([4, 3])],
      [turned, turned],
      ops.matmul,
      product,
    ),
    useViews(
      "a stretched view and a matrix",
      [draw([3]), draw([3, 2])],
      [(x) => x.broadcastTo([2, 2, 3]), asIs],
      ops.matmul,
      product,
    ),
    use(
      "a matrix and itself",
      [draw([3, 3])],
      (x) => x.matmul(x),
      (x) => product(x, x),
    ),
    use(
      "a matrix and its transpose",
      [draw([2, 3])],
      (x) => x.matmul(x.transpose()),
      (x) =>
        product(
          x,
          build([3, 2], ([i, j]) => stretchedAt(x, [j!, i!])),
        ),
    ),
  ];
}

/** The cases of the products. */
export const matmulCases: Record<keyof typeof ops, Case> = {
  matmul: differentiable(pairs),
};
