/** Vectors for words, and for positions. */
import {
  arange,
  cos,
  randn,
  sin,
  stack,
  type Tensor,
  tensor,
  tensorKind,
  where,
} from "@needle/autograd";
import {
  ArgumentError,
  args,
  type DrawOptions,
  DTypeError,
  isFloat,
  ShapeError,
  showShape,
} from "@needle/ndarray";
import { Parameter } from "../parameter.ts";
import { placement, placementKinds } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";

/** Options of Embedding. */
export interface EmbeddingOptions extends DrawOptions {
  /** A row that is zero at first and is not learned. Default null: none. */
  readonly paddingIndex?: number | null;
}

const embeddingKinds: args.Kinds<EmbeddingOptions> = {
  ...placementKinds,
  paddingIndex: args.orNull(args.whole()),
};

/** Of time, among `[batch, time, dim]`. */
const axisKind: args.Kind = { expected: "0 or 1", holds: (axis) => axis === 0 || axis === 1 };
/** A position of the first step. */
const firstKind = args.whole(0);

/**
 * A row of a table for each position: `[…] -> […, dim]`, with the table `[count, dim]` drawn from
 * the standard normal distribution (CMU 10-714 hw4).
 *
 * @throws IndexError for a position outside the table; DTypeError unless positions are integers.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { Embedding } from "@needle/nn";
 * const words = tensor([[4, 0, 4]], { dtype: "int32" });
 * new Embedding(10, 3).forward(words).shape; // => [1,3,3]
 */
export class Embedding extends TensorModule {
  static override readonly tensorInputs: readonly string[] = ["positions"];
  readonly weight: Parameter;
  readonly paddingIndex: number | null;

  constructor(count: number, dim: number, options: EmbeddingOptions = {}) {
    super();
    args.checkEach(new.target.name, { count, dim }, args.whole(0));
    const { paddingIndex = null } = args.checkOptions(new.target.name, options, embeddingKinds);
    if (paddingIndex !== null && !(paddingIndex >= 0 && paddingIndex < count)) {
      const problem = `paddingIndex must be below ${count}, got ${paddingIndex}`;
      throw new ArgumentError("Embedding", problem);
    }
    this.weight = new Parameter(randn([count, dim], placement(options)));
    this.paddingIndex = paddingIndex;
    if (paddingIndex !== null) this.weight.value.slice(paddingIndex).assign(0);
  }

  override describe(): string {
    return this.weight.shape.join(", ");
  }

  forward(positions: Tensor): Tensor {
    if (isFloat(positions.dtype) || positions.dtype === "bool") {
      const problem = `positions are integers, got ${positions.dtype}`;
      throw new DTypeError("Embedding", problem, 'Convert with astype("int32") first.');
    }
    const rows = this.weight.take(positions.astype("int32"));
    if (this.paddingIndex === null) return rows;
    // The row of the padding is a constant.
    return where(positions.eq(this.paddingIndex).unsqueeze(-1), rows.detach(), rows);
  }
}

/**
 * Adds to every step a vector of sines and cosines of its position: with `axis` the axis of time,
 * `x[t, 2i] + sin(t / base^(2i / dim))` and `x[t, 2i + 1] + cos(t / base^(2i / dim))`.
 *
 * Vaswani et al., Attention is all you need (2017), section 3.5.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { SinusoidalPositions } from "@needle/nn";
 * new SinusoidalPositions(4).forward(zeros([1, 2, 4])).slice(0).mul(100).round(); // => [[  0. 100.   0. 100.]
 *    //     [ 84.  54.   1. 100.]]
 */
export class SinusoidalPositions extends TensorModule<[x: Tensor, first?: number]> {
  readonly dim: number;
  readonly base: number;
  readonly axis: number;

  /** @param options.axis - default 1, of `[batch, time, dim]`. */
  constructor(dim: number, options: { readonly base?: number; readonly axis?: 0 | 1 } = {}) {
    super();
    args.check(new.target.name, "dim", dim, args.whole(0));
    args.checkOptions(new.target.name, options, { base: args.above(0), axis: axisKind });
    if (dim % 2 !== 0) throw new ArgumentError("SinusoidalPositions", `dim is even, got ${dim}`);
    this.dim = dim;
    this.base = options.base ?? 1e4;
    this.axis = options.axis ?? 1;
  }

