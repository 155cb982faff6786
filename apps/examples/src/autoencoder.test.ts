import { ones, randn, tensor, zeros } from "@needle/autograd";
import { manualSeed } from "@needle/ndarray";
import { expect, test } from "vitest";
import { reparameterize, standardDivergence, VariationalAutoencoder } from "./autoencoder.ts";
import { run, runJson } from "./capture.fixture.ts";

interface Epoch {
  readonly trainLoss: number;
  readonly testLoss: number;
  readonly reconstruction: number;
  readonly divergence: number;
}

const small = ["autoencoder", "--limit", "500", "--epochs", "4", "--hidden", "64"];
const quick = [...small, "--batch-size", "20", "--lr", "0.003"];

test("the divergence of a standard normal code is 0, that of others the formula's", () => {
  expect(standardDivergence(zeros([3, 2]), zeros([3, 2])).item()).toBe(0);
  const mean = tensor([[1, -2]], { dtype: "float64" });
  const logVariance = tensor([[Math.log(4), Math.log(0.25)]], { dtype: "float64" });
  // By hand: (1 + 4 - 1 - log 4) / 2 + (4 + 1/4 - 1 + log 4) / 2.
  expect(standardDivergence(mean, logVariance).item()).toBeCloseTo(3.625, 12);
});

test("codes have the mean and the variance asked for, and gradients for both", () => {
  manualSeed(1);
  const n = 20_000;
  const codes = reparameterize(
    tensor([3]).broadcastTo([n, 1]),
    tensor([Math.log(4)]).broadcastTo([n, 1]),
  );
  expect(Math.abs(codes.mean().item() - 3)).toBeLessThan(0.06);
  expect(Math.abs(codes.std().item() - 2)).toBeLessThan(0.06);

  const mean = randn([4, 2], { requiresGrad: true });
  const logVariance = randn([4, 2], { requiresGrad: true });
  const drawn = reparameterize(mean, logVariance);
  drawn.backward();
  expect(mean.grad?.toArray()).toEqual(ones([4, 2]).toArray());
  // d exp(v / 2) e / dv = exp(v / 2) e / 2.
  const half = drawn.sub(mean).mul(0.5);
  expect(logVariance.grad!.sub(half).abs().max().item()).toBeLessThan(1e-6);
});

test("codes and images have the shapes asked for", () => {
  const model = new VariationalAutoencoder({ latent: 5, hidden: 16 });
  const x = zeros([3, 784]);
  expect(model.encode(x).shape).toEqual([3, 5]);
  expect(model.forward(x).shape).toEqual([3, 784]);
  expect(model.decode(zeros([2, 5])).shape).toEqual([2, 784]);
});

test.each(["variational", "plain"])("the %s one learns to bring digits back", async (kind) => {
  const epochs = await runJson<Epoch>(...quick, "--kind", kind);
  expect(epochs).toHaveLength(4);
  const [first, last] = [epochs[0]!, epochs[3]!];
  // Blank images would cost 784 log 2 = 543 at the start, and about 206 with each pixel's mean.
  expect(first.trainLoss).toBeLessThan(543);
  expect(last.testLoss).toBeLessThan(first.testLoss);
  expect(last.reconstruction).toBeLessThan(206);
  expect(last.reconstruction + last.divergence).toBeCloseTo(last.testLoss, 2);
  if (kind === "plain") expect(last.divergence).toBe(0);
  else expect(last.divergence).toBeGreaterThan(1);
});

test("prints digits, the same after coding, and new ones", async () => {
  const { code, stdout } = await run(...quick, "--epochs", "1");
  expect(code).toBe(0);
  for (const title of ["Test digits:", "The same after coding:", "Digits of random codes:"]) {
    const picture = stdout.split(`${title}\n\n`)[1]!.split("\n").slice(0, 14).join("\n");
    expect(picture).toMatch(/[*#%@]/);
  }
  expect(stdout).toMatch(/epoch 1 {2}train loss [\d.]+ {2}test loss [\d.]+ \(reconstruction/);
});
