/** The cases of the ops that pick elements by integer tensors. */

import type { NestedNumbers } from "@needle/ndarray";
import { type Tensor, tensor } from "../../index.ts";
import type * as ops from "../../ops/indexing.ts";
import {
  asIs,
  type Case,
  constant,
  differentiable,
  scattered,
  turned,
  use,
  useViews,
} from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

function positions(values: NestedNumbers): Tensor {
  return tensor(values, { dtype: "int32" });
}

/** `index` with what stands along `axis` replaced. */
function replaced(index: readonly number[], axis: number, position: number): number[] {
  return index.with(axis, position);
}

/** A position counted from the start. */
function fromStart(position: number, length: number): number {
  return position < 0 ? position + length : position;
}

function gathered(axis: number): (x: Grid, index: Grid) => Grid {
  return (x, index) =>
    build(index.shape, (place) => at(x, replaced(place, axis, at(index, place))));
}

function scatterAdded(axis: number): (x: Grid, index: Grid, source: Grid) => Grid {
  return (x, index, source) => {
    const totals = build(x.shape, (place) => at(x, place));
    const values = [...totals.values];
    build(index.shape, (place) => {
      const target = replaced(place, axis, at(index, place));
      const position = target.reduce((sum, i, a) => sum * x.shape[a]! + i, 0);
      values[position]! += at(source, place);
      return 0;
    });
    return { shape: x.shape, values };
  };
}

/** Like scatterAdded, but each source element replaces what is there. */
function written(axis: number): (x: Grid, index: Grid, source: Grid) => Grid {
  return (x, index, source) => {
    const values = [...x.values];
    build(index.shape, (place) => {
      const target = replaced(place, axis, at(index, place));
      values[target.reduce((sum, i, a) => sum * x.shape[a]! + i, 0)] = at(source, place);
      return 0;
    });
    return { shape: x.shape, values };
  };
}

