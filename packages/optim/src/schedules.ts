/**
 * Learning rates that change with time. A schedule is a pure function of the step, counted from 0,
 * to a factor of the learning rate; products and sequences of schedules are schedules, and any
 * function of a number is one.
 */
import { args } from "@needle/ndarray";

/** The factor of the learning rate in step `step`, counted from 0. */
export type Schedule = (step: number) => number;

const steps = args.whole(1);
const positive = args.above(0);
const notNegative = args.atLeast(0);
/** What PyTorch takes for the factors of straight lines and constants. */
const lowering = args.between(0, 1);

/**
 * Times `gamma` every `size` steps (PyTorch's StepLR).
 *
 * @example
 * import { stepDecay } from "@needle/optim";
 * [0, 9, 10, 20].map(stepDecay({ size: 10, gamma: 0.5 })); // => [1,1,0.5,0.25]
 */
export function stepDecay(options: { readonly size: number; readonly gamma?: number }): Schedule {
  const kinds = { size: steps, gamma: notNegative };
  const { size, gamma = 0.1 } = args.checkOptions("stepDecay", options, kinds, ["size"]);
  return (step) => gamma ** Math.floor(step / size);
}

/**
 * Times `gamma` at each milestone (PyTorch's MultiStepLR).
 *
 * @example
 * import { multiStep } from "@needle/optim";
 * [0, 3, 8].map(multiStep({ milestones: [3, 8], gamma: 0.5 })); // => [1,0.5,0.25]
 */
export function multiStep(options: {
  readonly milestones: readonly number[];
  readonly gamma?: number;
}): Schedule {
  const kinds = { milestones: args.arrayOf(args.whole(0)), gamma: notNegative };
  args.checkOptions("multiStep", options, kinds, ["milestones"]);
  const { milestones, gamma = 0.1 } = options;
  return (step) => gamma ** milestones.filter((milestone) => milestone <= step).length;
}

/**
 * Times `gamma` every step (PyTorch's ExponentialLR).
 *
 * @example
 * import { exponential } from "@needle/optim";
 * [0, 1, 2].map(exponential(0.5)); // => [1,0.5,0.25]
 */
export function exponential(gamma: number): Schedule {
  args.check("exponential", "gamma", gamma, positive);
  return (step) => gamma ** step;
}

/**
 * A factor for the first `length` steps, then 1 (PyTorch's ConstantLR).
 *
 * @example
 * import { constant } from "@needle/optim";
 * [0, 4, 5].map(constant({ length: 5, factor: 0.5 })); // => [0.5,0.5,1]
 */
export function constant(options: { readonly length: number; readonly factor?: number }): Schedule {
  const kinds = { length: steps, factor: lowering };
  const { length, factor = 1 / 3 } = args.checkOptions("constant", options, kinds, ["length"]);
  return (step) => (step < length ? factor : 1);
}

/**
 * Half a cosine from 1 down to `end` over `length` steps, then `end` (PyTorch's CosineAnnealingLR,
 * which goes up again).
 *
 * Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).
 *
 * @example
 * import { cosine } from "@needle/optim";
 * [0, 5, 10, 11].map(cosine({ length: 10 })); // => [1,0.5,0,0]
 */
export function cosine(options: { readonly length: number; readonly end?: number }): Schedule {
  const kinds = { length: steps, end: notNegative };
  const { length, end = 0 } = args.checkOptions("cosine", options, kinds, ["length"]);
  return (step) => halfCosine(Math.min(step / length, 1), end);
}

function halfCosine(part: number, end: number): number {
  if (part === 0.5) return end + (1 - end) / 2;
  return end + ((1 - end) * (1 + Math.cos(Math.PI * part))) / 2;
}

/**
 * `cosine` again and again, each time `stretch` times as long (PyTorch's
 * CosineAnnealingWarmRestarts).
 *
 * Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).
 *
 * @example
 * import { cosineRestarts } from "@needle/optim";
 * [0, 2, 4, 8].map(cosineRestarts({ length: 4, stretch: 2 })); // => [1,0.5,1,0.5]
 */
