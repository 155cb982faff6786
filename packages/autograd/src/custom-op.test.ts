import * as nd from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { customOp, grad, gradients, jvp, type Tensor, tensor, zerosLike } from "./index.ts";
import { gradcheck } from "./testing/index.ts";

function float64(values: number | number[], requiresGrad = false): Tensor {
  return tensor(values, { dtype: "float64", requiresGrad });
}

const a = float64([0.5, -1, 2]);
const b = float64([1, 0.25, -2]);

/** a * exp(b) + scale * a */
const product = customOp<[scale: number]>({
  name: "product",
  forward: ([a, b], { params: [scale] }) => nd.add(nd.mul(a!, nd.exp(b!)), nd.mul(a!, scale)),
  vjp: (g, { inputs: [a, b], output, params: [scale] }) => [
    g.mul(b!.exp().add(scale)),
    g.mul(output.sub(a!.mul(scale))),
  ],
});

describe("customOp", () => {
  test("has both modes and any order from a forward and a backward function", () => {
    expect(product([float64(2), float64(0)], 3).item()).toBe(8);
    gradcheck((a, b) => product([a!, b!], 3), [a, b]);
    const both = (x: Tensor): Tensor => product([x, x], 1);
    expect(grad(both)(float64(0)).item()).toBe(2);
  });

  test("uses the jvp that it is given", () => {
    let calls = 0;
    const cube = customOp({
      name: "cube",
      forward: ([x]) => nd.mul(nd.square(x!), x!),
      vjp: (g, { inputs: [x] }) => [g.mul(x!.square()).mul(3)],
      jvp: ([t], { inputs: [x] }) => {
        calls++;
        return t!.mul(x!.square()).mul(3);
      },
    });
    gradcheck((x) => cube([x!]), [a]);
    expect(calls).toBeGreaterThan(0);
  });

  test("hands over what forward saves, and frees it", () => {
    const softplus = customOp({
      name: "softplus",
      forward: ([x], { save }) => {
        const e = nd.exp(x!);
        save(e);
        return nd.log1p(e);
      },
      vjp: (g, { saved: [e] }) => [g.mul(e!).div(e!.add(1))],
      saves: "nothing",
    });
    gradcheck((x) => softplus([x!]), [a], { secondOrder: false, shapeOnly: false });
    const x = float64([1, 2], true);
    const before = nd.memory().buffers;
    const y = softplus([x]);
    expect(nd.memory().buffers).toBe(before + 2);
    y.backward();
    expect(nd.memory().buffers).toBe(before + 2); // the result and the gradient
    const plain = softplus([float64([1])]);
    expect(nd.memory().buffers).toBe(before + 4); // its input and itself
    plain.dispose();
    const second = grad((x: Tensor) => grad((x: Tensor) => softplus([x]).sum())(x).sum());
    expect(() => second(x.detach())).toThrow(
      "softplus: its derivative cannot be differentiated: it reads values that forward saved\n" +
        'Compute them from the inputs in vjp, or state { differentiable: "always" } if they are constants.',
    );
  });

  test("may save constants and be differentiated again", () => {
    const masked = customOp({
      name: "masked",
      forward: ([x], { save }) => {
        const mask = nd.array([1, 0, 1], { dtype: "float64", backend: x!.backend });
        save(mask);
        return nd.mul(nd.square(x!), mask);
      },
      vjp: (g, { inputs: [x], saved: [mask] }) => [g.mul(mask!).mul(x!).mul(2)],
      differentiable: "always",
    });
    gradcheck((x) => masked([x!]), [a]);
  });

  test("may save its inputs, its output, and what is kept elsewhere", () => {
    const table = nd.array([2, 3], { dtype: "float64" }).keep();
    const op = customOp({
      name: "op",
      forward: ([x], { save }) => {
        const y = nd.mul(x!, table);
        save(x!, y, table);
        return y;
      },
      vjp: (g, { saved: [, , table] }) => [g.mul(table!)],
    });
    const x = float64([1, 1], true);
    const y = op([x]);
    y.backward();
    expect([x.grad!.toArray(), x.toArray(), y.toArray(), table.toArray()]).toEqual([
      [2, 3],
      [1, 1],
      [2, 3],
      [2, 3],
    ]);
  });

  test("says which derivatives are needed, and takes null for zero", () => {
    const asked: (readonly boolean[])[] = [];
    const first = customOp({
      name: "first",
      forward: ([a]) => a!.copy(),
      vjp: (g, { needed }) => {
        asked.push(needed);
        return [g, null];
      },
    });
    const [x, y] = [float64([1, 2], true), float64([3, 4], true)];
    expect(gradients([first([x, y])], [x, y]).map((g) => g.toArray())).toEqual([
      [1, 1],
      [0, 0],
    ]);
    gradients([first([x.detach(), y])], [y]);
    expect(asked).toEqual([
      [true, true],
      [false, true],
    ]);
    expect(jvp((y) => first([x, y]), [y.detach()], [y.detach()])[1].toArray()).toEqual([0, 0]);
  });

  test("says what is wrong with a rule", () => {
    const short = customOp({ name: "short", forward: ([a]) => a!.copy(), vjp: (g) => [g] });
    const x = float64([1], true);
    expect(() => gradients([short([x, x])], [x])).toThrow(
      "short: vjp must give an adjoint for each of 2 inputs, got 1\nGive null for those that are zero.",
    );
    const hidden = customOp({
      name: "hidden",
      forward: ([a]) => a!.copy(),
      vjp: (g) => [zerosLike(g)],
    });
    expect(() => jvp((x) => hidden([x]), [float64(1)], [float64(1)])).toThrow(
      "hidden: forward mode cannot be derived: the adjoint of input 0 was not computed by ops of " +
        "tensors\nState a jvp, or give null for adjoints that are zero.",
    );
    // @ts-expect-error
    expect(() => short([1])).not.toThrow("undefined");
  });
});
