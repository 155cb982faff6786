/**
 * The cases of the reductions and of softmax and its relatives, by what they make of a list of
 * numbers.
 */

import type { Tensor } from "../../index.ts";
import { logSoftmax, softmax } from "../../index.ts";
import * as ops from "../../ops/reduce.ts";
import {
  bits,
  type Case,
  constant,
  type Draw,
  differentiable,
  onAxes,
  type Sample,
  scattered,
  use,
  useViews,
} from "./case.ts";
import { at, build, fold, type Grid, total } from "./grid.ts";

const sumOfExp = (xs: readonly number[]): number => total(xs.map(Math.exp));

/** The cases of the reductions. */
export const reductionCases: Record<Exclude<keyof typeof ops, "restore" | "bySlopes">, Case> = {
  sum: differentiable((draw) => onAxes(draw, ops.sum, total, { empty: true })),
  mean: differentiable((draw) => onAxes(draw, ops.mean, (xs) => total(xs) / xs.length)),
  max: differentiable((draw) => onAxes(draw, ops.max, (xs) => Math.max(...xs))),
  min: differentiable((draw) => onAxes(draw, ops.min, (xs) => Math.min(...xs))),
  logsumexp: differentiable((draw) => onAxes(draw, ops.logsumexp, (xs) => Math.log(sumOfExp(xs)))),
  argmax: constant("int32", (draw) =>
    onAxes(draw, ops.argmax, (xs) => xs.indexOf(Math.max(...xs))),
  ),
  argmin: constant("int32", (draw) =>
    onAxes(draw, ops.argmin, (xs) => xs.indexOf(Math.min(...xs))),
  ),
  any: constant("bool", (draw) =>
    onAxes(draw, ops.any, (xs) => Number(xs.some((x) => x !== 0)), { domain: bits, empty: true }),
  ),
  all: constant("bool", (draw) =>
    onAxes(draw, ops.all, (xs) => Number(xs.every((x) => x !== 0)), { domain: bits, empty: true }),
  ),
};

/** The cases of the ops that turn slices along an axis into probabilities or their logarithms. */
export const softmaxCases: Record<"softmax" | "logSoftmax", Case> = {
  softmax: differentiable((draw) => alongAxis(draw, softmax, (x, sum) => Math.exp(x) / sum)),
  logSoftmax: differentiable((draw) => alongAxis(draw, logSoftmax, (x, sum) => x - Math.log(sum))),
};

/** `formula` gets an element and the sum of the exponentials of its slice. */
function alongAxis(
  draw: Draw,
  run: (x: Tensor, axis?: number) => Tensor,
  formula: (x: number, sum: number) => number,
): Sample[] {
  const along =
    (axis: number) =>
    (x: Grid): Grid => {
      const sums = fold(x, axis, true, sumOfExp);
      const own = (index: readonly number[]): number[] =>
        index.map((i, a) => (sums.shape[a] === 1 ? 0 : i));
      return build(x.shape, (index) => formula(at(x, index), at(sums, own(index))));
    };
  return [
    use("[3]", [draw([3])], (x) => run(x), along(-1)),
    use("[2,3]", [draw([2, 3])], (x) => run(x), along(-1)),
    use("[2,3] along 0", [draw([2, 3])], (x) => run(x, 0), along(0)),
    use("[2,1,3] along -3", [draw([2, 1, 3])], (x) => run(x, -3), along(0)),
    use("[0,3]", [draw([0, 3])], (x) => run(x), along(-1)),
    use("[3,0]", [draw([3, 0])], (x) => run(x), along(-1)),
    useViews(
      "a scattered view along 1",
      [draw([3, 4, 2])],
      [scattered],
      (x) => run(x, 1),
      along(1),
    ),
  ];
}
