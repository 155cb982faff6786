/**
 * What is allocated and freed is accounted for to the byte, memory grows, and when it is full
 * arrays go elsewhere and stay right.
 */
import { array, empty, full, memory as liveMemory, MemoryError, ones } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test, vi } from "vitest";
import { createWasmBackend, createWasmBackendSync } from "./index.ts";
import { type Block, LinearMemory } from "./memory.ts";

const mebibyte = 2 ** 20;

describe("the allocator", () => {
  test("rounds sizes up to 64 bytes, and larger ones by at most an eighth", () => {
    const memory = new LinearMemory(512 * mebibyte, () => {});
    for (const size of [0, 1, 16, 17, 250, 1000, 4097, 100_000, 3_000_001]) {
      const before = memory.statistics.usedBytes;
      const block = memory.alloc("float32", size);
      const taken = memory.statistics.usedBytes - before;
      expect(block.pointer % 64).toBe(0);
      expect(taken % 64).toBe(0);
      expect(taken).toBeGreaterThanOrEqual(4 * size);
      expect(taken).toBeLessThanOrEqual(Math.max(64, 4 * size * 1.125 + 64));
    }
  });

  test("gives freed blocks out again and forgets nothing", () => {
    const memory = new LinearMemory(64 * mebibyte, () => {});
    const sizes = [1, 100, 1000, 5000, 70_000];
    const first = sizes.map((size) => memory.alloc("float32", size));
    const { usedBytes } = memory.statistics;
    const pointers = first.map((block) => block.pointer);
    for (const block of first) memory.free(block);
    expect(memory.statistics).toMatchObject({ usedBytes: 0, freeBytes: usedBytes });
    const second = sizes.map((size) => memory.alloc("float32", size));
    expect(second.map((block) => block.pointer)).toEqual(pointers);
    expect(memory.statistics).toMatchObject({ usedBytes, freeBytes: 0 });
  });

  test("never hands out overlapping blocks in a long random run near its limit", () => {
    const memory = new LinearMemory(4 * mebibyte, () => {});
    const live: Block[] = [];
    let seed = 1;
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed % n;
    };
    for (let i = 0; i < 5000; i++) {
      if (live.length > 0 && random(100) < 48) memory.free(live.splice(random(live.length), 1)[0]!);
      else live.push(memory.alloc("uint8", random(60_000)));
      if (i % 100 !== 0) continue;
      const inside = live
        .filter((block) => block.pointer > 0)
        .sort((a, b) => a.pointer - b.pointer);
      inside.forEach((block, j) => {
        const next = inside[j + 1]?.pointer ?? memory.statistics.reservedBytes;
        expect(block.pointer + block.size).toBeLessThanOrEqual(next);
      });
    }
    for (const block of live) memory.free(block);
    expect(memory.statistics).toMatchObject({ usedBytes: 0, outsideBytes: 0 });
    // All of it can be had in one piece again.
    const whole = memory.alloc("uint8", 3 * mebibyte);
    expect(whole.pointer).toBeGreaterThan(0);
  });

  test("freeing a block twice does nothing the second time", () => {
    const memory = new LinearMemory(4 * mebibyte, () => {});
    const block = memory.alloc("float32", 10);
    memory.free(block);
    memory.free(block);
    expect(memory.alloc("float32", 10).pointer).not.toBe(memory.alloc("float32", 10).pointer);
  });
});

describe("growth", () => {
  test("leaves the arrays there were as they were", async () => {
    const backend = await createWasmBackend();
    const small = array([1, 2, 3], { backend });
    const uploaded = small.toTypedArray();
    const before = backend.info().reservedBytes;
    const large = full([20_000_000], 2, { backend });
    expect(backend.info().reservedBytes).toBeGreaterThan(before);
    expect(small.toTypedArray()).toEqual(uploaded);
    assertClose(small.exp(), [Math.exp(1), Math.exp(2), Math.exp(3)]);
    expect(large.sum().item()).toBe(40_000_000);
  });

  test("reaches beyond two gigabytes, where addresses are negative as signed integers", async () => {
    const backend = await createWasmBackend();
    const fill = empty([530_000_000], { backend, dtype: "float32" });
    const far = array(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { backend },
    );
    expect((far.storage.buffer as Block).pointer).toBeGreaterThan(2 ** 31 - 30_000_000);
    const farther = empty([10_000_000], { backend });
    const x = array(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { backend },
    );
    expect((x.storage.buffer as Block).pointer).toBeGreaterThan(2 ** 31);
    expect(x.add(1).sum().item()).toBe(27);
    expect([...x.transpose().add(0).toTypedArray()]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...x.sum(0).toTypedArray()]).toEqual([5, 7, 9]);
    expect(x.eq(x).all().item()).toBe(1);
    for (const y of [fill, far, farther, x]) y.dispose();
  });
});

