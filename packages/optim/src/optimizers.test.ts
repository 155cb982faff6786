/** What holds for every optimizer. A new one gets a line in the table. */
import { enableGrad, noGrad, ones, type Tensor, tensor } from "@needle/autograd";
import {
  ArgumentError,
  createReferenceBackend,
  memory,
  type NDArray,
  scope,
} from "@needle/ndarray";
import { assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { Adam, Optimizer, type OptimizerState, SGD } from "./index.ts";

interface Entry {
  readonly make: (parameters: Iterable<Tensor>, lr?: number) => Optimizer;
  /** How many arrays it keeps for a parameter. */
  readonly states: number;
}

const optimizers: Record<string, Entry> = {
  SGD: { make: (w, lr = 0.1) => new SGD(w, { lr }), states: 0 },
  "SGD with weight decay": {
    make: (w, lr = 0.1) => new SGD(w, { lr, weightDecay: 1e-6 }),
    states: 0,
  },
  "SGD with momentum": { make: (w, lr = 0.1) => new SGD(w, { lr, momentum: 0.9 }), states: 1 },
  Adam: { make: (w, lr = 0.1) => new Adam(w, { lr }), states: 2 },
  "Adam with weight decay": {
    make: (w, lr = 0.1) => new Adam(w, { lr, weightDecay: 1e-6 }),
    states: 2,
  },
};

function leaf(...values: number[]): Tensor {
  return tensor(values, { requiresGrad: true });
}

/** One step down the square of each parameter. */
function descend(optimizer: Optimizer): void {
  optimizer.resetGrad();
  scope(() => {
    const squares = optimizer.parameters.map((w) => w.square().sum());
    squares.reduce((sum, square) => sum.add(square)).backward();
  });
  optimizer.step();
}

for (const [name, { make, states }] of Object.entries(optimizers)) {
  describe(name, () => {
    test("finds the minimum of a quadratic", () => {
      const w = leaf(3, -2, 0.5);
      const center = tensor([1, 2, -4]);
      const optimizer = make([w]);
      for (let i = 0; i < 400; i++) {
        optimizer.resetGrad();
        scope(() => w.sub(center).square().sum().backward());
        optimizer.step();
      }
      expect(scope(() => w.sub(center).abs().max().item())).toBeLessThan(1e-3);
    });

    test("steps alike with the backend's kernel and with plain operations", () => {
      const fused = createReferenceBackend();
      const plain = { ...fused, sgdStep: undefined, adamStep: undefined };
      const [a, b] = [fused, plain].map((backend) => {
        const options = { dtype: "float64", requiresGrad: true, backend } as const;
        const w = tensor([3, -2, 0.5], options);
        const optimizer = make([w]);
        for (let i = 0; i < 12; i++) descend(optimizer);
        return w.toArray() as number[];
      });
      a!.forEach((value, i) => {
        expect(value).toBeCloseTo(b![i]!, 12);
      });
    });

    test("reads gradients and does not change them", () => {
      const w = leaf(3, -2);
      const optimizer = make([w]);
      w.square().sum().backward();
      const { grad } = w;
      const version = grad?.value.storage.version;
      optimizer.step();
      optimizer.step();
      expect(w.grad).toBe(grad);
      assertSame(grad!.value, [6, -4]);
      expect(grad?.value.storage.version).toBe(version);
    });

    test("passes over parameters without a gradient", () => {
      const [used, unused] = [leaf(1), leaf(5)];
      const optimizer = make([unused, used]);
      used.square().sum().backward();
      optimizer.step();
      expect(unused.item()).toBe(5);
      expect(used.item()).toBeLessThan(1);
      optimizer.resetGrad();
      const before = used.item();
      optimizer.step();
      expect([unused.item(), used.item(), optimizer.steps]).toEqual([5, before, 2]);
    });

    test("steps a parameter that is given twice once", () => {
      const [once, twice] = [leaf(1), leaf(1)];
      const optimizers = [make([once]), make([twice, twice])];
      for (const optimizer of optimizers) descend(optimizer);
      for (const optimizer of optimizers) descend(optimizer);
      expect(optimizers[1]?.parameters).toEqual([twice]);
      expect(twice.item()).toBe(once.item());
    });

    test("leaves parameters the same objects in the same memory, without a graph", () => {
      const w = leaf(1, 2);
      const optimizer = make(new Set([w]));
      const { storage } = w.value;
      for (let i = 0; i < 3; i++) descend(optimizer);
      expect(optimizer.parameters[0]).toBe(w);
      expect(w.value.storage).toBe(storage);
      expect([w.isLeaf, w.requiresGrad, w.node]).toEqual([true, true, null]);
    });

    test("keeps the dtype of a parameter", () => {
      const w = tensor([1], { dtype: "float64", requiresGrad: true });
      descend(make([w]));
      expect(w.dtype).toBe("float64");
    });

    test("makes its state in the first step and nothing after that, for 1,000 steps", () => {
      const [w, unused] = [leaf(3, -2), leaf(1)];
      const before = memory().buffers;
      const optimizer = make([w, unused]);
      expect(memory().buffers).toBe(before);
      w.square().sum().backward();
      const atStep = memory();
      optimizer.step();
      expect(memory().buffers - atStep.buffers).toBe(states);
      expect(memory().bytes - atStep.bytes).toBe(states * 2 * 4);
      const settled = memory().buffers;
      for (let i = 0; i < 1_000; i++) {
        optimizer.step();
        expect(memory().buffers).toBe(settled);
      }
    });

    test("keeps its state when the first step is made in a scope", () => {
      const [plain, scoped] = [leaf(3), leaf(3)];
      const first = make([plain]);
      const second = make([scoped]);
      for (let i = 0; i < 3; i++) {
        descend(first);
        scope(() => descend(second));
      }
      expect(scoped.item()).toBe(plain.item());
    });

    test("takes the same step in noGrad and where gradients are recorded", () => {
      const [plain, without, recorded] = [leaf(3), leaf(3), leaf(3)] as [Tensor, Tensor, Tensor];
      const rows = [plain, without, recorded].map((w) => ({ w, optimizer: make([w]) }));
      for (let i = 0; i < 3; i++) {
        for (const { w } of rows) {
          w.resetGrad();
          w.square().sum().backward();
        }
        rows[0]?.optimizer.step();
        noGrad(() => rows[1]?.optimizer.step());
        enableGrad(() => rows[2]?.optimizer.step());
      }
      expect([without.item(), recorded.item()]).toEqual([plain.item(), plain.item()]);
      expect(recorded.isLeaf).toBe(true);
    });

    test("follows a learning rate that changes", () => {
      const w = leaf(4);
      const optimizer = make([w], 0.1);
      descend(optimizer);
      const [first, direction] = [w.item(), w.grad!.item()];
      optimizer.lr = 0;
      optimizer.step();
      expect(w.item()).toBe(first);
      optimizer.lr = 1e-3;
      optimizer.step();
      expect(first - w.item()).toBeGreaterThan(0);
      expect(first - w.item()).toBeLessThan(1e-3 * direction);
    });

    test("makes graphs recorded before a step unusable, instead of giving a wrong gradient", () => {
      const w = leaf(3);
      const stale = w.square().sum();
      descend(make([w]));
      expect(() => stale.backward()).toThrow(
        "backward: a value [1] that square saved was changed in place since\n" +
          "Compute the loss again after changing parameters, or change a clone().",
      );
    });

    test("forgets the gradients of its parameters and gives their memory back", () => {
      const w = leaf(1, 2);
      const optimizer = make([w]);
      const before = memory().buffers;
      w.sum().backward();
      optimizer.resetGrad();
      expect(w.grad).toBe(null);
      // The sum itself is held by nobody, but not collected yet.
      expect(memory().buffers - before).toBe(1);
    });

    test("steps parameters of any shape, also without elements", () => {
      const parameters = [ones([]), ones([2, 1, 3]), ones([0, 4])];
      for (const w of parameters) w.requiresGrad = true;
      const optimizer = make(parameters);
      descend(optimizer);
      for (const w of parameters.slice(0, 2)) expect(w.max().item()).toBeLessThan(1);
      expect(parameters.map((w) => w.shape)).toEqual([[], [2, 1, 3], [0, 4]]);
    });

    test("refuses to step nothing", () => {
      const kind = name.split(" ")[0];
      expect(() => make([])).toThrow(ArgumentError);
      expect(() => make([])).toThrow(`${kind}: got no parameters\nPass model.parameters().`);
    });

    test("refuses what is not a leaf tensor", () => {
      const kind = name.split(" ")[0];
      const remedy = "Pass model.parameters().";
      expect(() => make([leaf(1), leaf(1).mul(2)])).toThrow(
        `${kind}: parameter 1 is not a leaf tensor\n${remedy}`,
      );
      expect(() => make([{} as Tensor])).toThrow(
        `${kind}: parameter 0 is not a leaf tensor\n${remedy}`,
      );
    });
  });
}

describe("an optimizer of one's own", () => {
  class Recording extends Optimizer<OptimizerState> {
    readonly seen: number[] = [];
    protected init(value: NDArray): OptimizerState {
      return { last: value.mul(0).add(1) };
    }
    protected update(value: NDArray, gradient: NDArray, { last }: OptimizerState): void {
      this.seen.push(memory().buffers);
      value.assign(value.sub(gradient.mul(last!).mul(this.lr)));
    }
  }

  test("is an init and an update", () => {
    const w = leaf(3);
    descend(new Recording([w], 0.25));
    expect(w.item()).toBe(1.5);
  });

  test("has the temporaries of one parameter freed before the next is stepped", () => {
    const parameters = [leaf(1), leaf(2), leaf(3)];
    const optimizer = new Recording(parameters, 0.1);
    for (const w of parameters) w.sum().backward();
    optimizer.step();
    optimizer.step();
    const [first] = optimizer.seen.slice(3);
    expect(optimizer.seen.slice(3)).toEqual([first, first, first]);
  });

  test("checks the learning rate in its own name", () => {
    expect(() => new Recording([leaf(1)], -1)).toThrow(
      "Recording: lr must be a number of at least 0, got -1",
    );
  });
});
