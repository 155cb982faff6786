import { isTensor, ones, Tensor, tensor, zeros } from "@needle/autograd";
import { arange, memory, scope } from "@needle/ndarray";
import { assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { Buffer, Parameter } from "./index.ts";

describe("a Parameter", () => {
  test("is a leaf tensor that asks for gradients", () => {
    const weight = new Parameter(ones([2]));
    expect(weight).toBeInstanceOf(Tensor);
    expect(isTensor(weight)).toBe(true);
    expect([weight.requiresGrad, weight.isLeaf]).toEqual([true, true]);
    weight.square().sum().backward();
    assertSame(weight.grad!.value, [2, 2]);
  });

  test("takes its value over without copying it", () => {
    const value = ones([2]);
    expect(new Parameter(value).value).toBe(value.value);
    const array = arange(3).astype("float32");
    expect(new Parameter(array).value).toBe(array);
  });

  test("copies a value whose elements share memory or lie out of order", () => {
    const repeated = new Parameter(zeros([1]).broadcastTo([3]));
    assertSame(repeated.assign(tensor([1, 2, 3])).value, [1, 2, 3]);
    const source = tensor([
      [1, 2],
      [3, 4],
    ]);
    const turned = new Parameter(source.transpose());
    turned.assign(0);
    assertSame(source.value, [
      [1, 2],
      [3, 4],
    ]);
    expect(turned.value.isCompact).toBe(true);
  });

  test("outlives the scope it was made in, and so does its memory", () => {
    const before = memory().buffers;
    let weight: Parameter | undefined;
    scope(() => {
      weight = new Parameter(ones([2]).mul(3));
    });
    expect(memory().buffers - before).toBe(1);
    assertSame(weight!.value, [3, 3]);
    weight!.dispose();
    expect(memory().buffers).toBe(before);
  });

  test("keeps its gradient when that was computed in a scope", () => {
    const weight = new Parameter(ones([2]));
    scope(() => weight.mul(2).sum().backward());
    assertSame(weight.grad!.value, [2, 2]);
  });

  test("can be frozen and unfrozen", () => {
    const weight = new Parameter(ones([2]));
    weight.requiresGrad = false;
    expect(weight.mul(2).requiresGrad).toBe(false);
    weight.requiresGrad = true;
    expect(weight.mul(2).requiresGrad).toBe(true);
  });

  test("does not belong to the graph of the tensor it was made of", () => {
    const source = ones([2], { requiresGrad: true });
    const weight = new Parameter(source.mul(2));
    weight.sum().backward();
    expect(source.grad).toBe(null);
  });

  test("cannot be made of whole numbers", () => {
    expect(() => new Parameter(arange(3))).toThrow(
      'requiresGrad: int32 values have no gradient\nConvert with astype("float32") first.',
    );
  });
});

describe("a Buffer", () => {
  test("asks for no gradients, can hold whole numbers, and is written in place", () => {
    const counts = new Buffer(arange(3));
    expect([counts.requiresGrad, counts.dtype]).toEqual([false, "int32"]);
    assertSame(counts.assign(7).value, [7, 7, 7]);
  });

  test("outlives the scope it was made in", () => {
    let buffer: Buffer | undefined;
    scope(() => {
      buffer = new Buffer(ones([2]).mul(3));
    });
    assertSame(buffer!.value, [3, 3]);
  });
});
