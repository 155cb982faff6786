import { noGrad, type Tensor, tensor } from "@needle/autograd";
import {
  arange,
  array,
  defaultGenerator,
  manualSeed,
  memory,
  NumpyGenerator,
  Philox,
  scope,
  setDefaultGenerator,
  show,
  zeros,
} from "@needle/ndarray";
import { describe, expect, expectTypeOf, test } from "vitest";
import { ArrayDataset, type Dataset } from "./dataset.ts";
import { failure } from "./failure.fixture.ts";
import { DataLoader } from "./loader.ts";

const data = new ArrayDataset(arange(10).reshape([10, 1]), arange(100, 110));
const small = { batchSize: 4 } as const;

/** The items of each batch of a pass. */
function items(loader: DataLoader<readonly Tensor[]>): number[][] {
  return Array.from(loader, ([x]) => [...x!.toTypedArray()]);
}

describe("DataLoader goes", () => {
  test("in order, with a short last batch", () => {
    const loader = new DataLoader(data, small);
    expect(loader.length).toBe(3);
    expect(items(loader)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(Array.from(loader, ([x, y]) => [x.shape, y.shape]).at(-1)).toEqual([[2, 1], [2]]);
  });

  test("one item at a time unless told otherwise", () => {
    expect(new DataLoader(data).length).toBe(10);
    expect(items(new DataLoader(data))[3]).toEqual([3]);
  });

  test("without the short batch under dropLast", () => {
    const loader = new DataLoader(data, { ...small, dropLast: true });
    expect(loader.length).toBe(2);
    expect(items(loader).length).toBe(2);
    const even = new DataLoader(data, { batchSize: 5, dropLast: true });
    expect([even.length, items(even).length]).toEqual([2, 2]);
    expect(new DataLoader(data, { batchSize: 11, dropLast: true }).length).toBe(0);
  });

  test("through a batch larger than the dataset, and through no items", () => {
    expect(items(new DataLoader(data, { batchSize: 99 }))).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ]);
    for (const shuffle of [false, true]) {
      const none = new DataLoader(data.slice(0, 0), { shuffle });
      expect([none.length, items(none).length]).toEqual([0, 0]);
    }
  });

  test("the same way with for await", async () => {
    const seen: number[][] = [];
    for await (const [x] of new DataLoader(data, small)) seen.push([...x.toTypedArray()]);
    expect(seen).toEqual(items(new DataLoader(data, small)));
  });

  test("with the fields of the dataset as types", () => {
    for (const batch of new DataLoader(data))
      expectTypeOf(batch).toEqualTypeOf<readonly [Tensor, Tensor]>();
  });
});

