import * as nd from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import * as ag from "../index.ts";
import { bilinear, elementwise, general, jointlyLinear, linear, type Tensor } from "../index.ts";
import { gradcheck } from "./index.ts";

type Inputs = (...inputs: Tensor[]) => Tensor;

const float64 = (values: nd.NestedNumbers): Tensor => ag.tensor(values, { dtype: "float64" });
const x = float64([0.5, -1, 2]);
const matrix = float64([
  [1, 2, -1],
  [0.5, -2, 3],
]);
const other = float64([
  [1, 3],
  [-1, 0.5],
  [2, 1],
]);
const cube = float64([[[1, 2, 3]], [[4, 5, 6]]]);
const index = ag.tensor([2, 0], { dtype: "int32" });

/** The error text of a check that must fail. */
function failure(f: Inputs, inputs: readonly Tensor[] = [x], options = {}): string {
  try {
    gradcheck(f, inputs, options);
  } catch (error) {
    expect(error).toBeInstanceOf(nd.NeedleError);
    return (error as Error).message;
  }
  return "passed";
}

describe("gradcheck catches", () => {
  test("a wrong partial derivative", () => {
    const sine = elementwise<[Tensor]>(
      "sine",
      nd.sin,
      [(g, _y, x) => g.mul(x.cos().neg())],
      "inputs",
    );
    expect(failure(sine)).toBe(
      "gradcheck: reverse mode and differences differ at element [0] of input 0: -1.1127961897654668 and 1.1127961897450245",
    );
  });

  test("a partial derivative that is slightly wrong", () => {
    const sine = elementwise<[Tensor]>(
      "sine",
      nd.sin,
      [(g, _y, x) => g.mul(x.cos().mul(1.0001))],
      "inputs",
    );
    expect(failure(sine)).toMatch("reverse mode and differences differ at element [0]");
  });

  test("a partial derivative that is wrong at one element", () => {
    const rectified = elementwise<[Tensor]>("rectified", nd.relu, [(g, y) => g.mul(y)], "output");
    expect(failure(rectified, [float64([-1, 1, 2])])).toMatch("differ at element [2] of input 0");
  });

  test("a wrong partial derivative by the second input", () => {
    const ratio = elementwise<[Tensor, Tensor]>(
      "ratio",
      nd.div,
      [(g, _y, _a, b) => g.div(b), (g, y, _a, b) => g.mul(y).div(b)],
      "both",
    );
    expect(failure(ratio, [x, x.add(4)])).toMatch("of input 1");
  });

  test("a constant derivative that should be zero", () => {
    const floored = elementwise<[Tensor]>("floored", nd.floor, [(g) => g], "nothing");
    expect(failure(floored, [float64([0.5])])).toMatch(/ and 0$/);
  });

  test("a permutation taken for its own inverse", () => {
    const rotated = linear(
      "rotated",
      (x) => nd.permute(x, [1, 2, 0]),
      (g) => g.permute([1, 2, 0]),
    );
    expect(failure(rotated, [cube])).toBe(
      "rotated: its rule gives a float64 [3,2,1] as the adjoint of input 0, which is float64 [2,1,3]",
    );
    expect(failure(rotated, [ag.ones([2, 2, 2], { dtype: "float64" })])).toMatch(
      "differ at element",
    );
  });

  test("a transpose that forgets what is repeated", () => {
    const doubled = linear(
      "doubled",
      (x) => nd.concat([x, x]),
      (g, x) => g.slice([0, x.size]),
    );
    expect(failure(doubled)).toMatch("reverse mode and differences differ");
  });

  test("a mean whose transpose does not divide", () => {
    const average = linear(
      "average",
      (x) => nd.mean(x),
      (g, x) => g.broadcastTo(x.shape),
    );
    expect(failure(average)).toMatch("reverse mode and differences differ");
  });

  test("two transposes in the wrong order", () => {
    const product = bilinear("product", nd.matmul, [
      (g, a) => a.transpose().matmul(g),
      (g, _a, b) => g.matmul(b.transpose()),
    ]);
    expect(failure(product, [matrix, other])).toMatch(
      "its rule gives a float64 [3,2] as the adjoint of input 0",
    );
  });

  test("a batched product that does not sum over stretched axes", () => {
    const product = bilinear("product", nd.matmul, [
      (g, _a, b) => g.matmul(b.transpose()),
      (g, a) => a.transpose().matmul(g),
    ]);
    expect(failure(product, [matrix, other])).toBe("passed");
    expect(failure(product, [matrix, ag.ones([2, 3, 1], { dtype: "float64" })])).toMatch(
      "its rule gives a float64 [2,2,3] as the adjoint of input 0, which is float64 [2,3]",
    );
  });

  test("joined tensors whose adjoints are taken from the wrong place", () => {
    const joined = jointlyLinear(
      "joined",
      (xs) => nd.concat(xs),
      (i, g) => g.slice(i === 0 ? [3, 6] : [0, 3]),
    );
    expect(failure((a, b) => joined([a!, b!]), [x, x.add(1)])).toMatch(
      "differ at element [0] of input 0",
    );
  });

  test("a wrong forward mode", () => {
    const powered = general("powered", nd.exp, {
      saves: "output",
      vjp: (g, y) => g.mul(y),
      jvp: (t) => t,
    });
    expect(failure(powered)).toMatch(
      "forward mode and differences differ at element [0] of the output",
    );
  });

  test("a derivative cut off from the graph", () => {
    const cut = elementwise<[Tensor]>("cut", nd.exp, [(g, y) => g.mul(y.detach())], "output");
    expect(failure(cut, [x], { secondOrder: false })).toBe("passed");
    expect(failure(cut)).toMatch(
      "reverse over reverse mode and differences of the gradient differ at element [0]",
    );
  });

  test("a tangent cut off from the graph", () => {
    const cut = general("cut", nd.exp, {
      saves: "output",
      vjp: (g, y) => g.mul(y),
      jvp: (t, y) => t.mul(y.detach()),
    });
    expect(failure(cut)).toMatch(
      "reverse over forward mode and differences of the gradient differ",
    );
  });

  test("a derivative of the derivative that is wrong only there", () => {
    const bad = elementwise<[Tensor]>("bad", nd.cos, [(g, _y, x) => g.mul(x.neg())], "inputs");
    const sine = elementwise<[Tensor]>("sine", nd.sin, [(g, _y, x) => g.mul(bad(x))], "inputs");
    expect(failure(sine, [x], { secondOrder: false })).toBe("passed");
    expect(failure(sine)).toMatch("differences of the gradient differ");
  });
});

describe("gradcheck", () => {
  test("passes what is right", () => {
    gradcheck((x) => x!, [x]);
    gradcheck((x) => x!.mul(x!), [x]);
    gradcheck((a, b) => a!.matmul(b!).tanh().sum(0), [matrix, other]);
    gradcheck((x, i) => x!.take(i!).exp(), [x, index]);
    gradcheck(() => float64([1, 2]), [x]);
  });

  test("leaves its inputs as they were", () => {
    const w = ag.tensor([1, 2], { dtype: "float64", requiresGrad: true });
    gradcheck((x) => x!.square(), [w]);
    expect(w.toArray()).toEqual([1, 2]);
    expect(w.grad).toBeNull();
  });
});
