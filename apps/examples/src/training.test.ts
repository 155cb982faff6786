import { ones, rand, type Tensor, tensor } from "@needle/autograd";
import { ArrayDataset, DataLoader } from "@needle/data";
import { manualSeed, memory } from "@needle/ndarray";
import { Linear, mseLoss } from "@needle/nn";
import { SGD } from "@needle/optim";
import { expect, test } from "vitest";
import { VariationalAutoencoder } from "./autoencoder.ts";
import { evaluate, trainEpoch } from "./training.ts";

const numbers = new ArrayDataset(tensor([1, 2, 3, 4, 5]));
const loader = new DataLoader(numbers, { batchSize: 2 });

test("means weigh every item the same, also those of a short last batch", async () => {
  const seen: number[] = [];
  const means = await evaluate(
    loader,
    ([x]) => ({ loss: x.mean(), square: x.square().mean() }),
    (done) => seen.push(done),
  );
  expect(means).toEqual({ loss: 3, square: 11 });
  expect(seen).toEqual([2, 4, 5]);
});

test("one tensor may be measured under two names", async () => {
  const both = ([x]: readonly [Tensor]): Record<"loss" | "again", Tensor> => {
    const loss = x.mean();
    return { loss, again: loss };
  };
  expect(await evaluate(loader, both)).toEqual({ loss: 3, again: 3 });
});

test("training takes a step a batch and gives the mean loss on the way", async () => {
  const layer = new Linear(1, 1, { bias: false });
  layer.weight.assign(0);
  const data = new ArrayDataset(ones([4, 1]), ones([4, 1]));
  const loss = await trainEpoch(
    new DataLoader(data, { batchSize: 2 }),
    new SGD(layer.parameters(), { lr: 0.25 }),
    ([x, y]) => mseLoss(layer.forward(x), y),
    () => {},
  );
  // (1 - w)^2 with w = 0, then half way to 1.
  expect(loss).toBeCloseTo((1 + 0.25) / 2, 6);
  expect(layer.weight.item()).toBeCloseTo(0.75, 6);
});

test("epochs of training and measuring leave no buffer behind", async () => {
  manualSeed(0);
  const model = new VariationalAutoencoder({ latent: 2, hidden: 8 });
  const optimizer = new SGD(model.parameters(), { lr: 1e-4 });
  const images = new DataLoader(new ArrayDataset(rand([20, 784])), { batchSize: 2 });
  const epoch = async (): Promise<void> => {
    await trainEpoch(
      images,
      optimizer,
      ([x]) => model.costs(x).loss,
      () => {},
    );
    await evaluate(images, ([x]) => ({ ...model.costs(x) }));
  };
  await epoch();
  const before = memory().buffers;
  for (let i = 0; i < 5; i++) await epoch();
  // Fewer where what came before this test has been collected meanwhile.
  expect(memory().buffers).toBeLessThanOrEqual(before);
});