export function cosineRestarts(options: {
  readonly length: number;
  readonly stretch?: number;
  readonly end?: number;
}): Schedule {
  const kinds = { length: steps, stretch: steps, end: notNegative };
  args.checkOptions("cosineRestarts", options, kinds, ["length"]);
  const { length, stretch = 1, end = 0 } = options;
  return (step) => {
    let [start, period] = [0, length];
    while (step >= start + period) {
      start += period;
      period *= stretch;
    }
    return halfCosine((step - start) / period, end);
  };
}

/**
 * `(1 - step / length)^power` from 1 down to `end`, then `end` (PyTorch's PolynomialLR; power 1 is
 * a straight line).
 *
 * @example
 * import { polynomial } from "@needle/optim";
 * [0, 5, 10, 99].map(polynomial({ length: 10, power: 2 })); // => [1,0.25,0,0]
 */
export function polynomial(options: {
  readonly length: number;
  readonly power?: number;
  readonly end?: number;
}): Schedule {
  const kinds = { length: steps, power: positive, end: notNegative };
  args.checkOptions("polynomial", options, kinds, ["length"]);
  const { length, power = 1, end = 0 } = options;
  return (step) => end + (1 - end) * (1 - Math.min(step / length, 1)) ** power;
}

/**
 * A straight line from `start` to `end` over `length` steps, then `end` (PyTorch's LinearLR).
 *
 * @example
 * import { linearWarmup } from "@needle/optim";
 * [0, 5, 10, 99].map(linearWarmup({ length: 10, start: 0 })); // => [0,0.5,1,1]
 */
export function linearWarmup(options: {
  readonly length: number;
  readonly start?: number;
  readonly end?: number;
}): Schedule {
  const kinds = { length: steps, start: lowering, end: lowering };
  args.checkOptions("linearWarmup", options, kinds, ["length"]);
  const { length, start = 1 / 3, end = 1 } = options;
  return (step) => start + (end - start) * Math.min(step / length, 1);
}

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  /** Steps in all. */
  readonly length: number;
  /** The part of them that goes up. Default 0.3. */
  readonly rise?: number;
  /** Starts at 1 divided by this. Default 25. */
  readonly divide?: number;
  /** Ends at the start divided by this. Default 10,000. */
  readonly divideEnd?: number;
  /** Along half cosines or straight lines. Default `"cosine"`. */
  readonly anneal?: "cosine" | "linear";
  /** Whether to go down to the start first, in as many steps as up. Default false. */
  readonly threePhase?: boolean;
}

const oneCycleKinds: args.Kinds<OneCycleOptions> = {
  length: steps,
  rise: args.between(0, 1),
  divide: positive,
  divideEnd: positive,
  anneal: args.oneOf("cosine", "linear"),
  threePhase: args.flag,
};

/**
 * Up from `1 / divide` to 1 and down to `1 / (divide * divideEnd)`, along half cosines (PyTorch's
 * OneCycleLR; the learning rate of the optimizer is the largest).
 *
 * Smith and Topin, Super-convergence (2019).
 *
 * @example
 * import { oneCycle } from "@needle/optim";
 * const schedule = oneCycle({ length: 11, rise: 0.5, divide: 10 });
 * [schedule(0), schedule(4.5)]; // => [0.1,1]
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  args.checkOptions("oneCycle", options, oneCycleKinds, ["length"]);
  const { length, rise = 0.3, divide = 25, divideEnd = 1e4 } = options;
  const { anneal = "cosine", threePhase = false } = options;
  const [start, end] = [1 / divide, 1 / (divide * divideEnd)];
  const top = rise * length - 1;
  const last = length - 1;
  const middle: Phase[] = threePhase ? [[2 * top, 1, start]] : [];
  const phases: Phase[] = [[top, start, 1], ...middle, [last, threePhase ? start : 1, end]];
  const fall = falls[anneal];
  return (step) => {
    const at = phases.findIndex(([until]) => step <= until);
    const index = at === -1 ? phases.length - 1 : at;
    const since = index === 0 ? 0 : phases[index - 1]![0];
    const [until, from, to] = phases[index]!;
    const part = until === since ? 1 : Math.min((step - since) / (until - since), 1);
    const left = fall(part);
    return from * left + to * (1 - left);
  };
}

/** How much is left of the way at a part of it. */
const falls: Readonly<Record<"cosine" | "linear", (part: number) => number>> = {
  cosine: (part) => halfCosine(part, 0),
  linear: (part) => 1 - part,
};

