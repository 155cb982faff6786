/** The cases of lengths and angles of vectors, by formulas on rows. */
import type * as similarity from "../../ops/similarity.ts";
import { type Case, differentiable, use } from "./case.ts";
import { at, build, total } from "./grid.ts";
import { rowOf } from "./losses.ts";

/** The p-norm of a list. */
export const length = (xs: readonly number[], p = 2): number =>
  total(xs.map((x) => Math.abs(x) ** p)) ** (1 / p);

/** The difference of two lists, with what `pairwiseDistance` adds to it. */
export const minus = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((x, i) => x - b[i]! + 1e-6);

/** The cosine of the angle between two lists. */
export const cosine = (a: readonly number[], b: readonly number[], eps = 0): number =>
  total(a.map((x, i) => x * b[i]!)) / Math.sqrt((length(a) ** 2 + eps) * (length(b) ** 2 + eps));

/** The cases of lengths and angles of vectors. */
export const similarityCases: Record<keyof typeof similarity, Case> = {
  normalizeVector: differentiable((draw) =>
    [2, 1, 3, 0.5, Number.POSITIVE_INFINITY].map((p) =>
      use(
        `[2,3], p ${p}`,
        [draw([2, 3])],
        (x) => x!.normalizeVector({ p }),
        (x) =>
          build([2, 3], ([i, j]) => {
            const row = rowOf(x, i!);
            const norm = Number.isFinite(p) ? length(row, p) : Math.max(...row.map(Math.abs));
            return at(x, [i!, j!]) / norm;
          }),
        { tolerance: 1e-5 },
      ),
    ),
  ),
  cosineSimilarity: differentiable((draw) => [
    use(
      "[2,3] and [2,3]",
      [draw([2, 3]), draw([2, 3])],
      (a, b) => a!.cosineSimilarity(b!),
      (a, b) => build([2], ([i]) => cosine(rowOf(a, i!), rowOf(b, i!))),
    ),
    use(
      "[3] and [2,3] along -1",
      [draw([3]), draw([2, 3])],
      (a, b) => a!.cosineSimilarity(b!, { axis: -1 }),
      (a, b) => build([2], ([i]) => cosine(a.values, rowOf(b, i!))),
    ),
  ]),
  pairwiseDistance: differentiable((draw) => [
    use(
      "[2,3] and [2,3]",
      [draw([2, 3]), draw([2, 3])],
      (a, b) => a!.pairwiseDistance(b!),
      (a, b) => build([2], ([i]) => length(minus(rowOf(a, i!), rowOf(b, i!)))),
    ),
    use(
      "[3] and [2,3], p 3, kept",
      [draw([3]), draw([2, 3])],
      (a, b) => a!.pairwiseDistance(b!, { p: 3, keepdims: true }),
      (a, b) => build([2, 1], ([i]) => length(minus(a.values, rowOf(b, i!)), 3)),
    ),
  ]),
};
