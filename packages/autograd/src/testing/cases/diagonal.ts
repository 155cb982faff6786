/** The cases of diagonals and triangles. */
import type * as ops from "../../ops/diagonal.ts";
import { type Case, differentiable, scattered, turned, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

const below = (offset: number) => (x: Grid) =>
  build(x.shape, (index) => (index.at(-1)! - index.at(-2)! <= offset ? at(x, index) : 0));

const above = (offset: number) => (x: Grid) =>
  build(x.shape, (index) => (index.at(-1)! - index.at(-2)! >= offset ? at(x, index) : 0));

/** The cases of diagonals and triangles. */
export const diagonalCases: Record<keyof typeof ops, Case> = {
  diagonal: differentiable((draw) => [
    use(
      "[3,3]",
      [draw([3, 3])],
      (x) => x.diagonal(),
      (x) => build([3], ([i]) => at(x, [i!, i!])),
    ),
    use(
      "[2,4] at 1",
      [draw([2, 4])],
      (x) => x.diagonal(1),
      (x) => build([2], ([i]) => at(x, [i!, i! + 1])),
    ),
    use(
      "[3,2] at -2",
      [draw([3, 2])],
      (x) => x.diagonal(-2),
      (x) => build([1], () => at(x, [2, 0])),
    ),
    use(
      "[2,2] at 5",
      [draw([2, 2])],
      (x) => x.diagonal(5),
      () => build([0], () => 0),
    ),
    use(
      "[2,3,2] of the axes [2,0]",
      [draw([2, 3, 2])],
      (x) => x.diagonal(1, [2, 0]),
      (x) => build([3, 1], ([j]) => at(x, [1, j!, 0])),
    ),
    useViews(
      "a scattered view of axes -2 and -1",
      [draw([3, 4, 2])],
      [scattered],
      (x) => x.diagonal(0, -2, -1),
      (x) => build([2, 2], ([b, i]) => at(x, [b!, i!, i!])),
    ),
  ]),
  undiagonal: differentiable((draw) => [
    use(
      "[2] in [2,3] at 1",
      [draw([2])],
      (x) => x.undiagonal([2, 3], 1),
      (x) => build([2, 3], ([i, j]) => (j === i! + 1 ? at(x, [i!]) : 0)),
    ),
    use(
      "[3,2] in [2,3,2] of the axes [0,2]",
      [draw([3, 2])],
      (x) => x.undiagonal([2, 3, 2], 0, [0, 2]),
      (x) => build([2, 3, 2], ([i, j, k]) => (i === k ? at(x, [j!, i!]) : 0)),
    ),
    use(
      "[1], repeated",
      [draw([1])],
      (x) => x.undiagonal([2, 2]),
      (x) => build([2, 2], ([i, j]) => (i === j ? at(x, [0]) : 0)),
    ),
  ]),
  diag: differentiable((draw) => [
    use(
      "[2]",
      [draw([2])],
      (x) => x.diag(),
      (x) => build([2, 2], ([i, j]) => (i === j ? at(x, [i!]) : 0)),
    ),
    use(
      "[2] at -1",
      [draw([2])],
      (x) => x.diag(-1),
      (x) => build([3, 3], ([i, j]) => (i === j! + 1 ? at(x, [j!]) : 0)),
    ),
    use(
      "[0]",
      [draw([0])],
      (x) => x.diag(),
      () => build([0, 0], () => 0),
    ),
    useViews(
      "a turned view at 1",
      [draw([2, 3])],
      [turned],
      (x) => x.diag(1),
      (x) => build([1], () => at(x, [0, 1])),
    ),
  ]),
  trace: differentiable((draw) => [
    use(
      "[2,2]",
      [draw([2, 2])],
      (x) => x.trace(),
      (x) => build([], () => at(x, [0, 0]) + at(x, [1, 1])),
    ),
    use(
      "[2,3,2] of the axes 0 and 2",
      [draw([2, 3, 2])],
      (x) => x.trace(0, 0, 2),
      (x) => build([3], ([j]) => at(x, [0, j!, 0]) + at(x, [1, j!, 1])),
    ),
    use(
      "[2,2] past the corner",
      [draw([2, 2])],
      (x) => x.trace(2),
      () => build([], () => 0),
    ),
  ]),
  tril: differentiable((draw) => [
    use("[3,3]", [draw([3, 3])], (x) => x.tril(), below(0)),
    use("[2,2,3] at 1", [draw([2, 2, 3])], (x) => x.tril(1), below(1)),
    use("[3,2] at -2", [draw([3, 2])], (x) => x.tril(-2), below(-2)),
    useViews("a turned view", [draw([2, 3])], [turned], (x) => x.tril(), below(0)),
  ]),
  triu: differentiable((draw) => [
    use("[3,3]", [draw([3, 3])], (x) => x.triu(), above(0)),
    use("[2,2,3] at -1", [draw([2, 2, 3])], (x) => x.triu(-1), above(-1)),
    use("[0,2]", [draw([0, 2])], (x) => x.triu(), above(0)),
  ]),
};
