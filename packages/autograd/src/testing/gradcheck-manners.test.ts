import * as nd from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import * as ag from "../index.ts";
import { elementwise, general, linear, type Tensor } from "../index.ts";
import { gradcheck } from "./index.ts";

type Inputs = (...inputs: Tensor[]) => Tensor;

const float64 = (values: nd.NestedNumbers): Tensor => ag.tensor(values, { dtype: "float64" });
const x = float64([0.5, -1, 2]);
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
  test("an input that is read but not saved", () => {
    const squared = elementwise<[Tensor]>(
      "squared",
      nd.square,
      [(g, _y, x) => g.mul(x).mul(2)],
      "nothing",
    );
    expect(failure(squared)).toBe(
      "mul: the array float64 [3] was freed by the end of the forward pass\n" +
        "Return it from there, or call keep() on it before that ends.",
    );
  });

  test("an output that is read but not saved", () => {
    const powered = elementwise<[Tensor]>("powered", nd.exp, [(g, y) => g.mul(y)], "inputs");
    expect(failure(powered)).toMatch("mul: the array float64 [3] was freed");
  });

  test("the wrong one of two inputs saved", () => {
    const product = elementwise<[Tensor, Tensor]>(
      "product",
      nd.mul,
      [(g, _y, _a, b) => g.mul(b), (g) => g],
      [0],
    );
    expect(failure(product, [x, x.add(1)])).toMatch("was freed");
  });

  test("an index hidden where it is not saved", () => {
    const picked = linear(
      "picked",
      (x, options: { index: Tensor }) => nd.gather(x, 0, options.index.value),
      (g, x, { index }): Tensor => ag.zerosLike(x).scatterAdd(0, index, g),
    );
    expect(failure((x, i) => picked(x!, { index: i! }), [x, index])).toMatch("int32 [2] was freed");
  });

  test("a tangent of the wrong shape", () => {
    const total = general("total", (x) => nd.sum(x), {
      saves: "nothing",
      vjp: (g, _y, x) => g.broadcastTo(x.shape),
      jvp: (t) => t.sum(0, { keepdims: true }),
    });
    expect(failure(total)).toBe(
      "total: its rule gives a float64 [1] as the tangent, which is float64 []",
    );
  });

  test("a gradient in single precision", () => {
    const doubled = linear(
      "doubled",
      (x) => nd.mul(x, 2),
      (g) => g.mul(2).astype("float32"),
    );
    expect(failure(doubled)).toBe(
      "doubled: its rule gives a float32 [3] as the adjoint of input 0, which is float64 [3]",
    );
  });

  test("an op that changes its input", () => {
    const wiped: Inputs = (x) => {
      const y = x!.mul(2);
      x!.value.assign(0);
      return y;
    };
    expect(failure(wiped)).toBe("gradcheck: f changes its input 0 in place");
  });

  test("an op that changes what it saved", () => {
    const logistic = general("logistic", nd.sigmoid, {
      saves: "output",
      vjp: (g, y) => {
        const slope = g.mul(y.mul(y.sub(1)).neg());
        y.value.assign(0);
        return slope;
      },
      jvp: (t) => t,
    });
    expect(failure(logistic)).toMatch("saved was changed in place since");
  });

  test("a rule that changes the adjoint it is given", () => {
    const doubled = general("doubled", (x) => nd.mul(x, 2), {
      saves: "nothing",
      vjp: (g) => {
        g.value.assign(g.value.mul(2));
        return g;
      },
      jvp: (t) => t.mul(2),
    });
    expect(failure((x) => doubled(x!).add(x!))).not.toBe("passed");
  });

  test("a rule that reads values", () => {
    const scaled = elementwise<[Tensor]>(
      "scaled",
      nd.square,
      [(g, _y, x) => g.mul(x).mul(x.size === 3 ? 2 * Math.sign(x.abs().sum().item()) : 0)],
      "inputs",
    );
    expect(failure(scaled)).toMatch("the shape-only backend has no values");
  });

  test("a function whose shape depends on values", () => {
    const chosen: Inputs = (x) => (x!.backend.name === "reference" ? x!.slice([0, 2]) : x!.mul(1));
    expect(failure(chosen)).toBe("gradcheck: f gives float64 [2], but float64 [3] without values");
  });

  test("a function that is not differentiable where it is looked at", () => {
    expect(failure((x) => x!.sqrt(), [float64([0])])).toMatch("NaN");
    expect(failure((x) => x!.abs(), [float64([1e-6])])).toMatch(
      "reverse mode and differences differ",
    );
  });

  test("a derivative that is infinite", () => {
    const vertical = elementwise<[Tensor]>("vertical", nd.sin, [(g) => g.div(0)], "nothing");
    expect(failure(vertical)).toMatch("element [0] of input 0: Infinity and ");
  });

  test("a result without a derivative", () => {
    expect(failure((x) => x!.gt(0))).toBe("gradcheck: f gives bool from float64 inputs");
    expect(failure((x) => x!.detach().mul(2))).toMatch("reverse mode and differences differ");
  });

  test("inputs in single precision", () => {
    expect(failure((x) => x!, [ag.tensor([1])])).toBe(
      "gradcheck: differences need float64 inputs, got float32",
    );
    expect(failure((x) => x!, [index])).toBe(
      "gradcheck: differences need float64 inputs, got int32",
    );
  });
});
