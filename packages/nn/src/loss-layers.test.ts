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

const losses: Record<
  string,
  [layer: nn.Module<[Tensor, Tensor]>, x: Tensor, target: Tensor, value: Tensor]
> = {
  CrossEntropyLoss: [new nn.CrossEntropyLoss(), x, labels, ag.crossEntropy(x, labels)],
  SoftmaxLoss: [new nn.SoftmaxLoss(), x, labels, ag.crossEntropy(x, labels)],
  NLLLoss: [new nn.NLLLoss(), logs, labels, ag.nllLoss(logs, labels)],
  MSELoss: [new nn.MSELoss({ reduction: "sum" }), x, y, ag.mseLoss(x, y, { reduction: "sum" })],
  L1Loss: [new nn.L1Loss(), x, y, ag.l1Loss(x, y)],
  SmoothL1Loss: [new nn.SmoothL1Loss({ beta: 0.5 }), x, y, ag.smoothL1Loss(x, y, { beta: 0.5 })],
  HuberLoss: [new nn.HuberLoss({ delta: 0.5 }), x, y, ag.huberLoss(x, y, { delta: 0.5 })],
  BCELoss: [new nn.BCELoss(), unit, y, ag.binaryCrossEntropy(unit, y)],
  BCEWithLogitsLoss: [new nn.BCEWithLogitsLoss(), x, y, ag.binaryCrossEntropyWithLogits(x, y)],
  KLDivLoss: [new nn.KLDivLoss(), logs, y, ag.klDiv(logs, y)],
  HingeLoss: [new nn.HingeLoss(), x, signs, ag.hingeLoss(x, signs)],
};

describe("losses as modules", () => {
  test.each(Object.entries(losses))("%s is its function", (_, [layer, x, target, value]) => {
    expect(layer.forward(x, target).toArray()).toEqual(value.toArray());
    expect(Number.isFinite(value.item())).toBe(true);
  });

  test("print their options", () => {
    expect(String(new nn.MSELoss({ reduction: "sum" }))).toBe("MSELoss(reduction=sum)");
  });
});
