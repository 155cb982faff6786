// What the course asks of its arrays (homeworks 3 and 4), with its numbers, and done right where the
// course leaves a gap or errs.

import { describe, expect, test } from "vitest";
import { arange, array, full, type NDArray, ones, stack, zeros } from "./index.ts";

const cube = (): NDArray => arange(24, undefined, 1, { dtype: "float32" }).reshape([3, 2, 4]);

describe("strides and offsets", () => {
  test("of a new array are compact: row-major from 0", () => {
    const x = cube();
    expect([x.strides, x.offset, x.isCompact]).toEqual([[8, 4, 1], 0, true]);
  });

  test("of flipped axes are negative, from the last element: 3, 4, 16, 23 and 20 for [3,2,4]", () => {
    const x = cube();
    const offsets = [2, 1, 0, [0, 1, 2], [0, 1]].map((axes) => x.flip(axes).offset);
    expect(offsets).toEqual([3, 4, 16, 23, 20]);
    expect(x.flip([0, 1, 2]).strides).toEqual([-8, -4, -1]);
    expect(x.flip([0, 1]).slice(0, 0).toArray()).toEqual([20, 21, 22, 23]);
  });

  test("of broadcast axes are 0, and permute moves them without a copy", () => {
    const x = ones([3, 1, 4]).broadcastTo([3, 5, 4]);
    expect([x.strides, x.storage.bytes]).toEqual([[4, 0, 1], 48]);
    const y = cube().permute([2, 0, 1]);
    expect([y.shape, y.strides]).toEqual([
      [4, 3, 2],
      [1, 8, 4],
    ]);
  });

  test("broadcast by NumPy's rule, from [1] and [] to [3,3,3]", () => {
    for (const shape of [[1], []]) {
      expect(ones(shape).broadcastTo([3, 3, 3]).sum().item()).toBe(27);
    }
    expect(() => ones([2]).broadcastTo([3, 3])).toThrow("broadcastTo");
  });

  test("of compact() are row-major: the array itself if they were, else a copy from 0", () => {
    const x = cube();
    expect(x.compact()).toBe(x);
    const y = x.flip(0).compact();
    expect([y.strides, y.offset, y.isCompact]).toEqual([[8, 4, 1], 0, true]);
    expect(x.flip(0).isCompact).toBe(false);
  });

  test("can be set: overlapping windows, and tiles for a tiled product", () => {
    expect(arange(5).asStrided([3, 3], [1, 1]).toArray()).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [2, 3, 4],
    ]);
    const [a, b] = [arange(16).reshape([4, 4]), arange(16, 32).reshape([4, 4])];
    const tiles = (x: NDArray): NDArray => x.asStrided([2, 2, 2, 2], [8, 2, 4, 1]);
    const tile = (i: number, j: number): NDArray =>
      [0, 1]
        .map((k) => tiles(a).slice(i, k).matmul(tiles(b).slice(k, j)))
        .reduce((x, y) => x.add(y));
    const product = stack([0, 1].map((i) => stack([0, 1].map((j) => tile(i, j)))));
    expect(product.permute([0, 2, 1, 3]).reshape([4, 4]).toArray()).toEqual(a.matmul(b).toArray());
  });
});

describe("getitem", () => {
  test("gives ceil((stop - start) / step) elements, step times the stride, from start", () => {
    const x = arange(60).reshape([6, 10]);
    const y = x.slice([1, 6, 2], [2, 9, 3]);
    expect([y.shape, y.strides, y.offset]).toEqual([[3, 3], [20, 3], 12]);
  });

  test("stops at the end, counts negative starts, stops and numbers from it", () => {
    const x = arange(5);
    expect(x.slice([1, 100]).toArray()).toEqual([1, 2, 3, 4]);
    expect(x.slice([-2, null]).toArray()).toEqual([3, 4]);
    expect(x.slice([0, -2]).toArray()).toEqual([0, 1, 2]);
    expect(x.slice(-1).item()).toBe(4);
    expect(x.slice([4, 2]).shape).toEqual([0]);
  });

  test("keeps an axis with size 1 for the range of a number, and drops it for the number", () => {
    const x = cube();
    expect(x.slice([1, 2], ":", ":").shape).toEqual([1, 2, 4]);
    expect(x.slice(1).shape).toEqual([2, 4]);
  });
});

describe("setitem", () => {
  test("writes through the view: strides and memory stay", () => {
    const x = zeros([4, 4]);
    const before = [x.strides, x.storage];
    x.slice("::2", "1:3").assign(ones([2, 2]));
    x.slice("1::2", 0).assign(7);
    expect(x.toArray()).toEqual([
      [0, 1, 1, 0],
      [7, 0, 0, 0],
      [0, 1, 1, 0],
      [7, 0, 0, 0],
    ]);
    expect([x.strides, x.storage]).toEqual(before);
  });

  test("by fill fills the view, and nothing beside it", () => {
    const x = zeros([2, 3]);
    x.slice(0, "1:").fill(5);
    expect(x.toArray()).toEqual([
      [0, 5, 5],
      [0, 0, 0],
    ]);
  });
});

describe("what else arrays do", () => {
  test("reshape keeps the number of elements", () => {
    const x = cube();
    expect(x.reshape([6, 4]).storage).toBe(x.storage);
    expect(() => x.reshape([5, 5])).toThrow("reshape");
  });

  test("comparisons, of arrays and numbers, are 0 and 1", () => {
    const [a, b] = [array([1, 2, 3]), array([3, 2, 1])];
    const numbers = (x: NDArray): unknown => x.astype("float32").toArray();
    expect([a.eq(b), a.ne(b), a.ge(b), a.gt(b), a.lt(2), a.le(2)].map(numbers)).toEqual([
      [0, 1, 0],
      [1, 0, 1],
      [0, 1, 1],
      [0, 0, 1],
      [1, 0, 0],
      [1, 1, 0],
    ]);
  });

  test("max does not start from 0, and sums take one axis, several or all", () => {
    expect(full([2, 2], -3).max().item()).toBe(-3);
    const x = cube();
    expect(x.sum([0, 2]).toArray()).toEqual([114, 162]);
    expect([x.sum().shape, x.sum(1, { keepdims: true }).shape]).toEqual([[], [3, 1, 4]]);
  });

  test("pad puts zeros left and right of every axis", () => {
    const pairs = [
      [1, 0],
      [0, 2],
    ] as const;
    expect(
      array([[1, 2]])
        .pad(pairs)
        .toArray(),
    ).toEqual([
      [0, 0, 0, 0],
      [1, 2, 0, 0],
    ]);
  });

  test("dilate puts zeros after each element, also the last, on the axes there are", () => {
    expect(
      array([[1, 2]])
        .dilate([1, 5], 2)
        .toArray(),
    ).toEqual([[1, 0, 0, 2, 0, 0]]);
    expect(array([1, 2]).dilate(0, 1).undilate(0, 1).toArray()).toEqual([1, 2]);
  });

  test("transpose swaps two axes, the last two unless told", () => {
    expect(cube().transpose().shape).toEqual([3, 4, 2]);
    expect(cube().transpose([0, 2]).shape).toEqual([4, 2, 3]);
  });

  test("matmul takes batches, broadcast: no product of products in memory", () => {
    const y = ones([6, 1, 5, 4]).matmul(ones([2, 4, 3]));
    expect([y.shape, y.sum().item()]).toEqual([[6, 2, 5, 3], 6 * 2 * 5 * 3 * 4]);
  });
});
