/**
 * A small GPT: a transformer that only looks back, trained to guess the next character (Radford et
 * al., Improving language understanding by generative pre-training, 2018), with the normalization
 * in front of each part and at the end.
 */
import { setImmediate } from "node:timers/promises";
import { arange, noGrad, randint, type Tensor, tensor } from "@needle/autograd";
import { scope } from "@needle/ndarray";
import {
  type CachedCall,
  crossEntropy,
  Embedding,
  KeyValueCache,
  LayerNorm1d,
  Linear,
  Module,
  Transformer,
} from "@needle/nn";
import { AdamW, clipGradNorm, cosine, linearWarmup, Scheduler, sequential } from "@needle/optim";
import { characters, loadBook, unigramEntropy } from "./book.ts";
import {
  type Program,
  positive,
  type Report,
  type Settings,
  UsageError,
  wholeNumber,
} from "./console.ts";
import {
  addWritingFlags,
  cachedReader,
  generate,
  type Reader,
  type WritingSettings,
} from "./generate.ts";
import { checkedPrompt } from "./language-model.ts";
import { secondsSince } from "./training.ts";

/** The sizes of a GPT. */
export interface GPTSizes {
  /** How many different tokens there are. */
  readonly vocabulary: number;
  /** The most tokens it looks at. */
  readonly context: number;
  /** How many numbers stand for a token; a multiple of `heads`. */
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
}

/** Scores of the next token after each: `[batch, time] -> [batch, time, vocabulary]`. */
export class GPT extends Module<[ids: Tensor, call?: CachedCall]> {
  readonly context: number;
  readonly embedding: Embedding;
  readonly transformer: Transformer;
  readonly norm: LayerNorm1d;
  readonly head: Linear;

  constructor({ vocabulary, context, width, heads, layers }: GPTSizes) {
    super();
    this.context = context;
    this.embedding = new Embedding(vocabulary, width);
    this.transformer = new Transformer(width, 4 * width, layers, {
      numHead: heads,
      dimHead: width / heads,
      batchFirst: true,
      sequenceLen: context,
    });
    this.norm = new LayerNorm1d(width);
    this.head = new Linear(width, vocabulary, { bias: false });
    // Small beginnings: what the layers add counts from the first step on, and no guess is loud.
    const { weight: positions } = this.transformer.positions;
    for (const [weight, scale] of [
      [this.embedding.weight, 0.1],
      [positions, 0.1],
      [this.head.weight, 0.1],
    ] as const) {
      noGrad(() => weight.assign(weight.mul(scale)));
    }
  }

  forward(ids: Tensor, call: CachedCall = {}): Tensor {
    const [hidden] = this.transformer.forward(this.embedding.forward(ids), null, call);
    return this.head.forward(this.norm.forward(hidden));
  }
}

/** Windows of text at random places: `[batch, context + 1]`, int32. */
export function drawWindows(text: Tensor, batch: number, context: number): Tensor {
  const starts = randint(0, text.shape[0]! - context, [batch, 1]);
  return text.take(starts.add(arange(0, context + 1, 1, { dtype: "int32" })));
}

/** The mean cross-entropy of all tokens of windows but the first, guessed from those before. */
export function lossOf(model: GPT, windows: Tensor): Tensor {
  const scores = model.forward(windows.slice([], [0, -1]));
  const next = windows.slice([], [1]);
  return crossEntropy(scores.reshape([-1, scores.shape[2]!]), next.reshape([-1]));
}

/** Reads on by a cache of keys and values. */
export function readerOf(model: GPT, cache: KeyValueCache = new KeyValueCache()): Reader {
  return cachedReader(model.context, cache, (ids, held) =>
    model.forward(ids.unsqueeze(0), { cache: held }).slice(0, -1),
  );
}

/** AdamW that lets only matrices decay, its rate risen over `warmup` steps, then along a cosine. */
function makeOptimizer(
  model: GPT,
  { lr, warmup, total }: { readonly lr: number; readonly warmup: number; readonly total: number },
): { readonly optimizer: AdamW; readonly scheduler: Scheduler } {
  const parameters = model.parameters();
  const optimizer = new AdamW(
    [
      { parameters: parameters.filter((p) => p.ndim >= 2) },
      { parameters: parameters.filter((p) => p.ndim < 2), weightDecay: 0 },
    ],
    { lr },
  );
  const rise = linearWarmup({ length: warmup, start: 1 / (warmup + 1) });
  const fall = cosine({ length: Math.max(1, total - warmup), end: 0.1 });
  return { optimizer, scheduler: new Scheduler(optimizer, sequential([[warmup, rise]], fall)) };
}

