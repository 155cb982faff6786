/**
 * The course's language model (CMU 10-714 hw4): words or characters one after the other through a
 * recurrent network or a transformer, trained with truncated backpropagation through time.
 */
import { setImmediate } from "node:timers/promises";
import { noGrad, type Tensor, tensor } from "@needle/autograd";
import { batchify, getBatch } from "@needle/data";
import { type NDArray, scope } from "@needle/ndarray";
import {
  type CachedCall,
  crossEntropy,
  detachState,
  Embedding,
  type Hidden,
  KeyValueCache,
  Linear,
  LSTM,
  Module,
  RNN,
  Transformer,
} from "@needle/nn";
import { Adam, clipGradNorm, type Optimizer, SGD } from "@needle/optim";
import { Option } from "commander";
import { characters, loadBook, type Tokens, unigramEntropy, words } from "./book.ts";
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
import { secondsSince } from "./training.ts";

/** What runs along the sequence. */
export type SeqModel = "rnn" | "lstm" | "transformer";

/** Options of LanguageModel. */
export interface LanguageModelOptions {
  /** Default 1. */
  readonly numLayers?: number;
  /** Default `"rnn"`. */
  readonly seqModel?: SeqModel;
  /** The most steps that a transformer sees. Default 40. */
  readonly seqLen?: number;
}

/** What the three have in common. Only the transformer looks at `call`. */
type SequenceModel = Module<
  [x: Tensor, state?: Hidden | null, call?: CachedCall],
  [output: Tensor, state: Hidden]
>;

interface Sizes {
  readonly embeddingSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly seqLen: number;
}

const sequenceModels: Readonly<Record<SeqModel, (sizes: Sizes) => SequenceModel>> = {
  rnn: ({ embeddingSize, hiddenSize, numLayers }) =>
    new RNN(embeddingSize, hiddenSize, { numLayers }),
  lstm: ({ embeddingSize, hiddenSize, numLayers }) =>
    new LSTM(embeddingSize, hiddenSize, { numLayers }),
  transformer: ({ embeddingSize, hiddenSize, numLayers, seqLen }) =>
    new Transformer(embeddingSize, hiddenSize, numLayers, { sequenceLen: seqLen }),
};

/** Embedding, sequence model, linear: `[time, batch] -> [time * batch, outputSize]` and the state. */
export class LanguageModel extends Module<
  [x: Tensor, state?: Hidden | null, call?: CachedCall],
  [scores: Tensor, state: Hidden]
> {
  readonly seqModel: SeqModel;
  readonly seqLen: number;
  readonly embedding: Embedding;
  readonly sequence: SequenceModel;
  readonly linear: Linear;

  /** @param outputSize - how many different words there are. */
  constructor(
    embeddingSize: number,
    outputSize: number,
    hiddenSize: number,
    options: LanguageModelOptions = {},
  ) {
    super();
    const { numLayers = 1, seqModel = "rnn", seqLen = 40 } = options;
    this.seqModel = seqModel;
    this.seqLen = seqLen;
    this.embedding = new Embedding(outputSize, embeddingSize);
    const sizes = { embeddingSize, hiddenSize, numLayers, seqLen };
    this.sequence = sequenceModels[seqModel](sizes);
    // A transformer gives as many features as it takes.
    const features = seqModel === "transformer" ? embeddingSize : hiddenSize;
    this.linear = new Linear(features, outputSize);
  }

  forward(x: Tensor, state?: Hidden | null, call: CachedCall = {}): [Tensor, Hidden] {
    const [output, next] = this.sequence.forward(this.embedding.forward(x), state, call);
    return [this.linear.forward(output.reshape([-1, output.shape[2]!])), next];
  }
}

/** How to go through a text once. */
export interface EpochOptions {
  /** Steps that gradients flow through at most. */
  readonly seqLen: number;
  /** What learns; without it the model is only measured. */
  readonly optimizer?: Optimizer;
  /** The norm to which gradients are clipped; not at all unless given. */
  readonly clip?: number | undefined;
  /** Whether a chunk begins with the state that the one before ended with. Default true. */
  readonly carryState?: boolean;
  /** Called after each chunk with the rows done so far and the mean loss. */
  readonly onChunk?: (rows: number, loss: number) => void;
}

