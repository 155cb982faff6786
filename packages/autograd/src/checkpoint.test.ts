import {
  defaultGenerator,
  manualSeed,
  memory,
  NumpyGenerator,
  Philox,
  resetPeakMemory,
  scope,
} from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  checkpoint,
  grad,
  gradients,
  hessian,
  jvp,
  noGrad,
  rand,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "./index.ts";
import { gradcheck } from "./testing/index.ts";

function float64(value: number | number[], requiresGrad = false): Tensor {
  return tensor(value, { dtype: "float64", requiresGrad });
}

function normal(seed: number, ...shape: number[]): Tensor {
  return randn(shape, { dtype: "float64", generator: new Philox(seed) });
}

describe("checkpoint", () => {
  test("gives what the function gives, and its gradients", () => {
    const f = (x: Tensor): Tensor => x.tanh().square().mul(x).sum();
    const x = float64([0.5, -1, 2], true);
    const y = checkpoint(f, x);
    expect(y.item()).toBe(f(x.detach()).item());
    y.backward();
    assertClose(x.grad!.value, grad(f)(x.detach()).value, { rtol: 0, atol: 0 });
  });

  test("has right derivatives of both orders and in both modes", () => {
    const w = normal(1, 3);
    const f = (a: Tensor, b: Tensor): Tensor => a.mul(b.exp()).add(w.mul(b));
    const inputs = [normal(2, 3), normal(3, 3)];
    gradcheck((a, b) => checkpoint(f, a!, b!), inputs, { shapeOnly: false }); // w has values
  });

  test("passes gradients to parameters that the function reads from elsewhere", () => {
    const w = float64([1, 2], true);
    const b = float64(3, true);
    const x = float64([1, 10]);
    const middle = w.square(); // computed, not a leaf
    checkpoint((x) => x.mul(middle).mul(w).add(b), x)
      .sum()
      .backward();
    // x w^3 + b
    expect(w.grad!.toArray()).toEqual([3, 120]);
    expect(b.grad!.item()).toBe(2);
    expect(x.grad).toBeNull();
  });

  test("is differentiated again, also by what the function reads from elsewhere", () => {
    const w = float64(2, true);
    const x = float64(3, true);
    const f = (x: Tensor): Tensor => checkpoint((x) => x.pow(3).mul(w.square()), x);
    const [dx, dw] = gradients([f(x)], [x, w], { createGraph: true }) as [Tensor, Tensor];
    expect([dx.item(), dw.item()]).toEqual([27 * 4, 27 * 4]);
    const [dxx, dxw] = gradients([dx], [x, w], { createGraph: true }) as [Tensor, Tensor];
    expect([dxx.item(), dxw.item()]).toEqual([18 * 4, 27 * 4]);
    const [dww] = gradients([dw], [w]) as [Tensor];
    expect(dww.item()).toBe(2 * 27);
    // d^3 / dx dx dw
    expect(gradients([dxx], [w])[0]!.item()).toBe(18 * 4);
    expect(grad(grad(grad((x: Tensor) => f(x))))(float64(1)).item()).toBe(6 * 4);
    expect(hessian((x: Tensor) => f(x))(float64(1)).item()).toBe(6 * 4);
  });

  test("carries tangents of inputs and of what the function reads from elsewhere", () => {
    const slope = (x: Tensor): Tensor => {
      const w = x.square();
      return checkpoint((x) => x.mul(w), x); // x^3
    };
    const one = float64(1);
    expect(jvp(slope, [float64(2)], [one])[1].item()).toBe(12);
    expect(jvp((x) => jvp(slope, [x], [one])[1], [float64(2)], [one])[1].item()).toBe(12);
    expect(grad((x: Tensor) => jvp(slope, [x], [one])[1])(float64(2)).item()).toBe(12);
    expect(jvp(grad(slope), [float64(2)], [one])[1].item()).toBe(12);
  });

  test("can be nested", () => {
    const w = float64([1, 2], true);
    const inner = (x: Tensor): Tensor => checkpoint((x) => x.mul(w).tanh(), x);
    const outer = (x: Tensor): Tensor => checkpoint((x) => inner(inner(x)).mul(w), x);
    const plain = (x: Tensor): Tensor => x.mul(w).tanh().mul(w).tanh().mul(w);
    const x = float64([0.5, -0.25], true);
    const found = gradients([outer(outer(x)).sum()], [x, w]);
    const expected = gradients([plain(plain(x)).sum()], [x, w]);
    found.forEach((g, i) => {
      assertClose(g.value, expected[i]!.value, { rtol: 1e-14, atol: 0 });
    });
  });

  test("takes and gives nested arrays and objects", () => {
    const state = { h: float64([1, 2], true), rest: [float64(3, true)] as const };
    const f = (
      { h, rest: [c] }: typeof state,
      x: Tensor,
    ): { y: Tensor; parts: [Tensor, Tensor] } => ({
      y: h.mul(c).astype("float32"),
      parts: [x.mul(c), h.argmax()],
    });
    const { y, parts } = checkpoint(f, state, float64([[5], [7]] as never));
    expect([y.dtype, parts[0].dtype, parts[1].dtype]).toEqual(["float32", "float64", "int32"]);
    expect([y.toArray(), parts[0].toArray(), parts[1].item()]).toEqual([[3, 6], [[15], [21]], 1]);
    expect(parts[1].requiresGrad).toBe(false);
    y.sum().astype("float64").mul(100).add(parts[0].sum()).backward();
    expect(state.h.grad!.toArray()).toEqual([300, 300]);
    expect(state.rest[0].grad!.item()).toBe(300 + 12);
    expectTypeOf(y).toEqualTypeOf<Tensor>();
  });

  test("draws the same random numbers again, from every generator", () => {
    manualSeed(4);
    const [own, numpy] = [new Philox(5), new NumpyGenerator(6)];
    const noise = (x: Tensor): Tensor => {
      const kept = rand(x.shape).le(0.5).where(x, 0);
      const shift = randn(x.shape, { generator: own, dtype: "float64" });
      return kept.mul(shift).mul(randn(x.shape, { generator: numpy, dtype: "float64" }));
    };
    const x = float64([1, 2, 3, 4, 5, 6], true);
    const y = checkpoint(noise, x);
    const between = rand([2]).toArray();
    y.sum().backward();
    const after = rand([2]).toArray();
    // y = factor * x element by element, with the factors that were drawn first.
    assertClose(x.grad!.mul(x.detach()).value, y.detach().value, { rtol: 1e-14, atol: 0 });
    expect(x.grad!.eq(0).sum().item()).toBeGreaterThan(0);
    manualSeed(4);
    defaultGenerator().uniform([6]);
    expect([rand([2]).toArray(), rand([2]).toArray()]).toEqual([between, after]);
  });

  test("keeps alive what the function reads from elsewhere", () => {
    const x = float64([1, 2], true);
    const y = scope(() => {
      const mask = float64([0, 1]).mul(3);
      const hidden = x.mul(2);
      return checkpoint((x) => x.mul(mask).add(hidden), x).sum();
    });
    y.backward();
    expect(x.grad!.toArray()).toEqual([2, 5]);
  });

  test("lets statistics be updated in place", () => {
    const mean = zeros([2], { dtype: "float64" });
    const x = float64([1, 2], true);
    const y = checkpoint((x) => {
      mean.assign(mean.mul(0.5).add(x.detach().mul(0.5)));
      return x.mul(2);
    }, x);
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([2, 2]);
  });

  test("runs the function once more for all inputs together, and never without need", () => {
    let runs = 0;
    const w = float64(2, true);
    const f = (a: Tensor, b: Tensor): Tensor => {
      runs++;
      return a.mul(b).mul(w);
    };
    const [a, b] = [float64(3, true), float64(5, true)];
    const y = checkpoint(f, a, b);
    expect(runs).toBe(1);
    y.backward();
    expect(runs).toBe(2);
    expect([a.grad!.item(), b.grad!.item(), w.grad!.item()]).toEqual([10, 6, 15]);
    noGrad(() => checkpoint(f, a, b));
    expect(runs).toBe(3);
    const plain = checkpoint((x) => x.add(1), float64(1));
    expect([plain.item(), plain.requiresGrad]).toEqual([2, false]);
  });

  test("may give its input back, and be freed without it", () => {
    const x = float64([1, 2], true);
    const y = checkpoint((x) => x, x);
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([1, 1]);
    y.dispose();
    expect(x.toArray()).toEqual([1, 2]);
  });

  test("refuses a function that is another the second time", () => {
    const [v, w] = [float64(1, true), float64([2], true)];
    let first = true;
    const x = float64(3, true);
    const y = checkpoint((x) => {
      const out = x.mul(first ? v : w);
      first = false;
      return out.sum();
    }, x);
    expect(() => y.backward()).toThrow(
      "checkpoint: run again, the function reads a float64 [1] that it did not read before\n" +
        "It must do the same each time: keep what it depends on as it is until the backward pass.",
    );
  });

  test("refuses values that have changed in between", () => {
    const w = float64(2, true);
    const x = float64(3, true);
    const y = checkpoint((x) => x.mul(w), x);
    w.assign(5);
    expect(() => y.backward()).toThrow("a value [] that checkpoint saved was changed in place");
  });

  test("needs a function that gives tensors", () => {
    // @ts-expect-error
    expect(() => checkpoint((x) => x.item(), float64(1, true))).toThrow(
      "checkpoint: the function must return a tensor, got 1",
    );
  });

  test("calls hooks of tensors inside and outside once", () => {
    const calls: string[] = [];
    const w = float64(2, true);
    w.registerHook(() => void calls.push("w"));
    const x = float64(3, true);
    const y = checkpoint((x) => {
      const h = x.mul(w);
      h.registerHook(() => void calls.push("h"));
      return h.square();
    }, x);
    y.backward();
    expect(calls).toEqual(["h", "w"]);
  });
});

describe("a chain in checkpoints", () => {
  const width = 1000;
  const [segments, length] = [10, 10];

  function run(step: (f: (x: Tensor) => Tensor, x: Tensor) => Tensor): number {
    const w = randn([width], { requiresGrad: true, generator: new Philox(1) });
    const segment = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < length; i++) y = y.mul(w).tanh();
      return y;
    };
    const before = memory().bytes;
    resetPeakMemory();
    scope(() => {
      let y = randn([width], { generator: new Philox(2) });
      for (let i = 0; i < segments; i++) y = scope(() => step(segment, y));
      y.sum().backward();
    });
    const peak = memory().peakBytes - before;
    w.resetGrad();
    expect(memory().bytes).toBe(before);
    w.dispose();
    return peak;
  }

  test("needs the memory of its ends and of one segment", () => {
    const layer = 4 * width;
    const plain = run((f, x) => f(x));
    const saved = run((f, x) => checkpoint(f, x));
    // Each of the 100 layers saves the input of mul and the output of tanh, which is the next's.
    expect(plain).toBeGreaterThan(segments * length * layer);
    // The ten ends, ten layers with two values each while one segment runs, and a few adjoints.
    expect(saved).toBeLessThan((segments + 2 * length + 10) * layer);
  });
});
