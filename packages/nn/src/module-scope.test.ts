import { noGrad, ones, type Tensor, tensor } from "@needle/autograd";
import { manualSeed, memory, NeedleError, scope } from "@needle/ndarray";
import { beforeEach, describe, expect, test } from "vitest";
import {
  BatchNorm1d,
  Dropout,
  LayerNorm1d,
  Linear,
  Module,
  ReLU,
  Residual,
  Sequential,
} from "./index.ts";

beforeEach(() => manualSeed(0));

/** How many buffers `fn` leaves behind. */
function left(fn: () => unknown): number {
  const before = memory().buffers;
  fn();
  return memory().buffers - before;
}

/** `2 x + 1`, with a temporary. */
class Affine extends Module {
  forward(x: Tensor): Tensor {
    return x.mul(2).add(1);
  }
}

describe("forward runs in a scope", () => {
  const x = tensor([1, 2]);

  test("which frees all but what it returns", () => {
    const model = new Affine();
    expect(left(() => model.forward(x))).toBe(1);
    expect(left(() => new Affine().forward(x))).toBe(1);
  });

  test("in a class that inherits it, however far away", () => {
    class Fresh extends Module {
      forward(input: Tensor): Tensor {
        return input.mul(2).add(1);
      }
    }
    class Child extends Fresh {}
    class Grandchild extends Child {}
    const model = new Grandchild();
    expect(left(() => model.forward(x))).toBe(1);
    expect(String(model.forward(x))).toBe("[3. 5.]");
  });

  test("in a class that extends it and calls super", () => {
    class Squared extends Affine {
      override forward(input: Tensor): Tensor {
        return super.forward(input).add(0).square();
      }
    }
    class Negated extends Squared {
      override forward(input: Tensor): Tensor {
        return super.forward(input).neg().add(0);
      }
    }
    const model = new Negated();
    expect(left(() => model.forward(x))).toBe(1);
    expect(String(model.forward(x))).toBe("[ -9. -25.]");
  });

  test("in a base class that was used before its subclass, and after", () => {
    class Base extends Module {
      forward(input: Tensor): Tensor {
        return input.mul(2).add(1);
      }
    }
    class Derived extends Base {
      override forward(input: Tensor): Tensor {
        return super.forward(input).mul(1).add(1);
      }
    }
    expect(left(() => new Derived().forward(x))).toBe(1);
    expect(left(() => new Base().forward(x))).toBe(1);
    expect(left(() => new Derived().forward(x))).toBe(1);
  });

  test("when called through a variable, with call and with apply", () => {
    const model = new Affine();
    const forward = model.forward.bind(model);
    const inputs: [Tensor] = [x];
    expect(left(() => forward(x))).toBe(1);
    expect(left(() => Affine.prototype.forward.call(model, x))).toBe(1);
    expect(left(() => Affine.prototype.forward.apply(model, inputs))).toBe(1);
  });

  test("not in a field, where it still gives the right result", () => {
    class Arrow extends Module {
      scale = 3;
      forward = (input: Tensor): Tensor => input.mul(this.scale).add(1);
    }
    expect(String(new Arrow().forward(x))).toBe("[4. 7.]");
    expect(String(new Sequential(new Arrow(), new Arrow()).forward(x))).toBe("[13. 22.]");
  });

  test("with all of its inputs and outputs, in whatever form", () => {
    class Cell extends Module<
      [x: Tensor, state: { h: Tensor }, times?: number],
      { out: Tensor[]; state: Map<string, Tensor> }
    > {
      forward(
        input: Tensor,
        { h }: { h: Tensor },
        times = 1,
      ): { out: Tensor[]; state: Map<string, Tensor> } {
        const next = input.add(h).mul(times).tanh();
        return { out: [next, next.neg().add(0)], state: new Map([["h", h.add(1).add(1)]]) };
      }
    }
    let result: ReturnType<Cell["forward"]> | undefined;
    expect(
      left(() => {
        result = new Cell().forward(x, { h: tensor([0, 0]) }, 0);
      }),
    ).toBe(4);
    expect(String(result?.out[1])).toBe("[0. 0.]");
    expect(String(result?.state.get("h"))).toBe("[2. 2.]");
  });

  test("in a module that returns its input", () => {
    class Same extends Module {
      forward(input: Tensor): Tensor {
        input.mul(2);
        return input;
      }
    }
    const input = tensor([1, 2]);
    expect(left(() => new Same().forward(input))).toBe(0);
    expect(String(input)).toBe("[1. 2.]");
  });

  test("and keeps tensors left in fields, in arrays and in maps", () => {
    class Recording extends Module {
      last: Tensor | null = null;
      all: Tensor[] = [];
      byName = new Map<string, Tensor>();
      forward(input: Tensor): Tensor {
        this.last = input.mul(2);
        this.all.push(input.mul(3));
        this.byName.set("four", input.mul(4));
        return input.mul(5).add(0);
      }
    }
    const model = new Recording();
    expect(left(() => model.forward(x))).toBe(4);
    expect(String(model.last)).toBe("[2. 4.]");
    expect(String(model.all[0])).toBe("[3. 6.]");
    expect(String(model.byName.get("four"))).toBe("[4. 8.]");
  });

  test("and keeps tensors an inner module left in its fields", () => {
    class Inner extends Module {
      scores: Tensor | null = null;
      forward(input: Tensor): Tensor {
        this.scores = input.mul(2);
        return input.add(1);
      }
    }
    const inner = new Inner();
    const outer = new Sequential(new Sequential(inner), new Affine());
    expect(left(() => outer.forward(x))).toBe(2);
    expect(String(inner.scores)).toBe("[2. 4.]");
  });

  test("and frees nothing it did not make", () => {
    class Reading extends Module {
      table = tensor([10, 20]);
      forward(input: Tensor): Tensor {
        return input.add(this.table);
      }
    }
    const model = new Reading();
    model.forward(x);
    expect(String(model.forward(x))).toBe("[11. 22.]");
  });

  test("whose temporaries are gone outside, with the module's name in the error", () => {
    let leaked: Tensor | undefined;
    class Leaky extends Module {
      forward(input: Tensor): Tensor {
        leaked = input.add(1);
        return leaked.add(1);
      }
    }
    new Leaky().forward(x);
    expect(() => leaked?.toArray()).toThrow(
      ": the array float32 [2] was freed by Leaky.forward\n" +
        "Return it from there, or call keep() on it before that ends.",
    );
    expect(() => leaked?.mul(2)).toThrow("mul: the array float32 [2] was freed by Leaky.forward");
  });

  test("and spares a temporary that is kept", () => {
    let kept: Tensor | undefined;
    class Keeping extends Module {
      forward(input: Tensor): Tensor {
        kept = input.add(1).keep();
        return kept.add(1);
      }
    }
    expect(left(() => new Keeping().forward(x))).toBe(2);
    expect(String(kept)).toBe("[2. 3.]");
    kept?.dispose();
  });

  test("and frees everything when it throws", () => {
    class Failing extends Module {
      forward(input: Tensor): Tensor {
        input.mul(2);
        throw new Error("no");
      }
    }
    const model = new Sequential(new Affine(), new Failing());
    expect(left(() => expect(() => model.forward(x)).toThrow("no"))).toBe(0);
  });

  test("so that it cannot be asynchronous, which is all that is reported", async () => {
    class Late extends Module<[x: Tensor], Promise<Tensor>> {
      async forward(input: Tensor): Promise<Tensor> {
        const y = input.add(1);
        await null;
        return y.add(1);
      }
    }
    expect(() => new Late().forward(x)).toThrow(NeedleError);
    expect(() => new Late().forward(x)).toThrow(
      "Late.forward: the function is asynchronous\n" +
        "Await outside, or call keep() on what you need later.",
    );
    // The function goes on and fails: that must not become an unhandled rejection.
    await new Promise((resolve) => setTimeout(resolve));
  });

  test("inside a scope of the caller, whose result goes with it", () => {
    const model = new Affine();
    expect(left(() => scope(() => model.forward(x).sum().item()))).toBe(0);
  });
});

