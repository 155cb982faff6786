/** Every export meets every wrong argument with an error of its own. A new one gets a line here. */
import { type Tensor, tensor } from "@needle/autograd";
import { memory } from "@needle/ndarray";
import { callable, type Sweep, sweep } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as optim from "./index.ts";

const { exponential, SGD } = optim;
const w = tensor([[1, 2]], { requiresGrad: true });
w.square().sum().backward();
const common = { lr: 0.1, maximize: false };
const adam = { ...common, beta1: 0.5, beta2: 0.5, eps: 1e-8, weightDecay: 0 };
const optimizer = new SGD([w]);

/** Parameters alone with all options, and a group that states them. */
const stepping = (options: object): Sweep => ({
  calls: [
    [[w], options],
    [[{ parameters: [w], ...options }], options],
  ],
});

class Plain extends optim.Optimizer {
  protected init(): Record<string, never> {
    return {};
  }
  protected update(): void {}
}

const { Optimizer: _, ...exported } = optim;
type Callable = keyof typeof exported;

const cases: Record<Callable, Sweep> = {
  Adadelta: stepping({ ...common, rho: 0.5, eps: 1e-6, weightDecay: 0 }),
  Adagrad: stepping({ ...common, lrDecay: 0, weightDecay: 0, initialAccumulator: 0, eps: 1 }),
  Adam: stepping({ ...adam, amsgrad: false }),
  AdamW: stepping({ ...adam, amsgrad: false }),
  Adamax: stepping(adam),
  NAdam: stepping({ ...adam, momentumDecay: 0 }),
  RAdam: stepping(adam),
  Lion: stepping({ ...common, beta1: 0.5, beta2: 0.5, weightDecay: 0 }),
  Muon: stepping({ ...common, momentum: 0.5, nesterov: true, weightDecay: 0, iterations: 2 }),
  RMSprop: stepping({
    ...common,
    alpha: 0.5,
    eps: 1,
    weightDecay: 0,
    momentum: 0,
    centered: true,
  }),
  SGD: stepping({ ...common, momentum: 0.5, weightDecay: 0, dampening: 0, nesterov: true }),
  LBFGS: {
    calls: [
      [
        [w],
        {
          lr: 1,
          maxIterations: 2,
          maxEvaluations: 2,
          toleranceGradient: 0,
          toleranceChange: 0,
          historySize: 1,
          lineSearch: "strongWolfe",
        },
      ],
    ],
  },
  WeightAverage: { calls: [[[w], { decay: 0.5 }]] },
  clipGradNorm: { calls: [[[w], 1, { p: 2 }]] },
  clipGradValue: { calls: [[[w], 1]] },
  Scheduler: { calls: [[optimizer, exponential(1)]], takes: /argument 1: a function/ },
  ReduceOnPlateau: {
    calls: [
      [
        optimizer,
        {
          mode: "min",
          factor: 0.5,
          patience: 1,
          threshold: 0,
          thresholdMode: "rel",
          cooldown: 0,
          minimum: 0,
          eps: 0,
        },
      ],
    ],
  },
  chained: { calls: [[exponential(1), exponential(1)]], takes: /a function/ },
  constant: { calls: [[{ length: 5, factor: 0.5 }]] },
  cosine: { calls: [[{ length: 5, end: 0 }]] },
  cosineRestarts: { calls: [[{ length: 5, stretch: 2, end: 0 }]] },
  cyclic: { calls: [[{ low: 0, rise: 2, fall: 2, shrink: 1, gamma: 1 }]] },
  exponential: { calls: [[0.5]] },
  linearWarmup: { calls: [[{ length: 5, start: 0, end: 1 }]] },
  multiStep: { calls: [[{ milestones: [1, 2], gamma: 0.5 }]] },
  oneCycle: {
    calls: [
      [{ length: 5, rise: 0.5, divide: 2, divideEnd: 2, anneal: "linear", threePhase: true }],
    ],
  },
  polynomial: { calls: [[{ length: 5, power: 2, end: 0 }]] },
  sequential: { calls: [[[[4, exponential(1)]], exponential(1)]], takes: /argument 1: a function/ },
  stepDecay: { calls: [[{ size: 2, gamma: 0.5 }]] },
};

