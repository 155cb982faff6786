/** Scans, sorting and statistics on each dtype; autograd's tests compare floats with PyTorch. */
import { describe, expect, test } from "vitest";
import { array, type NDArray, zeros } from "../index.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const bytes = (...values: number[]): NDArray => array(values, { dtype: "uint8" });
const ints = (...values: number[]): NDArray => array(values, { dtype: "int32" });

describe("cumsum and cumprod", () => {
  test("add small integers and bools as int32, which wraps around", () => {
    expect(bytes(200, 100).cumsum().toArray()).toEqual([200, 300]);
    expect(array([true, true]).cumsum().dtype).toBe("int32");
    expect(
      ints(2 ** 31 - 1, 1)
        .cumsum()
        .toArray(),
    ).toEqual([2 ** 31 - 1, -(2 ** 31)]);
    expect(ints(65537, 65537).cumprod().toArray()).toEqual([65537, 131073]);
  });

  test("run over transposed and reversed views", () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.flip(1).cumsum(1).cumsum(0).transpose().toArray()).toEqual([
      [3, 9],
      [5, 16],
      [6, 21],
    ]);
  });

  test("of no elements are no elements", () => {
    expect(zeros([0, 3]).cumsum(0).shape).toEqual([0, 3]);
    expect(zeros([0, 3]).cumsum().shape).toEqual([0]);
    expect(array(5).cumsum().toArray()).toEqual([5]);
  });
});

describe("sort", () => {
  test("keeps the dtype, and NaN last", () => {
    expect(bytes(3, 255, 0).sort().toArray()).toEqual([0, 3, 255]);
    expect(array([true, false, true]).sort().dtype).toBe("bool");
    expect(array([nan, 1, -inf, inf]).sort().toArray()).toEqual([-inf, 1, inf, nan]);
    expect(array([nan, 1, -inf]).sort(0, { descending: true }).toArray()).toEqual([nan, 1, -inf]);
  });

  test("takes -0 and 0 for equal, and keeps their order", () => {
    expect(array([0, -0, 0]).argsort().toArray()).toEqual([0, 1, 2]);
    expect(array([0, -0, -1]).argsort(0, { descending: true }).toArray()).toEqual([0, 1, 2]);
  });
});

describe("statistics", () => {
  test("of integers are float32", () => {
    const x = ints(1, 2, 3, 4);
    for (const y of [x.var(), x.std(), x.norm(), x.median(), x.quantile(0.5), x.nanmean()])
      expect(y.dtype).toBe("float32");
    expect(x.median().item()).toBe(2.5);
    expect(x.norm(null, { p: 1 }).item()).toBe(10);
    expect(x.countNonzero().dtype).toBe("int32");
  });

  test("of one element: the corrected variance is NaN, the other 0", () => {
    expect(array([3]).var().item()).toBe(nan);
    expect(array([3]).var(null, { correction: 0 }).item()).toBe(0);
  });

  test("are NaN where an element is, but for the sums that pass over it", () => {
    const x = array([1, nan, 3]);
    expect([x.median().item(), x.quantile(0).item(), x.norm().item()]).toEqual([nan, nan, nan]);
    expect([x.nansum().item(), x.nanmean().item()]).toEqual([4, 2]);
  });

  test("quantiles stack in front of the kept axes", () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.quantile([0, 0.5, 1], 1, { keepdims: true }).shape).toEqual([3, 2, 1]);
    expect(x.percentile([0, 100], 0).toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    // 0.5 and 1.5 and 2.5 go to the even place, as in NumPy.
    expect(array([0, 1, 2, 3]).quantile(0.5, null, { method: "nearest" }).item()).toBe(2);
    expect(array([0, 1]).quantile(0.5, null, { method: "nearest" }).item()).toBe(0);
  });
});

describe("composed functions", () => {
  test("nanToNum gives the largest numbers of the dtype", () => {
    expect(array([inf, -inf, nan]).nanToNum().toArray()).toEqual([
      (2 - 2 ** -23) * 2 ** 127,
      -(2 - 2 ** -23) * 2 ** 127,
      0,
    ]);
    expect(ints(1, 2).nanToNum().toArray()).toEqual([1, 2]);
  });

  test("round keeps decimals, halves to even, and integers as they are", () => {
    expect(array([0.25, 0.35], { dtype: "float64" }).round({ decimals: 1 }).toArray()).toEqual([
      0.2, 0.4,
    ]);
    expect(array([150, 250, -149]).round({ decimals: -2 }).toArray()).toEqual([200, 200, -100]);
    expect(ints(7).round({ decimals: 2 }).dtype).toBe("int32");
  });

  test("signbit tells -0, isClose infinities and NaN", () => {
    expect(array([-0, 0, -1, nan]).signbit().toArray()).toEqual([1, 0, 1, 0]);
    expect(
      array([inf, nan])
        .isClose(array([inf, nan]))
        .toArray(),
    ).toEqual([1, 0]);
    expect(array([nan]).allClose(nan, { equalNan: true }).item()).toBe(1);
    expect(array([1]).isClose(inf).toArray()).toEqual([0]);
  });

  test("integers divide, round and leave as NumPy's", () => {
    expect(
      ints(-7, 7, 5)
        .floorDivide(ints(2, -2, 0))
        .toArray(),
    ).toEqual([-4, -4, 0]);
    expect(
      ints(-7, 7, 5)
        .remainder(ints(2, -2, 0))
        .toArray(),
    ).toEqual([1, -1, 0]);
    expect(
      ints(-7, 7, 5)
        .fmod(ints(2, -2, 0))
        .toArray(),
    ).toEqual([-1, 1, 0]);
    expect(array([1]).floorDivide(0.1).item()).toBe(9);
    expect(array([1, -1, 0]).floorDivide(0).toArray()).toEqual([inf, -inf, nan]);
  });
});
