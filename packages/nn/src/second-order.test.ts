/** Training that differentiates gradients: what createGraph is for. */
import { gradients, noGrad, randn, type Tensor, tensor } from "@needle/autograd";
import { manualSeed, scope } from "@needle/ndarray";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type Layer,
  Linear,
  mseLoss,
  type Parameter,
  Sequential,
  Softplus,
  Tanh,
} from "./index.ts";

beforeEach(() => manualSeed(0));

function descend(parameters: readonly Parameter[], lr: number): void {
  noGrad(() => {
    for (const w of parameters) {
      w.assign(w.sub(w.grad!.mul(lr)));
      w.resetGrad();
    }
  });
}

describe("a gradient penalty", () => {
  /** The mean of (|gradient of the critic by its input| - 1)^2. */
  function penaltyOf(critic: Layer, x: Tensor): Tensor {
    const input = tensor(x.value, { requiresGrad: true });
    const [slope] = gradients([critic.forward(input).sum()], [input], { createGraph: true });
    return slope!.square().sum(1).add(1e-12).sqrt().sub(1).square().mean();
  }

  test("makes a network's slope with respect to its input 1 in length", () => {
    const critic = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 1));
    const x = randn([64, 2]);
    const first = scope(() => penaltyOf(critic, x).item());
    for (let step = 0; step < 250; step++) {
      scope(() => penaltyOf(critic, x).backward());
      descend(
        critic.parameters().filter(({ grad }) => grad !== null),
        0.05,
      );
    }
    expect(first).toBeGreaterThan(0.1);
    expect(scope(() => penaltyOf(critic, x).item())).toBeLessThan(0.25 * first);
  });

  test("has the gradient of its differences", () => {
    const double = { dtype: "float64" } as const;
    const critic = new Sequential(
      new Linear(2, 4, double),
      new Softplus(),
      new Linear(4, 1, double),
    );
    const x = randn([5, 2], double);
    const w = (critic.layers[0] as Linear).weight;
    scope(() => penaltyOf(critic, x).backward());
    const own = w.grad!.toArray() as number[][];
    const before = w.value.copy();
    for (const [i, j] of [
      [0, 0],
      [1, 3],
      [0, 2],
    ] as const) {
      const at = (shift: number): number => {
        w.value.assign(before);
        w.value.slice(i, j).assign(before.slice(i, j).item() + shift);
        return scope(() => penaltyOf(critic, x).item());
      };
      expect(own[i]![j]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 6);
    }
  });
});

describe("learning to learn (MAML)", () => {
  // Finn, Abbeel and Levine (2017): lines y = a x + b, of which each task has few points.
  const double = { dtype: "float64" } as const;

  interface Task {
    readonly seen: readonly [x: Tensor, y: Tensor];
    readonly asked: readonly [x: Tensor, y: Tensor];
  }

  function taskOf(a: number): Task {
    const points = (x: Tensor): [Tensor, Tensor] => [x, x.mul(a).add(1)];
    return { seen: points(randn([5, 1], double)), asked: points(randn([20, 1], double)) };
  }

  function predict([w, b]: readonly Tensor[], x: Tensor): Tensor {
    return x.matmul(w!).add(b!);
  }

  /** The loss on what is asked, after one step of gradient descent on what was seen. */
  function afterStep(
    weights: readonly Tensor[],
    { seen, asked }: Task,
    createGraph: boolean,
  ): Tensor {
    const loss = mseLoss(predict(weights, seen[0]), seen[1]);
    const slopes = gradients([loss], weights, { createGraph });
    const adapted = weights.map((w, i) => w.sub(slopes[i]!.mul(0.2)));
    return mseLoss(predict(adapted, asked[0]), asked[1]);
  }

  function start(): Tensor[] {
    return [
      tensor([[3]], { ...double, requiresGrad: true }),
      tensor([-2], { ...double, requiresGrad: true }),
    ];
  }

  test("finds weights from which one step does well on every task", () => {
    const weights = start();
    const tasks = [-1, 1, 0.5, -0.5].map(taskOf);
    const total = (): number =>
      scope(() => tasks.reduce((sum, task) => sum + afterStep(weights, task, false).item(), 0));
    const before = total();
    for (let step = 0; step < 150; step++) {
      for (const w of weights) w.resetGrad();
      for (const task of tasks) scope(() => afterStep(weights, task, true).backward());
      noGrad(() => {
        for (const w of weights) w.assign(w.sub(w.grad!.mul(0.08)));
      });
    }
    expect(total()).toBeLessThan(0.1 * before);
    // Among the tasks' slopes.
    expect(Math.abs(weights[0]!.item())).toBeLessThan(1);
  });

  test("differentiates through the inner step: its gradient is that of differences", () => {
    const task = taskOf(2);
    const weights = start();
    scope(() => afterStep(weights, task, true).backward());
    const own = weights.map((w) => w.grad!.item());
    const shifted = (k: number, by: number): number =>
      scope(() => {
        const moved = weights.map((w, i) =>
          tensor(w.add(i === k ? by : 0).value, { requiresGrad: true }),
        );
        return afterStep(moved, task, false).item();
      });
    own.forEach((slope, k) => {
      expect(slope).toBeCloseTo((shifted(k, 1e-5) - shifted(k, -1e-5)) / 2e-5, 6);
    });
    // Without the second derivative (first-order MAML) it would be another.
    const firstOrder = scope(() => {
      afterStep(
        weights.map((w) => {
          w.resetGrad();
          return w;
        }),
        task,
        false,
      ).backward();
      return weights[0]!.grad!.item();
    });
    expect(Math.abs(firstOrder - own[0]!)).toBeGreaterThan(1e-3);
  });
});
