/**
 * Autoencoders of MNIST: a plain one, and the variational one of Kingma and Welling, Auto-encoding
 * variational Bayes (2013), which can also draw digits that nobody wrote.
 */
import { noGrad, randn, type Tensor } from "@needle/autograd";
import { DataLoader, mnist } from "@needle/data";
import { binaryCrossEntropyWithLogits, Linear, Module, ReLU, Sequential } from "@needle/nn";
import { Adam } from "@needle/optim";
import { Option } from "commander";
import { type Program, positive, type Report, type Settings, wholeNumber } from "./console.ts";
import { drawGrey } from "./picture.ts";
import { evaluate, secondsSince, trainEpoch } from "./training.ts";

const side = 28;
const pixels = side * side;

/** What a batch costs, each a mean over its images; `loss` is the sum of the other two. */
export interface Costs {
  readonly loss: Tensor;
  /** Cross-entropy of the pixels, summed over an image, in nats. */
  readonly reconstruction: Tensor;
  /** How far the code is from a standard normal one, in nats; 0 for the plain autoencoder. */
  readonly divergence: Tensor;
}

/** The sizes of an autoencoder. */
interface Sizes {
  readonly latent: number;
  readonly hidden: number;
}

/** Images to codes and back: `[batch, 784] -> [batch, latent] -> [batch, 784]`, as logits. */
export abstract class Autoencoder extends Module {
  readonly latent: number;
  readonly encoder: Sequential;
  readonly decoder: Sequential;

  /** @param codes - how many numbers the encoder gives for each of the code. */
  constructor({ latent, hidden }: Sizes, codes: number) {
    super();
    this.latent = latent;
    this.encoder = layers(pixels, hidden, codes * latent);
    this.decoder = layers(latent, hidden, pixels);
  }

  /** The likeliest code of each image: `[batch, 784] -> [batch, latent]`. */
  abstract encode(x: Tensor): Tensor;

  /** What training makes small. */
  abstract costs(x: Tensor): Costs;

  /** Images as they come back from their codes, from 0 to 1: `[batch, 784] -> [batch, 784]`. */
  forward(x: Tensor): Tensor {
    return this.decode(this.encode(x));
  }

  /** The images of codes, from 0 to 1: `[batch, latent] -> [batch, 784]`. */
  decode(codes: Tensor): Tensor {
    return this.decoder.forward(codes).sigmoid();
  }

  /** The cross-entropy of the images and those their codes give. */
  protected reconstruction(codes: Tensor, x: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(this.decoder.forward(codes), x).mul(pixels);
  }
}

function layers(from: number, hidden: number, to: number): Sequential {
  return new Sequential(new Linear(from, hidden), new ReLU(), new Linear(hidden, to));
}

/** Codes that are only asked to bring the image back. */
export class PlainAutoencoder extends Autoencoder {
  constructor(sizes: Sizes) {
    super(sizes, 1);
  }

  encode(x: Tensor): Tensor {
    return this.encoder.forward(x);
  }

  costs(x: Tensor): Costs {
    const reconstruction = this.reconstruction(this.encode(x), x);
    return { loss: reconstruction, reconstruction, divergence: reconstruction.detach().mul(0) };
  }
}

/** Each image a normal distribution of codes, held close to the standard one. */
export class VariationalAutoencoder extends Autoencoder {
  constructor(sizes: Sizes) {
    super(sizes, 2);
  }

  encode(x: Tensor): Tensor {
    return this.distribution(x)[0];
  }

  /** The mean and the logarithm of the variance of each image's codes: `[batch, latent]` each. */
  distribution(x: Tensor): [mean: Tensor, logVariance: Tensor] {
    const both = this.encoder.forward(x);
    const { latent } = this;
    return [both.slice([], [0, latent]), both.slice([], [latent, 2 * latent])];
  }

  /** Reconstruction from one draw of codes, and divergence: minus the evidence lower bound. */
  costs(x: Tensor): Costs {
    const [mean, logVariance] = this.distribution(x);
    const reconstruction = this.reconstruction(reparameterize(mean, logVariance), x);
    const divergence = standardDivergence(mean, logVariance);
    return { loss: reconstruction.add(divergence), reconstruction, divergence };
  }
}

