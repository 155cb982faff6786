import { ArgumentError, DTypeError, IndexError, memory, ShapeError } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { type Tensor, tensor, zeros } from "../index.ts";
import { compareWithTorch, type Named } from "./torch.fixture.ts";

const none = { reduction: "none" } as const;
const sum = { reduction: "sum" } as const;

/** A loss of x and y with some options. */
function of(loss: string, options: object = {}): (inputs: Named) => Tensor {
  return ({ x, y, z, v, weight, posWeight }) => {
    const method = (x as unknown as Record<string, (...args: unknown[]) => Tensor>)[loss]!;
    const rest = [y, z, v].filter((other) => other !== undefined);
    const given = Object.entries({ weight, posWeight }).filter(([, w]) => w !== undefined);
    return method.call(x, ...rest, { ...options, ...Object.fromEntries(given) });
  };
}

const elementLoss = (loss: string): Record<string, (inputs: Named) => Tensor> => ({
  mean: of(loss),
  sum: of(loss, sum),
  none: of(loss, none),
  nothing: of(loss),
  "equal, far and infinite": of(loss, none),
});

describe("values and derivatives are PyTorch's", () => {
  const smooth = { labelSmoothing: 0.1 };
  compareWithTorch("losses", {
    crossEntropy: {
      rows: of("crossEntropy"),
      sum: of("crossEntropy", sum),
      none: of("crossEntropy", none),
      weight: of("crossEntropy"),
      ignored: of("crossEntropy", { ignoreIndex: 1 }),
      "ignored by default": of("crossEntropy"),
      "all ignored": of("crossEntropy"),
      "all ignored, sum": of("crossEntropy", sum),
      smoothing: of("crossEntropy", { labelSmoothing: 0.2 }),
      "weight and smoothing": of("crossEntropy", { labelSmoothing: 0.2, ignoreIndex: 0 }),
      "weight and smoothing, none": of("crossEntropy", {
        labelSmoothing: 0.2,
        ignoreIndex: 0,
        ...none,
      }),
      images: of("crossEntropy"),
      "images, weight and smoothing": of("crossEntropy", smooth),
      probabilities: of("crossEntropy"),
      "probabilities, weight and smoothing": of("crossEntropy", smooth),
      "one vector": of("crossEntropy"),
      "no rows": of("crossEntropy"),
      "no rows, sum": of("crossEntropy", sum),
      extreme: of("crossEntropy", none),
      "extreme, smoothing": of("crossEntropy", { ...none, ...smooth }),
      "minus infinity": of("crossEntropy", none),
    },
    nllLoss: {
      rows: of("nllLoss"),
      "weight and ignored": of("nllLoss", { ignoreIndex: 0 }),
      "sequences, none": of("nllLoss", none),
      "all ignored": of("nllLoss", { ignoreIndex: 1 }),
    },
    mseLoss: { ...elementLoss("mseLoss"), equal: of("mseLoss", none) },
    l1Loss: elementLoss("l1Loss"),
    smoothL1Loss: {
      ...elementLoss("smoothL1Loss"),
      "equal, second derivatives": of("smoothL1Loss", none),
      "beta 0.3": of("smoothL1Loss", { beta: 0.3, ...none }),
      "beta 0": of("smoothL1Loss", { beta: 0 }),
    },
    huberLoss: {
      ...elementLoss("huberLoss"),
      "equal, second derivatives": of("huberLoss", none),
      "delta 0.3": of("huberLoss", { delta: 0.3, ...none }),
    },
    binaryCrossEntropy: {
      mean: of("binaryCrossEntropy"),
      weight: of("binaryCrossEntropy", sum),
      "at 0 and 1": of("binaryCrossEntropy", none),
      nothing: of("binaryCrossEntropy"),
    },
    binaryCrossEntropyWithLogits: {
      mean: of("binaryCrossEntropyWithLogits"),
      "at 0": of("binaryCrossEntropyWithLogits", none),
      weights: of("binaryCrossEntropyWithLogits", none),
      extreme: of("binaryCrossEntropyWithLogits", none),
    },
    klDiv: {
      ...Object.fromEntries(
        ["mean", "sum", "none", "batchmean"].flatMap((reduction) => [
          [reduction, of("klDiv", { reduction })],
          [`logTarget, ${reduction}`, of("klDiv", { reduction, logTarget: true })],
        ]),
      ),
      "zero targets": of("klDiv", none),
    },
    softMarginLoss: { mean: of("softMarginLoss") },
    hingeEmbeddingLoss: {
      mean: of("hingeEmbeddingLoss"),
      margin: of("hingeEmbeddingLoss", { margin: 0.3, ...none }),
    },
    multiMarginLoss: {
      mean: of("multiMarginLoss"),
      "p 2, weight, margin": of("multiMarginLoss", { p: 2, margin: 0.6, ...none }),
      "one vector": of("multiMarginLoss"),
    },
    multiLabelSoftMarginLoss: {
      mean: of("multiLabelSoftMarginLoss"),
      "weight, none": of("multiLabelSoftMarginLoss", none),
      "one vector, sum": of("multiLabelSoftMarginLoss", sum),
      extreme: of("multiLabelSoftMarginLoss", none),
      "three axes": of("multiLabelSoftMarginLoss", none),
    },
    multiLabelMarginLoss: {
      mean: of("multiLabelMarginLoss"),
      "all labels, none": of("multiLabelMarginLoss", none),
      "one vector, sum": of("multiLabelMarginLoss", sum),
    },
    marginRankingLoss: { mean: of("marginRankingLoss", { margin: 0.2 }) },
    cosineEmbeddingLoss: {
      mean: of("cosineEmbeddingLoss"),
      "margin and zeros": of("cosineEmbeddingLoss", { margin: -0.6, ...none }),
    },
    cosineSimilarity: {
      rows: of("cosineSimilarity"),
      "axis 0": of("cosineSimilarity", { axis: 0 }),
      zeros: of("cosineSimilarity"),
      cubes: of("cosineSimilarity"),
    },
    pairwiseDistance: {
      rows: of("pairwiseDistance"),
      "p 1": of("pairwiseDistance", { p: 1, keepdims: true }),
      "p 3": of("pairwiseDistance", { p: 3 }),
    },
    normalizeVector: {
      "p 1": of("normalizeVector", { p: 1 }),
      "p 2": of("normalizeVector", { p: 2 }),
      "p 3": of("normalizeVector", { p: 3 }),
      "p inf": of("normalizeVector", { p: Number.POSITIVE_INFINITY }),
      "a row of zeros": of("normalizeVector"),
    },
    tripletMarginLoss: {
      mean: of("tripletMarginLoss"),
      "swap, p 1": of("tripletMarginLoss", { swap: true, p: 1, margin: 2, ...none }),
    },
    gaussianNllLoss: {
      mean: of("gaussianNllLoss"),
      "full, none": of("gaussianNllLoss", { full: true, ...none }),
      rows: of("gaussianNllLoss", sum),
      "small variances": of("gaussianNllLoss", { eps: 0.5, ...none }),
    },
    poissonNllLoss: {
      mean: of("poissonNllLoss"),
      "full, none": of("poissonNllLoss", { full: true, ...none }),
      rates: of("poissonNllLoss", { logInput: false, ...sum }),
    },
  });
});

