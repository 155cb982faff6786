import { tensor } from "@needle/autograd";
import { gradcheck } from "@needle/autograd/testing";
import { assertClose, assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { ReLU, Sigmoid, Tanh } from "../index.ts";
import { activations } from "../torch.fixture.ts";

const x = tensor(activations.x, { dtype: "float64" });

describe("the activations", () => {
  test("ReLU keeps what is positive", () => {
    assertSame(new ReLU().forward(x).value, [0, 0, 0, 0.5, 3]);
  });

  test("ReLU has slope 0 at 0", () => {
    const input = tensor([-1, 0, 2], { requiresGrad: true });
    new ReLU().forward(input).backward();
    assertSame(input.grad!.value, [0, 0, 1]);
  });

  test("Tanh and Sigmoid have PyTorch's values", () => {
    assertClose(new Tanh().forward(x).value, activations.tanh, { rtol: 1e-14 });
    assertClose(new Sigmoid().forward(x).value, activations.sigmoid, { rtol: 1e-14 });
  });

  test("Tanh and Sigmoid reach their limits without NaN", () => {
    const far = tensor([-1e4, 1e4]);
    assertSame(new Tanh().forward(far).value, [-1, 1]);
    assertSame(new Sigmoid().forward(far).value, [0, 1]);
  });

  for (const layer of [new ReLU(), new Tanh(), new Sigmoid()]) {
    test(`${layer.constructor.name} keeps shape and dtype and has no parameters`, () => {
      const y = layer.forward(tensor([[[1], [2]]], { dtype: "float64" }));
      expect([y.shape, y.dtype, layer.parameters()]).toEqual([[1, 2, 1], "float64", []]);
    });

    test(`${layer.constructor.name} has the derivatives of its differences`, () => {
      const awayFromZero = tensor(
        [
          [-2, -0.5, 0.25],
          [0.5, 3, -1],
        ],
        { dtype: "float64" },
      );
      gradcheck((input) => layer.forward(input), [awayFromZero]);
    });
  }
});