/**
 * A draw from N(mean, exp(logVariance)) with gradients for both: `mean + exp(logVariance / 2) * e`
 * with e standard normal.
 */
export function reparameterize(mean: Tensor, logVariance: Tensor): Tensor {
  return logVariance.mul(0.5).exp().mul(randn(mean.shape)).add(mean);
}

/**
 * The Kullback-Leibler divergence of N(mean, exp(logVariance)) from N(0, 1), summed over the code
 * and averaged over the batch: `sum(mean^2 + exp(logVariance) - 1 - logVariance) / 2`.
 */
export function standardDivergence(mean: Tensor, logVariance: Tensor): Tensor {
  const terms = mean.square().add(logVariance.exp()).sub(1).sub(logVariance);
  return terms.sum(1).mean().mul(0.5);
}

/** The flags of its own. */
interface AutoencoderSettings extends Settings, Sizes {
  readonly kind: "variational" | "plain";
  readonly batchSize: number;
  readonly lr: number;
}

async function run(settings: AutoencoderSettings, report: Report): Promise<void> {
  const { kind, epochs, batchSize, lr, limit } = settings;
  const start = performance.now();
  const { train, test } = await mnist({ limit });
  const model =
    kind === "plain" ? new PlainAutoencoder(settings) : new VariationalAutoencoder(settings);
  const optimizer = new Adam(model.parameters(), { lr });
  const loader = new DataLoader(train, { batchSize, shuffle: true });

  for (let epoch = 1; epoch <= epochs; epoch++) {
    const began = performance.now();
    const trainLoss = await trainEpoch(
      loader,
      optimizer,
      ([images]) => model.costs(images).loss,
      (done, loss) =>
        report.progress(`epoch ${epoch}/${epochs}`, done, train.length, `loss ${loss.toFixed(2)}`),
    );
    const seconds = secondsSince(began);
    const costs = await evaluate(
      new DataLoader(test, { batchSize: 1000 }),
      ([images]): Record<keyof Costs, Tensor> => ({ ...model.costs(images) }),
    );
    const { loss, reconstruction, divergence } = costs;
    report.result(
      { epoch, trainLoss, testLoss: loss, reconstruction, divergence, seconds },
      `epoch ${epoch}  train loss ${trainLoss.toFixed(2)}  test loss ${loss.toFixed(2)} ` +
        `(reconstruction ${reconstruction.toFixed(2)}, divergence ${divergence.toFixed(2)})  ` +
        `${seconds.toFixed(1)} s`,
    );
  }
  const shown = Math.max(1, Math.min(6, Math.floor(report.columns / side)));
  await draw(model, test.images.slice([0, shown]), kind === "variational", report);
  report.print(`\n${secondsSince(start).toFixed(0)} s in all; losses are in nats an image`);
}

/** Test digits, the same after coding, and what random codes give. */
async function draw(
  model: Autoencoder,
  images: Tensor,
  samples: boolean,
  report: Report,
): Promise<void> {
  const picture = async (title: string, x: Tensor): Promise<void> =>
    report.print(`\n${title}\n\n${drawGrey(await x.data(), side)}`);
  await picture("Test digits:", images);
  const count = images.shape[0]!;
  await picture(
    "The same after coding:",
    noGrad(() => model.forward(images)),
  );
  if (!samples) return;
  await picture(
    "Digits of random codes:",
    noGrad(() => model.decode(randn([count, model.latent]))),
  );
}

export const autoencoder: Program<AutoencoderSettings> = {
  summary: "an autoencoder of MNIST, variational or plain; draws digits",
  epochs: 10,
  flags: (command) =>
    void command
      .addOption(
        new Option("--kind <name>", "of autoencoder")
          .choices(["variational", "plain"])
          .default("variational"),
      )
      .option("--latent <n>", "numbers in a code", wholeNumber(1), 20)
      .option("--hidden <n>", "width of the layers between", wholeNumber(1), 400)
      .option("--batch-size <n>", "images a step", wholeNumber(1), 100)
      .option("--lr <x>", "learning rate of Adam", positive, 0.001),
  run,
};
