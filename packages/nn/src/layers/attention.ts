/** Attention: every position looks at all others, or at those before it. */
import { arange, concat, type Tensor, tensorKind, where } from "@needle/autograd";
import { args, type DrawOptions, type Shape, ShapeError, showShape, sizeOf } from "@needle/ndarray";
import { placement, placementKinds } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { LayerNorm1d } from "./norm.ts";

/** What is added to a score that must not count: softmax makes 0 of it. */
export const never: number = -3.4028234663852886e38;

/**
 * A mask of scores `[…, queries, keys]`, broadcast: bool, true where a query may look at a key, or
 * floats that are added. PyTorch's MultiheadAttention means the opposite by true.
 */
export type AttentionMask = Tensor;

/** Options of one attention. */
export interface AttentionCall {
  readonly mask?: AttentionMask | null;
}

/** A mask, as options hold it. */
export const maskKind: args.Kind = args.orNull(tensorKind);
/** A probability, as options hold it. */
export const probability: args.Kind = args.between(0, 1);

/**
 * Scaled dot-product attention without parameters: `softmax(Q K^T / sqrt(D)) V` for queries
 * `[batch, heads, time, D]`, and the probabilities `[batch, heads, queries, keys]`.
 *
 * Vaswani et al., Attention is all you need (2017); CMU 10-714 hw4_extra.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { MultiHeadAttention } from "@needle/nn";
 * const x = ones([1, 1, 2, 4]);
 * const [output, probabilities] = new MultiHeadAttention({ causal: true }).forward(x, x, x);
 * output.shape; // => [1,1,2,4]
 * probabilities; // => [[[[1.  0. ]
 *    //       [0.5 0.5]]]]
 */
export class MultiHeadAttention extends TensorModule<
  [q: Tensor, k: Tensor, v: Tensor, call?: AttentionCall],
  [output: Tensor, probabilities: Tensor]
> {
  static override readonly tensorInputs: readonly string[] = ["q", "k", "v"];
  readonly causal: boolean;
  readonly dropout: Dropout;

  /** @param options.causal - whether a query sees only keys up to its own position. Default false. */
  constructor(options: { readonly dropout?: number; readonly causal?: boolean } = {}) {
    super();
    args.checkOptions(new.target.name, options, { dropout: probability, causal: args.flag });
    this.causal = options.causal ?? false;
    this.dropout = new Dropout(options.dropout ?? 0);
  }

  /** Scores and their product with the values. */
  override multiplyAdds([q, , v]: readonly Shape[], [, scores]: readonly Shape[]): number {
    return sizeOf(scores!) * (q![3]! + v![3]!);
  }

  forward(q: Tensor, k: Tensor, v: Tensor, call: AttentionCall = {}): [Tensor, Tensor] {
    const name = "MultiHeadAttention";
    const { mask } = args.checkOptions(name, call, { mask: maskKind });
    const shapes = `${showShape(q.shape)}, ${showShape(k.shape)} and ${showShape(v.shape)}`;
    if (q.ndim !== 4 || k.ndim !== 4 || v.ndim !== 4) {
      throw new ShapeError(name, `expected [batch,heads,time,dim] three times, got ${shapes}`);
    }
    if (q.shape[3] !== k.shape[3] || k.shape[2] !== v.shape[2]) {
      throw new ShapeError(name, `queries, keys and values do not go together, ${shapes}`);
    }
    const scale = 1 / Math.sqrt(q.shape[3]!);
    let scores = q.mul(scale).matmul(k.transpose());
    if (this.causal) scores = where(isEarlier(q.shape[2]!, k.shape[2]!, q), scores, never);
    if (mask !== undefined && mask !== null) {
      scores = mask.dtype === "bool" ? where(mask, scores, never) : scores.add(mask);
    }
    const probabilities = this.dropout.forward(scores.softmax(-1));
    return [probabilities.matmul(v), probabilities];
  }
}

/** `[queries, keys]`: whether a key is not after a query; the last of both are at one position. */
function isEarlier(queries: number, keys: number, { backend }: Tensor): Tensor {
  const row = arange(0, keys, 1, { dtype: "int32", backend });
  const column = arange(keys - queries, keys, 1, { dtype: "int32", backend });
  return row.le(column.unsqueeze(1));
}

/** `[batch, time, heads * D] -> [batch, heads, time, D]` */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, time, features] = x.shape as [number, number, number];
  return x.reshape([batch, time, heads, features / heads]).transpose(1, 2);
}

/** `[batch, heads, time, D] -> [batch, time, heads * D]` */
export function joinHeads(x: Tensor): Tensor {
  const [batch, heads, time, dim] = x.shape as [number, number, number, number];
  return x.transpose(1, 2).reshape([batch, time, heads * dim]);
}

/**
 * The keys and values of the steps so far, so that generating one more step does not compute them
 * again. Pass the same cache to every call, and one new step at a time; `dispose` when done.
 */
export class KeyValueCache {
  readonly #layers = new Map<object, readonly [keys: Tensor, values: Tensor]>();

