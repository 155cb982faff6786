/**
 * Losses of the course's own tests (CMU 10-714 hw2) after a short training of networks with
 * LayerNorm1d, BatchNorm1d and Residual. They fix the initial values, the order in which these are
 * drawn, the layers, and the loss.
 */
import { noGrad, type Tensor, tensor } from "@needle/autograd";
import { NumpyGenerator, setDefaultGenerator } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import {
  BatchNorm1d,
  crossEntropy,
  type Layer,
  LayerNorm1d,
  Linear,
  ReLU,
  Residual,
  Sequential,
} from "./index.ts";

/** The course's inputs: whole numbers from 0 to 99 by NumPy's stream, divided by 20. */
function inputsOf(rows: number): number[][] {
  const { random } = new NumpyGenerator(rows * features * 2);
  const values = Array.from(random.randint(0, 100, rows * features), (k) => k / 20);
  return Array.from({ length: rows }, (_, i) => values.slice(i * features, (i + 1) * features));
}

function labelsOf(rows: number): number[] {
  return Array.from(new NumpyGenerator(rows).random.randint(0, 16, rows));
}

const features = 64;
const batch = 32;

function lossOf(model: Layer, x: number[][], y: number[]): Tensor {
  return crossEntropy(model.forward(tensor(x)), tensor(y, { dtype: "int32" }));
}

interface Training {
  readonly epochs?: number;
  /** Moves the parameters by their gradients; steps count from 1. */
  readonly update: (parameters: readonly Tensor[], step: number) => void;
}

/** Trains on 1024 rows in 32 batches, in order, and gives the model and the last batch's loss. */
function train(make: () => Layer, { epochs = 1, update }: Training): [model: Layer, loss: number] {
  setDefaultGenerator(new NumpyGenerator(42));
  const model = make();
  const [x, y] = [inputsOf(1024), labelsOf(1024)];
  let last = Number.NaN;
  for (let step = 0; step < epochs * 32; step++) {
    const rows = [(step % 32) * batch, ((step % 32) + 1) * batch] as const;
    model.resetGrad();
    const loss = lossOf(model, x.slice(...rows), y.slice(...rows));
    loss.backward();
    last = loss.item();
    noGrad(() => update(model.parameters(), step + 1));
  }
  return [model, last];
}

function gradientOf(w: Tensor, weightDecay: number): Tensor {
  return w.grad!.add(w.mul(weightDecay));
}

function sgd(lr: number, weightDecay: number): Training["update"] {
  return (parameters) => {
    for (const w of parameters) w.assign(w.sub(gradientOf(w, weightDecay).mul(lr)));
  };
}

function adam(lr: number, weightDecay: number): Training["update"] {
  const means = new Map<Tensor, Tensor>();
  const squares = new Map<Tensor, Tensor>();
  const average = (of: Map<Tensor, Tensor>, w: Tensor, value: Tensor, beta: number): Tensor => {
    const next = (of.get(w) ?? value.mul(0))
      .mul(beta)
      .add(value.mul(1 - beta))
      .keep();
    of.set(w, next);
    return next;
  };
  return (parameters, step) => {
    for (const w of parameters) {
      const g = gradientOf(w, weightDecay);
      const mean = average(means, w, g, 0.9).div(1 - 0.9 ** step);
      const square = average(squares, w, g.square(), 0.999).div(1 - 0.999 ** step);
      w.assign(w.sub(mean.div(square.sqrt().add(1e-8)).mul(lr)));
    }
  };
}

describe("the loss after training", () => {
  const plain = (norm: Layer): Layer =>
    new Sequential(new Linear(features, 32), new ReLU(), norm, new Linear(32, 16));

  test("with Residual for three epochs of SGD", () => {
    const make = (): Layer =>
      new Sequential(
        new Linear(features, 8),
        new ReLU(),
        new Residual(new Linear(8, 8)),
        new Linear(8, 16),
      );
    const [, loss] = train(make, { epochs: 3, update: sgd(0.01, 0.001) });
    expect(Math.abs(loss - 2.852236)).toBeLessThan(1e-5);
  });

  test("with LayerNorm1d and Adam", () => {
    const [, loss] = train(() => plain(new LayerNorm1d(32)), { update: adam(0.01, 0.01) });
    expect(Math.abs(loss - 2.82192)).toBeLessThan(1e-5);
  });

  test("with BatchNorm1d and Adam, in training and then in evaluation", () => {
    const [model, loss] = train(() => plain(new BatchNorm1d(32)), { update: adam(0.001, 0.001) });
    expect(Math.abs(loss - 3.296256)).toBeLessThan(1e-5);
    model.eval();
    const evaluated = noGrad(() => lossOf(model, inputsOf(batch), labelsOf(batch)).item());
    expect(Math.abs(evaluated - 3.192054)).toBeLessThan(1e-5);
  });
});
