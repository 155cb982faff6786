/** The numbers of CMU 10-714, hw2, for the residual network on the real digits. */
import { noGrad, type Tensor } from "@needle/autograd";
import { DataLoader, mnist } from "@needle/data";
import { NumpyGenerator, setDefaultGenerator } from "@needle/ndarray";
import { accuracy, crossEntropy, type Layer } from "@needle/nn";
import { Adam, type Optimizer } from "@needle/optim";
import { describe, expect, it } from "vitest";
import { mlpResNet } from "../src/models/mlp-resnet.ts";

const sets = await mnist();

/**
 * The course's epoch: error and loss, weighted by the sizes of the batches; trains with an
 * optimizer.
 */
async function epoch(
  model: Layer,
  loader: AsyncIterable<readonly [images: Tensor, labels: Tensor]>,
  optimizer?: Optimizer,
): Promise<[error: number, loss: number]> {
  // The course's epoch seeds NumPy with 4, which its dropout draws from.
  setDefaultGenerator(new NumpyGenerator(4));
  model.train(optimizer !== undefined);
  let [rows, errors, losses] = [0, 0, 0];
  for await (const [images, labels] of loader) {
    const count = images.shape[0]!;
    const forward = (): readonly [Tensor, Tensor] => {
      const scores = model.forward(images.reshape([count, 784]));
      return [scores, crossEntropy(scores, labels)];
    };
    const [scores, loss] = optimizer === undefined ? noGrad(forward) : forward();
    rows += count;
    errors += count * (1 - accuracy(scores, labels).item());
    losses += count * loss.item();
    if (optimizer === undefined) continue;
    optimizer.resetGrad();
    loss.backward();
    optimizer.step();
  }
  return [errors / rows, losses / rows];
}

function seeded(hidden: number): Layer {
  setDefaultGenerator(new NumpyGenerator(1));
  return mlpResNet(784, { hidden });
}

describe("an epoch of mlpResNet", () => {
  it("untrained has the course's error and loss on the test set", async () => {
    const [error, loss] = await epoch(seeded(10), new DataLoader(sets.test, { batchSize: 150 }));
    expect(error).toBeCloseTo(0.9164, 5);
    expect(loss).toBeCloseTo(4.137814, 5);
  });

  it("with Adam has the course's error and loss on the training set", async () => {
    const model = seeded(5);
    const optimizer = new Adam(model.parameters(), { lr: 0.01, weightDecay: 0.1 });
    const loader = new DataLoader(sets.train, { batchSize: 250 });
    const [error, loss] = await epoch(model, loader, optimizer);
    expect(error).toBeCloseTo(0.675267, 5);
    expect(loss).toBeCloseTo(1.84043, 5);
  });
});
