import { noGrad, tensor } from "@needle/autograd";
import { batchify } from "@needle/data";
import { manualSeed, memory } from "@needle/ndarray";
import { crossEntropy, perplexity } from "@needle/nn";
import { Adam, SGD } from "@needle/optim";
import { describe, expect, test } from "vitest";
import { run, runJson } from "./capture.fixture.ts";
import { buffersInUse } from "./collect.fixture.ts";
import { generate } from "./generate.ts";
import { epochGeneralPtb, LanguageModel, readerOf, type SeqModel } from "./language-model.ts";

const kinds: readonly SeqModel[] = ["rnn", "lstm", "transformer"];

const makeModel = (seqModel: SeqModel, words = 5): LanguageModel => {
  manualSeed(1);
  return new LanguageModel(8, words, 12, { seqModel, seqLen: 6, numLayers: 2 });
};

/** 0 1 2 3 4 0 1 …: each word says the next. */
const circle = Int32Array.from({ length: 240 }, (_, i) => i % 5);

describe.each(kinds)("%s", (kind) => {
  test("gives a row of scores for every word, and learns all of its parameters", () => {
    const model = makeModel(kind);
    const [scores] = model.forward(tensor(new Int32Array(21)).reshape([7, 3]).slice([0, 6]));
    expect(scores.shape).toEqual([18, 5]);
    scores.square().sum().backward();
    const untouched = model.parameters().filter((p) => p.grad === null);
    expect(untouched).toEqual([]);
  });

  test("learns a circle of words and goes on with it", async () => {
    const model = makeModel(kind);
    const batches = batchify(circle, 4);
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    for (let epoch = 0; epoch < 6; epoch++) {
      await epochGeneralPtb(batches, model, { seqLen: 6, optimizer, clip: 1 });
    }
    const { loss, accuracy } = await epochGeneralPtb(batches, model, { seqLen: 6 });
    expect(loss).toBeLessThan(0.1);
    expect(accuracy).toBe(1);
    const ids = await generate(readerOf(model), [3, 4], 12, { temperature: 0.1 });
    expect(ids).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]);
  });

  test("reading on gives the same scores as reading all at once", () => {
    const model = makeModel(kind).eval();
    const ids = [2, 0, 1, 4, 3];
    const reader = readerOf(model);
    reader.read(ids.slice(0, 2));
    reader.read(ids.slice(2, 3));
    const found = reader.read(ids.slice(3));
    const column = tensor(ids, { dtype: "int32" }).unsqueeze(1);
    const wanted = noGrad(() => model.forward(column)[0].slice(-1));
    expect(found.sub(wanted).abs().max().item()).toBeLessThan(1e-5);
    reader.forget();
  });

  test("epochs and writing leave nothing behind", async () => {
    const model = makeModel(kind);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const batches = batchify(circle, 2);
    const epoch = async (): Promise<void> => {
      await epochGeneralPtb(batches, model, { seqLen: 3, optimizer, clip: 0.25 });
      await epochGeneralPtb(batches, model, { seqLen: 3 });
      await generate(readerOf(model), [0], 20, { temperature: 1 });
      optimizer.resetGrad();
    };
    await epoch();
    const before = await buffersInUse();
    // 40 steps, 40 measured chunks and 20 words each.
    for (let i = 0; i < 4; i++) await epoch();
    expect(memory().buffers).toBe(before);
  });
});

test("an epoch's means are those of one long pass, however it is cut", async () => {
  const model = makeModel("lstm").eval();
  const batches = batchify(circle.subarray(0, 52), 4);
  const { loss } = await epochGeneralPtb(batches, model, { seqLen: 5 });
  const whole = noGrad(() =>
    crossEntropy(
      model.forward(tensor(batches.slice([0, -1]).toTypedArray()).reshape([12, 4]))[0],
      tensor(batches.slice([1]).toTypedArray()),
    ),
  );
  // The state is carried over, so that five words at a time are as good as twelve.
  expect(loss).toBeCloseTo(whole.item(), 5);
  expect(perplexity(whole).item()).toBeCloseTo(Math.exp(loss), 3);
  const reset = await epochGeneralPtb(batches, model, { seqLen: 5, carryState: false });
  expect(Math.abs(reset.loss - loss)).toBeGreaterThan(1e-4);
});

