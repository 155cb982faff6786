/** What is out of range, what does not go together, and what layers are given after they are made. */
import { ones } from "@needle/autograd";
import { describe, expect, test } from "vitest";
import * as nn from "./index.ts";

const { ReLU } = nn;

describe("values out of range", () => {
  test.each<[() => unknown, string]>([
    [() => new nn.Dropout(1.5), "Dropout: the probability must be from 0 to 1, got 1.5"],
    [() => new nn.LSTM(2, 2, { dropout: -1 }), "LSTM: dropout must be from 0 to 1, got -1"],
    [() => new nn.Softshrink(-1), "Softshrink: lambda must be from 0 to Infinity, got -1"],
    [
      () => new nn.AvgPool2d(2, { divisorOverride: 0 }),
      "AvgPool2d: divisorOverride must be a number other than 0, got 0",
    ],
    [() => new nn.HuberLoss({ delta: 0 }), "HuberLoss: delta must be above 0, got 0"],
    [() => new nn.SmoothL1Loss({ beta: -1 }), "SmoothL1Loss: beta must be at least 0, got -1"],
    [
      () => new nn.CrossEntropyLoss({ labelSmoothing: 2 }),
      "CrossEntropyLoss: labelSmoothing must be from 0 to 1, got 2",
    ],
    [() => new nn.MultiMarginLoss({ p: 3 as 1 }), "MultiMarginLoss: p must be 1 or 2, got 3"],
    [
      () => new nn.LayerNorm(2, { eps: -1 }),
      "LayerNorm: eps must be a number of at least 0, got -1",
    ],
    [
      () => new nn.Conv2d(1, 1, 3, { padding: "sam" as "same" }),
      'Conv2d: padding must be numbers, one, two or two pairs, "same" or "valid", got "sam"',
    ],
  ])("%s are refused when the layer is made", (make, message) => {
    expect(make).toThrow(message);
  });
});

describe("sizes that do not go together", () => {
  test.each<[() => unknown, string]>([
    [
      () => new nn.Conv2d(4, 6, 3, { groups: 4 }),
      "Conv2d: outChannels must be a multiple of 4 groups, got 6",
    ],
    [
      () => new nn.TransformerEncoderLayer(6, 4),
      "TransformerEncoderLayer: features 6 are not a multiple of 4 heads",
    ],
    [() => new nn.Hardtanh(1, 1), "Hardtanh: min must be below max, got 1 and 1"],
    [() => new nn.Upsample({}), "Upsample: takes one of size and scaleFactor"],
    [
      () => new nn.Upsample({ size: 2, scaleFactor: 2 }),
      "Upsample: takes one of size and scaleFactor",
    ],
  ])("%s are refused", (make, message) => {
    expect(make).toThrow(message);
  });
});

describe("what comes later", () => {
  const wrong = (value: unknown): never => value as never;
  const x = ones([3, 2, 4]);

  test.each<[string, () => unknown, string]>([
    [
      "a state",
      () => new nn.RNN(4, 2).forward(x, wrong(3)),
      "RNN: the state is made of tensors, got 3",
    ],
    [
      "a key",
      () => new nn.AttentionLayer(4, 1, 2).forward(x, wrong("k")),
      'AttentionLayer: k must be a tensor or null, got "k"',
    ],
    [
      "a mask",
      () => new nn.MultiheadAttention(4, 2).forward(x, x, x, wrong({ maks: null })),
      'MultiheadAttention: there is no option "maks", did you mean "mask"?',
    ],
    [
      "a cache",
      () => new nn.Transformer(4, 2, 1).forward(x, null, wrong({ cache: [] })),
      "Transformer: cache must be a KeyValueCache or null, got []",
    ],
    [
      "a decoder's call",
      () => new nn.TransformerDecoderLayer(4, 2).forward(x, x, wrong({ target: null })),
      "TransformerDecoderLayer: target must be an object, got null",
    ],
    [
      "a position",
      () => new nn.SinusoidalPositions(4).forward(x, 0.5),
      "SinusoidalPositions: first must be a whole number of at least 0, got 0.5",
    ],
    [
      "a mean",
      () => new nn.RunningMean().update(wrong("a")),
      'RunningMean: the mean must be a number or a tensor, got "a"',
    ],
    [
      "scores",
      () => new nn.AUROC().update(wrong([1]), x),
      "AUROC: scores must be a tensor, got [1]",
    ],
    [
      "predictions",
      () => new nn.ConfusionMatrix(2).update(x, wrong(null)),
      "ConfusionMatrix: labels must be a tensor, got null",
    ],
    [
      "a place",
      () => new ReLU().to(wrong("gpu")),
      'Module.to: the target must be a dtype or a backend, got "gpu"',
    ],
    [
      "a hook",
      () => new ReLU().registerForwardHook(wrong(1)),
      "registerForwardHook: the hook must be a function, got 1",
    ],
    [
      "a saved value",
      () => new nn.PReLU().loadStateDict(wrong({ weight: 3, b: null })),
      "loadStateDict: the state does not fit PReLU\n  unexpected b null\n  misshapen weight: expected [1], got 3",
    ],
    [
      "an option of loading",
      () => new ReLU().loadStateDict({}, wrong({ strick: true })),
      'loadStateDict: there is no option "strick", did you mean "strict"?',
    ],
  ])("%s is checked as well", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
