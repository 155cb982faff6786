import { ones, type Tensor, tensor, zeros } from "@needle/autograd";
import { array, createReferenceBackend, manualSeed, memory, scope } from "@needle/ndarray";
import { beforeEach, describe, expect, test } from "vitest";
import {
  BatchNorm1d,
  Linear,
  Module,
  Parameter,
  ReLU,
  Sequential,
  type StateDict,
  StateDictError,
} from "./index.ts";

beforeEach(() => manualSeed(0));

class Model extends Module {
  hidden = new Linear(2, 3);
  norm = new BatchNorm1d(3);
  head = new Linear(3, 1, { bias: false });
  forward(x: Tensor): Tensor {
    return this.head.forward(this.norm.forward(this.hidden.forward(x)).relu());
  }
}

const names = [
  "hidden.weight",
  "hidden.bias",
  "norm.weight",
  "norm.bias",
  "norm.runningMean",
  "norm.runningVar",
  "head.weight",
];

/** The values of a state as text, to compare two of them. */
function textOf(state: StateDict): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)]));
}

function errorOf(fn: () => void): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("stateDict", () => {
  test("holds parameters and buffers by name, in the order of the fields", () => {
    expect(Object.keys(new Model().stateDict())).toEqual(names);
  });

  test("is a snapshot that later training does not change", () => {
    const model = new Model();
    const before = model.stateDict();
    const text = textOf(before);
    model
      .forward(
        tensor([
          [1, 2],
          [3, 5],
        ]),
      )
      .sum()
      .backward();
    for (const parameter of model.parameters()) parameter.assign(7);
    expect(textOf(before)).toEqual(text);
    expect(textOf(model.stateDict())).not.toEqual(text);
  });

  test("gives plain tensors without graph or gradient, also of a frozen parameter", () => {
    const model = new Model();
    model.head.weight.requiresGrad = false;
    for (const value of Object.values(model.stateDict())) {
      expect(value).not.toBeInstanceOf(Parameter);
      expect(value.requiresGrad).toBe(false);
      expect(value.isLeaf).toBe(true);
    }
  });

  test("makes one buffer an entry and nothing else", () => {
    const model = new Model();
    const before = memory().buffers;
    const state = model.stateDict();
    expect(memory().buffers - before).toBe(names.length);
    for (const value of Object.values(state)) value.dispose();
    expect(memory().buffers).toBe(before);
  });

  test("outlives the model and can be freed with a scope", () => {
    const before = memory().buffers;
    const model = new Model();
    const held = memory().buffers;
    scope(() => {
      model.stateDict();
    });
    expect(memory().buffers).toBe(held);
    expect(held - before).toBe(names.length);
  });

  test("holds what two modules share once, and loads it into both", () => {
    class Tied extends Module {
      one = new Linear(2, 2, { bias: false });
      two = this.one;
      forward(x: Tensor): Tensor {
        return this.two.forward(this.one.forward(x));
      }
    }
    const model = new Tied();
    expect(Object.keys(model.stateDict())).toEqual(["one.weight"]);
    model.loadStateDict({ "one.weight": ones([2, 2]) });
    expect(String(model.two.weight)).toBe("[[1. 1.]\n [1. 1.]]");
  });
});