describe("DataLoader shuffles", () => {
  test("in NumPy's order for NumPy's seed", () => {
    // numpy.random.seed(0); numpy.random.permutation(10), then once more.
    const loader = new DataLoader(data, {
      ...small,
      shuffle: true,
      generator: new NumpyGenerator(0),
    });
    expect(items(loader)).toEqual([
      [2, 8, 4, 9],
      [1, 6, 7, 3],
      [0, 5],
    ]);
    expect(items(loader).flat()).toEqual([3, 5, 1, 2, 9, 8, 0, 6, 7, 4]);
  });

  test("by the generator's permutation, cut into batches, anew in each pass", () => {
    const loader = new DataLoader(data, { batchSize: 3, shuffle: true, generator: new Philox(3) });
    const generator = new Philox(3);
    for (let pass = 0; pass < 3; pass++) {
      expect(items(loader).flat()).toEqual([...generator.permutation(10)]);
    }
  });

  test("by the default generator of the time of the pass", () => {
    const before = defaultGenerator();
    const loader = new DataLoader(data, { batchSize: 3, shuffle: true });
    manualSeed(11);
    expect(items(loader).flat()).toEqual([...new Philox(11).permutation(10)]);
    setDefaultGenerator(new NumpyGenerator(0));
    expect(items(loader).flat()).toEqual([2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
    setDefaultGenerator(before);
  });

  test("all fields alike", () => {
    for (const [x, y] of new DataLoader(data, { ...small, shuffle: true })) {
      expect([...y.toTypedArray()]).toEqual([...x.toTypedArray()].map((value) => value + 100));
    }
  });

  test("nothing and draws nothing unless told to", () => {
    const generator = new NumpyGenerator(0);
    items(new DataLoader(data, { generator }));
    expect([...generator.permutation(10)]).toEqual([2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
  });

  test("each of several passes at once in its own order", () => {
    const loader = new DataLoader(data, { ...small, shuffle: true, generator: new Philox(1) });
    const generator = new Philox(1);
    const orders = [generator.permutation(10), generator.permutation(10)];
    const passes = [loader[Symbol.iterator](), loader[Symbol.iterator]()];
    const seen: number[][] = [[], []];
    for (let step = 0; step < loader.length; step++) {
      passes.forEach((pass, i) => {
        const { value } = pass.next();
        seen[i]!.push(...value![0].toTypedArray());
      });
    }
    expect(seen).toEqual(orders.map((order) => [...order]));
  });
});

describe("DataLoader owns its batches", () => {
  test("and frees each when the next is asked for", async () => {
    const loader = new DataLoader(data, small);
    const pass = loader[Symbol.iterator]();
    const before = memory().buffers;
    const first = pass.next().value!;
    expect(memory().buffers).toBe(before + 2);
    pass.next();
    expect(memory().buffers).toBe(before + 2);
    expect(await failure(() => first[0].toArray())).toBe(
      "MemoryError: toArray: the array int32 [4,1] was freed by DataLoader\n" +
        "Return it from there, or call keep() on it before that ends.",
    );
    pass.return?.();
    expect(memory().buffers).toBe(before);
  });

  test("also when the loop ends, breaks or throws, sync or async", async () => {
    const loader = new DataLoader(data, small);
    const before = memory().buffers;
    for (const _ of loader);
    expect(memory().buffers).toBe(before);
    for (const _ of loader) break;
    expect(memory().buffers).toBe(before);
    const throwing = async (): Promise<void> => {
      for await (const _ of loader) throw new Error("stop");
    };
    expect(await failure(throwing)).toBe("Error: stop");
    expect(memory().buffers).toBe(before);
    for await (const _ of loader) break;
    expect(memory().buffers).toBe(before);
    for await (const _ of loader);
    expect(memory().buffers).toBe(before);
  });

  test("but not tensors with keep(), nor what was detached", () => {
    const kept: Tensor[] = [];
    const detached: Tensor[] = [];
    for (const [x, y] of new DataLoader(data, small)) {
      kept.push(x.keep());
      detached.push(y.detach());
    }
    expect(kept.map((x) => x.toArray())[2]).toEqual([[8], [9]]);
    expect(detached.map((y) => y.toArray())[2]).toEqual([108, 109]);
    for (const x of [...kept, ...detached]) x.dispose();
  });

  test("also inside scopes, which leave them to it", () => {
    const pass = new DataLoader(data, small)[Symbol.iterator]();
    const batch = scope(() => pass.next().value!);
    const again = scope(() => {
      pass.next();
      return null;
    });
    expect(again).toBe(null);
    const third = noGrad(() => void pass.next());
    expect(third).toBe(undefined);
    expect(() => batch[0].toArray()).toThrow("freed by DataLoader");
    const before = memory().buffers;
    pass.return?.();
    expect(memory().buffers).toBe(before - 2);
  });

  test("and lets a graph use a batch that is gone", () => {
    const floats = new ArrayDataset(array([1, 2, 3, 4]));
    const w = tensor(3, { requiresGrad: true });
    let loss = tensor(0);
    for (const [x] of new DataLoader(floats, { batchSize: 2 })) loss = loss.add(x.mul(w).sum());
    loss.backward();
    expect(w.grad?.item()).toBe(10);
  });

  test.each(["sync", "async"])("and holds memory flat for 3,000 steps, %s", async (kind) => {
    const floats = new ArrayDataset(array(Array.from({ length: 300 }, (_, i) => i)));
    const loader = new DataLoader(floats, { shuffle: true, batchSize: 1 });
    const step = ([x]: readonly [Tensor]): number => scope(() => x.mul(2).sum().item());
    const before = memory().buffers;
    const counts = new Set<number>();
    let total = 0;
    for (let epoch = 0; epoch < 10; epoch++) {
      const visit = (batch: readonly [Tensor]): void => {
        total += step(batch);
        counts.add(memory().buffers);
      };
      if (kind === "sync") for (const batch of loader) visit(batch);
      else for await (const batch of loader) visit(batch);
    }
    expect(total).toBe(10 * 300 * 299);
    expect([...counts]).toEqual([before + 1]);
    expect(memory().buffers).toBe(before);
  });

  test("and gives back what the loop's body drops, with for await", async () => {
    const loader = new DataLoader(new ArrayDataset(array(new Float32Array(100))));
    const before = memory().bytes;
    let peak = 0;
    for await (const [x] of loader) {
      // 16 MiB a step, 1600 in all, outside any scope. A collection is due every 256, and
      // finalizers may be one late.
      void [x.detach(), zeros([2 ** 22])];
      peak = Math.max(peak, memory().bytes - before);
    }
    expect(peak).toBeLessThan(640 * 2 ** 20);
  });
});

describe("DataLoader says what is wrong", () => {
  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "32" as unknown as number])(
    "batchSize %s",
    async (batchSize) => {
      expect(await failure(() => new DataLoader(data, { batchSize }))).toBe(
        `ArgumentError: DataLoader: batchSize must be a whole number of at least 1, got ${show(batchSize)}\n` +
          "For the whole dataset in one batch, pass its length.",
      );
    },
  );

  test("a dataset without a length", async () => {
    const batch = (): Tensor[] => [tensor(1)];
    expect(await failure(() => new DataLoader({ batch } as unknown as Dataset))).toBe(
      "ArgumentError: DataLoader: the first argument must be a dataset, with length and batch, got {batch}",
    );
    const broken = { length: undefined, batch } as unknown as Dataset;
    const text =
      "ArgumentError: DataLoader: the dataset's length must be a whole number of at least 0, got undefined";
    expect(await failure(() => new DataLoader(broken).length)).toBe(text);
    expect(await failure(() => [...new DataLoader(broken)])).toBe(text);
  });

  test("what the dataset throws, and frees the batch before", async () => {
    const before = memory().buffers;
    const failing: Dataset<[Tensor]> = {
      length: 2,
      batch([i]) {
        if (i === 1) throw new Error("row 1 is missing");
        return [tensor(1)];
      },
    };
    expect(await failure(() => items(new DataLoader(failing)))).toBe("Error: row 1 is missing");
    expect(memory().buffers).toBe(before);
  });
});
