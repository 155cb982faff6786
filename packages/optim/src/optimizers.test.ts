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
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  type GroupOptions,
  Lion,
  Muon,
  NAdam,
  Optimizer,
  type OptimizerState,
  RAdam,
  RMSprop,
  SGD,
} from "./index.ts";

interface Entry {
  readonly make: (
    parameters:
      | Iterable<Tensor>
      | { readonly parameters: Iterable<Tensor>; readonly lr?: number }[],
    lr?: number,
  ) => Optimizer;
  /** How many arrays it keeps for a parameter. */
  readonly states: number;
  /** Factor of the learning rate after each step down the quadratic, for steps of fixed size. */
  readonly decay?: number;
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
  "Adam with amsgrad": { make: (w, lr = 0.1) => new Adam(w, { lr, amsgrad: true }), states: 3 },
  "SGD with dampening": {
    make: (w, lr = 0.1) => new SGD(w, { lr, momentum: 0.5, dampening: 0.25 }),
    states: 1,
  },
  "SGD with nesterov": {
    make: (w, lr = 0.1) => new SGD(w, { lr, momentum: 0.5, dampening: 0, nesterov: true }),
    states: 1,
  },
  AdamW: { make: (w, lr = 0.1) => new AdamW(w, { lr, weightDecay: 1e-6 }), states: 2 },
  Adagrad: { make: (w, lr = 1) => new Adagrad(w, { lr }), states: 1 },
  Adadelta: { make: (w, lr = 1) => new Adadelta(w, { lr, eps: 1e-2 }), states: 2 },
  RMSprop: { make: (w, lr = 0.1) => new RMSprop(w, { lr, eps: 1 }), states: 1 },
  "RMSprop centered with momentum": {
    make: (w, lr = 0.02) => new RMSprop(w, { lr, eps: 1, momentum: 0.5, centered: true }),
    states: 3,
  },
  Adamax: { make: (w, lr = 0.2) => new Adamax(w, { lr }), states: 2 },
  NAdam: { make: (w, lr = 0.1) => new NAdam(w, { lr }), states: 2 },
  RAdam: { make: (w, lr = 0.1) => new RAdam(w, { lr }), states: 2 },
  Lion: { make: (w, lr = 0.3) => new Lion(w, { lr }), states: 1, decay: 0.97 },
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

/** One step down the square of one parameter. */
function stepOn(w: Tensor, optimizer: Optimizer): void {
  optimizer.resetGrad();
  scope(() => w.square().sum().backward());
  optimizer.step();
}

for (const [name, { make, states, decay = 1 }] of Object.entries(optimizers)) {
  describe(name, () => {
    test("finds the minimum of a quadratic", () => {
      const w = leaf(3, -2, 0.5);
      const center = tensor([1, 2, -4]);
      const optimizer = make([w]);
      for (let i = 0; i < 400; i++) {
        optimizer.resetGrad();
        scope(() => w.sub(center).square().sum().backward());
        optimizer.step();
        optimizer.lr *= decay;
      }
      expect(scope(() => w.sub(center).abs().max().item())).toBeLessThan(1e-3);
    });

    test("steps alike with the backend's kernel and with plain operations", () => {
      const fused = createReferenceBackend();
      const plain = { ...fused, sgdStep: undefined, adamStep: undefined, formula: undefined };
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
      expect(first - w.item()).toBeLessThan(2 * 1e-3 * direction);
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

    test("goes on from a snapshot exactly as it would have", () => {
      const [w, unused] = [leaf(3, -2, 0.5), leaf(1)];
      const optimizer = make([w, unused]);
      for (let i = 0; i < 3; i++) stepOn(w, optimizer);
      const saved = optimizer.stateDict();
      const again = leaf(...(w.toArray() as number[]));
      const resumed = make([again, leaf(1)], 0.7);
      resumed.loadStateDict(saved);
      expect([resumed.lr, resumed.steps]).toEqual([optimizer.lr, 3]);
      for (let i = 0; i < 3; i++) {
        stepOn(w, optimizer);
        stepOn(again, resumed);
      }
      expect(again.toArray()).toEqual(w.toArray());
      // The snapshot is a copy: it still leads to the same place.
      const third = leaf(...(w.toArray() as number[]));
      const other = make([third, leaf(1)]);
      other.loadStateDict(saved);
      expect(Object.keys(other.stateDict().state)).toEqual(Object.keys(saved.state));
      for (const [key, x] of Object.entries(other.stateDict().state)) {
        expect(x.toArray()).toEqual(saved.state[key]!.toArray());
      }
    });

    test("steps groups with their own options", () => {
      const [a, b, c] = [leaf(2), leaf(2), leaf(2)];
      const optimizer = make([{ parameters: [a, c] }, { parameters: [b], lr: 0 }]);
      descend(optimizer);
      expect(b.item()).toBe(2);
      expect(a.item()).toBeLessThan(2);
      expect(c.item()).toBe(a.item());
      expect(optimizer.parameters).toEqual([a, c, b]);
      optimizer.groups[1]!.lr = optimizer.lr;
      descend(optimizer);
      expect(b.item()).toBeLessThan(2);
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
        `${kind}: parameter 0 is not a leaf tensor, got {}\n${remedy}`,
      );
    });
  });
}

describe("the scale of the loss", () => {
  const eps = 1e-30;
  const makers: Record<string, [make: (w: Tensor[], scale: number) => Optimizer, scales: boolean]> =
    {
      SGD: [(w, scale) => new SGD(w, { lr: 0.05 / scale, momentum: 0.9 }), true],
      Adam: [(w) => new Adam(w, { lr: 0.1, eps }), false],
      AdamW: [(w) => new AdamW(w, { lr: 0.1, eps }), false],
      Adagrad: [(w) => new Adagrad(w, { lr: 0.5, eps }), false],
      RMSprop: [(w) => new RMSprop(w, { lr: 0.05, eps, momentum: 0.5 }), false],
      Adamax: [(w) => new Adamax(w, { lr: 0.1, eps }), false],
      NAdam: [(w) => new NAdam(w, { lr: 0.1, eps }), false],
      Lion: [(w) => new Lion(w, { lr: 0.1 }), false],
      Muon: [(w) => new Muon(w, { lr: 0.1 }), false],
    };

  test.each(Object.entries(makers))(
    "%s goes the same way for 1024 times the loss",
    (_, [make, scales]) => {
      const [plain, scaled] = [1, 1024].map((factor) => {
        const values = [
          [3, -2],
          [0.5, 1],
        ];
        const w = tensor(values, { dtype: "float64", requiresGrad: true });
        const optimizer = make([w], scales ? factor : 1);
        for (let i = 0; i < 12; i++) {
          optimizer.resetGrad();
          scope(() => w.square().add(w.sin()).sum().mul(factor).backward());
          optimizer.step();
        }
        return (w.toArray() as number[][]).flat();
      });
      // Muon divides by a norm to which it adds 1e-7.
      scaled!.forEach((value, i) => {
        expect(value).toBeCloseTo(plain![i]!, 6);
      });
    },
  );
});

describe("groups", () => {
  test("refuse what is no group, nothing, and a parameter that has one already", () => {
    const w = leaf(1);
    const remedy = "Put each parameter into one group.";
    expect(() => new SGD([{ parameters: [w] }, { parameters: [leaf(2), w] }])).toThrow(
      `SGD: parameter 1 of group 1 is in an earlier group, too\n${remedy}`,
    );
    expect(() => new SGD([{ parameters: [w] }, { parameters: [] }])).toThrow(
      "SGD: got no parameters of group 1\nPass model.parameters().",
    );
    expect(() => new SGD([{ parameters: [w] }, w] as never)).toThrow(
      "SGD: item 1 is not a group { parameters, ...options }\nPass parameters alone or groups alone.",
    );
    expect(() => new SGD([{ parameters: [w], momentum: 2 }])).toThrow(
      "SGD: momentum must be from 0 to below 1, got 2",
    );
  });
});

describe("a snapshot", () => {
  test("that does not fit changes nothing and is told in full", () => {
    const w = leaf(1, 2);
    const optimizer = new Adam([w], { lr: 0.5 });
    descend(optimizer);
    const before = w.toArray();
    const saved = optimizer.stateDict();
    const wrong = {
      ...saved,
      groups: [{ ...saved.groups[0], lr: 9 }],
      state: { "0.mean": leaf(1), "3.mean": leaf(1, 2) },
    };
    const buffers = memory().buffers;
    expect(() => optimizer.loadStateDict(wrong)).toThrow(
      "Adam: the saved state does not fit\n" +
        "  misshapen 0.mean: expected [2], got [1]\n" +
        "  missing 0.square [2]\n" +
        "  unexpected 3.mean [2]",
    );
    expect(memory().buffers).toBe(buffers);
    expect(() => optimizer.loadStateDict({ ...saved, groups: [] })).toThrow(
      "Adam: the saved state does not fit\n  0 groups, expected 1",
    );
    expect(() => new Adam([leaf(1), leaf(2)]).loadStateDict(saved)).toThrow(
      "Adam: the saved state does not fit\n  group 0 has 1 parameters, expected 2",
    );
    expect([optimizer.lr, optimizer.steps, w.toArray()]).toEqual([0.5, 1, before]);
  });

  test("loads into arrays of its own, time after time", () => {
    const w = leaf(1, 2);
    const optimizer = new Adam([w]);
    descend(optimizer);
    const saved = optimizer.stateDict();
    optimizer.loadStateDict(saved);
    const buffers = memory().buffers;
    for (let i = 0; i < 20; i++) optimizer.loadStateDict(saved);
    expect(memory().buffers).toBe(buffers);
  });
});

describe("an optimizer of one's own", () => {
  class Recording extends Optimizer<GroupOptions, OptimizerState> {
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
    descend(new Recording([w], { lr: 0.25 }));
    expect(w.item()).toBe(1.5);
  });

  test("has the temporaries of one parameter freed before the next is stepped", () => {
    const parameters = [leaf(1), leaf(2), leaf(3)];
    const optimizer = new Recording(parameters, { lr: 0.1 });
    for (const w of parameters) w.sum().backward();
    optimizer.step();
    optimizer.step();
    const [first] = optimizer.seen.slice(3);
    expect(optimizer.seen.slice(3)).toEqual([first, first, first]);
  });

  test("checks the learning rate in its own name", () => {
    expect(() => new Recording([leaf(1)], { lr: -1 })).toThrow(
      "Recording: lr must be a number of at least 0, got -1",
    );
  });
});
