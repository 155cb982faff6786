/** A model that learns: its batches, its steps, and what it has learned so far. */
import { noGrad, tensor } from "@needle/autograd";
import { DataLoader, type MnistDataset } from "@needle/data";
import { fromTypedArray, manualSeed, Philox } from "@needle/ndarray";
import { crossEntropy } from "@needle/nn";
import { type ModelName, models } from "../../src/models/index.ts";
import { classes, type Learner, pixels } from "../../src/models/model.ts";
import { type Architecture, formatModel, restore, type SavedModel } from "../../src/saved.ts";
import type { Choices, ModelChoice, Weights } from "./messages.ts";

/** Images of weights that are shown at most. */
const mostImages = 40;

/** Digits of the test that are scored at once: other work has its turn between two batches. */
const testBatch = 100;

/** What a test came to. */
export interface TestResult {
  readonly loss: number;
  readonly accuracy: number;
  readonly predictions: Uint8Array;
  readonly confusion: Uint32Array;
}

/** The models there are, as a page shows them. */
export function modelChoices(): ModelChoice[] {
  return Object.entries(models).map(([name, { summary, batchSize, lr }]) => ({
    name,
    summary,
    batchSize,
    optimizers: Object.entries(lr).map(([optimizer, lr]) => ({ name: optimizer, lr })),
  }));
}

/** The choices that a model of a file is trained on with: those of its kind. */
export function choicesFor(model: ModelName): Choices {
  const { batchSize, lr } = models[model];
  const [optimizer, rate] = Object.entries(lr)[0]!;
  return { model, optimizer, lr: rate, batchSize };
}

/** A training from its beginning, or from what a file holds. */
export class Training {
  /** Batches learned from. */
  steps = 0;
  /** Digits learned from. */
  seen = 0;
  readonly #architecture: Architecture;
  readonly #learner: Learner;
  readonly #batches: ReturnType<typeof batchesOf>;

  private constructor(architecture: Architecture, choices: Choices, digits: () => MnistDataset) {
    manualSeed(0);
    this.#architecture = architecture;
    this.#learner = learnerFor(architecture, choices);
    this.#batches = batchesOf(digits, choices.batchSize);
  }

  /**
   * Begins.
   *
   * @param digits - gives the digits for each pass: there may be more from one to the next.
   * @param saved - the model to go on with; a new one unless given.
   * @throws ModelFileError when that does not fit what it says of itself.
   */
  static async begin(
    choices: Choices,
    digits: () => MnistDataset,
    saved: SavedModel | null,
  ): Promise<Training> {
    const architecture = saved?.architecture ?? architectureOf(choices);
    const training = new Training(architecture, choices, digits);
    if (saved !== null) await restore(training.#learner, saved);
    return training;
  }

  get model(): string {
    return this.#architecture.model;
  }

  /** What has been learned, as the bytes of a file. */
  save(): Promise<Uint8Array> {
    return formatModel(this.#learner, this.#architecture);
  }

  /** Learns from one batch and gives its loss before. */
  async step(): Promise<number> {
    const { value } = await this.#batches.next();
    const [images, labels] = value!;
    const loss = await this.#learner.step(images, labels).data();
    this.steps++;
    this.seen += labels.shape[0]!;
    return loss[0]!;
  }

  /**
   * Scores the digits at `positions`.
   *
   * @param turn - lets others work; gives false to end the test.
   * @returns null when it was ended.
   */
  async test(
    digits: MnistDataset,
    positions: Int32Array,
    turn: () => Promise<boolean>,
  ): Promise<TestResult | null> {
    const predictions = new Uint8Array(positions.length);
    const confusion = new Uint32Array(classes * classes);
    let lossSum = 0;
    let right = 0;
    for (let start = 0; start < positions.length; start += testBatch) {
      const [images, labels] = digits.batch(positions.subarray(start, start + testBatch));
      const [loss, guesses] = noGrad(() => {
        const scores = this.#learner.scores(images);
        return [crossEntropy(scores, labels), scores.argmax(1)];
      });
      const truth = await labels.data();
      lossSum += (await loss.data())[0]! * truth.length;
      for (const [i, guess] of (await guesses.data()).entries()) {
        predictions[start + i] = guess;
        confusion[classes * truth[i]! + guess]!++;
        if (guess === truth[i]) right++;
      }
      if (!(await turn())) return null;
    }
    const count = positions.length;
    return { loss: lossSum / count, accuracy: right / count, predictions, confusion };
  }

  /** How probable it is that this digit, `[784]` from 0 to 1, is a 0, a 1 and so on. */
  async classify(digit: Float32Array): Promise<Float32Array> {
    const image = tensor(fromTypedArray(digit, [1, pixels]));
    const probabilities = noGrad(() => this.#learner.scores(image).softmax(1));
    return Float32Array.from(await probabilities.data());
  }

  /** The first layer's weights: an image for each of the first outputs. */
  async weights(): Promise<Weights> {
    const weights = this.#learner.weights();
    const outputs = weights.shape.at(-1)!;
    const size = weights.size / outputs;
    const values = await weights
      .reshape([size, outputs])
      .slice([], [0, mostImages])
      .permute([1, 0])
      .data();
    return { side: Math.sqrt(size), values: Float32Array.from(values) };
  }

  /** Frees the batch in use. */
  async end(): Promise<void> {
    await this.#batches.return(undefined);
  }
}

/** A model of the usual sizes. */
function architectureOf({ model }: Choices): Architecture {
  const name = (Object.keys(models) as ModelName[]).find((known) => known === model);
  if (name === undefined) throw new Error(`there is no model ${model}`);
  return { model: name, hidden: models[name].hidden ?? 0, bias: true };
}

function learnerFor({ model, hidden, bias }: Architecture, { optimizer, lr }: Choices): Learner {
  if (optimizer !== "sgd" && optimizer !== "adam") throw new Error(`no optimizer ${optimizer}`);
  return models[model].create({ hidden, bias, optimizer, lr, momentum: 0, weightDecay: 0 });
}

/** Batches without end: pass after pass, each in an order of its own. */
async function* batchesOf(
  digits: () => MnistDataset,
  batchSize: number,
): AsyncGenerator<ReturnType<MnistDataset["batch"]>, undefined> {
  const generator = new Philox(1);
  for (;;) yield* new DataLoader(digits(), { batchSize, shuffle: true, generator });
}
