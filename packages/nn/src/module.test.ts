import { ones, type Tensor, tensor, zeros } from "@needle/autograd";
import { manualSeed } from "@needle/ndarray";
import { beforeEach, describe, expect, test } from "vitest";
import {
  BatchNorm1d,
  Buffer,
  Dropout,
  Linear,
  Module,
  Parameter,
  ReLU,
  Sequential,
} from "./index.ts";

beforeEach(() => manualSeed(0));

/** A module that is only its fields. */
abstract class Plain extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

function parameter(...shape: number[]): Parameter {
  return new Parameter(zeros(shape));
}

function namesOf(module: Module): string[] {
  return module.namedParameters().map(([name]) => name);
}

describe("the walk over a module's fields", () => {
  test("finds parameters in fields, arrays, maps, sets and objects, in order", () => {
    class Model extends Plain {
      weight = parameter(1);
      list = [parameter(1), [parameter(1)]];
      table = new Map<unknown, unknown>([
        ["first", parameter(1)],
        [2, { inner: parameter(1) }],
      ]);
      set = new Set([parameter(1), parameter(1)]);
      object = { deep: { er: parameter(1) } };
      bias = parameter(1);
    }
    expect(namesOf(new Model())).toEqual([
      "weight",
      "list.0",
      "list.1.0",
      "table.first",
      "table.2.inner",
      "set.0",
      "set.1",
      "object.deep.er",
      "bias",
    ]);
  });

  test("goes through modules inside modules", () => {
    class Outer extends Plain {
      block = new Sequential(new Linear(2, 2), new ReLU(), new Sequential(new Linear(2, 2)));
      scale = parameter(1);
    }
    expect(namesOf(new Outer())).toEqual([
      "block.layers.0.weight",
      "block.layers.0.bias",
      "block.layers.2.layers.0.weight",
      "block.layers.2.layers.0.bias",
      "scale",
    ]);
  });

  test("lists fields of the base class before those of a subclass", () => {
    class Base extends Plain {
      first = parameter(1);
    }
    class Derived extends Base {
      second = parameter(1);
    }
    expect(namesOf(new Derived())).toEqual(["first", "second"]);
  });

  test("finds what is shared once, under its first name", () => {
    class Tied extends Plain {
      encoder = new Linear(2, 3, { bias: false });
      decoder = this.encoder;
      weight = this.encoder.weight;
    }
    const model = new Tied();
    expect(namesOf(model)).toEqual(["encoder.weight"]);
    expect(model.parameters()).toEqual([model.encoder.weight]);
    expect(model.namedModules().map(([name]) => name)).toEqual(["", "encoder"]);
  });

  test("ends where fields point back", () => {
    class Child extends Plain {
      weight = parameter(1);
      parent: Module | null = null;
    }
    class Parent extends Plain {
      child = new Child();
    }
    const model = new Parent();
    model.child.parent = model;
    expect(namesOf(model)).toEqual(["child.weight"]);
    expect(namesOf(model.child)).toEqual(["weight"]);
  });

  test("does not see private fields", () => {
    class Hiding extends Plain {
      readonly #hidden = parameter(1);
      seen = parameter(1);
      get hidden(): Parameter {
        return this.#hidden;
      }
    }
    expect(namesOf(new Hiding())).toEqual(["seen"]);
  });

  test("takes no other tensors, arrays, numbers or functions for parameters", () => {
    class Mixed extends Plain {
      tensor = tensor([1], { requiresGrad: true });
      array = tensor([1]).value;
      typed = new Float32Array(3);
      date = new Date(0);
      nothing = null;
      missing = undefined;
      name = "mixed";
      fn = Object.assign(() => 0, { weight: parameter(1) });
      weight = parameter(1);
    }
    expect(namesOf(new Mixed())).toEqual(["weight"]);
  });

  test("does not take the gradient of a parameter for a part of the model", () => {
    class Odd extends Plain {
      weight = parameter(1);
    }
    const model = new Odd();
    model.weight.sum().backward();
    expect(namesOf(model)).toEqual(["weight"]);
  });

  test("does not take what a tensor in a field was computed from for a part of the model", () => {
    class Caching extends Plain {
      last: Tensor | null = null;
    }
    const model = new Caching();
    model.last = parameter(1).mul(2);
    expect(namesOf(model)).toEqual([]);
  });

  test("follows fields that are set and replaced later", () => {
    class Growing extends Plain {
      layers: Linear[] = [];
      head: Linear | null = null;
    }
    const model = new Growing();
    expect(namesOf(model)).toEqual([]);
    model.layers.push(new Linear(1, 1, { bias: false }));
    model.head = new Linear(1, 1, { bias: false });
    expect(namesOf(model)).toEqual(["layers.0.weight", "head.weight"]);
    model.head = null;
    expect(namesOf(model)).toEqual(["layers.0.weight"]);
  });

  test("tells buffers from parameters", () => {
    class Counting extends Plain {
      count = new Buffer(zeros([]));
      weight = parameter(2);
      norm = new BatchNorm1d(2);
    }
    const names = new Counting().namedBuffers().map(([name]) => name);
    expect(names).toEqual(["count", "norm.runningMean", "norm.runningVar"]);
    expect(namesOf(new Counting())).toEqual(["weight", "norm.weight", "norm.bias"]);
  });

  test("names the module itself by the empty string", () => {
    const model = new Sequential(new ReLU(), new Sequential(new Dropout()));
    const names = model.namedModules().map(([name]) => name);
    expect(names).toEqual(["", "layers.0", "layers.1", "layers.1.layers.0"]);
    expect(model.modules()).toEqual([
      model,
      model.layers[0],
      model.layers[1],
      (model.layers[1] as Sequential).layers[0],
    ]);
  });
});

describe("train and eval", () => {
  class Model extends Plain {
    list = [new Dropout()];
    table = new Map([["norm", new BatchNorm1d(2)]]);
    object = { inner: new Sequential(new Dropout()) };
  }

  function modes(model: Module): boolean[] {
    return model.modules().map((module) => module.training);
  }

  test("start in training and reach every module inside", () => {
    const model = new Model();
    expect(modes(model)).toEqual([true, true, true, true, true]);
    expect(model.eval()).toBe(model);
    expect(modes(model)).toEqual([false, false, false, false, false]);
    expect(model.train()).toBe(model);
    expect(modes(model)).toEqual([true, true, true, true, true]);
    expect(modes(model.train(false))).toEqual([false, false, false, false, false]);
  });

  test("leave modules outside alone", () => {
    const model = new Model();
    model.object.inner.eval();
    expect(modes(model)).toEqual([true, true, true, false, false]);
  });
});

describe("resetGrad", () => {
  test("forgets the gradients of all parameters", () => {
    const model = new Sequential(new Linear(2, 3), new Linear(3, 1));
    model
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect(model.parameters().every((p) => p.grad !== null)).toBe(true);
    model.resetGrad();
    expect(model.parameters().every((p) => p.grad === null)).toBe(true);
  });
});
