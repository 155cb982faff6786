/** A small network that learns 200 random samples by heart. */
import { noGrad, Tensor } from "@needle/autograd";
import { manualSeed, randint, randn, setDefaultBackend } from "@needle/ndarray";
import { accuracy, crossEntropy, Linear, ReLU, Sequential } from "@needle/nn";
import { Adam } from "@needle/optim";
import { createWasmBackend, type WasmOptions } from "../../src/index.ts";

export interface Training {
  readonly losses: readonly number[];
  /** The share of samples that are classified right in the end. */
  readonly right: number;
}

/** Makes a backend and trains on it. */
export async function train(options: WasmOptions): Promise<Training> {
  setDefaultBackend(await createWasmBackend(options));
  manualSeed(1);
  const model = new Sequential(new Linear(20, 64), new ReLU(), new Linear(64, 10));
  const optimizer = new Adam(model.parameters(), { lr: 1e-2 });
  const images = new Tensor(randn([200, 20]));
  const labels = new Tensor(randint(0, 10, [200]));

  const losses: number[] = [];
  for (let step = 0; step < 150; step++) {
    optimizer.resetGrad();
    const loss = crossEntropy(model.forward(images), labels);
    loss.backward();
    optimizer.step();
    const [value] = await loss.data();
    losses.push(value!);
  }
  const right = noGrad(() => accuracy(model.eval().forward(images), labels)).item();
  return { losses, right };
}
