/** Loss and error over a whole set, and what else is done between batches. */
import { setImmediate } from "node:timers/promises";
import { noGrad, type Tensor } from "@needle/autograd";
import { DataLoader } from "@needle/data";
import { crossEntropy } from "@needle/nn";
import type { Digits } from "./digits.ts";
import type { Learner } from "./models/model.ts";

/** Images a forward pass. */
export const batchSize = 1000;

/**
 * Mean loss and error (a fraction of 1) over all of a set, each image counting the same.
 *
 * @param onBatch - called with the number of images done so far.
 */
export async function measure(
  learner: Learner,
  digits: Digits,
  signal: AbortSignal,
  onBatch: (done: number) => void,
): Promise<{ loss: number; error: number }> {
  let lossSum = 0;
  let wrong = 0;
  let done = 0;
  for await (const [images, labels] of new DataLoader(digits, { batchSize })) {
    await untilNextBatch(signal);
    const [loss, mistakes] = noGrad(() => {
      const scores = learner.scores(images);
      return [crossEntropy(scores, labels), scores.argmax(1).ne(labels).sum()];
    });
    const count = images.shape[0]!;
    lossSum += (await read(loss)) * count;
    wrong += await read(mistakes);
    done += count;
    onBatch(done);
  }
  return { loss: lossSum / done, error: wrong / done };
}

/** The share of a batch that is recognized. */
export async function accuracyOn(
  learner: Learner,
  images: Tensor,
  labels: Tensor,
): Promise<number> {
  const right = noGrad(() => learner.scores(images).argmax(1).eq(labels).sum());
  return (await read(right)) / labels.shape[0]!;
}

/** Lets Ctrl-C and the progress bar have their turn, and throws when training is to stop. */
export async function untilNextBatch(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** The one element of a tensor, whatever backend it is on. */
export async function read(x: Tensor): Promise<number> {
  return (await x.data())[0]!;
}