  /** @param first - the position of the first step. Default 0. */
  forward(x: Tensor, first = 0): Tensor {
    args.check("SinusoidalPositions", "first", first, firstKind);
    if (x.ndim !== 3 || x.shape[2] !== this.dim) {
      const problem = `expected [batch,time,${this.dim}], got ${showShape(x.shape)}`;
      throw new ShapeError("SinusoidalPositions", problem);
    }
    const time = x.shape[this.axis]!;
    const angles = anglesOf(x, { first, time, dim: this.dim, base: this.base });
    const waves = stack([sin(angles), cos(angles)], -1).reshape([time, this.dim]);
    return x.add(waves.unsqueeze(1 - this.axis));
  }
}

/** `[time, dim / 2]`: the position times `base^(-2i / dim)`. */
function anglesOf(
  like: Tensor,
  at: {
    readonly first: number;
    readonly time: number;
    readonly dim: number;
    readonly base: number;
  },
): Tensor {
  const { backend, dtype } = like;
  const rates = Array.from({ length: at.dim / 2 }, (_, i) => at.base ** ((-2 * i) / at.dim));
  const positions = arange(at.first, at.first + at.time, 1, { backend, dtype });
  return positions.unsqueeze(1).mul(tensor(rates, { backend, dtype }));
}

/**
 * Adds to every step a vector of its position that is learned: `[batch, time, dim]`, at most
 * `length` steps.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { LearnedPositions } from "@needle/nn";
 * new LearnedPositions(100, 4).forward(zeros([2, 7, 4])).shape; // => [2,7,4]
 */
export class LearnedPositions extends TensorModule<[x: Tensor, first?: number]> {
  readonly embedding: Embedding;
  readonly axis: number;

  /** @param options.axis - of time; default 1, of `[batch, time, dim]`. */
  constructor(length: number, dim: number, options: DrawOptions & { readonly axis?: 0 | 1 } = {}) {
    super();
    args.checkEach(new.target.name, { length, dim }, args.whole(0));
    args.checkOptions(new.target.name, options, { ...placementKinds, axis: axisKind });
    this.embedding = new Embedding(length, dim, placement(options));
    this.axis = options.axis ?? 1;
  }

  /** @param first - the position of the first step. Default 0. */
  forward(x: Tensor, first = 0): Tensor {
    args.check("LearnedPositions", "first", first, firstKind);
    const [length, dim] = this.embedding.weight.shape as [number, number];
    const time = x.shape[this.axis] ?? 0;
    if (x.ndim !== 3 || x.shape[2] !== dim) {
      const problem = `expected [batch,time,${dim}], got ${showShape(x.shape)}`;
      throw new ShapeError("LearnedPositions", problem);
    }
    if (first + time > length) {
      const problem = `positions ${first} to ${first + time - 1}, there are ${length}`;
      throw new ShapeError("LearnedPositions", problem, "Make it longer, or shorten the input.");
    }
    const rows = this.embedding.weight.slice([first, first + time]);
    return x.add(rows.unsqueeze(1 - this.axis));
  }
}

/**
 * Turns pairs of features by an angle that grows with the position, so that products of queries and
 * keys depend on their distance: `[…, time, dim]`. Feature i goes with feature `i + dim / 2`.
 *
 * Su et al., RoFormer: enhanced transformer with rotary position embedding (2021).
 *
 * @param options.first - the position of the first step. Default 0.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { rotary } from "@needle/nn";
 * rotary(ones([2, 2])).mul(100).round(); // => [[100. 100.]
 *    //     [-30. 138.]]
 */
export function rotary(
  x: Tensor,
  options: { readonly first?: number; readonly base?: number } = {},
): Tensor {
  args.check("rotary", "x", x, tensorKind);
  args.checkOptions("rotary", options, { first: firstKind, base: args.above(0) });
  const { first = 0, base = 1e4 } = options;
  const dim = x.shape.at(-1) ?? 0;
  if (x.ndim < 2 || dim % 2 !== 0) {
    throw new ShapeError("rotary", `expected […,time,even], got ${showShape(x.shape)}`);
  }
  const angles = anglesOf(x, { first, time: x.shape.at(-2)!, dim, base });
  const [c, s] = [cos(angles), sin(angles)];
  const [a, b] = [x.slice("...", [0, dim / 2]), x.slice("...", [dim / 2, dim])];
  const turned = stack([a.mul(c).sub(b.mul(s)), a.mul(s).add(b.mul(c))], -2);
  return turned.reshape(x.shape);
}
