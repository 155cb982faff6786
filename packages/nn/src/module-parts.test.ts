/** Hooks, children, freezing and printing of modules, and modules that hold others. */
import { grad, ones, randn, type Tensor, tensor } from "@needle/autograd";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import {
  Bilinear,
  Dropout,
  Flatten,
  Identity,
  Lambda,
  Linear,
  Module,
  ModuleDict,
  ModuleList,
  ReLU,
  Residual,
  Sequential,
  Unflatten,
} from "./index.ts";

class Doubled extends Linear {
  override forward(x: Tensor): Tensor {
    return super.forward(x).mul(2);
  }
}

describe("hooks", () => {
  test("see inputs and outputs, in order, until they are removed", () => {
    const layer = new Linear(2, 3);
    const seen: string[] = [];
    const removers = [
      layer.registerForwardHook((module, [x], y) => {
        seen.push(`after ${module === layer} ${x!.shape} ${y.shape}`);
      }),
      layer.registerForwardPreHook((_, [x]) => {
        seen.push(`before ${x!.shape}`);
      }),
    ];
    layer.forward(ones([4, 2]));
    expect(seen).toEqual(["before 4,2", "after true 4,2 4,3"]);
    for (const remove of removers) remove();
    layer.forward(ones([4, 2]));
    expect(seen).toHaveLength(2);
  });

  test("can replace both", () => {
    const layer = new Identity();
    layer.registerForwardPreHook((_, [x]) => [x!.mul(10)]);
    layer.registerForwardHook((_, __, y) => y.add(1));
    layer.registerForwardHook((_, __, y) => y.mul(2));
    expect(layer.forward(tensor([1, 2])).toArray()).toEqual([22, 42]);
  });

  test("run once for a class that calls the forward it overrides", () => {
    const layer = new Doubled(2, 2);
    let calls = 0;
    layer.registerForwardHook(() => {
      calls += 1;
    });
    layer.forward(ones([1, 2]));
    expect(calls).toBe(1);
  });

  test("are no parts of the module", () => {
    const layer = new Linear(2, 2);
    layer.registerForwardHook(() => {});
    expect(layer.namedParameters().map(([name]) => name)).toEqual(["weight", "bias"]);
  });
});

describe("children", () => {
  const model = new Sequential(new Residual(new Sequential(new Linear(2, 2))), new ReLU());

  test("are the modules right below", () => {
    expect(model.namedChildren().map(([name]) => name)).toEqual(["layers.0", "layers.1"]);
    expect(model.children()[0]!.children()).toHaveLength(1);
  });

  test("are visited before the module by apply", () => {
    const names: string[] = [];
    expect(model.apply((module) => names.push(module.constructor.name))).toBe(model);
    expect(names).toEqual(["ReLU", "Linear", "Sequential", "Residual", "Sequential"]);
  });
});

describe("freeze", () => {
  test("stops learning, and starts it again", () => {
    const model = new Sequential(new Linear(2, 2), new Linear(2, 1));
    model.layers[0]!.freeze();
    model
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect(model.parameters().map(({ grad }) => grad === null)).toEqual([true, true, false, false]);
    model.freeze().freeze(false);
    expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true);
  });
});

describe("printing", () => {
  test("shows what is inside what", () => {
    const model = new Sequential(
      new Flatten(),
      new Residual(new Sequential(new Linear(4, 4, { bias: false }), new Dropout(0.1))),
    );
    expect(String(model)).toBe(
      [
        "Sequential(",
        "  (0): Flatten()",
        "  (1): Residual(",
        "    (fn): Sequential(",
        "      (0): Linear(inFeatures=4, outFeatures=4, bias=false)",
        "      (1): Dropout(p=0.1)",
        "    )",
        "  )",
        ")",
      ].join("\n"),
    );
  });
});

describe("ModuleList and ModuleDict", () => {
  test("print their modules by position and by name", () => {
    const dropout = new Dropout(0.1);
    expect(String(new ModuleList([dropout]))).toBe("ModuleList(\n  (0): Dropout(p=0.1)\n)");
    expect(String(new ModuleDict({ drop: dropout }))).toBe(
      "ModuleDict(\n  (drop): Dropout(p=0.1)\n)",
    );
  });

  test("have their modules' parameters found by name", () => {
    class Heads extends Module {
      readonly list = new ModuleList([new Linear(2, 1)]).append(new Linear(2, 3));
      readonly table = new ModuleDict({ a: new Linear(2, 1, { bias: false }) });
      forward(x: Tensor): Tensor {
        return this.list.at(-1).forward(x);
      }
    }
    const model = new Heads();
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      "list.items.0.weight",
      "list.items.0.bias",
      "list.items.1.weight",
      "list.items.1.bias",
      "table.items.a.weight",
    ]);
    expect(model.forward(ones([5, 2])).shape).toEqual([5, 3]);
    expect(model.list.length).toBe(2);
  });

  test("refuse what is not there, and to be called", () => {
    expect(() => new ModuleList([]).at(0)).toThrow("ModuleList: no module 0 among 0");
    expect(() => new ModuleDict({ a: new ReLU() }).get("b")).toThrow(
      "ModuleDict: no module b among a",
    );
    expect(() => new ModuleDict({}).get("toString")).toThrow(
      "ModuleDict: no module toString among none",
    );
    expect(() => new ModuleList([]).forward()).toThrow(
      "ModuleList: has no forward\nCall those of its modules.",
    );
    expect(() => new ModuleList([3 as never])).toThrow("ModuleList: item 0 is not a Module");
    expect(() => new ModuleDict().set("x", 3 as never)).toThrow("ModuleDict: x is not a Module");
  });
});

describe("Lambda, Unflatten and Bilinear", () => {
  test("Lambda calls its function", () => {
    expect(new Lambda((x) => x.neg()).forward(tensor([1])).toArray()).toEqual([-1]);
    expect(
      String(
        new Lambda(function twice(x) {
          return x.mul(2);
        }),
      ),
    ).toBe("Lambda(twice)");
  });

  test("Unflatten undoes Flatten", () => {
    const x = randn([2, 3, 4]);
    assertClose(new Unflatten(-1, [3, -1]).forward(new Flatten().forward(x)).value, x.toArray());
    expect(String(new Unflatten(1, [3, 4]))).toBe("Unflatten(axis=1, sizes=[3,4])");
  });

  test("Bilinear is the sum over both inputs' features", () => {
    const layer = new Bilinear(3, 4, 2, { dtype: "float64" });
    const [a, b] = [randn([5, 3], { dtype: "float64" }), randn([5, 4], { dtype: "float64" })];
    const [x, y] = [a.toArray() as number[][], b.toArray() as number[][]];
    const w = layer.weight.toArray() as number[][][];
    const bias = layer.bias!.toArray() as number[];
    const expected = x.map((row, n) =>
      w.map((matrix, k) =>
        matrix.reduce(
          (sum, line, i) => sum + line.reduce((s, c, j) => s + c * row[i]! * y[n]![j]!, 0),
          bias[k]!,
        ),
      ),
    );
    assertClose(layer.forward(a, b).value, expected, { rtol: 1e-12 });
    expect(grad((a: Tensor) => layer.forward(a, b).sum())(a).shape).toEqual([5, 3]);
    expect(() => layer.forward(b, a)).toThrow(
      "Bilinear: expected […,3] and […,4], got [5,4] and [5,3]",
    );
    expect(String(layer)).toBe("Bilinear(first=3, second=4, outFeatures=2, bias=true)");
  });
});
