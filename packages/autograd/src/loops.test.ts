// Loops of many steps that hold their memory flat, and what the garbage collector does where no
// scope does it.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { idle, memory, scope } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { grad, gradients, noGrad, ones, randn, type Tensor, vjp, zeros } from "./index.ts";

const steps = 10_000;

function leaf(...shape: number[]): Tensor {
  return ones(shape, { requiresGrad: true });
}

/** The numbers of buffers after each of many steps, from the second on. */
function countsAfter(step: (i: number) => void): Set<number> {
  const counts = new Set<number>();
  for (let i = 0; i < steps; i++) {
    step(i);
    if (i > 0) counts.add(memory().buffers);
  }
  return counts;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Collects garbage and lets the finalizers run. */
async function finalize(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("memory stays flat for 10000 steps", () => {
  const x = randn([4, 3]);
  const target = randn([4, 1]);

  test("of a loop by hand in a scope", () => {
    const [w, v] = [leaf(3, 2), leaf(2, 1)];
    const counts = countsAfter(() => {
      scope(() => {
        const loss = x.matmul(w).tanh().matmul(v).sub(target).square().mean();
        loss.backward();
        for (const p of [w, v]) {
          noGrad(() => p.assign(p.sub(p.grad!.mul(0.01))));
          p.resetGrad();
        }
      });
    });
    expect(counts.size).toBe(1);
  });

  test("of functions that run in scopes, as modules do", () => {
    const [w, v] = [leaf(3, 2), leaf(2, 1)];
    const hidden = (x: Tensor): Tensor => scope(() => x.matmul(w).relu());
    const mse = (y: Tensor): Tensor => scope(() => y.sub(target).square().mean());
    const forward = (x: Tensor): Tensor => scope(() => mse(hidden(x).matmul(v)));
    const losses: Tensor[] = [];
    const counts = countsAfter(() => {
      for (const p of [w, v]) p.resetGrad();
      const loss = forward(x);
      loss.backward();
      for (const p of [w, v]) noGrad(() => p.assign(p.sub(p.grad!.mul(0.01))));
      loss.dispose();
      losses.push(loss);
    });
    expect(counts.size).toBe(1);
    expect(losses).toHaveLength(steps);
  });

  test("of truncated backpropagation through time", () => {
    const w = leaf(3, 3);
    let h = zeros([1, 3]);
    const counts = countsAfter(() => {
      const next = scope(() => {
        const hidden = h.matmul(w).add(1).tanh();
        hidden.mean().backward();
        return hidden.detach();
      });
      h.dispose();
      h = next;
      w.resetGrad();
    });
    expect(counts.size).toBe(1);
  });

  test("of evaluation without recording", () => {
    const w = leaf(3, 2);
    const counts = countsAfter(() => {
      noGrad(() => x.matmul(w).softmax().argmax(1)).dispose();
    });
    expect(counts.size).toBe(1);
  });

  test("of the functional transforms", () => {
    let w = randn([3, 1]);
    const loss = (w: Tensor): Tensor => x.matmul(w).sub(target).square().mean();
    const counts = countsAfter(() => {
      const next = scope(() => w.sub(grad(loss)(w).mul(0.1)));
      w.dispose();
      w = next;
    });
    expect(counts.size).toBe(1);
  });
});

describe("the garbage collector returns", () => {
  test("what a loop without scopes dropped, though its losses are kept", async () => {
    const w = leaf(1000);
    const losses: Tensor[] = [];
    await finalize();
    const before = memory().bytes;
    for (let i = 0; i < 100; i++) {
      const loss = w.mul(w).tanh().exp().sum();
      loss.backward();
      w.resetGrad();
      losses.push(loss);
    }
    await finalize();
    // A frame of the stack may still show the engine the last steps, of 100 with 4 kB arrays.
    expect(memory().bytes - before).toBeGreaterThanOrEqual(losses.length * 4);
    expect(memory().bytes - before).toBeLessThan(losses.length * 4 + 12 * 4000);
  });

  test("graphs that no one ran backwards", async () => {
    const w = leaf(1000);
    await finalize();
    const before = memory().buffers;
    const run = (): void => {
      for (let i = 0; i < 100; i++) w.exp().mul(w).sum();
      for (let i = 0; i < 100; i++) vjp((x) => x.exp(), [w])[1]();
      for (let i = 0; i < 100; i++) {
        const [g] = gradients([w.pow(3).sum()], [w], { createGraph: true }) as [Tensor];
        g.sum().backward();
        w.resetGrad();
      }
    };
    run();
    await finalize();
    // A frame of the stack may still show the engine the last steps, of 300.
    expect(memory().buffers - before).toBeLessThan(12);
  });

  test("enough during a loop that awaits idle()", async () => {
    const w = leaf(700);
    let most = 0;
    const allocated = memory().allocatedBytes;
    for (let i = 0; i < steps; i++) {
      const loss = w.mul(w).mul(3).add(1).mul(w).add(w).sum();
      loss.backward();
      noGrad(() => w.assign(w.sub(w.grad!.mul(1e-3))));
      w.resetGrad();
      most = Math.max(most, memory().bytes);
      await idle();
    }
    expect(memory().allocatedBytes - allocated).toBeGreaterThan(2 ** 28);
    expect(most).toBeLessThan(1.25 * 2 ** 28);
  });
});
