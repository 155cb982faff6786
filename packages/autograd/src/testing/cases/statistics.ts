/** The cases of the statistics, by what they make of a list of numbers. */
import type { Axes } from "@needle/ndarray";
import type { Tensor } from "../../index.ts";
import * as ops from "../../ops/statistics.ts";
import {
  anywhere,
  awayFromZero,
  type Case,
  constant,
  type Domain,
  type Draw,
  differentiable,
  onAxes,
  type Sample,
  use,
  wholes,
} from "./case.ts";
import { fold, type Grid, total } from "./grid.ts";

function spread(xs: readonly number[], correction: number): number {
  const mean = total(xs) / xs.length;
  return total(xs.map((x) => (x - mean) ** 2)) / (xs.length - correction);
}

function powers(p: number): (xs: readonly number[]) => number {
  return (xs) => total(xs.map((x) => Math.abs(x) ** p)) ** (1 / p);
}

/** One of -1, 0, 1 and 2, mostly not 0, so that products have none, one and several zeros. */
const withZeros: Domain = (u) => (u < 0.3 ? 0 : anywhere(u));

/** What lies at a share of the numbers in order, by counting from the start. */
function at(xs: readonly number[], share: number): number {
  const sorted = xs.toSorted((a, b) => a - b);
  const place = share * (xs.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place % 1);
}

type Combine = (xs: readonly number[]) => number;

/** The uses of a reduction with options of its own. */
function withOptions(
  draw: Draw,
  uses: readonly (readonly [(x: Tensor, axes: Axes) => Tensor, Combine])[],
  domain?: Domain,
): Sample[] {
  return uses.flatMap(([run, combine], i) => [
    use(
      `[2,3] over 1, options ${i}`,
      [draw([2, 3], domain)],
      (x) => run(x, 1),
      (x) => fold(x, 1, false, combine),
    ),
    use(
      `[3,2,2] over 0 and 2, options ${i}`,
      [draw([3, 2, 2], domain)],
      (x) => run(x, [0, -1]),
      (x) => fold(x, [0, 2], false, combine),
    ),
  ]);
}

/** The shares of all numbers in order, as a grid. */
const sharesOf =
  (shares: readonly number[]) =>
  (x: Grid): Grid => ({ shape: [shares.length], values: shares.map((q) => at(x.values, q)) });

/** The cases of `ops/statistics.ts`. */
export const statisticsCases: Record<Exclude<keyof typeof ops, "variance"> | "var", Case> = {
  prod: differentiable((draw) => [
    ...onAxes(draw, ops.prod, (xs) => xs.reduce((a, b) => a * b, 1), { empty: true }),
    ...onAxes(draw, ops.prod, (xs) => xs.reduce((a, b) => a * b, 1), { domain: withZeros }),
  ]),
  var: differentiable((draw) => [
    ...withOptions(draw, [
      [(x, axes) => ops.variance(x, axes), (xs) => spread(xs, 1)],
      [(x, axes) => ops.variance(x, axes, { correction: 0 }), (xs) => spread(xs, 0)],
    ]),
    ...onAxes(
      draw,
      (x, axes, options) => ops.variance(x, axes, { ...options, correction: 0 }),
      (xs) => spread(xs, 0),
    ),
  ]),
  std: differentiable((draw) =>
    withOptions(draw, [
      [(x, axes) => ops.std(x, axes), (xs) => Math.sqrt(spread(xs, 1))],
      [(x, axes) => ops.std(x, axes, { correction: 0.5 }), (xs) => Math.sqrt(spread(xs, 0.5))],
    ]),
  ),
  norm: differentiable((draw) => [
    ...onAxes(draw, ops.norm, powers(2), { domain: awayFromZero }),
    ...withOptions(
      draw,
      [
        [(x, axes) => ops.norm(x, axes, { p: 0 }), (xs) => xs.length],
        [(x, axes) => ops.norm(x, axes, { p: 1 }), powers(1)],
        [(x, axes) => ops.norm(x, axes, { p: 3 }), powers(3)],
        [(x, axes) => ops.norm(x, axes, { p: 0.5 }), powers(0.5)],
        [(x, axes) => ops.norm(x, axes, { p: -1.5 }), powers(-1.5)],
        [
          (x, axes) => ops.norm(x, axes, { p: Infinity }),
          (xs) => Math.max(...xs.map((x) => Math.abs(x))),
        ],
        [
          (x, axes) => ops.norm(x, axes, { p: -Infinity }),
          (xs) => Math.min(...xs.map((x) => Math.abs(x))),
        ],
      ],
      awayFromZero,
    ),
  ]),
  countNonzero: constant("int32", (draw) =>
    onAxes(draw, ops.countNonzero, (xs) => xs.filter((x) => x !== 0).length, {
      domain: wholes,
      empty: true,
    }),
  ),
  nansum: differentiable((draw) => onAxes(draw, ops.nansum, total, { empty: true })),
  nanmean: differentiable((draw) => onAxes(draw, ops.nanmean, (xs) => total(xs) / xs.length)),
  median: differentiable((draw) => onAxes(draw, ops.median, (xs) => at(xs, 0.5))),
  quantile: differentiable((draw) => [
    ...onAxes(
      draw,
      (x, axes, options) => ops.quantile(x, 0.3, axes, options),
      (xs) => at(xs, 0.3),
    ),
    ...withOptions(draw, [
      [(x, axes) => ops.quantile(x, 0, axes), (xs) => at(xs, 0)],
      [
        (x, axes) => ops.quantile(x, 0.3, axes, { method: "lower" }),
        (xs) => at(xs, Math.floor(0.3 * (xs.length - 1)) / (xs.length - 1)),
      ],
      [
        (x, axes) => ops.quantile(x, 0.3, axes, { method: "higher" }),
        (xs) => at(xs, Math.ceil(0.3 * (xs.length - 1)) / (xs.length - 1)),
      ],
    ]),
    use(
      "[5] at three shares",
      [draw([5])],
      (x) => ops.quantile(x, [0, 0.4, 1]),
      sharesOf([0, 0.4, 1]),
    ),
  ]),
  percentile: differentiable((draw) => [
    use("[5] at two shares", [draw([5])], (x) => ops.percentile(x, [10, 50]), sharesOf([0.1, 0.5])),
  ]),
};
