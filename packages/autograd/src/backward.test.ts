import { ArgumentError, ShapeError } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { concat, gradients, noGrad, type Tensor, tensor } from "./index.ts";

function leaf(value: number | number[] | number[][]): Tensor {
  return tensor(value, { requiresGrad: true });
}

describe("backward", () => {
  test("adds up in .grad until resetGrad", () => {
    const x = leaf([1, 2]);
    x.mul(3).sum().backward();
    expect(x.grad!.toArray()).toEqual([3, 3]);
    x.mul(4).sum().backward();
    expect(x.grad!.toArray()).toEqual([7, 7]);
    x.resetGrad();
    expect(x.grad).toBeNull();
    x.mul(5).sum().backward();
    expect(x.grad!.toArray()).toEqual([5, 5]);
  });

  test("takes ones for a tensor of several elements", () => {
    const x = leaf([1, 2, 3]);
    x.square().backward();
    expect(x.grad!.toArray()).toEqual([2, 4, 6]);
  });

  test("takes the adjoint it is given", () => {
    const x = leaf([1, 2, 3]);
    x.square().backward(tensor([1, 10, 100]));
    expect(x.grad!.toArray()).toEqual([2, 40, 600]);
  });

  test("converts the adjoint to the dtype of the output", () => {
    const x = tensor([1, 2], { dtype: "float64", requiresGrad: true });
    x.reshape([2, 1]).backward(tensor([[1], [2]], { dtype: "int32" }));
    expect(x.grad!.dtype).toBe("float64");
    expect(x.grad!.toArray()).toEqual([1, 2]);
  });

  test("refuses an adjoint of another shape, also one that would broadcast", () => {
    const y = leaf([1, 2, 3]).square();
    expect(() => y.backward(tensor([1]))).toThrow(
      new ShapeError("backward", "expected [3], got [1]"),
    );
    expect(() => y.backward(tensor(1))).toThrow("backward: expected [3], got []");
  });

  test("of a tensor without a graph is an error", () => {
    const text =
      "backward: nothing the tensor was computed from requires a gradient\n" +
      "Use parameters or { requiresGrad: true }, outside noGrad.";
    expect(() => tensor([1]).backward()).toThrow(text);
    expect(() => leaf([1]).detach().mul(2).backward()).toThrow(text);
    expect(() => noGrad(() => leaf([1]).mul(2)).backward()).toThrow(text);
  });

  test("of a leaf gives ones, or the seed", () => {
    const x = leaf([1, 2]);
    x.backward();
    expect(x.grad!.toArray()).toEqual([1, 1]);
    const seed = tensor([5, 6]);
    x.backward(seed);
    expect(x.grad!.toArray()).toEqual([6, 7]);
    expect(seed.toArray()).toEqual([5, 6]);
  });

  test("keeps the graph with retainGraph", () => {
    const x = leaf([1, 2]);
    const y = x.square().sum();
    y.backward(undefined, { retainGraph: true });
    y.backward(undefined, { retainGraph: true });
    y.backward();
    expect(x.grad!.toArray()).toEqual([6, 12]);
    expect(() => y.backward()).toThrow("freed by an earlier backward");
  });

  test("leaves alone leaves that were frozen after the forward pass", () => {
    const a = leaf([1, 2]);
    const b = leaf([3, 4]);
    const y = a.mul(b).sum();
    b.requiresGrad = false;
    y.backward();
    expect(a.grad!.toArray()).toEqual([3, 4]);
    expect(b.grad).toBeNull();
  });

  test("gives gradients to leaves only", () => {
    const x = leaf([1, 2]);
    const middle = x.mul(2);
    middle.sum().backward();
    expect(middle.grad).toBeNull();
    expect(x.grad!.isLeaf).toBe(true);
    expect(x.grad!.requiresGrad).toBe(false);
  });

  test("works inside noGrad", () => {
    const x = leaf([1, 2]);
    const y = x.square().sum();
    noGrad(() => y.backward());
    expect(x.grad!.toArray()).toEqual([2, 4]);
  });

  test("keeps a failed pass from changing any gradient", () => {
    const x = leaf([1, 2]);
    const w = leaf([1, 2]);
    const y = x.mul(3).add(w.mul(w)).sum();
    noGrad(() => w.assign(0));
    expect(() => y.backward()).toThrow("changed in place");
    expect(x.grad).toBeNull();
  });
});

