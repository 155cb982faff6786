import { describe, expect, test } from "vitest";
import { ArgumentError, arange, array, type PadMode, ShapeError, zeros } from "../index.ts";

describe("pad", () => {
  test("takes one width, one pair, or a pair an axis", () => {
    const x = zeros([2, 3]);
    expect(x.pad(1).shape).toEqual([4, 5]);
    expect(x.pad([1, 0]).shape).toEqual([3, 4]);
    const pairs = [
      [0, 1],
      [2, 3],
    ] as const;
    expect(x.pad(pairs).shape).toEqual([3, 8]);
    expect(zeros([]).pad(5).shape).toEqual([]);
  });

  test("converts the value to the dtype, which stays", () => {
    const y = arange(2).pad(1, { value: 2.9 });
    expect([y.dtype, y.toArray()]).toEqual(["int32", [2, 0, 1, 2]]);
    const mask = array([true]).pad(1);
    expect([mask.dtype, mask.toArray()]).toEqual(["bool", [0, 1, 0]]);
  });

  test("copies, also where there is nothing to add", () => {
    const x = zeros([2]);
    x.pad(0).fill(1);
    x.pad(0, { mode: "circular" }).fill(1);
    expect(x.toArray()).toEqual([0, 0]);
  });

  test("refuses negative widths, a wrong number of them, and modes it does not know", () => {
    const x = zeros([2, 3]);
    const pairs = (...list: [number, number][]): (readonly [number, number])[] => list;
    expect(() => x.pad([-1, 0])).toThrow(
      new ArgumentError(
        "pad",
        "widths must be at least 0, got [-1,0] for axis 0\nUse slice to take elements away.",
      ),
    );
    expect(() => x.pad(pairs([1, 1]))).toThrow(
      new ShapeError(
        "pad",
        "1 pairs of widths for [2,3], which has 2 axes\nGive one [before, after] an axis, or one for all.",
      ),
    );
    expect(() => x.pad(0.5)).toThrow(
      new ArgumentError("pad", "widths are pairs of whole numbers, got [0.5,0.5] for axis 0"),
    );
    expect(() => x.pad([[1], [1]] as unknown as [number, number][])).toThrow(
      new ArgumentError("pad", "widths are pairs of whole numbers, got [1] for axis 0"),
    );
    for (const mode of ["mirror", "toString"]) {
      expect(() => x.pad(1, { mode: mode as PadMode })).toThrow(
        new ArgumentError(
          "pad",
          `mode must be "constant", "reflect", "symmetric", "edge", "replicate", "wrap" or "circular", got "${mode}"`,
        ),
      );
    }
    expect(() => zeros([0]).pad(1, { mode: "reflect" })).toThrow(
      new ArgumentError(
        "pad",
        'axis 0 of [0] has no elements for mode "reflect"\nUse mode "constant".',
      ),
    );
  });
});

describe("the modes of pad", () => {
  // numpy.pad(numpy.arange(n), (before, after), mode), also where a margin is wider than the array;
  // wrap as from NumPy 1.25 on.
  test.each([
    ["reflect", 3, [5, 4], [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]],
    ["symmetric", 3, [5, 4], [1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]],
    ["symmetric", 1, [2, 1], [0, 0, 0, 0]],
    ["edge", 3, [2, 1], [0, 0, 0, 1, 2, 2]],
    ["wrap", 3, [4, 2], [2, 0, 1, 2, 0, 1, 2, 0, 1]],
  ] as const)("are NumPy's: %s of %i by %j", (mode, length, widths, expected) => {
    expect(arange(length).pad(widths, { mode }).toArray()).toEqual([...expected]);
  });

  test("have PyTorch's names, too", () => {
    const x = arange(6).reshape([2, 3]);
    const of = (mode: PadMode): unknown => x.pad(2, { mode }).toArray();
    expect(of("replicate")).toEqual(of("edge"));
    expect(of("circular")).toEqual(of("wrap"));
  });
});

describe("dilate and undilate", () => {
  test("put zeros after every element, and take them away", () => {
    const x = arange(1, 7).reshape([2, 3]);
    expect(x.dilate([0], 1).toArray()).toEqual([
      [1, 2, 3],
      [0, 0, 0],
      [4, 5, 6],
      [0, 0, 0],
    ]);
    expect(x.dilate([1], 2).slice(0).toArray()).toEqual([1, 0, 0, 2, 0, 0, 3, 0, 0]);
    expect(x.dilate([0, 1], 3).undilate([0, 1], 3).toArray()).toEqual(x.toArray());
    expect(x.dilate([0, -2], 1).shape).toEqual([4, 3]);
    expect(zeros([0]).dilate(0, 4).shape).toEqual([0]);
  });

  test("leave out axes past the last, as the course does", () => {
    expect(zeros([2, 3]).dilate([1, 2, 3], 1).shape).toEqual([2, 6]);
    expect(zeros([]).dilate(0, 1).shape).toEqual([]);
    expect(() => zeros([2]).dilate(-2, 1)).toThrow(
      new ShapeError("dilate", "axis -2 is out of range for 1 axis"),
    );
  });

  test("refuse what is no number of zeros, and lengths that cannot have come from dilate", () => {
    expect(() => zeros([2]).dilate(0, -1)).toThrow(
      new ArgumentError("dilate", "dilation must be a whole number of at least 0, got -1"),
    );
    expect(() => zeros([2, 5]).undilate(1, 1)).toThrow(
      new ShapeError("undilate", "axis 1 of [2,5] is not a multiple of 2 long"),
    );
  });
});