/** Means over the words of an epoch. */
export interface EpochMeans {
  /** Cross-entropy in nats a word; `e` to it is the perplexity. */
  readonly loss: number;
  /** The share of words guessed. */
  readonly accuracy: number;
}

/**
 * Goes through a text once, chunk by chunk (the course's epoch_general_ptb).
 *
 * @param batches - what `batchify` gave, `[rows, batch]`.
 */
export async function epochGeneralPtb(
  batches: NDArray,
  model: LanguageModel,
  options: EpochOptions,
): Promise<EpochMeans> {
  const { seqLen, optimizer, clip, carryState = true, onChunk } = options;
  const sums = { loss: 0, hits: 0, words: 0 };
  let state: Hidden | null = null;
  if (optimizer === undefined) model.eval();
  else model.train();
  const chunk = (row: number): Chunk => {
    const [x, y] = getBatch(batches, row, seqLen);
    const [scores, next] = model.forward(x, state);
    const loss = crossEntropy(scores, y);
    if (optimizer !== undefined) {
      optimizer.resetGrad();
      loss.backward();
      if (clip !== undefined) clipGradNorm(model.parameters(), clip);
      optimizer.step();
    }
    const hits = noGrad(() => scores.argmax(1).eq(y).sum());
    return { loss: loss.detach(), hits, count: y.size, next: detachState(next) };
  };
  for (let row = 0; row < batches.shape[0]! - 1; row += seqLen) {
    const make = (): Chunk => chunk(row);
    const { loss, hits, count, next } = scope(optimizer === undefined ? () => noGrad(make) : make);
    sums.loss += (await loss.data())[0]! * count;
    sums.hits += (await hits.data())[0]!;
    sums.words += count;
    free(loss, hits, state);
    // A transformer has no state: it sees its chunk only.
    state = carryState && model.seqModel !== "transformer" ? next : null;
    if (state === null) free(next);
    onChunk?.(Math.min(row + seqLen, batches.shape[0]! - 1), sums.loss / sums.words);
    // The progress bar and Ctrl-C have their turn.
    await setImmediate();
  }
  free(state);
  return { loss: sums.loss / sums.words, accuracy: sums.hits / sums.words };
}

interface Chunk {
  readonly loss: Tensor;
  readonly hits: Tensor;
  readonly count: number;
  readonly next: Hidden;
}

/** Gives back what the next chunk does not need, sooner than the garbage collector would. */
function free(...values: readonly (Hidden | null)[]): void {
  for (const x of values.flatMap((value) => value ?? [])) (x as Tensor).dispose();
}

/** Reads on from what came before: a recurrent network by its state, a transformer by a cache. */
export function readerOf(model: LanguageModel): Reader {
  const column = (ids: Tensor): Tensor => ids.unsqueeze(1);
  if (model.seqModel === "transformer") {
    return cachedReader(model.seqLen, new KeyValueCache(), (ids, cache) =>
      model.forward(column(ids), null, { cache })[0].slice(-1),
    );
  }
  let state: Hidden | null = null;
  return {
    room: Number.POSITIVE_INFINITY,
    read(ids) {
      const [scores, next] = noGrad(() => {
        const [all, after] = model.forward(column(tensor(ids, { dtype: "int32" })), state);
        return [all.slice(-1), after] as const;
      });
      free(state);
      for (const part of [next].flat() as Tensor[]) part.keep();
      state = next;
      return scores;
    },
    forget() {
      free(state);
      state = null;
    },
  };
}

/** The flags of its own. */
interface LanguageModelSettings extends Settings, WritingSettings {
  readonly model: SeqModel;
  readonly unit: "characters" | "words";
  readonly vocabulary: number;
  readonly embedding: number;
  readonly hidden: number;
  readonly layers: number;
  readonly seqLen: number;
  readonly batchSize: number;
  readonly optimizer: "adam" | "sgd";
  readonly lr?: number;
  readonly clip: number;
  readonly carryState: boolean;
}

const optimizers = {
  adam: { make: Adam, lr: 0.002 },
  sgd: { make: SGD, lr: 4 },
} as const;

