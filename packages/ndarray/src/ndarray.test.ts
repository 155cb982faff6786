import { inspect } from "node:util";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  arange,
  array,
  createReferenceBackend,
  createShapeOnlyBackend,
  DeviceError,
  isNDArray,
  NDArray,
  NeedleError,
  ShapeError,
  Storage,
  showShape,
  zeros,
} from "./index.ts";

describe("an array", () => {
  test("knows its shape, rank, size and layout", () => {
    const x = zeros([2, 3]).transpose();
    expect([x.shape, x.ndim, x.size, x.strides, x.offset, x.isCompact]).toEqual([
      [3, 2],
      2,
      6,
      [1, 3],
      0,
      false,
    ]);
    expect(zeros([]).size).toBe(1);
    expect(zeros([2, 0]).size).toBe(0);
  });

  test("is made of a storage, row-major unless told", () => {
    const storage = new Storage(createReferenceBackend(), "int32", 6);
    const x = new NDArray<"int32">(storage, [2, 3]);
    x.assign(arange(6).reshape([2, 3]).to(storage.backend));
    expect(new NDArray(storage, [2], [-2], 5).toArray()).toEqual([5, 3]);
  });

  test("is recognized, also when another copy of the package made it", () => {
    expect(isNDArray(zeros([]))).toBe(true);
    expect(isNDArray({ [Symbol.for("needle.ndarray")]: 1 })).toBe(true);
    for (const other of [null, undefined, 3, [], { shape: [] }])
      expect(isNDArray(other)).toBe(false);
  });
});

describe("reading", () => {
  test("gives a fresh typed array of the dtype in row-major order", async () => {
    const x = arange(4).reshape([2, 2]).transpose();
    const data = x.toTypedArray();
    expect(data).toEqual(Int32Array.of(0, 2, 1, 3));
    data.fill(9);
    expect(await x.data()).toEqual(Int32Array.of(0, 2, 1, 3));
  });

  test("is typed by the dtype", () => {
    expectTypeOf(zeros([1]).toTypedArray()).toEqualTypeOf<Float32Array>();
    expectTypeOf(zeros([1], { dtype: "bool" }).toTypedArray()).toEqualTypeOf<Uint8Array>();
    expectTypeOf(zeros([1]).astype("int32").data()).toEqualTypeOf<Promise<Int32Array>>();
  });

  test("nests as deep as the array has axes", () => {
    expect(arange(4).reshape([2, 1, 2]).toArray()).toEqual([[[0, 1]], [[2, 3]]]);
    expect(array(7).toArray()).toBe(7);
    expect(zeros([2, 0, 3]).toArray()).toEqual([[], []]);
    expect(zeros([0, 2]).toArray()).toEqual([]);
  });

  test("one element gives a number", () => {
    expect(array([[5]]).item()).toBe(5);
    expect(() => zeros([2, 3]).item()).toThrow(
      new ShapeError("item", "needs exactly one element, got [2,3]"),
    );
    expect(() => zeros([0]).item()).toThrow(
      new ShapeError("item", "needs exactly one element, got [0]"),
    );
  });

  test("without waiting is refused where the backend cannot, naming what to await", async () => {
    const { readSync: _, ...rest } = createReferenceBackend();
    const x = array([1, 2], { backend: { ...rest, name: "remote" } });
    const error = new DeviceError(
      "toTypedArray",
      "the remote backend cannot read without waiting",
      "Use `await x.data()` instead.",
    );
    for (const read of [
      () => x.toTypedArray(),
      () => x.toArray(),
      () => x.slice(0).item(),
      () => String(x),
    ]) {
      expect(read).toThrow(error);
    }
    expect(await x.data()).toEqual(Float32Array.of(1, 2));
  });

  test("of the shape-only backend is refused", async () => {
    const x = zeros([2], { backend: createShapeOnlyBackend() });
    const error = new DeviceError(
      "read",
      "the shape-only backend has no values",
      "Use another backend to read them.",
    );
    expect(() => x.toArray()).toThrow(error);
    await expect(x.data()).rejects.toThrow(error);
  });
});

describe("printing", () => {
  test("is NumPy's str in text, and its repr in Node's console", () => {
    const x = array([
      [1, 2.5],
      [-3, 0],
    ]);
    expect(String(x)).toBe("[[ 1.   2.5]\n [-3.   0. ]]");
    expect(inspect(x)).toBe("NDArray([[ 1. ,  2.5],\n         [-3. ,  0. ]], dtype=float32)");
    expect(x.inspect("Tensor")).toBe(
      "Tensor([[ 1. ,  2.5],\n        [-3. ,  0. ]], dtype=float32)",
    );
    expect(`${array(true)}`).toBe("True");
    expect(String(zeros([0]))).toBe("[]");
    expect(inspect(zeros([0, 3], { dtype: "int32" }))).toBe(
      "NDArray([], shape=(0, 3), dtype=int32)",
    );
  });

  test("prints what it can of an array that cannot be read", () => {
    const freed = zeros([2]);
    freed.dispose();
    expect(inspect(freed)).toBe(
      "NDArray([2] float32, not readable: toTypedArray: the array float32 [2] was freed by dispose())",
    );
    expect(inspect(zeros([2, 3], { backend: createShapeOnlyBackend() }))).toBe(
      "NDArray([2,3] float32, not readable: read: the shape-only backend has no values)",
    );
  });

  test("follows the strides", () => {
    expect(String(arange(6).reshape([2, 3]).transpose().flip(0))).toBe("[[2 5]\n [1 4]\n [0 3]]");
    expect(String(array([7]).broadcastTo([3]))).toBe("[7. 7. 7.]");
  });

  test("shortens long arrays", () => {
    expect(String(arange(2000))).toBe("[   0    1    2 ... 1997 1998 1999]");
  });
});

describe("errors", () => {
  test("read: op, problem, and the remedy on a second line", () => {
    const error = new ShapeError("matmul", "inner sizes differ", "Transpose one.");
    expect(error.message).toBe("matmul: inner sizes differ\nTranspose one.");
    expect(new NeedleError("op", "problem").message).toBe("op: problem");
  });

  test("are needle errors with names of their own", () => {
    const error = new ShapeError("op", "problem");
    expect(error).toBeInstanceOf(NeedleError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("ShapeError");
    expect(String(error)).toBe("ShapeError: op: problem");
  });

  test("show shapes in brackets", () => {
    expect(showShape([32, 784])).toBe("[32,784]");
    expect(showShape([])).toBe("[]");
  });
});
