import { type NDArray, Philox } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { grad, gradients, jvp, randn, Tensor, tensor } from "./index.ts";
import { gradcheck } from "./testing/index.ts";

function leaf(value: number | number[]): Tensor {
  return tensor(value, { dtype: "float64", requiresGrad: true });
}

/** Derivatives of orders 1, 2, …: each is the gradient of the sum of the one before. */
function derivatives(y: Tensor, x: Tensor, count: number): number[] {
  const found: number[] = [];
  let current = y;
  for (let order = 0; order < count; order++) {
    [current] = gradients([current], [x], { createGraph: true }) as [Tensor];
    found.push(current.item());
  }
  return found;
}

describe("gradients of gradients", () => {
  test("give the literal numbers of the course for x2^2 + x2 x3", () => {
    const x2 = leaf([6]);
    const x3 = leaf([0]);
    const y = x2.mul(x2).add(x2.mul(x3));
    const [dx2, dx3] = gradients([y], [x2, x3], { createGraph: true }) as [Tensor, Tensor];
    expect(dx2.item()).toBe(2 * 6 + 0);
    expect(dx3.item()).toBe(6);
    const [dx2x2, dx2x3] = gradients([dx2], [x2, x3], { createGraph: true }) as [Tensor, Tensor];
    expect(dx2x2.item()).toBe(2);
    expect(dx2x3.item()).toBe(1);
    const [dx3x2, dx3x3] = gradients([dx3], [x2, x3]) as [Tensor, Tensor];
    expect(dx3x2.item()).toBe(1);
    expect(dx3x3.item()).toBe(0);
  });

  test("of x^4 are 4 x^3, 12 x^2, 24 x, 24 and 0", () => {
    const x = leaf(2);
    expect(derivatives(x.pow(4), x, 5)).toEqual([32, 48, 48, 24, 0]);
    expect(derivatives(x.square().square(), x, 5)).toEqual([32, 48, 48, 24, 0]);
    expect(derivatives(x.mul(x).mul(x).mul(x), x, 5)).toEqual([32, 48, 48, 24, 0]);
  });

  test("of tanh follow from t' = 1 - t^2", () => {
    const x = leaf(0.5);
    const t = Math.tanh(0.5);
    const s = 1 - t * t;
    const expected = [s, -2 * t * s, (6 * t * t - 2) * s, (16 * t - 24 * t ** 3) * s];
    for (const [i, d] of derivatives(x.tanh(), x, 4).entries()) {
      expect(d).toBeCloseTo(expected[i]!, 12);
    }
  });

  test("of a^b by both are 1 / a where b is 0, in either order", () => {
    const [a, b] = [leaf(4), leaf(0)];
    const [da, db] = gradients([a.pow(b)], [a, b], { createGraph: true }) as [Tensor, Tensor];
    expect(da.item()).toBe(0);
    expect(gradients([da], [b], { retainGraph: true })[0]!.item()).toBe(0.25);
    expect(gradients([db], [a])[0]!.item()).toBe(0.25);
  });

  test("of powers at 0 are numbers wherever the mathematics gives one", () => {
    const at0 = (exponent: number): number[] => {
      const x = leaf(0);
      return derivatives(x.pow(exponent), x, 3);
    };
    expect(at0(0)).toEqual([0, 0, 0]);
    expect(at0(1)).toEqual([1, 0, 0]);
    expect(at0(2)).toEqual([0, 2, 0]);
    expect(at0(3)).toEqual([0, 0, 6]);
    const x = leaf(0);
    const [d] = derivatives(x.pow(leaf(2)), x, 1);
    expect(d).toBe(0);
  });

  test("go through .grad with createGraph", () => {
    const x = leaf(2);
    x.pow(3).backward(undefined, { createGraph: true });
    const first = x.grad!;
    expect(first.item()).toBe(12);
    first.keep();
    x.resetGrad();
    first.backward();
    expect(x.grad!.item()).toBe(12);
  });

  test("need createGraph", () => {
    const x = leaf(2);
    const [g] = gradients([x.pow(3)], [x]) as [Tensor];
    expect(g.requiresGrad).toBe(false);
    expect(() => gradients([x.pow(3)], [x])[0]!.backward()).toThrow(
      "nothing the tensor was computed from requires a gradient",
    );
  });
});

