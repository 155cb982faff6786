/** What the cases of the losses share: domains, reductions, and losses of single elements. */
import { type LossReduction, type Tensor, tensor } from "../../index.ts";
import {
  type Case,
  type Domain,
  type Draw,
  differentiable,
  type Sample,
  scattered,
  use,
  useViews,
} from "./case.ts";
import { at, build, type Grid, total } from "./grid.ts";

/** 0.1 to 0.9. */
export const inside: Domain = (u) => 0.1 + 0.8 * u;
/** -1 and 1. */
export const signs: Domain = (u) => (u < 0.5 ? -1 : 1);

/** The losses of all elements, their sum or their mean. */
export function reduce(losses: Grid, reduction: LossReduction): Grid {
  if (reduction === "none") return losses;
  const sum = total(losses.values);
  return { shape: [], values: [reduction === "sum" ? sum : sum / losses.values.length] };
}

/** A grid of the shape of the first with `formula` of the elements of all. */
export function zip(formula: (...xs: number[]) => number): (...grids: Grid[]) => Grid {
  return (...grids) =>
    build(grids[0]!.shape, (index) => formula(...grids.map((grid) => at(grid, index))));
}

type Loss = (inputs: readonly Tensor[], options: { readonly reduction?: LossReduction }) => Tensor;

/** Uses of a loss whose elements are losses for themselves. */
export function onElements(
  draw: Draw,
  domains: readonly (Domain | undefined)[],
  run: Loss,
  formula: (...xs: number[]) => number,
): Sample[] {
  const drawn = (...shape: number[]): Tensor[] => domains.map((domain) => draw(shape, domain));
  const of = (shape: number[], reduction: LossReduction): Sample =>
    use(
      `[${shape}], ${reduction}`,
      drawn(...shape),
      (...xs) => run(xs, { reduction }),
      (...xs) => reduce(zip(formula)(...xs), reduction),
    );
  return [
    of([], "mean"),
    of([4], "sum"),
    of([2, 3], "none"),
    of([0, 3], "none"),
    of([0, 3], "sum"),
    useViews(
      "scattered views, mean",
      drawn(3, 4, 2),
      domains.map(() => scattered),
      (...xs) => run(xs, {}),
      (...xs) => reduce(zip(formula)(...xs), "mean"),
    ),
  ];
}

/** A loss of a prediction and a target. */
export function pair(
  domains: readonly [Domain?, Domain?],
  run: (x: Tensor, t: Tensor, options: { readonly reduction?: LossReduction }) => Tensor,
  formula: (x: number, t: number) => number,
): Case {
  return differentiable((draw) =>
    onElements(
      draw,
      [domains[0], domains[1]],
      ([x, t], options) => run(x!, t!, options),
      formula as (...xs: number[]) => number,
    ),
  );
}

/** The logarithm of `1 + e^x`. */
export const softplus = (x: number): number => Math.log(1 + Math.exp(x));

/** Labels as int32. */
export const labelsOf = (...labels: number[]): Tensor => tensor(labels, { dtype: "int32" });

/** Row `i` of a matrix. */
export const rowOf = (x: Grid, i: number): number[] =>
  Array.from({ length: x.shape[1]! }, (_, j) => at(x, [i, j]));
