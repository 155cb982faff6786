import { MemoryError, ones as onesArray, scope } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { ancestors } from "./graph.ts";
import { gradients, jvp, noGrad, type Tensor, tensor } from "./index.ts";

function leaf(value: number | number[]): Tensor {
  return tensor(value, { dtype: "float64", requiresGrad: true });
}

/** The names of the ops that made the tensors; `leaf` for leaves. */
function names(tensors: readonly Tensor[]): string[] {
  return tensors.map((x) => x.node?.rule.name ?? "leaf");
}

describe("ancestors", () => {
  test("come each once, every result before what it was computed from", () => {
    const a = leaf(2);
    const b = leaf(3);
    const sum = a.add(b);
    const product = sum.mul(a);
    const y = product.sub(sum);
    expect(ancestors([y])).toEqual([y, product, sum, b, a]);
    expect(names(ancestors([y]))).toEqual(["sub", "mul", "add", "leaf", "leaf"]);
  });

  test("of several outputs come in one order", () => {
    const a = leaf(2);
    const first = a.exp();
    const second = first.log();
    expect(ancestors([first, second])).toEqual([second, first, a]);
    expect(ancestors([first, first])).toEqual([first, a]);
  });

  test("leave out what needs no gradient", () => {
    const constant = tensor(1);
    const a = leaf(2);
    const y = a.mul(constant.exp()).add(1);
    expect(names(ancestors([y]))).toEqual(["add", "mul", "leaf"]);
    expect(ancestors([constant.exp()])).toEqual([]);
  });

  test("do not go past tensors to stop at", () => {
    const a = leaf(2);
    const middle = a.exp();
    const y = middle.log();
    expect(ancestors([y], (x) => x === middle)).toEqual([y, middle]);
  });
});

describe("a graph", () => {
  test("may be a chain of 50000 ops, in either mode", () => {
    const steps = 50_000;
    const chain = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < steps; i++) y = y.mul(1.0001);
      return y;
    };
    const x = leaf(1);
    chain(x).backward();
    expect(x.grad!.item()).toBeCloseTo(1.0001 ** steps, 6);
    const [y, dy] = jvp(chain, [x.detach()], [tensor(2, { dtype: "float64" })]);
    expect(y.item()).toBeCloseTo(1.0001 ** steps, 6);
    expect(dy.item()).toBeCloseTo(2 * 1.0001 ** steps, 6);
  });

  test("with 2^200 paths takes time in its 200 nodes", () => {
    const x = leaf(1);
    let y = x;
    for (let i = 0; i < 200; i++) y = y.add(y);
    y.backward();
    expect(x.grad!.item()).toBe(2 ** 200);
    const twice = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < 200; i++) y = y.add(y);
      return y;
    };
    expect(jvp(twice, [x.detach()], [x.detach()])[1].item()).toBe(2 ** 200);
  });

  test("may use one tensor in both places of an op and in many ops", () => {
    const x = leaf([1, 2, 3]);
    x.mul(x).add(x.mul(2)).add(x).sum().backward();
    expect(x.grad!.toArray()).toEqual([5, 7, 9]);
  });

  test("has its derivatives taken at the values of its inputs, not of what is assigned later", () => {
    const x = leaf([1, 2]);
    const copy = x.clone();
    const y = copy.square();
    noGrad(() => x.assign(100));
    y.backward();
    expect(x.grad!.toArray()).toEqual([2, 4]);
  });

  test("is not built where nothing asks for gradients", () => {
    const y = tensor([1, 2]).exp().mul(3);
    expect(y.node).toBeNull();
    expect(y.requiresGrad).toBe(false);
    expect(leaf([1, 2]).gt(1).node).toBeNull();
    expect(leaf([1, 2]).astype("int32").node).toBeNull();
  });
});

