import { NeedleError } from "@needle/ndarray";
import { describe, expect, expectTypeOf, test } from "vitest";
import { enableGrad, isRecording, noGrad, type Tensor, tensor } from "./index.ts";

const x = tensor([1, 2], { requiresGrad: true });

describe("noGrad", () => {
  test("gives results that ask for no gradient", () => {
    const y = noGrad(() => x.mul(2));
    expect(y.requiresGrad).toBe(false);
    expect(y.isLeaf).toBe(true);
    expect(y.toArray()).toEqual([2, 4]);
  });

  test("nests, and ends where it began", () => {
    expect(isRecording()).toBe(true);
    noGrad(() => {
      expect(isRecording()).toBe(false);
      noGrad(() => expect(isRecording()).toBe(false));
      expect(isRecording()).toBe(false);
    });
    expect(isRecording()).toBe(true);
  });

  test("ends with an exception, too", () => {
    const fail = (): never => {
      throw new Error("inside");
    };
    expect(() => noGrad(fail)).toThrow("inside");
    expect(isRecording()).toBe(true);
    expect(() => enableGrad(() => noGrad(fail))).toThrow("inside");
    expect(isRecording()).toBe(true);
  });

  test("refuses asynchronous functions", () => {
    expect(() => noGrad(async () => x.mul(2))).toThrow(
      new NeedleError(
        "noGrad",
        "the function is asynchronous",
        "Await outside, or call keep() on what you need later.",
      ),
    );
    expect(isRecording()).toBe(true);
  });

  test("frees what it makes and does not return", () => {
    let inner: Tensor | undefined;
    const [y] = noGrad(() => {
      inner = x.mul(2);
      return [inner.add(1)];
    });
    expect(y!.toArray()).toEqual([3, 5]);
    expect(() => inner!.add(1)).toThrow("add: the array float32 [2] was freed by noGrad");
  });

  test("returns what the function returns", () => {
    expect(noGrad(() => 3)).toBe(3);
    expectTypeOf(noGrad(() => x.mul(2))).toEqualTypeOf<Tensor>();
    expectTypeOf(noGrad(() => ({ a: x, n: 1 }))).toEqualTypeOf<{ a: Tensor; n: number }>();
  });

  test("leaves leaves that are made in it asking for gradients", () => {
    const leaf = noGrad(() => tensor([1], { requiresGrad: true }));
    expect(leaf.requiresGrad).toBe(true);
    leaf.mul(2).backward();
    expect(leaf.grad!.toArray()).toEqual([2]);
  });
});

describe("enableGrad", () => {
  test("records inside noGrad", () => {
    const y = noGrad(() => enableGrad(() => x.mul(2)));
    expect(y.requiresGrad).toBe(true);
    y.backward();
    expect(x.grad!.toArray()).toEqual([2, 2]);
    x.resetGrad();
    expect(isRecording()).toBe(true);
  });

  test("ends with an exception, too", () => {
    noGrad(() => {
      expect(() =>
        enableGrad(() => {
          throw new Error("inside");
        }),
      ).toThrow("inside");
      expect(isRecording()).toBe(false);
    });
  });
});
