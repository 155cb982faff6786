/**
 * The training loop: passes over the training set, each followed by loss and error on both sets.
 */
import { DataLoader } from "@needle/data";
import { Philox } from "@needle/ndarray";
import type { Batch, DigitSets } from "./digits.ts";
import { accuracyOn, measure, read, untilNextBatch } from "./measure.ts";
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
  /** The loss of the last batch; null where this report is not of one. */
  readonly batchLoss: number | null;
  /**
   * The share of images recognized just before they were learned from, a running mean over batches
   * that `wantsAccuracy` asked for; null where there were none.
   */
  readonly accuracy: number | null;
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
  /** Called after every epoch, and waited for. */
  readonly onEpoch: (result: EpochResult) => unknown;
  /** Whether to find out the accuracy on the next batch, which changes nothing but takes time. */
  readonly wantsAccuracy: () => boolean;
}

/** Trains for some epochs, or until the signal is aborted. */
export async function train(
  learner: Learner,
  sets: DigitSets,
  options: TrainOptions,
): Promise<Outcome> {
  const { epochs, batchSize, shuffle, seed, signal, onProgress, onEpoch, wantsAccuracy } = options;
  // Shuffling has a stream of its own: every model sees the images in the same order, whatever it
  // draws itself.
  const generator = new Philox(seed + 2 ** 32);
  const loader = new DataLoader(sets.train, { batchSize, shuffle, generator });
  const results: EpochResult[] = [];
  let stopped: Progress | null = null;
  const report = (progress: Progress): void => {
    stopped = progress;
    onProgress(progress);
  };

  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const start = performance.now();
      const loss = await trainEpoch(learner, loader, {
        epoch,
        signal,
        report,
        wantsAccuracy,
      });
      const seconds = (performance.now() - start) / 1000;
      const measured = await measureSets(learner, sets, { epoch, loss, signal, report });
      results.push({ epoch, ...measured, seconds });
      await onEpoch(results.at(-1)!);
    }
    return { results, stopped: null };
  } catch (error) {
    if (signal.aborted && error === signal.reason) return { results, stopped };
    throw error;
  }
}

/** What both passes of an epoch need. */
interface Pass {
  readonly epoch: number;
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

/** The pass that learns; gives the mean loss of the batches on the way. */
async function trainEpoch(
  learner: Learner,
  loader: DataLoader<Batch>,
  { epoch, signal, report, wantsAccuracy }: Pass & Pick<TrainOptions, "wantsAccuracy">,
): Promise<number> {
  const pass = { epoch, phase: "training", total: loader.dataset.length } as const;
  let lossSum = 0;
  let done = 0;
  let accuracy: number | null = null;
  report({ ...pass, done, loss: 0, batchLoss: null, accuracy });
  for await (const [images, labels] of loader) {
    await untilNextBatch(signal);
    if (wantsAccuracy()) {
      const share = await accuracyOn(learner, images, labels);
      accuracy = accuracy === null ? share : 0.7 * accuracy + 0.3 * share;
    }
    const loss = await read(learner.step(images, labels));
    const count = images.shape[0]!;
    lossSum += loss * count;
    done += count;
    report({ ...pass, done, loss: lossSum / done, batchLoss: loss, accuracy });
  }
  return lossSum / done;
}

/** The pass that learns nothing, over both sets. */
async function measureSets(
  learner: Learner,
  { train, test }: DigitSets,
  { epoch, loss, signal, report }: Pass & { readonly loss: number },
): Promise<Omit<EpochResult, "epoch" | "seconds">> {
  const total = train.length + test.length;
  const pass = { epoch, phase: "measuring", total, loss, batchLoss: null, accuracy: null } as const;
  report({ ...pass, done: 0 });
  const ofTrain = await measure(learner, train, signal, (done) => report({ ...pass, done }));
  const before = train.length;
  const ofTest = await measure(learner, test, signal, (done) =>
    report({ ...pass, done: before + done }),
  );
  return {
    trainLoss: ofTrain.loss,
    trainError: ofTrain.error,
    testLoss: ofTest.loss,
    testError: ofTest.error,
  };
}
