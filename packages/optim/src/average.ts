/** Running averages of weights, which often do better than the weights themselves. */
import { Tensor } from "@needle/autograd";
import { args, formula, scope } from "@needle/ndarray";
import { leavesOf } from "./parameters.ts";

const averageStep = formula(["average", "w"], ["decay"], ({ average, w }, { decay }) => ({
  average: average.mul(decay).add(w.mul(decay.neg().add(1))),
}));

/**
 * Exponential moving averages of parameters: `average = decay * average + (1 - decay) * w`, from
 * the values at the time it is made. Call `update` after each step of the optimizer.
 *
 * Polyak and Juditsky, Acceleration of stochastic approximation by averaging (1992).
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { WeightAverage } from "@needle/optim";
 * const w = tensor([0, 8], { requiresGrad: true });
 * const average = new WeightAverage([w], { decay: 0.75 });
 * w.assign(4);
 * average.update();
 * average.use(() => w.toArray()); // => [1,7]
 * w; // => [4. 4.]
 */
export class WeightAverage {
  readonly decay: number;
  readonly parameters: readonly Tensor[];
  /** The averages, in the order of the parameters. */
  readonly averages: readonly Tensor[];

  constructor(parameters: Iterable<Tensor>, options: { readonly decay?: number } = {}) {
    args.checkOptions("WeightAverage", options, { decay: args.fraction });
    this.decay = options.decay ?? 0.999;
    this.parameters = leavesOf("WeightAverage", parameters);
    this.averages = this.parameters.map((w) => new Tensor(w.value.copy().adopt()));
  }

  /** Takes the parameters' present values into the averages. */
  update(): void {
    this.parameters.forEach((w, i) => {
      averageStep({ average: this.averages[i]!.value, w: w.value }, { decay: this.decay });
    });
  }

  /** Writes the averages into the parameters for good. */
  apply(): void {
    this.parameters.forEach((w, i) => {
      w.value.assign(this.averages[i]!.value);
    });
  }

  /**
   * Runs `fn` with the averages in place of the parameters, and puts the parameters back, also when
   * it throws. For evaluation: a graph recorded before is unusable afterwards.
   */
  use<T>(fn: () => T): T {
    args.check("WeightAverage", "fn", fn, args.callback);
    const own = this.parameters.map((w) => w.value.copy().keep());
    this.apply();
    try {
      return scope(fn, { label: "WeightAverage.use" });
    } finally {
      this.parameters.forEach((w, i) => {
        w.value.assign(own[i]!);
        own[i]!.dispose();
      });
    }
  }
}
