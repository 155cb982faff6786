import { ones, type Tensor } from "@needle/autograd";
import { memory } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import {
  BatchNorm2d,
  Conv2d,
  ConvTranspose2d,
  Dropout,
  Embedding,
  Flatten,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  MultiHeadAttention,
  ReLU,
  Sequential,
  summary,
  Transformer,
} from "./index.ts";

const cnn = new Sequential(
  new Conv2d(1, 8, 3, { padding: 1 }),
  new BatchNorm2d(8),
  new ReLU(),
  new MaxPool2d(2),
  new Flatten(),
  new Dropout(0.5),
  new Linear(8 * 14 * 14, 10),
);

describe("summary", () => {
  test("tells shapes, parameters, memory and work", () => {
    const result = summary(cnn, [4, 1, 28, 28]);
    expect(result.rows.map(({ outputs }) => outputs[0])).toEqual([
      [4, 10],
      [4, 8, 28, 28],
      [4, 8, 28, 28],
      [4, 8, 28, 28],
      [4, 8, 14, 14],
      [4, 1568],
      [4, 1568],
      [4, 10],
    ]);
    const [conv, linear] = [4 * 28 * 28 * 8 * 9, 4 * 10 * 1568];
    expect(result.multiplyAdds).toBe(conv + linear);
    expect(result.rows.map((row) => row.multiplyAdds)).toEqual([
      conv + linear,
      conv,
      0,
      0,
      0,
      0,
      0,
      linear,
    ]);
    const parameters = 8 * 9 + 8 + 16 + 15680 + 10;
    expect([result.parameters, result.trainable]).toEqual([parameters, parameters]);
    expect(result.bytes).toBe(4 * (parameters + 16));
    expect(result.activationBytes).toBe(4 * 4 * (3 * 8 * 784 + 8 * 196 + 2 * 1568 + 10));
  });

  test("prints a table", () => {
    const model = new Sequential(
      new Linear(784, 100),
      new Sequential(new ReLU()),
      new Linear(100, 10),
    );
    model.layers[0]!.freeze();
    const lines = String(summary(model, [1, 784])).split("\n");
    expect(lines).toEqual([
      "layer                        output   parameters  multiply-adds",
      "---------------------------------------------------------------",
      "Sequential                   [1,10]       79,510         79,400",
      "  layers.0: Linear           [1,100]      78,500         78,400",
      "  layers.1: Sequential       [1,100]           0              0",
      "    layers.1.layers.0: ReLU  [1,100]           0              0",
      "  layers.2: Linear           [1,10]        1,010          1,000",
      "---------------------------------------------------------------",
      "79,510 parameters, 1,010 of them trainable; 79,400 multiply-adds",
      "0.30 MiB of weights, 0.00 MiB of activations",
    ]);
  });

  test("counts a shared module's parameters once and its work each time", () => {
    class Twice extends Module {
      readonly layer = new Linear(5, 5, { bias: false });
      forward(x: Tensor): Tensor {
        return this.layer.forward(this.layer.forward(x));
      }
    }
    const result = summary(new Twice(), [2, 5]);
    expect([result.parameters, result.multiplyAdds]).toEqual([25, 100]);
  });

  test("knows the work of recurrent layers, attention and transposed convolutions", () => {
    expect(summary(new LSTM(3, 5), [7, 2, 3]).multiplyAdds).toBe(7 * 2 * (3 * 20 + 5 * 20));
    const [q, k] = [
      [1, 2, 3, 4],
      [1, 2, 6, 4],
    ];
    expect(summary(new MultiHeadAttention(), q!, k!, k!).multiplyAdds).toBe(2 * 3 * 6 * 8);
    const up = new ConvTranspose2d(3, 2, 4, { stride: 2, padding: 1 });
    expect(summary(up, [1, 3, 5, 5]).multiplyAdds).toBe(25 * 3 * 2 * 16);
    const words = summary(new Embedding(10, 3), { shape: [2, 4], dtype: "int32" });
    expect(words.rows[0]!.outputs).toEqual([[2, 4, 3]]);
    const model = new Transformer(8, 16, 2, { numHead: 2, dimHead: 4, sequenceLen: 10 });
    expect(summary(model, [5, 3, 8]).rows[0]!.outputs[0]).toEqual([5, 3, 8]);
  });

  test("changes nothing, and makes no arrays", () => {
    const layer = cnn.layers[1] as BatchNorm2d;
    const before = [memory().buffers, layer.runningMean.value.storage.version];
    for (let i = 0; i < 3; i++) summary(cnn, [2, 1, 28, 28]);
    expect([memory().buffers, layer.runningMean.value.storage.version]).toEqual(before);
    expect(cnn.modules().every(({ training }) => training)).toBe(true);
    expect(cnn.forward(ones([1, 1, 28, 28])).shape).toEqual([1, 10]);
  });

  test("says what does not fit, and leaves no hook behind", () => {
    expect(() => summary(cnn, [1, 3, 28, 28])).toThrow("conv2d");
    expect(cnn.modules().every(({ training }) => training)).toBe(true);
  });
});