describe("the gradients of a backward pass", () => {
  /** Scales each gradient in place and checks that no other has changed. */
  function expectSeparate(tensors: readonly Tensor[]): void {
    const before = tensors.map((x) => x.toArray());
    tensors.forEach((x, i) => {
      x.assign(x.mul(0).add(i + 100));
      for (const [j, other] of tensors.entries()) {
        if (j > i) expect(other.toArray()).toEqual(before[j]);
      }
    });
  }

  test("are separate though one adjoint serves both sides of a sum", () => {
    const a = leaf([1, 2]);
    const b = leaf([3, 4]);
    a.add(b).mul(2).sum().backward();
    expect(a.grad!.toArray()).toEqual([2, 2]);
    expect(b.grad!.toArray()).toEqual([2, 2]);
    expectSeparate([a.grad!, b.grad!]);
    a.resetGrad();
    expect(b.grad!.toArray()).toEqual([101, 101]);
  });

  test("are separate from the seed and from views of it", () => {
    const [a, b, c] = [leaf([1, 2]), leaf([[1], [2]]), leaf([1, 2])];
    const seed = tensor([5, 6]);
    a.add(b.reshape([2]))
      .sub(c)
      .backward(seed);
    expect(c.grad!.toArray()).toEqual([-5, -6]);
    expectSeparate([a.grad!, b.grad!, c.grad!, seed]);
  });

  test("are separate from a seed that reaches them as it is", () => {
    const x = leaf([1, 2]);
    const seed = tensor([5, 6]);
    x.backward(seed);
    expectSeparate([x.grad!, seed]);
  });

  test("are separate parts of an adjoint that was taken apart", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    concat([a, b]).mul(3).backward();
    expectSeparate([a.grad!, b.grad!]);
  });

  test("have memory for each element though the adjoint was a number", () => {
    const x = leaf([1, 2, 3]);
    x.sum().backward();
    expect(x.grad!.value.isCompact).toBe(true);
    x.grad!.assign(tensor([1, 2, 3]));
    expect(x.grad!.toArray()).toEqual([1, 2, 3]);
  });

  test("are separate with createGraph, too", () => {
    const a = leaf([1, 2]);
    const b = leaf([3, 4]);
    a.add(b).mul(a).backward(undefined, { createGraph: true });
    expect(a.grad!.toArray()).toEqual([5, 8]);
    a.resetGrad();
    expect(b.grad!.toArray()).toEqual([1, 2]);
    expect(b.grad!.requiresGrad).toBe(true);
  });

  test("have a graph only if the last pass was to record one", () => {
    const x = leaf([1, 2]);
    x.pow(3).backward(undefined, { createGraph: true });
    expect(x.grad!.requiresGrad).toBe(true);
    x.pow(3).backward();
    expect(x.grad!.requiresGrad).toBe(false);
    expect(x.grad!.toArray()).toEqual([6, 24]);
  });

  test("are separate from tensors that a rule hands out", () => {
    const w = tensor([7, 8]);
    const x = leaf([1, 2]);
    const y = leaf([1, 2]);
    x.mul(w).add(y.mul(w)).sum().backward();
    expectSeparate([x.grad!, y.grad!, w]);
  });

  test("have the dtype of their leaves in sums of mixed dtypes", () => {
    const single = leaf([1, 2]);
    const double = tensor([3, 4], { dtype: "float64", requiresGrad: true });
    const whole = tensor([5, 6], { dtype: "int32" });
    const y = single.mul(double).add(whole.mul(single)).div(double);
    expect(y.dtype).toBe("float64");
    y.sum().backward();
    expect(single.grad!.dtype).toBe("float32");
    expect(double.grad!.dtype).toBe("float64");
    expect(single.grad!.toArray()).toEqual([1 + 5 / 3, 2.5].map(Math.fround));
    expect(double.grad!.toArray()).toEqual([-5 / 9, -12 / 16]);
  });
});