/** The cases of the ops that pick. */
export const indexingCases: Record<keyof typeof ops, Case> = {
  gather: differentiable((draw) => {
    const rows = positions([
      [2, 0, 2],
      [2, 1, 2],
    ]);
    const columns = positions([[0], [3], [0]]);
    return [
      use("axis 0", [draw([3, 3]), rows], (x, i) => x.gather(0, i), gathered(0)),
      use("axis -1", [draw([3, 4]), columns], (x, i) => x.gather(-1, i), gathered(1)),
      use(
        "a smaller index",
        [draw([3, 4]), positions([[1, 1]])],
        (x, i) => x.gather(0, i),
        gathered(0),
      ),
      use("nothing", [draw([3]), positions([])], (x, i) => x.gather(0, i), gathered(0)),
      useViews(
        "views of both",
        [draw([3, 3]), rows],
        [turned, (i) => i.flip()],
        (x, i) => x.gather(0, i),
        gathered(0),
      ),
    ];
  }),
  scatterAdd: differentiable((draw) => {
    const rows = positions([
      [1, 0],
      [1, 1],
    ]);
    const columns = positions([[1, 1, 0]]);
    return [
      use(
        "repeated positions",
        [draw([3, 2]), rows, draw([2, 2])],
        (x, i, y) => x.scatterAdd(0, i, y),
        scatterAdded(0),
      ),
      use(
        "a larger source, axis -1",
        [draw([2, 2]), columns, draw([2, 4])],
        (x, i, y) => x.scatterAdd(-1, i, y),
        scatterAdded(1),
      ),
      useViews(
        "views",
        [draw([2, 3]), rows, draw([2, 2])],
        [turned, asIs, turned],
        (x, i, y) => x.scatterAdd(0, i, y),
        scatterAdded(0),
      ),
    ];
  }),
  take: differentiable((draw) => {
    const two = positions([
      [1, 0],
      [-1, 1],
    ]);
    return [
      use(
        "rows",
        [draw([3, 2]), positions([2, 2, 0])],
        (x, i) => x.take(i),
        (x, i) => build([3, 2], ([a, b]) => at(x, [at(i, [a!]), b!])),
      ),
      use(
        "one row",
        [draw([3, 2]), positions(1)],
        (x, i) => x.take(i),
        (x) => build([2], ([b]) => at(x, [1, b!])),
      ),
      use(
        "a matrix of columns",
        [draw([2, 3]), two],
        (x, i) => x.take(i, 1),
        (x, i) => build([2, 2, 2], ([a, b, c]) => at(x, [a!, fromStart(at(i, [b!, c!]), 3)])),
      ),
      useViews(
        "a scattered view along -2",
        [draw([3, 4, 2]), positions([2, 0])],
        [scattered, asIs],
        (x, i) => x.take(i, -2),
        (x, i) => build([2, 2, 2], ([a, b, c]) => at(x, [a!, at(i, [b!]), c!])),
      ),
    ];
  }),
  takeAlongAxis: differentiable((draw) => [
    use(
      "[2,3] along -1",
      [
        draw([2, 3]),
        positions([
          [2, -3, 0, 2],
          [-1, 1, 1, 0],
        ]),
      ],
      (x, i) => x.takeAlongAxis(i),
      (x, i) => build([2, 4], ([a, b]) => at(x, [a!, fromStart(at(i, [a!, b!]), 3)])),
    ),
    use(
      "[1,3] along 0, both stretched",
      [draw([2, 1]), positions([[1, -2, 1]])],
      (x, i) => x.takeAlongAxis(i, 0),
      (x, i) => build([1, 3], ([, b]) => at(x, [fromStart(at(i, [0, b!]), 2), 0])),
    ),
  ]),
  indexSelect: differentiable((draw) => [
    use(
      "columns",
      [draw([2, 3]), positions([2, 0, 2])],
      (x, i) => x.indexSelect(-1, i),
      (x, i) => build([2, 3], ([a, b]) => at(x, [a!, at(i, [b!])])),
    ),
    use(
      "one position",
      [draw([2, 3]), positions(1)],
      (x, i) => x.indexSelect(0, i),
      (x) => build([1, 3], ([, b]) => at(x, [1, b!])),
    ),
  ]),
  indexAdd: differentiable((draw) => [
    use(
      "repeated rows",
      [draw([3, 2]), positions([2, 0, 2]), draw([3, 2])],
      (x, i, y) => x.indexAdd(0, i, y),
      (x, i, y) =>
        build([3, 2], ([a, b]) =>
          i.values.reduce(
            (sum, position, n) => (position === a ? sum + at(y, [n, b!]) : sum),
            at(x, [a!, b!]),
          ),
        ),
    ),
  ]),
  scatter: differentiable((draw) => {
    const twice = positions([
      [1, 0, 1],
      [1, 1, 0],
    ]);
    return [
      use(
        "repeated positions, of which the last counts",
        [draw([2, 3]), twice, draw([2, 3])],
        (x, i, y) => x.scatter(0, i, y),
        written(0),
      ),
      use(
        "a larger source along -1",
        [draw([2, 3]), positions([[2, 2]]), draw([2, 3])],
        (x, i, y) => x.scatter(-1, i, y),
        written(1),
      ),
      use(
        "a number",
        [draw([3]), positions([2, 0])],
        (x, i) => x.scatter(0, i, 7),
        (x) => build([3], ([a]) => (a === 1 ? at(x, [1]) : 7)),
      ),
    ];
  }),
  oneHot: constant("float32", () => [
    use(
      "labels in [3]",
      [positions([2, 0, 5])],
      (i) => i.oneHot(3),
      (i) => build([3, 3], ([a, b]) => Number(at(i, [a!]) === b)),
    ),
    use(
      "labels in [1,2]",
      [positions([[1, 0]])],
      (i) => i.oneHot(2),
      (i) => build([1, 2, 2], ([a, b, c]) => Number(at(i, [a!, b!]) === c)),
    ),
  ]),
};
