/**
 * Measures of how good predictions are, as tensors: reading them is left to the caller. Those over
 * many batches are objects that are given one batch after the other.
 */
import { isTensor, noGrad, type Tensor, tensorKind, zeros } from "@needle/autograd";
import {
  ArgumentError,
  args,
  DTypeError,
  isFloat,
  ShapeError,
  show,
  showShape,
} from "@needle/ndarray";

function check(op: string, scores: Tensor, labels: Tensor): void {
  for (const x of [scores, labels]) {
    if (!isTensor(x)) throw new ArgumentError(op, `scores and labels are tensors, got ${show(x)}`);
  }
  if (scores.ndim !== 2 || labels.ndim !== 1 || labels.shape[0] !== scores.shape[0]) {
    const got = `${showShape(scores.shape)} and ${showShape(labels.shape)}`;
    throw new ShapeError(op, `expected scores [batch,classes] and labels [batch], got ${got}`);
  }
  if (isFloat(labels.dtype)) {
    const problem = `labels are integers, got ${labels.dtype}`;
    throw new DTypeError(op, problem, 'Convert with astype("int32") first.');
  }
}

/**
 * The share of rows whose largest score is at the label.
 *
 * @param scores - `[batch, classes]`.
 * @param labels - integers, `[batch]`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { accuracy } from "@needle/nn";
 * accuracy(tensor([[1, 2], [3, 0]]), tensor([1, 1], { dtype: "int32" })); // => 0.5
 */
export function accuracy(scores: Tensor, labels: Tensor): Tensor {
  check("accuracy", scores, labels);
  return noGrad(() => scores.argmax(1).eq(labels).mean());
}

/**
 * The share of rows in which fewer than `k` scores are above the label's.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { topKAccuracy } from "@needle/nn";
 * const scores = tensor([[3, 2, 1], [3, 2, 1]]);
 * topKAccuracy(scores, tensor([1, 2], { dtype: "int32" }), 2); // => 0.5
 */
export function topKAccuracy(scores: Tensor, labels: Tensor, k: number): Tensor {
  check("topKAccuracy", scores, labels);
  const classes = scores.shape[1]!;
  if (!Number.isInteger(k) || k < 1 || k > classes) {
    const problem = `k must be a whole number from 1 to ${classes}, got ${show(k)}`;
    throw new ArgumentError("topKAccuracy", problem);
  }
  return noGrad(() => {
    const ofLabels = scores.gather(1, labels.astype("int32").unsqueeze(1));
    return scores.gt(ofLabels).astype("int32").sum(1).lt(k).mean();
  });
}

/** `e` to the mean cross-entropy: how many choices a language model is left with on average. */
export function perplexity(meanLoss: Tensor): Tensor {
  args.check("perplexity", "the mean loss", meanLoss, tensorKind);
  return noGrad(() => meanLoss.exp());
}

/**
 * How often each label was taken for each class, over all batches seen: `[label, prediction]`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ConfusionMatrix } from "@needle/nn";
 * const matrix = new ConfusionMatrix(2);
 * matrix.update(tensor([[1, 2], [3, 0], [0, 1]]), tensor([1, 1, 1], { dtype: "int32" }));
 * matrix.counts; // => [[0. 0.]
 *    //     [1. 2.]]
 * matrix.recall(); // => [      nan 0.6666667]
 */
export class ConfusionMatrix {
  readonly classes: number;
  /** `[classes, classes]`, float32: row the label, column the prediction. */
  readonly counts: Tensor;

  constructor(classes: number) {
    args.check("ConfusionMatrix", "classes", classes, args.whole(1));
    this.classes = classes;
    this.counts = zeros([classes, classes]).keep();
  }

  /** Takes a batch of scores `[batch, classes]`, or of predicted labels `[batch]`, and its labels. */
  update(predictions: Tensor, labels: Tensor): void {
    args.checkEach("ConfusionMatrix", { predictions, labels }, tensorKind);
    const isScores = predictions.ndim === 2;
    if (isScores && predictions.shape[1] !== this.classes) {
      const problem = `expected [batch,${this.classes}], got ${showShape(predictions.shape)}`;
      throw new ShapeError("ConfusionMatrix", problem);
    }
    if (isScores) check("ConfusionMatrix", predictions, labels);
    else predictions.expectShape("ConfusionMatrix", labels.shape);
    noGrad(() => {
      const taken = isScores ? predictions.argmax(1) : predictions.astype("int32");
      const [rows, columns] = [
        labels.astype("int32").oneHot(this.classes),
        taken.oneHot(this.classes),
      ];
      const found = rows.transpose().matmul(columns);
      this.counts.assign(this.counts.add(found.to(this.counts.backend)));
    });
  }