test("gradients do not flow from one chunk into the one before", async () => {
  const model = makeModel("rnn");
  const seen: number[] = [];
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const batches = batchify(circle.subarray(0, 10), 1);
  await epochGeneralPtb(batches, model, {
    seqLen: 4,
    optimizer,
    onChunk: (rows) => seen.push(rows),
  });
  expect(seen).toEqual([4, 8, 9]);
  // The last chunk is one word, 3, with the state from before: only its embedding has a gradient.
  const rows = model.embedding.weight.grad!.abs().sum(1).toArray() as number[];
  expect(rows.map((size) => size > 0)).toEqual([false, false, false, true, false]);
});

test("gradients are clipped", async () => {
  const batches = batchify(circle, 4);
  const moved = async (clip: number): Promise<number> => {
    const model = makeModel("rnn");
    const before = model.parameters().map((p) => p.detach().clone());
    const optimizer = new SGD(model.parameters(), { lr: 1 });
    await epochGeneralPtb(batches.slice([0, 2]), model, { seqLen: 4, optimizer, clip });
    const squares = model.parameters().map((p, i) => p.sub(before[i]!).square().sum().item());
    return Math.sqrt(squares.reduce((a, b) => a + b));
  };
  expect(await moved(0.25)).toBeCloseTo(0.25, 4);
  expect(await moved(0.125)).toBeCloseTo(0.125, 4);
});

describe("the program", () => {
  const small = "--limit 6000 --epochs 2 --hidden 32 --embedding 16 --batch-size 16 --length 40";
  const flags = ["language-model", ...small.split(" "), "--lr", "0.01"];

  test.each(["lstm", "transformer"])(
    "%s: falls below the unigram entropy and writes",
    async (model) => {
      interface Line {
        readonly testLoss: number;
        readonly unigram: number;
        readonly sample: string;
      }
      const [first, last, end] = await runJson<Line>(...flags, "--model", model, "--seq-len", "20");
      expect(last!.testLoss).toBeLessThan(first!.testLoss);
      expect(last!.testLoss).toBeLessThan(last!.unigram);
      expect(end!.sample).toMatch(/^The whale /);
      expect(end!.sample).toHaveLength("The whale ".length + 40);
    },
  );

  test("takes words, plain SGD and states of zeros, and says how it went", async () => {
    const more = ["--unit", "words", "--vocabulary", "50", "--optimizer", "sgd", "--lr", "1"];
    const others = [
      "--no-carry-state",
      "--epochs",
      "1",
      "--model",
      "rnn",
      "--backend",
      "reference",
    ];
    const { code, stdout, stderr } = await run(...flags, ...more, ...others, "--limit", "600");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^rnn of \d+ parameters, 600 words of 52 kinds; unigram entropy [\d.]+\n/,
    );
    expect(stdout).toMatch(
      /epoch 1 {2}train loss [\d.]+ {2}test loss [\d.]+ \(perplexity [\d.]+, /,
    );
    expect(stdout).toContain("the whale ");
  });

  test("refuses less text than two rows", async () => {
    const { code, stderr } = await run(...flags, "--limit", "31");
    const problem = "option '--limit' must be at least twice --batch-size";
    expect({ code, stderr }).toEqual({ code: 2, stderr: `error: ${problem}\n` });
  });

  test("refuses prompts that the text has no characters for", async () => {
    for (const [prompt, problem] of [
      ["Œ", `option '--prompt': Dictionary: "Œ" is not among the 80 known`],
      ["", "option '--prompt' is empty"],
    ] as const) {
      const { code, stderr } = await run(...flags, "--prompt", prompt);
      expect({ code, stderr }).toEqual({ code: 2, stderr: `error: ${problem}\n` });
    }
  });
});
