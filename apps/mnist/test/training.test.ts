/**
 * nn and optim together: the losses of the course's own tests (CMU 10-714 hw2) after a short
 * training, and what whole training loops leave in memory.
 */
import { noGrad, randint, randn, type Tensor, tensor } from "@needle/autograd";
import {
  idle,
  manualSeed,
  memory,
  NumpyGenerator,
  scope,
  setDefaultGenerator,
} from "@needle/ndarray";
import {
  BatchNorm1d,
  crossEntropy,
  Dropout,
  type Layer,
  LayerNorm1d,
  Linear,
  ReLU,
  Residual,
  Sequential,
} from "@needle/nn";
import { Adam, type Optimizer, SGD } from "@needle/optim";
import { describe, expect, it } from "vitest";

const features = 64;
const batch = 32;

/** Whole numbers from 0 to 99 by NumPy's stream, divided by 20. */
function inputsOf(rows: number): number[][] {
  const { random } = new NumpyGenerator(rows * features * 2);
  const values = Array.from(random.randint(0, 100, rows * features), (k) => k / 20);
  return Array.from({ length: rows }, (_, i) => values.slice(i * features, (i + 1) * features));
}

function labelsOf(rows: number): number[] {
  return Array.from(new NumpyGenerator(rows).random.randint(0, 16, rows));
}

function lossOf(model: Layer, x: number[][], y: number[]): Tensor {
  return crossEntropy(model.forward(tensor(x)), tensor(y, { dtype: "int32" }));
}

interface Training {
  readonly make: () => Layer;
  readonly optimizer: (parameters: Tensor[]) => Optimizer;
  readonly epochs?: number;
}

/** Trains on 1024 rows in 32 batches, in order, and gives the model and the last batch's loss. */
function train({ make, optimizer, epochs = 1 }: Training): [model: Layer, loss: number] {
  setDefaultGenerator(new NumpyGenerator(42));
  const model = make();
  const steps = optimizer(model.parameters());
  const [x, y] = [inputsOf(1024), labelsOf(1024)];
  let last = Number.NaN;
  for (let step = 0; step < epochs * 32; step++) {
    const rows = [(step % 32) * batch, ((step % 32) + 1) * batch] as const;
    steps.resetGrad();
    const loss = lossOf(model, x.slice(...rows), y.slice(...rows));
    loss.backward();
    last = loss.item();
    steps.step();
  }
  return [model, last];
}

const mlp = (...middle: Layer[]): Layer =>
  new Sequential(new Linear(features, 32), new ReLU(), ...middle, new Linear(32, 16));
const residual = (): Layer =>
  new Sequential(
    new Linear(features, 8),
    new ReLU(),
    new Residual(new Linear(8, 8)),
    new Linear(8, 16),
  );
const batchNorm: Training = {
  make: () => mlp(new BatchNorm1d(32)),
  optimizer: (w) => new Adam(w, { lr: 0.001, weightDecay: 0.001 }),
};

const losses: Record<string, [loss: number, training: Training]> = {
  SGD: [3.207009, { make: () => mlp(), optimizer: (w) => new SGD(w, { lr: 0.01 }) }],
  "SGD with momentum": [
    3.311805,
    { make: () => mlp(), optimizer: (w) => new SGD(w, { lr: 0.01, momentum: 0.9 }) },
  ],
  "SGD with weight decay": [
    3.202637,
    { make: () => mlp(), optimizer: (w) => new SGD(w, { lr: 0.01, weightDecay: 0.01 }) },
  ],
  "SGD with momentum and weight decay": [
    3.306993,
    {
      make: () => mlp(),
      optimizer: (w) => new SGD(w, { lr: 0.01, momentum: 0.9, weightDecay: 0.01 }),
    },
  ],
  "SGD on a residual network": [
    2.852236,
    { make: residual, optimizer: (w) => new SGD(w, { lr: 0.01, weightDecay: 0.001 }), epochs: 3 },
  ],
  Adam: [3.703999, { make: () => mlp(), optimizer: (w) => new Adam(w, { lr: 0.001 }) }],
  "Adam with weight decay": [
    3.705134,
    { make: () => mlp(), optimizer: (w) => new Adam(w, { lr: 0.001, weightDecay: 0.01 }) },
  ],
  "Adam with BatchNorm1d": [3.296256, batchNorm],
  "Adam with LayerNorm1d": [
    2.82192,
    {
      make: () => mlp(new LayerNorm1d(32)),
      optimizer: (w) => new Adam(w, { lr: 0.01, weightDecay: 0.01 }),
    },
  ],
};

describe("the course's loss", () => {
  for (const [name, [loss, training]] of Object.entries(losses)) {
    it(`of ${name} is ${loss}`, () => {
      expect(Math.abs(train(training)[1] - loss)).toBeLessThan(1e-5);
    });
  }

  it("of Adam with BatchNorm1d in evaluation is 3.192054", () => {
    const [model] = train(batchNorm);
    model.eval();
    const loss = noGrad(() => lossOf(model, inputsOf(batch), labelsOf(batch)).item());
    expect(Math.abs(loss - 3.192054)).toBeLessThan(1e-5);
  });
});

describe("a training loop", () => {
  const optimizers: Record<string, (parameters: Tensor[]) => Optimizer> = {
    SGD: (w) => new SGD(w, { momentum: 0.9, weightDecay: 1e-4 }),
    Adam: (w) => new Adam(w, { weightDecay: 1e-4 }),
  };
  const x = randn([4, 3]);
  const y = randint(0, 2, [4]);

  function stepWith(optimizer: (parameters: Tensor[]) => Optimizer): () => void {
    manualSeed(0);
    const model = new Sequential(
      new Linear(3, 4),
      new BatchNorm1d(4),
      new ReLU(),
      new Dropout(0.1),
      new Residual(new Sequential(new Linear(4, 4), new LayerNorm1d(4))),
      new Linear(4, 2),
    );
    const steps = optimizer(model.parameters());
    return () => {
      steps.resetGrad();
      const loss = crossEntropy(model.forward(x), y);
      loss.backward();
      steps.step();
    };
  }

  for (const [name, optimizer] of Object.entries(optimizers)) {
    it(`with ${name} in a scope leaves nothing over many steps`, async () => {
      const step = stepWith(optimizer);
      scope(step);
      // What earlier tests dropped is not to be returned in the middle of this one.
      await idle();
      const before = memory();
      for (let i = 0; i < 1_000; i++) scope(step);
      expect(memory().buffers).toBe(before.buffers);
      expect(memory().bytes).toBe(before.bytes);
    });

    it(`with ${name} and no scope leaves only the loss and the logits of each step`, () => {
      const step = stepWith(optimizer);
      step();
      const before = memory().buffers;
      for (let i = 0; i < 100; i++) step();
      expect(memory().buffers - before).toBe(200);
    });
  }
});
