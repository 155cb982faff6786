import { type Tensor, tensor, zeros } from "@needle/autograd";
import { gradcheck } from "@needle/autograd/testing";
import { DTypeError, IndexError, memory, ShapeError } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { crossEntropy } from "./index.ts";
import { crossEntropyOfLarge, crossEntropyOfRows } from "./torch.fixture.ts";

function classes(...values: number[]): Tensor {
  return tensor(values, { dtype: "int32" });
}

describe("crossEntropy", () => {
  for (const [name, rows] of Object.entries({ crossEntropyOfRows, crossEntropyOfLarge })) {
    test(`has PyTorch's value and gradient for ${name}`, () => {
      const scores = tensor(rows.scores, { dtype: "float64", requiresGrad: true });
      const loss = crossEntropy(scores, classes(...rows.labels));
      expect([loss.shape, loss.dtype]).toEqual([[], "float64"]);
      assertClose(loss.value, rows.loss, { rtol: 1e-14 });
      loss.backward();
      assertClose(scores.grad!.value, rows.gradient, { rtol: 1e-12, atol: 1e-15 });
    });

    test(`has them in float32 for ${name}`, () => {
      const scores = tensor(rows.scores, { requiresGrad: true });
      const loss = crossEntropy(scores, classes(...rows.labels));
      expect(loss.dtype).toBe("float32");
      // Near 1e4 float32 numbers are 1e-3 apart.
      assertClose(loss.value, rows.loss, {
        rtol: 0,
        atol: rows === crossEntropyOfLarge ? 1e-3 : 1e-6,
      });
      loss.backward();
      assertClose(scores.grad!.value, rows.gradient, { rtol: 1e-5, atol: 1e-3 * 0.5 });
    });
  }

  test("has the gradient of the course: (softmax - onehot) / m", () => {
    const scores = tensor(crossEntropyOfRows.scores, { dtype: "float64", requiresGrad: true });
    const labels = classes(...crossEntropyOfRows.labels);
    crossEntropy(scores, labels).backward();
    const byHand = scores.detach().softmax(1).sub(labels.oneHot(4)).div(3);
    assertClose(scores.grad!.value, byHand.value, { rtol: 1e-13, atol: 1e-16 });
  });

  test("has the derivatives of its differences", () => {
    gradcheck(
      (scores) => crossEntropy(scores, classes(2, 0, 1)),
      [tensor(crossEntropyOfRows.scores, { dtype: "float64" })],
      { shapeOnly: false },
    );
  });

  test("of equal scores is the logarithm of the number of classes", () => {
    expect(crossEntropy(zeros([5, 10]), classes(0, 3, 9, 9, 5)).item()).toBeCloseTo(
      Math.log(10),
      6,
    );
  });

  test("is not changed by adding a number to all scores of a row", () => {
    const scores = tensor(
      [
        [1, 2, 3],
        [4, 5, 7],
      ],
      { dtype: "float64" },
    );
    const moved = scores.add(tensor([[500], [-1e4]]));
    const labels = classes(0, 2);
    assertClose(crossEntropy(moved, labels).value, crossEntropy(scores, labels).item(), {
      rtol: 1e-12,
    });
  });

  test("is infinite for a score of minus infinity at the label, and not NaN elsewhere", () => {
    const scores = tensor([[0, Number.NEGATIVE_INFINITY]]);
    expect(crossEntropy(scores, classes(0)).item()).toBe(0);
    expect(crossEntropy(scores, classes(1)).item()).toBe(Number.POSITIVE_INFINITY);
  });

  test("takes labels of uint8", () => {
    const scores = tensor(crossEntropyOfRows.scores);
    const labels = tensor(crossEntropyOfRows.labels, { dtype: "uint8" });
    expect(crossEntropy(scores, labels).item()).toBeCloseTo(crossEntropyOfRows.loss, 6);
    const many = zeros([1, 300]);
    expect(crossEntropy(many, tensor([255], { dtype: "uint8" })).item()).toBeCloseTo(
      Math.log(300),
      5,
    );
  });

  test("refuses other shapes", () => {
    const of = (scores: number[], labels: number[]): (() => Tensor) => {
      return () => crossEntropy(zeros(scores), zeros(labels, { dtype: "int32" }));
    };
    const expected = (labels: string): string =>
      `crossEntropy: expected labels ${labels} or probabilities of the shape of the scores`;
    expect(of([3, 4], [4])).toThrow(ShapeError);
    expect(of([3, 4], [4])).toThrow(`${expected("[3]")}, got [4] for scores [3,4]`);
    expect(of([3], [3])).toThrow(`${expected("[]")}, got [3] for scores [3]`);
    expect(of([3, 4], [3, 4])).toThrow(`${expected("[3]")}, got [3,4] for scores [3,4]`);
    expect(of([2, 3, 4], [2, 3])).toThrow(`${expected("[2,4]")}, got [2,3] for scores [2,3,4]`);
  });

  test("refuses labels that are not whole numbers", () => {
    const scores = zeros([2, 3]);
    expect(() => crossEntropy(scores, zeros([2]))).toThrow(DTypeError);
    expect(() => crossEntropy(scores, zeros([2]))).toThrow(
      'crossEntropy: labels are integers, got float32\nConvert with astype("int32") first.',
    );
    expect(() => crossEntropy(scores, zeros([2], { dtype: "bool" }))).toThrow(
      "crossEntropy: labels are integers, got bool",
    );
  });

  test("refuses labels outside the classes, negative ones too, and leaves nothing", () => {
    const scores = zeros([2, 3], { requiresGrad: true });
    const before = memory().buffers;
    for (const wrong of [3, -1, -4]) {
      const labels = classes(0, wrong);
      const run = (): Tensor => crossEntropy(scores, labels);
      expect(run).toThrow(IndexError);
      expect(run).toThrow(
        "crossEntropy: a label is outside the 3 classes, counted from 0\n" +
          `gather: index ${wrong} is out of range for an axis of length 3`,
      );
      labels.dispose();
    }
    expect(memory().buffers).toBe(before);
  });

  test("leaves only the loss, and after backward only that and the gradient", () => {
    const scores = tensor(crossEntropyOfRows.scores, { requiresGrad: true });
    const labels = classes(2, 0, 1);
    const before = memory().buffers;
    const loss = crossEntropy(scores, labels);
    loss.backward();
    expect(memory().buffers - before).toBe(2);
    loss.dispose();
    scores.resetGrad();
    expect(memory().buffers).toBe(before);
  });
});
