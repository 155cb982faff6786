/** How calls are cut, and what becomes of parts whose worker fails; the kernels here are JavaScript. */
import { NeedleError } from "@needle/ndarray";
import { describe, expect, test, vi } from "vitest";
import type { Kernel } from "./module.ts";
import { type Cut, Pool, type PoolOptions } from "./pool.ts";

type Control = Int32Array<SharedArrayBuffer>;

/** Words of the control block, as `worker.js` has them. */
const [threadWords, partWords] = [96, 128];

/** A pool whose workers say that they are ready and then do only what the test does for them. */
function poolOf(
  kernel: Kernel,
  threads: number,
  options: Partial<PoolOptions> = {},
): { pool: Pool; words: () => Control; terminate: () => void } {
  let words: Control | null = null;
  const terminate = vi.fn();
  const pool = new Pool(
    { kernel },
    {
      ...{ threads, reason: null, grainScale: 1, patience: 2 },
      start(thread, control) {
        words = new Int32Array(control);
        Atomics.store(words, threadWords + thread, 2);
        return { terminate };
      },
      ...options,
    },
  );
  // Starts them.
  pool.split(kernel, 1000, 1, () => [0, 0]);
  return { pool, words: () => words!, terminate };
}

/** The ranges that a kernel was called on. */
function rangesOf(threads: number, count: number, grain: number, cut?: Cut): [number, number][] {
  const ranges: [number, number][] = [];
  const kernel: Kernel = (first, size) => ranges.push([first!, size!]);
  const { pool } = poolOf(kernel, threads);
  ranges.length = 0;
  pool.split(kernel, count, grain, (first, size) => [first, size], cut);
  return ranges.sort((a, b) => a[0] - b[0]);
}

describe("parts", () => {
  test("cover all units once and begin at multiples", () => {
    for (const threads of [2, 3, 8])
      for (const count of [1, 2, 7, 16, 100, 1003])
        for (const grain of [0.1, 1, 3, 50])
          for (const align of [1, 8, 12]) {
            const ranges = rangesOf(threads, count, grain, { align });
            let end = 0;
            for (const [first, size] of ranges) {
              expect(first).toBe(end);
              expect(first % align).toBe(0);
              expect(size).toBeGreaterThan(0);
              end += size;
            }
            expect(end).toBe(count);
          }
  });

  test("are as many as the grain allows, four for a thread at most", () => {
    expect(rangesOf(2, 100, 51)).toHaveLength(1);
    expect(rangesOf(2, 100, 50)).toHaveLength(2);
    expect(rangesOf(2, 100, 10)).toHaveLength(8);
    expect(rangesOf(2, 100, 10, { perThread: 1 })).toHaveLength(2);
    expect(rangesOf(32, 1000, 1)).toHaveLength(32);
  });

  test("give the bits of all results", () => {
    const kernel: Kernel = (first) => 1 << (first! / 25);
    const { pool } = poolOf(kernel, 2);
    expect(pool.split(kernel, 100, 25, (first) => [first])).toBe(0b1111);
  });

  test("are one on a single thread, which has no control block", () => {
    const kernel = vi.fn((first: number, size: number) => first + size) as Kernel;
    const start = vi.fn();
    const pool = new Pool({ kernel }, { threads: 1, reason: null, start });
    expect(pool.split(kernel, 10_000, 1, (first, size) => [first, size])).toBe(10_000);
    expect(kernel).toHaveBeenCalledTimes(1);
    expect(start).not.toHaveBeenCalled();
  });
});

describe("a worker that dies in the middle of a part", () => {
  /** As the first part begins, worker 1 takes the last and is never heard of again. */
  function losePart(cut: Cut): { sum: () => number; terminate: () => void; words: () => Control } {
    let isLost = true;
    let sum = 0;
    const kernel: Kernel = (first, size) => {
      if (first === 0 && size! > 0 && isLost) {
        isLost = false;
        expect(Atomics.compareExchange(words(), partWords + 3, 0, 1)).toBe(0);
      }
      sum += size!;
      return 0;
    };
    const { pool, words, terminate } = poolOf(kernel, 2);
    return {
      sum() {
        pool.split(kernel, 100, 25, (first, size) => [first, size], cut);
        return sum;
      },
      terminate,
      words,
    };
  }

  test("is replaced, and its part computed anew where that is possible", () => {
    const { sum, terminate, words } = losePart({ repeatable: true });
    expect(sum()).toBe(100);
    expect(terminate).toHaveBeenCalledTimes(1);
    expect(Atomics.load(words(), threadWords + 1)).toBe(0);
    expect(sum()).toBe(200);
    expect(Atomics.load(words(), threadWords + 1)).toBe(2);
  });

  test("is an error where the operands have changed; the next call is right", () => {
    const { sum } = losePart({});
    expect(sum).toThrow(NeedleError);
    expect(sum()).toBe(175);
    expect(() => losePart({}).sum()).toThrowErrorMatchingInlineSnapshot(`
      [NeedleError: wasm: a worker thread died in the middle of an operation that changes its operands
      Their values are lost; load them anew. The next operation starts another worker.]
    `);
  });
});

test("a kernel that throws does so after all parts have ended, and the pool goes on", () => {
  let fails = true;
  const kernel: Kernel = (first) => {
    if (first === 50 && fails) throw new Error("trap");
    return 0;
  };
  const { pool } = poolOf(kernel, 2);
  expect(() => pool.split(kernel, 100, 25, (first) => [first])).toThrow("trap");
  fails = false;
  expect(pool.split(kernel, 100, 25, (first) => [first])).toBe(0);
});

test("where workers cannot be started, there is one thread and a reason", () => {
  const kernel: Kernel = () => 7;
  const onLoss = vi.fn();
  const start = vi.fn(() => {
    throw new Error("blocked by policy");
  });
  const pool = new Pool({ kernel }, { threads: 4, reason: null, start, onLoss });
  expect(pool.split(kernel, 1000, 1, () => [])).toBe(7);
  expect(pool.split(kernel, 1000, 1, () => [])).toBe(7);
  expect(start).toHaveBeenCalledTimes(1);
  expect(pool.threads).toBe(1);
  expect(pool.reason).toBe("workers cannot be started here: blocked by policy");
  expect(onLoss.mock.calls).toEqual([["workers cannot be started here: blocked by policy"]]);
});

test("workers that end before they are ready are started three times", () => {
  const kernel: Kernel = () => 0;
  const ends: ((why: string) => void)[] = [];
  const start: PoolOptions["start"] = (_thread, _control, ended) => {
    ends.push(ended);
    return { terminate() {} };
  };
  const pool = new Pool({ kernel }, { threads: 2, reason: null, start });
  for (let i = 0; i < 5; i++) {
    pool.split(kernel, 1000, 1, () => []);
    ends[i]?.("no such file");
  }
  expect(ends).toHaveLength(3);
  expect(pool).toMatchObject({
    threads: 1,
    reason: "workers cannot be started here: no such file",
  });
});