const integers = (values: number[]): Tensor => tensor(values, { dtype: "int32" });

describe("losses of elements", () => {
  const pairs = ["mseLoss", "l1Loss", "smoothL1Loss", "huberLoss", "poissonNllLoss"] as const;
  const others = [
    "binaryCrossEntropy",
    "binaryCrossEntropyWithLogits",
    "klDiv",
    "hingeLoss",
    "softMarginLoss",
    "hingeEmbeddingLoss",
  ] as const;

  test.each([...pairs, ...others])("%s does not broadcast", (name) => {
    const run = (): Tensor => zeros([4, 1])[name](zeros([4]));
    expect(run).toThrow(ShapeError);
    expect(run).toThrow(
      `${name}: input [4,1] and target [4] differ\n` +
        "Losses do not broadcast: reshape or broadcastTo first.",
    );
  });

  test("name the third tensor that differs", () => {
    const run = (): Tensor => zeros([2]).marginRankingLoss(zeros([2]), zeros([3]));
    expect(run).toThrow("marginRankingLoss: input [2] and target [3] differ");
  });

  test("refuse other reductions", () => {
    // @ts-expect-error: no such reduction
    const run = (): Tensor => zeros([2]).mseLoss(zeros([2]), { reduction: "average" });
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow('mseLoss: reduction must be "mean", "sum" or "none", got "average"');
  });

  test("refuse weights that stretch them", () => {
    const of = (weight: Tensor) => (): Tensor =>
      zeros([3]).binaryCrossEntropy(zeros([3]), { weight });
    expect(of(zeros([2, 3]))).toThrow(
      "binaryCrossEntropy: the weight [2,3] does not broadcast to [3]",
    );
    expect(of(zeros([2]))).toThrow("binaryCrossEntropy: shapes [3] and [2] do not broadcast");
  });

  test("refuse limits without meaning", () => {
    const x = zeros([2]);
    expect(() => x.huberLoss(x, { delta: 0 })).toThrow("huberLoss: delta must be above 0, got 0");
    expect(() => x.smoothL1Loss(x, { beta: -1 })).toThrow(
      "smoothL1Loss: beta must be at least 0, got -1",
    );
    expect(() => x.gaussianNllLoss(x, x, { eps: 0 })).toThrow(
      "gaussianNllLoss: eps must be above 0, got 0",
    );
    expect(() => x.gaussianNllLoss(x, zeros([3]))).toThrow(
      "gaussianNllLoss: variance [3] does not fit input [2]",
    );
    expect(() => x.pairwiseDistance(x, { p: -1 })).toThrow(
      "pairwiseDistance: p must be at least 0, got -1",
    );
  });

  test("are NaN for probabilities outside [0, 1] and for negative variances", () => {
    const outside = tensor([-0.1, 1.1]).binaryCrossEntropy(tensor([1, 0]), none);
    expect(outside.toArray()).toEqual([Number.NaN, Number.NaN]);
    const negative = tensor([0]).gaussianNllLoss(tensor([0]), tensor([-1]));
    expect(negative.item()).toBeNaN();
  });

  test("leave only their results", () => {
    const x = tensor([0.2, 0.7], { requiresGrad: true });
    const y = tensor([0, 1]);
    const before = memory().buffers;
    const loss = x.binaryCrossEntropyWithLogits(y);
    loss.backward();
    expect(memory().buffers - before).toBe(2);
  });
});

