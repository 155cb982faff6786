import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  arange,
  array,
  createReferenceBackend,
  DeviceError,
  dtypes,
  ones,
  ShapeError,
  zeros,
} from "../index.ts";

describe("astype", () => {
  test("cuts to integers, wraps to uint8, and takes anything but 0 as true", () => {
    expect(array([1.9, -1.9, -0.5]).astype("int32").toArray()).toEqual([1, -1, 0]);
    expect(array([-1, 256, 300], { dtype: "int32" }).astype("uint8").toArray()).toEqual([
      255, 0, 44,
    ]);
    expect(array([0, 0.1, Number.NaN, -0]).astype("bool").toArray()).toEqual([0, 1, 1, 0]);
    expect(array([true, false]).astype("float64").toArray()).toEqual([1, 0]);
    expect(array([16777217], { dtype: "int32" }).astype("float32").item()).toBe(16777216);
    expect(array([1e39], { dtype: "float64" }).astype("float32").item()).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  test("refuses a dtype that is none", () => {
    expect(() => zeros([1]).astype("float16" as "float32")).toThrow(
      'astype: dtype must be "bool", "uint8", "int32", "float32" or "float64", got "float16"',
    );
  });

  test("gives the array itself where there is nothing to do", () => {
    for (const dtype of dtypes) {
      const x = zeros([2], { dtype });
      expect(x.astype(dtype)).toBe(x);
    }
  });
});

describe("copy, compact and to", () => {
  test("copy has memory of its own in row-major order", () => {
    const x = arange(6).reshape([2, 3]);
    const y = x.transpose().copy();
    x.fill(0);
    expect(y.toArray()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(y.isCompact).toBe(true);
  });

  test("compact copies only where there are gaps or another order", () => {
    const x = arange(6).reshape([2, 3]);
    expect(x.compact()).toBe(x);
    expect(x.slice(1).compact().storage).toBe(x.storage);
    expect(x.transpose().compact().storage).not.toBe(x.storage);
    expect(x.transpose().compact().toArray()).toEqual(x.transpose().toArray());
  });

  test("to moves to another backend, and gives the array itself on its own", () => {
    const backend = createReferenceBackend();
    const x = arange(4).slice("::-2");
    const y = x.to(backend);
    expect([y.backend, y.dtype, y.toArray()]).toEqual([backend, "int32", [3, 1]]);
    expect(x.to(x.backend)).toBe(x);
  });
});

describe("assign", () => {
  test("writes through a view, broadcast and converted", () => {
    const x = zeros([2, 3]);
    const y = x.slice(":", "::-2").assign(array([[1], [2]], { dtype: "int32" }));
    expect(x.toArray()).toEqual([
      [1, 0, 1],
      [2, 0, 2],
    ]);
    expect(y.shape).toEqual([2, 2]);
  });

  test("reads all of an overlapping source before it writes", () => {
    const x = arange(5);
    x.slice([1, null]).assign(x.slice([null, -1]));
    expect(x.toArray()).toEqual([0, 0, 1, 2, 3]);
    const y = arange(5);
    y.slice([null, -1]).assign(y.slice([1, null]));
    expect(y.toArray()).toEqual([1, 2, 3, 4, 4]);
    const z = arange(4).reshape([2, 2]);
    z.assign(z.transpose());
    expect(z.toArray()).toEqual([
      [0, 2],
      [1, 3],
    ]);
    z.assign(z.slice(0));
    expect(z.toArray()).toEqual([
      [0, 2],
      [0, 2],
    ]);
  });

  test("gives the array, whose views see the change", () => {
    const x = zeros([2]);
    const view = x.reshape([2, 1]);
    expect(x.assign(3)).toBe(x);
    expect(x.fill(4)).toBe(x);
    expect(view.toArray()).toEqual([[4], [4]]);
  });

  test("counts writes in the version all views share", () => {
    const x = zeros([2]);
    const before = x.storage.version;
    x.slice(0).assign(1);
    x.fill(2);
    expect(x.storage.version).toBe(before + 2);
    x.add(1);
    expect(x.storage.version).toBe(before + 2);
  });

  test("of numbers converts as fill does", () => {
    expect(zeros([1], { dtype: "int32" }).assign(1.9).item()).toBe(1);
    expect(zeros([1], { dtype: "bool" }).assign(7).item()).toBe(1);
    expect(zeros([0]).assign(1).shape).toEqual([0]);
  });

  test("refuses what does not broadcast to the array", () => {
    expect(() => zeros([2]).assign(ones([3]))).toThrow(
      new ShapeError("assign", "[3] does not broadcast to [2]"),
    );
    expect(() => zeros([2]).assign(ones([1, 2]))).toThrow(
      new ShapeError("assign", "[1,2] does not broadcast to [2]"),
    );
    const other = { ...createReferenceBackend(), name: "other" };
    expect(() => zeros([2]).assign(ones([2], { backend: other }))).toThrow(DeviceError);
  });

  test("refuses to write where one element stands for several", () => {
    const x = zeros([3]).broadcastTo([2, 3]);
    const error = new ArgumentError(
      "assign",
      "elements share memory, as axis 0 is stretched",
      "Assign to a copy().",
    );
    expect(() => x.assign(1)).toThrow(error);
    expect(() => x.assign(ones([2, 3]))).toThrow(error);
    expect(zeros([1]).broadcastTo([1, 1]).assign(2).item()).toBe(2);
  });
});
