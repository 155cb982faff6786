import { array, isNDArray, NDArray } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { isTensor, noGrad, Tensor, tensor } from "./index.ts";

describe("a tensor", () => {
  test("has the shape, dtype and values of its array", () => {
    const x = tensor([[1, 2, 3]]);
    expect(x.shape).toEqual([1, 3]);
    expect(x.dtype).toBe("float32");
    expect(x.ndim).toBe(2);
    expect(x.size).toBe(3);
    expect(x.backend.name).toBe("reference");
    expect(x.toArray()).toEqual([[1, 2, 3]]);
    expect(x.toTypedArray()).toEqual(Float32Array.of(1, 2, 3));
    expect(tensor(5).item()).toBe(5);
    expect(() => x.item()).toThrow("item: needs exactly one element, got [1,3]");
  });

  test("can be read without blocking", async () => {
    expect(await tensor([1, 2]).data()).toEqual(Float32Array.of(1, 2));
  });

  test("takes over an array without copying", () => {
    const values = array([1, 2]);
    const x = new Tensor(values);
    values.assign(7);
    expect(x.toArray()).toEqual([7, 7]);
    expect(x.value).toBe(values);
  });

  test("is printed as NumPy prints, with what PyTorch adds", () => {
    const x = tensor([1.5, 2], { requiresGrad: true });
    expect(String(x)).toBe("[1.5 2. ]");
    const inspect = Symbol.for("nodejs.util.inspect.custom");
    const show = (y: Tensor): string => (y as unknown as Record<symbol, () => string>)[inspect]!();
    expect(show(x)).toBe("Tensor([1.5, 2. ], dtype=float32, requiresGrad=true)");
    expect(show(x.detach())).toBe("Tensor([1.5, 2. ], dtype=float32)");
  });

  test("is known as a tensor, and not as an array", () => {
    const x = tensor([1]);
    expect(isTensor(x)).toBe(true);
    expect(isTensor(x.value)).toBe(false);
    expect(isTensor(null)).toBe(false);
    expect(isTensor({ value: x.value })).toBe(false);
    expect(isNDArray(x)).toBe(false);
    expect(x.value).toBeInstanceOf(NDArray);
  });

  test("has a number that grows", () => {
    const a = tensor([1]);
    const b = a.mul(2);
    expect(b.id).toBeGreaterThan(a.id);
  });
});

describe("requiresGrad", () => {
  test("spreads from inputs to results", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(tensor([1]).requiresGrad).toBe(false);
    expect(tensor([1, 2]).add(x).requiresGrad).toBe(true);
    expect(tensor([1, 2]).add(x).isLeaf).toBe(false);
    expect(x.isLeaf).toBe(true);
  });

  test("can be switched on leaves", () => {
    const x = tensor([1, 2]);
    x.requiresGrad = true;
    const y = x.mul(3);
    x.requiresGrad = false;
    expect(x.mul(3).requiresGrad).toBe(false);
    expect(y.requiresGrad).toBe(true);
  });

  test("cannot be set on results", () => {
    const y = tensor([1, 2], { requiresGrad: true }).mul(2);
    y.requiresGrad = true;
    expect(() => {
      y.requiresGrad = false;
    }).toThrow(
      "requiresGrad: can be set on leaves only\nUse detach() to get a leaf with the same values.",
    );
  });

  test("is for floats", () => {
    const text =
      'requiresGrad: int32 values have no gradient\nConvert with astype("float32") first.';
    expect(() => tensor([1, 2], { dtype: "int32", requiresGrad: true })).toThrow(text);
    expect(() => {
      tensor([true]).requiresGrad = true;
    }).toThrow("requiresGrad: bool values have no gradient");
    expect(tensor([1], { dtype: "float64", requiresGrad: true }).requiresGrad).toBe(true);
  });
});

describe("detach", () => {
  test("gives a leaf on the same memory", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const d = x.mul(2).detach();
    expect(d.requiresGrad).toBe(false);
    expect(d.isLeaf).toBe(true);
    const shared = x.detach();
    shared.assign(1);
    expect(x.toArray()).toEqual([1, 1]);
  });

  test("cuts the graph", () => {
    const x = tensor([3], { requiresGrad: true });
    x.mul(x.detach()).backward();
    expect(x.grad!.toArray()).toEqual([3]);
  });

  test("keeps the memory when the tensor goes", () => {
    const x = tensor([1, 2]).transpose();
    const d = x.detach();
    x.dispose();
    expect(d.toArray()).toEqual([1, 2]);
  });
});

describe("replaceValue", () => {
  test("changes what the leaf holds, forgets the gradient and frees the old array", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const old = w.value;
    w.sum().backward();
    const value = array([3, 4], { dtype: "float64" });
    expect(w.replaceValue(value)).toBe(w);
    expect([w.value, w.grad, w.dtype, w.requiresGrad]).toEqual([value, null, "float64", true]);
    expect(() => old.add(1)).toThrow("was freed by replaceValue()");
    w.square().sum().backward();
    expect(w.grad!.toArray()).toEqual([6, 8]);
  });

  test("leaves alone an array that is kept, or the same one", () => {
    const w = tensor([1, 2]).keep();
    const old = w.value;
    w.replaceValue(array([3, 4]));
    expect(old.toArray()).toEqual([1, 2]);
    expect(w.replaceValue(w.value).toArray()).toEqual([3, 4]);
  });

  test("refuses other shapes, whole numbers to be learned, and results of recorded ops", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    expect(() => w.replaceValue(array([1]))).toThrow("replaceValue: expected [2], got [1]");
    expect(() => w.replaceValue(array([1, 2], { dtype: "int32" }))).toThrow(
      "replaceValue: int32 values have no gradient",
    );
    expect(() => w.mul(2).replaceValue(array([1, 2]))).toThrow(
      "replaceValue: only leaves can hold another array\nUse detach() to get a leaf, or compute a new tensor.",
    );
  });
});

describe("assign", () => {
  test("writes to leaves, broadcast and converted", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    expect(w.assign(tensor([3], { dtype: "int32" }))).toBe(w);
    expect(w.toArray()).toEqual([3, 3]);
    expect(w.assign(0.5).toArray()).toEqual([0.5, 0.5]);
    expect(
      noGrad(() => w.mul(2))
        .assign(1)
        .toArray(),
    ).toEqual([1, 1]);
  });

  test("refuses results of recorded ops", () => {
    const y = tensor([1, 2], { requiresGrad: true }).mul(2);
    expect(() => y.assign(0)).toThrow(
      "assign: only leaves can be written to\nUse detach() to get a leaf, or compute a new tensor.",
    );
  });

  test("is an update that the next forward pass sees and the last gradient does not hinder", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    for (let step = 0; step < 3; step++) {
      w.resetGrad();
      w.square().sum().backward();
      noGrad(() => w.assign(w.sub(w.grad!.mul(0.25))));
    }
    expect(w.toArray()).toEqual([1 / 8, 2 / 8]);
    expect(w.requiresGrad).toBe(true);
  });
});

describe("expectShape", () => {
  test("tells an op's wrong shape", () => {
    const x = tensor([[1, 2]]);
    x.expectShape("loss", [1, 2]);
    expect(() => x.expectShape("loss", [2])).toThrow("loss: expected [2], got [1,2]");
  });
});
