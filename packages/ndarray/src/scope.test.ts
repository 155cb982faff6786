import { afterEach, describe, expect, test } from "vitest";
import {
  arange,
  createReferenceBackend,
  heldArrays,
  MemoryError,
  memory,
  type NDArray,
  NeedleError,
  ones,
  scope,
  setDefaultBackend,
  zeros,
} from "./index.ts";

// Every test counts on a backend of its own.
let backend = createReferenceBackend();
setDefaultBackend(backend);
afterEach(() => {
  backend = createReferenceBackend();
  setDefaultBackend(backend);
});

function live(): number {
  return memory(backend).buffers;
}

describe("scope", () => {
  test("frees what was made inside and not returned", () => {
    const result = scope(() => ones([3]).add(1).mul(2).sum());
    expect(result.item()).toBe(12);
    expect(live()).toBe(1);
  });

  test.each<[string, (x: NDArray, y: NDArray) => unknown]>([
    ["an array", (x, y) => [x, y]],
    ["an object, deep", (x, y) => ({ a: { b: [x] }, c: y })],
    [
      "a map",
      (x, y) =>
        new Map([
          ["x", x],
          ["y", y],
        ]),
    ],
    ["a set", (x, y) => new Set([x, y])],
    ["an object that names what it holds", (x, y) => ({ [heldArrays]: () => [x, y] })],
    [
      "an object that refers to itself",
      (x, y) => {
        const self: Record<string, unknown> = { x, y };
        self.self = self;
        return self;
      },
    ],
    [
      "the fields of a class",
      (x, y) =>
        new (class {
          first = x;
          second = [y];
        })(),
    ],
  ])("lets arrays escape in %s", (_, wrap) => {
    const arrays: NDArray[] = [];
    scope(() => {
      arrays.push(zeros([2]), ones([2]));
      ones([9]);
      return wrap(arrays[0]!, arrays[1]!);
    });
    expect(live()).toBe(2);
    expect(arrays.map((x) => x.toArray())).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test("lets arrays escape in what survivors names", () => {
    const layer: { mean: NDArray | null } = { mean: null };
    scope(
      () => {
        layer.mean = zeros([2]).add(1);
      },
      { survivors: () => layer },
    );
    expect(live()).toBe(1);
    expect(layer.mean!.toArray()).toEqual([1, 1]);
  });

  test("does not free what was made outside", () => {
    const x = zeros([2]);
    scope(() => void x.add(1));
    expect(x.toArray()).toEqual([0, 0]);
    expect(live()).toBe(1);
  });

  test("returns what the function returns, arrays or not", () => {
    expect(scope(() => 7)).toBe(7);
    expect(scope(() => null)).toBeNull();
    expect(scope(() => ones([2]).sum().item())).toBe(2);
    expect(live()).toBe(0);
  });

  test("nests: what leaves an inner scope belongs to the outer one", () => {
    const kept = scope(() => {
      const inner = scope(() => ones([2]).add(1));
      expect(live()).toBe(1);
      return inner.mul(2);
    });
    expect(kept.toArray()).toEqual([4, 4]);
    expect(live()).toBe(1);
  });

  test("frees everything when the function throws, and lets the error through", () => {
    const error = new Error("mine");
    const run = (): unknown =>
      scope(() => {
        ones([2]).add(1);
        throw error;
      });
    expect(run).toThrow(error);
    expect(live()).toBe(0);
    ones([1]);
    expect(live()).toBe(1);
  });

  test("leaves arrays that were kept or freed by hand", () => {
    let kept: NDArray | undefined;
    scope(() => {
      kept = ones([2]).keep();
      zeros([2]).dispose();
    });
    expect(kept!.toArray()).toEqual([1, 1]);
    expect(live()).toBe(1);
    kept!.dispose();
    expect(live()).toBe(0);
  });

  test("keeps memory as long as a view of it escapes", () => {
    const row = scope(() => arange(6).reshape([2, 3]).slice(1));
    expect(row.toArray()).toEqual([3, 4, 5]);
    expect(live()).toBe(1);
    row.dispose();
    expect(live()).toBe(0);
  });

  test("refuses asynchronous functions, and does not leave their failure behind", async () => {
    const run = (): unknown =>
      scope(async () => {
        const x = ones([2]);
        await null;
        return x.sum();
      });
    const remedy = "Await outside, or call keep() on what you need later.";
    expect(run).toThrow(new NeedleError("scope", "the function is asynchronous", remedy));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(live()).toBe(0);
  });
});

describe("use after free", () => {
  test("names op, array, who freed it, and the remedy", () => {
    const remedy = "Return it from there, or call keep() on it before that ends.";
    let lost: NDArray | undefined;
    scope(() => {
      lost = zeros([2, 3]);
    });
    expect(() => lost!.add(1)).toThrow(
      new MemoryError("add", "the array float32 [2,3] was freed by scope", remedy),
    );
    scope(
      () => {
        lost = zeros([], { dtype: "int32" });
      },
      { label: "Linear.forward" },
    );
    expect(() => lost!.item()).toThrow(
      new MemoryError("item", "the array int32 [] was freed by Linear.forward", remedy),
    );
    const x = zeros([1]);
    x.dispose();
    expect(() => x.reshape([1])).toThrow(
      new MemoryError("reshape", "the array float32 [1] was freed by dispose()", remedy),
    );
    expect(() => zeros([1]).add(x)).toThrow(MemoryError);
    expect(() => String(x)).toThrow(MemoryError);
  });
});
