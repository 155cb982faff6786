import { describe, expect, test } from "vitest";
import {
  array,
  createReferenceBackend,
  formula,
  memory,
  type NDArray,
  ones,
  zeros,
} from "./index.ts";

const swapAndScale = formula(["a", "b"], ["scale"], ({ a, b }, { scale }) => ({
  a: b,
  b: a.mul(scale.mul(scale)),
}));

describe("a formula", () => {
  test("reads every array before it writes one", () => {
    const [a, b] = [array([1, 2]), array([10, 20])];
    swapAndScale({ a, b }, { scale: 3 });
    expect([a.toArray(), b.toArray()]).toEqual([
      [10, 20],
      [9, 18],
    ]);
  });

  test("has every operation of its terms", () => {
    const all = formula(["x"], ["n"], ({ x }, { n }) => ({
      x: x
        .abs()
        .add(n)
        .sub(1)
        .mul(4)
        .div(2)
        .sqrt()
        .maximum(2)
        .minimum(n)
        .neg()
        .square()
        .add(x.sign()),
    }));
    const x = array([-7, 9, 0.25], { dtype: "float64" });
    all({ x }, { n: 3 });
    const byHand = (x: number): number =>
      (-Math.min(Math.max(Math.sqrt(((Math.abs(x) + 3 - 1) * 4) / 2), 2), 3)) ** 2 + Math.sign(x);
    expect(x.toArray()).toEqual([-7, 9, 0.25].map(byHand));
  });

  test("takes numbers in double precision among themselves", () => {
    const f = formula(["x"], ["n"], ({ x }, { n }) => ({ x: x.mul(n.sub(1)) }));
    const x = array([1]);
    f({ x }, { n: 1 + 2 ** -40 });
    expect(x.item()).toBe(2 ** -40);
  });

  test("leaves no array behind, and marks what it wrote as changed", () => {
    const [a, b] = [ones([2, 3]), zeros([2, 3])];
    const before = memory().buffers;
    const versions = [a.storage.version, b.storage.version];
    swapAndScale({ a, b }, { scale: 1 });
    expect(memory().buffers).toBe(before);
    expect([a.storage.version, b.storage.version]).toEqual(versions.map((version) => version + 1));
  });

  test("writes through views", () => {
    const x = zeros([2, 3]);
    const set = formula(["a"], ["n"], ({ a }, { n }) => ({ a: a.add(n) }));
    set({ a: x.slice(":", 1) }, { n: 5 });
    expect(x.toArray()).toEqual([
      [0, 5, 0],
      [0, 5, 0],
    ]);
  });

  test("refuses arrays that do not go together", () => {
    const go = (a: NDArray = ones([2]), b: NDArray = ones([2])) => {
      swapAndScale({ a, b }, { scale: 1 });
    };
    expect(() => go(ones([2]), ones([3]))).toThrow("formula: a is [2], b is [3]");
    expect(() => go(ones([2]), ones([2], { dtype: "float64" }))).toThrow(
      "formula: a is float32, b is float64\nConvert with astype(...).",
    );
    const whole = ones([2], { dtype: "int32" });
    expect(() => go(whole, whole)).toThrow("formula: arrays are float32 or float64, a is int32");
    const elsewhere = ones([2], { backend: createReferenceBackend() });
    expect(() => go(ones([2]), elsewhere)).toThrow("formula: arrays are on two backends");
    const freed = ones([2]);
    freed.dispose();
    expect(() => go(freed)).toThrow("formula");
  });
});
