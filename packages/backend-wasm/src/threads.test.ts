/**
 * Threads change no bit of any result, begin and end by themselves, come back after a crash, and
 * are left out where they cannot be had.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  array,
  createReferenceBackend,
  dropoutMask,
  empty,
  full,
  manualSeed,
  type NDArray,
  ones,
  rand,
  randint,
  randn,
  setDefaultBackend,
  type View,
  zeros,
} from "@needle/ndarray";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bundleSources } from "../../../scripts/chromium.ts";
import type { WasmBackend } from "./backend.ts";
import { createTuned, createWasmBackend, type Tuning, type WasmOptions } from "./create.ts";
import { binaryOf } from "./module.ts";
import type { Pool } from "./pool.ts";
import { chooseThreads } from "./threads.ts";
import { runtime } from "./webassembly.ts";

interface Worker {
  on(event: "exit", listener: () => void): void;
  terminate(): Promise<number>;
}

interface Threaded {
  readonly backend: WasmBackend;
  readonly pool: Pool;
  readonly workers: Worker[];
  /** How many of the workers have ended. */
  ended(): number;
}

function threaded(options: WasmOptions, tuning: Tuning = {}): Threaded {
  const workers: Worker[] = [];
  let ended = 0;
  const made = createTuned(options, {
    ...tuning,
    started(handle) {
      const worker = handle as unknown as Worker;
      worker.on("exit", () => {
        ended += 1;
      });
      workers.push(worker);
    },
  });
  return { ...made, workers, ended: () => ended };
}

/** Waits for what other threads do, 20 seconds at most. */
async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition() && performance.now() < end) await sleep(5);
  expect(condition()).toBe(true);
}

/** Computes until a worker has done a part. */
async function untilHelped({ backend, pool }: Pick<Threaded, "backend" | "pool">): Promise<void> {
  const before = pool.helped;
  const x = full([300_000], 0.5, { backend });
  await until(() => {
    x.exp().dispose();
    return pool.helped > before;
  });
  x.dispose();
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  setDefaultBackend(createReferenceBackend());
});

