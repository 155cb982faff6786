/** Metrics over many batches. */
import { type Tensor, tensor } from "@needle/autograd";
import { memory } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import {
  AUROC,
  ConfusionMatrix,
  crossEntropy,
  perplexity,
  RunningMean,
  topKAccuracy,
} from "./index.ts";

function ids(...values: number[]): Tensor {
  return tensor(values, { dtype: "int32" });
}

describe("topKAccuracy", () => {
  const scores = tensor([
    [0.1, 0.5, 0.4],
    [0.3, 0.3, 0.4],
    [9, 1, 5],
  ]);
  test.each([
    [1, 1 / 3],
    [2, 2 / 3],
    [3, 1],
  ])("for k = %d is %d", (k, share) => {
    expect(topKAccuracy(scores, ids(2, 2, 1), k).item()).toBeCloseTo(share, 6);
  });

  test("refuses another k", () => {
    expect(() => topKAccuracy(scores, ids(0, 0, 0), 4)).toThrow(
      "topKAccuracy: k must be a whole number from 1 to 3, got 4",
    );
  });
});

describe("perplexity", () => {
  test("of scores that know nothing is the number of classes", () => {
    expect(perplexity(crossEntropy(tensor([[1, 1, 1, 1]]), ids(2))).item()).toBeCloseTo(4, 5);
  });
});

describe("ConfusionMatrix", () => {
  test("counts over batches, of scores or of labels", () => {
    const matrix = new ConfusionMatrix(3);
    matrix.update(
      tensor([
        [1, 0, 0],
        [0, 1, 0],
      ]),
      ids(0, 0),
    );
    matrix.update(ids(1, 1, 2), ids(1, 1, 1));
    expect(matrix.counts.toArray()).toEqual([
      [1, 1, 0],
      [0, 2, 1],
      [0, 0, 0],
    ]);
    expect(matrix.accuracy().item()).toBeCloseTo(3 / 5, 6);
    const close = (x: Tensor, expected: number[]): void => {
      (x.toArray() as number[]).forEach((value, i) => {
        if (Number.isNaN(expected[i])) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(expected[i]!, 6);
      });
    };
    close(matrix.precision(), [1, 2 / 3, 0]);
    close(matrix.recall(), [1 / 2, 2 / 3, Number.NaN]);
    close(matrix.f1(), [2 / 3, 2 / 3, 0]);
    matrix.reset();
    expect(matrix.counts.sum().item()).toBe(0);
  });

  test("keeps memory flat", () => {
    const matrix = new ConfusionMatrix(2);
    const [scores, labels] = [tensor([[1, 0]]), ids(1)];
    const before = memory().buffers;
    for (let i = 0; i < 20; i++) matrix.update(scores, labels);
    expect(memory().buffers).toBe(before);
  });

  test("refuses what does not fit", () => {
    const matrix = new ConfusionMatrix(2);
    expect(() => matrix.update(tensor([[1, 2, 3]]), ids(0))).toThrow(
      "ConfusionMatrix: expected [batch,2], got [1,3]",
    );
    expect(() => matrix.update(tensor([[1, 2]]), tensor([1]))).toThrow(
      "ConfusionMatrix: labels are integers, got float32",
    );
    expect(() => new ConfusionMatrix(0)).toThrow("ConfusionMatrix: classes must be");
  });
});

describe("RunningMean", () => {
  test("weighs batches by their size", () => {
    const mean = new RunningMean();
    expect(mean.value().item()).toBeNaN();
    mean.update(tensor([2]), 100);
    mean.update(tensor(8), 50);
    expect([mean.value().item(), mean.count]).toEqual([4, 150]);
    mean.reset();
    mean.update(3);
    expect(mean.value().item()).toBe(3);
  });
});

describe("AUROC", () => {
  /** Pairs of a positive and a negative, counted one by one. */
  function byPairs(scores: number[], labels: number[]): number {
    let [won, pairs] = [0, 0];
    for (const [i, a] of scores.entries())
      for (const [j, b] of scores.entries()) {
        if (labels[i] !== 1 || labels[j] !== 0) continue;
        pairs += 1;
        won += a > b ? 1 : a === b ? 0.5 : 0;
      }
    return won / pairs;
  }

  test("is the share of pairs in order, equal ones by half, over batches", async () => {
    const scores = Array.from({ length: 60 }, (_, i) => Math.round(Math.sin(i * 7) * 10) / 10);
    const labels = scores.map((_, i) => (Math.cos(i * 3) > 0.2 ? 1 : 0));
    const area = new AUROC();
    area.update(tensor(scores.slice(0, 25)), ids(...labels.slice(0, 25)));
    area.update(tensor(scores.slice(25)), ids(...labels.slice(25)));
    expect(await area.value()).toBeCloseTo(byPairs(scores.map(Math.fround), labels), 12);
  });

  test("is NaN without negatives", async () => {
    const area = new AUROC();
    area.update(tensor([1, 2]), ids(1, 1));
    expect(await area.value()).toBeNaN();
  });
});
