import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  arange,
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

describe("split, chunk and unstack", () => {
  test("give views", () => {
    const x = zeros([4]);
    x.split(2)[1]!.fill(1);
    x.chunk(4)[0]!.fill(2);
    x.unstack()[1]!.fill(3);
    expect(x.toArray()).toEqual([2, 3, 1, 1]);
  });

  test("cut where they are told, and clip cuts as slices do", () => {
    const lengths = (parts: { shape: readonly number[] }[]): number[] =>
      parts.map((part) => part.shape[0]!);
    expect(lengths(arange(6).split([2, 5]))).toEqual([2, 3, 1]);
    expect(lengths(arange(6).split([-1, 9]))).toEqual([5, 1, 0]);
    expect(lengths(arange(6).split([4, 2]))).toEqual([4, 0, 4]);
    expect(lengths(arange(6).split([]))).toEqual([6]);
    expect(lengths(arange(7).chunk(3))).toEqual([3, 3, 1]);
    expect(lengths(arange(6).chunk(4))).toEqual([2, 2, 2]);
    expect(lengths(zeros([0]).chunk(3))).toEqual([0, 0, 0]);
    expect(zeros([0, 2]).unstack()).toEqual([]);
  });

  test("undo stack and concat", () => {
    const x = arange(24).reshape([2, 3, 4]);
    for (const axis of [0, 1, 2, -1]) {
      expect(stack(x.unstack(axis), axis).toArray()).toEqual(x.toArray());
      expect(concat(x.chunk(2, axis), axis).toArray()).toEqual(x.toArray());
      expect(concat(x.split([1, 1, 2], axis), axis).toArray()).toEqual(x.toArray());
    }
  });

  test("refuse what does not divide, and axes that are not there", () => {
    expect(() => arange(7).split(2)).toThrow(
      new ShapeError(
        "split",
        "an axis of length 7 does not divide into 2 equal parts\nGive the positions to cut at, or use chunk.",
      ),
    );
    expect(() => arange(7).split(0)).toThrow(
      new ArgumentError("split", "the number of parts must be a whole number of at least 1, got 0"),
    );
    expect(() => arange(7).split([0.5])).toThrow(
      new ArgumentError("split", "where to cut must be a whole number, got 0.5"),
    );
    expect(() => arange(7).chunk(0)).toThrow(
      new ArgumentError(
        "chunk",
        "the number of chunks must be a whole number of at least 1, got 0",
      ),
    );
    expect(() => arange(7).unstack(1)).toThrow(
      new ShapeError("unstack", "axis 1 is out of range for 1 axis"),
    );
  });
});
