import { ones, type Tensor, tensor, zeros } from "@needle/autograd";
import { gradcheck } from "@needle/autograd/testing";
import { ArgumentError, manualSeed, ShapeError } from "@needle/ndarray";
import { assertSame } from "@needle/ndarray/testing";
import { beforeEach, describe, expect, test } from "vitest";
import {
  Flatten,
  Identity,
  type Layer,
  Linear,
  Module,
  ReLU,
  Residual,
  Sequential,
  Tanh,
} from "../index.ts";

beforeEach(() => manualSeed(0));

class Plus extends Module {
  readonly amount: number;
  constructor(amount: number) {
    super();
    this.amount = amount;
  }
  forward(x: Tensor): Tensor {
    return x.add(this.amount);
  }
}

class Times extends Module {
  forward(x: Tensor): Tensor {
    return x.mul(10);
  }
}

describe("Sequential", () => {
  test("applies its modules from left to right", () => {
    const model = new Sequential(new Plus(1), new Times(), new Plus(2));
    assertSame(model.forward(tensor([0, 1])).value, [12, 22]);
  });

  test("of nothing is the identity", () => {
    const x = tensor([1]);
    expect(new Sequential().forward(x)).toBe(x);
  });

  test("applies a module that it holds twice twice, with one set of parameters", () => {
    const shared = new Linear(2, 2);
    const model = new Sequential(shared, new ReLU(), shared);
    expect(model.parameters()).toEqual([shared.weight, shared.bias]);
    model
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect(shared.weight.grad?.shape).toEqual([2, 2]);
  });

  test("keeps its modules in layers", () => {
    const [first, second] = [new ReLU(), new Tanh()];
    expect(new Sequential(first, second).layers).toEqual([first, second]);
  });

  test("refuses what is not a module and says which it is", () => {
    const relu = ((x: Tensor) => x.relu()) as unknown as Layer;
    const make = (): unknown => new Sequential(new ReLU(), relu);
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(
      "Sequential: argument 1 is not a Module, got a function\nWrap functions in a Module of their own.",
    );
  });
});

describe("Residual", () => {
  test("adds its input to what its module gives", () => {
    assertSame(new Residual(new Times()).forward(tensor([1, -2])).value, [11, -22]);
  });

  test("passes gradients along both ways", () => {
    const x = tensor([1, -2], { requiresGrad: true });
    new Residual(new Times()).forward(x).backward();
    assertSame(x.grad!.value, [11, 11]);
    const f64 = tensor(
      [
        [0.5, -1],
        [2, 0.1],
      ],
      { dtype: "float64" },
    );
    const model = new Residual(new Sequential(new Tanh(), new Residual(new Tanh())));
    gradcheck((input) => model.forward(input), [f64]);
  });

  test("refuses a module that changes the shape, even to one that broadcasts", () => {
    const model = new Residual(new Linear(2, 1));
    expect(() => model.forward(zeros([3, 2]))).toThrow(ShapeError);
    expect(() => model.forward(zeros([3, 2]))).toThrow("Residual: expected [3,2], got [3,1]");
  });

  test("refuses what is not a module", () => {
    expect(() => new Residual(((x: Tensor) => x) as unknown as Layer)).toThrow(
      "Residual: fn is not a Module, got a function\nWrap functions in a Module of their own.",
    );
  });
});

describe("Identity", () => {
  test("gives its input", () => {
    const x = tensor([1]);
    expect(new Identity().forward(x)).toBe(x);
  });
});

describe("Flatten", () => {
  test("joins all axes but the first, in row-major order", () => {
    const x = tensor([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]);
    assertSame(new Flatten().forward(x).value, [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    assertSame(new Flatten().forward(x.transpose()).value, [
      [1, 3, 2, 4],
      [5, 7, 6, 8],
    ]);
  });

  test("keeps a matrix, and makes a column of a vector", () => {
    expect(new Flatten().forward(zeros([3, 4])).shape).toEqual([3, 4]);
    expect(new Flatten().forward(zeros([3])).shape).toEqual([3, 1]);
    expect(new Flatten().forward(zeros([])).shape).toEqual([1, 1]);
  });

  test("keeps the number of features of an empty batch", () => {
    expect(new Flatten().forward(zeros([0, 3, 4])).shape).toEqual([0, 12]);
    expect(new Flatten().forward(zeros([2, 0, 4])).shape).toEqual([2, 0]);
  });

  test("passes gradients back in the shape of its input", () => {
    const x = ones([2, 3, 4], { requiresGrad: true });
    new Flatten().forward(x).mul(2).sum().backward();
    expect(x.grad?.shape).toEqual([2, 3, 4]);
    expect(x.grad?.sum().item()).toBe(48);
  });
});
