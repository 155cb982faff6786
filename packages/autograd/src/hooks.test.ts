import { memory, scope } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { grad, gradients, jvp, noGrad, type Tensor, tensor } from "./index.ts";

function float64(value: number | number[], requiresGrad = true): Tensor {
  return tensor(value, { dtype: "float64", requiresGrad });
}

describe("registerHook", () => {
  test("is called with the whole gradient, once, on leaves and in the middle", () => {
    const calls: [string, unknown][] = [];
    const x = float64([1, 2]);
    const y = x.mul(3);
    const z = y.square().add(y).sum(); // y reaches z by two ways
    x.registerHook((g) => void calls.push(["x", g.toArray()]));
    y.registerHook((g) => void calls.push(["y", g.toArray()]));
    z.registerHook((g) => void calls.push(["z", g.item()]));
    z.backward();
    expect(calls).toEqual([
      ["z", 1],
      ["y", [7, 13]],
      ["x", [21, 39]],
    ]);
  });

  test("may replace the gradient for all that comes after it", () => {
    const x = float64([1, 2]);
    const y = x.mul(3);
    y.registerHook((g) => g.mul(10));
    y.registerHook((g) => g.add(1));
    x.registerHook((g) => g.neg());
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([-33, -33]);
    expect(gradients([x.square().sum()], [x])[0]!.toArray()).toEqual([-2, -4]);
  });

  test("may give a tensor of its own, or the gradient itself", () => {
    const own = float64([5, 6], false);
    const x = float64([1, 2]);
    x.registerHook(() => own);
    x.registerHook((g) => g);
    x.sum().backward();
    expect(x.grad!.toArray()).toEqual([5, 6]);
    x.resetGrad();
    expect(own.toArray()).toEqual([5, 6]);
  });

  test("is taken away by what it returns", () => {
    const x = float64(1);
    const remove = x.registerHook((g) => g.mul(10));
    x.registerHook((g) => g.add(1));
    remove();
    remove();
    x.mul(2).backward();
    expect(x.grad!.item()).toBe(3);
  });

  test("is part of the derivative under createGraph", () => {
    const x = float64(3);
    const y = x.square();
    y.registerHook((g) => g.mul(x)); // dx = 2 x * x
    const [first] = gradients([y], [x], { createGraph: true }) as [Tensor];
    expect(first.item()).toBe(18);
    expect(gradients([first], [x])[0]!.item()).toBe(12);
  });

  test("is not called where no gradient is asked for", () => {
    let calls = 0;
    const [x, w] = [float64(1), float64(2)];
    const y = x.mul(2);
    y.registerHook(() => void calls++);
    gradients([y.mul(w)], [w]);
    jvp((x) => x.mul(w), [float64(1)], [float64(1)]);
    expect(calls).toBe(0);
  });

  test("works on tensors inside a function that is differentiated", () => {
    const f = (x: Tensor): Tensor => {
      const y = x.square();
      y.registerHook((g) => g.mul(100));
      return y;
    };
    expect(grad(f)(float64(3, false)).item()).toBe(600);
  });

  test("may keep the gradient, which is freed otherwise", () => {
    const seen: Tensor[] = [];
    const x = float64([1, 2]);
    const y = x.mul(3);
    y.registerHook((g) => void seen.push(g));
    y.square().sum().backward();
    expect(() => seen[0]!.toArray()).toThrow("was freed by backward()");
    const z = x.mul(3);
    z.registerHook((g) => void seen.push(g.keep()));
    z.square().sum().backward();
    expect(seen[1]!.toArray()).toEqual([6, 12]);
  });

  test("leaves no memory behind", () => {
    const x = float64([1, 2]);
    const before = memory().buffers;
    scope(() => {
      const y = x.mul(3);
      y.registerHook((g) => g.mul(2).add(1));
      y.square().sum().backward();
    });
    x.resetGrad();
    expect(memory().buffers).toBe(before);
  });

  test("checks the tensor and what the hook gives", () => {
    expect(() => float64(1, false).registerHook((g) => g)).toThrow(
      "registerHook: the tensor [] does not require a gradient\n" +
        "Make it with { requiresGrad: true }, or outside noGrad.",
    );
    const x = float64([1, 2]);
    x.registerHook((g) => g.sum());
    expect(() => x.sum().backward()).toThrow("registerHook: a hook gives [] for a gradient [2]");
    const y = float64([1, 2]);
    y.registerHook(async (g) => g);
    expect(() => y.sum().backward()).toThrow("registerHook: the function is asynchronous");
  });
});

describe("retainGrad", () => {
  test("stores gradients of tensors in the middle, and adds them up", () => {
    const x = float64([1, 2]);
    const y = x.mul(3).retainGrad();
    const z = y.square().sum();
    z.backward(undefined, { retainGraph: true });
    expect(y.grad!.toArray()).toEqual([6, 12]);
    z.backward();
    expect(y.grad!.toArray()).toEqual([12, 24]);
    expect(x.grad!.toArray()).toEqual([36, 72]);
    y.grad!.value.assign(0);
    expect(x.grad!.toArray()).toEqual([36, 72]);
    y.resetGrad();
    expect(y.grad).toBeNull();
  });

  test("stores what hooks made of the gradient, and only in backward", () => {
    const x = float64(1);
    const y = x.mul(3).retainGrad();
    y.registerHook((g) => g.mul(10));
    const z = y.mul(2);
    gradients([z], [x], { retainGraph: true });
    expect(y.grad).toBeNull();
    z.backward();
    expect([y.grad!.item(), x.grad!.item()]).toEqual([20, 60]);
  });

  test("changes nothing on leaves", () => {
    const x = float64(1).retainGrad();
    x.mul(2).backward();
    expect(x.grad!.item()).toBe(2);
    expect(() => noGrad(() => x.mul(2).retainGrad())).toThrow(
      "retainGrad: the tensor [] does not require a gradient",
    );
  });
});

describe("registerPostAccumulateGradHook", () => {
  test("is called when .grad is complete, with the leaf", () => {
    const w = float64([1, 2]);
    const seen: unknown[] = [];
    const remove = w.registerPostAccumulateGradHook((leaf) => {
      seen.push(leaf === w, leaf.grad!.toArray());
    });
    w.square().add(w).sum().backward();
    w.sum().backward();
    remove();
    w.sum().backward();
    expect(seen).toEqual([true, [3, 5], true, [4, 6]]);
  });

  test("may step the parameter and forget its gradient", () => {
    const w = float64([1, 2]);
    w.registerPostAccumulateGradHook((w) => {
      w.assign(w.detach().sub(w.grad!.mul(0.5)));
      w.resetGrad();
    });
    w.square().sum().backward();
    expect(w.toArray()).toEqual([0, 0]);
    expect(w.grad).toBeNull();
  });

  test("is for leaves that require gradients", () => {
    expect(() =>
      float64(1)
        .mul(2)
        .registerPostAccumulateGradHook(() => {}),
    ).toThrow(
      "registerPostAccumulateGradHook: only leaves store their gradients\nUse registerHook.",
    );
    expect(() => float64(1, false).registerPostAccumulateGradHook(() => {})).toThrow(
      "registerPostAccumulateGradHook: the tensor [] does not require a gradient",
    );
  });
});
