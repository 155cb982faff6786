import { ones, type Tensor, tensor, zeros } from "@needle/autograd";
import { createShapeOnlyBackend, memory, ShapeError } from "@needle/ndarray";
import { assertClose, assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { gradcheckLayer } from "../gradcheck.fixture.ts";
import { BatchNorm1d, LayerNorm1d } from "../index.ts";
import { batchNorm, layerNorm } from "../torch.fixture.ts";

const exact = { rtol: 1e-13, atol: 1e-14 };
const single = { rtol: 1e-5, atol: 1e-6 };
const float64 = { dtype: "float64" } as const;
const [first, second] = batchNorm.batches.map((rows) => tensor(rows, float64)) as [Tensor, Tensor];

function scaled<L extends BatchNorm1d | LayerNorm1d>(layer: L): L {
  layer.weight!.assign(tensor(batchNorm.weight, float64));
  layer.bias!.assign(tensor(batchNorm.bias, float64));
  return layer;
}

describe("BatchNorm1d", () => {
  test("starts with weights 1, biases 0, running means 0 and running variances 1", () => {
    const layer = new BatchNorm1d(2);
    const state = Object.entries(layer.stateDict()).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(state)).toEqual({
      weight: "[1. 1.]",
      bias: "[0. 0.]",
      runningMean: "[0. 0.]",
      runningVar: "[1. 1.]",
    });
    expect([layer.dim, layer.eps, layer.momentum]).toEqual([2, 1e-5, 0.1]);
  });

  test("in training normalizes by the batch's own mean and biased variance", () => {
    const layer = scaled(new BatchNorm1d(3, float64));
    assertClose(layer.forward(first).value, batchNorm.training, exact);
    assertClose(
      scaled(new BatchNorm1d(3)).forward(first.astype("float32")).value,
      batchNorm.training,
      single,
    );
  });

  test("in training gives columns of mean 0 and biased variance 1", () => {
    const y = new BatchNorm1d(3, { eps: 0, ...float64 }).forward(first);
    assertClose(y.mean(0).value, [0, 0, 0], exact);
    assertClose(y.square().mean(0).value, [1, 1, 1], exact);
  });

  test("updates running statistics with the biased variance and momentum 0.1", () => {
    const layer = new BatchNorm1d(3, float64);
    layer.forward(first);
    layer.forward(second);
    assertClose(layer.runningMean.value, batchNorm.runningMean, exact);
    assertClose(layer.runningVar.value, batchNorm.runningVar, exact);
  });

  test("updates running statistics by hand: (1 - m) old + m new", () => {
    const layer = new BatchNorm1d(1, { momentum: 0.25 });
    layer.forward(tensor([[1], [3]]));
    assertSame(layer.runningMean.value, [0.5]);
    assertSame(layer.runningVar.value, [0.75 + 0.25]);
    layer.forward(tensor([[0], [0], [6], [6]]));
    assertSame(layer.runningMean.value, [0.375 + 0.75]);
    assertSame(layer.runningVar.value, [0.75 + 0.25 * 9]);
  });

  test("in evaluation uses the running statistics and does not change them", () => {
    const layer = scaled(new BatchNorm1d(3, float64));
    layer.forward(first);
    layer.forward(second);
    assertClose(layer.eval().forward(first).value, batchNorm.evaluation, exact);
    assertClose(layer.forward(first.slice([0, 1])).value, [batchNorm.evaluation[0]!], exact);
    assertClose(layer.runningMean.value, batchNorm.runningMean, exact);
    assertClose(layer.runningVar.value, batchNorm.runningVar, exact);
  });

  test("keeps the running statistics in place, without a graph", () => {
    const layer = new BatchNorm1d(3);
    const { runningMean } = layer;
    const { storage } = runningMean.value;
    layer.forward(first);
    expect(layer.runningMean).toBe(runningMean);
    expect(runningMean.value.storage).toBe(storage);
    expect([runningMean.requiresGrad, runningMean.isLeaf]).toEqual([false, true]);
  });

  test("gives the bias for a batch of one row", () => {
    const layer = scaled(new BatchNorm1d(3, float64));
    assertClose(layer.forward(tensor([[5, -7, 1e6]], float64)).value, [batchNorm.bias], exact);
  });

  test("stays finite for equal rows, as eps says", () => {
    const layer = new BatchNorm1d(1);
    const x = tensor([[3], [3]], { requiresGrad: true });
    layer.forward(x).sum().backward();
    assertSame(x.grad!.value, [[0], [0]]);
  });

  test("in training has the derivatives of its differences", () => {
    gradcheckLayer(scaled(new BatchNorm1d(3, float64)), first, { shapeOnly: false });
  });

  test("in evaluation has the derivatives of its differences", () => {
    const layer = scaled(new BatchNorm1d(3, float64));
    layer.forward(first);
    gradcheckLayer(layer.eval(), second, { shapeOnly: false });
  });

  test("gives no gradient to the input in training when the batch is all that is summed", () => {
    const x = tensor(batchNorm.batches[0]!, { ...float64, requiresGrad: true });
    const layer = scaled(new BatchNorm1d(3, float64));
    layer.forward(x).sum().backward();
    assertClose(x.grad!.value, zeros([4, 3]).toArray(), { rtol: 0, atol: 1e-14 });
    assertClose(layer.bias!.grad!.value, [4, 4, 4], exact);
  });

  test("leaves only its result when not recorded", () => {
    const layer = new BatchNorm1d(3);
    for (const parameter of layer.parameters()) parameter.requiresGrad = false;
    const before = memory().buffers;
    for (let i = 0; i < 3; i++) layer.forward(first).dispose();
    expect(memory().buffers).toBe(before);
  });

  test("makes all it has on the backend and in the dtype asked for", () => {
    const backend = createShapeOnlyBackend();
    const layer = new BatchNorm1d(7, { backend, dtype: "float64" });
    for (const part of [...layer.parameters(), layer.runningMean, layer.runningVar]) {
      expect([part.backend, part.dtype, part.shape]).toEqual([backend, "float64", [7]]);
    }
  });

  test("refuses other shapes and, in training, a batch without rows", () => {
    const layer = new BatchNorm1d(3);
    expect(() => layer.forward(zeros([2, 4]))).toThrow(ShapeError);
    expect(() => layer.forward(zeros([2, 4]))).toThrow(
      "BatchNorm1d: expected [batch,3], got [2,4]",
    );
    expect(() => layer.forward(zeros([3]))).toThrow("BatchNorm1d: expected [batch,3], got [3]");
    expect(() => layer.forward(zeros([2, 3, 3, 3]))).toThrow(
      "BatchNorm1d: expected [batch,3], got [2,3,3,3]",
    );
    expect(() => layer.forward(zeros([0, 3]))).toThrow(
      "BatchNorm1d: expected at least one row in training, got [0,3]",
    );
    assertSame(layer.runningMean.value, [0, 0, 0]);
    expect(layer.eval().forward(zeros([0, 3])).shape).toEqual([0, 3]);
  });
});