describe("losses of labels", () => {
  test("refuse labels outside the classes, negative ones too, and leave nothing", () => {
    const x = zeros([2, 3], { requiresGrad: true });
    const before = memory().buffers;
    for (const loss of ["crossEntropy", "nllLoss", "multiMarginLoss"] as const) {
      for (const wrong of [3, -1]) {
        const labels = integers([0, wrong]);
        const run = (): Tensor => x[loss](labels);
        expect(run).toThrow(IndexError);
        expect(run).toThrow(`${loss}: a label is outside the 3 classes, counted from 0`);
        labels.dispose();
      }
    }
    expect(memory().buffers).toBe(before);
  });

  test("ignore a label that is a class, or none", () => {
    const x = tensor([
      [0, 0],
      [9, 0],
    ]);
    expect(x.crossEntropy(integers([0, 1]), { ignoreIndex: 1 }).item()).toBeCloseTo(Math.log(2));
    const wrong = (): Tensor => x.crossEntropy(integers([0, -100]), { ignoreIndex: 1 });
    expect(wrong).toThrow("crossEntropy: a label is outside the 2 classes");
  });

  test("refuse other shapes and dtypes", () => {
    const of = (shape: number[], labels: number[]) => (): Tensor =>
      zeros(shape).crossEntropy(zeros(labels, { dtype: "int32" }));
    expect(of([3, 4], [4])).toThrow(
      "crossEntropy: expected labels [3] or probabilities of the shape of the scores, got [4] for scores [3,4]",
    );
    expect(of([2, 3, 4], [2, 3])).toThrow("expected labels [2,4] or");
    expect(of([3, 4], [3, 4])).toThrow(ShapeError);
    expect(of([], [])).toThrow(
      "crossEntropy: expected scores [batch,classes,…] or [classes], got []",
    );
    expect(() => zeros([3, 4]).nllLoss(zeros([3]))).toThrow(DTypeError);
    expect(() => zeros([3, 4]).nllLoss(zeros([3]))).toThrow(
      "nllLoss: labels are integers, got float32",
    );
    expect(() => zeros([2, 3, 4]).multiMarginLoss(integers([1]))).toThrow(
      "multiMarginLoss: expected scores [batch,classes] or [classes], got [2,3,4]",
    );
  });

  test("refuse weights of another number of classes, and smoothing outside [0, 1]", () => {
    const labels = integers([0, 1]);
    expect(() => zeros([2, 3]).crossEntropy(labels, { weight: zeros([2]) })).toThrow(
      "crossEntropy: expected a weight [3], one for each class, got [2]",
    );
    expect(() => zeros([2, 3]).crossEntropy(labels, { labelSmoothing: 1.5 })).toThrow(
      "crossEntropy: labelSmoothing must be from 0 to 1, got 1.5",
    );
    // @ts-expect-error: p is 1 or 2
    expect(() => zeros([2, 3]).multiMarginLoss(labels, { p: 3 })).toThrow(
      "multiMarginLoss: p must be 1 or 2, got 3",
    );
  });

  test("are NaN next to a score of infinity or NaN, as PyTorch's", () => {
    const [up, down] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const x = tensor([
      [0, up],
      [up, 0],
      [0, Number.NaN],
      [down, down],
    ]);
    const { NaN } = Number;
    expect(x.crossEntropy(integers([0, 0, 0, 0]), none).toArray()).toEqual([NaN, NaN, NaN, NaN]);
  });

  test("of several labels name what does not fit", () => {
    const x = zeros([2, 3]);
    const of = (labels: number[][]) => (): Tensor =>
      x.multiLabelMarginLoss(tensor(labels, { dtype: "int32" }));
    for (const wrong of [3, -2]) {
      const run = of([
        [0, 1, wrong],
        [1, -1, 0],
      ]);
      expect(run).toThrow(IndexError);
      expect(run).toThrow("multiLabelMarginLoss: a label is outside the 3 classes, counted from 0");
    }
    expect(of([[0, 1, 2]])).toThrow("multiLabelMarginLoss: input [2,3] and labels [1,3] differ");
    expect(() => x.multiLabelMarginLoss(zeros([2, 3]))).toThrow(
      "multiLabelMarginLoss: labels are integers, got float32",
    );
    const cube = zeros([1, 2, 3], { dtype: "int32" });
    expect(() => zeros([1, 2, 3]).multiLabelMarginLoss(cube)).toThrow(
      "multiLabelMarginLoss: expected scores [batch,classes] or [classes], got [1,2,3]",
    );
    expect(() => zeros([]).multiLabelSoftMarginLoss(zeros([]))).toThrow(
      "multiLabelSoftMarginLoss: expected scores […,classes], got []",
    );
    expect(() => x.multiLabelSoftMarginLoss(x, { weight: zeros([2]) })).toThrow(
      "multiLabelSoftMarginLoss: expected a weight [3], one for each class, got [2]",
    );
  });

  test("take labels of uint8", () => {
    const labels = tensor([1, 0], { dtype: "uint8" });
    expect(zeros([2, 4]).crossEntropy(labels).item()).toBeCloseTo(Math.log(4));
  });
});