/** Calls of every family, of sizes that are cut in every way. */
const programs: Record<string, () => NDArray[]> = {
  elementwise() {
    const x = randn([333, 1001]);
    const y = randn([1001]);
    return [x.exp(), x.tanh(), x.add(y), x.mul(2), x.gt(y), x.pow(3), x.abs().sqrt(), x.sin()];
  },
  "elementwise, other layouts"() {
    const x = randn([300, 200]);
    const deep = randn([3, 5, 7, 11, 13, 17]);
    return [
      x.transpose().add(1),
      x.add(x.slice([null, null, -1], [null, null, -1])),
      x.slice([null, null, 3]).exp(),
      x.reshape([300, 200, 1]).add(randn([1, 1, 7])),
      deep.permute([2, 0, 1, 5, 3, 4]).exp(),
      deep.transpose().add(0),
      x.add(randn([300, 1])),
      randn([3, 20_001]).add(randn([3, 1])),
    ];
  },
  "where, fill, copy"() {
    const x = randn([500, 400]);
    return [x.gt(0).where(x, 0), full([40_000], 3), x.astype("int32"), x.gt(0).astype("float32")];
  },
  reductions() {
    const x = randn([400, 333]);
    const y = randn([20, 150, 70]);
    return [
      ...[x.sum(), x.sum(0), x.sum(1), x.max(0), x.min(1), x.argmax(1), x.argmax(0), x.prod(0)],
      ...[y.sum(1), y.sum([0, 2]), y.sum([0, 1]), y.max(1), y.transpose().sum(0), y.mean()],
      ...[randn([7, 5000]).sum(0), randn([5000, 7]).sum(0), randn([200_001]).sum()],
    ];
  },
  "whole numbers, bytes and bools"() {
    const x = randint(-9, 9, [300, 333]);
    const bytes = x.astype("uint8");
    const bools = x.gt(3);
    return [
      ...[x.sum(0), x.prod(1), x.max(0), x.min(1), x.argmax(0), x.argmin(1), x.mul(x), x.add(7)],
      ...[bytes.add(bytes), bytes.mul(3), bytes.lt(9), bytes.max(0), bytes.argmin(1)],
      ...[
        bools.any(0),
        bools.all(1),
        bools.logicalXor(x.gt(0)),
        bools.sum(),
        bools.countNonzero(1),
      ],
      ...[bools.where(bytes, 1), randn([300, 333]).mul(99).astype("uint8"), x.astype("bool")],
    ];
  },
  "double precision"() {
    const x = randn([300, 333], { dtype: "float64" });
    return [
      ...[x.exp(), x.abs().log(), x.add(x), x.mul(0.1), x.gt(0), x.sum(0), x.sum(1), x.sum()],
      ...[x.max(0), x.mean(1), x.prod(0), x.matmul(x.transpose()), x.transpose().matmul(x)],
      ...[randn([6, 40, 33], { dtype: "float64" }).matmul(randn([33, 20], { dtype: "float64" }))],
    ];
  },
  "softmax and its kin"() {
    const x = randn([321, 150]);
    return [
      x.softmax(),
      x.logSoftmax(),
      x.logsumexp(1),
      x.softmax(0),
      randn([40, 9, 77]).softmax(),
    ];
  },
  products() {
    const cut = (m: number, k: number, n: number): NDArray => randn([m, k]).matmul(randn([k, n]));
    return [
      ...[cut(100, 784, 500), cut(500, 100, 10), cut(130, 600, 61), cut(61, 600, 130)],
      ...[cut(1, 1000, 1000), cut(1000, 1000, 1), cut(64, 64, 64), cut(7, 2000, 2500)],
      ...[
        randn([300, 200])
          .transpose()
          .matmul(randn([300, 90])),
      ],
      ...[randn([90, 300]).matmul(randn([70, 300]).transpose())],
    ];
  },
  "products with a bias"() {
    const layer = (m: number, k: number, n: number): NDArray =>
      randn([m, k]).affine(randn([k, n]), randn([n]), { activation: "relu" });
    return [layer(100, 784, 500), layer(1, 1000, 1000), layer(1000, 600, 1), layer(70, 600, 1300)];
  },
  "products of batches"() {
    const x = randn([6, 5, 40, 33]);
    return [
      x.matmul(randn([6, 5, 33, 20])),
      x.permute([1, 0, 2, 3]).matmul(randn([5, 6, 33, 20])),
      x.matmul(randn([33, 20])),
      randn([2, 150, 150]).matmul(randn([2, 150, 150])),
      randn([2, 3, 64, 64])
        .permute([1, 0, 3, 2])
        .matmul(randn([64, 64])),
    ];
  },
  indexing() {
    const x = randn([5000, 40]);
    const rows = randint(0, 5000, [3000]);
    const each = randint(0, 5000, [3000, 40]);
    const table = (): NDArray => zeros([5000, 40]);
    return [
      x.take(rows, 0),
      x.gather(0, each),
      table().scatterAdd(0, each, randn([3000, 40])),
      table().scatterAdd(0, rows.reshape([3000, 1]).broadcastTo([3000, 40]), randn([3000, 40])),
      zeros([100]).scatterAdd(0, randint(0, 100, [60_000]), randn([60_000])),
    ];
  },
  "random numbers"() {
    return [
      ...[rand([7]), rand([100_003]), rand([50_001]), randint(0, 9, [40_001]), randn([30_001])],
      ...[dropoutMask([100_003], 0.3), dropoutMask([50_001])],
    ];
  },
};

/** The bytes of all results of a program. */
function bytesOf(backend: WasmBackend, program: () => NDArray[]): Uint8Array[] {
  setDefaultBackend(backend);
  manualSeed(5);
  return program().map((x) => new Uint8Array(x.toTypedArray().buffer));
}

for (const deterministic of [false, true]) {
  describe(`one, two and three threads give the same bits, ${deterministic ? "strict" : "relaxed"}`, () => {
    const one = createTuned({ threads: 1, deterministic }).backend;
    const others = [2, 3].flatMap((threads) =>
      // As it is, and with the smallest calls shared, too.
      [1, 0].map((grainScale) => threaded({ threads, deterministic }, { grainScale })),
    );
    for (const [name, program] of Object.entries(programs)) {
      test(name, async () => {
        const wanted = bytesOf(one, program);
        for (const other of others) {
          await untilHelped(other);
          const before = other.pool.helped;
          // Again and again, until workers had a share in it.
          await until(() => {
            const found = bytesOf(other.backend, program);
            expect(found.map((bytes) => bytes.length)).toEqual(wanted.map(({ length }) => length));
            found.forEach((bytes, i) => {
              if (Buffer.compare(bytes, wanted[i]!) !== 0) expect.fail(`result ${i} differs`);
            });
            return other.pool.helped > before;
          });
        }
      });
    }
  });
}

