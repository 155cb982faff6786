import { readFileSync } from "node:fs";
import { tensor } from "@needle/autograd";
import { describe, expect, test } from "vitest";
import {
  chained,
  constant,
  cosine,
  cosineRestarts,
  cyclic,
  exponential,
  linearWarmup,
  multiStep,
  oneCycle,
  type PlateauOptions,
  polynomial,
  ReduceOnPlateau,
  type Schedule,
  Scheduler,
  SGD,
  sequential,
  stepDecay,
} from "./index.ts";

const makers = {
  stepDecay,
  multiStep,
  exponential,
  constant,
  cosine,
  cosineRestarts,
  polynomial,
  linearWarmup,
  oneCycle,
  cyclic,
} as Record<string, (options: never) => Schedule>;

interface Fixture {
  readonly source: string;
  readonly schedules: readonly { name: string; options: never; rates: readonly number[] }[];
  readonly plateaus: readonly { options: PlateauOptions; rates: readonly number[] }[];
}

const fixture = new URL("./torch-schedules.fixture.json", import.meta.url);
const { source, schedules, plateaus } = JSON.parse(readFileSync(fixture, "utf8")) as Fixture;

function optimizer(...rates: number[]): SGD {
  return new SGD(rates.map((lr) => ({ parameters: [tensor(1, { requiresGrad: true })], lr })));
}

/** A metric that falls in waves, and once for good. */
function metric(i: number): number {
  return Math.sin(i) / (i + 1) + (i < 5 ? 3 : 2);
}

describe(`as ${source}`, () => {
  test.each(schedules.map((row) => [row.name, JSON.stringify(row.options), row] as const))(
    "%s of %s",
    (_, __, { name, options, rates }) => {
      const schedule = makers[name]!(options);
      rates.forEach((rate, step) => {
        expect(schedule(step)).toBeCloseTo(rate, 10);
      });
      // A pure function: asked in any order it says the same.
      const backwards = rates.map((_, i) => schedule(rates.length - 1 - i)).reverse();
      expect(backwards).toEqual(rates.map((_, step) => schedule(step)));
    },
  );

  test.each(plateaus.map((row) => [JSON.stringify(row.options), row] as const))(
    "ReduceOnPlateau of %s",
    (_, { options, rates }) => {
      const target = optimizer(1);
      const plateau = new ReduceOnPlateau(target, options);
      const got = rates.map((_, i) => {
        plateau.step(metric(i));
        return target.lr;
      });
      got.forEach((rate, i) => {
        expect(rate).toBeCloseTo(rates[i]!, 12);
      });
      expect(new Set(rates).size).toBeGreaterThan(2);
    },
  );
});

describe("schedules", () => {
  test("stay at their end", () => {
    const far = 10_000;
    expect(cosine({ length: 10, end: 0.25 })(far)).toBe(0.25);
    expect(polynomial({ length: 10, end: 0.25 })(far)).toBe(0.25);
    expect(linearWarmup({ length: 10 })(far)).toBe(1);
    expect(oneCycle({ length: 10, divide: 4, divideEnd: 5 })(far)).toBeCloseTo(1 / 20, 12);
  });

  test("follow one another, each from its own start", () => {
    const schedule = sequential(
      [
        [3, (step) => step],
        [2, (step) => 10 + step],
      ],
      (step) => 100 + step,
    );
    expect([0, 1, 2, 3, 4, 5, 6].map(schedule)).toEqual([0, 1, 2, 10, 11, 100, 101]);
  });

  test("multiply", () => {
    const both = chained(exponential(0.5), (step) => step + 1);
    expect([0, 1, 3].map(both)).toEqual([1, 1, 0.5]);
  });

  test("refuse options out of range", () => {
    expect(() => cosine({ length: 0 })).toThrow(
      "cosine: length must be a whole number of at least 1, got 0",
    );
    expect(() => stepDecay({ size: 1.5 })).toThrow(
      "stepDecay: size must be a whole number of at least 1, got 1.5",
    );
    // @ts-expect-error: no such way
    expect(() => oneCycle({ length: 5, anneal: "step" })).toThrow(
      'oneCycle: anneal must be "cosine" or "linear", got "step"',
    );
    expect(() => constant({ length: -1 })).toThrow(
      "constant: length must be a whole number of at least 1, got -1",
    );
    expect(() => exponential(-1)).toThrow("exponential: gamma must be a number above 0, got -1");
    expect(() => sequential([[-1, exponential(1)]], exponential(1))).toThrow(
      "sequential: length must be a whole number of at least 1, got -1",
    );
  });
});

describe("Scheduler", () => {
  test("scales the rate of every group from what it was", () => {
    const target = optimizer(1, 0.5);
    const scheduler = new Scheduler(target, linearWarmup({ length: 4, start: 0 }));
    expect(target.groups.map((group) => group.lr)).toEqual([0, 0]);
    scheduler.step();
    expect(target.groups.map((group) => group.lr)).toEqual([0.25, 0.125]);
  });

  test("goes on from a saved state", () => {
    const target = optimizer(1);
    const scheduler = new Scheduler(target, exponential(0.5));
    for (let i = 0; i < 3; i++) scheduler.step();
    const other = optimizer(77);
    const resumed = new Scheduler(other, exponential(0.5));
    resumed.loadStateDict(JSON.parse(JSON.stringify(scheduler.stateDict())));
    expect(other.lr).toBe(target.lr);
    resumed.step();
    scheduler.step();
    expect(other.lr).toBe(target.lr);
    expect(() =>
      new Scheduler(optimizer(1, 2), exponential(1)).loadStateDict(scheduler.stateDict()),
    ).toThrow("Scheduler: saved for 1 groups, the optimizer has 2");
  });
});

describe("ReduceOnPlateau", () => {
  test("goes on from a saved state", () => {
    const [a, b] = [optimizer(1), optimizer(1)];
    const first = new ReduceOnPlateau(a, { patience: 2 });
    for (const value of [3, 4, 4]) first.step(value);
    const second = new ReduceOnPlateau(b, { patience: 2 });
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
    first.step(4);
    second.step(4);
    expect([a.lr, b.lr]).toEqual([0.1, 0.1]);
  });

  test("counts NaN as no improvement", () => {
    const target = optimizer(1);
    const plateau = new ReduceOnPlateau(target, { patience: 1 });
    for (const value of [Number.NaN, Number.NaN]) plateau.step(value);
    expect(target.lr).toBe(0.1);
  });

  test("refuses a factor that does not reduce", () => {
    expect(() => new ReduceOnPlateau(optimizer(1), { factor: 1 })).toThrow(
      "ReduceOnPlateau: factor must be between 0 and 1, got 1",
    );
  });
});