/** The mean loss over a text, window after window; each guess has at most a window before it. */
export async function measure(model: GPT, ids: Int32Array, batch: number): Promise<number> {
  const { context } = model;
  const count = Math.floor((ids.length - 1) / context);
  let sum = 0;
  for (let first = 0; first < count; first += batch) {
    const windows = Array.from({ length: Math.min(batch, count - first) }, (_, i) =>
      Array.from(ids.subarray((first + i) * context, (first + i + 1) * context + 1)),
    );
    const loss = noGrad(() => lossOf(model, tensor(windows, { dtype: "int32" })));
    sum += (await loss.data())[0]! * windows.length;
    loss.dispose();
    await setImmediate();
  }
  return sum / count;
}

/** The flags of its own. */
interface GPTSettings extends Settings, WritingSettings, Omit<GPTSizes, "vocabulary"> {
  readonly steps: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly warmup: number;
  readonly clip: number;
}

async function run(settings: GPTSettings, report: Report): Promise<void> {
  const start = performance.now();
  const { epochs, steps, batchSize, context, lr, clip, limit } = settings;
  if (settings.width % settings.heads !== 0) {
    throw new UsageError("option '--width' must be a multiple of --heads");
  }
  if (limit !== undefined && limit <= context) {
    throw new UsageError("option '--limit' must be above --context");
  }
  const tokens = characters(await loadBook(), limit);
  const prompt = checkedPrompt(tokens, settings.prompt);
  const text = tensor(tokens.train);
  const model = new GPT({ ...settings, vocabulary: tokens.size });
  const total = epochs * steps;
  const warmup = Math.min(settings.warmup, Math.max(1, Math.floor(total / 4)));
  const { optimizer, scheduler } = makeOptimizer(model, { lr, warmup, total });
  const unigram = unigramEntropy(tokens.test);
  report.print(
    `GPT of ${model.parameters().reduce((n, p) => n + p.size, 0)} parameters, ` +
      `${tokens.train.length} characters of ${tokens.size} kinds; unigram entropy ${unigram.toFixed(3)}`,
  );

  const step = (): Tensor => {
    optimizer.resetGrad();
    const loss = lossOf(model, drawWindows(text, batchSize, context));
    loss.backward();
    clipGradNorm(model.parameters(), clip);
    optimizer.step();
    scheduler.step();
    return loss.detach();
  };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const began = performance.now();
    let sum = 0;
    model.train();
    for (let n = 1; n <= steps; n++) {
      const loss = scope(step);
      sum += (await loss.data())[0]!;
      loss.dispose();
      report.progress(`epoch ${epoch}/${epochs}`, n, steps, `loss ${(sum / n).toFixed(3)}`);
      // The progress bar and Ctrl-C have their turn.
      await setImmediate();
    }
    const seconds = secondsSince(began);
    const trainLoss = sum / steps;
    const testLoss = await measure(model.eval(), tokens.test, batchSize);
    const perplexity = Math.exp(testLoss);
    report.result(
      { epoch, trainLoss, testLoss, perplexity, unigram, lr: optimizer.lr, seconds },
      `epoch ${epoch}  train loss ${trainLoss.toFixed(3)}  test loss ${testLoss.toFixed(3)} ` +
        `(perplexity ${perplexity.toFixed(2)}, unigram ${unigram.toFixed(3)})  ` +
        `${seconds.toFixed(1)} s`,
    );
  }
  const ids = await generate(readerOf(model), prompt, settings.length, settings);
  const sample = tokens.decode([...prompt, ...ids]);
  report.result({ sample }, `\n${sample}\n`);
  report.print(`${secondsSince(start).toFixed(0)} s in all; losses are in nats a character`);
}

export const gpt: Program<GPTSettings> = {
  summary: "a small GPT that learns to write like Moby-Dick, character by character",
  epochs: 5,
  flags(command) {
    command
      .option("--steps <n>", "steps an epoch, each on windows from anywhere", wholeNumber(1), 300)
      .option("--batch-size <n>", "windows a step", wholeNumber(1), 32)
      .option("--context <n>", "characters that it sees", wholeNumber(1), 64)
      .option("--width <n>", "numbers that stand for a character", wholeNumber(1), 96)
      .option("--heads <n>", "attentions side by side; they divide the width", wholeNumber(1), 4)
      .option("--layers <n>", "layers on top of each other", wholeNumber(1), 3)
      .option("--lr <x>", "the highest learning rate of AdamW", positive, 0.002)
      .option("--warmup <n>", "steps until it is reached", wholeNumber(1), 100)
      .option("--clip <x>", "the most that the norm of the gradients may be", positive, 1);
    addWritingFlags(command);
  },
  run,
};
