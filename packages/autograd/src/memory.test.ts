// Who frees what, and when.

import { memory, scope } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { gradients, linear, noGrad, ones, type Tensor, tensor } from "./index.ts";

function leaf(...shape: number[]): Tensor {
  return ones(shape, { requiresGrad: true });
}

/** How many buffers `run` leaves behind. */
function growth(run: () => unknown): number {
  const before = memory().buffers;
  run();
  return memory().buffers - before;
}

describe("a backward pass", () => {
  test("frees what only the graph held", () => {
    const w = leaf(3);
    const loss = scope(() => w.exp().mul(w).tanh().sum());
    // The loss, and the saved exp(w) and tanh(...); w is the caller's.
    const before = memory().buffers;
    loss.backward();
    expect(memory().buffers - before).toBe(1 - 2);
    loss.dispose();
    w.resetGrad();
    expect(memory().buffers - before).toBe(-3);
  });

  test("with retainGraph keeps what another needs", () => {
    const w = leaf(3);
    const loss = scope(() => w.exp().sum());
    expect(growth(() => loss.backward(undefined, { retainGraph: true }))).toBe(1);
    expect(growth(() => loss.backward())).toBe(-1);
  });

  test("makes one buffer for each leaf, also where an adjoint is shared", () => {
    const [a, b] = [leaf(3), leaf(3)];
    const loss = scope(() => a.add(b).sum());
    expect(growth(() => loss.backward())).toBe(2);
    expect(growth(() => a.resetGrad())).toBe(-1);
    expect(b.grad!.toArray()).toEqual([1, 1, 1]);
    expect(growth(() => b.resetGrad())).toBe(-1);
  });

  test("replaces the gradient it adds to", () => {
    const w = leaf(3);
    w.backward();
    const losses = scope(() => [w.mul(2).sum(), w.mul(3).sum()]);
    expect(growth(() => losses[0]!.backward())).toBe(0);
    expect(growth(() => losses[1]!.backward())).toBe(0);
    expect(w.grad!.toArray()).toEqual([6, 6, 6]);
  });

  test("takes over an adjoint without a copy", () => {
    const w = leaf(1000);
    const loss = scope(() => w.neg().sum());
    const { allocatedBytes } = memory();
    loss.backward();
    // The seed, and the gradient.
    expect(memory().allocatedBytes - allocatedBytes).toBe(4 + 4000);
  });

  test("holds no more adjoints than are still needed", () => {
    let most = 0;
    const probe = linear(
      "probe",
      (x) => x.copy(),
      (g) => {
        most = memory().buffers;
        return g.clone();
      },
    );
    const adjointsAfter = (length: number): number => {
      const w = leaf(3);
      const before = memory().buffers;
      scope(() => {
        let y = probe(w);
        for (let i = 0; i < length; i++) y = y.neg().add(y).sub(y.add(y).flip());
        return y.sum();
      }).backward();
      w.dispose();
      return most - before;
    };
    expect(adjointsAfter(50)).toBe(adjointsAfter(5));
  });

  test("leaves nothing behind for a seed or for gradients that are disposed", () => {
    const w = leaf(2, 3);
    const y = scope(() => w.exp());
    const before = memory().buffers;
    const seed = ones([2, 3]);
    const [g] = gradients([y], [w], { seeds: [seed], retainGraph: true }) as [Tensor];
    expect(memory().buffers - before).toBe(2);
    g.dispose();
    seed.dispose();
    gradients([y], [w])[0]!.dispose();
    y.dispose();
    expect(memory().buffers - before).toBe(-1);
  });
});

describe("a gradient", () => {
  test("outlives the scope and the noGrad it was made in", () => {
    const [w, v] = [leaf(2), leaf(2)];
    scope(() => w.mul(3).sum().backward());
    noGrad(() => v.backward());
    expect(w.grad!.toArray()).toEqual([3, 3]);
    expect(v.grad!.toArray()).toEqual([1, 1]);
    scope(() => w.mul(3).sum().backward());
    expect(w.grad!.toArray()).toEqual([6, 6]);
  });

  test("is freed by resetGrad", () => {
    const w = leaf(2);
    w.backward();
    const old = w.grad!;
    expect(growth(() => w.resetGrad())).toBe(-1);
    expect(() => old.mul(2)).toThrow("mul: the array float32 [2] was freed by resetGrad()");
    w.resetGrad();
  });

  test("survives resetGrad and the next pass after keep()", () => {
    const w = leaf(2);
    w.backward();
    const first = w.grad!.keep();
    w.backward();
    expect(w.grad!.toArray()).toEqual([2, 2]);
    w.resetGrad();
    expect(first.toArray()).toEqual([1, 1]);
    first.dispose();
  });

  test("goes with the tensor that is disposed", () => {
    const w = leaf(2);
    w.backward();
    expect(growth(() => w.dispose())).toBe(-2);
  });

  test("made in a scope belongs to the scope unless it is returned", () => {
    const w = leaf(2);
    expect(growth(() => scope(() => void gradients([w.exp()], [w])))).toBe(0);
    const [g] = scope(() => gradients([w.exp()], [w])) as [Tensor];
    expect(g.shape).toEqual([2]);
    expect(growth(() => g.dispose())).toBe(-1);
  });
});

describe("an op of several steps", () => {
  test("leaves only its result", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const index = tensor([0, 0, 1], { dtype: "int32" });
    const before = memory().buffers;
    for (const y of [x.take(index, 1), x.clamp(0, 1), x.matmul(x.transpose())]) y.dispose();
    expect(memory().buffers).toBe(before);
  });
});
