// The derivations of the course notes, done by hand and compared with automatic differentiation.

import { Philox } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { ancestors } from "./graph.ts";
import { grad, gradients, jvp, ones, randint, randn, type Tensor, tensor } from "./index.ts";

const generator = new Philox(714);
const close = { rtol: 1e-12, atol: 1e-13 };

function normal(...shape: number[]): Tensor {
  return randn(shape, { dtype: "float64", generator });
}

/** The mean of logsumexp(z) - z_y. `[batch, classes] -> []` */
function softmaxLoss(z: Tensor, y: Tensor): Tensor {
  return z
    .logsumexp(1)
    .sub(z.mul(y.oneHot(z.shape[1]!)).sum(1))
    .mean();
}

describe("softmax regression", () => {
  const [batch, features, classes] = [6, 4, 3];
  const x = normal(batch, features);
  const y = randint(0, classes, [batch], { generator });
  const theta = normal(features, classes);

  test("has d loss / d h = (softmax(h) - onehot(y)) / m", () => {
    const h = x.matmul(theta);
    const byHand = h.softmax(1).sub(y.oneHot(classes)).div(batch);
    assertClose(grad((h: Tensor) => softmaxLoss(h, y))(h).value, byHand.value, close);
  });

  test("has d loss / d theta = x^T (z - onehot(y)) / m", () => {
    const z = x.matmul(theta).softmax(1);
    const byHand = x
      .transpose()
      .matmul(z.sub(y.oneHot(classes)))
      .div(batch);
    const loss = (theta: Tensor): Tensor => softmaxLoss(x.matmul(theta), y);
    assertClose(grad(loss)(theta).value, byHand.value, close);
  });

  test("has the same loss and gradient by logSoftmax and by gather", () => {
    const byGather = (z: Tensor): Tensor => z.logSoftmax(1).gather(1, y.unsqueeze(1)).mean().neg();
    const z = x.matmul(theta);
    assertClose(byGather(z).value, softmaxLoss(z, y).value, close);
    const expected = grad((z: Tensor) => softmaxLoss(z, y))(z);
    assertClose(grad(byGather)(z).value, expected.value, close);
  });

  test("stands logits of ten thousand", () => {
    const z = tensor([[1e4, -1e4, 0]], { dtype: "float64", requiresGrad: true });
    const label = tensor([1], { dtype: "int32" });
    const loss = softmaxLoss(z, label);
    expect(loss.item()).toBe(2e4);
    loss.backward();
    expect(z.grad!.toArray()).toEqual([[1, -1, 0]]);
  });
});

describe("networks derived by hand", () => {
  const [batch, features, hidden, classes] = [5, 4, 6, 3];
  const x = normal(batch, features);
  const y = randint(0, classes, [batch], { generator });

  test("have, with two layers, the gradients of the notes", () => {
    const [w1, w2] = [normal(features, hidden), normal(hidden, classes)];
    // Z1 = relu(X W1), G2 = (normalize(exp(Z1 W2)) - I_y) / m, G1 = 1{Z1 > 0} * (G2 W2^T)
    const z1 = x.matmul(w1).relu();
    const g2 = z1.matmul(w2).softmax(1).sub(y.oneHot(classes)).div(batch);
    const g1 = z1.gt(0).astype("float64").mul(g2.matmul(w2.transpose()));
    const loss = ({ w1, w2 }: { w1: Tensor; w2: Tensor }): Tensor =>
      softmaxLoss(x.matmul(w1).relu().matmul(w2), y);
    const g = grad(loss)({ w1, w2 });
    assertClose(g.w1.value, x.transpose().matmul(g1).value, close);
    assertClose(g.w2.value, z1.transpose().matmul(g2).value, close);
  });

  test("have, with any number of layers, the gradients of the backward recursion", () => {
    const sizes = [features, 5, 7, 4, classes];
    const weights = sizes.slice(1).map((size, i) => normal(sizes[i]!, size));
    // Forward, keeping each Z_i; backward, G_i = (G_{i+1} * tanh'(Z_i W_i)) W_i^T.
    const z = [x];
    for (const w of weights) z.push(z.at(-1)!.matmul(w).tanh());
    let g = z.at(-1)!.softmax(1).sub(y.oneHot(classes)).div(batch);
    const byHand = weights.map(() => x);
    for (let i = weights.length - 1; i >= 0; i--) {
      const inner = g.mul(z[i + 1]!.square().neg().add(1));
      byHand[i] = z[i]!.transpose().matmul(inner);
      g = inner.matmul(weights[i]!.transpose());
    }
    const loss = (weights: Tensor[]): Tensor =>
      softmaxLoss(
        weights.reduce((z, w) => z.matmul(w).tanh(), x),
        y,
      );
    grad(loss)(weights).forEach((gradient, i) => {
      assertClose(gradient.value, byHand[i]!.value, close);
    });
  });
});

