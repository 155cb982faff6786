/** The cases of the losses of several classes, written out class by class. */
import { type LossReduction, tensor } from "../../index.ts";
import type * as classification from "../../ops/losses-classification.ts";
import {
  anywhere,
  asIs,
  type Case,
  differentiable,
  positive,
  scattered,
  turned,
  use,
  useViews,
} from "./case.ts";
import { at, build, fold, type Grid, total } from "./grid.ts";
import { inside, labelsOf, onElements, reduce, zip } from "./losses.ts";

/** The logarithm of the softmax of each row of `[batch, classes, …]` or `[classes]`. */
function logProbabilities(x: Grid): Grid {
  const axis = x.shape.length === 1 ? 0 : 1;
  const sums = fold(x, axis, true, (xs) => total(xs.map(Math.exp)));
  return build(x.shape, (index) => at(x, index) - Math.log(at(sums, index.with(axis, 0))));
}

interface Labelled {
  readonly reduction?: LossReduction;
  readonly ignoreIndex?: number;
  readonly smoothing?: number;
}

/** The loss of labels from logarithms of probabilities, written out class by class. */
function ofLabels(logs: Grid, labels: Grid, weight: Grid | null, options: Labelled = {}): Grid {
  const { reduction = "mean", ignoreIndex = -100, smoothing = 0 } = options;
  const axis = logs.shape.length === 1 ? 0 : 1;
  const classes = logs.shape[axis]!;
  const weightOf = (c: number): number => (weight === null ? 1 : weight.values[c]!);
  let divisor = 0;
  const losses = build(labels.shape, (index) => {
    const label = at(labels, index);
    if (label === ignoreIndex) return 0;
    divisor += weightOf(label);
    const parts = Array.from({ length: classes }, (_, c) => {
      const share = smoothing / classes + (c === label ? 1 - smoothing : 0);
      return -weightOf(c) * share * at(logs, index.toSpliced(axis, 0, c));
    });
    return total(parts);
  });
  if (reduction !== "mean") return reduce(losses, reduction);
  return { shape: [], values: [total(losses.values) / divisor] };
}

/** The cases of the losses of several classes. */
export const classificationCases: Record<keyof typeof classification, Case> = {
  crossEntropy: differentiable((draw) => {
    const weight = draw([4], positive);
    const labels = labelsOf(2, 0, 3);
    return [
      use(
        "[3,4]",
        [draw([3, 4]), labels],
        (x, y) => x!.crossEntropy(y!),
        (x, y) => ofLabels(logProbabilities(x), y, null),
      ),
      use(
        "[4] and one label",
        [draw([4]), tensor(1, { dtype: "int32" })],
        (x, y) => x!.crossEntropy(y!),
        (x, y) => ofLabels(logProbabilities(x), y, null),
      ),
      use(
        "weights, smoothing and an ignored label",
        [draw([3, 4]), labelsOf(2, -1, 3), weight],
        (x, y, w) => x!.crossEntropy(y!, { weight: w, labelSmoothing: 0.3, ignoreIndex: -1 }),
        (x, y, w) => ofLabels(logProbabilities(x), y, w, { smoothing: 0.3, ignoreIndex: -1 }),
      ),
      use(
        "[2,3,2] with weights, the loss of each",
        [draw([2, 3, 2]), labelsOf(2, 0, 1, 1).reshape([2, 2]), draw([3], positive)],
        (x, y, w) => x!.crossEntropy(y!, { weight: w, reduction: "none" }),
        (x, y, w) => ofLabels(logProbabilities(x), y, w, { reduction: "none" }),
      ),
      useViews(
        "turned scores and labels",
        [draw([4, 3]), labels],
        [turned, (y) => y.flip()],
        (x, y) => x!.crossEntropy(y!, { reduction: "sum" }),
        (x, y) => ofLabels(logProbabilities(x), y, null, { reduction: "sum" }),
      ),
      use(
        "probabilities with weights and smoothing",
        [draw([2, 3, 2]), draw([2, 3, 2], inside), draw([3], positive)],
        (x, t, w) => x!.crossEntropy(t!, { weight: w, labelSmoothing: 0.2 }),
        (x, t, w) => {
          const logs = logProbabilities(x);
          const parts = build(x.shape, (index) => {
            const share = 0.8 * at(t, index) + 0.2 / 3;
            return -w.values[index[1]!]! * share * at(logs, index);
          });
          return { shape: [], values: [total(parts.values) / 4] };
        },
      ),
    ];
  }),
  nllLoss: differentiable((draw) => [
    use(
      "[3,4] with weights",
      [draw([3, 4]), labelsOf(1, -100, 3), draw([4], positive)],
      (x, y, w) => x!.nllLoss(y!, { weight: w }),
      (x, y, w) => ofLabels(x, y, w),
    ),
    use(
      "[0,4]",
      [draw([0, 4]), labelsOf()],
      (x, y) => x!.nllLoss(y!, { reduction: "sum" }),
      (x, y) => ofLabels(x, y, null, { reduction: "sum" }),
    ),
    useViews(
      "a scattered view, the loss of each",
      [draw([3, 4, 2]), labelsOf(2, 0, 1, 1).reshape([2, 2])],
      [scattered, asIs],
      (x, y) => x!.nllLoss(y!, { reduction: "none" }),
      (x, y) => ofLabels(x, y, null, { reduction: "none" }),
    ),
  ]),
  klDiv: differentiable((draw) => [
    ...onElements(
      draw,
      [anywhere, inside],
      ([x, t], o) => x!.klDiv(t!, o),
      (x, t) => t! * (Math.log(t!) - x!),
    ),
    ...onElements(
      draw,
      [anywhere, anywhere],
      ([x, t], o) => x!.klDiv(t!, { logTarget: true, ...o }),
      (x, t) => Math.exp(t!) * (t! - x!),
    ),
    use(
      "batchmean",
      [draw([2, 3]), draw([2, 3], inside)],
      (x, t) => x!.klDiv(t!, { reduction: "batchmean" }),
      (x, t) => {
        const sum = reduce(zip((a, b) => b! * (Math.log(b!) - a!))(x, t), "sum");
        return { shape: [], values: [sum.values[0]! / 2] };
      },
    ),
  ]),
};
