import { rand } from "@needle/autograd";
import { type Layer, LayerNorm1d } from "@needle/nn";
import { describe, expect, it } from "vitest";
import { mlpResNet, residualBlock } from "./mlp-resnet.ts";

const layerNorm = (dim: number): Layer => new LayerNorm1d(dim);

/** How many numbers a model learns. */
function count(model: Layer): number {
  return model.parameters().reduce((total, { size }) => total + size, 0);
}

// The counts are those of the course's own tests.
describe("residualBlock", () => {
  it("has the course's parameters", () => {
    expect(count(residualBlock(15, 2))).toBe(111);
    expect(count(residualBlock(784, 100, { norm: layerNorm }))).toBe(159_452);
  });

  it("keeps the shape and gives nothing negative", () => {
    const y = residualBlock(6, 4).forward(rand([5, 6]));
    expect(y.shape).toEqual([5, 6]);
    expect(y.min().item()).toBeGreaterThanOrEqual(0);
  });
});

describe("mlpResNet", () => {
  it("has the course's parameters", () => {
    expect(count(mlpResNet(10, { hidden: 100, blocks: 1, classes: 100 }))).toBe(21_650);
    expect(count(mlpResNet(150, { hidden: 100, blocks: 5, norm: layerNorm }))).toBe(68_360);
  });

  it("is never narrower than one feature", () => {
    expect(mlpResNet(20, { hidden: 1 }).forward(rand([3, 20])).shape).toEqual([3, 10]);
  });

  it("gives a score for each class", () => {
    expect(mlpResNet(20, { hidden: 8 }).forward(rand([3, 20])).shape).toEqual([3, 10]);
  });
});