describe("a wrong argument", () => {
  test.each(Object.entries(cases))("of %s is named and shown", async (name, own) => {
    const run = callable(exported[name as Callable]);
    expect(await sweep(name, run, own, () => memory().allocatedBytes)).toEqual([]);
  });

  test("of an optimizer of one's own, which states no kinds, is named where all have it", () => {
    const make = (parameters: unknown, options: unknown): unknown =>
      new Plain(parameters as Tensor[], options as optim.GroupOptions);
    expect(() => make("ab", { lr: 1 })).toThrow("Plain: takes parameters, or groups of them");
    expect(() => make([w], null)).toThrow(
      "Plain: lr must be a number of at least 0, got undefined",
    );
  });
});

test("everything exported is tried", () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(exported).sort());
});

test("of a group is named as well", () => {
  const make = (group: object) =>
    new SGD([{ parameters: [w] }, { parameters: [tensor(1)], ...group }]);
  expect(() => make({ momentun: 0.9 })).toThrow(
    'SGD: there is no option "momentun", did you mean "momentum"?\nKnown are parameters, lr, ',
  );
  expect(() => make({ parameters: 3 })).toThrow("SGD: takes parameters of group 1, got 3");
});

describe("what is left out or undefined", () => {
  test("has the default", () => {
    expect(new optim.AdamW([w], { weightDecay: undefined }).groups[0]).toMatchObject({
      weightDecay: 0.01,
      lr: 0.001,
    });
    expect(new SGD([w], { lr: undefined }).lr).toBe(0.01);
    expect([0, 1].map(optim.cosine({ length: 2, end: undefined }))).toEqual([1, 0.5]);
  });

  test("is at least 0 at the end of a schedule", () => {
    expect(() => optim.cosine({ length: 2, end: -1 })).toThrow(
      "cosine: end must be a number of at least 0, got -1",
    );
  });

  test("is told where there is none", () => {
    expect(() => optim.cosine({} as never)).toThrow(
      "cosine: length must be a whole number of at least 1, got undefined",
    );
    expect(() => optim.cosine(undefined as never)).toThrow(
      "cosine: options are an object, got undefined\nKnown are length, end.",
    );
  });
});

describe("what comes later", () => {
  const wrong = (value: unknown): never => value as never;

  test("is checked as well", async () => {
    expect(() => {
      new SGD([w]).lr = -1;
    }).toThrow("SGD: lr must be a number of at least 0, got -1");
    expect(() => new optim.ReduceOnPlateau(optimizer).step(wrong(w))).toThrow(
      "ReduceOnPlateau: the metric must be a number, got Tensor float32 [1,2]",
    );
    await expect(new optim.LBFGS([w]).step(wrong(w))).rejects.toThrow(
      "LBFGS: the loss must be a function, got Tensor float32 [1,2]",
    );
    expect(() => new optim.WeightAverage([w]).use(wrong(3))).toThrow(
      "WeightAverage: fn must be a function, got 3",
    );
  });

  test("is a state that was saved", () => {
    const takers = {
      LBFGS: new optim.LBFGS([w]),
      Scheduler: new optim.Scheduler(optimizer, exponential(1)),
      SGD: optimizer,
    };
    for (const [name, taker] of Object.entries(takers)) {
      expect(() => taker.loadStateDict(wrong(3))).toThrow(
        `${name}: loadStateDict takes what stateDict gave, got 3`,
      );
    }
    expect(() => new optim.ReduceOnPlateau(optimizer).loadStateDict(wrong({ best: 1 }))).toThrow(
      "ReduceOnPlateau: bad must be a whole number of at least 0, got undefined",
    );
  });
});
