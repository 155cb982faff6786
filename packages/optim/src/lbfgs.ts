/**
 * L-BFGS: for small, smooth problems without noise, which it solves to many digits. The history and
 * all arithmetic on it are kept on the host in double precision; the function and its gradients are
 * computed wherever the parameters are.
 */
import { enableGrad, type Tensor } from "@needle/autograd";
import { ArgumentError, args, fromTypedArray, scope, show } from "@needle/ndarray";
import { dot, type Evaluation, type Line, largest, strongWolfe } from "./line-search.ts";
import { given } from "./optimizer.ts";
import { leavesOf } from "./parameters.ts";

/** Options of LBFGS. */
export interface LBFGSOptions {
  /** The length of a step, or without line search the factor of the direction. Default 1. */
  readonly lr?: number;
  /** Iterations in one call of `step`. Default 20. */
  readonly maxIterations?: number;
  /** Evaluations of the function in one call of `step`. Default 1.25 times `maxIterations`. */
  readonly maxEvaluations?: number;
  /** Stop when no element of the gradient is larger. Default 1e-7. */
  readonly toleranceGradient?: number;
  /** Stop when neither value nor parameters change by more. Default 1e-9. */
  readonly toleranceChange?: number;
  /** Pairs of steps and changes of the gradient that are remembered. Default 100. */
  readonly historySize?: number;
  /** How far to go along a direction: by `lr`, or where the strong Wolfe conditions hold. Default null. */
  readonly lineSearch?: "strongWolfe" | null;
}

const lbfgsKinds: args.Kinds<LBFGSOptions> = {
  lr: args.atLeast(0),
  maxIterations: args.whole(1),
  maxEvaluations: args.whole(1),
  toleranceGradient: args.atLeast(0),
  toleranceChange: args.atLeast(0),
  historySize: args.whole(1),
  lineSearch: args.orNull(args.oneOf("strongWolfe")),
};

/** A step and the change of the gradient along it. */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** Their dot product. */
  readonly curvature: number;
}

/** Where the last iteration ended. */
interface Last {
  readonly direction: Float64Array;
  readonly length: number;
  readonly gradient: Float64Array;
}

/** What LBFGS remembers between steps. */
export interface LBFGSState {
  readonly lr: number;
  readonly iterations: number;
  readonly history: readonly Pair[];
  readonly last: Last | null;
}

/**
 * Limited-memory BFGS. A step evaluates the function several times, so it takes it as an argument,
 * and it reads values, so it has to be awaited.
 *
 * Nocedal and Wright, Numerical optimization (2006), chapters 3 and 7.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { LBFGS } from "@needle/optim";
 * const w = tensor([-1, 2], { dtype: "float64", requiresGrad: true });
 * const optimizer = new LBFGS([w], { lineSearch: "strongWolfe" });
 * // Rosenbrock's function
 * const loss = () => {
 *   const [x, y] = [w.slice(0), w.slice(1)];
 *   return y.sub(x.square()).square().mul(100).add(x.sub(1).square());
 * };
 * await optimizer.step(loss);
 * await optimizer.step(loss);
 * w.sub(1).abs().lt(1e-4).all(); // => True
 */
export class LBFGS {
  lr: number;
  readonly parameters: readonly Tensor[];
  /** Iterations so far, over all calls of `step`. */
  iterations = 0;
  readonly #options: Required<Omit<LBFGSOptions, "lr">>;
  #history: Pair[] = [];
  #last: Last | null = null;

