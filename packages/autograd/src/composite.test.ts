import * as nd from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { composite, grad, gradients, jvp, type Tensor, tensor } from "./index.ts";
import { gradcheck } from "./testing/index.ts";

function float64(values: number | number[], requiresGrad = false): Tensor {
  return tensor(values, { dtype: "float64", requiresGrad });
}

/** a * exp(b) + scale * a, plainly and with ways of its own, which count how often they are used. */
function counted(): { op: ReturnType<typeof composite<[scale: number]>>; calls: string[] } {
  const calls: string[] = [];
  const op = composite<[scale: number]>("counted", {
    compose([a, b], scale) {
      calls.push("compose");
      return a!.mul(b!.exp()).add(a!.mul(scale));
    },
    forward([a, b], scale) {
      calls.push("forward");
      return nd.add(nd.mul(a!, nd.exp(b!)), nd.mul(a!, scale));
    },
    vjp(i, g, y, [a, b], scale) {
      calls.push(`vjp ${i}`);
      return i === 0 ? g.mul(b!.exp().add(scale)) : g.mul(y.sub(a!.mul(scale)));
    },
    savesOutput: true,
  });
  return { op, calls };
}

const a = float64([0.5, -1, 2]);
const b = float64([1, 0.25, -2]);

describe("a composite op", () => {
  test("has the derivatives of its composition", () => {
    const plain = composite<[number]>("plain", {
      compose: ([a, b], scale) => a!.mul(b!.exp()).add(a!.mul(scale)),
    });
    gradcheck((a, b) => plain([a!, b!], 3), [a, b]);
    const { op } = counted();
    gradcheck((a, b) => op([a!, b!], 3), [a, b]);
  });

  test("takes the faster ways where nothing is differentiated again", () => {
    const { op, calls } = counted();
    const x = float64([1, 2], true);
    const y = op([x, float64([0, 1])], 2);
    y.backward();
    assertClose(x.grad!.value, [3, Math.E + 2]);
    expect(calls).toEqual(["forward", "vjp 0"]);
  });

  test("is differentiated through its composition under createGraph", () => {
    const { op, calls } = counted();
    const x = float64([1, 2], true);
    const y = op([x.square(), x], 0);
    const [first] = gradients([y], [x], { createGraph: true });
    expect(calls).toEqual(["forward", "compose"]); // once for both inputs
    const [second] = gradients([first!], [x]);
    // (x^2 e^x)'' = (x^2 + 4x + 2) e^x
    assertClose(second!.value, [7 * Math.E, 14 * Math.E ** 2], { rtol: 1e-12 });
  });

  test("counts an input that is passed twice once for each place", () => {
    const { op } = counted();
    const x = float64(2);
    const both = (x: Tensor): Tensor => op([x, x], 1);
    // (x e^x + x)' = (x + 1) e^x + 1, '' = (x + 2) e^x
    assertClose(grad(both)(x).value, 3 * Math.E ** 2 + 1, { rtol: 1e-12 });
    assertClose(grad(grad(both))(x).value, 4 * Math.E ** 2, { rtol: 1e-12 });
    assertClose(jvp(both, [x], [float64(1)])[1].value, 3 * Math.E ** 2 + 1, { rtol: 1e-12 });
  });

  test("leaves no array behind after a backward pass", () => {
    const plain = composite("plain", { compose: ([a, b]) => a!.mul(b!.exp()) });
    const x = float64([1, 2], true);
    const before = nd.memory().buffers;
    nd.scope(() => {
      counted().op([x, x], 2).sum().backward();
      plain([x, x]).sum().backward();
    });
    x.resetGrad();
    expect(nd.memory().buffers).toBe(before);
  });
});