describe("an optimizer's step", () => {
  test("has the same bits on two threads", async () => {
    const two = threaded({ threads: 2 }, { grainScale: 0 });
    await untilHelped(two);
    const [a, b] = [createTuned({ threads: 1 }).backend, two.backend].map((backend) => {
      const size = 50_003;
      const views = [1, 2, 3, 4].map((seed) => {
        const buffer = backend.alloc("float32", size);
        const data = Float32Array.from({ length: size }, (_, i) => Math.sin(i * seed) ** 2);
        backend.upload(buffer, "float32", data);
        return { buffer, dtype: "float32", shape: [size], strides: [1], offset: 0 } as const;
      });
      const [w, g, m, v] = views as unknown as [View, View, View, View];
      for (let steps = 1; steps <= 20; steps++) {
        const common = { lr: 0.01, weightDecay: 0.1 };
        backend.adamStep!(w, g, m, v, {
          ...common,
          beta1: 0.9,
          beta2: 0.99,
          eps: 1e-8,
          steps,
          decoupled: steps === 2,
        });
        backend.sgdStep!(w, g, m, { ...common, momentum: 0.9 });
        backend.sgdStep!(w, g, null, { ...common, momentum: 0 });
      }
      return views.map((view) => backend.readSync(view));
    });
    expect(b).toEqual(a);
  });
});

describe("workers", () => {
  test("start with the first call that is worth it", async () => {
    const { backend, workers, pool } = threaded({ threads: 3 });
    ones([100], { backend }).exp();
    expect(workers).toHaveLength(0);
    await untilHelped({ backend, pool });
    expect(workers).toHaveLength(2);
    expect(backend.info()).toMatchObject({ threads: 3, reason: null });
  });

  test("wake up after a pause", async () => {
    const two = threaded({ threads: 2 });
    await untilHelped(two);
    await sleep(100);
    await untilHelped(two);
    expect(two.workers).toHaveLength(1);
  });

  test("end after a long pause, and start again when they are needed", async () => {
    const two = threaded({ threads: 2 }, { idle: 50 });
    await untilHelped(two);
    await until(() => two.ended() === 1);
    await untilHelped(two);
    expect(two.workers).toHaveLength(2);
  });

  test("see memory that has grown since they started", async () => {
    const two = threaded({ threads: 2 }, { grainScale: 0 });
    await untilHelped(two);
    const before = two.pool.helped;
    const first = array([0], { dtype: "int32", backend: two.backend });
    for (let i = 1; i <= 15; i++) {
      const size = 1_000_000 * i;
      const x = full([size], i, { backend: two.backend });
      // Moved by memory.copy, which engines check against the size they know.
      const copied = x
        .slice([1, null])
        .add(0)
        .reshape([size - 1])
        .astype("int32");
      const moved = copied
        .slice([1, null])
        .reshape([1, size - 2])
        .take(first, 0);
      expect([moved.min().item(), moved.max().item()]).toEqual([i, i]);
      for (const dead of [x, copied, moved]) dead.dispose();
    }
    expect(two.pool.helped).toBeGreaterThan(before);
  });

  test("end with dispose(), after which arrays are still there", async () => {
    const two = threaded({ threads: 2 });
    await untilHelped(two);
    const x = full([50_000], 2, { backend: two.backend });
    two.backend.dispose();
    two.backend.dispose();
    await until(() => two.ended() === 1);
    expect(x.mul(3).sum().item()).toBe(300_000);
    expect(two.backend.info()).toMatchObject({
      threads: 1,
      reason: "the backend was disposed",
    });
    expect(two.workers).toHaveLength(1);
  });

  test("of backends that nobody holds any more end", async () => {
    let ended = 0;
    const count = 20;
    for (let i = 0; i < count; i++) {
      const two = threaded({ threads: 2 });
      await untilHelped(two);
      two.workers[0]!.on("exit", () => {
        ended += 1;
      });
    }
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    await until(() => {
      collect();
      return ended >= count - 1;
    });
  });

  test("come back after a crash, and the calls in between are right", async () => {
    const two = threaded({ threads: 2 }, { grainScale: 0 });
    await untilHelped(two);
    const x = full([200_000], 1, { backend: two.backend });
    const terminated = two.workers[0]!.terminate();
    for (let i = 0; i < 50; i++) expect(x.add(i).sum().item()).toBe(200_000 * (1 + i));
    await terminated;
    await untilHelped(two);
    expect(two.workers).toHaveLength(2);
    expect(x.add(1).sum().item()).toBe(400_000);
  });

  test("let a program that is done end, whatever they are doing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "needle-threads-"));
    const program = await bundleSources(new URL("../test/programs/exit.ts", import.meta.url));
    const file = join(folder, "program.mjs");
    writeFileSync(file, program);
    for (const when of ["busy", "parked"]) {
      const { status, stdout, signal } = spawnSync(process.execPath, [file, when], {
        encoding: "utf8",
        timeout: 50_000,
      });
      expect({ status, stdout, signal }).toEqual({ status: 0, stdout: "done\n", signal: null });
    }
    rmSync(folder, { recursive: true });
  });
});

