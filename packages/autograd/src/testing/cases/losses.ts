/** The cases of the losses, by formulas on single elements and rows. */
import type { LossReduction, Tensor } from "../../index.ts";
import { tensor } from "../../index.ts";
import type * as binary from "../../ops/losses-binary.ts";
import type * as classification from "../../ops/losses-classification.ts";
import type * as margin from "../../ops/losses-margin.ts";
import type * as regression from "../../ops/losses-regression.ts";
import type * as similarity from "../../ops/similarity.ts";
import {
  anywhere,
  asIs,
  type Case,
  type Domain,
  type Draw,
  differentiable,
  positive,
  type Sample,
  scattered,
  turned,
  use,
  useViews,
} from "./case.ts";
import { at, build, fold, type Grid } from "./grid.ts";

/** 0.1 to 0.9. */
const inside: Domain = (u) => 0.1 + 0.8 * u;
/** -1 and 1. */
const signs: Domain = (u) => (u < 0.5 ? -1 : 1);

const total = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0);

function reduce(losses: Grid, reduction: LossReduction): Grid {
  if (reduction === "none") return losses;
  const sum = total(losses.values);
  return { shape: [], values: [reduction === "sum" ? sum : sum / losses.values.length] };
}

/** A grid of the shape of the first with `formula` of the elements of all. */
function zip(formula: (...xs: number[]) => number): (...grids: Grid[]) => Grid {
  return (...grids) =>
    build(grids[0]!.shape, (index) => formula(...grids.map((grid) => at(grid, index))));
}

type Loss = (inputs: readonly Tensor[], options: { readonly reduction?: LossReduction }) => Tensor;

/** Uses of a loss whose elements are losses for themselves. */
function onElements(
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
function pair(
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

const huber = (d: number, delta: number): number =>
  Math.abs(d) < delta ? (d * d) / 2 : delta * (Math.abs(d) - delta / 2);
const softplus = (x: number): number => Math.log(1 + Math.exp(x));

type RegressionName = keyof typeof regression;

/** The cases of the losses of numbers. */
export const regressionCases: Record<RegressionName, Case> = {
  mseLoss: pair(
    [],
    (x, t, o) => x.mseLoss(t, o),
    (x, t) => (x - t) ** 2,
  ),
  l1Loss: pair(
    [],
    (x, t, o) => x.l1Loss(t, o),
    (x, t) => Math.abs(x - t),
  ),
  smoothL1Loss: differentiable((draw) =>
    [0.7, 0].flatMap((beta) =>
      onElements(
        draw,
        [anywhere, anywhere],
        ([x, t], o) => x!.smoothL1Loss(t!, { beta, ...o }),
        (x, t) => (beta === 0 ? Math.abs(x! - t!) : huber(x! - t!, beta) / beta),
      ),
    ),
  ),
  huberLoss: pair(
    [],
    (x, t, o) => x.huberLoss(t, { delta: 1.3, ...o }),
    (x, t) => huber(x - t, 1.3),
  ),
  gaussianNllLoss: differentiable((draw) => {
    const density = (x: number, t: number, v: number): number =>
      (Math.log(v) + (x - t) ** 2 / v) / 2;
    return [
      ...onElements(
        draw,
        [anywhere, anywhere, positive],
        ([x, t, v], o) => x!.gaussianNllLoss(t!, v!, { full: true, ...o }),
        (x, t, v) => density(x!, t!, v!) + Math.log(2 * Math.PI) / 2,
      ),
      ...[[2], [2, 1]].map((shape) =>
        use(
          `a variance of [${shape}] for [2,3]`,
          [draw([2, 3]), draw([2, 3]), draw(shape, positive)],
          (x, t, v) => x!.gaussianNllLoss(t!, v!),
          (x, t, v) => {
            const losses = build([2, 3], ([i, j]) =>
              density(at(x, [i!, j!]), at(t, [i!, j!]), v.values[i!]!),
            );
            return reduce(losses, "mean");
          },
        ),
      ),
    ];
  }),
  poissonNllLoss: differentiable((draw) => [
    ...onElements(
      draw,
      [anywhere, positive],
      ([x, t], o) => x!.poissonNllLoss(t!, o),
      (x, t) => Math.exp(x!) - t! * x!,
    ),
    ...onElements(
      draw,
      [positive, (u) => (u < 0.5 ? 0.9 * u : 1 + 4 * u)],
      ([x, t], o) => x!.poissonNllLoss(t!, { logInput: false, full: true, ...o }),
      (x, t) => {
        const stirling = t! * Math.log(t!) - t! + Math.log(2 * Math.PI * t!) / 2;
        return x! - t! * Math.log(x! + 1e-8) + (t! > 1 ? stirling : 0);
      },
    ),
  ]),
};

/** The cases of the losses of one class. */
export const binaryCases: Record<keyof typeof binary, Case> = {
  binaryCrossEntropy: differentiable((draw) => {
    const loss = (p: number, t: number): number => -t * Math.log(p) - (1 - t) * Math.log(1 - p);
    return [
      ...onElements(
        draw,
        [inside, inside],
        ([p, t], o) => p!.binaryCrossEntropy(t!, o),
        (p, t) => loss(p!, t!),
      ),
      ...onElements(
        draw,
        [inside, inside, positive],
        ([p, t, weight], o) => p!.binaryCrossEntropy(t!, { weight, ...o }),
        (p, t, weight) => weight! * loss(p!, t!),
      ),
    ];
  }),
  binaryCrossEntropyWithLogits: differentiable((draw) => {
    const loss = (x: number, t: number, ofPositive = 1): number =>
      t * ofPositive * softplus(-x) + (1 - t) * softplus(x);
    return [
      ...onElements(
        draw,
        [anywhere, inside],
        ([x, t], o) => x!.binaryCrossEntropyWithLogits(t!, o),
        (x, t) => loss(x!, t!),
      ),
      use(
        "a weight of each row and one of positive targets of each column",
        [draw([2, 3]), draw([2, 3], inside), draw([2, 1], positive), draw([3], positive)],
        (x, t, weight, posWeight) => x!.binaryCrossEntropyWithLogits(t!, { weight, posWeight }),
        (x, t, weight, posWeight) => {
          const losses = build([2, 3], ([i, j]) => {
            const [score, wanted] = [at(x, [i!, j!]), at(t, [i!, j!])];
            return weight.values[i!]! * loss(score, wanted, posWeight.values[j!]!);
          });
          return reduce(losses, "mean");
        },
      ),
    ];
  }),
};

const labelsOf = (...labels: number[]): Tensor => tensor(labels, { dtype: "int32" });

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

const length = (xs: readonly number[], p = 2): number =>
  total(xs.map((x) => Math.abs(x) ** p)) ** (1 / p);
const rowOf = (x: Grid, i: number): number[] =>
  Array.from({ length: x.shape[1]! }, (_, j) => at(x, [i, j]));
const minus = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((x, i) => x - b[i]! + 1e-6);
const cosine = (a: readonly number[], b: readonly number[], eps = 0): number =>
  total(a.map((x, i) => x * b[i]!)) / Math.sqrt((length(a) ** 2 + eps) * (length(b) ** 2 + eps));

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