  constructor(parameters: Iterable<Tensor>, options: LBFGSOptions = {}) {
    args.checkOptions("LBFGS", options, lbfgsKinds);
    const { lr = 1, maxIterations = 20 } = options;
    this.lr = lr;
    this.parameters = leavesOf("LBFGS", parameters);
    this.#options = {
      maxIterations,
      maxEvaluations: Math.floor(maxIterations * 1.25),
      toleranceGradient: 1e-7,
      toleranceChange: 1e-9,
      historySize: 100,
      lineSearch: null,
      ...given(options),
    };
  }

  /**
   * Goes down from where the parameters are.
   *
   * @param loss - the value to make small, of one element. It is differentiated here.
   * @returns the value before the step.
   */
  async step(loss: () => Tensor): Promise<number> {
    args.check("LBFGS", "the loss", loss, args.callback);
    const { maxIterations, maxEvaluations, toleranceGradient, toleranceChange } = this.#options;
    let now = await this.#evaluate(loss);
    const first = now.value;
    let evaluations = 1;
    for (let i = 1; i <= maxIterations && largest(now.gradient) > toleranceGradient; i++) {
      const direction = this.#direction(now.gradient);
      const slope = dot(now.gradient, direction);
      if (slope > -toleranceChange) break;
      const sum = now.gradient.reduce((total, g) => total + Math.abs(g), 0);
      const trial = this.iterations === 1 ? Math.min(1, 1 / sum) * this.lr : this.lr;
      const before = now;
      const start = await this.#values();
      const line: Line = async (length) => {
        evaluations += 1;
        this.#moveTo(start, direction, length);
        return this.#evaluate(loss);
      };
      let length = trial;
      if (this.#options.lineSearch === "strongWolfe") {
        [length, now] = await strongWolfe(line, { start: now, direction, trial, slope });
        this.#moveTo(start, direction, length);
      } else if (i < maxIterations) {
        now = await line(length);
      } else {
        this.#moveTo(start, direction, length);
      }
      this.#last = { direction, length, gradient: before.gradient };
      const moved = largest(direction) * length;
      const isFlat = Math.abs(now.value - before.value) < toleranceChange;
      if (evaluations >= maxEvaluations || moved <= toleranceChange || isFlat) break;
    }
    return first;
  }

  /** What to keep, beside the parameters, to go on later exactly as it would have: plain data. */
  stateDict(): LBFGSState {
    return {
      lr: this.lr,
      iterations: this.iterations,
      history: [...this.#history],
      last: this.#last,
    };
  }

  /** Goes on from a saved state. */
  loadStateDict(saved: LBFGSState): void {
    if (!Array.isArray(saved?.history)) {
      const problem = `loadStateDict takes what stateDict gave, got ${show(saved)}`;
      throw new ArgumentError("LBFGS", problem);
    }
    const size = this.parameters.reduce((sum, w) => sum + w.size, 0);
    const lengths = [...saved.history.map(({ step }) => step.length), saved.last?.gradient.length];
    const wrong = lengths.find((length) => length !== undefined && length !== size);
    if (wrong !== undefined) {
      const problem = `the state was saved for ${wrong} numbers, the parameters have ${size}`;
      throw new ArgumentError("LBFGS", problem);
    }
    this.lr = saved.lr;
    this.iterations = saved.iterations;
    this.#history = [...saved.history];
    this.#last = saved.last;
  }

  /** Forgets the gradients of all parameters. */
  resetGrad(): void {
    for (const parameter of this.parameters) parameter.resetGrad();
  }

  /** The next direction, after the last step has been added to the history. */
  #direction(gradient: Float64Array): Float64Array {
    this.iterations += 1;
    const last = this.#last;
    if (last === null) return gradient.map((g) => -g);
    const step = last.direction.map((d) => d * last.length);
    const change = gradient.map((g, k) => g - last.gradient[k]!);
    const curvature = dot(change, step);
    if (curvature > 1e-10) {
      if (this.#history.length === this.#options.historySize) this.#history.shift();
      this.#history.push({ step, change, curvature });
    }
    return twoLoops(gradient, this.#history);
  }

  async #evaluate(loss: () => Tensor): Promise<Evaluation> {
    this.resetGrad();
    const value = enableGrad(() =>
      scope(() => {
        const value = loss();
        value.backward();
        return value.detach().reshape([1]);
      }),
    );
    const [number] = await value.data();
    value.dispose();
    const gradient = await this.#flat(({ grad }) => grad);
    return { value: Number(number), gradient };
  }

  #values(): Promise<Float64Array> {
    return this.#flat((w) => w);
  }

  /** Numbers of all parameters in one list; zeros for null. */
  async #flat(of: (w: Tensor) => Tensor | null): Promise<Float64Array> {
    const flat = new Float64Array(this.parameters.reduce((sum, w) => sum + w.size, 0));
    let at = 0;
    for (const w of this.parameters) {
      const x = of(w);
      if (x !== null) flat.set(await x.data(), at);
      at += w.size;
    }
    return flat;
  }

  #moveTo(start: Float64Array, direction: Float64Array, length: number): void {
    let at = 0;
    for (const w of this.parameters) {
      const from = at;
      const values = Float64Array.from(
        { length: w.size },
        (_, k) => start[from + k]! + length * direction[from + k]!,
      );
      scope(() => {
        const { backend } = w;
        w.value.assign(fromTypedArray(values, w.shape, { backend }));
      });
      at += w.size;
    }
  }
}

/** The product of the inverse Hessian that the history describes with the negative gradient. */
function twoLoops(gradient: Float64Array, history: readonly Pair[]): Float64Array {
  const result = gradient.map((g) => -g);
  const add = (x: Float64Array, factor: number): void => {
    for (let k = 0; k < result.length; k++) result[k]! += factor * x[k]!;
  };
  const factors = history
    .toReversed()
    .map(({ step, change, curvature }) => {
      const factor = dot(step, result) / curvature;
      add(change, -factor);
      return factor;
    })
    .reverse();
  const newest = history.at(-1);
  if (newest !== undefined) {
    const scale = newest.curvature / dot(newest.change, newest.change);
    for (let k = 0; k < result.length; k++) result[k]! *= scale;
  }
  history.forEach(({ step, change, curvature }, k) => {
    add(step, factors[k]! - dot(change, result) / curvature);
  });
  return result;
}
