import { noGrad, tensor } from "@needle/autograd";
import { manualSeed, memory, scope } from "@needle/ndarray";
import { KeyValueCache } from "@needle/nn";
import { AdamW } from "@needle/optim";
import { describe, expect, test } from "vitest";
import { run, runJson } from "./capture.fixture.ts";
import { generate, type Reader } from "./generate.ts";
import { drawWindows, GPT, lossOf, measure, readerOf } from "./gpt.ts";

const sizes = { vocabulary: 7, context: 8, width: 12, heads: 3, layers: 2 };

function makeModel(): GPT {
  manualSeed(3);
  return new GPT(sizes);
}

/** Reads everything again for each token. */
function forgetfulReader(model: GPT): Reader {
  let ids: number[] = [];
  return {
    room: model.context,
    read(more) {
      ids.push(...more);
      return noGrad(() => model.forward(tensor([ids], { dtype: "int32" })).slice(0, -1));
    },
    forget() {
      ids = [];
    },
  };
}

test("a token's scores depend on no token after it", () => {
  const model = makeModel().eval();
  const scores = (ids: number[]) => model.forward(tensor([ids], { dtype: "int32" }));
  const [a, b] = [scores([1, 2, 3, 4, 5]), scores([1, 2, 3, 6, 0])];
  expect(a.shape).toEqual([1, 5, 7]);
  const apart = a.sub(b).abs().max(2).slice(0).toArray() as number[];
  expect(apart.slice(0, 3)).toEqual([0, 0, 0]);
  expect(Math.min(...apart.slice(3))).toBeGreaterThan(1e-4);
});

test("before it learns, every token is as likely as any other", () => {
  const ids = Int32Array.from({ length: 33 }, (_, i) => (i * i) % 7);
  return expect(measure(makeModel(), ids, 2)).resolves.toBeCloseTo(Math.log(7), 1);
});

test("windows are pieces of the text, from everywhere", () => {
  manualSeed(0);
  const text = tensor(Int32Array.from({ length: 12 }, (_, i) => i));
  const windows = drawWindows(text, 200, 8).toArray() as number[][];
  for (const window of windows) {
    expect(window).toEqual(Array.from({ length: 9 }, (_, i) => window[0]! + i));
  }
  expect([...new Set(windows.map((window) => window[0]))].sort()).toEqual([0, 1, 2, 3]);
});

test("the measured loss is the mean of the windows', the last batch shorter", async () => {
  const model = makeModel();
  const ids = Int32Array.from({ length: 27 }, (_, i) => (3 * i) % 7);
  const parts = [0, 8, 16].map((first) =>
    lossOf(model, tensor([[...ids.subarray(first, first + 9)]], { dtype: "int32" })).item(),
  );
  expect(await measure(model, ids, 2)).toBeCloseTo((parts[0]! + parts[1]! + parts[2]!) / 3, 5);
});

describe("writing", () => {
  test("gives the same tokens with the cache as without, beyond the context too", async () => {
    const model = makeModel().eval();
    for (const sampling of [{ temperature: 1 }, { temperature: 0.5, topK: 3 }]) {
      manualSeed(11);
      const cached = await generate(readerOf(model), [1, 2, 3], 60, sampling);
      manualSeed(11);
      const plain = await generate(forgetfulReader(model), [1, 2, 3], 60, sampling);
      expect(cached).toEqual(plain);
      expect(new Set(cached).size).toBeGreaterThan(2);
    }
  });

  test("the cache has the keys of the window only, and memory is flat", async () => {
    const model = makeModel().eval();
    const cache = new KeyValueCache();
    const lengths: number[] = [];
    const reader = readerOf(model, cache);
    const watched: Reader = {
      ...reader,
      read(ids) {
        const scores = reader.read(ids);
        lengths.push(cache.length);
        return scores;
      },
    };
    await generate(watched, [0], 12, { temperature: 1 });
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 4, 5, 6, 7]);
    expect(cache.length).toBe(0);

    const before = memory();
    await generate(readerOf(model), [0], 300, { temperature: 1 });
    expect(memory().buffers).toBe(before.buffers);
    expect(memory().bytes).toBe(before.bytes);
  });
});

test("training steps leave nothing behind, and a circle of tokens is learned", () => {
  const model = makeModel();
  const text = tensor(Int32Array.from({ length: 210 }, (_, i) => i % 7));
  const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
  const step = (): number =>
    scope(() => {
      optimizer.resetGrad();
      const loss = lossOf(model, drawWindows(text, 4, sizes.context));
      loss.backward();
      optimizer.step();
      return loss.item();
    });
  step();
  const before = memory();
  for (let i = 0; i < 200; i++) step();
  expect(memory().buffers).toBe(before.buffers);
  expect(memory().bytes).toBe(before.bytes);
  expect(step()).toBeLessThan(0.1);
});

describe("the program", () => {
  const small =
    "--limit 8000 --epochs 2 --steps 30 --batch-size 8 --context 32 --width 32 --layers 1";
  const flags = ["gpt", ...small.split(" "), "--warmup", "5", "--lr", "0.01", "--length", "30"];

  test("falls below the unigram entropy, its rate rising and falling", async () => {
    interface Line {
      readonly testLoss: number;
      readonly unigram: number;
      readonly lr: number;
      readonly sample: string;
    }
    const [first, last, end] = await runJson<Line>(...flags);
    expect(last!.testLoss).toBeLessThan(first!.testLoss);
    expect(last!.testLoss).toBeLessThan(last!.unigram);
    expect(first!.lr).toBeGreaterThan(0.005);
    // A tenth of the highest, where the cosine ends.
    expect(last!.lr).toBeCloseTo(0.001, 6);
    expect(end!.sample).toHaveLength("The whale ".length + 30);
  });

  test.each([
    ["--heads 5", "option '--width' must be a multiple of --heads"],
    ["--limit 32", "option '--limit' must be above --context"],
  ])("refuses %s", async (more, problem) => {
    const { code, stderr } = await run(...flags, ...more.split(" "));
    expect({ code, stderr }).toEqual({ code: 2, stderr: `error: ${problem}\n` });
  });

  test("the same seed writes the same", async () => {
    const once = ["--epochs", "1", "--steps", "2", "--backend", "reference", "--seed", "4"];
    const [a, b] = [await run(...flags, ...once), await run(...flags, ...once)];
    const untimed = (text: string): string => text.replace(/[\d.]+ s\b/g, "");
    expect(a.code).toBe(0);
    expect(untimed(a.stdout)).toBe(untimed(b.stdout));
    expect(a.stdout).toMatch(/^GPT of \d+ parameters, 8000 characters of 80 kinds; /);
  });
});
