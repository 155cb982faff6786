import { ones, randn, tensor, zeros } from "@needle/autograd";
import { manualSeed, memory } from "@needle/ndarray";
import { Linear } from "@needle/nn";
import { SGD } from "@needle/optim";
import { expect, test } from "vitest";
import { run, runJson } from "./capture.fixture.ts";
import { buffersInUse } from "./collect.fixture.ts";
import { describeGenerator, drawReal, GANLoss, type Learned, makeDiscriminator } from "./gan.ts";

type Epoch = Learned & { readonly loss: number };

test("real points have the mean and the covariance that the course states", () => {
  manualSeed(0);
  const points = drawReal(20_000);
  const mean = points.mean(0);
  const centred = points.sub(mean);
  const covariance = centred.transpose().matmul(centred).div(20_000);
  // Four standard errors of the largest variance: 4 * 4.25 * sqrt(2 / 20000) = 0.17.
  const far = (x: typeof mean, y: typeof mean): number => x.sub(y).abs().max().item();
  expect(far(mean, tensor([2, 1]))).toBeLessThan(0.06);
  expect(
    far(
      covariance,
      tensor([
        [1.04, 1.9],
        [1.9, 4.25],
      ]),
    ),
  ).toBeLessThan(0.17);
});

test("a generator is described by its bias and A^T A", () => {
  const generator = new Linear(2, 2);
  generator.weight.assign(
    tensor([
      [1, 2],
      [3, 5],
    ]),
  );
  generator.bias!.assign(tensor([7, -1]));
  expect(describeGenerator(generator)).toEqual({
    mean: [7, -1],
    covariance: [
      [10, 17],
      [17, 29],
    ],
  });
});

test("the step of the discriminator leaves the generator alone, the loss does not", () => {
  manualSeed(1);
  const generator = new Linear(2, 2);
  const discriminator = makeDiscriminator();
  const loss = new GANLoss(discriminator, new SGD(discriminator.parameters(), { lr: 0.1 }));
  const before = discriminator.parameters()[0]!.toArray();
  const fakes = generator.forward(randn([8, 2]));

  loss.updateDiscriminator(fakes, ones([8, 2]));
  expect(generator.weight.grad).toBeNull();
  expect(discriminator.parameters()[0]!.toArray()).not.toEqual(before);

  loss.forward(fakes, ones([8, 2])).backward();
  expect(generator.weight.grad!.abs().max().item()).toBeGreaterThan(0);
});

test("steps of the discriminator make it tell fake from real", () => {
  manualSeed(2);
  const discriminator = makeDiscriminator();
  const loss = new GANLoss(discriminator, new SGD(discriminator.parameters(), { lr: 0.1 }));
  const [fakes, reals] = [zeros([8, 2]), ones([8, 2]).mul(3)];
  for (let i = 0; i < 100; i++) loss.updateDiscriminator(fakes, reals);
  expect(discriminator.forward(fakes).argmax(1).toArray()).toEqual(Array(8).fill(0));
  expect(discriminator.forward(reals).argmax(1).toArray()).toEqual(Array(8).fill(1));
});

test("the generator comes near the real distribution", async () => {
  const flags = ["gan", "--epochs", "2", "--steps", "250", "--batch-size", "500", "--lr", "0.01"];
  const [first, last] = await runJson<Epoch>(...flags);
  const distance = ({ mean, covariance }: Learned): number =>
    Math.hypot(mean[0]! - 2, mean[1]! - 1) +
    Math.hypot(covariance[0]![0]! - 1.04, covariance[0]![1]! - 1.9, covariance[1]![1]! - 4.25);
  expect(distance(last!)).toBeLessThan(0.7);
  expect(distance(last!)).toBeLessThan(distance(first!));
  expect(Math.abs(last!.loss - Math.LN2)).toBeLessThan(0.05);
});

test("prints what was learned beside the truth", async () => {
  const { code, stdout } = await run("gan", "--epochs", "1", "--steps", "2", "--limit", "20");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^epoch 1 {2}loss [\d.]+ {2}mean \[.*\] {2}A\^T A \[.*\] \[.*\]\nthe true ones: {2}mean \[2\.000, 1\.000\] {2}A\^T A \[1\.040, 1\.900\] \[1\.900, 4\.250\]\n/,
  );
});

test("steps leave nothing behind", async () => {
  const flags = ["gan", "--epochs", "1", "--batch-size", "10", "--backend", "reference"];
  const growth = async (steps: number): Promise<number> => {
    const before = await buffersInUse();
    await runJson(...flags, "--steps", String(steps));
    return memory().buffers - before;
  };
  await growth(1);
  // Each run leaves its networks to the garbage collector, however long it trains.
  expect(await growth(300)).toBe(await growth(3));
});
