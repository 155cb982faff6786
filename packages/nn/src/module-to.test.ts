import { ones, type Tensor, tensor, zeros } from "@needle/autograd";
import { createReferenceBackend, manualSeed, memory } from "@needle/ndarray";
import { expect, test } from "vitest";
import { BatchNorm1d, Buffer, Linear, Module, Sequential } from "./index.ts";

class Counted extends Module {
  readonly linear = new Linear(2, 2);
  readonly seen = new Buffer(zeros([1], { dtype: "int32" }));

  forward(x: Tensor): Tensor {
    return this.linear.forward(x);
  }
}

test("to a dtype converts floats, buffers too, and leaves integers", () => {
  const model = new Sequential(new BatchNorm1d(2), new Counted());
  const parameters = model.parameters();
  expect(model.double()).toBe(model);
  const dtypes = Object.entries(model.stateDict()).map(([name, x]) => `${name} ${x.dtype}`);
  expect(dtypes).toEqual([
    "layers.0.weight float64",
    "layers.0.bias float64",
    "layers.0.runningMean float64",
    "layers.0.runningVar float64",
    "layers.1.linear.weight float64",
    "layers.1.linear.bias float64",
    "layers.1.seen int32",
  ]);
  expect(model.parameters().every((parameter, i) => parameter === parameters[i])).toBe(true);
  expect(
    model
      .float()
      .parameters()
      .map(({ dtype }) => dtype),
  ).toEqual(Array(4).fill("float32"));
});

test("keeps values, gradients and what is frozen, and trains on", () => {
  manualSeed(0);
  const layer = new Linear(2, 1);
  layer.bias!.requiresGrad = false;
  const values = layer.weight.toArray();
  layer
    .forward(ones([3, 2]))
    .sum()
    .backward();
  layer.double();
  expect(layer.weight.toArray()).toEqual(values);
  expect([layer.weight.grad!.dtype, layer.weight.grad!.toArray()]).toEqual(["float64", [[3], [3]]]);
  expect(layer.bias!.requiresGrad).toBe(false);
  layer
    .forward(ones([1, 2], { dtype: "float64" }))
    .sum()
    .backward();
  expect(layer.weight.grad!.toArray()).toEqual([[4], [4]]);
});

test("to a backend moves everything, and frees what it leaves", () => {
  const backend = createReferenceBackend();
  const model = new Counted();
  const before = memory().buffers;
  model.to(backend);
  // Counted are those of the default backend.
  expect(before - memory().buffers).toBe(3);
  expect([...model.parameters(), model.seen].every((x) => x.backend === backend)).toBe(true);
  const x = tensor([[1, 2]]).to(backend);
  expect(model.forward(x).backend).toBe(backend);
});

test("refuses dtypes without fractions", () => {
  expect(() => new Linear(2, 1).to("int32")).toThrow(
    "Module.to: parameters cannot be int32\nUse float32 or float64.",
  );
});
