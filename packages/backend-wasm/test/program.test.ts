/** A whole program, a small network in training, goes the same way on this backend as on the reference. */
import { noGrad, Tensor } from "@needle/autograd";
import {
  type Backend,
  createReferenceBackend,
  manualSeed,
  memory,
  randint,
  randn,
  setDefaultBackend,
} from "@needle/ndarray";
import {
  BatchNorm1d,
  crossEntropy,
  Dropout,
  LayerNorm1d,
  Linear,
  type Module,
  ReLU,
  Residual,
  Sequential,
  Tanh,
} from "@needle/nn";
import { Adam, SGD } from "@needle/optim";
import { afterEach, describe, expect, test } from "vitest";
import { createWasmBackendSync } from "../src/index.ts";

const steps = 20;

afterEach(() => setDefaultBackend(createReferenceBackend()));

function mlp(): Module {
  return new Sequential(
    new Linear(20, 33),
    new BatchNorm1d(33),
    new ReLU(),
    new Residual(
      new Sequential(new LayerNorm1d(33), new Linear(33, 33), new Tanh(), new Dropout(0.1)),
    ),
    new Linear(33, 7),
  );
}

interface Course {
  readonly losses: number[];
  /** Bytes alive after each step. */
  readonly bytes: number[];
}

/** The losses of a run from a fixed seed. */
function train(backend: Backend, optimizerOf: (model: Module) => Adam | SGD): Course {
  setDefaultBackend(backend);
  manualSeed(3);
  const model = mlp();
  const optimizer = optimizerOf(model);
  const x = new Tensor(randn([50, 20]));
  const y = new Tensor(randint(0, 7, [50]));
  const course: Course = { losses: [], bytes: [] };
  for (let step = 0; step < steps; step++) {
    optimizer.resetGrad();
    const loss = crossEntropy((model as Sequential).forward(x), y);
    loss.backward();
    optimizer.step();
    course.losses.push(loss.item());
    loss.dispose();
    course.bytes.push(memory(backend).bytes);
  }
  model.eval();
  course.losses.push(noGrad(() => crossEntropy((model as Sequential).forward(x), y)).item());
  return course;
}

const optimizers: Record<string, (model: Module) => Adam | SGD> = {
  Adam: (model) => new Adam(model.parameters(), { lr: 1e-2 }),
  "SGD with momentum": (model) => new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
};

for (const [name, optimizer] of Object.entries(optimizers)) {
  describe(`a network trained with ${name}`, () => {
    for (const deterministic of [false, true]) {
      test(`has the losses of the reference in the ${deterministic ? "strict" : "relaxed"} build`, () => {
        const wanted = train(createReferenceBackend(), optimizer).losses;
        const { losses } = train(createWasmBackendSync({ deterministic }), optimizer);
        expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
        // Rounding differs, and grows from step to step.
        for (const [step, loss] of losses.entries()) {
          expect(Math.abs(loss - wanted[step]!)).toBeLessThan(1e-3 * (1 + wanted[step]!));
        }
      });
    }

    test("keeps the arrays that the reference keeps, and needs little memory", () => {
      const backend = createWasmBackendSync();
      expect(train(backend, optimizer).bytes).toEqual(
        train(createReferenceBackend(), optimizer).bytes,
      );
      const { usedBytes, freeBytes } = backend.info();
      expect(usedBytes + freeBytes).toBeLessThan(2 ** 21);
    });

    test("gives the same bits again", () => {
      const run = (): number[] => train(createWasmBackendSync(), optimizer).losses;
      expect(run()).toEqual(run());
    });
  });
}