/** Until which step a cycle goes from one factor to another. */
type Phase = readonly [until: number, from: number, to: number];

/** Options of `cyclic`. */
export interface CyclicOptions {
  /** The lowest factor. */
  readonly low: number;
  /** Steps up. */
  readonly rise: number;
  /** Steps down. Default `rise`. */
  readonly fall?: number;
  /**
   * The height of each cycle as part of that of the one before. Default 1; 0.5 is PyTorch's
   * triangular2.
   */
  readonly shrink?: number;
  /** The height as part of that of the step before, PyTorch's exp_range. Default 1. */
  readonly gamma?: number;
}

const cyclicKinds: args.Kinds<CyclicOptions> = {
  low: notNegative,
  rise: steps,
  fall: steps,
  shrink: notNegative,
  gamma: notNegative,
};

/**
 * Up from `low` to 1 over `rise` steps and down again over `fall`, for ever (PyTorch's CyclicLR).
 *
 * Smith, Cyclical learning rates for training neural networks (2017).
 *
 * @example
 * import { cyclic } from "@needle/optim";
 * [0, 2, 4, 8, 12].map(cyclic({ low: 0, rise: 4, shrink: 0.5 })); // => [0,0.5,1,0,0.5]
 */
export function cyclic(options: CyclicOptions): Schedule {
  args.checkOptions("cyclic", options, cyclicKinds, ["low", "rise"]);
  const { low, rise, fall = rise, shrink = 1, gamma = 1 } = options;
  return (step) => {
    const cycle = Math.floor(step / (rise + fall));
    const at = step - cycle * (rise + fall);
    const height = at <= rise ? at / rise : (rise + fall - at) / fall;
    return low + (1 - low) * height * shrink ** cycle * gamma ** step;
  };
}

/**
 * Schedules one after another, each counting from 0 again (PyTorch's SequentialLR).
 *
 * @param parts - how many steps, and by which schedule; the last goes on for ever.
 *
 * @example
 * import { cosine, linearWarmup, sequential } from "@needle/optim";
 * const schedule = sequential([[4, linearWarmup({ length: 4, start: 0 })]], cosine({ length: 10 }));
 * [0, 2, 4, 9].map(schedule); // => [0,0.5,1,0.5]
 */
export function sequential(
  parts: readonly (readonly [length: number, schedule: Schedule])[],
  last: Schedule,
): Schedule {
  args.check("sequential", "parts", parts, partsKind);
  for (const [length, schedule] of parts) {
    args.check("sequential", "length", length, steps);
    args.check("sequential", "a schedule", schedule, args.callback);
  }
  args.check("sequential", "the last schedule", last, args.callback);
  return (step) => {
    let start = 0;
    for (const [length, schedule] of parts) {
      if (step < start + length) return schedule(step - start);
      start += length;
    }
    return last(step - start);
  };
}

const partsKind: args.Kind = {
  expected: "an array of pairs [length, schedule]",
  holds: (parts) => Array.isArray(parts) && Array.from(parts).every(Array.isArray),
};

/**
 * The product of schedules (PyTorch's ChainedScheduler).
 *
 * @example
 * import { chained, exponential } from "@needle/optim";
 * [0, 1, 2].map(chained(exponential(0.5), exponential(0.5))); // => [1,0.25,0.0625]
 */
export function chained(...schedules: readonly Schedule[]): Schedule {
  for (const schedule of schedules) args.check("chained", "a schedule", schedule, args.callback);
  return (step) => schedules.reduce((product, schedule) => product * schedule(step), 1);
}
