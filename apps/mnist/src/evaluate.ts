/** What a model makes of the test set: its accuracy, what it takes for what, its worst mistakes. */
import { noGrad } from "@needle/autograd";
import { DataLoader } from "@needle/data";
import { crossEntropy } from "@needle/nn";
import type { Digits } from "./digits.ts";
import { batchSize, read, untilNextBatch } from "./measure.ts";
import { classes, type Learner } from "./models/model.ts";

/** A digit that is taken for another. */
export interface Mistake {
  /** 28 x 28 grey values from 0 to 1, row by row. */
  readonly pixels: ArrayLike<number>;
  readonly label: number;
  readonly guess: number;
  /** The probability the model gives to its wrong guess. */
  readonly probability: number;
}

/** What was found. */
export interface Evaluation {
  readonly count: number;
  /** The mean over all digits. */
  readonly loss: number;
  readonly right: number;
  /** How often digit i was taken for digit j, at `10 * i + j`. */
  readonly confusion: Uint32Array;
  /** The mistakes the model is surest of, the worst first. */
  readonly mistakes: readonly Mistake[];
}

/** Mistakes that are kept. */
const mostMistakes = 10;

/**
 * Scores all of a set.
 *
 * @param onBatch - called with the number of images done so far.
 */
export async function evaluate(
  learner: Learner,
  digits: Digits,
  signal: AbortSignal,
  onBatch: (done: number) => void = () => {},
): Promise<Evaluation> {
  const confusion = new Uint32Array(classes * classes);
  const mistakes: Mistake[] = [];
  let lossSum = 0;
  let count = 0;
  for await (const [images, labels] of new DataLoader(digits, { batchSize })) {
    await untilNextBatch(signal);
    const [loss, probabilities] = noGrad(() => {
      const scores = learner.scores(images);
      return [crossEntropy(scores, labels), scores.softmax(1)];
    });
    const [pixels, truth] = [await images.data(), await labels.data()];
    const shares = await probabilities.data();
    lossSum += (await read(loss)) * truth.length;
    const width = pixels.length / truth.length;
    for (const [i, label] of truth.entries()) {
      const row = shares.subarray(i * classes, (i + 1) * classes);
      // Where nothing is a number, the first class is the guess, as of argmax.
      const guess = Math.max(0, row.indexOf(Math.max(...row)));
      confusion[classes * label + guess]!++;
      if (guess === label) continue;
      const image = pixels.slice(i * width, (i + 1) * width);
      keepWorst(mistakes, { pixels: image, label, guess, probability: row[guess]! });
    }
    count += truth.length;
    onBatch(count);
  }
  const right = Array.from({ length: classes }, (_, i) => confusion[(classes + 1) * i]!);
  return {
    count,
    loss: lossSum / count,
    right: right.reduce((sum, n) => sum + n),
    confusion,
    mistakes,
  };
}

/** Puts a mistake in its place, and lets go of the least bad when there are too many. */
function keepWorst(mistakes: Mistake[], mistake: Mistake): void {
  const place = mistakes.findIndex(({ probability }) => probability < mistake.probability);
  mistakes.splice(place < 0 ? mistakes.length : place, 0, mistake);
  if (mistakes.length > mostMistakes) mistakes.pop();
}
