/**
 * The cases of the ops that rearrange, repeat or convert elements, by where each element comes
 * from.
 */
import { createReferenceBackend, type Index } from "@needle/ndarray";
import type { Tensor } from "../../index.ts";
import type * as ops from "../../ops/views.ts";
import {
  type Case,
  differentiable,
  type Sample,
  scattered,
  turned,
  use,
  useViews,
} from "./case.ts";
import { at, build, type Grid, stretchedAt } from "./grid.ts";

/** The same elements in the same order under another shape. */
const as =
  (...shape: number[]) =>
  (x: Grid): Grid => ({ shape, values: x.values });

const same = (x: Grid): Grid => x;

const rounded = (x: Grid): Grid => ({ shape: x.shape, values: x.values.map(Math.fround) });

/** Any step will do for a linear op; over a large one the rounding to float32 matters little. */
const coarsely = { step: 4 };

/** The cases of the views, and of the ops beside them that copy. */
export const viewCases: Record<keyof typeof ops, Case> = {
  reshape: differentiable((draw) => [
    use("[2,3] as [3,2]", [draw([2, 3])], (x) => x.reshape([3, 2]), as(3, 2)),
    use("[2,3] as [-1]", [draw([2, 3])], (x) => x.reshape([-1]), as(6)),
    use("[] as [1,1]", [draw([])], (x) => x.reshape([1, 1]), as(1, 1)),
    use("[1] as []", [draw([1])], (x) => x.reshape([]), as()),
    use("[0,3] as [3,0,2]", [draw([0, 3])], (x) => x.reshape([3, 0, 2]), as(3, 0, 2)),
    useViews(
      "a view that needs a copy",
      [draw([3, 4, 2])],
      [scattered],
      (x) => x.reshape([4, -1]),
      as(4, 3),
    ),
  ]),
  flatten: differentiable((draw) => [
    use("[2,3]", [draw([2, 3])], (x) => x.flatten(), as(6)),
    use("[]", [draw([])], (x) => x.flatten(), as(1)),
    use("[2,3,2] from 1", [draw([2, 3, 2])], (x) => x.flatten(1), as(2, 6)),
    use("[2,3,2] from 0 to -2", [draw([2, 3, 2])], (x) => x.flatten(0, -2), as(6, 2)),
    useViews("a scattered view", [draw([3, 4, 2])], [scattered], (x) => x.flatten(), as(12)),
  ]),
  squeeze: differentiable((draw) => [
    use("[1,3,1]", [draw([1, 3, 1])], (x) => x.squeeze(), as(3)),
    use("[1,3,1] at -1", [draw([1, 3, 1])], (x) => x.squeeze(-1), as(1, 3)),
    use("[1,3,1] at [0,2]", [draw([1, 3, 1])], (x) => x.squeeze([0, 2]), as(3)),
    use("[1]", [draw([1])], (x) => x.squeeze(), as()),
  ]),
  unsqueeze: differentiable((draw) => [
    use("[] at 0", [draw([])], (x) => x.unsqueeze(0), as(1)),
    use("[2,3] at -1", [draw([2, 3])], (x) => x.unsqueeze(-1), as(2, 3, 1)),
    useViews("a turned view at 1", [draw([2, 3])], [turned], (x) => x.unsqueeze(1), as(3, 1, 2)),
  ]),
  permute: differentiable((draw) => {
    const moved = (x: Grid): Grid => build([4, 2, 3], ([i, j, k]) => at(x, [j!, k!, i!]));
    return [
      use("[2,3,4] by [2,0,1]", [draw([2, 3, 4])], (x) => x.permute([2, 0, 1]), moved),
      use("[2,3,4] by [-1,0,-2]", [draw([2, 3, 4])], (x) => x.permute([-1, 0, -2]), moved),
      use("[] by []", [draw([])], (x) => x.permute([]), same),
      useViews(
        "a turned view by [1,0]",
        [draw([2, 3])],
        [turned],
        (x) => x.permute([1, 0]),
        (x) => build([2, 3], ([i, j]) => at(x, [j!, i!])),
      ),
    ];
  }),
  transpose: differentiable((draw) => {
    const swapped = (x: Grid): Grid => build([2, 4, 3], ([i, j, k]) => at(x, [i!, k!, j!]));
    const outer = (x: Grid): Grid => build([4, 3, 2], ([i, j, k]) => at(x, [k!, j!, i!]));
    return [
      use("[2,3,4]", [draw([2, 3, 4])], (x) => x.transpose(), swapped),
      use("[2,3,4] at -1 and 1", [draw([2, 3, 4])], (x) => x.transpose(-1, 1), swapped),
      use("[2,3,4] at [0,2]", [draw([2, 3, 4])], (x) => x.transpose([0, 2]), outer),
      use("[3]", [draw([3])], (x) => x.transpose(), same),
      use("[]", [draw([])], (x) => x.transpose(), same),
    ];
  }),
  swapaxes: differentiable((draw) => [
    use(
      "[2,3,4] at 0 and -1",
      [draw([2, 3, 4])],
      (x) => x.swapaxes(0, -1),
      (x) => build([4, 3, 2], ([i, j, k]) => at(x, [k!, j!, i!])),
    ),
    use("[2,3] at 1 and 1", [draw([2, 3])], (x) => x.swapaxes(1, 1), same),
  ]),
  moveaxis: differentiable((draw) => [
    use(
      "[2,3,4] from 0 to -1",
      [draw([2, 3, 4])],
      (x) => x.moveaxis(0, -1),
      (x) => build([3, 4, 2], ([i, j, k]) => at(x, [k!, i!, j!])),
    ),
    use(
      "[2,3,4] from [2,0] to [0,1]",
      [draw([2, 3, 4])],
      (x) => x.moveaxis([2, 0], [0, 1]),
      (x) => build([4, 2, 3], ([i, j, k]) => at(x, [j!, k!, i!])),
    ),
  ]),
  broadcastTo: differentiable((draw) => {
    const to =
      (...shape: number[]) =>
      (x: Grid): Grid =>
        build(shape, (index) => stretchedAt(x, index));
    return [
      use("[] to [2,3]", [draw([])], (x) => x.broadcastTo([2, 3]), to(2, 3)),
      use("[3] to [2,3]", [draw([3])], (x) => x.broadcastTo([2, 3]), to(2, 3)),
      use("[2,1] to [3,2,2]", [draw([2, 1])], (x) => x.broadcastTo([3, 2, 2]), to(3, 2, 2)),
      use("[2,1] to itself", [draw([2, 1])], (x) => x.broadcastTo([2, 1]), same),
      use("[1,2] to [0,2]", [draw([1, 2])], (x) => x.broadcastTo([0, 2]), to(0, 2)),
    ];
  }),
  expand: differentiable((draw) => [
    use(
      "[3,1] to [2,-1,4]",
      [draw([3, 1])],
      (x) => x.expand([2, -1, 4]),
      (x) => build([2, 3, 4], (index) => stretchedAt(x, index)),
    ),
    use("[2,3] to [-1,-1]", [draw([2, 3])], (x) => x.expand([-1, -1]), same),
    use(
      "[1] to [0]",
      [draw([1])],
      (x) => x.expand([0]),
      () => build([0], () => 0),
    ),
  ]),
  slice: differentiable((draw) => {
    const of = (
      indices: Index[],
      shape: number[],
      from: (i: number, j: number) => [number, number],
    ): Sample =>
      use(
        `[4,5] at ${JSON.stringify(indices)}`,
        [draw([4, 5])],
        (x) => x.slice(...indices),
        (x) => build(shape, ([i = 0, j = 0]) => at(x, from(i, j))),
      );
    return [
      of([1], [5], (i) => [1, i]),
      of([-1, -2], [], () => [3, 3]),
      of([":", 2], [4], (i) => [i, 2]),
      of(["1:3", "::2"], [2, 3], (i, j) => [1 + i, 2 * j]),
      of(["::-1", "4:1:-2"], [4, 2], (i, j) => [3 - i, 4 - 2 * j]),
      of(["...", [1, null]], [4, 4], (i, j) => [i, 1 + j]),
      of([0, null], [1, 5], (_, j) => [0, j]),
      of(["2:2"], [0, 5], (i, j) => [i, j]),
      useViews(
        "a turned view at [::-1, 1]",
        [draw([2, 3])],
        [turned],
        (x) => x.slice("::-1", 1),
        (x) => build([3], ([i]) => at(x, [2 - i!, 1])),
      ),
    ];
  }),
  unslice: differentiable((draw) => [
    use(
      "[2] at 1::2 of [4]",
      [draw([2])],
      (x) => x.unslice([4], "1::2"),
      (x) => build([4], ([i]) => (i! % 2 === 1 ? at(x, [(i! - 1) / 2]) : 0)),
    ),
    use(
      "[3] at row -1 of [2,3]",
      [draw([3])],
      (x) => x.unslice([2, 3], -1),
      (x) => build([2, 3], ([i, j]) => (i === 1 ? at(x, [j!]) : 0)),
    ),
    use(
      "[2,2] reversed into [3,2]",
      [draw([2, 2])],
      (x) => x.unslice([3, 2], "2:0:-1"),
      (x) => build([3, 2], ([i, j]) => (i === 0 ? 0 : at(x, [2 - i!, j!]))),
    ),
    use(
      "[1], repeated, at :2 of [3]",
      [draw([1])],
      (x) => x.unslice([3], ":2"),
      (x) => build([3], ([i]) => (i! < 2 ? at(x, [0]) : 0)),
    ),
    use(
      "[2], repeated, at : of [2,2]",
      [draw([2])],
      (x) => x.unslice([2, 2], ":"),
      (x) => build([2, 2], ([, j]) => at(x, [j!])),
    ),
  ]),
  flip: differentiable((draw) => [
    use(
      "[2,3]",
      [draw([2, 3])],
      (x) => x.flip(),
      (x) => build([2, 3], ([i, j]) => at(x, [1 - i!, 2 - j!])),
    ),
    use(
      "[2,3] along -1",
      [draw([2, 3])],
      (x) => x.flip(-1),
      (x) => build([2, 3], ([i, j]) => at(x, [i!, 2 - j!])),
    ),
    use(
      "[2,3,2] along [0,2]",
      [draw([2, 3, 2])],
      (x) => x.flip([0, 2]),
      (x) => build([2, 3, 2], ([i, j, k]) => at(x, [1 - i!, j!, 1 - k!])),
    ),
    use("[0,3]", [draw([0, 3])], (x) => x.flip(), same),
  ]),
  clone: differentiable((draw) => [
    use("[]", [draw([])], (x) => x.clone(), same),
    useViews("a scattered view", [draw([3, 4, 2])], [scattered], (x) => x.clone(), same),
  ]),
  astype: differentiable((draw) => {
    const there = (x: Tensor): Tensor => x.astype("float32").astype("float64");
    return [
      use("float64", [draw([3])], (x) => x.astype("float64"), same),
      use("float32 and back", [draw([2, 3])], there, rounded, coarsely),
    ];
  }),
  to: differentiable((draw) => {
    const other = createReferenceBackend();
    const options = { shapeOnly: false };
    return [
      use("the same backend", [draw([3])], (x) => x.to(x.backend), same),
      use(
        "another and back",
        [draw([2, 3])],
        (x) => x.to(other).mul(2).to(x.backend),
        (x) => build([2, 3], (i) => 2 * at(x, i)),
        options,
      ),
    ];
  }),
};
