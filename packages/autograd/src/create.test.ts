import { createReferenceBackend, Philox } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import * as ag from "./index.ts";
import { type Tensor, tensor } from "./index.ts";

describe("tensors are made", () => {
  test("from numbers, nested and typed arrays, which are copied", () => {
    const source = Float64Array.of(1, 2);
    const x = tensor(source);
    source[0] = 9;
    expect(x.dtype).toBe("float64");
    expect(x.toArray()).toEqual([1, 2]);
    expect(tensor([[1], [2]]).shape).toEqual([2, 1]);
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(tensor(x.value).value.storage).not.toBe(x.value.storage);
    expect(() => tensor([[1], [2, 3]])).toThrow("array: nested arrays are ragged");
  });

  test("filled, counted and as the identity", () => {
    expect(ag.zeros([2]).toArray()).toEqual([0, 0]);
    expect(ag.ones([1, 2], { dtype: "int32" }).toArray()).toEqual([[1, 1]]);
    expect(ag.full([2], 7).toArray()).toEqual([7, 7]);
    expect(ag.arange(3).toArray()).toEqual([0, 1, 2]);
    expect(ag.arange(1, 2, 0.5).toArray()).toEqual([1, 1.5]);
    expect(ag.eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  test("like others, without their wish for gradients", () => {
    const x = tensor([1, 2], { dtype: "float64", requiresGrad: true });
    for (const like of [ag.zerosLike(x), ag.onesLike(x.mul(2))]) {
      expect(like.dtype).toBe("float64");
      expect(like.requiresGrad).toBe(false);
    }
  });

  test("with options that are a tensor, apart from its graph", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const z = ag.zeros([2], x.mul(2));
    expect(z.isLeaf).toBe(true);
    z.sum().backward();
    expect(x.grad).toBeNull();
  });

  test("at random, the same from the same generator", () => {
    const draws = (): Tensor[] => {
      const generator = new Philox(1);
      return [
        ag.rand([3], { generator, low: 2, high: 3 }),
        ag.randn([3], { generator, mean: 5, std: 0.1, dtype: "float64" }),
        ag.randint(0, 10, [3], { generator }),
      ];
    };
    const [a, b] = [draws(), draws()];
    expect(a.map((x) => x.toArray())).toEqual(b.map((x) => x.toArray()));
    expect(a.map((x) => x.dtype)).toEqual(["float32", "float64", "int32"]);
    expect((a[0]!.toArray() as number[]).every((x) => x >= 2 && x < 3)).toBe(true);
    expect((a[1]!.toArray() as number[]).every((x) => x > 4 && x < 6)).toBe(true);
  });

  test.each([
    ["tensor", () => tensor([1], { requiresGrad: true })],
    ["zeros", () => ag.zeros([1], { requiresGrad: true })],
    ["ones", () => ag.ones([1], { requiresGrad: true })],
    ["full", () => ag.full([1], 2, { requiresGrad: true })],
    ["arange", () => ag.arange(0, 1, 1, { requiresGrad: true, dtype: "float32" })],
    ["eye", () => ag.eye(1, 1, { requiresGrad: true })],
    ["rand", () => ag.rand([1], { requiresGrad: true })],
    ["randn", () => ag.randn([1], { requiresGrad: true })],
  ] as const)("by %s, asking for gradients and outside the graph", (_, make) => {
    const x = make();
    expect(x.requiresGrad).toBe(true);
    expect(x.isLeaf).toBe(true);
  });

  test("on the backend asked for", () => {
    const backend = createReferenceBackend();
    expect(ag.zeros([2], { backend }).backend).toBe(backend);
    expect(tensor([1]).to(backend).backend).toBe(backend);
    expect(() => ag.ones([1], { backend }).add(ag.ones([1]))).toThrow(
      "add: arrays are on two backends",
    );
  });
});
