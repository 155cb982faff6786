/**
 * Whole training loops of nn alone: what they leave behind. A scope around the step leaves nothing;
 * a plain loop leaves the handles that its own variables held, which finalizers return.
 */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { noGrad, randint, randn, type Tensor, zeros } from "@needle/autograd";
import { idle, manualSeed, memory, scope } from "@needle/ndarray";
import { beforeEach, describe, expect, test } from "vitest";
import {
  accuracy,
  BatchNorm1d,
  crossEntropy,
  Dropout,
  LayerNorm1d,
  Linear,
  type Module,
  ReLU,
  Residual,
  Sequential,
} from "./index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

beforeEach(() => manualSeed(0));

function small(): Sequential {
  return new Sequential(
    new Linear(4, 5),
    new BatchNorm1d(5),
    new ReLU(),
    new Dropout(0.1),
    new Residual(new Sequential(new Linear(5, 5), new LayerNorm1d(5))),
    new Linear(5, 3),
  );
}

const x: Tensor = randn([6, 4]);
const y: Tensor = randint(0, 3, [6]);

/** The loss and the logits, as a user's variables would hold them. */
function step(model: Module, inputs = x, labels = y): void {
  model.resetGrad();
  const logits = model.forward(inputs);
  const loss = crossEntropy(logits, labels);
  loss.backward();
  noGrad(() => {
    for (const p of model.parameters()) p.assign(p.sub(p.grad!.mul(0.01)));
  });
}

describe("a training loop", () => {
  test("in a scope leaves nothing, step for step", () => {
    const model = small();
    const scoped = (): void => scope(() => step(model));
    scoped();
    const before = memory();
    for (let i = 0; i < 500; i++) {
      scoped();
      expect(memory().buffers).toBe(before.buffers);
    }
    expect(memory().bytes).toBe(before.bytes);
  });

  test("in a scope leaves nothing over 10,000 steps", () => {
    const model = new Sequential(new Linear(4, 5), new ReLU(), new Linear(5, 3));
    const scoped = (): void => scope(() => step(model));
    scoped();
    const before = memory();
    for (let i = 0; i < 10_000; i++) scoped();
    expect(memory().buffers).toBe(before.buffers);
    expect(memory().bytes).toBe(before.bytes);
  });

  test("without one leaves the loss and the logits of each step, and nothing else", () => {
    const model = small();
    step(model);
    const before = memory().buffers;
    for (let i = 0; i < 100; i++) step(model);
    expect(memory().buffers - before).toBe(2 * 100);
  });

  test("without one gives all back once the engine has collected", async () => {
    const model = small();
    step(model);
    await settle();
    const before = memory().buffers;
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 50; i++) step(model);
      await settle();
      // The last step's variables may still be on the stack.
      expect(memory().buffers - before).toBeLessThanOrEqual(4);
    }
  });

  test("without one stays bounded when it awaits idle() in each step", async () => {
    const model = small();
    const before = memory().buffers;
    let most = 0;
    for (let i = 0; i < 100; i++) {
      step(model);
      // 8 megabytes dropped, as a larger network's results would be; idle() collects after each
      // 256.
      void zeros([2 ** 21]);
      await idle();
      most = Math.max(most, memory().buffers - before);
    }
    const gradients = model.parameters().length;
    expect(most).toBeLessThanOrEqual(gradients + 3 * 40);
  });
});

describe("evaluation without recording", () => {
  test("leaves nothing, pass for pass", () => {
    const model = small().eval();
    const pass = (): number => noGrad(() => accuracy(model.forward(x), y).item());
    pass();
    const before = memory();
    for (let i = 0; i < 1_000; i++) {
      pass();
      expect(memory().buffers).toBe(before.buffers);
    }
    expect(memory().bytes).toBe(before.bytes);
  });

  test("leaves only the scores it returns", () => {
    const model = small().eval();
    const before = memory().buffers;
    const scores = noGrad(() => model.forward(x));
    expect(memory().buffers - before).toBe(1);
    scores.dispose();
    expect(memory().buffers).toBe(before);
  });
});

/** A full collection, and the turns of the event loop in which finalizers run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await setImmediate();
  }
}
