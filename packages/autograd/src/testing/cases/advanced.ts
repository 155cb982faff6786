/** The cases of index expressions that hold tensors. */
import type { NestedNumbers } from "@needle/ndarray";
import { type Tensor, tensor } from "../../index.ts";
import type * as ops from "../../ops/advanced.ts";
import { type Case, differentiable, scattered, turned, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

const positions = (values: NestedNumbers): Tensor => tensor(values, { dtype: "int32" });

const mask = tensor([
  [true, false, true],
  [false, false, true],
]);

/** Masks are read, which a backend without values cannot do. */
const reading = { shapeOnly: false };

const i = positions([1, 0, 1]);
const j = positions([[0], [-1]]);

/** x with elements changed one after the other. */
function changed(
  x: Grid,
  changes: readonly (readonly [place: readonly number[], value: number])[],
  combine: (before: number, value: number) => number,
): Grid {
  const values = [...x.values];
  for (const [place, value] of changes) {
    const position = place.reduce((sum, k, axis) => sum * x.shape[axis]! + k, 0);
    values[position] = combine(values[position]!, value);
  }
  return { shape: x.shape, values };
}

const replace = (_: number, value: number): number => value;
const sum = (before: number, value: number): number => before + value;

/** The cases of `at`, `indexPut` and `put`. */
export const advancedCases: Record<keyof typeof ops, Case> = {
  at: differentiable((draw) => [
    use(
      "rows",
      [draw([2, 3]), i],
      (x, rows) => x.at(rows),
      (x) => build([3, 3], ([a, b]) => at(x, [[1, 0, 1][a!]!, b!])),
    ),
    use(
      "two tensors, broadcast",
      [draw([2, 3]), j, i],
      (x, rows, columns) => x.at(rows, columns),
      (x) => build([2, 3], ([a, b]) => at(x, [a!, [1, 0, 1][b!]!])),
    ),
    use(
      "two tensors in the middle",
      [draw([2, 2, 3, 2]), i, i],
      (x, rows, columns) => x.at("::-1", rows, columns),
      (x) =>
        build([2, 3, 2], ([a, b, c]) => at(x, [1 - a!, b! === 1 ? 0 : 1, b! === 1 ? 0 : 1, c!])),
    ),
    use(
      "two tensors apart",
      [draw([2, 3, 2]), i, i],
      (x, rows, columns) => x.at(rows, "1:", columns),
      (x) => build([3, 2], ([a, b]) => at(x, [[1, 0, 1][a!]!, b! + 1, [1, 0, 1][a!]!])),
    ),
    use(
      "a position and a tensor apart",
      [draw([2, 3, 2]), i],
      (x, last) => x.at(-1, "...", last),
      (x) => build([3, 3], ([a, b]) => at(x, [1, b!, [1, 0, 1][a!]!])),
    ),
    use(
      "a new axis before a tensor",
      [draw([2, 3]), i],
      (x, rows) => x.at(null, rows, 2),
      (x) => build([1, 3], ([, b]) => at(x, [[1, 0, 1][b!]!, 2])),
    ),
    use(
      "a mask",
      [draw([2, 3]), mask],
      (x, where) => x.at(where),
      (x) => build([3], ([a]) => [at(x, [0, 0]), at(x, [0, 2]), at(x, [1, 2])][a!]!),
      reading,
    ),
    use(
      "a mask of the last axis beside a range",
      [draw([2, 3]), tensor([true, false, true])],
      (x, columns) => x.at(":", columns),
      (x) => build([2, 2], ([a, b]) => at(x, [a!, 2 * b!])),
      reading,
    ),
    use(
      "no tensor",
      [draw([2, 3])],
      (x) => x.at(1, "::2"),
      (x) => build([2], ([a]) => at(x, [1, 2 * a!])),
    ),
    useViews(
      "a scattered view",
      [draw([3, 4, 2]), i],
      [scattered, (x) => x],
      (x, last) => x.at(0, "...", last),
      (x) => build([3, 3], ([a, b]) => at(x, [0, b!, [1, 0, 1][a!]!])),
    ),
  ]),
  indexPut: differentiable((draw) => [
    use(
      "rows, of which the last counts",
      [draw([2, 3]), i, draw([3, 3])],
      (x, rows, y) => x.indexPut([rows], y),
      (x, _, y) =>
        changed(
          x,
          [1, 0, 1].flatMap((row, n) => [0, 1, 2].map((c) => [[row, c], at(y, [n, c])] as const)),
          replace,
        ),
    ),
    use(
      "rows, added up, from one stretched row",
      [draw([2, 2]), i, draw([2])],
      (x, rows, y) => x.indexPut([rows], y, { accumulate: true }),
      (x, _, y) =>
        changed(
          x,
          [1, 0, 1].flatMap((row) => [0, 1].map((c) => [[row, c], at(y, [c])] as const)),
          sum,
        ),
    ),
    use(
      "a mask, by one element",
      [draw([2, 3]), mask, draw([])],
      (x, where, y) => x.indexPut([where], y),
      (x, where, y) => build([2, 3], (index) => (at(where, index) ? at(y, []) : at(x, index))),
      reading,
    ),
    use(
      "a number at a range",
      [draw([4])],
      (x) => x.indexPut(["1::2"], 5),
      (x) => build([4], ([a]) => (a! % 2 ? 5 : at(x, [a!]))),
    ),
    useViews(
      "a turned view, apart",
      [draw([2, 3]), i, draw([3, 1])],
      [turned, (x) => x, (x) => x],
      (x, rows, y) => x.indexPut([rows, "...", null, 1], y),
      (x, _, y) =>
        changed(
          x,
          [1, 0, 1].map((row, n) => [[row, 1], at(y, [n, 0])] as const),
          replace,
        ),
    ),
  ]),
  put: differentiable((draw) => [
    use(
      "[2,2] at 3 and 0",
      [draw([2, 2]), positions([-1, 0]), draw([2])],
      (x, places, y) => x.put(places, y),
      (x, _, y) =>
        changed(
          x,
          [
            [[1, 1], at(y, [0])],
            [[0, 0], at(y, [1])],
          ],
          replace,
        ),
    ),
    use(
      "[2,2] at 3 twice, added",
      [draw([2, 2]), positions([3, 3])],
      (x, places) => x.put(places, 2, { accumulate: true }),
      (x) => changed(x, [[[1, 1], 4]], sum),
    ),
  ]),
};