describe("a node that is freed", () => {
  test("cannot be passed a second time", () => {
    const x = leaf([1, 2]);
    const y = x.square().sum();
    y.backward();
    expect(() => y.backward()).toThrow(
      new MemoryError(
        "backward",
        "the graph was freed by an earlier backward",
        "Pass { retainGraph: true } to the earlier call, or detach() what is used again.",
      ),
    );
    expect(x.grad!.toArray()).toEqual([2, 4]);
  });

  test("cannot be passed from another result either", () => {
    const x = leaf([1, 2]);
    const middle = x.mul(2);
    middle.sum().backward();
    expect(() => middle.square().sum().backward()).toThrow(
      "the graph was freed by an earlier backward",
    );
    expect(() => gradients([middle.square()], [x])).toThrow("the graph was freed");
    expect(x.grad!.toArray()).toEqual([2, 2]);
  });

  test("is no hindrance on the way to tensors that are newer", () => {
    const x = leaf([1, 2]);
    const middle = x.mul(2);
    middle.sum().backward();
    const w = leaf([3, 4]);
    const [atMiddle, atW] = gradients([middle.mul(w)], [middle, w]);
    expect(atMiddle!.toArray()).toEqual([3, 4]);
    expect(atW!.toArray()).toEqual([2, 4]);
  });

  test("forgets what it was computed from", () => {
    const x = leaf([1, 2]);
    const y = x.exp().sum();
    expect(y.node!.inputs).toHaveLength(1);
    y.backward();
    expect(y.node!.inputs).toEqual([]);
    expect(y.node!.params).toEqual([]);
    expect(y.item()).toBeCloseTo(Math.E + Math.E ** 2, 12);
  });
});

describe("a saved value that changes in place", () => {
  const text =
    ": a value [2] that mul saved was changed in place since\n" +
    "Compute the loss again after changing parameters, or change a clone().";

  test("is an error, not a wrong gradient", () => {
    const w = leaf([1, 2]);
    const loss = w.mul(w).sum();
    noGrad(() => w.assign(5));
    expect(() => loss.backward()).toThrow(`backward${text}`);
    expect(w.grad).toBeNull();
  });

  test("is found also when a view or a detached tensor was written to", () => {
    const w = leaf([1, 2]);
    const loss = w.mul(3).mul(w).sum();
    w.detach().slice(0).assign(7);
    expect(() => loss.backward()).toThrow(`backward${text}`);
    expect(() => gradients([loss], [w])).toThrow(`gradients${text}`);
  });

  test("is no error where the derivative does not need it", () => {
    const w = leaf([1, 2]);
    const loss = w.add(w).sum();
    noGrad(() => w.assign(0));
    loss.backward();
    expect(w.grad!.toArray()).toEqual([2, 2]);
  });

  test("is an error in forward mode, too", () => {
    const mutating = (x: Tensor): Tensor => {
      const y = x.mul(x);
      x.value.assign(onesArray([2], { dtype: "float64" }));
      return y;
    };
    const x = tensor([1, 2], { dtype: "float64" });
    expect(() => jvp(mutating, [x.clone()], [x])).toThrow(
      "jvp: a value [2] that mul saved was changed in place since",
    );
  });
});

describe("a tensor that was freed", () => {
  test("says so with op, shape, who freed it and what to do", () => {
    const x = tensor([[1, 2]]);
    const hidden = scope(() => [x.mul(2)].map((y) => () => y), { label: "forward" })[0]!();
    expect(() => hidden.exp()).toThrow(
      "exp: the array float32 [1,2] was freed by forward\nReturn it from there, or call keep() on it",
    );
    expect(() => hidden.detach()).toThrow("detach: the array float32 [1,2] was freed by forward");
    x.dispose();
    expect(() => x.add(1)).toThrow("add: the array float32 [1,2] was freed by dispose()");
  });

  test("stays in the graph as long as the graph needs it", () => {
    const x = leaf([1, 2]);
    const loss = scope(() => x.square().mul(x).sum());
    const square = x.square();
    const direct = square.mul(square).sum();
    square.dispose();
    loss.add(direct).backward();
    expect(x.grad!.toArray()).toEqual([3 + 4, 12 + 32]);
  });
});