  /** The share of all rows that were predicted right. */
  accuracy(): Tensor {
    return noGrad(() => this.#right().sum().div(this.counts.sum()));
  }

  /** For each class, the share of its predictions that were right; NaN where there were none. */
  precision(): Tensor {
    return noGrad(() => this.#right().div(this.counts.sum(0)));
  }

  /** For each class, the share of its rows that were found; NaN where there were none. */
  recall(): Tensor {
    return noGrad(() => this.#right().div(this.counts.sum(1)));
  }

  /** For each class, the harmonic mean of precision and recall; NaN for a class that never was. */
  f1(): Tensor {
    return noGrad(() =>
      this.#right()
        .mul(2)
        .div(this.counts.sum(0).add(this.counts.sum(1))),
    );
  }

  /** Starts again. */
  reset(): void {
    this.counts.assign(0);
  }

  #right(): Tensor {
    return this.counts.diagonal();
  }
}

const meanKind: args.Kind = {
  expected: "a number or a tensor",
  holds: (value) => typeof value === "number" || isTensor(value),
};

/**
 * A mean over batches of different sizes: each counts by its size.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { RunningMean } from "@needle/nn";
 * const loss = new RunningMean();
 * loss.update(tensor(1), 3);
 * loss.update(5, 1);
 * loss.value(); // => 2.0
 */
export class RunningMean {
  readonly #total: Tensor = zeros([], { dtype: "float64" }).keep();
  #count = 0;

  /** How much has been counted. */
  get count(): number {
    return this.#count;
  }

  /** Takes a mean over `count` elements. */
  update(mean: Tensor | number, count = 1): void {
    args.check("RunningMean", "the mean", mean, meanKind);
    args.check("RunningMean", "count", count, args.atLeast(0));
    noGrad(() => {
      const part = typeof mean === "number" ? mean : mean.reshape([]).to(this.#total.backend);
      const sum = typeof part === "number" ? part * count : part.astype("float64").mul(count);
      this.#total.assign(this.#total.add(sum));
    });
    this.#count += count;
  }

  /** The mean, float64; NaN before the first batch. */
  value(): Tensor {
    return noGrad(() => this.#total.div(this.#count));
  }

  /** Starts again. */
  reset(): void {
    this.#total.assign(0);
    this.#count = 0;
  }
}

/**
 * The area under the ROC curve: the probability that a positive gets a higher score than a negative,
 * equal scores counting half. Exact, so all scores are kept until it is asked for.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { AUROC } from "@needle/nn";
 * const area = new AUROC();
 * area.update(tensor([0.1, 0.4, 0.35, 0.8]), tensor([0, 0, 1, 1], { dtype: "int32" }));
 * await area.value(); // => 0.75
 */
export class AUROC {
  readonly #batches: Promise<[scores: ArrayLike<number>, labels: ArrayLike<number>]>[] = [];

  /** Takes scores and labels (1 or true for positives), both `[batch]`. */
  update(scores: Tensor, labels: Tensor): void {
    args.checkEach("AUROC", { scores, labels }, tensorKind);
    labels.expectShape("AUROC", scores.shape);
    this.#batches.push(Promise.all([scores.data(), labels.data()]));
  }

  /** The area; NaN unless there are both positives and negatives. */
  async value(): Promise<number> {
    const rows: [score: number, isPositive: boolean][] = [];
    for (const [scores, labels] of await Promise.all(this.#batches)) {
      for (let i = 0; i < scores.length; i++) rows.push([scores[i]!, labels[i]! !== 0]);
    }
    rows.sort(([a], [b]) => a - b);
    let [sum, positives] = [0, 0];
    for (let i = 0; i < rows.length; ) {
      let end = i;
      while (end < rows.length && rows[end]![0] === rows[i]![0]) end += 1;
      // Equal scores share the mean of their ranks.
      const rank = (i + 1 + end) / 2;
      for (; i < end; i++) {
        if (!rows[i]![1]) continue;
        sum += rank;
        positives += 1;
      }
    }
    const negatives = rows.length - positives;
    return (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
  }

  /** Starts again. */
  reset(): void {
    this.#batches.length = 0;
  }
}
