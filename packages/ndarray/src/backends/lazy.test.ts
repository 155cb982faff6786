import { describe, expect, test } from "vitest";
import {
  arange,
  array,
  type Backend,
  createLazyBackend,
  createReferenceBackend,
  fromTypedArray,
  memory,
  type NDArray,
  ones,
  Philox,
  scope,
  zeros,
} from "../index.ts";
import { conformanceCases, testBackend } from "../testing/index.ts";

/** A lazy backend, and the kernels that were run below it. */
function counted(): { backend: Backend; calls: string[]; inner: Backend; live: () => number } {
  const reference = createReferenceBackend();
  const calls: string[] = [];
  let live = 0;
  const inner = new Proxy(reference, {
    get(target, name: keyof Backend) {
      const found = target[name];
      if (typeof found !== "function") return found;
      return (...args: never[]) => {
        if (name === "alloc") live++;
        else if (name === "free") live--;
        else if (name !== "upload" && name !== "readSync" && name !== "read") calls.push(name);
        return (found as (...args: never[]) => unknown).apply(target, args);
      };
    },
    ownKeys: (target) => Reflect.ownKeys(target),
  });
  return { backend: createLazyBackend(inner), calls, inner, live: () => live };
}

const late = {
  reason: "positions and pivots are looked at when values are read, which is tested below",
  cases: conformanceCases.map(({ name }) => name).filter((name) => name.includes("refuses")),
};
testBackend(createLazyBackend, { describe, test, skip: [late] });

describe("a lazy backend", () => {
  test("computes nothing until values are read, then each once", () => {
    const { backend, calls } = counted();
    const x = fromTypedArray(Float32Array.of(1, 4, 9), [3], { backend });
    const y = x.sqrt().add(1).reshape([3, 1]);
    expect([y.shape, y.dtype]).toEqual([[3, 1], "float32"]);
    expect(calls).toEqual([]);
    expect(y.toArray()).toEqual([[2], [3], [4]]);
    expect(calls).toEqual(["unary", "binary"]);
    expect(y.sum().item()).toBe(9);
    expect(String(y)).toBe("[[2.]\n [3.]\n [4.]]");
    expect(calls).toEqual(["unary", "binary", "reduce"]);
  });

  test("computes only what is asked for", () => {
    const { backend, calls } = counted();
    const x = ones([3], { backend });
    const wanted = x.mul(2);
    x.exp();
    x.log();
    expect(wanted.toArray()).toEqual([2, 2, 2]);
    expect(calls).toEqual(["fill", "binary"]);
  });

  test("keeps the order of writing and reading", () => {
    const { backend } = counted();
    const x = array([1, 2, 3], { backend });
    const before = x.mul(10);
    x.assign(7);
    const between = x.add(1);
    x.slice([0, 1]).assign(x.slice([1, 2]).add(1));
    const view = x.flip();
    x.slice(2).fill(5);
    expect(view.toArray()).toEqual([5, 7, 8]);
    expect(before.toArray()).toEqual([10, 20, 30]);
    expect(between.toArray()).toEqual([8, 8, 8]);
    expect(x.toArray()).toEqual([8, 7, 5]);
  });

  test("drops what was freed unread, and what was made for it alone", () => {
    const { backend, calls, live } = counted();
    const x = array([1, 2, 3], { backend });
    scope(() => {
      x.exp().log().sum();
    });
    const y = x.add(1);
    expect(y.toArray()).toEqual([2, 3, 4]);
    expect(calls).toEqual(["binary"]);
    expect(live()).toBe(2);
    y.dispose();
    x.dispose();
    expect(live()).toBe(0);
    expect(memory(backend)).toMatchObject({ buffers: 0, bytes: 0 });
  });

  test("keeps what was freed for as long as something waits for it", () => {
    const { backend, live } = counted();
    const y = scope(() => {
      const x = array([1, 2, 3], { backend });
      return x.exp().mul(x);
    });
    expect(y.toArray()).toEqual([1, 2, 3].map((x) => Math.fround(Math.fround(Math.exp(x)) * x)));
    expect(live()).toBe(1);
  });

  test("does not fill up in a loop that writes in place and reads nothing", () => {
    const { backend, calls, live } = counted();
    const x = zeros([2], { backend });
    for (let i = 0; i < 1000; i++) scope(() => x.assign(x.mul(0.5).add(1)));
    expect(calls).toEqual([]);
    expect(x.toArray()).toEqual([2, 2]);
    expect(live()).toBe(1);
    for (let i = 0; i < 1000; i++) scope(() => void x.exp());
    expect(live()).toBe(1);
  });

  test("may have a long chain to compute", () => {
    const backend = createLazyBackend();
    let x: NDArray = ones([1], { backend });
    for (let i = 0; i < 50_000; i++) x = x.add(1);
    expect(x.item()).toBe(50_001);
  });

  test("knows errors of shape at once, and those of values when it computes", () => {
    const backend = createLazyBackend();
    const x = arange(3, undefined, undefined, { backend });
    expect(() => x.add(ones([2], { backend }))).toThrow("shapes [3] and [2] do not broadcast");
    const picked = x.gather(0, array([5], { dtype: "int32", backend }));
    expect(picked.shape).toEqual([1]);
    expect(() => picked.toArray()).toThrow("gather");
    expect(() => picked.toArray()).toThrow("gather");
    expect(x.toArray()).toEqual([0, 1, 2]);
  });

  test("draws the random numbers of the moment of the call", async () => {
    const { backend, calls } = counted();
    const [lazy, eager] = [new Philox(1), new Philox(1)];
    const [a, b] = [lazy.uniform([3], { backend }), lazy.uniform([3], { backend })];
    expect(calls).toEqual([]);
    const first = eager.uniform([3]).toArray();
    expect(await b.data()).toEqual(eager.uniform([3]).toTypedArray());
    expect(a.toArray()).toEqual(first);
  });

  test("is named after what is below", () => {
    expect(createLazyBackend().name).toBe("lazy reference");
    const { backend, inner } = counted();
    expect(backend.name).toBe("lazy reference");
    expect(() => ones([1], { backend }).add(ones([1], { backend: inner }))).toThrow(
      "add: arrays are on two backends, lazy reference and reference",
    );
  });
});
