/** The cases of ops on bool masks. */
import { tensor } from "../../index.ts";
import type * as ops from "../../ops/masks.ts";
import { type Case, constant, differentiable, turned, use, useViews } from "./case.ts";
import { at, build, stretchedAt } from "./grid.ts";

const mask = tensor([[true], [false], [true]]);

/** These read the mask, which a backend without values cannot do. */
const reading = { shapeOnly: false };

/** The cases of `maskedSelect`, `maskedFill` and `nonzero`. */
export const maskCases: Record<keyof typeof ops, Case> = {
  maskedSelect: differentiable((draw) => [
    use(
      "rows of [3,2]",
      [draw([3, 2]), mask],
      (x, m) => x.maskedSelect(m),
      (x) => build([4], ([a]) => at(x, [2 * Math.floor(a! / 2), a! % 2])),
      reading,
    ),
    use(
      "a stretched [2]",
      [draw([2]), mask],
      (x, m) => x.maskedSelect(m),
      (x) => build([4], ([a]) => at(x, [a! % 2])),
      reading,
    ),
    use(
      "[]",
      [draw([]), tensor(true)],
      (x, m) => x.maskedSelect(m),
      (x) => build([1], () => at(x, [])),
      reading,
    ),
    use(
      "nothing",
      [draw([2]), tensor([false, false])],
      (x, m) => x.maskedSelect(m),
      () => build([0], () => 0),
      reading,
    ),
  ]),
  maskedFill: differentiable((draw) => [
    use(
      "a number",
      [draw([3, 2]), mask],
      (x, m) => x.maskedFill(m, -1),
      (x, m) => build([3, 2], (index) => (stretchedAt(m, index) ? -1 : at(x, index))),
    ),
    useViews(
      "one element in a turned view",
      [draw([2, 3]), mask, draw([])],
      [turned, (m) => m, (y) => y],
      (x, m, y) => x.maskedFill(m, y),
      (x, m, y) => build([3, 2], (index) => (stretchedAt(m, index) ? at(y, []) : at(x, index))),
    ),
  ]),
  nonzero: constant("int32", () => {
    const x = tensor([
      [0, 2],
      [Number.NaN, 0],
    ]);
    return [
      use(
        "rows",
        [x],
        (y) => y.nonzero()[0]!,
        () => build([2], ([a]) => a!),
      ),
      use(
        "columns",
        [x],
        (y) => y.nonzero()[1]!,
        () => build([2], ([a]) => 1 - a!),
      ),
    ];
  }),
};
