import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, arange, array, MemoryError, ones, ShapeError, zeros } from "../index.ts";

const settings = fc
  .record({
    size: fc.integer({ min: 1, max: 4 }),
    step: fc.integer({ min: 1, max: 5 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    room: fc.nat(7),
  })
  .map(({ size, step, dilation, room }) => ({
    size,
    step,
    dilation,
    length: dilation * (size - 1) + 1 + room,
  }));

describe("unfold", () => {
  test("is a view", () => {
    const x = zeros([2, 6]);
    const y = x.unfold(1, 3, 2);
    expect([y.shape, y.storage === x.storage]).toEqual([[2, 2, 3], true]);
    y.slice(0, 1, 0).fill(5);
    expect(x.toArray()).toEqual([
      [0, 0, 5, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  test("takes windows of views, and windows of windows", () => {
    expect(arange(10).slice("::-2").unfold(0, 2, 3).toArray()).toEqual([
      [9, 7],
      [3, 1],
    ]);
    const image = arange(9).reshape([3, 3]).unfold(0, 2).unfold(1, 2);
    expect(image.slice(1, 0).toArray()).toEqual([
      [3, 4],
      [6, 7],
    ]);
  });

  test("refuses what does not fit", () => {
    const error = (problem: string): ShapeError =>
      new ShapeError("unfold", `${problem}\nPad the axis first, or use a smaller window.`);
    expect(() => zeros([3]).unfold(0, 4)).toThrow(
      error("a window of 4 does not fit into an axis of length 3"),
    );
    expect(() => zeros([5]).unfold(0, 3, 1, { dilation: 3 })).toThrow(
      error("a window of 3, spread over 7 by dilation 3, does not fit into an axis of length 5"),
    );
    expect(() => zeros([3]).unfold(0, 0)).toThrow(
      new ArgumentError("unfold", "size must be a whole number of at least 1, got 0"),
    );
    expect(() => zeros([3]).unfold(0, 2, 0)).toThrow(
      new ArgumentError("unfold", "step must be a whole number of at least 1, got 0"),
    );
    expect(() => zeros([3]).unfold(0, 2, 1, { dilation: 0.5 })).toThrow(
      new ArgumentError("unfold", "dilation must be a whole number of at least 1, got 0.5"),
    );
    expect(() => zeros([]).unfold(0, 1)).toThrow(
      new ShapeError("unfold", "axis 0 is out of range for 0 axes"),
    );
  });
});

describe("fold", () => {
  test("counts, after unfold, how many windows an element is in", () => {
    fc.assert(
      fc.property(settings, ({ size, step, dilation, length }) => {
        const x = arange(1, length + 1, 1, { dtype: "float64" });
        const windows = x.unfold(0, size, step, { dilation });
        const counts = Array.from({ length }, (_, place) => {
          const steps = Array.from({ length: size }, (_, k) => (place - k * dilation) / step);
          return steps.filter((i) => Number.isInteger(i) && i >= 0 && i < windows.shape[0]!).length;
        });
        const folded = windows.fold(0, length, step, { dilation });
        expect(folded.toArray()).toEqual(counts.map((count, i) => count * (i + 1)));
      }),
      { seed: 1 },
    );
  });

  test("keeps the dtype, and joins bools", () => {
    const x = array([
      [true, false],
      [false, true],
      [false, false],
    ]);
    const y = x.fold(0, 4);
    expect([y.dtype, y.toArray()]).toEqual(["bool", [1, 0, 1, 0]]);
    const bytes = array(new Uint8Array([200, 100, 100, 0]))
      .reshape([2, 2])
      .fold(0, 3);
    expect([bytes.dtype, bytes.toArray()]).toEqual(["uint8", [200, 200, 0]]);
  });

  test("refuses windows that an axis of that length does not have", () => {
    expect(() => ones([3, 2]).fold(0, 5)).toThrow(
      new ShapeError(
        "fold",
        "[3,2] has 3 windows along axis 0, an axis of length 5 has 4\nPass the length, step and dilation that unfold was given.",
      ),
    );
    expect(() => ones([3]).fold(0, 3)).toThrow(
      new ShapeError("fold", "needs an axis of windows and one of their elements, got [3]"),
    );
    expect(() => ones([3, 1]).fold(1, 3)).toThrow(
      new ShapeError("fold", "axis 1 is out of range for 1 axis"),
    );
    expect(() => ones([3, 1]).fold(0, -1)).toThrow(
      new ArgumentError("fold", "length must be a whole number of at least 0, got -1"),
    );
  });
});

describe("asStrided", () => {
  test("reads and writes the same memory", () => {
    const x = arange(6);
    const y = x.asStrided([2, 2], [1, -1], 3);
    expect(y.toArray()).toEqual([
      [3, 2],
      [4, 3],
    ]);
    y.slice(0, 0).fill(9);
    expect(x.toArray()).toEqual([0, 1, 2, 9, 4, 5]);
    expect(arange(6).slice("2:").asStrided([2], [1]).toArray()).toEqual([2, 3]);
    expect(arange(0).asStrided([0, 3], [3, 1]).shape).toEqual([0, 3]);
  });

  test("refuses to leave the memory", () => {
    expect(() => arange(6).asStrided([3, 2], [2, 2])).toThrow(
      new ArgumentError(
        "asStrided",
        "[3,2] with strides [2,2] from 0 reaches 0 to 6, the memory has 6 elements",
      ),
    );
    expect(() => arange(6).asStrided([3], [-1], 1)).toThrow(
      new ArgumentError(
        "asStrided",
        "[3] with strides [-1] from 1 reaches -1 to 1, the memory has 6 elements",
      ),
    );
    expect(() => arange(6).asStrided([3], [1, 1])).toThrow(
      new ShapeError("asStrided", "2 strides for 1 axes"),
    );
    expect(() => arange(6).asStrided([3], [0.5])).toThrow(
      new ArgumentError("asStrided", "strides and offset are whole numbers, got [0.5] and 0"),
    );
    const x = arange(6);
    x.dispose();
    expect(() => x.asStrided([1], [1])).toThrow(MemoryError);
  });
});