describe("loadStateDict", () => {
  test("brings another model of the same form to the same state", () => {
    const one = new Model();
    one.forward(
      tensor([
        [1, 2],
        [3, 5],
      ]),
    );
    const two = new Model();
    two.loadStateDict(one.stateDict());
    expect(textOf(two.stateDict())).toEqual(textOf(one.stateDict()));
    const x = tensor([[0.5, -1]]);
    expect(String(two.eval().forward(x))).toBe(String(one.eval().forward(x)));
  });

  test("keeps the parameters' objects, memory and requiresGrad", () => {
    const model = new Model();
    const { weight } = model.head;
    const { storage } = weight.value;
    model.loadStateDict(new Model().stateDict());
    expect(model.head.weight).toBe(weight);
    expect(weight.value.storage).toBe(storage);
    expect(weight.requiresGrad).toBe(true);
  });

  test("takes NDArrays, converts dtypes, and loads a model's own state", () => {
    const layer = new Linear(2, 1, { bias: false });
    layer.loadStateDict({ weight: array([[1], [2]], { dtype: "float64" }) });
    expect(String(layer.weight)).toBe("[[1.]\n [2.]]");
    expect(layer.weight.dtype).toBe("float32");
    layer.loadStateDict({ weight: layer.weight });
    expect(String(layer.weight)).toBe("[[1.]\n [2.]]");
  });

  test("copies from another backend", () => {
    const backend = createReferenceBackend();
    const layer = new Linear(2, 2);
    layer.loadStateDict({ weight: ones([2, 2], { backend }), bias: zeros([2]) });
    expect(String(layer.weight)).toBe("[[1. 1.]\n [1. 1.]]");
  });

  test("makes nothing that stays", () => {
    const model = new Model();
    const state = new Model().stateDict();
    const before = memory().buffers;
    model.loadStateDict(state);
    expect(memory().buffers).toBe(before);
  });

  test("tells every missing, unexpected and misshapen entry at once and changes nothing", () => {
    const model = new Model();
    const before = textOf(model.stateDict());
    const { "hidden.bias": _, "norm.runningVar": __, ...state } = new Model().stateDict();
    const wrong = {
      ...state,
      "head.weight": ones([4, 1]),
      "norm.bias": ones([3, 1]),
      extra: ones([2]),
      "tail.0": ones([]),
    };
    const error = errorOf(() => model.loadStateDict(wrong));
    expect(error).toBeInstanceOf(StateDictError);
    expect(error.message).toBe(
      "loadStateDict: the state does not fit Model\n" +
        "  missing hidden.bias [3]\n" +
        "  missing norm.runningVar [3]\n" +
        "  unexpected extra [2]\n" +
        "  unexpected tail.0 []\n" +
        "  misshapen norm.bias: expected [3], got [3,1]\n" +
        "  misshapen head.weight: expected [3,1], got [4,1]",
    );
    expect(textOf(model.stateDict())).toEqual(before);
  });

  test("offers strict: false when that would help", () => {
    const layer = new Linear(2, 1);
    expect(errorOf(() => layer.loadStateDict({ weight: ones([2, 1]) })).message).toBe(
      "loadStateDict: the state does not fit Linear\n" +
        "  missing bias [1]\n" +
        "Pass { strict: false } to load only the names that match.",
    );
  });

  test("with strict: false loads the names that match", () => {
    const layer = new Linear(2, 1);
    const bias = String(layer.bias);
    layer.loadStateDict({ weight: ones([2, 1]), head: ones([9]) }, { strict: false });
    expect(String(layer.weight)).toBe("[[1.]\n [1.]]");
    expect(String(layer.bias)).toBe(bias);
  });

  test("with strict: false still refuses misshapen entries and changes nothing", () => {
    const layer = new Linear(2, 1);
    const before = textOf(layer.stateDict());
    const state = { bias: ones([1]), weight: ones([1, 2]), head: ones([9]) };
    expect(errorOf(() => layer.loadStateDict(state, { strict: false })).message).toBe(
      "loadStateDict: the state does not fit Linear\n" +
        "  misshapen weight: expected [2,1], got [1,2]",
    );
    expect(textOf(layer.stateDict())).toEqual(before);
  });

  test("changes nothing when an entry was freed", () => {
    const layer = new Linear(2, 1);
    const before = textOf(layer.stateDict());
    const bias = ones([1]);
    bias.dispose();
    expect(errorOf(() => layer.loadStateDict({ weight: ones([2, 1]), bias })).message).toBe(
      "loadStateDict: the array float32 [1] was freed by dispose()\n" +
        "Return it from there, or call keep() on it before that ends.",
    );
    expect(textOf(layer.stateDict())).toEqual(before);
  });

  test("refuses two parts of one name", () => {
    class Ambiguous extends Module {
      "a.b" = new Parameter(ones([1]));
      a = { b: new Parameter(zeros([1])) };
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(errorOf(() => new Ambiguous().stateDict()).message).toBe(
      "stateDict: two parts of Ambiguous are named a.b\nRename a field or a key of a map.",
    );
  });

  test("lets a loaded model go on training", () => {
    const model = new Sequential(new Linear(1, 1), new ReLU());
    model.loadStateDict({ "layers.0.weight": ones([1, 1]), "layers.0.bias": zeros([1]) });
    model
      .forward(tensor([[3]]))
      .sum()
      .backward();
    expect(String(model.parameters()[0]!.grad)).toBe("[[3.]]");
  });
});

test("loadStateDict of no state says so", () => {
  expect(() => new Linear(2, 3).loadStateDict(null as never)).toThrow(
    "loadStateDict: takes what stateDict gave, got null",
  );
});