describe("a Hessian", () => {
  // f(a, b) = a^2 b + b^3, H = [[2 b, 2 a], [2 a, 6 b]]
  const f = (x: Tensor): Tensor => {
    const [a, b] = [x.slice(0), x.slice(1)];
    return a.square().mul(b).add(b.pow(3));
  };

  test("has its columns by forward over reverse mode", () => {
    const x = tensor([2, 5], { dtype: "float64" });
    const column = (...direction: number[]): unknown =>
      jvp(grad(f), [x], [tensor(direction, { dtype: "float64" })])[1].toArray();
    expect(column(1, 0)).toEqual([10, 4]);
    expect(column(0, 1)).toEqual([4, 30]);
    expect(column(1, -1)).toEqual([6, -26]);
  });

  test("times a vector costs one more reverse pass", () => {
    const x = leaf([2, 5]);
    const [g] = gradients([f(x)], [x], { createGraph: true }) as [Tensor];
    const [hv] = gradients([g], [x], { seeds: [tensor([1, -1], { dtype: "float64" })] }) as [
      Tensor,
    ];
    expect(hv.toArray()).toEqual([6, -26]);
  });
});

describe("learning that differentiates through gradients", () => {
  const generator = new Philox(3);
  const normal = (...shape: number[]): Tensor => randn(shape, { dtype: "float64", generator });
  const mse = (a: Tensor, b: Tensor): Tensor => a.sub(b).square().mean();

  test("meta-learns: the loss after two inner steps by the weights before", () => {
    const [x, y, xTest, yTest] = [normal(4, 3), normal(4, 1), normal(4, 3), normal(4, 1)];
    const net = (w: Tensor, v: Tensor, x: Tensor): Tensor => x.matmul(w).tanh().matmul(v);
    const adapted = (w: Tensor, v: Tensor): Tensor => {
      let weights = { w, v };
      for (let step = 0; step < 2; step++) {
        const g = grad((p: typeof weights) => mse(net(p.w, p.v, x), y))(weights);
        weights = { w: weights.w.sub(g.w.mul(0.1)), v: weights.v.sub(g.v.mul(0.1)) };
      }
      return mse(net(weights.w, weights.v, xTest), yTest);
    };
    gradcheck((w, v) => adapted(w!, v!), [normal(3, 2), normal(2, 1)], {
      secondOrder: false,
      shapeOnly: false,
    });
  });

  test("penalizes the norm of a gradient", () => {
    const samples = normal(5, 3);
    const critic = (x: Tensor, w: Tensor, v: Tensor): Tensor => x.matmul(w).sigmoid().matmul(v);
    const penalty = (w: Tensor, v: Tensor): Tensor => {
      const norms = grad((x: Tensor) => critic(x, w, v).sum())(samples)
        .square()
        .sum(1)
        .sqrt();
      return norms.sub(1).square().mean();
    };
    gradcheck((w, v) => penalty(w!, v!), [normal(3, 4), normal(4, 1)], { shapeOnly: false });
  });

  test("gives the same penalty by gradients with createGraph and backward", () => {
    const samples = normal(5, 3);
    const [w, v] = [normal(3, 4), normal(4, 1)];
    const loss = (w: Tensor, v: Tensor): Tensor => {
      const x = new Tensor(samples.value.copy(), { requiresGrad: true });
      const scores = x.matmul(w).sigmoid().matmul(v);
      const [g] = gradients([scores], [x], { createGraph: true }) as [Tensor];
      return g.square().sum().add(scores.mean());
    };
    const functional = grad(({ w, v }: { w: Tensor; v: Tensor }) => loss(w, v))({ w, v });
    for (const x of [w, v]) x.requiresGrad = true;
    loss(w, v).backward();
    const same = (a: NDArray, b: NDArray): void => assertClose(a, b, { rtol: 1e-14, atol: 1e-14 });
    same(w.grad!.value, functional.w.value);
    same(v.grad!.value, functional.v.value);
  });
});
