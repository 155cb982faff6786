/**
 * The course's residual network of convolutions (CMU 10-714, hw4), trained on CIFAR-10 from its
 * folder, or on emoji: which category a small picture belongs to, tested on the pictures of a
 * vendor that were never seen.
 */
import type { Tensor } from "@needle/autograd";
import { type Cifar10Dataset, cifar10, DataLoader, randomCrop, transformed } from "@needle/data";
import { NeedleError } from "@needle/ndarray";
import {
  BatchNorm2d,
  Conv,
  crossEntropy,
  Flatten,
  Linear,
  ReLU,
  Residual,
  Sequential,
} from "@needle/nn";
import { Adam } from "@needle/optim";
import {
  type Program,
  positive,
  type Report,
  type Settings,
  UsageError,
  wholeNumber,
} from "./console.ts";
import { emoji } from "./emoji.ts";
import { evaluate, secondsSince, trainEpoch } from "./training.ts";

/** Convolution, BatchNorm and ReLU: `[batch, in, h, w] -> [batch, out, h / stride, w / stride]`. */
export function convBN(from: number, to: number, kernel: number, stride: number): Sequential {
  return new Sequential(new Conv(from, to, kernel, { stride }), new BatchNorm2d(to), new ReLU());
}

/** `[batch, 3, 32, 32] -> [batch, classes]`. */
export function resNet9(classes = 10): Sequential {
  const residual = (channels: number): Residual =>
    new Residual(
      new Sequential(convBN(channels, channels, 3, 1), convBN(channels, channels, 3, 1)),
    );
  return new Sequential(
    convBN(3, 16, 7, 4),
    convBN(16, 32, 3, 2),
    residual(32),
    convBN(32, 64, 3, 2),
    convBN(64, 128, 3, 2),
    residual(128),
    new Flatten(),
    new Linear(128, 128),
    new ReLU(),
    new Linear(128, classes),
  );
}

/** Images to learn from and others to be tested on. */
export interface Images {
  readonly train: Cifar10Dataset;
  readonly test: Cifar10Dataset;
  /** What the classes are called. */
  readonly names: readonly string[];
}

const cifarNames = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");

/** The flags of its own. */
interface ResNetSettings extends Settings {
  readonly cifar?: string;
  readonly emoji: string;
  readonly heldOut: string;
  readonly batchSize: number;
  readonly lr: number;
  readonly weightDecay: number;
}

async function imagesOf(settings: ResNetSettings): Promise<Images> {
  const { cifar, limit } = settings;
  try {
    if (cifar === undefined) return emoji(settings.emoji, settings.heldOut, limit);
    return { ...(await cifar10(cifar, { limit })), names: cifarNames };
  } catch (error) {
    if (!(error instanceof NeedleError)) throw error;
    // The lines after the first are for programmers.
    throw new UsageError(error.message.replace(/\n.*/s, ""));
  }
}

async function run(settings: ResNetSettings, report: Report): Promise<void> {
  const { epochs, batchSize, lr, weightDecay } = settings;
  const start = performance.now();
  const { train, test, names } = await imagesOf(settings);
  const majority = await shareOfLargest(test, names.length);
  report.print(
    `${train.length} images to train with, ${test.length} to test, ${names.length} classes; ` +
      `the largest has ${percent(majority)} of the test images`,
  );
  const model = resNet9(names.length);
  const optimizer = new Adam(model.parameters(), { lr, weightDecay });
  const loader = new DataLoader(transformed(train, randomCrop(3)), { batchSize, shuffle: true });
  let accuracy = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const began = performance.now();
    model.train();
    const trainLoss = await trainEpoch(
      loader,
      optimizer,
      ([x, y]) => crossEntropy(model.forward(x), y),
      (done, loss) =>
        report.progress(`epoch ${epoch}/${epochs}`, done, train.length, `loss ${loss.toFixed(3)}`),
    );
    const seconds = secondsSince(began);
    model.eval();
    const measured = await evaluate(new DataLoader(test, { batchSize: 500 }), ([x, y]) => {
      const scores = model.forward(x);
      return { loss: crossEntropy(scores, y), accuracy: correct(scores, y) };
    });
    accuracy = measured.accuracy;
    report.result(
      { epoch, trainLoss, testLoss: measured.loss, accuracy, majority, seconds },
      `epoch ${epoch}  train loss ${trainLoss.toFixed(3)}  test loss ${measured.loss.toFixed(3)}  ` +
        `accuracy ${percent(accuracy)}  ${seconds.toFixed(1)} s`,
    );
  }
  report.print(
    `\naccuracy ${percent(accuracy)} on ${test.length} images not trained with, ` +
      `${percent(majority)} by always naming the largest class; ` +
      `${secondsSince(start).toFixed(0)} s in all`,
  );
}

function correct(scores: Tensor, labels: Tensor): Tensor {
  return scores.argmax(1).eq(labels).astype("float32").mean();
}

/** The share of images in the class that most are in. */
async function shareOfLargest(images: Cifar10Dataset, classes: number): Promise<number> {
  const counts = new Array<number>(classes).fill(0);
  for (const label of await images.labels.data()) counts[label]!++;
  return Math.max(...counts) / images.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export const resnet9: Program<ResNetSettings> = {
  summary: "the course's ResNet9, on emoji of several vendors or on CIFAR-10",
  epochs: 20,
  flags: (command) =>
    void command
      .option("--emoji <dir>", "folder that `npm run emoji` fills", ".cache/emoji")
      .option("--held-out <vendor>", "whose emoji are for the test only", "twitter")
      .option("--cifar <dir>", "train on CIFAR-10 from its folder cifar-10-batches-bin instead")
      .option("--batch-size <n>", "images a step", wholeNumber(2), 64)
      .option("--lr <x>", "learning rate of Adam", positive, 0.001)
      .option("--weight-decay <x>", "how much weights shrink", positive, 0.001),
  run,
};
