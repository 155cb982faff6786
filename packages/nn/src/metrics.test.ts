import { type Tensor, tensor, zeros } from "@needle/autograd";
import { memory, ShapeError } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { accuracy } from "./index.ts";

function classes(...values: number[]): Tensor {
  return tensor(values, { dtype: "int32" });
}

describe("accuracy", () => {
  test("is the share of rows whose largest score is at the label", () => {
    const scores = tensor([
      [1, 2, 3],
      [3, 2, 1],
      [0, -1, -2],
      [-5, 9, 0],
    ]);
    expect(accuracy(scores, classes(2, 0, 0, 1)).item()).toBe(1);
    expect(accuracy(scores, classes(2, 0, 1, 0)).item()).toBe(0.5);
    expect(accuracy(scores, classes(0, 1, 2, 2)).item()).toBe(0);
  });

  test("takes the first of equal scores", () => {
    expect(
      accuracy(
        tensor([
          [1, 1],
          [1, 1],
        ]),
        classes(0, 1),
      ).item(),
    ).toBe(0.5);
  });

  test("takes labels of uint8", () => {
    expect(accuracy(tensor([[1, 2]]), tensor([1], { dtype: "uint8" })).item()).toBe(1);
  });

  test("asks for no gradient and leaves only its result", () => {
    const scores = tensor([[1, 2]], { requiresGrad: true });
    const labels = classes(1);
    const before = memory().buffers;
    const share = accuracy(scores, labels);
    expect([share.requiresGrad, share.shape, share.dtype]).toEqual([false, [], "float32"]);
    expect(memory().buffers - before).toBe(1);
  });

  test("refuses other shapes", () => {
    const expected = "accuracy: expected scores [batch,classes] and labels [batch]";
    expect(() => accuracy(zeros([3, 4]), zeros([4]))).toThrow(ShapeError);
    expect(() => accuracy(zeros([3, 4]), zeros([4]))).toThrow(`${expected}, got [3,4] and [4]`);
    expect(() => accuracy(zeros([3]), zeros([3]))).toThrow(`${expected}, got [3] and [3]`);
    expect(() => accuracy(zeros([3, 4]), zeros([3, 4]))).toThrow(
      `${expected}, got [3,4] and [3,4]`,
    );
  });
});

test("accuracy of something else than tensors says so", () => {
  expect(() => accuracy(1 as never, 2 as never)).toThrow(
    "accuracy: scores and labels are tensors, got 1",
  );
});
