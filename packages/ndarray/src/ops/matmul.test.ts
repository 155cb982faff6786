import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arange, array, DTypeError, type NDArray, ones, ShapeError, zeros } from "../index.ts";
import { broadcastable, moderateValues, views } from "../testing/arbitraries.ts";
import { arrayOfView } from "../testing/arrays.ts";
import { assertSame } from "../testing/close.ts";
import { HostArray, type HostView, hostMatmul } from "../testing/host.ts";

/** A model's batch axes repeated to `batch`. */
function stretched(x: HostArray, batch: readonly number[]): HostArray {
  const own = x.shape.slice(0, -2);
  return HostArray.from(x.dtype, [...batch, ...x.shape.slice(-2)], (index) => {
    const from = index.slice(batch.length - own.length);
    return x.at(from.map((i, axis) => (axis < own.length && own[axis] === 1 ? 0 : i)));
  });
}

describe("matmul", () => {
  test("multiplies rows with columns", () => {
    const a = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(a.matmul(a.transpose()).toArray()).toEqual([
      [14, 32],
      [32, 77],
    ]);
  });

  test("broadcasts batches on any strides", () => {
    const size = fc.integer({ min: 0, max: 3 });
    const sample = fc
      .tuple(broadcastable(2, { maxRank: 3, maxSize: 12 }), size, size, size)
      .chain(([{ operands, result }, m, k, n]) => {
        const whole = { values: moderateValues("int32") };
        return fc.record({
          a: views("int32", [...operands[0]!, m, k], whole),
          b: views("int32", [...operands[1]!, k, n], whole),
          batch: fc.constant(result),
        });
      });
    fc.assert(
      fc.property(sample, ({ a, b, batch }: { a: HostView; b: HostView; batch: number[] }) => {
        const expected = hostMatmul(
          stretched(HostArray.of(a), batch),
          stretched(HostArray.of(b), batch),
        );
        assertSame(arrayOfView(a).matmul(arrayOfView(b)), expected);
      }),
      { seed: 1 },
    );
  });

  test("takes a vector as a row on the left and as a column on the right", () => {
    const m = array([
      [1, 2],
      [3, 4],
    ]);
    const v = array([10, 1]);
    expect(v.matmul(m).toArray()).toEqual([13, 24]);
    expect(m.matmul(v).toArray()).toEqual([12, 34]);
    expect(v.matmul(v).item()).toBe(101);
    expect(v.matmul(v).shape).toEqual([]);
    expect(v.matmul(ones([5, 2, 3])).shape).toEqual([5, 3]);
    expect(ones([5, 3, 2]).matmul(v).shape).toEqual([5, 3]);
  });

  test("over no terms gives zeros, of no rows nothing", () => {
    expect(
      zeros([2, 0])
        .matmul(zeros([0, 2]))
        .toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(zeros([0, 3]).matmul(zeros([3, 2])).shape).toEqual([0, 2]);
    expect(zeros([0, 2, 3]).matmul(zeros([3, 4])).shape).toEqual([0, 2, 4]);
    expect(
      zeros([0])
        .matmul(zeros([0]))
        .item(),
    ).toBe(0);
  });

  test("promotes, and wraps around in integers", () => {
    const i = array([[2 ** 31 - 1, 3]], { dtype: "int32" });
    expect(i.matmul(array([[2 ** 31 - 1], [5]], { dtype: "int32" })).item()).toBe(16);
    expect(
      array([[200, 100]], { dtype: "uint8" })
        .matmul(array([[2], [1]], { dtype: "uint8" }))
        .item(),
    ).toBe(244);
    expect(i.matmul(zeros([2, 1])).dtype).toBe("float32");
    expect(i.matmul(zeros([2, 1], { dtype: "bool" })).dtype).toBe("int32");
  });

  test("equals NumPy's einsum for a batch", () => {
    // np.matmul(np.arange(8).reshape(2, 2, 2), np.arange(4).reshape(2, 2)).
    const x: NDArray = arange(8).reshape([2, 2, 2]);
    expect(x.matmul(arange(4).reshape([2, 2])).toArray()).toEqual([
      [
        [2, 3],
        [6, 11],
      ],
      [
        [10, 19],
        [14, 27],
      ],
    ]);
  });

  test("refuses what does not fit", () => {
    expect(() => zeros([32, 784]).matmul(zeros([128, 10]))).toThrow(
      new ShapeError("matmul", "inner sizes differ, [32,784] x [128,10] (784 vs 128)"),
    );
    expect(() => zeros([3]).matmul(zeros([2, 2]))).toThrow(
      new ShapeError("matmul", "inner sizes differ, [3] x [2,2] (3 vs 2)"),
    );
    expect(() => zeros([2, 1, 3]).matmul(zeros([3, 3, 1]))).toThrow(
      new ShapeError("matmul", "shapes [2] and [3] do not broadcast (2 vs 3)"),
    );
    expect(() => zeros([]).matmul(zeros([2]))).toThrow(
      new ShapeError("matmul", "needs at least one axis each, [] x [2]"),
    );
    expect(() => zeros([1, 1], { dtype: "bool" }).matmul(zeros([1, 1], { dtype: "bool" }))).toThrow(
      new DTypeError("matmul", "not defined for bool", "Convert with astype first."),
    );
  });
});