  /** How many steps are held. */
  get length(): number {
    for (const [keys] of this.#layers.values()) return keys.shape[2]!;
    return 0;
  }

  /** Adds the new steps of a layer and gives all of its keys and values. */
  extend(layer: object, keys: Tensor, values: Tensor): readonly [keys: Tensor, values: Tensor] {
    const before = this.#layers.get(layer);
    const parts = [keys, values].map((x, i) => {
      const all = before === undefined ? x.clone() : concat([before[i]!, x], 2);
      return all.detach().keep();
    }) as [Tensor, Tensor];
    for (const x of before ?? []) x.dispose();
    this.#layers.set(layer, parts);
    return parts;
  }

  /** Gives the memory back; the cache is then empty. */
  dispose(): void {
    for (const parts of this.#layers.values()) for (const x of parts) x.dispose();
    this.#layers.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Options of AttentionLayer. */
export interface AttentionLayerOptions extends DrawOptions {
  /** Features of the keys' input. Default those of the queries'. */
  readonly kFeatures?: number;
  /** Features of the values' input. Default those of the queries'. */
  readonly vFeatures?: number;
  /** Default those of the queries'. */
  readonly outFeatures?: number;
  /** Default 0. */
  readonly dropout?: number;
  /** Default true. */
  readonly causal?: boolean;
}

const attentionLayerKinds: args.Kinds<AttentionLayerOptions> = {
  ...placementKinds,
  kFeatures: args.whole(0),
  vFeatures: args.whole(0),
  outFeatures: args.whole(0),
  dropout: probability,
  causal: args.flag,
};

/** Options of a call of AttentionLayer and of what is built of it. */
export interface CachedCall extends AttentionCall {
  /** Where earlier steps are remembered, when generating. */
  readonly cache?: KeyValueCache | null;
}

/** What the options of a cached call must be. */
export const cachedCallKinds: args.Kinds<CachedCall> = {
  mask: maskKind,
  cache: args.orNull({
    expected: "a KeyValueCache",
    holds: (value) => value instanceof KeyValueCache,
  }),
};

/**
 * Attention with its projections (no biases), each input normalized first:
 * `[batch, time, qFeatures] -> [batch, time, outFeatures]`. Without keys and values it attends to
 * the queries' input.
 *
 * CMU 10-714 hw4_extra.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { AttentionLayer } from "@needle/nn";
 * new AttentionLayer(6, 2, 4).forward(ones([3, 5, 6])).shape; // => [3,5,6]
 */
export class AttentionLayer extends TensorModule<
  [q: Tensor, k?: Tensor | null, v?: Tensor | null, call?: CachedCall]
> {
  static override readonly tensorInputs: readonly string[] = ["q"];
  readonly numHead: number;
  readonly prenormQ: LayerNorm1d;
  readonly prenormK: LayerNorm1d;
  readonly prenormV: LayerNorm1d;
  readonly qProjection: Linear;
  readonly kProjection: Linear;
  readonly vProjection: Linear;
  readonly attention: MultiHeadAttention;
  readonly outProjection: Linear;

  constructor(
    qFeatures: number,
    numHead: number,
    dimHead: number,
    options: AttentionLayerOptions = {},
  ) {
    super();
    args.check(new.target.name, "qFeatures", qFeatures, args.whole(0));
    args.checkEach(new.target.name, { numHead, dimHead }, args.whole(1));
    args.checkOptions(new.target.name, options, attentionLayerKinds);
    const { kFeatures = qFeatures, vFeatures = qFeatures, outFeatures = qFeatures } = options;
    const { dropout = 0, causal = true } = options;
    const inner = numHead * dimHead;
    const where = placement(options);
    const plain = { ...where, bias: false };
    this.numHead = numHead;
    this.prenormQ = new LayerNorm1d(qFeatures, where);
    this.prenormK = new LayerNorm1d(kFeatures, where);
    this.prenormV = new LayerNorm1d(vFeatures, where);
    this.qProjection = new Linear(qFeatures, inner, plain);
    this.kProjection = new Linear(kFeatures, inner, plain);
    this.vProjection = new Linear(vFeatures, inner, plain);
    this.attention = new MultiHeadAttention({ dropout, causal });
    this.outProjection = new Linear(inner, outFeatures, plain);
  }

  forward(q: Tensor, k?: Tensor | null, v?: Tensor | null, call: CachedCall = {}): Tensor {
    args.checkEach("AttentionLayer", { k: k ?? null, v: v ?? null }, maskKind);
    const { mask, cache } = args.checkOptions("AttentionLayer", call, cachedCallKinds);
    const heads = (projection: Linear, norm: LayerNorm1d, x: Tensor): Tensor =>
      splitHeads(projection.forward(norm.forward(x)), this.numHead);
    const queries = heads(this.qProjection, this.prenormQ, q);
    let keys = heads(this.kProjection, this.prenormK, k ?? q);
    let values = heads(this.vProjection, this.prenormV, v ?? k ?? q);
    if (cache) [keys, values] = cache.extend(this, keys, values);
    const [output] = this.attention.forward(queries, keys, values, { mask });
    return this.outProjection.forward(joinHeads(output));
  }
}