describe("gradients", () => {
  test("are new tensors; .grad stays as it is", () => {
    const x = leaf([1, 2]);
    const [g] = gradients([x.square()], [x]);
    expect(g!.toArray()).toEqual([2, 4]);
    expect(x.grad).toBeNull();
  });

  test("of several outputs are added", () => {
    const x = leaf([1, 2]);
    const [g] = gradients([x.square(), x.mul(10)], [x]);
    expect(g!.toArray()).toEqual([12, 14]);
    const seeds = [tensor([1, 1]), tensor([2, 3])];
    expect(gradients([x.square(), x.mul(10)], [x], { seeds })[0]!.toArray()).toEqual([22, 34]);
    const y = x.square();
    expect(gradients([y, y], [x])[0]!.toArray()).toEqual([4, 8]);
  });

  test("are zeros for inputs that the outputs do not depend on", () => {
    const x = leaf([1, 2]);
    const unused = leaf([[1], [2]]);
    const [, g] = gradients([x.square()], [x, unused]);
    expect(g!.toArray()).toEqual([[0], [0]]);
    expect(gradients([tensor([1])], [x])[0]!.toArray()).toEqual([0, 0]);
  });

  test("can be asked for at tensors in the middle, and past them", () => {
    const x = leaf([1, 2]);
    const middle = x.mul(3);
    const [atMiddle, atX] = gradients([middle.square()], [middle, x]);
    expect(atMiddle!.toArray()).toEqual([6, 12]);
    expect(atX!.toArray()).toEqual([18, 36]);
  });

  test("at an output are its seed", () => {
    const x = leaf([1, 2]);
    const y = x.square();
    const [atY, atX] = gradients([y], [y, x]);
    expect(atY!.toArray()).toEqual([1, 1]);
    expect(atX!.toArray()).toEqual([2, 4]);
  });

  test("use up only the part of the graph they pass", () => {
    const x = leaf([1, 2]);
    const features = x.square();
    const [g] = gradients([features.square().sum()], [features]);
    features.backward(g);
    expect(x.grad!.toArray()).toEqual([4, 32]);
    expect(() => features.backward(g)).toThrow("freed by an earlier backward");
  });

  test("for the same input twice are two tensors", () => {
    const x = leaf([1, 2]);
    const [a, b] = gradients([x.square()], [x, x]);
    a!.dispose();
    expect(b!.toArray()).toEqual([2, 4]);
    const [c, d] = gradients([x.square()], [x, x], { createGraph: true });
    c!.dispose();
    expect(d!.toArray()).toEqual([2, 4]);
    expect(d!.requiresGrad).toBe(true);
  });

  test("leave the seeds to the caller", () => {
    const x = leaf([1, 2]);
    const seed = tensor([3, 4]);
    const [g] = gradients([x], [x], { seeds: [seed] });
    g!.dispose();
    expect(seed.toArray()).toEqual([3, 4]);
  });

  test("need inputs that require gradients, and as many seeds as outputs", () => {
    const x = leaf([1, 2]);
    expect(() => gradients([x.square()], [x, tensor([[1]])])).toThrow(
      new ArgumentError(
        "gradients",
        "input 1, [1,1], does not require a gradient",
        "Make it with { requiresGrad: true } before the outputs are computed.",
      ),
    );
    expect(() => gradients([x.square()], [x], { seeds: [] })).toThrow(
      "gradients: 1 outputs but 0 seeds",
    );
    expect(() => gradients([x.square()], [x], { seeds: [tensor(1)] })).toThrow(
      "expected [2], got []",
    );
  });
});