interface Limits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}

/** An engine that refuses some memories. */
function stubMemory(refuses: (limits: Limits) => boolean): void {
  const { Memory } = runtime.WebAssembly!;
  class Refusing {
    constructor(limits: Limits) {
      if (refuses(limits)) throw new RangeError("could not allocate memory");
      // biome-ignore lint/correctness/noConstructorReturn: the platform's memory, not one like it.
      return new Memory(limits);
    }
  }
  vi.stubGlobal(
    "WebAssembly",
    Object.create(runtime.WebAssembly!, { Memory: { value: Refusing } }),
  );
}

describe("shared memory", () => {
  test("is read into arrays of one's own", async () => {
    const { backend } = createTuned({ threads: 2 });
    const x = array([1, 2, 3], { backend });
    const values = [x.toTypedArray(), await x.data(), x.astype("float64").toTypedArray()];
    for (const { buffer } of values) expect(buffer).toBeInstanceOf(ArrayBuffer);
  });

  test("falls back to JavaScript memory when it is full", () => {
    const onWarning = vi.fn();
    const { backend } = createTuned({ threads: 2, maxBytes: 2 ** 21, onWarning });
    const [inside, outside] = [1, 2].map((value) => full([400_000], value, { backend }));
    expect(backend.info().outsideBytes).toBeGreaterThan(0);
    expect(inside!.add(outside!).sum().item()).toBe(1_200_000);
    expect(onWarning).toHaveBeenCalledTimes(1);
  });

  test("is smaller where so many addresses are refused", () => {
    const asked: number[] = [];
    stubMemory(({ maximum }) => {
      asked.push(maximum);
      return maximum > 20_000;
    });
    const { backend } = createTuned({ threads: 2 });
    expect(asked).toEqual([65535, 32767, 16383]);
    expect(empty([10_000_000], { backend }).shape).toEqual([10_000_000]);
    expect(backend.info()).toMatchObject({ threads: 2, outsideBytes: 0 });
  });

  test("that is refused altogether leaves one thread, and says so", () => {
    stubMemory(({ shared }) => shared);
    const onWarning = vi.fn();
    const { backend } = createTuned({ threads: 2, onWarning });
    expect(backend.info()).toMatchObject({ threads: 1, reason: "shared memory was refused" });
    expect(onWarning.mock.calls).toEqual([
      ["needle: running on 1 of 2 threads: shared memory was refused."],
    ]);
    expect(ones([1000], { backend }).sum().item()).toBe(1000);
  });
});

describe("the number of threads", () => {
  test("is what was asked for, 32 at most", () => {
    expect(chooseThreads(1)).toEqual({ threads: 1, reason: null });
    expect(chooseThreads(5)).toEqual({ threads: 5, reason: null });
    expect(chooseThreads(100)).toEqual({
      threads: 32,
      reason: "a backend has 32 threads at most",
    });
  });

  test("is one where memory cannot be shared, with the reason", () => {
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("Worker", undefined);
    expect(chooseThreads(4).reason).toBe("this runtime has no workers");
    vi.stubGlobal("Worker", class {});
    expect(chooseThreads(4).reason).toBe("the page is not cross-origin isolated");
    vi.stubGlobal("crossOriginIsolated", true);
    vi.stubGlobal("navigator", { hardwareConcurrency: 12 });
    expect(chooseThreads(undefined)).toEqual({ threads: 8, reason: null });
    vi.spyOn(Atomics, "wait").mockImplementation(() => {
      throw new TypeError("Atomics.wait cannot be called in this context");
    });
    const onPage = chooseThreads(undefined);
    vi.unstubAllGlobals();
    expect(onPage).toEqual({
      threads: 1,
      reason: "a page's main thread may not wait for other threads; make the backend in a worker",
    });
  });

  test("nothing is said of the default", async () => {
    const onWarning = vi.fn();
    const module = await runtime.WebAssembly!.compile(binaryOf("strict", false));
    const backend = await createWasmBackend({ module, onWarning });
    expect(backend.info().threads).toBe(1);
    expect(onWarning).not.toHaveBeenCalled();
  });
});
