import { describe, expect, test } from "vitest";
import { grad, jvp, noGrad, type Tensor, tensor } from "./index.ts";

function float64(value: number | number[]): Tensor {
  return tensor(value, { dtype: "float64" });
}

const cube = (x: Tensor): Tensor => x.pow(3).sum();

describe("nested derivatives", () => {
  test("do not confuse the inner perturbation with the outer", () => {
    const one = float64(1);
    // d/dx (x * d/dy (x + y)) = d/dx x = 1
    const inner = (x: Tensor): Tensor => x.mul(grad((y: Tensor) => x.add(y))(one));
    expect(grad(inner)(one).item()).toBe(1);
    const forward = (x: Tensor): Tensor => x.mul(jvp((y) => x.add(y), [one], [one])[1]);
    expect(jvp(forward, [one], [one])[1].item()).toBe(1);
    expect(grad(forward)(one).item()).toBe(1);
    expect(jvp(inner, [one], [one])[1].item()).toBe(1);
  });

  test("differentiate a derivative by the outer variable", () => {
    // d/dx (x * d/dy (x y^2)) at y = x: x * 2 x y = 2 x^3 if y is set to x, whose derivative is 6
    // x^2
    const f = (x: Tensor): Tensor => x.mul(grad((y: Tensor) => x.mul(y.square()))(x));
    expect(grad(f)(float64(3)).item()).toBe(54);
    expect(jvp(f, [float64(3)], [float64(1)])[1].item()).toBe(54);
  });

  test("agree in all four orders", () => {
    const f = (x: Tensor): Tensor => x.pow(3).mul(x.flip()).sum();
    const x = float64([1, 2, 3]);
    const v = float64([1, 0, -1]);
    // H v by hand: f = a^3 c + b^4 + c^3 a at (1, 2, 3)
    const expected = [6 * 3 * 1 - (3 * 1 + 3 * 9), 0, 3 * 1 + 3 * 9 - 6 * 3 * 1];
    const along = (x: Tensor): Tensor => jvp(f, [x], [v])[1];
    expect(grad((x: Tensor) => grad(f)(x).mul(v).sum())(x).toArray()).toEqual(expected);
    expect(jvp(grad(f), [x], [v])[1].toArray()).toEqual(expected);
    expect(grad(along)(x).toArray()).toEqual(expected);
    const [, vHv] = jvp(along, [x], [v]);
    expect(vHv.item()).toBe(expected[0]! - expected[2]!);
  });

  test("work though the inner one is taken without recording", () => {
    const f = (x: Tensor): Tensor => x.mul(noGrad(() => grad(cube)(x)));
    expect(grad((x: Tensor) => f(x).sum())(float64(2)).item()).toBe(12);
  });

  test("give a Newton step", () => {
    const f = (x: Tensor): Tensor => x.square().sub(2).square();
    let x = float64(1.5);
    for (let i = 0; i < 6; i++) x = x.sub(grad(f)(x).div(grad(grad(f))(x)));
    expect(x.item()).toBeCloseTo(Math.SQRT2, 14);
  });
});
