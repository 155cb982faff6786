/** The cases of the ops that repeat elements, move them around or spread them over a grid. */
import { meshgrid } from "../../index.ts";
import type * as ops from "../../ops/repeating.ts";
import { type Case, differentiable, scattered, turned, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

/** x over again, in a shape of at least its rank. */
function tiled(...shape: number[]): (x: Grid) => Grid {
  return (x) =>
    build(shape, (index) => {
      const own = index.slice(index.length - x.shape.length);
      return at(
        x,
        own.map((i, axis) => i % x.shape[axis]!),
      );
    });
}

const flat = (x: Grid): Grid => ({ shape: [x.values.length], values: x.values });

/** The positions of `list` along an axis. */
function picked(axis: number, ...list: number[]): (x: Grid) => Grid {
  return (x) =>
    build(x.shape.with(axis, list.length), (index) => at(x, index.with(axis, list[index[axis]!]!)));
}

function rolled(axis: number, by: number): (x: Grid) => Grid {
  return (x) => {
    const length = x.shape[axis]!;
    return build(x.shape, (index) =>
      at(x, index.with(axis, (index[axis]! + by * length - by) % length)),
    );
  };
}

/** The cases of `tile`, `repeat`, `roll` and `meshgrid`. */
export const repeatingCases: Record<keyof typeof ops, Case> = {
  tile: differentiable((draw) => [
    use("[2] by 3", [draw([2])], (x) => x.tile(3), tiled(6)),
    use("[2] by [2,2]", [draw([2])], (x) => x.tile([2, 2]), tiled(2, 4)),
    use("[2,1,3] by [2,1]", [draw([2, 1, 3])], (x) => x.tile([2, 1]), tiled(2, 2, 3)),
    use("[] by []", [draw([])], (x) => x.tile([]), tiled()),
    use("[] by 2", [draw([])], (x) => x.tile(2), tiled(2)),
    use("[2] by 0", [draw([2])], (x) => x.tile(0), tiled(0)),
    use("[0,2] by 3", [draw([0, 2])], (x) => x.tile([3, 3]), tiled(0, 6)),
    useViews("a turned view by 2", [draw([2, 3])], [turned], (x) => x.tile(2), tiled(3, 4)),
  ]),
  repeat: differentiable((draw) => [
    use("[2] by 2", [draw([2])], (x) => x.repeat(2), picked(0, 0, 0, 1, 1)),
    use(
      "[2,2] by 2, flattened",
      [draw([2, 2])],
      (x) => x.repeat(2),
      (x) => picked(0, 0, 0, 1, 1, 2, 2, 3, 3)(flat(x)),
    ),
    use("[2,3] by 2 along -1", [draw([2, 3])], (x) => x.repeat(2, -1), picked(1, 0, 0, 1, 1, 2, 2)),
    use("[3,2] by [2,0,1]", [draw([3, 2])], (x) => x.repeat([2, 0, 1], 0), picked(0, 0, 0, 2)),
    use("[2] by 0", [draw([2])], (x) => x.repeat(0), picked(0)),
    use("[0,2] by 2", [draw([0, 2])], (x) => x.repeat(2, 0), picked(0)),
    useViews(
      "a scattered view by [1,2]",
      [draw([3, 4, 2])],
      [scattered],
      (x) => x.repeat([1, 2], 0),
      picked(0, 0, 1, 1),
    ),
  ]),
  roll: differentiable((draw) => [
    use("[5] by 2", [draw([5])], (x) => x.roll(2), rolled(0, 2)),
    use("[5] by -7", [draw([5])], (x) => x.roll(-7), rolled(0, 3)),
    use(
      "[2,3] by 1, flattened",
      [draw([2, 3])],
      (x) => x.roll(1),
      (x) => ({ shape: x.shape, values: rolled(0, 1)(flat(x)).values }),
    ),
    use(
      "[2,3] by [1,-1]",
      [draw([2, 3])],
      (x) => x.roll([1, -1], [0, 1]),
      (x) => rolled(1, 2)(rolled(0, 1)(x)),
    ),
    use("[3] by 1 twice", [draw([3])], (x) => x.roll([1, 1], 0), rolled(0, 2)),
    use(
      "[] by 1",
      [draw([])],
      (x) => x.roll(1),
      (x) => x,
    ),
    use(
      "[0,2] by 1",
      [draw([0, 2])],
      (x) => x.roll(1, 0),
      (x) => x,
    ),
    use(
      "[3] by 3",
      [draw([3])],
      (x) => x.roll(3),
      (x) => x,
    ),
  ]),
  meshgrid: differentiable((draw) => [
    use(
      "[2] and [3] along xy, the first",
      [draw([2]), draw([3])],
      (a, b) => meshgrid([a, b])[0]!,
      (a) => build([3, 2], ([, j]) => at(a, [j!])),
    ),
    use(
      "[2] and [3] along xy, the second",
      [draw([2]), draw([3])],
      (a, b) => meshgrid([a, b])[1]!,
      (_, b) => build([3, 2], ([i]) => at(b, [i!])),
    ),
    use(
      "[2], [3] and [] along ij",
      [draw([2]), draw([3]), draw([])],
      (a, b, c) => meshgrid([a, b, c], { indexing: "ij" }).reduce((x, y) => x.mul(y)),
      (a, b, c) => build([2, 3, 1], ([i, j]) => at(a, [i!]) * at(b, [j!]) * at(c, [])),
    ),
    use(
      "[3] alone",
      [draw([3])],
      (a) => meshgrid([a])[0]!,
      (a) => a,
    ),
  ]),
};
