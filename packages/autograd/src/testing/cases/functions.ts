/** The cases of the composed functions: a line each, with the formula and the domain. */
import type { Tensor } from "../../index.ts";
import * as ops from "../../ops/functions.ts";
import {
  awayFromZero,
  binary,
  type Case,
  constant,
  type Draw,
  differentiable,
  onElements,
  positive,
  type Sample,
  special,
  unary,
  unaryTest,
  use,
  withinOne,
} from "./case.ts";
import { erfSeries } from "./elementwise.ts";
import { build, type Grid, stretchedAt } from "./grid.ts";

const both = { a: awayFromZero, b: awayFromZero };

function sinc(x: number): number {
  return Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Where the error function is y: found by halving. */
function inverseOfErf(y: number): number {
  let [low, high] = [-3, 3];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (erfSeries(middle) < y) low = middle;
    else high = middle;
  }
  return low;
}

/** Three tensors that broadcast to [2,3]. */
function blend(draw: Draw): Sample[] {
  const formula = (start: Grid, end: Grid, weight: Grid): Grid =>
    build([2, 3], (i) => {
      const [a, b, w] = [stretchedAt(start, i), stretchedAt(end, i), stretchedAt(weight, i)];
      return a * (1 - w) + b * w;
    });
  const number = (value: number): Grid => ({ shape: [], values: [value] });
  return [
    use("[2,3] each", [draw([2, 3]), draw([2, 3]), draw([2, 3])], ops.lerp, formula),
    use("[3], [2,1] and []", [draw([3]), draw([2, 1]), draw([])], ops.lerp, formula),
    use(
      "a small weight",
      [draw([2, 3]), draw([3])],
      (a, b) => ops.lerp(a, b, 0.25),
      (a, b) => formula(a, b, number(0.25)),
    ),
    use(
      "numbers",
      [draw([2, 3])],
      (a) => ops.lerp(a, 2, 0.75),
      (a) => formula(a, number(2), number(0.75)),
    ),
  ];
}

/** Pairs a little apart, and the same infinite. */
function closeness(draw: Draw): Sample[] {
  const near = (a: number, b: number): boolean =>
    a === b || Math.abs(a - b) <= 0.5 + 0.1 * Math.abs(b);
  const run = (a: Tensor, b: Tensor): Tensor => ops.isClose(a, b, { atol: 0.5, rtol: 0.1 });
  return [
    use("[4,3] and [3]", [draw([4, 3]), draw([3])], run, (a, b) =>
      build([4, 3], (i) => Number(near(stretchedAt(a, i), stretchedAt(b, i)))),
    ),
    ...onElements(
      draw,
      (x) => ops.isClose(x, Infinity),
      (x) => Number(x === Infinity),
      special,
    ),
    ...onElements(
      draw,
      (x) => ops.isClose(x, Number.NaN, { equalNan: true }),
      (x) => Number(Number.isNaN(x)),
      special,
    ),
  ];
}

/** The cases of `ops/functions.ts`. */
export const functionCases: Record<keyof typeof ops, Case> = {
  atan2: binary(ops.atan2, Math.atan2, both),
  hypot: binary(ops.hypot, (a, b) => Math.sqrt(a * a + b * b), both),
  copysign: binary(ops.copysign, (a, b) => (b < 0 ? -1 : 1) * Math.abs(a), both),
  logaddexp: binary(ops.logaddexp, (a, b) => Math.log(Math.exp(a) + Math.exp(b))),
  logaddexp2: binary(ops.logaddexp2, (a, b) => Math.log2(2 ** a + 2 ** b)),
  lerp: differentiable(blend),
  xlogy: binary(ops.xlogy, (a, b) => a * Math.log(b), { b: positive }),
  logit: unary(
    ops.logit,
    (x) => Math.log(x) - Math.log(1 - x),
    (u) => 0.05 + 0.9 * u,
  ),
  deg2rad: unary(ops.deg2rad, (x) => (x * Math.PI) / 180),
  rad2deg: unary(ops.rad2deg, (x) => (x * 180) / Math.PI),
  sinc: differentiable((draw) => [
    ...onElements(draw, ops.sinc, sinc),
    ...onElements(draw, ops.sinc, sinc, (u) => 0.06 * u - 0.03),
  ]),
  erfinv: unary(ops.erfinv, inverseOfErf, withinOne),
  signbit: unaryTest(ops.signbit, (x) => x < 0, special),
  nanToNum: differentiable((draw) =>
    onElements(
      draw,
      (x) => ops.nanToNum(x),
      (x) => x,
    ),
  ),
  isClose: constant("bool", closeness),
  allClose: constant("bool", (draw) => [
    use(
      "[3] and itself",
      [draw([3])],
      (x) => ops.allClose(x, x),
      () => ({ shape: [], values: [1] }),
    ),
    use(
      "[3] and others",
      [draw([3])],
      (x) => ops.allClose(x, 0),
      () => ({ shape: [], values: [0] }),
    ),
  ]),
};
