/** Setting an optimizer's learning rates by a schedule, or by how a metric develops. */
import { ArgumentError, args, show } from "@needle/ndarray";
import { type GroupOptions, given, type Optimizer } from "./optimizer.ts";
import type { Schedule } from "./schedules.ts";

/** The part of an optimizer that a scheduler changes. */
type Scheduled = Pick<Optimizer, "groups">;

const optimizerKind = args.having("an optimizer", "groups");

/**
 * Keeps the learning rates of an optimizer at what they were when this was made, times the
 * schedule. Call `step` after each `optimizer.step()` (or each epoch, if the schedule counts those).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { exponential, Scheduler, SGD } from "@needle/optim";
 * const optimizer = new SGD([tensor(1, { requiresGrad: true })], { lr: 0.8 });
 * const scheduler = new Scheduler(optimizer, exponential(0.5));
 * scheduler.step();
 * scheduler.step();
 * optimizer.lr; // => 0.2
 */
export class Scheduler {
  /** Steps taken so far. */
  steps = 0;
  readonly #groups: readonly GroupOptions[];
  readonly #schedule: Schedule;
  #base: readonly number[];

  constructor(optimizer: Scheduled, schedule: Schedule) {
    args.check("Scheduler", "the first argument", optimizer, optimizerKind);
    args.check("Scheduler", "the schedule", schedule, args.callback);
    this.#groups = optimizer.groups;
    this.#schedule = schedule;
    this.#base = this.#groups.map((group) => group.lr);
    this.#apply();
  }

  /** Goes on by one step. */
  step(): void {
    this.steps += 1;
    this.#apply();
  }

  /** What to keep to go on later. */
  stateDict(): { readonly steps: number; readonly base: readonly number[] } {
    return { steps: this.steps, base: this.#base };
  }

  /**
   * Goes on from a saved state.
   *
   * @throws ArgumentError when it was saved for another number of groups.
   */
  loadStateDict(saved: { readonly steps: number; readonly base: readonly number[] }): void {
    if (!Array.isArray(saved?.base)) {
      const problem = `loadStateDict takes what stateDict gave, got ${show(saved)}`;
      throw new ArgumentError("Scheduler", problem);
    }
    if (saved.base.length !== this.#groups.length) {
      const problem = `saved for ${saved.base.length} groups, the optimizer has ${this.#groups.length}`;
      throw new ArgumentError("Scheduler", problem);
    }
    this.steps = saved.steps;
    this.#base = saved.base;
    this.#apply();
  }

  #apply(): void {
    const factor = this.#schedule(this.steps);
    this.#groups.forEach((group, k) => {
      group.lr = this.#base[k]! * factor;
    });
  }
}

/** Options of ReduceOnPlateau. */
export interface PlateauOptions {
  /** Whether the metric is to fall (`"min"`) or to rise. Default `"min"`. */
  readonly mode?: "min" | "max";
  /** Times the learning rate, at each reduction. Default 0.1. */
  readonly factor?: number;
  /** Values without improvement that are borne before a reduction. Default 10. */
  readonly patience?: number;
  /** How much better counts as an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** Whether that is a part of the best value or a number by itself. Default `"rel"`. */
  readonly thresholdMode?: "rel" | "abs";
  /** Values to wait after a reduction before counting again. Default 0. */
  readonly cooldown?: number;
  /** The learning rate does not fall below. Default 0. */
  readonly minimum?: number;
  /** Reductions of no more than this are not made. Default 1e-8. */
  readonly eps?: number;
}

const plateauKinds: args.Kinds<PlateauOptions> = {
  mode: args.oneOf("min", "max"),
  factor: {
    expected: "between 0 and 1",
    holds: (factor) => args.fraction.holds(factor) && factor !== 0,
  },
  patience: args.whole(0),
  threshold: args.atLeast(0),
  thresholdMode: args.oneOf("rel", "abs"),
  cooldown: args.whole(0),
  minimum: args.atLeast(0),
  eps: args.atLeast(0),
};

/**
 * Lowers the learning rates when a metric no longer gets better (PyTorch's ReduceLROnPlateau).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { ReduceOnPlateau, SGD } from "@needle/optim";
 * const optimizer = new SGD([tensor(1, { requiresGrad: true })], { lr: 1 });
 * const plateau = new ReduceOnPlateau(optimizer, { patience: 1, factor: 0.5 });
 * for (const loss of [3, 2, 2, 2]) plateau.step(loss);
 * optimizer.lr; // => 0.5
 */
export class ReduceOnPlateau {
  readonly #groups: readonly GroupOptions[];
  readonly #options: Required<PlateauOptions>;
  #state: PlateauState = { best: null, bad: 0, cooling: 0 };

  constructor(optimizer: Scheduled, options: PlateauOptions = {}) {
    args.check("ReduceOnPlateau", "the first argument", optimizer, optimizerKind);
    args.checkOptions("ReduceOnPlateau", options, plateauKinds);
    this.#groups = optimizer.groups;
    this.#options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      minimum: 0,
      eps: 1e-8,
      ...given(options),
    };
  }

  /** Takes note of a metric, and lowers the learning rates if it is time to. */
  step(metric: number): void {
    args.check("ReduceOnPlateau", "the metric", metric, args.number);
    const { patience, cooldown } = this.#options;
    let { best, bad, cooling } = this.#state;
    if (this.#isBetter(metric, best)) [best, bad] = [metric, 0];
    else bad += 1;
    if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
    if (bad > patience) {
      this.#reduce();
      [cooling, bad] = [cooldown, 0];
    }
    this.#state = { best, bad, cooling };
  }

  /** What to keep, beside the optimizer's own state, to go on later. */
  stateDict(): PlateauState {
    return this.#state;
  }

  /** Goes on from a saved state. */
  loadStateDict(saved: PlateauState): void {
    args.checkOptions("ReduceOnPlateau", saved, stateKinds, ["best", "bad", "cooling"]);
    this.#state = { ...saved };
  }

  #reduce(): void {
    const { factor, minimum, eps } = this.#options;
    for (const group of this.#groups) {
      const lr = Math.max(group.lr * factor, minimum);
      if (group.lr - lr > eps) group.lr = lr;
    }
  }

  #isBetter(metric: number, best: number | null): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    if (best === null) return !Number.isNaN(metric);
    const sign = mode === "min" ? -1 : 1;
    const enough =
      thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return sign * metric > sign * enough;
  }
}

const stateKinds: args.Kinds<PlateauState> = {
  best: args.orNull(args.number),
  bad: args.whole(0),
  cooling: args.whole(0),
};

/** What ReduceOnPlateau remembers. */
export interface PlateauState {
  /** The best value so far; null before the first. */
  readonly best: number | null;
  /** Values since then without improvement. */
  readonly bad: number;
  /** Values still to wait after a reduction. */
  readonly cooling: number;
}