async function run(settings: LanguageModelSettings, report: Report): Promise<void> {
  const start = performance.now();
  const { epochs, unit, seqLen, batchSize, clip, carryState, limit } = settings;
  if (limit !== undefined && limit < 2 * batchSize) {
    throw new UsageError("option '--limit' must be at least twice --batch-size");
  }
  const book = await loadBook();
  const tokens =
    unit === "words" ? words(book, settings.vocabulary, limit) : characters(book, limit);
  const prompt = checkedPrompt(tokens, settings.prompt);
  const [train, test] = [tokens.train, tokens.test].map((ids) => batchify(ids, batchSize)) as [
    NDArray,
    NDArray,
  ];
  const model = new LanguageModel(settings.embedding, tokens.size, settings.hidden, {
    numLayers: settings.layers,
    seqModel: settings.model,
    seqLen,
  });
  const { make: Stepper, lr } = optimizers[settings.optimizer];
  const optimizer = new Stepper(model.parameters(), { lr: settings.lr ?? lr });
  const unigram = unigramEntropy(tokens.test);
  report.print(
    `${settings.model} of ${model.parameters().reduce((n, p) => n + p.size, 0)} parameters, ` +
      `${tokens.train.length} ${unit} of ${tokens.size} kinds; unigram entropy ${unigram.toFixed(3)}`,
  );

  for (let epoch = 1; epoch <= epochs; epoch++) {
    const began = performance.now();
    const trained = await epochGeneralPtb(train, model, {
      seqLen,
      optimizer,
      clip,
      carryState,
      onChunk: (rows, loss) =>
        report.progress(
          `epoch ${epoch}/${epochs}`,
          rows,
          train.shape[0]! - 1,
          `loss ${loss.toFixed(3)}`,
        ),
    });
    const seconds = secondsSince(began);
    const tested = await epochGeneralPtb(test, model, { seqLen, carryState });
    const perplexity = Math.exp(tested.loss);
    report.result(
      {
        epoch,
        trainLoss: trained.loss,
        testLoss: tested.loss,
        testAccuracy: tested.accuracy,
        perplexity,
        unigram,
        seconds,
      },
      `epoch ${epoch}  train loss ${trained.loss.toFixed(3)}  test loss ${tested.loss.toFixed(3)} ` +
        `(perplexity ${perplexity.toFixed(2)}, unigram ${unigram.toFixed(3)})  ` +
        `accuracy ${(100 * tested.accuracy).toFixed(1)} %  ${seconds.toFixed(1)} s`,
    );
  }
  const ids = await generate(readerOf(model.eval()), prompt, settings.length, settings);
  const text = tokens.decode([...prompt, ...ids]);
  report.result({ sample: text }, `\n${text}\n`);
  report.print(`${secondsSince(start).toFixed(0)} s in all; losses are in nats a token`);
}

/**
 * The ids of a prompt.
 *
 * @throws UsageError when it is empty or has what the text has not.
 */
export function checkedPrompt(tokens: Tokens, prompt: string): Int32Array {
  try {
    const ids = tokens.encode(prompt);
    if (ids.length > 0) return ids;
  } catch (error) {
    throw new UsageError(`option '--prompt': ${(error as Error).message.replace(/\n.*/s, "")}`);
  }
  throw new UsageError("option '--prompt' is empty");
}

export const languageModel: Program<LanguageModelSettings> = {
  summary: "an RNN, an LSTM or a transformer that learns to write like Moby-Dick",
  epochs: 3,
  flags(command) {
    command
      .addOption(
        new Option("--model <name>", "what runs along the text")
          .choices(Object.keys(sequenceModels))
          .default("lstm"),
      )
      .addOption(
        new Option("--unit <name>", "what a token is")
          .choices(["characters", "words"])
          .default("characters"),
      )
      .option("--vocabulary <n>", "words to tell apart", wholeNumber(1), 5000)
      .option("--embedding <n>", "numbers that stand for a token", wholeNumber(1), 64)
      .option("--hidden <n>", "width of the hidden layers", wholeNumber(1), 256)
      .option("--layers <n>", "layers on top of each other", wholeNumber(1), 1)
      .option("--seq-len <n>", "steps that gradients flow through", wholeNumber(1), 40)
      .option("--batch-size <n>", "columns of text a step", wholeNumber(1), 32)
      .addOption(
        new Option("--optimizer <name>", "how to step")
          .choices(Object.keys(optimizers))
          .default("adam"),
      )
      .option("--lr <x>", "learning rate (default: adam 0.002, sgd 4)", positive)
      .option("--clip <x>", "the most that the norm of the gradients may be", positive, 1)
      .option("--no-carry-state", "begin each chunk of text with a state of zeros");
    addWritingFlags(command);
  },
  run,
};
