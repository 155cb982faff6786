import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { array, ShapeError, zeros } from "../index.ts";
import { broadcastable, views } from "../testing/arbitraries.ts";
import { arrayOfView } from "../testing/arrays.ts";
import { assertSame } from "../testing/close.ts";
import { HostArray } from "../testing/host.ts";

const nan = Number.NaN;

describe("broadcasting", () => {
  test("repeats operands along new axes and axes of size 1, on any strides", () => {
    const sample = broadcastable(2).chain(({ operands, result }) =>
      fc.record({
        a: views("int32", operands[0]!),
        b: views("int32", operands[1]!),
        result: fc.constant(result),
      }),
    );
    fc.assert(
      fc.property(sample, ({ a, b, result }) => {
        const [x, y] = [HostArray.of(a), HostArray.of(b)];
        const at = (z: HostArray, index: readonly number[]): number =>
          z.at(
            index
              .slice(index.length - z.shape.length)
              .map((i, axis) => (z.shape[axis] === 1 ? 0 : i)),
          );
        const expected = HostArray.from(
          "int32",
          result,
          (index) => (at(x, index) - at(y, index)) | 0,
        );
        assertSame(arrayOfView(a).sub(arrayOfView(b)), expected);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("names op, shapes and sizes that do not fit", () => {
    expect(() => zeros([2, 3]).mul(zeros([2]))).toThrow(
      new ShapeError("mul", "shapes [2,3] and [2] do not broadcast (3 vs 2)"),
    );
  });
});

describe("where", () => {
  test("broadcasts condition and both branches", () => {
    const condition = array([[true], [false]]);
    expect(condition.where(array([1, 2]), array(7)).toArray()).toEqual([
      [1, 2],
      [7, 7],
    ]);
    expect(array(true).where(zeros([2, 1]), zeros([3])).shape).toEqual([2, 3]);
  });

  test("takes numbers, and anything but 0 as true", () => {
    expect(array([0, 2, nan]).where(1, -1).toArray()).toEqual([-1, 1, 1]);
    expect(array([0, 2]).where(1, -1).dtype).toBe("float32");
    expect(array([true]).where(array([5], { dtype: "int32" }), 1).dtype).toBe("int32");
    expect(array([true]).where(array([5], { dtype: "int32" }), 0.5).dtype).toBe("float32");
    expect(array([false]).where(1, array([5], { dtype: "uint8" })).dtype).toBe("uint8");
  });

  test("does not mix the branch that is not taken into the result", () => {
    expect(
      array([true, false])
        .where(array([1, nan]), array([nan, 2]))
        .toArray(),
    ).toEqual([1, 2]);
  });

  test("names op and shapes that do not fit", () => {
    expect(() => zeros([2]).where(zeros([3]), 0)).toThrow(
      new ShapeError("where", "shapes [2] and [3] do not broadcast (2 vs 3)"),
    );
  });
});

describe("clamp", () => {
  test("limits from either side or both, by numbers or arrays", () => {
    const x = array([-2, 0.5, 3]);
    expect(x.clamp(-1, 1).toArray()).toEqual([-1, 0.5, 1]);
    expect(x.clamp(null, 1).toArray()).toEqual([-2, 0.5, 1]);
    expect(x.clamp(0, null).toArray()).toEqual([0, 0.5, 3]);
    expect(x.clamp(array([0, 1, 2]), 2.5).toArray()).toEqual([0, 1, 2.5]);
    expect(x.clamp(null, null)).toBe(x);
  });

  test("keeps NaN, lets a NaN limit through, and prefers the upper limit", () => {
    expect(array([nan]).clamp(0, 1).toArray()).toEqual([nan]);
    expect(
      array([0.5])
        .clamp(array([nan]), 1)
        .toArray(),
    ).toEqual([nan]);
    expect(array([0.5]).clamp(3, 1).toArray()).toEqual([1]);
  });
});
