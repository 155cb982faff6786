import { Philox } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  grad,
  gradients,
  hessian,
  hvp,
  jacobian,
  jvp,
  linearize,
  randn,
  type Tensor,
  tensor,
  vjp,
} from "./index.ts";

function float64(value: number | number[] | number[][], requiresGrad = false): Tensor {
  return tensor(value, { dtype: "float64", requiresGrad });
}

const modes = ["forward", "reverse"] as const;

describe("jacobian", () => {
  const weights = float64([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);

  test.each(modes)("of a product with a matrix is the matrix, in %s mode", (mode) => {
    const x = float64([7, 8]);
    const j = jacobian((x: Tensor) => weights.matmul(x), x, { mode });
    expect(j.toArray()).toEqual(weights.toArray());
    expect(j.requiresGrad).toBe(false);
  });

  test.each(modes)("has the shape of the result, then that of the input, in %s mode", (mode) => {
    const x = float64([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const j = jacobian((x: Tensor) => x.transpose().square(), x, { mode });
    expect(j.shape).toEqual([3, 2, 2, 3]);
    expect(j.slice(2, 1, 1, 2).item()).toBe(12);
    expect(j.sum().item()).toBe(2 * 21);
    expect(jacobian((x: Tensor) => x.sum(), x, { mode }).shape).toEqual([2, 3]);
    expect(jacobian((s: Tensor) => s.mul(x), float64(2), { mode }).toArray()).toEqual(x.toArray());
  });

  test.each(modes)("of trees is a tree of trees, in %s mode", (mode) => {
    const x = { a: float64([1, 2]), rest: [float64(3)] as const };
    const f = ({ a, rest: [b] }: typeof x): { product: Tensor; both: [Tensor, Tensor] } => ({
      product: a.mul(b),
      both: [a.sum(), b.square()],
    });
    const j = jacobian(f, x, { mode });
    expect(j.product.a.toArray()).toEqual([
      [3, 0],
      [0, 3],
    ]);
    expect(j.product.rest[0].toArray()).toEqual([1, 2]);
    expect(j.both[0].a.toArray()).toEqual([1, 1]);
    expect(j.both[0].rest[0].item()).toBe(0);
    expect(j.both[1].a.toArray()).toEqual([0, 0]);
    expect(j.both[1].rest[0].item()).toBe(6);
    expectTypeOf(j.product).toEqualTypeOf<typeof x>();
    expectTypeOf(j.both[1].a).toEqualTypeOf<Tensor>();
  });

  test.each(modes)("of nothing, and by nothing, has no elements, in %s mode", (mode) => {
    const empty = tensor([], { dtype: "float64" });
    expect(jacobian((x: Tensor) => x.mul(2), empty, { mode }).shape).toEqual([0, 0]);
    expect(jacobian((x: Tensor) => x.sum(), empty, { mode }).shape).toEqual([0]);
    const x = float64([1, 2]);
    const none = jacobian((x: Tensor) => x.slice([0, 0]), x, { mode });
    expect([none.shape, none.dtype]).toEqual([[0, 2], "float64"]);
  });

  test.each(modes)("can be differentiated, in %s mode", (mode) => {
    const x = float64([1, 2], true);
    const j = jacobian((x: Tensor) => x.pow(3), x, { mode });
    const [second] = gradients([j.sum()], [x]);
    expect(second!.toArray()).toEqual([6, 12]);
    const third = jacobian(
      (x: Tensor) => jacobian((x: Tensor) => x.pow(3), x, { mode }),
      float64([1, 2]),
      { mode },
    );
    expect(third.shape).toEqual([2, 2, 2]);
    expect([third.slice(0, 0, 0).item(), third.slice(1, 1, 1).item()]).toEqual([6, 12]);
    expect(third.sum().item()).toBe(18);
  });
});

describe("hessian", () => {
  // f(a, b) = a^2 b + b^3, H = [[2 b, 2 a], [2 a, 6 b]]
  const f = (x: Tensor): Tensor => {
    const [a, b] = [x.slice(0), x.slice(1)];
    return a.square().mul(b).add(b.pow(3));
  };

  test("is the matrix of second derivatives", () => {
    expect(hessian(f)(float64([2, 5])).toArray()).toEqual([
      [10, 4],
      [4, 30],
    ]);
  });

  test("over a tree has a block for each pair of tensors", () => {
    const x = { w: float64([1, 2]), b: float64(3) };
    const h = hessian(({ w, b }: typeof x) => w.square().sum().mul(b))(x);
    expect(h.w.w.toArray()).toEqual([
      [6, 0],
      [0, 6],
    ]);
    expect(h.w.b.toArray()).toEqual([2, 4]);
    expect(h.b.w.toArray()).toEqual([2, 4]);
    expect(h.b.b.item()).toBe(0);
  });

  test("times a vector is what hvp gives in both modes", () => {
    const x = randn([3, 2], { dtype: "float64", generator: new Philox(1) });
    const v = randn([3, 2], { dtype: "float64", generator: new Philox(2) });
    const f = (x: Tensor): Tensor => x.matmul(x.transpose()).tanh().logsumexp();
    const matrix = hessian(f)(x).reshape([6, 6]);
    const product = matrix.matmul(v.flatten());
    for (const mode of modes) {
      const hv = hvp(f, x, v, { mode });
      assertClose(hv.flatten().value, product.value, { rtol: 1e-12, atol: 1e-12 });
      expect([hv.shape, hv.requiresGrad]).toEqual([[3, 2], false]);
    }
    expect(() => hvp(f, x, v.flatten())).toThrow("hvp: expected [3,2], got [6]");
  });
});

describe("linearize", () => {
  test("runs the function once for many directions", () => {
    let runs = 0;
    const [y, pushforward] = linearize(
      (x, w) => {
        runs++;
        return x.mul(w);
      },
      [float64([1, 2]), float64([3, 4])],
    );
    expect(y.toArray()).toEqual([3, 8]);
    const zero = float64([0, 0]);
    expect(pushforward(float64([1, 0]), zero).toArray()).toEqual([3, 0]);
    expect(pushforward(zero, float64([1, 1])).toArray()).toEqual([1, 2]);
    expect(runs).toBe(1);
    // @ts-expect-error
    expect(() => pushforward(zero)).toThrow("linearize: 2 inputs but 1 tangents");
  });
});

describe("trees", () => {
  const inputs = { w: float64([1, 2]), bias: [float64(3)] as const };
  const f = ({ w, bias: [b] }: typeof inputs): { y: Tensor; parts: [Tensor, Tensor] } => ({
    y: w.mul(b),
    parts: [w.sum(), w.argmax()],
  });

  test("pass through vjp, whose seeds and gradients have their forms", () => {
    const [{ y, parts }, pullback] = vjp(f, [inputs]);
    expect([y.toArray(), parts[0].item(), parts[1].item()]).toEqual([[3, 6], 3, 1]);
    const [g] = pullback({
      y: float64([1, 10]),
      parts: [float64(100), tensor(0, { dtype: "int32" })],
    });
    expect(g.w.toArray()).toEqual([103, 130]);
    expect(g.bias[0].item()).toBe(21);
    expect(pullback()[0].w.toArray()).toEqual([4, 4]);
    expectTypeOf(g).toEqualTypeOf<typeof inputs>();
  });

  test("pass through jvp", () => {
    const tangents = { w: float64([1, 0]), bias: [float64(10)] as const };
    const [value, slope] = jvp(f, [inputs], [tangents]);
    expect(value.y.toArray()).toEqual([3, 6]);
    expect(slope.y.toArray()).toEqual([13, 20]);
    expect([slope.parts[0].item(), slope.parts[1].item()]).toEqual([1, 0]);
  });

  test("are matched by name, not by place", () => {
    const [, slope] = jvp(
      ({ a, b }: { a: Tensor; b: Tensor }) => a.mul(10).add(b),
      [{ a: float64(0), b: float64(0) }],
      [{ b: float64(1), a: float64(2) }],
    );
    expect(slope.item()).toBe(21);
  });

  test("of another form are refused", () => {
    const x = { a: float64(1), b: [float64(2)] };
    const f = ({ a }: typeof x): Tensor => a;
    expect(() => jvp(f, [x], [{ a: float64(1), b: [] }])).toThrow(
      "jvp: the tangent of input 0 has an array of 0 at .b where an array of 1 is needed\n" +
        "It takes the form of what it belongs to, tensor by tensor.",
    );
    // @ts-expect-error
    expect(() => jvp(f, [x], [{ a: float64(1) }])).toThrow(
      "jvp: the tangent of input 0 has an object of a where an object of a, b is needed",
    );
    const [, pullback] = vjp(f, [x]);
    // @ts-expect-error
    expect(() => pullback([float64(1)])).toThrow(
      "vjp: the adjoint has an array of 1 where a tensor is needed",
    );
    // @ts-expect-error
    expect(() => vjp(() => ({ y: float64(1), loss: 3 }), [x])).toThrow(
      "vjp: the function must return a tensor, got 3 at .loss",
    );
  });
});

describe("forward and reverse mode agree in any order", () => {
  const generator = new Philox(8);
  const normal = (...shape: number[]): Tensor => randn(shape, { dtype: "float64", generator });
  const functions: Record<string, (x: Tensor) => Tensor> = {
    "a product of powers": (x) => x.pow(3).mul(x.flip()).sum(),
    "a softmax": (x) => x.softmax().mul(x.square()).sum(),
    "a quotient": (x) => x.sin().div(x.square().add(1)).sum(),
    "a network": (x) => x.mul(2).tanh().matmul(x).sigmoid().mul(x.exp()).sum(),
  };

  test.each(Object.entries(functions))("for %s, up to third derivatives", (_, f) => {
    const x = normal(3);
    const [u, v, w] = [normal(3), normal(3), normal(3)];
    type Slope = (f: (x: Tensor) => Tensor, along: Tensor) => (x: Tensor) => Tensor;
    const forward: Slope = (f, along) => (x) => jvp(f, [x], [along])[1];
    const reverse: Slope = (f, along) => (x) => grad(f)(x).mul(along).sum();
    const tolerance = { rtol: 1e-11, atol: 1e-11 };
    const second: number[] = [];
    const third: number[] = [];
    for (const a of [forward, reverse])
      for (const b of [forward, reverse]) {
        second.push(b(a(f, u), v)(x).item());
        for (const c of [forward, reverse]) third.push(c(b(a(f, u), v), w)(x).item());
      }
    // An independent truth: differences of the gradient, and of the second derivative.
    const step = 1e-5;
    const difference = (g: (x: Tensor) => Tensor, along: Tensor): number =>
      (g(x.add(along.mul(step))).item() - g(x.sub(along.mul(step))).item()) / (2 * step);
    expect(second[0]).toBeCloseTo(difference(reverse(f, u), v), 6);
    expect(third[0]).toBeCloseTo(difference(forward(reverse(f, u), v), w), 6);
    for (const s of second) assertClose(float64(s).value, second[0]!, tolerance);
    for (const t of third) assertClose(float64(t).value, third[0]!, tolerance);
  });

  test("the third derivative of x^4 is 24 x by every mixture", () => {
    const x = float64(2);
    const one = float64(1);
    const quartic = (x: Tensor): Tensor => x.pow(4);
    expect(jvp(grad(grad(quartic)), [x], [one])[1].item()).toBe(48);
    expect(hessian((x: Tensor) => jvp(quartic, [x], [one])[1])(x).item()).toBe(48);
    expect(jacobian(hessian(quartic), x).item()).toBe(48);
    expect(hvp(grad(quartic), x, one).item()).toBe(48);
  });
});
