/**
 * `--show`: some test digits and what the model takes them for, mistakes among them if it makes
 * any.
 */
import { noGrad } from "@needle/autograd";
import { DataLoader } from "@needle/data";
import type { Digits } from "./digits.ts";
import { columnsOf, type Env, type Output } from "./io.ts";
import type { Learner } from "./models/model.ts";
import { canvasOf, drawDigits, type SeenDigit } from "./picture.ts";
import { wrap } from "./text.ts";

const shown = 8;
const mistakesShown = 2;

/** Prints the picture to a stream. */
export async function show(
  learner: Learner,
  test: Digits,
  stream: Output,
  env: Env,
): Promise<void> {
  const digits = await pickDigits(learner, test);
  const title = wrap("Test digits and what the model takes them for:", columnsOf(stream));
  stream.write(`\n${title}\n\n${drawDigits(digits, canvasOf(stream, env))}\n`);
}

/** The first digits of the set that the model gets right, then its first mistakes. */
async function pickDigits(learner: Learner, test: Digits): Promise<SeenDigit[]> {
  const digits: SeenDigit[] = [];
  const mistakes: SeenDigit[] = [];
  for await (const [images, labels] of new DataLoader(test, { batchSize: 200 })) {
    const guesses = await noGrad(() => learner.scores(images).argmax(1)).data();
    const [pixels, truth] = [await images.data(), await labels.data()];
    const width = pixels.length / truth.length;
    for (let i = 0; i < truth.length; i++) {
      const digit: SeenDigit = {
        pixels: pixels.subarray(i * width, (i + 1) * width),
        label: truth[i]!,
        guess: guesses[i]!,
      };
      (digit.guess === digit.label ? digits : mistakes).push(digit);
    }
    if (mistakes.length >= mistakesShown && digits.length >= shown) break;
  }
  const wrong = mistakes.slice(0, Math.max(mistakesShown, shown - digits.length));
  return [...digits.slice(0, shown - wrong.length), ...wrong];
}
