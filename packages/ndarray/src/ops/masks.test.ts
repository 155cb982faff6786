import { describe, expect, test } from "vitest";
import {
  array,
  type Backend,
  createReferenceBackend,
  DeviceError,
  ShapeError,
  zeros,
} from "../index.ts";

const { readSync: _, ...waiting } = createReferenceBackend();
const remote: Backend = { ...waiting, name: "remote" };

describe("maskedSelect and nonzero", () => {
  test("broadcast both, and find what is not 0", () => {
    const x = array([[1], [2]]);
    expect(x.maskedSelect(array([true, false, true])).toArray()).toEqual([1, 1, 2, 2]);
    expect(array(5).maskedSelect(array(true)).toArray()).toEqual([5]);
    expect(
      array([1, 2])
        .maskedSelect(array([0, Number.NaN]))
        .toArray(),
    ).toEqual([2]);
    const [rows, columns] = array([
      [0, -1, 0],
      [Number.NaN, 0, 2],
    ]).nonzero();
    expect([rows!.toArray(), columns!.toArray()]).toEqual([
      [0, 1, 1],
      [1, 0, 2],
    ]);
    expect(
      zeros([0, 3])
        .nonzero()
        .map((x) => x.shape),
    ).toEqual([[0], [0]]);
  });

  test("say where their result would have to wait for values", () => {
    const x = zeros([2], { backend: remote });
    const error = (op: string): DeviceError =>
      new DeviceError(
        op,
        "the shape of the result depends on values, which the remote backend cannot read at once\nMove the array to another backend first, or keep the shape with where(...).",
      );
    expect(() => x.nonzero()).toThrow(error("nonzero"));
    expect(() => x.maskedSelect(x)).toThrow(error("maskedSelect"));
    expect(() => x.at(x.eq(0))).toThrow(error("at"));
    expect(() => x.indexPut([x.eq(0)], 1)).toThrow(error("indexPut"));
    expect(() => x.unique()).toThrow(error("unique"));
    expect(() => x.astype("int32").bincount()).toThrow(error("bincount"));
    expect(x.maskedFill(x.eq(0), 1).shape).toEqual([2]);
  });

  test("refuse 0-d arrays, and shapes that do not broadcast", () => {
    expect(() => array(1).nonzero()).toThrow(
      new ShapeError("nonzero", "needs at least one axis, got []\nUse reshape([1]) first."),
    );
    expect(() => zeros([2]).maskedSelect(array([true, true, true]))).toThrow(
      new ShapeError("maskedSelect", "shapes [2] and [3] do not broadcast (2 vs 3)"),
    );
  });
});

describe("maskedFill", () => {
  test("keeps the dtype unless it cannot hold the value", () => {
    const mask = array([true, false]);
    const dtypeOf = (dtype: "bool" | "uint8" | "int32" | "float64", value: number): string =>
      zeros([2], { dtype }).maskedFill(mask, value).dtype;
    expect(dtypeOf("bool", 1)).toBe("bool");
    expect(dtypeOf("bool", 2)).toBe("int32");
    expect(dtypeOf("uint8", 255)).toBe("uint8");
    expect(dtypeOf("int32", 0.5)).toBe("float32");
    expect(dtypeOf("float64", Number.NEGATIVE_INFINITY)).toBe("float64");
    expect(zeros([2]).maskedFill(mask, Number.NEGATIVE_INFINITY).toArray()).toEqual([
      Number.NEGATIVE_INFINITY,
      0,
    ]);
  });
});
