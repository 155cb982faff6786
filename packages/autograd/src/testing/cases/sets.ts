/** The cases of sets, sorted tables and counts. */
import { tensor } from "../../index.ts";
import type * as ops from "../../ops/sets.ts";
import { type Case, constant, differentiable, use } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

const list =
  (...values: number[]): (() => Grid) =>
  () => ({ shape: [values.length], values });

const counted = tensor([1, 3, 1, 0], { dtype: "int32" });

/** The cases of `unique`, `searchsorted` and `bincount`. */
export const setCases: Record<keyof typeof ops, Case> = {
  unique: constant("int32", () => {
    const x = tensor([3, 1, 3, 2]);
    return [
      use("counts", [x], (y) => y.unique().counts, list(1, 1, 2)),
      use("inverse", [x], (y) => y.unique().inverse, list(2, 0, 2, 1)),
      use("index", [x], (y) => y.unique().index, list(1, 3, 0)),
    ];
  }),
  searchsorted: constant("int32", (draw) => [
    use(
      "numbers anywhere",
      [tensor([-1, 0, 0, 1], { dtype: "float64" }), draw([2, 3])],
      (table, x) => table.searchsorted(x),
      (table, x) => build([2, 3], (i) => table.values.filter((value) => value < at(x, i)).length),
    ),
    use(
      "equal numbers",
      [tensor([1, 2, 2, 4]), tensor([0, 1, 2, 3, 4])],
      (table, x) => table.searchsorted(x, { side: "right" }),
      list(0, 1, 3, 3, 4),
    ),
  ]),
  bincount: differentiable((draw) => [
    use(
      "weights",
      [counted, draw([4])],
      (x, weights) => x.bincount({ weights, minlength: 5 }),
      (x, weights) =>
        build([5], ([bin]) =>
          weights.values.reduce((sum, weight, n) => (x.values[n] === bin ? sum + weight : sum), 0),
        ),
      { shapeOnly: false },
    ),
  ]),
};
