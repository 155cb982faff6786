/** The cases of the losses with a margin, by formulas on single elements and rows. */
import { type Tensor, tensor } from "../../index.ts";
import type * as margin from "../../ops/losses-margin.ts";
import { anywhere, type Case, differentiable, positive, use } from "./case.ts";
import { build, total } from "./grid.ts";
import { labelsOf, onElements, pair, reduce, rowOf, signs, softplus, zip } from "./losses.ts";
import { cosine, length, minus } from "./similarity.ts";

/** The cases of the losses with a margin. */
export const marginCases: Record<keyof typeof margin, Case> = {
  hingeLoss: pair(
    [anywhere, signs],
    (x, y, o) => x.hingeLoss(y, o),
    (x, y) => Math.max(0, 1 - y * x),
  ),
  softMarginLoss: pair(
    [anywhere, signs],
    (x, y, o) => x.softMarginLoss(y, o),
    (x, y) => softplus(-y * x),
  ),
  hingeEmbeddingLoss: differentiable((draw) => {
    const labels = (...shape: number[]): Tensor => draw(shape, signs).astype("int32");
    return [
      use(
        "[6]",
        [draw([6]), labels(6)],
        (x, y) => x!.hingeEmbeddingLoss(y!),
        (x, y) => reduce(zip((a, b) => (b === 1 ? a! : Math.max(0, 1 - a!)))(x, y), "mean"),
      ),
      use(
        "[2,3] with another margin, the loss of each",
        [draw([2, 3]), labels(2, 3)],
        (x, y) => x!.hingeEmbeddingLoss(y!, { margin: 0.4, reduction: "none" }),
        zip((a, b) => (b === 1 ? a! : Math.max(0, 0.4 - a!))),
      ),
    ];
  }),
  multiMarginLoss: differentiable((draw) => {
    const loss = (row: readonly number[], label: number, margin: number, p: number): number =>
      total(row.map((x, c) => (c === label ? 0 : Math.max(0, margin - row[label]! + x) ** p))) /
      row.length;
    return [
      use(
        "[3,4]",
        [draw([3, 4]), labelsOf(0, 3, 3)],
        (x, y) => x!.multiMarginLoss(y!),
        (x, y) =>
          reduce(
            build([3], ([i]) => loss(rowOf(x, i!), y.values[i!]!, 1, 1)),
            "mean",
          ),
      ),
      use(
        "[3,4] squared with weights, the loss of each",
        [draw([3, 4]), labelsOf(2, 1, 0), draw([4], positive)],
        (x, y, weight) => x!.multiMarginLoss(y!, { p: 2, margin: 0.7, weight, reduction: "none" }),
        (x, y, weight) =>
          build(
            [3],
            ([i]) => weight.values[y.values[i!]!]! * loss(rowOf(x, i!), y.values[i!]!, 0.7, 2),
          ),
      ),
      use(
        "[4]",
        [draw([4]), tensor(2, { dtype: "int32" })],
        (x, y) => x!.multiMarginLoss(y!),
        (x) => ({ shape: [], values: [loss(x.values, 2, 1, 1)] }),
      ),
    ];
  }),
  marginRankingLoss: differentiable((draw) =>
    onElements(
      draw,
      [anywhere, anywhere, signs],
      ([a, b, y], o) => a!.marginRankingLoss(b!, y!, { margin: 0.3, ...o }),
      (a, b, y) => Math.max(0, 0.3 - y! * (a! - b!)),
    ),
  ),
  cosineEmbeddingLoss: differentiable((draw) => [
    use(
      "[4,3]",
      [draw([4, 3]), draw([4, 3]), labelsOf(1, -1, 1, -1)],
      (a, b, y) => a!.cosineEmbeddingLoss(b!, y!, { margin: -0.5, reduction: "none" }),
      (a, b, y) =>
        build([4], ([i]) => {
          const found = cosine(rowOf(a, i!), rowOf(b, i!), 1e-12);
          return y.values[i!] === 1 ? 1 - found : Math.max(0, found + 0.5);
        }),
      { tolerance: 1e-5 },
    ),
    use(
      "[3]",
      [draw([3]), draw([3]), tensor(1, { dtype: "int32" })],
      (a, b, y) => a!.cosineEmbeddingLoss(b!, y!),
      (a, b) => ({ shape: [], values: [1 - cosine(a.values, b.values, 1e-12)] }),
    ),
  ]),
  tripletMarginLoss: differentiable((draw) =>
    [false, true].map((swap) =>
      use(
        `[3,2], swap ${swap}`,
        [draw([3, 2]), draw([3, 2]), draw([3, 2])],
        (a, b, c) => a!.tripletMarginLoss(b!, c!, { margin: 2.5, swap, reduction: "none" }),
        (a, b, c) =>
          build([3], ([i]) => {
            const [x, y, z] = [rowOf(a, i!), rowOf(b, i!), rowOf(c, i!)];
            const far = length(minus(x, z));
            const least = swap ? Math.min(far, length(minus(y, z))) : far;
            return Math.max(0, length(minus(x, y)) - least + 2.5);
          }),
      ),
    ),
  ),
};