describe("the computational graph of the lecture, y = ln(x1) + x1 x2 - sin(x2) at (2, 5)", () => {
  const at = (value: number): Tensor => tensor(value, { dtype: "float64", requiresGrad: true });
  const f = (x1: Tensor, x2: Tensor): Tensor => x1.log().add(x1.mul(x2)).sub(x2.sin());

  test("has the value 11.652", () => {
    expect(f(at(2), at(5)).item()).toBeCloseTo(11.652, 3);
  });

  test("has the forward trace: dv7/dx1 = 5.5 in one pass for one input", () => {
    const [one, zero] = [at(1).detach(), at(0).detach()];
    const [, dx1] = jvp(f, [at(2).detach(), at(5).detach()], [one, zero]);
    const [, dx2] = jvp(f, [at(2).detach(), at(5).detach()], [zero, one]);
    expect(dx1.item()).toBe(5.5);
    expect(dx2.item()).toBeCloseTo(2 - Math.cos(5), 12);
    expect(dx2.item()).toBeCloseTo(1.716, 3);
  });

  test("has the reverse trace: all partial derivatives in one pass", () => {
    const [x1, x2] = [at(2), at(5)];
    const [dx1, dx2] = gradients([f(x1, x2)], [x1, x2]) as [Tensor, Tensor];
    expect(dx1.item()).toBe(5.5);
    expect(dx2.item()).toBeCloseTo(2 - Math.cos(5), 12);
  });

  test("has its adjoints added up where a value is used twice", () => {
    const [x1, x2] = [at(2), at(5)];
    const v3 = x1.mul(x2);
    const v4 = v3.exp().div(1e4);
    const y = v4.add(v3.mul(3));
    const [atV3] = gradients([y], [v3]) as [Tensor];
    expect(atV3.item()).toBeCloseTo(Math.exp(10) / 1e4 + 3, 12);
  });

  test("is walked in an order in which inputs come before results", () => {
    const [x1, x2] = [at(2), at(5)];
    const order = ancestors([f(x1, x2)]).toReversed();
    const position = new Map(order.map((x, i) => [x, i]));
    for (const x of order) {
      for (const input of x.node?.inputs ?? []) {
        expect(position.get(input as Tensor)).toBeLessThan(position.get(x)!);
      }
    }
    expect(order.map((x) => x.node?.rule.name ?? "leaf")).toEqual([
      "leaf",
      "leaf",
      "log",
      "mul",
      "add",
      "sin",
      "sub",
    ]);
  });
});

describe("the operators of the course", () => {
  test("power_scalar has slope s x^(s-1) for the scalars its test never drew", () => {
    const slope = (s: number): unknown =>
      grad((x: Tensor) => x.pow(s).sum())(tensor([0.25, 4], { dtype: "float64" })).toArray();
    expect(slope(0)).toEqual([0, 0]);
    expect(slope(1)).toEqual([1, 1]);
    expect(slope(2)).toEqual([0.5, 8]);
    expect(slope(3)).toEqual([3 / 16, 48]);
    expect(slope(-1.5)).toEqual([-48, -1.5 / 32]);
    expect(slope(0.5)).toEqual([1, 0.25]);
  });

  test("power of two tensors has no NaN where the base is 0", () => {
    const pair = [0, 2].map((v) => tensor([v, 3], { dtype: "float64", requiresGrad: true }));
    const [a, b] = pair as [Tensor, Tensor];
    const [da, db] = gradients([a.pow(b)], [a, b]) as [Tensor, Tensor];
    expect(da.toArray()).toEqual([0, 27]);
    expect((db.toArray() as number[])[0]).toBe(0);
    expect((db.toArray() as number[])[1]).toBeCloseTo(27 * Math.log(3), 12);
  });

  test("broadcast_to sums the adjoint over what was repeated, from [1] and [] to [3,3,3]", () => {
    for (const shape of [[1], [], [3], [3, 1]]) {
      const x = ones(shape, { requiresGrad: true });
      x.broadcastTo([3, 3, 3]).backward();
      expect(x.grad!.toArray()).toEqual(
        ones(shape)
          .mul(27 / x.size)
          .toArray(),
      );
    }
  });

  test("matmul sums the adjoint over batch axes that were broadcast", () => {
    const a = ones([6, 6, 5, 4], { requiresGrad: true });
    const b = ones([4, 3], { requiresGrad: true });
    a.matmul(b).backward();
    expect(a.grad!.shape).toEqual([6, 6, 5, 4]);
    expect(b.grad!.toArray()).toEqual(
      ones([4, 3])
        .mul(6 * 6 * 5)
        .toArray(),
    );
  });

  test("relu has slope 0 at 0, logsumexp is stable, summation takes several axes", () => {
    const x = tensor([-1, 0, 2], { requiresGrad: true });
    x.relu().backward();
    expect(x.grad!.toArray()).toEqual([0, 0, 1]);
    expect(tensor([1e10, 1e10]).logsumexp().item()).toBe(Math.fround(1e10 + Math.LN2));
    expect(ones([2, 3, 4]).sum([0, 2]).toArray()).toEqual([8, 8, 8]);
  });
});
