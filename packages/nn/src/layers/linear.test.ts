import { ones, tensor, zeros } from "@needle/autograd";
import {
  createShapeOnlyBackend,
  manualSeed,
  NumpyGenerator,
  setDefaultGenerator,
} from "@needle/ndarray";
import { assertClose, assertSame } from "@needle/ndarray/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { gradcheckLayer } from "../gradcheck.fixture.ts";
import { Linear } from "../index.ts";
import { linear } from "../torch.fixture.ts";

beforeEach(() => manualSeed(0));

/** A layer in double precision with the weights of NumPy's stream. */
function seeded(): Linear {
  setDefaultGenerator(new NumpyGenerator(0));
  return new Linear(3, 2, { dtype: "float64" });
}

describe("the parameters of Linear", () => {
  test("are drawn weight first, then bias, with the values of NumPy's stream", () => {
    const layer = seeded();
    assertClose(layer.weight.value, linear.weight, { rtol: 1e-14, atol: 1e-15 });
    assertClose(layer.bias!.value, linear.bias, { rtol: 1e-14, atol: 1e-15 });
  });

  test("are those values rounded in float32, the default", () => {
    setDefaultGenerator(new NumpyGenerator(0));
    const layer = new Linear(3, 2);
    expect([layer.weight.dtype, layer.bias!.dtype]).toEqual(["float32", "float32"]);
    // Half a unit in the last place of numbers up to 3, twice.
    assertClose(layer.weight.value, linear.weight, { rtol: 0, atol: 3e-7 });
    assertClose(layer.bias!.value, linear.bias, { rtol: 0, atol: 3e-7 });
  });

  test("have the shapes [in, out] and [out]", () => {
    const layer = new Linear(784, 10);
    expect([layer.weight.shape, layer.bias!.shape]).toEqual([[784, 10], [10]]);
    expect([layer.inFeatures, layer.outFeatures]).toEqual([784, 10]);
  });

  test("lie within Kaiming's bounds: of fan in, and for the bias of fan out", () => {
    const layer = new Linear(600, 24);
    const [weight, bias] = [layer.weight.abs().max().item(), layer.bias!.abs().max().item()];
    expect(weight).toBeLessThanOrEqual(Math.fround(0.1));
    expect(weight).toBeGreaterThan(0.099);
    expect(bias).toBeLessThanOrEqual(0.5);
    expect(bias).toBeGreaterThan(0.1);
  });

  test("are found by name; without a bias there is one", () => {
    const names = (layer: Linear): string[] => layer.namedParameters().map(([name]) => name);
    expect(names(new Linear(2, 3))).toEqual(["weight", "bias"]);
    const layer = new Linear(2, 3, { bias: false });
    expect(layer.bias).toBe(null);
    expect(names(layer)).toEqual(["weight"]);
  });

  test("draw nothing for a bias that is left out", () => {
    setDefaultGenerator(new NumpyGenerator(0));
    new Linear(3, 2, { bias: false });
    const bias = new Linear(1, 2, { bias: false, dtype: "float64" }).weight;
    assertClose(bias.value.mul(1 / Math.sqrt(6)), [linear.bias.map((b) => b / Math.sqrt(3))], {
      rtol: 1e-14,
    });
  });

  test("are made on the backend asked for", () => {
    const backend = createShapeOnlyBackend();
    const layer = new Linear(1e6, 1e6, { backend });
    expect(layer.forward(zeros([5, 1e6], { backend })).shape).toEqual([5, 1e6]);
  });
});

describe("Linear", () => {
  test("computes x W + b", () => {
    const x = tensor(linear.x, { dtype: "float64" });
    assertClose(seeded().forward(x).value, linear.y, { rtol: 1e-14, atol: 1e-15 });
  });

  test("computes x W without a bias", () => {
    const layer = new Linear(2, 2, { bias: false });
    layer.weight.assign(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    assertSame(
      layer.forward(
        tensor([
          [1, 10],
          [-1, 0],
        ]),
      ).value,
      [
        [31, 42],
        [-1, -2],
      ],
    );
  });

  test("keeps any leading axes, also none", () => {
    const layer = seeded();
    const x = tensor(linear.x, { dtype: "float64" });
    const batched = layer.forward(x.reshape([1, 2, 1, 3]));
    expect(batched.shape).toEqual([1, 2, 1, 2]);
    assertClose(batched.value.reshape([2, 2]), linear.y, { rtol: 1e-14, atol: 1e-15 });
    const one = layer.forward(x.slice(1));
    expect(one.shape).toEqual([2]);
    assertClose(one.value, linear.y[1]!, { rtol: 1e-14, atol: 1e-15 });
  });

  test("takes an empty batch, and sizes of zero where nothing has to be drawn", () => {
    expect(new Linear(3, 2).forward(zeros([0, 3])).shape).toEqual([0, 2]);
    expect(new Linear(3, 0).forward(zeros([4, 3])).shape).toEqual([4, 0]);
  });

  test("gives float32 for whole numbers and the wider dtype for float64", () => {
    const layer = new Linear(3, 2);
    expect(layer.forward(ones([1, 3], { dtype: "int32" })).dtype).toBe("float32");
    expect(layer.forward(ones([1, 3], { dtype: "float64" })).dtype).toBe("float64");
  });

  test("has the derivatives of its differences", () => {
    gradcheckLayer(seeded(), tensor(linear.x, { dtype: "float64" }));
    const x = tensor([linear.x, linear.x, linear.x], { dtype: "float64" });
    gradcheckLayer(new Linear(3, 2, { bias: false, dtype: "float64" }), x);
    gradcheckLayer(new Linear(3, 2, { dtype: "float64" }), x);
  });

  test("has the gradients of the course: x^T g and the column sums of g", () => {
    const layer = new Linear(3, 2);
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    layer.forward(x).backward(
      tensor([
        [1, 10],
        [0, 1],
      ]),
    );
    assertSame(layer.weight.grad!.value, [
      [1, 14],
      [2, 25],
      [3, 36],
    ]);
    assertSame(layer.bias!.grad!.value, [1, 11]);
  });

  test("refuses inputs with another number of features", () => {
    const remedy = "The last axis of the input holds the features; flatten() joins axes.";
    const layer = new Linear(784, 10);
    expect(() => layer.forward(zeros([32, 28, 28]))).toThrow(
      `Linear: expected […,784], got [32,28,28]\n${remedy}`,
    );
    expect(() => layer.forward(zeros([]))).toThrow(`Linear: expected […,784], got []\n${remedy}`);
  });

  test("has no weights without inputs, and gives its bias", () => {
    const layer = new Linear(0, 3);
    expect([layer.weight.shape, layer.forward(zeros([2, 0])).shape]).toEqual([
      [0, 3],
      [2, 3],
    ]);
    expect(layer.forward(zeros([2, 0])).toArray()).toEqual(
      [layer.bias!, layer.bias!].map((b) => b.toArray()),
    );
  });
});
