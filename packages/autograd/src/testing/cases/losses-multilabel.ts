/** The cases of the losses of several labels, by formulas on rows. */
import type * as multiLabel from "../../ops/losses-multilabel.ts";
import { asIs, type Case, differentiable, positive, turned, use, useViews } from "./case.ts";
import { build, total } from "./grid.ts";
import { inside, labelsOf, reduce, rowOf, softplus } from "./losses.ts";

/** The cases of the losses of several labels. */
export const multiLabelCases: Record<keyof typeof multiLabel, Case> = {
  multiLabelSoftMarginLoss: differentiable((draw) => {
    const loss = (x: readonly number[], t: readonly number[], weight?: readonly number[]): number =>
      total(x.map((v, c) => (weight?.[c] ?? 1) * (softplus(v) - t[c]! * v))) / x.length;
    return [
      use(
        "[2,3]",
        [draw([2, 3]), draw([2, 3], inside)],
        (x, t) => x!.multiLabelSoftMarginLoss(t!),
        (x, t) =>
          reduce(
            build([2], ([i]) => loss(rowOf(x, i!), rowOf(t, i!))),
            "mean",
          ),
      ),
      use(
        "[2,3] with weights, the loss of each",
        [draw([2, 3]), draw([2, 3], inside), draw([3], positive)],
        (x, t, weight) => x!.multiLabelSoftMarginLoss(t!, { weight, reduction: "none" }),
        (x, t, w) => build([2], ([i]) => loss(rowOf(x, i!), rowOf(t, i!), w.values)),
      ),
      useViews(
        "turned, the sum",
        [draw([3, 2]), draw([3, 2], inside)],
        [turned, turned],
        (x, t) => x!.multiLabelSoftMarginLoss(t!, { reduction: "sum" }),
        (x, t) =>
          reduce(
            build([2], ([i]) => loss(rowOf(x, i!), rowOf(t, i!))),
            "sum",
          ),
      ),
    ];
  }),
  multiLabelMarginLoss: differentiable((draw) => {
    const loss = (row: readonly number[], all: readonly number[]): number => {
      const end = all.indexOf(-1);
      const labels = end === -1 ? all : all.slice(0, end);
      const parts = labels.map((label) =>
        total(row.map((x, c) => (labels.includes(c) ? 0 : Math.max(0, 1 - row[label]! + x)))),
      );
      return total(parts) / row.length;
    };
    const labels = labelsOf(2, -1, 3, 0, 1, 3, -1, 1, -1, 0, 2, 1).reshape([3, 4]);
    return [
      use(
        "[3,4]",
        [draw([3, 4]), labels],
        (x, y) => x!.multiLabelMarginLoss(y!),
        (x, y) =>
          reduce(
            build([3], ([i]) => loss(rowOf(x, i!), rowOf(y, i!))),
            "mean",
          ),
      ),
      useViews(
        "turned, the loss of each",
        [draw([4, 3]), labels],
        [turned, asIs],
        (x, y) => x!.multiLabelMarginLoss(y!, { reduction: "none" }),
        (x, y) => build([3], ([i]) => loss(rowOf(x, i!), rowOf(y, i!))),
      ),
      use(
        "[4]",
        [draw([4]), labelsOf(0, 3, -1, 1)],
        (x, y) => x!.multiLabelMarginLoss(y!),
        (x, y) => ({ shape: [], values: [loss(x.values, y.values)] }),
      ),
    ];
  }),
};