describe("LayerNorm1d", () => {
  test("normalizes each row by its own mean and biased variance", () => {
    assertClose(scaled(new LayerNorm1d(3, float64)).forward(first).value, layerNorm, exact);
    const x = first.astype("float32");
    assertClose(scaled(new LayerNorm1d(3)).forward(x).value, layerNorm, single);
  });

  test("does the same along the last axis of any shape", () => {
    const layer = scaled(new LayerNorm1d(3, float64));
    const y = layer.forward(first.reshape([2, 1, 2, 3]));
    expect(y.shape).toEqual([2, 1, 2, 3]);
    assertClose(y.value.reshape([4, 3]), layerNorm, exact);
    assertClose(layer.forward(first.slice(2)).value, layerNorm[2]!, exact);
    expect(layer.forward(zeros([0, 5, 3])).shape).toEqual([0, 5, 3]);
  });

  test("does the same in training and in evaluation", () => {
    const layer = scaled(new LayerNorm1d(3, float64));
    assertSame(layer.eval().forward(first).value, layer.train().forward(first).value.toArray());
  });

  test("starts with weights 1 and biases 0, and has no buffers", () => {
    const layer = new LayerNorm1d(2);
    expect([String(layer.weight), String(layer.bias)]).toEqual(["[1. 1.]", "[0. 0.]"]);
    expect(Object.keys(layer.stateDict())).toEqual(["weight", "bias"]);
    expect([layer.dim, layer.eps]).toEqual([2, 1e-5]);
  });

  test("adds eps to the variance", () => {
    const layer = new LayerNorm1d(2, { eps: 3, ...float64 });
    assertClose(layer.forward(tensor([[-1, 1]], float64)).value, [[-0.5, 0.5]], exact);
    const equal = ones([1, 2], { requiresGrad: true });
    new LayerNorm1d(2).forward(equal).sum().backward();
    assertSame(equal.grad!.value, [[0, 0]]);
  });

  test("has the derivatives of its differences", () => {
    gradcheckLayer(scaled(new LayerNorm1d(3, float64)), first);
    gradcheckLayer(scaled(new LayerNorm1d(3, float64)), first.reshape([2, 2, 3]));
  });

  test("refuses another number of features", () => {
    const layer = new LayerNorm1d(3);
    expect(() => layer.forward(zeros([3, 4]))).toThrow(ShapeError);
    expect(() => layer.forward(zeros([3, 4]))).toThrow("LayerNorm1d: expected […,3], got [3,4]");
    expect(() => layer.forward(zeros([]))).toThrow("LayerNorm1d: expected […,3], got []");
  });
});
