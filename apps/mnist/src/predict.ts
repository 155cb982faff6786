/** `predict`: an image in the form of MNIST's digits, and what a saved model takes it for. */
import { noGrad, tensor } from "@needle/autograd";
import { fromTypedArray } from "@needle/ndarray";
import { toDigit } from "./digit.ts";
import { readSmallFile } from "./files.ts";
import { inkOf } from "./ink.ts";
import { columnsOf, type Env, type Output, paint, showsUnicode } from "./io.ts";
import { type Learner, pixels } from "./models/model.ts";
import { canvasOf, drawImage } from "./picture.ts";
import { readPng } from "./png.ts";
import { ModelFileError } from "./saved.ts";
import { beside, percent } from "./text.ts";

/** The most bytes of an image that are read. */
const mostBytes = 2 ** 26;

/** What was seen. */
export interface Prediction {
  /** `[784]`, from 0 (paper) to 1 (ink): what the model was shown. */
  readonly image: Float32Array;
  readonly digit: number;
  readonly probabilities: readonly number[];
}

/**
 * Brings a PNG file into the form of MNIST's digits.
 *
 * @throws ModelFileError when there is no image, or nothing on it.
 */
export async function readDigit(path: string): Promise<Float32Array> {
  const image = readPng(await readSmallFile(path, mostBytes), path);
  const found = inkOf(image);
  const digit = found && toDigit(found.ink, image.width, found.least);
  if (digit === null) throw new ModelFileError(`${path}: nothing is drawn on the image`);
  return digit;
}

/** Asks the model. */
export async function predict(learner: Learner, image: Float32Array): Promise<Prediction> {
  const images = tensor(fromTypedArray(image, [1, pixels]));
  const shares = await noGrad(() => learner.scores(images).softmax(1)).data();
  const probabilities = Array.from(shares);
  return { image, digit: probabilities.indexOf(Math.max(...probabilities)), probabilities };
}

/** The image, a bar for each digit, and a sentence. */
export function describePrediction(found: Prediction, stream: Output, env: Env): string {
  const { image, digit, probabilities } = found;
  const columns = columnsOf(stream);
  const picture = drawImage(image, canvasOf(stream, env));
  const isBeside = columns >= 60;
  const room = Math.min(40, columns - (isBeside ? 30 : 0) - 12);
  const [full, half] = showsUnicode(stream, env) ? ["█", "▌"] : ["#", ""];
  const bars = probabilities.map((share, i) => {
    const halves = Math.round(2 * room * share);
    const bar = full.repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? half : "");
    const line = `${i} ${bar.padEnd(room)} ${percent(share).padStart(7)}`;
    return i === digit ? paint(stream, "bold", line) : line;
  });
  const lines = isBeside ? beside(picture, ["", "", ...bars]) : [...picture, "", ...bars];
  const sentence = `This looks like a ${digit} (${percent(probabilities[digit]!)}).`;
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n\n${paint(stream, "bold", sentence)}\n`;
}
