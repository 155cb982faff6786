/**
 * The course's first generative adversarial network (CMU 10-714, lecture 17): a linear generator
 * that learns a normal distribution of the plane from a critic that tells its points from real ones
 * (Goodfellow et al., Generative adversarial nets, 2014).
 */
import { setImmediate } from "node:timers/promises";
import { full, noGrad, randn, type Tensor, tensor } from "@needle/autograd";
import { scope } from "@needle/ndarray";
import { Linear, Module, ReLU, Sequential, SoftmaxLoss } from "@needle/nn";
import { Adam, cosine, type Optimizer, Scheduler } from "@needle/optim";
import { type Program, positive, type Report, type Settings, wholeNumber } from "./console.ts";
import { secondsSince } from "./training.ts";

/** Points `z A + mean` with z standard normal: they have this mean and the covariance `A^T A`. */
const truth = {
  A: [
    [1, 2],
    [-0.2, 0.5],
  ],
  mean: [2, 1],
} as const;

const real = 1;
const fake = 0;

/** Real points, `[count, 2]`. */
export function drawReal(count: number): Tensor {
  return randn([count, 2]).matmul(tensor(truth.A)).add(tensor(truth.mean));
}

/** 2 - 20 - 10 - 2: the scores of "fake" and "real" for each point. */
export function makeDiscriminator(): Sequential {
  return new Sequential(
    new Linear(2, 20),
    new ReLU(),
    new Linear(20, 10),
    new ReLU(),
    new Linear(10, 2),
  );
}

/**
 * The adversary as a loss: it learns to tell fake from real whenever it is asked how real the fakes
 * look (the course's modular GANLoss).
 */
export class GANLoss extends Module<[fakes: Tensor, reals: Tensor], Tensor> {
  readonly discriminator: Module;
  readonly optimizer: Optimizer;
  readonly loss: SoftmaxLoss = new SoftmaxLoss();

  /** @param optimizer - steps the discriminator. */
  constructor(discriminator: Module, optimizer: Optimizer) {
    super();
    this.discriminator = discriminator;
    this.optimizer = optimizer;
  }

  /** How far the discriminator is from taking the fakes for real, after a step of its own. */
  forward(fakes: Tensor, reals: Tensor): Tensor {
    this.updateDiscriminator(fakes, reals);
    return this.#against(fakes, real);
  }

  /** One step of the discriminator. The fakes are detached: the generator learns nothing by it. */
  updateDiscriminator(fakes: Tensor, reals: Tensor): void {
    this.optimizer.resetGrad();
    const loss = this.#against(fakes.detach(), fake).add(this.#against(reals, real));
    loss.backward();
    this.optimizer.step();
  }

  #against(points: Tensor, label: number): Tensor {
    const labels = full([points.shape[0]!], label, { dtype: "int32", backend: points.backend });
    return this.loss.forward(this.discriminator.forward(points), labels);
  }
}

/** The distribution that a linear generator has learned. */
export interface Learned {
  readonly mean: readonly number[];
  /** `A^T A`, row by row. */
  readonly covariance: readonly (readonly number[])[];
}

/** The mean and the covariance of what a linear generator makes of standard normal points. */
export function describeGenerator(generator: Linear): Learned {
  return scope(() =>
    noGrad(() => ({
      mean: generator.bias!.reshape([-1]).toArray() as number[],
      covariance: covarianceOf(generator.weight),
    })),
  );
}

function covarianceOf(A: Tensor): number[][] {
  return A.transpose().matmul(A).toArray() as number[][];
}

/** The flags of its own. */
interface GANSettings extends Settings {
  readonly steps: number;
  readonly batchSize: number;
  readonly lr: number;
}

async function run(settings: GANSettings, report: Report): Promise<void> {
  const { epochs, steps, batchSize, lr, limit } = settings;
  const start = performance.now();
  const generator = new Linear(2, 2);
  const discriminator = makeDiscriminator();
  const critic = new Adam(discriminator.parameters(), { lr });
  const adversary = new GANLoss(discriminator, critic);
  const optimizer = new Adam(generator.parameters(), { lr });
  // At a constant rate the two go round their balance for ever.
  const fall = cosine({ length: epochs * steps, end: 0.02 });
  const schedulers = [critic, optimizer].map((stepped) => new Scheduler(stepped, fall));
  // A limited set is drawn once and used again and again.
  const fixed = limit === undefined ? null : drawReal(limit);

  const step = (): Tensor => {
    const reals = fixed ?? drawReal(batchSize);
    const fakes = generator.forward(randn([reals.shape[0]!, 2]));
    const loss = adversary.forward(fakes, reals);
    optimizer.resetGrad();
    loss.backward();
    optimizer.step();
    for (const scheduler of schedulers) scheduler.step();
    return loss.detach();
  };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const began = performance.now();
    let sum = 0;
    for (let n = 1; n <= steps; n++) {
      const loss = scope(step);
      sum += (await loss.data())[0]!;
      loss.dispose();
      report.progress(`epoch ${epoch}/${epochs}`, n, steps, `loss ${(sum / n).toFixed(3)}`);
      await setImmediate();
    }
    const loss = sum / steps;
    const { mean, covariance } = describeGenerator(generator);
    report.result(
      { epoch, loss, mean, covariance, seconds: secondsSince(began) },
      `epoch ${epoch}  loss ${loss.toFixed(4)}  mean ${show(mean)}  A^T A ${covariance.map(show).join(" ")}`,
    );
  }
  const covariance = scope(() => covarianceOf(tensor(truth.A)));
  report.print(`the true ones:  mean ${show(truth.mean)}  A^T A ${covariance.map(show).join(" ")}`);
  report.print(`${secondsSince(start).toFixed(1)} s in all; log 2 is the loss at the balance`);
}

function show(values: readonly number[]): string {
  return `[${values.map((x) => x.toFixed(3)).join(", ")}]`;
}

export const gan: Program<GANSettings> = {
  summary: "a GAN that learns a normal distribution of the plane",
  epochs: 10,
  flags: (command) =>
    void command
      .option("--steps <n>", "steps an epoch", wholeNumber(1), 400)
      .option(
        "--batch-size <n>",
        "points a step, unless --limit says how many",
        wholeNumber(1),
        1000,
      )
      .option("--lr <x>", "learning rate of Adam, of both networks", positive, 0.002),
  run,
};
