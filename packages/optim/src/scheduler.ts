/** Setting an optimizer's learning rates by a schedule, or by how a metric develops. */
import { ArgumentError } from "@needle/ndarray";
import type { GroupOptions, Optimizer } from "./optimizer.ts";
import type { Schedule } from "./schedules.ts";

/** The part of an optimizer that a scheduler changes. */
type Scheduled = Pick<Optimizer, "groups">;

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
  /** How much better counts as an improvement, as part of the best. Default 1e-4. */
  readonly threshold?: number;
  /** Values to wait after a reduction before counting again. Default 0. */
  readonly cooldown?: number;
  /** The learning rate does not fall below. Default 0. */
  readonly minimum?: number;
}

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
    this.#groups = optimizer.groups;
    this.#options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      cooldown: 0,
      minimum: 0,
      ...options,
    };
    const { factor } = this.#options;
    if (!(factor > 0 && factor < 1)) {
      throw new ArgumentError("ReduceOnPlateau", `factor must be between 0 and 1, got ${factor}`);
    }
  }

  /** Takes note of a metric, and lowers the learning rates if it is time to. */
  step(metric: number): void {
    const { patience, cooldown, factor, minimum } = this.#options;
    let { best, bad, cooling } = this.#state;
    if (this.#isBetter(metric, best)) [best, bad] = [metric, 0];
    else bad += 1;
    if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
    if (bad > patience) {
      for (const group of this.#groups) group.lr = Math.max(group.lr * factor, minimum);
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
    this.#state = { ...saved };
  }

  #isBetter(metric: number, best: number | null): boolean {
    const { mode, threshold } = this.#options;
    if (best === null) return !Number.isNaN(metric);
    return mode === "min" ? metric < best * (1 - threshold) : metric > best * (1 + threshold);
  }
}

/** What ReduceOnPlateau remembers. */
export interface PlateauState {
  /** The best value so far; null before the first. */
  readonly best: number | null;
  /** Values since then without improvement. */
  readonly bad: number;
  /** Values still to wait after a reduction. */
  readonly cooling: number;
}
