import { afterEach, describe, expect, test } from "vitest";
import {
  arange,
  createReferenceBackend,
  createShapeOnlyBackend,
  defaultBackend,
  idle,
  MemoryError,
  memory,
  ones,
  resetPeakMemory,
  setDefaultBackend,
  zeros,
} from "./index.ts";

const initial = defaultBackend();
afterEach(() => setDefaultBackend(initial));

describe("memory", () => {
  test("counts buffers and bytes, alive and in all", () => {
    const backend = createReferenceBackend();
    expect(memory(backend)).toEqual({ buffers: 0, bytes: 0, peakBytes: 0, allocatedBytes: 0 });
    const x = zeros([3], { backend });
    const y = zeros([2, 2], { backend, dtype: "float64" });
    const z = zeros([5], { backend, dtype: "bool" });
    zeros([0], { backend }).keep();
    expect(memory(backend)).toMatchObject({ buffers: 4, bytes: 12 + 32 + 5, allocatedBytes: 49 });
    y.dispose();
    expect(memory(backend)).toMatchObject({ buffers: 3, bytes: 17, allocatedBytes: 49 });
    for (const array of [x, z]) array.dispose();
    expect(memory(backend)).toEqual({ buffers: 1, bytes: 0, peakBytes: 49, allocatedBytes: 49 });
  });

  test("keeps the most bytes that were alive at once, until told to begin anew", () => {
    const backend = createReferenceBackend();
    const x = zeros([3], { backend });
    zeros([10], { backend }).dispose();
    zeros([5], { backend }).dispose();
    expect(memory(backend).peakBytes).toBe(12 + 40);
    resetPeakMemory(backend);
    expect(memory(backend).peakBytes).toBe(12);
    zeros([5], { backend }).dispose();
    expect(memory(backend).peakBytes).toBe(12 + 20);
    x.dispose();
  });

  test("is that of the default backend unless told", () => {
    const backend = createReferenceBackend();
    setDefaultBackend(backend);
    ones([4]).keep();
    expect(memory()).toEqual(memory(backend));
    expect(memory().buffers).toBe(1);
    expect(memory(createReferenceBackend()).buffers).toBe(0);
  });

  test("is given back to the backend once, by the last owner", () => {
    const freed: unknown[] = [];
    const backend = {
      ...createReferenceBackend(),
      free: (buffer: unknown) => void freed.push(buffer),
    };
    const x = zeros([4], { backend });
    const { buffer } = x.storage;
    const [row, column] = [x.slice("::2"), x.reshape([4, 1])];
    x.dispose();
    x.dispose();
    row.dispose();
    expect(freed).toEqual([]);
    expect(column.shape).toEqual([4, 1]);
    column.dispose();
    expect(freed).toEqual([buffer]);
  });
});

describe("views", () => {
  test("keep the memory alive when the array they show is freed", () => {
    const backend = createReferenceBackend();
    const x = ones([2, 3], { backend });
    const row = x.slice(0);
    x.dispose();
    expect(() => x.slice(1)).toThrow(MemoryError);
    expect(row.toArray()).toEqual([1, 1, 1]);
    expect(memory(backend).buffers).toBe(1);
    row.dispose();
    expect(memory(backend).buffers).toBe(0);
  });
});

describe("dispose", () => {
  test("twice does nothing the second time", () => {
    const backend = createReferenceBackend();
    const x = ones([2], { backend });
    const other = x.slice();
    x.dispose();
    x.dispose();
    expect(other.toArray()).toEqual([1, 1]);
    expect(memory(backend).buffers).toBe(1);
  });

  test("is what `using` does at the end of a block", () => {
    const backend = createReferenceBackend();
    {
      using x = ones([2], { backend });
      expect(x.sum().item()).toBe(2);
    }
    const x = ones([2], { backend });
    x[Symbol.dispose]();
    expect(() => x.item()).toThrow(MemoryError);
  });
});

describe("owners", () => {
  test("added by retain keep an array usable after its handle is gone, until they release it", () => {
    const backend = createReferenceBackend();
    const x = ones([2], { backend });
    x.retain();
    x.retain();
    x.dispose();
    expect(x.toArray()).toEqual([1, 1]);
    x.release("backward()");
    expect(x.toArray()).toEqual([1, 1]);
    x.release("backward()");
    expect(() => x.toArray()).toThrow("toArray: the array float32 [2] was freed by backward()");
    expect(memory(backend).buffers).toBe(0);
  });

  test("may all be gone before the handle: it is an owner too", () => {
    const x = ones([2]);
    x.retain();
    x.release("backward()");
    expect(x.toArray()).toEqual([1, 1]);
    x.dispose();
    expect(() => x.toArray()).toThrow(MemoryError);
  });
});

/** A turn of the event loop: engines tell of collections between turns. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

describe("idle", () => {
  test("bounds a loop that drops its arrays without a word", async () => {
    // Nothing is stored, so that a step costs nothing but the bookkeeping: 16 MB of it.
    const backend = createShapeOnlyBackend();
    setDefaultBackend(backend);
    let peak = 0;
    for (let step = 0; step < 60; step++) {
      zeros([4 * 2 ** 20])
        .mul(step)
        .add(1);
      await idle();
      peak = Math.max(peak, memory().bytes);
    }
    expect(memory().allocatedBytes).toBe(60 * 3 * 16 * 2 ** 20);
    expect(peak).toBeLessThan(512 * 2 ** 20);
  });

  test("spares what is still held", async () => {
    const backend = createReferenceBackend();
    setDefaultBackend(backend);
    const kept = arange(3);
    const view = zeros([100]).slice("::10");
    zeros([80 * 2 ** 20], { backend: createShapeOnlyBackend() });
    await idle();
    await turn();
    expect(kept.toArray()).toEqual([0, 1, 2]);
    expect(view.size).toBe(10);
    expect(memory().buffers).toBe(2);
  });

  test("leaves nothing of arrays that were freed in time", async () => {
    setDefaultBackend(createReferenceBackend());
    const heapAfter = async (): Promise<number> => {
      // More than are watched later: by then most are watched.
      for (let round = 0; round < 200; round++) {
        const arrays = Array.from({ length: 500 }, () => zeros([1]));
        for (const array of arrays) array.dispose();
      }
      zeros([80 * 2 ** 20], { backend: createShapeOnlyBackend() });
      await idle();
      await turn();
      return process.memoryUsage().heapUsed;
    };
    const before = await heapAfter();
    expect(await heapAfter()).toBeLessThan(before + 4e6);
  });

  test("returns the small arrays that were made last, too", async () => {
    setDefaultBackend(createReferenceBackend());
    for (let i = 0; i < 10; i++) zeros([3]);
    zeros([80 * 2 ** 20], { backend: createShapeOnlyBackend() });
    expect(memory().buffers).toBe(10);
    await idle();
    await turn();
    expect(memory().buffers).toBe(0);
  });

  test("does not wait when little was allocated", async () => {
    let turns = 0;
    const timer = setImmediate(() => {
      turns += 1;
    });
    for (let i = 0; i < 100; i++) await idle();
    expect(turns).toBe(0);
    clearImmediate(timer);
  });
});