describe("a full memory", () => {
  test("hands out JavaScript arrays, says so once, and computes on", async () => {
    const onWarning = vi.fn();
    const backend = await createWasmBackend({ maxBytes: 2 * mebibyte, onWarning });
    const kept = Array.from({ length: 8 }, (_, i) => full([100_000], i, { backend }));
    expect(onWarning).toHaveBeenCalledTimes(1);
    expect(onWarning.mock.calls[0]![0]).toMatchInlineSnapshot(
      `"needle: the WebAssembly memory of 2 MiB is full; further arrays live in JavaScript memory, where operations are slower."`,
    );
    expect(backend.info().outsideBytes).toBeGreaterThan(0);
    // One operand inside, one outside; elementwise, reductions, products, indexing.
    const [inside, outside] = [kept[0]!, kept[7]!];
    expect(inside.add(outside).sum().item()).toBe(700_000);
    assertClose(outside.reshape([1000, 100]).softmax().sum(1).slice([0, 3]), [1, 1, 1]);
    assertClose(
      outside
        .reshape([100, 1000])
        .matmul(ones([1000, 1], { backend }))
        .slice([0, 2]),
      [[7000], [7000]],
    );
    for (const x of kept) x.dispose();
  });

  test("is used again once something was freed", async () => {
    const backend = await createWasmBackend({ maxBytes: 2 * mebibyte, onWarning: () => {} });
    const first = full([400_000], 1, { backend });
    const second = full([400_000], 2, { backend });
    expect(backend.info().outsideBytes).toBe(1_600_000);
    first.dispose();
    second.dispose();
    const before = backend.info();
    expect(before).toMatchObject({ outsideBytes: 0, usedBytes: 0 });
    const third = full([300_000], 3, { backend });
    expect(backend.info().outsideBytes).toBe(0);
    expect(third.sum().item()).toBe(900_000);
  });
});

describe("freed buffers", () => {
  test("an array used after dispose() says which", async () => {
    const backend = await createWasmBackend();
    const x = ones([2, 3], { backend });
    x.dispose();
    expect(() => x.exp()).toThrowErrorMatchingInlineSnapshot(`
      [MemoryError: exp: the array float32 [2,3] was freed by dispose()
      Return it from there, or call keep() on it before that ends.]
    `);
  });

  test("a kernel called on a freed buffer refuses", () => {
    const backend = createWasmBackendSync();
    const buffer = backend.alloc("float32", 4);
    const x = { buffer, dtype: "float32" as const, shape: [4], strides: [1], offset: 0 };
    backend.free(buffer);
    expect(() => backend.unary("exp", x, x)).toThrow(MemoryError);
    expect(() => backend.unary("exp", x, x)).toThrowErrorMatchingInlineSnapshot(`
      [MemoryError: exp: a buffer of float32 [4] was freed before this call
      Free buffers only after their last use.]
    `);
  });

  test("temporaries of kernels are given back", async () => {
    const backend = await createWasmBackend();
    const x = ones([64, 48, 3], { backend });
    const before = backend.info().usedBytes;
    const results = [
      x.transpose().add(x.transpose()),
      x.softmax(0),
      x.logsumexp([0, 2]),
      x.sum([0, 2]),
      x.transpose().exp(),
    ];
    for (const result of results) result.dispose();
    expect(backend.info().usedBytes).toBe(before);
    expect(liveMemory(backend).buffers).toBe(1);
  });
});
