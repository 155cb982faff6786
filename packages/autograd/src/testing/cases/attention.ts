/** The cases of attention, written out query by query. */
import { Philox } from "@needle/ndarray";
import { tensor } from "../../index.ts";
import type * as attention from "../../ops/attention.ts";
import { type Case, differentiable, use } from "./case.ts";
import { at, build, count, type Grid, total } from "./grid.ts";

/** Attention of `[queries, features]`, with the sum of scores and `added`. */
function attend(
  q: Grid,
  k: Grid,
  v: Grid,
  scale: number,
  added: (i: number, j: number) => number = () => 0,
): Grid {
  const [queries, features] = q.shape as readonly [number, number];
  const keys = k.shape[0]!;
  const weights = count(queries).map((i) => {
    const scores = count(keys).map(
      (j) => scale * total(count(features).map((f) => at(q, [i, f]) * at(k, [j, f]))) + added(i, j),
    );
    const powers = scores.map(Math.exp);
    const sum = total(powers);
    return powers.map((power) => (sum === 0 ? 0 : power / sum));
  });
  return build([queries, v.shape[1]!], ([i, f]) =>
    total(count(keys).map((j) => weights[i!]![j]! * at(v, [j, f!]))),
  );
}

/** The matrix at a place of the first axis. */
function matrixAt(x: Grid, i: number): Grid {
  const shape = x.shape.slice(1);
  return build(shape, (index) => at(x, [i, ...index]));
}

/** The cases of attention. */
export const attentionCases: Record<keyof typeof attention, Case> = {
  scaledDotProductAttention: differentiable((draw) => {
    const root = 1 / Math.sqrt(2);
    const later = (i: number, j: number): number => (j > i ? Number.NEGATIVE_INFINITY : 0);
    const allowed = tensor([
      [true, false, true],
      [false, false, false],
    ]);
    return [
      use(
        "two queries and three keys",
        [draw([2, 2]), draw([3, 2]), draw([3, 4])],
        (q, k, v) => q!.scaledDotProductAttention(k!, v!),
        (q, k, v) => attend(q, k, v, root),
      ),
      use(
        "causal, another scale",
        [draw([3, 2]), draw([2, 2]), draw([2, 1])],
        (q, k, v) => q!.scaledDotProductAttention(k!, v!, { causal: true, scale: 0.3 }),
        (q, k, v) => attend(q, k, v, 0.3, later),
      ),
      use(
        "a mask of bools with a row of false",
        [draw([2, 2]), draw([3, 2]), draw([3, 2]), allowed],
        (q, k, v, mask) => q!.scaledDotProductAttention(k!, v!, { mask }),
        (q, k, v) =>
          attend(q, k, v, root, (i, j) => (i === 0 && j !== 1 ? 0 : Number.NEGATIVE_INFINITY)),
      ),
      use(
        "a mask of floats, with causal",
        [draw([2, 2]), draw([3, 2]), draw([3, 2]), draw([2, 3])],
        (q, k, v, mask) => q!.scaledDotProductAttention(k!, v!, { mask, causal: true }),
        (q, k, v, mask) => attend(q, k, v, root, (i, j) => at(mask, [i, j]) + later(i, j)),
      ),
      use(
        "keys shared by two heads, dropout",
        [draw([2, 2, 2]), draw([3, 2]), draw([3, 2])],
        (q, k, v) => {
          const drop = { dropout: 0.5, generator: new Philox(3) };
          return q!.scaledDotProductAttention(k!, v!, { ...drop, training: false });
        },
        (q, k, v) => {
          const heads = [0, 1].map((i) => attend(matrixAt(q, i), k, v, root));
          return build([2, 2, 2], ([h, i, f]) => at(heads[h!]!, [i!, f!]));
        },
      ),
    ];
  }),
};
