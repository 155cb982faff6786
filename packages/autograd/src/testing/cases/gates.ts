/** The cases of gates. */
import { Philox } from "@needle/ndarray";
import type * as gates from "../../ops/gates.ts";
import {
  asIs,
  type Case,
  differentiable,
  positive,
  type Sample,
  scattered,
  turned,
  use,
  useViews,
} from "./case.ts";
import { at, build, count, type Grid, total } from "./grid.ts";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The softmax of a list. */
function shares(xs: readonly number[]): number[] {
  const sum = total(xs.map(Math.exp));
  return xs.map((x) => Math.exp(x) / sum);
}

/** The cases of gates. */
export const gateCases: Record<keyof typeof gates, Case> = {
  glu: differentiable((draw) => [
    use(
      "[2,4]",
      [draw([2, 4])],
      (x) => x!.glu(),
      (x) => build([2, 2], ([i, j]) => at(x, [i!, j!]) * sigmoid(at(x, [i!, j! + 2]))),
    ),
    useViews(
      "a scattered view along 0",
      [draw([3, 4, 2])],
      [scattered],
      (x) => x!.glu(0),
      (x) => build([1, 3, 2], ([_, j, k]) => at(x, [0, j!, k!]) * sigmoid(at(x, [1, j!, k!]))),
    ),
  ]),
  softmin: differentiable((draw) => [
    use(
      "[3]",
      [draw([3])],
      (x) => x!.softmin(),
      (x) => ({ shape: [3], values: shares(x.values.map((v) => -v)) }),
    ),
    useViews(
      "a turned view along 0",
      [draw([2, 3])],
      [turned],
      (x) => x!.softmin(0),
      (x) => build([3, 2], ([i, j]) => shares(count(3).map((k) => -at(x, [k, j!])))[i!]!),
    ),
  ]),
  gumbelSoftmax: differentiable((draw) => [
    useViews(
      "[4], temperature 0.7",
      [draw([4], positive)],
      [asIs],
      (x) => x!.gumbelSoftmax({ temperature: 0.7, generator: new Philox(9) }),
      (x): Grid => {
        const u = new Philox(9).uniform([4], { dtype: "float64" }).toTypedArray();
        const noisy = x.values.map((v, i) => (v - Math.log(-Math.log(u[i]!))) / 0.7);
        return { shape: [4], values: shares(noisy) };
      },
    ) satisfies Sample,
  ]),
};
