/** The training loop: passes over the training set, each followed by loss and error on both sets. */
import { setImmediate } from "node:timers/promises";
import { noGrad, type Tensor } from "@needle/autograd";
import { DataLoader } from "@needle/data";
import { Philox } from "@needle/ndarray";
import { crossEntropy } from "@needle/nn";
import type { DigitSets, Digits } from "./digits.ts";
import type { Learner } from "./models/model.ts";

/** What was measured after an epoch. Errors are fractions of 1. */
export interface EpochResult {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainError: number;
  readonly testLoss: number;
  readonly testError: number;
  /** How long the training pass took, the measuring not counted. */
  readonly seconds: number;
}

/** How far a pass has come. */
export interface Progress {
  readonly epoch: number;
  readonly phase: "training" | "measuring";
  /** Images done in this pass, and in all. */
  readonly done: number;
  readonly total: number;
  /** The mean loss of the images trained on since the epoch began. */
  readonly loss: number;
}

/** What training came to. */
export interface Outcome {
  readonly results: readonly EpochResult[];
  /** Where it was when it was interrupted; null when it ran to its end. */
  readonly stopped: Progress | null;
}

/** How to train. */
export interface TrainOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /** Ends training after the current batch. */
  readonly signal: AbortSignal;
  /** Called after every batch. */
  readonly onProgress: (progress: Progress) => void;
  /** Called after every epoch. */
  readonly onEpoch: (result: EpochResult) => void;
}

/** Images a forward pass, where nothing is learned. */
const measuredAtOnce = 1000;

/** Trains for some epochs, or until the signal is aborted. */
export async function train(
  learner: Learner,
  { train, test }: DigitSets,
  options: TrainOptions,
): Promise<Outcome> {
  const { epochs, batchSize, shuffle, seed, signal, onProgress, onEpoch } = options;
  // Shuffling has a stream of its own: every model sees the images in the same order, whatever it draws itself.
  const generator = new Philox(seed + 2 ** 32);
  const loader = new DataLoader(train, { batchSize, shuffle, generator });
  const results: EpochResult[] = [];
  let progress: Progress = { epoch: 1, phase: "training", done: 0, total: train.length, loss: 0 };
  const advance = (change: Partial<Progress>): void => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };

  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const start = performance.now();
      advance({ epoch, phase: "training", done: 0, total: train.length, loss: 0 });
      let lossSum = 0;
      for await (const [images, labels] of loader) {
        await untilNextBatch(signal);
        const loss = await read(learner.step(images, labels));
        lossSum += loss * images.shape[0]!;
        const done = progress.done + images.shape[0]!;
        advance({ done, loss: lossSum / done });
      }
      const seconds = (performance.now() - start) / 1000;
      advance({ phase: "measuring", done: 0, total: train.length + test.length });
      const measured = (count: number): void => advance({ done: progress.done + count });
      const trained = await measure(learner, train, signal, measured);
      const tested = await measure(learner, test, signal, measured);
      const result: EpochResult = {
        epoch,
        trainLoss: trained.loss,
        trainError: trained.error,
        testLoss: tested.loss,
        testError: tested.error,
        seconds,
      };
      results.push(result);
      onEpoch(result);
    }
    return { results, stopped: null };
  } catch (error) {
    if (error === signal.reason && signal.aborted) return { results, stopped: progress };
    throw error;
  }
}

/** Lets Ctrl-C and the progress bar have their turn, and throws when training is to stop. */
async function untilNextBatch(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** Mean loss and error over all of a set, each image counting the same. */
export async function measure(
  learner: Learner,
  digits: Digits,
  signal: AbortSignal,
  onBatch: (count: number) => void = () => {},
): Promise<{ loss: number; error: number }> {
  let lossSum = 0;
  let wrong = 0;
  for await (const [images, labels] of new DataLoader(digits, { batchSize: measuredAtOnce })) {
    await untilNextBatch(signal);
    const [loss, mistakes] = noGrad(() => {
      const scores = learner.scores(images);
      return [crossEntropy(scores, labels), scores.argmax(1).ne(labels).sum()];
    });
    const count = images.shape[0]!;
    lossSum += (await read(loss)) * count;
    wrong += await read(mistakes);
    onBatch(count);
  }
  return { loss: lossSum / digits.length, error: wrong / digits.length };
}

/** The one element of a tensor, whatever backend it is on. */
async function read(x: Tensor): Promise<number> {
  return (await x.data())[0]!;
}
