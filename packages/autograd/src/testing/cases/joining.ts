/** The cases of the ops that join tensors, and of those that part them. */
import { concat, stack } from "../../index.ts";
import type * as ops from "../../ops/joining.ts";
import { type Case, differentiable, scattered, turned, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

/** Grids of one shape, or with others along `axis`, one after the other. */
function joined(axis: number): (...grids: Grid[]) => Grid {
  return (...grids) => {
    const lengths = grids.map((x) => x.shape[axis]!);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    return build(grids[0]!.shape.with(axis, total), (index) => {
      let position = index[axis]!;
      let part = 0;
      while (position >= lengths[part]!) position -= lengths[part++]!;
      return at(grids[part]!, index.with(axis, position));
    });
  };
}

function stacked(axis: number): (...grids: Grid[]) => Grid {
  return (...grids) =>
    build(grids[0]!.shape.toSpliced(axis, 0, grids.length), (index) =>
      at(grids[index[axis]!]!, index.toSpliced(axis, 1)),
    );
}

/** Part `i` of an axis, from `start` on. */
function part(axis: number, start: number, length: number): (x: Grid) => Grid {
  return (x) =>
    build(x.shape.with(axis, length), (index) => at(x, index.with(axis, index[axis]! + start)));
}

/** The cases of the ops that join and part. */
export const joiningCases: Record<keyof typeof ops, Case> = {
  concat: differentiable((draw) => [
    use("[2,3] and [1,3]", [draw([2, 3]), draw([1, 3])], (...xs) => concat(xs), joined(0)),
    use(
      "[2,1], [2,0] and [2,2] along -1",
      [draw([2, 1]), draw([2, 0]), draw([2, 2])],
      (...xs) => concat(xs, -1),
      joined(1),
    ),
    use(
      "one tensor, twice",
      [draw([2])],
      (x) => concat([x, x]),
      (x) => joined(0)(x, x),
    ),
    useViews(
      "turned views along 1",
      [draw([3, 2]), draw([1, 2])],
      [turned, turned],
      (...xs) => concat(xs, 1),
      joined(1),
    ),
  ]),
  stack: differentiable((draw) => [
    use("[] twice", [draw([]), draw([])], (...xs) => stack(xs), stacked(0)),
    use("[2,3] twice along -1", [draw([2, 3]), draw([2, 3])], (...xs) => stack(xs, -1), stacked(2)),
    use(
      "[2,3] thrice along 1",
      [draw([2, 3]), draw([2, 3]), draw([2, 3])],
      (...xs) => stack(xs, 1),
      stacked(1),
    ),
  ]),
  split: differentiable((draw) => [
    use("[6] in 3, the second", [draw([6])], (x) => x.split(3)[1]!, part(0, 2, 2)),
    use(
      "[2,5] at 1 and -1 along -1, the middle",
      [draw([2, 5])],
      (x) => x.split([1, -1], -1)[1]!,
      part(1, 1, 3),
    ),
    use("[3] past its end, the rest", [draw([3])], (x) => x.split([5])[1]!, part(0, 3, 0)),
    use("[3] at 2 and 1, the second", [draw([3])], (x) => x.split([2, 1])[1]!, part(0, 2, 0)),
    useViews(
      "a turned view, joined the other way round",
      [draw([2, 4])],
      [turned],
      (x) => concat(x.split(2).reverse()),
      (x) => build([4, 2], ([i, j]) => at(x, [(i! + 2) % 4, j!])),
    ),
  ]),
  chunk: differentiable((draw) => [
    use("[7] in 3, the last", [draw([7])], (x) => x.chunk(3)[2]!, part(0, 6, 1)),
    use("[2,5] in 2 along 1", [draw([2, 5])], (x) => x.chunk(2, 1)[0]!, part(1, 0, 3)),
    use("[0] in 2", [draw([0])], (x) => x.chunk(2)[1]!, part(0, 0, 0)),
  ]),
  unstack: differentiable((draw) => [
    use(
      "[2,3], the last",
      [draw([2, 3])],
      (x) => x.unstack()[1]!,
      (x) => build([3], ([j]) => at(x, [1, j!])),
    ),
    use(
      "[2,3] along -1 and back",
      [draw([2, 3])],
      (x) => stack(x.unstack(-1), -1),
      (x) => x,
    ),
    useViews(
      "a scattered view along 1",
      [draw([3, 4, 2])],
      [scattered],
      (x) => x.unstack(1)[2]!,
      (x) => build([2, 2], ([i, j]) => at(x, [i!, 2, j!])),
    ),
  ]),
};