describe("the layers", () => {
  const layers = {
    Linear: new Linear(3, 3),
    BatchNorm1d: new BatchNorm1d(3),
    LayerNorm1d: new LayerNorm1d(3),
    Dropout: new Dropout(0.5),
    ReLU: new ReLU(),
    Residual: new Residual(new Sequential(new Linear(3, 3), new ReLU())),
    Sequential: new Sequential(new Linear(3, 3), new BatchNorm1d(3), new ReLU(), new Dropout(0.5)),
  };
  const x = tensor([
    [1, 2, 3],
    [4, 5, 7],
  ]);

  for (const [name, layer] of Object.entries(layers)) {
    test(`${name} leaves only its result without recording, in training and in evaluation`, () => {
      expect(left(() => noGrad(() => layer.train().forward(x)))).toBe(1);
      const inEvaluation = layer instanceof Dropout ? 0 : 1;
      expect(left(() => noGrad(() => layer.eval().forward(x)))).toBe(inEvaluation);
      layer.train();
    });

    test(`${name} leaves only gradients after backward and disposal`, () => {
      layer.forward(x);
      const parameters = layer.parameters();
      layer.resetGrad();
      const input = ones([2, 3], { requiresGrad: true });
      const made = left(() => {
        const y = layer.forward(input);
        const loss = y.sum();
        loss.backward();
        loss.dispose();
        y.dispose();
      });
      expect(made).toBe(parameters.length + 1);
    });
  }
});
