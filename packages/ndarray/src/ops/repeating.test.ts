import { describe, expect, test } from "vitest";
import { ArgumentError, arange, meshgrid, ShapeError, zeros } from "../index.ts";

describe("tile, repeat and roll", () => {
  test("copy, also where nothing is repeated or moved", () => {
    for (const y of [zeros([2]).tile(1), zeros([2]).repeat(1), zeros([2]).roll(2)]) {
      expect(y.isCompact).toBe(true);
    }
    const x = zeros([2]);
    for (const y of [x.tile([]), x.repeat(1, 0), x.roll(0), x.roll(4, 0)]) y.fill(1);
    expect(x.toArray()).toEqual([0, 0]);
  });

  test("keep the dtype", () => {
    const x = zeros([2], { dtype: "uint8" });
    expect([x.tile(2), x.repeat(2), x.roll(1)].map((y) => y.dtype)).toEqual(
      new Array(3).fill("uint8"),
    );
  });

  test("roll back what they rolled", () => {
    const x = arange(24).reshape([2, 3, 4]);
    expect(x.roll([1, 5], [0, 2]).roll([-1, -5], [0, 2]).toArray()).toEqual(x.toArray());
    expect(zeros([0, 3]).roll(1).shape).toEqual([0, 3]);
  });

  test("refuse wrong counts, shifts and axes", () => {
    const x = zeros([2, 3]);
    expect(() => x.tile([2, -1])).toThrow(
      new ArgumentError(
        "tile",
        "counts must be a whole number of at least 0, or an array of such, got [2,-1]",
      ),
    );
    expect(() => x.repeat([1, 2, 3], 0)).toThrow(
      new ShapeError("repeat", "3 counts for an axis of length 2"),
    );
    expect(() => x.repeat(0.5)).toThrow(
      new ArgumentError(
        "repeat",
        "counts must be a whole number of at least 0, or an array of such, got 0.5",
      ),
    );
    expect(() => x.repeat(2, 2)).toThrow(
      new ShapeError("repeat", "axis 2 is out of range for 2 axes"),
    );
    expect(() => x.roll([1, 2, 3], [0, 1])).toThrow(
      new ArgumentError("roll", "3 shifts for 2 axes"),
    );
    expect(() => x.roll(0.5)).toThrow(
      new ArgumentError("roll", "shifts must be a whole number, or an array of such, got 0.5"),
    );
    expect(() => x.roll(1, 2)).toThrow(new ShapeError("roll", "axis 2 is out of range for 2 axes"));
  });
});

describe("meshgrid", () => {
  test("gives views, along axes 1 and 0 or one by one", () => {
    const [a, b, c] = [arange(2), arange(3), arange(4)];
    const xy = meshgrid([a, b, c]);
    expect(xy.map((x) => x.shape)).toEqual(new Array(3).fill([3, 2, 4]));
    expect(xy.map((x) => x.strides)).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect(xy[0]!.storage).toBe(a.storage);
    const ij = meshgrid([a, b], { indexing: "ij" });
    expect(ij.map((x) => x.toArray())).toEqual([
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
    ]);
    expect(meshgrid([])).toEqual([]);
    expect(meshgrid([zeros([])])[0]!.shape).toEqual([1]);
  });

  test("refuses matrices and other orders", () => {
    expect(() => meshgrid([zeros([2, 2])])).toThrow(
      new ShapeError("meshgrid", "needs vectors, got [2,2]"),
    );
    expect(() => meshgrid([zeros([2])], { indexing: "yx" as "xy" })).toThrow(
      new ArgumentError("meshgrid", 'indexing must be "xy" or "ij", got "yx"'),
    );
  });
});
