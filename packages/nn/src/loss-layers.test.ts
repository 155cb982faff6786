import * as ag from "@needle/autograd";
import { type Tensor, tensor } from "@needle/autograd";
import { describe, expect, test } from "vitest";
import * as nn from "./index.ts";

const x = tensor([
  [0.2, -1, 0.5],
  [1, 2, 3],
]);
const y = tensor([
  [0.5, 0.25, 1],
  [0, 1, 1],
]);
const labels = tensor([2, 0], { dtype: "int32" });
const unit = x.sigmoid();
const logs = x.logSoftmax();
const signs = tensor([
  [1, -1, 1],
  [-1, 1, 1],
]);
const several = tensor(
  [
    [2, -1, 0],
    [1, 0, -1],
  ],
  { dtype: "int32" },
);
const rowSigns = tensor([1, -1], { dtype: "int32" });

type Two = nn.Module<[Tensor, Tensor]>;
type Three = nn.Module<[Tensor, Tensor, Tensor]>;

const ofTwo: Record<string, [layer: Two, x: Tensor, target: Tensor, value: Tensor]> = {
  CrossEntropyLoss: [new nn.CrossEntropyLoss(), x, labels, ag.crossEntropy(x, labels)],
  SoftmaxLoss: [new nn.SoftmaxLoss(), x, labels, ag.crossEntropy(x, labels)],
  NLLLoss: [new nn.NLLLoss(), logs, labels, ag.nllLoss(logs, labels)],
  MSELoss: [new nn.MSELoss({ reduction: "sum" }), x, y, ag.mseLoss(x, y, { reduction: "sum" })],
  L1Loss: [new nn.L1Loss(), x, y, ag.l1Loss(x, y)],
  SmoothL1Loss: [new nn.SmoothL1Loss({ beta: 0.5 }), x, y, ag.smoothL1Loss(x, y, { beta: 0.5 })],
  HuberLoss: [new nn.HuberLoss({ delta: 0.5 }), x, y, ag.huberLoss(x, y, { delta: 0.5 })],
  PoissonNLLLoss: [new nn.PoissonNLLLoss(), x, y, ag.poissonNllLoss(x, y)],
  BCELoss: [new nn.BCELoss(), unit, y, ag.binaryCrossEntropy(unit, y)],
  BCEWithLogitsLoss: [new nn.BCEWithLogitsLoss(), x, y, ag.binaryCrossEntropyWithLogits(x, y)],
  KLDivLoss: [new nn.KLDivLoss(), logs, y, ag.klDiv(logs, y)],
  HingeLoss: [new nn.HingeLoss(), x, signs, ag.hingeLoss(x, signs)],
  SoftMarginLoss: [new nn.SoftMarginLoss(), x, signs, ag.softMarginLoss(x, signs)],
  HingeEmbeddingLoss: [new nn.HingeEmbeddingLoss(), x, signs, ag.hingeEmbeddingLoss(x, signs)],
  MultiMarginLoss: [
    new nn.MultiMarginLoss({ p: 2 }),
    x,
    labels,
    ag.multiMarginLoss(x, labels, { p: 2 }),
  ],
  MultiLabelMarginLoss: [
    new nn.MultiLabelMarginLoss(),
    x,
    several,
    ag.multiLabelMarginLoss(x, several),
  ],
  MultiLabelSoftMarginLoss: [
    new nn.MultiLabelSoftMarginLoss(),
    x,
    y,
    ag.multiLabelSoftMarginLoss(x, y),
  ],
};

const ofThree: Record<string, [layer: Three, inputs: [Tensor, Tensor, Tensor], value: Tensor]> = {
  GaussianNLLLoss: [
    new nn.GaussianNLLLoss({ full: true }),
    [x, y, unit],
    ag.gaussianNllLoss(x, y, unit, { full: true }),
  ],
  MarginRankingLoss: [
    new nn.MarginRankingLoss({ margin: 0.5 }),
    [x, y, signs],
    ag.marginRankingLoss(x, y, signs, { margin: 0.5 }),
  ],
  CosineEmbeddingLoss: [
    new nn.CosineEmbeddingLoss(),
    [x, y, rowSigns],
    ag.cosineEmbeddingLoss(x, y, rowSigns),
  ],
  TripletMarginLoss: [
    new nn.TripletMarginLoss({ swap: true }),
    [x, y, unit],
    ag.tripletMarginLoss(x, y, unit, { swap: true }),
  ],
};

describe("losses as modules", () => {
  test.each(Object.entries(ofTwo))("%s is its function", (_, [layer, x, target, value]) => {
    expect(layer.forward(x, target).toArray()).toEqual(value.toArray());
    expect(Number.isFinite(value.item())).toBe(true);
  });

  test.each(Object.entries(ofThree))("%s is its function", (_, [layer, inputs, value]) => {
    expect(layer.forward(...inputs).toArray()).toEqual(value.toArray());
    expect(value.item()).toBeGreaterThan(0);
  });

  test("print their options", () => {
    expect(String(new nn.MSELoss({ reduction: "sum" }))).toBe('MSELoss(reduction="sum")');
    expect(String(new nn.TripletMarginLoss())).toBe("TripletMarginLoss()");
  });
});
