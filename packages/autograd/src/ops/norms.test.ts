import { memory, type NDArray } from "@needle/ndarray";
import { assertClose, assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { ones, type Tensor, tensor, zeros } from "../index.ts";

const rows = tensor([
  [1, 2],
  [3, 6],
  [5, 7],
]);

function valueOf(x: Tensor): NDArray {
  return x.value;
}

describe("batchNorm", () => {
  test("updates the running statistics in training only", () => {
    const [mean, variance] = [zeros([2]), ones([2])];
    rows.batchNorm(mean, variance, { training: true, momentum: 0.5 });
    assertClose(valueOf(mean), [1.5, 2.5]);
    assertClose(valueOf(variance), [0.5 + 4 / 3, 0.5 + 7 / 3]);
    rows.batchNorm(mean, variance);
    assertClose(valueOf(mean), [1.5, 2.5]);
  });

  test("takes the unbiased variance into the running one when asked to", () => {
    const variance = ones([2]);
    rows.batchNorm(null, variance, { training: true, momentum: 0.5, unbiased: true });
    assertClose(valueOf(variance), [0.5 + 2, 0.5 + 3.5]);
    const single = ones([2]);
    tensor([[1, 2]]).batchNorm(null, single, { training: true, momentum: 1, unbiased: true });
    assertSame(valueOf(single), [0, 0]);
  });

  test("normalizes channels of images over batch and places", () => {
    const x = tensor([
      [[[1, 3]], [[0, 10]]],
      [[[1, 3]], [[0, 10]]],
    ]);
    const y = x.batchNorm(null, null, { training: true, eps: 0, weight: tensor([1, 5]) });
    assertClose(valueOf(y), [
      [[[-1, 1]], [[-5, 5]]],
      [[[-1, 1]], [[-5, 5]]],
    ]);
  });

  test("refuses other shapes and missing statistics", () => {
    expect(() => zeros([3]).batchNorm(null, null)).toThrow(
      "batchNorm: expected [batch,channels,…], got [3]",
    );
    expect(() => rows.batchNorm(zeros([3]), ones([2]))).toThrow(
      "batchNorm: expected runningMean [2], got [3]",
    );
    expect(() => rows.batchNorm(null, ones([2]))).toThrow(
      "batchNorm: evaluation needs running statistics\nPass them, or { training: true }.",
    );
    expect(() => zeros([0, 2]).batchNorm(null, null, { training: true })).toThrow(
      "batchNorm: training needs elements in each channel, got [0,2]",
    );
  });

  test("leaves nothing but its result behind once the backward pass is over", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 5],
      ],
      { requiresGrad: true },
    );
    const weight = tensor([1, 2], { requiresGrad: true });
    const before = memory().buffers;
    const y = x.batchNorm(null, null, { training: true, weight });
    y.backward();
    x.resetGrad();
    weight.resetGrad();
    expect(memory().buffers).toBe(before + 1);
    y.dispose();
  });
});

describe("layerNorm", () => {
  test("refuses other shapes", () => {
    expect(() => zeros([2, 3]).layerNorm(2)).toThrow(
      "layerNorm: the last axes are not those to normalize, [2,3] over [2]",
    );
    expect(() => zeros([3]).layerNorm([])).toThrow("[3] over []");
    expect(() => zeros([2, 3]).layerNorm(3, { weight: zeros([1]) })).toThrow(
      "layerNorm: expected a weight [3], got [1]",
    );
  });
});
