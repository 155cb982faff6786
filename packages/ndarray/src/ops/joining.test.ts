import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  array,
  concat,
  createReferenceBackend,
  DeviceError,
  ones,
  ShapeError,
  stack,
  zeros,
} from "../index.ts";

const int = { dtype: "int32" } as const;

describe("concat and stack", () => {
  test("join along an existing and along a new axis", () => {
    const [a, b] = [
      array([[1, 2]]),
      array([
        [3, 4],
        [5, 6],
      ]),
    ];
    expect(concat([a, b]).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(concat([b, b.transpose()], -1).toArray()).toEqual([
      [3, 4, 3, 5],
      [5, 6, 4, 6],
    ]);
    expect(stack([array([1, 2]), array([3, 4])]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(stack([array([1, 2]), array([3, 4])], -1).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(stack([array(1), array(2)]).toArray()).toEqual([1, 2]);
    expect(concat([zeros([0, 2]), a]).toArray()).toEqual([[1, 2]]);
  });

  test("promote", () => {
    expect(concat([array([1], int), array([0.5])]).dtype).toBe("float32");
    expect(stack([array(true), array(3, { dtype: "uint8" })]).toArray()).toEqual([1, 3]);
  });

  test("copy", () => {
    const x = ones([2]);
    concat([x]).fill(5);
    expect(x.toArray()).toEqual([1, 1]);
  });

  test("refuse no arrays, other shapes, other backends, and axes that are not there", () => {
    expect(() => concat([])).toThrow(new ArgumentError("concat", "needs at least one array"));
    expect(() => stack([])).toThrow(new ArgumentError("stack", "needs at least one array"));
    expect(() => concat([zeros([2, 3]), zeros([2, 4])])).toThrow(
      new ShapeError("concat", "shapes differ outside axis 0: [2,3] and [2,4]"),
    );
    expect(() => concat([zeros([2, 3]), zeros([2])], 1)).toThrow(
      new ShapeError("concat", "shapes differ outside axis 1: [2,3] and [2]"),
    );
    expect(() => stack([zeros([2]), zeros([3])])).toThrow(
      new ShapeError("stack", "shapes differ: [2] and [3]"),
    );
    expect(() => concat([zeros([])])).toThrow(
      new ShapeError("concat", "axis 0 is out of range for 0 axes"),
    );
    expect(() => stack([zeros([2])], 2)).toThrow(
      new ShapeError("stack", "axis 2 is out of range for 2 axes"),
    );
    const other = { ...createReferenceBackend(), name: "other" };
    expect(() => concat([zeros([1]), zeros([1], { backend: other })])).toThrow(DeviceError);
  });
});
