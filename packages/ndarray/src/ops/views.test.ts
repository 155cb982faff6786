import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, arange, array, ShapeError, zeros } from "../index.ts";
import { anyAxesOf, anyViews, permutations } from "../testing/arbitraries.ts";
import { arrayOfView } from "../testing/arrays.ts";
import { assertSame } from "../testing/close.ts";
import { HostArray } from "../testing/host.ts";

const windows = anyViews("int32", { maxRank: 4 });

describe("permute and transpose", () => {
  test("put axis axes[i] in place i, on any strides", () => {
    const sample = windows.chain((view) =>
      fc.record({ view: fc.constant(view), order: permutations(view.shape.length) }),
    );
    fc.assert(
      fc.property(sample, ({ view, order }) => {
        const source = HostArray.of(view);
        const shape = order.map((axis) => view.shape[axis]!);
        const expected = HostArray.from("int32", shape, (index) =>
          source.at(order.map((_, axis) => index[order.indexOf(axis)]!)),
        );
        assertSame(arrayOfView(view).permute(order), expected);
      }),
      { seed: 1 },
    );
  });

  test("swap two axes, the last two unless told", () => {
    const x = zeros([2, 3, 4]);
    expect(x.transpose().shape).toEqual([2, 4, 3]);
    expect(x.transpose(0, 1).shape).toEqual([3, 2, 4]);
    expect(x.transpose([0, -1]).shape).toEqual([4, 3, 2]);
    expect(x.transpose(0).shape).toEqual([4, 3, 2]);
    expect(
      array([
        [1, 2],
        [3, 4],
      ])
        .transpose()
        .toArray(),
    ).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test("leave arrays of fewer than two axes alone", () => {
    expect(zeros([3]).transpose().shape).toEqual([3]);
    expect(zeros([]).transpose().shape).toEqual([]);
    expect(zeros([]).permute([]).shape).toEqual([]);
  });

  test("refuse what is no order of all axes", () => {
    const x = zeros([2, 3]);
    const error = (list: string): ShapeError =>
      new ShapeError("permute", `${list} is not an order of all 2 axes`);
    expect(() => x.permute([0])).toThrow(error("[0]"));
    expect(() => x.permute([0, -2])).toThrow(error("[0,-2]"));
    expect(() => x.permute([0, 2])).toThrow(
      new ShapeError("permute", "axis 2 is out of range for 2 axes"),
    );
    expect(() => zeros([2]).transpose(0, 1)).toThrow(
      new ShapeError("transpose", "axis 1 is out of range for 1 axis"),
    );
  });
});

describe("flip", () => {
  test("reverses axes, all unless told, on any strides", () => {
    const sample = windows.chain((view) =>
      fc.record({ view: fc.constant(view), axes: anyAxesOf(view.shape.length) }),
    );
    fc.assert(
      fc.property(sample, ({ view, axes }) => {
        const source = HostArray.of(view);
        const reversed = axes.map((axis) => (axis + view.shape.length) % view.shape.length);
        const expected = HostArray.from("int32", view.shape, (index) =>
          source.at(
            index.map((i, axis) => (reversed.includes(axis) ? view.shape[axis]! - 1 - i : i)),
          ),
        );
        assertSame(arrayOfView(view).flip(axes), expected);
      }),
      { seed: 1 },
    );
    expect(arange(4).reshape([2, 2]).flip().toArray()).toEqual([
      [3, 2],
      [1, 0],
    ]);
  });
});

describe("broadcastTo", () => {
  test("repeats without a copy", () => {
    const x = array([[1], [2]]);
    const y = x.broadcastTo([2, 2, 3]);
    expect(y.toArray()).toEqual([
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
    ]);
    expect(y.storage).toBe(x.storage);
    expect(y.strides).toEqual([0, 1, 0]);
    expect(x.broadcastTo([2, 0]).shape).toEqual([2, 0]);
    expect(zeros([]).broadcastTo([2]).shape).toEqual([2]);
  });

  test("refuses what does not stretch", () => {
    expect(() => zeros([2]).broadcastTo([3])).toThrow(
      new ShapeError("broadcastTo", "[2] does not broadcast to [3]"),
    );
    expect(() => zeros([2, 1]).broadcastTo([2])).toThrow(
      new ShapeError("broadcastTo", "[2,1] does not broadcast to [2]"),
    );
    expect(() => zeros([1]).broadcastTo([-1])).toThrow(
      new ShapeError("broadcastTo", "sizes must be whole numbers of at least 0, got [-1]"),
    );
  });
});

describe("squeeze and unsqueeze", () => {
  test("take away and add axes of size 1", () => {
    const x = zeros([1, 3, 1]);
    expect(x.squeeze().shape).toEqual([3]);
    expect(x.squeeze(0).shape).toEqual([3, 1]);
    expect(x.squeeze([0, -1]).shape).toEqual([3]);
    expect(x.squeeze([]).shape).toEqual([1, 3, 1]);
    expect(zeros([1, 1]).squeeze().item()).toBe(0);
    expect(zeros([2, 0]).squeeze().shape).toEqual([2, 0]);
    expect(zeros([3]).unsqueeze(0).shape).toEqual([1, 3]);
    expect(zeros([3]).unsqueeze(-1).shape).toEqual([3, 1]);
    expect(zeros([]).unsqueeze(0).shape).toEqual([1]);
  });

  test("keep the elements, on any strides", () => {
    fc.assert(
      fc.property(windows, (view) => {
        const x = arrayOfView(view);
        assertSame(x.unsqueeze(-1).unsqueeze(0).squeeze(), x.squeeze());
        assertSame(x.squeeze().flatten(), x.flatten());
      }),
      { seed: 1 },
    );
  });

  test("refuse axes that are longer, or not there", () => {
    expect(() => zeros([1, 3]).squeeze(1)).toThrow(
      new ArgumentError("squeeze", "axis 1 has length 3, not 1"),
    );
    expect(() => zeros([1]).squeeze(1)).toThrow(
      new ShapeError("squeeze", "axis 1 is out of range for 1 axis"),
    );
    expect(() => zeros([3]).unsqueeze(2)).toThrow(
      new ShapeError("unsqueeze", "axis 2 is out of range for 2 axes"),
    );
  });
});

describe("flatten", () => {
  test("joins all axes, or a range of them", () => {
    const x = zeros([2, 3, 4]);
    expect(x.flatten().shape).toEqual([24]);
    expect(x.flatten(1).shape).toEqual([2, 12]);
    expect(x.flatten(0, -2).shape).toEqual([6, 4]);
    expect(x.flatten(1, 1).shape).toEqual([2, 3, 4]);
    expect(zeros([]).flatten().shape).toEqual([1]);
    expect(zeros([2, 0, 3]).flatten(1).shape).toEqual([2, 0]);
  });

  test("refuses a range that ends before it begins", () => {
    expect(() => zeros([2, 3]).flatten(1, 0)).toThrow(
      new ArgumentError("flatten", "axis 0 comes before axis 1"),
    );
    expect(() => zeros([2, 3]).flatten(2)).toThrow(
      new ShapeError("flatten", "axis 2 is out of range for 2 axes"),
    );
  });
});

describe("swapaxes, moveaxis and expand", () => {
  test("are views", () => {
    const x = zeros([2, 1, 4]);
    for (const y of [x.swapaxes(0, 2), x.moveaxis(0, 2), x.expand([2, 3, 4])]) {
      expect(y.storage).toBe(x.storage);
    }
    expect(x.expand([5, -1, 3, -1]).shape).toEqual([5, 2, 3, 4]);
    expect(x.moveaxis([0, 1], [-1, 0]).shape).toEqual([1, 4, 2]);
  });

  test("refuse axes that are not there, or named twice, and sizes to keep that are not there", () => {
    const x = zeros([2, 3]);
    expect(() => x.swapaxes(0, 2)).toThrow(
      new ShapeError("swapaxes", "axis 2 is out of range for 2 axes"),
    );
    expect(() => x.moveaxis([0, -2], [0, 1])).toThrow(
      new ShapeError("moveaxis", "an axis is named twice in [0,0]"),
    );
    expect(() => x.moveaxis([0, 1], 0)).toThrow(
      new ShapeError("moveaxis", "2 axes cannot move to 1 places"),
    );
    expect(() => x.expand([-1, 2, 3])).toThrow(
      new ShapeError("expand", "-1 at axis 0 of [-1,2,3] has no size to keep in [2,3]"),
    );
    expect(() => x.expand([2, 4])).toThrow(
      new ShapeError("expand", "[2,3] does not broadcast to [2,4]"),
    );
  });
});

describe("views of views", () => {
  test("show the same memory", () => {
    const x = arange(24).reshape([2, 3, 4]);
    const y = x.transpose().slice(1, "::-2", ":").unsqueeze(0).flip(-1);
    expect(y.toArray()).toEqual([
      [
        [23, 19, 15],
        [21, 17, 13],
      ],
    ]);
    expect(y.storage).toBe(x.storage);
  });
});
