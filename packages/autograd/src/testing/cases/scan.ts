/** The cases of scans, recurrences and sorting, by what they make of a line of numbers. */
import type { Tensor } from "../../index.ts";
import * as scans from "../../ops/scan.ts";
import * as sorts from "../../ops/sort.ts";
import {
  anywhere,
  type Case,
  constant,
  type Domain,
  type Draw,
  differentiable,
  type Sample,
  scattered,
  use,
  useViews,
} from "./case.ts";
import { at, build, type Grid, stretchedAt } from "./grid.ts";

/** What becomes of the numbers along one axis. */
type Line = (line: readonly number[]) => readonly number[];

/** A formula for one line applied to all lines along an axis. */
function along(axis: number, formula: Line): (x: Grid) => Grid {
  return (x) => {
    const lineOf = (index: readonly number[]): readonly number[] =>
      formula(Array.from({ length: x.shape[axis]! }, (_, i) => at(x, index.with(axis, i))));
    const length = formula(new Array<number>(x.shape[axis]!).fill(0)).length;
    return build(x.shape.with(axis, length), (index) => lineOf(index)[index[axis]!]!);
  };
}

function onLines(
  draw: Draw,
  run: (x: Tensor, axis?: number) => Tensor,
  formula: Line,
  domain?: Domain,
): Sample[] {
  return [
    use("[4]", [draw([4], domain)], (x) => run(x, 0), along(0, formula)),
    use("[2,4] along -1", [draw([2, 4], domain)], (x) => run(x, -1), along(1, formula)),
    use("[4,1,3] along 0", [draw([4, 1, 3], domain)], (x) => run(x, 0), along(0, formula)),
    use("[3,0] along 0", [draw([3, 0], domain)], (x) => run(x, 0), along(0, formula)),
    useViews(
      "a scattered view along 1",
      [draw([3, 4, 2], domain)],
      [scattered],
      (x) => run(x, 1),
      along(1, formula),
    ),
  ];
}

/** What each leading part of a line gives. */
function leading(combine: (part: readonly number[]) => number): Line {
  return (line) => line.map((_, i) => combine(line.slice(0, i + 1)));
}

const total = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0);
const product = (xs: readonly number[]): number => xs.reduce((a, x) => a * x, 1);
const sorted: Line = (line) => line.toSorted((a, b) => a - b);

/** About a third zeros. */
const withZeros: Domain = (u) => (u < 0.3 ? 0 : anywhere(u));

const flat = (x: Grid): Grid => ({ shape: [x.values.length], values: x.values });

function recurrences(draw: Draw): Sample[] {
  const formula =
    (shape: readonly number[], axis: number) =>
    (a: Grid, b: Grid): Grid => {
      const value = (index: readonly number[]): number => {
        const i = index[axis]!;
        const before = i === 0 ? 0 : stretchedAt(a, index) * value(index.with(axis, i - 1));
        return before + stretchedAt(b, index);
      };
      return build(shape, value);
    };
  return [
    use("[4] and [4]", [draw([4]), draw([4])], (a, b) => scans.recurrence(a, b), formula([4], 0)),
    use(
      "[3,1] and [2] along 0",
      [draw([3, 1]), draw([2])],
      (a, b) => scans.recurrence(a, b, 0),
      formula([3, 2], 0),
    ),
    use(
      "[] and [2,3]",
      [draw([]), draw([2, 3])],
      (a, b) => scans.recurrence(a, b, 1),
      formula([2, 3], 1),
    ),
    use("[0] and [0]", [draw([0]), draw([0])], (a, b) => scans.recurrence(a, b), formula([0], 0)),
  ];
}

/** The cases of `ops/scan.ts`. */
export const scanCases: Record<Exclude<keyof typeof scans, "located">, Case> = {
  cumsum: differentiable((draw) => [
    ...onLines(draw, scans.cumsum, leading(total)),
    use(
      "[2,3], flattened",
      [draw([2, 3])],
      (x) => scans.cumsum(x),
      (x) => along(0, leading(total))(flat(x)),
    ),
  ]),
  cumprod: differentiable((draw) => [
    ...onLines(draw, scans.cumprod, leading(product)),
    ...onLines(draw, scans.cumprod, leading(product), withZeros),
    use(
      "[2,2], flattened",
      [draw([2, 2])],
      (x) => scans.cumprod(x),
      (x) => along(0, leading(product))(flat(x)),
    ),
  ]),
  logcumsumexp: differentiable((draw) =>
    onLines(
      draw,
      scans.logcumsumexp,
      leading((xs) => Math.log(total(xs.map(Math.exp)))),
    ),
  ),
  cummax: differentiable((draw) =>
    onLines(
      draw,
      (x, axis) => scans.cummax(x, axis).values,
      leading((xs) => Math.max(...xs)),
    ),
  ),
  cummin: differentiable((draw) =>
    onLines(
      draw,
      (x, axis) => scans.cummin(x, axis).values,
      leading((xs) => Math.min(...xs)),
    ),
  ),
  recurrence: differentiable(recurrences),
  diff: differentiable((draw) => [
    ...onLines(
      draw,
      (x, axis) => scans.diff(x, 1, axis),
      (line) => line.slice(1).map((x, i) => x - line[i]!),
    ),
    ...onLines(
      draw,
      (x, axis) => scans.diff(x, 2, axis),
      (line) => line.slice(2).map((x, i) => x - 2 * line[i + 1]! + line[i]!),
    ),
  ]),
};

/** The cases of `ops/sort.ts`. */
export const sortCases: Record<keyof typeof sorts, Case> = {
  argsort: constant("int32", (draw) =>
    onLines(
      draw,
      (x, axis) => sorts.argsort(x, axis),
      (line) => sorted(line).map((x) => line.indexOf(x)),
    ),
  ),
  sort: differentiable((draw) => [
    ...onLines(draw, (x, axis) => sorts.sort(x, axis), sorted),
    ...onLines(
      draw,
      (x, axis) => sorts.sort(x, axis, { descending: true }),
      (line) => sorted(line).toReversed(),
    ),
  ]),
  topk: differentiable((draw) => [
    ...onLines(
      draw,
      (x, axis) => sorts.topk(x, 2, axis).values,
      (line) => sorted(line).toReversed().slice(0, 2),
    ),
    ...onLines(
      draw,
      (x, axis) => sorts.topk(x, 1, axis, { largest: false }).values,
      (line) => sorted(line).slice(0, 1),
    ),
  ]),
};
