/** PyTorch's attention layer. */
import { type Tensor, where } from "@needle/autograd";
import {
  ArgumentError,
  args,
  type DrawOptions,
  ShapeError,
  scope,
  showShape,
} from "@needle/ndarray";
import { xavierUniform } from "../init.ts";
import { placement, placementKinds } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";
import {
  type CachedCall,
  cachedCallKinds,
  joinHeads,
  MultiHeadAttention,
  maskKind,
  never,
  probability,
  splitHeads,
} from "./attention.ts";
import { Linear } from "./linear.ts";

/** Options of MultiheadAttention. */
export interface MultiheadAttentionOptions extends DrawOptions {
  /** Default 0. */
  readonly dropout?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Features of the keys' input. Default `embedDim`. */
  readonly kDim?: number;
  /** Features of the values' input. Default `embedDim`. */
  readonly vDim?: number;
  /** Inputs and outputs are `[batch, time, …]` instead of `[time, batch, …]`. Default false. */
  readonly batchFirst?: boolean;
}

const multiheadAttentionKinds: args.Kinds<MultiheadAttentionOptions> = {
  ...placementKinds,
  dropout: probability,
  bias: args.flag,
  kDim: args.whole(1),
  vDim: args.whole(1),
  batchFirst: args.flag,
};

/** Options of a call of MultiheadAttention. */
export interface MultiheadAttentionCall extends CachedCall {
  /** Whether a query sees only keys up to its own position. Default false. */
  readonly causal?: boolean;
  /** `[batch, keys]`, true at keys that count. */
  readonly keyMask?: Tensor | null;
}

const multiheadCallKinds: args.Kinds<MultiheadAttentionCall> = {
  ...cachedCallKinds,
  causal: args.flag,
  keyMask: maskKind,
};

/**
 * PyTorch's attention layer: projections with biases, heads of `embedDim / numHeads`, and the
 * probabilities averaged over the heads.
 *
 * Unlike PyTorch's, weights are `[in, out]`, and masks are true where a query may look.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { MultiheadAttention } from "@needle/nn";
 * const x = ones([2, 5, 8]);
 * const layer = new MultiheadAttention(8, 2, { batchFirst: true });
 * const [output, weights] = layer.forward(x, x, x);
 * [output.shape, weights.shape]; // => [[2,5,8],[2,5,5]]
 */
export class MultiheadAttention extends TensorModule<
  [q: Tensor, k: Tensor, v: Tensor, call?: MultiheadAttentionCall],
  [output: Tensor, weights: Tensor]
> {
  static override readonly tensorInputs: readonly string[] = ["q", "k", "v"];
  readonly embedDim: number;
  readonly numHeads: number;
  readonly batchFirst: boolean;
  readonly qProjection: Linear;
  readonly kProjection: Linear;
  readonly vProjection: Linear;
  readonly outProjection: Linear;
  readonly attention: MultiHeadAttention;
  readonly causalAttention: MultiHeadAttention;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    args.checkEach(new.target.name, { embedDim, numHeads }, args.whole(1));
    args.checkOptions(new.target.name, options, multiheadAttentionKinds);
    if (embedDim % numHeads !== 0) {
      const problem = `embedDim ${embedDim} is not a multiple of ${numHeads} heads`;
      throw new ArgumentError("MultiheadAttention", problem);
    }
    const { dropout = 0, bias = true, kDim = embedDim, vDim = embedDim } = options;
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.batchFirst = options.batchFirst ?? false;
    // As if the three were one matrix of [in, 3 * embedDim], where they have one input size.
    const isPacked = kDim === embedDim && vDim === embedDim;
    const gain = isPacked ? Math.SQRT1_2 : 1;
    this.qProjection = projection(embedDim, embedDim, bias, gain, options);
    this.kProjection = projection(kDim, embedDim, bias, gain, options);
    this.vProjection = projection(vDim, embedDim, bias, gain, options);
    this.outProjection = projection(embedDim, embedDim, bias, Math.sqrt(1 / 3), options);
    this.attention = new MultiHeadAttention({ dropout });
    this.causalAttention = new MultiHeadAttention({ dropout, causal: true });
  }

  forward(q: Tensor, k: Tensor, v: Tensor, call: MultiheadAttentionCall = {}): [Tensor, Tensor] {
    args.checkOptions("MultiheadAttention", call, multiheadCallKinds);
    const heads = (layer: Linear, x: Tensor): Tensor => {
      if (x.ndim !== 3) {
        const axes = this.batchFirst ? "batch,time" : "time,batch";
        const problem = `expected [${axes},features], got ${showShape(x.shape)}`;
        throw new ShapeError("MultiheadAttention", problem);
      }
      return splitHeads(layer.forward(this.batchFirst ? x : x.transpose(0, 1)), this.numHeads);
    };
    const queries = heads(this.qProjection, q);
    let [keys, values] = [heads(this.kProjection, k), heads(this.vProjection, v)];
    if (call.cache) [keys, values] = call.cache.extend(this, keys, values);
    const attention = call.causal ? this.causalAttention : this.attention;
    const mask = joinMasks(call.mask ?? null, call.keyMask ?? null);
    const [output, probabilities] = attention.forward(queries, keys, values, { mask });
    const joined = this.outProjection.forward(joinHeads(output));
    return [this.batchFirst ? joined : joined.transpose(0, 1), probabilities.mean(1)];
  }
}

/** A key's mask stretched over heads and queries, together with another mask. */
function joinMasks(mask: Tensor | null, keyMask: Tensor | null): Tensor | null {
  if (keyMask === null) return mask;
  const keys = keyMask.unsqueeze(1).unsqueeze(1);
  if (mask === null) return keys;
  if (mask.dtype === "bool") return mask.logicalAnd(keys);
  return where(keys, mask, never);
}

function projection(
  inFeatures: number,
  outFeatures: number,
  bias: boolean,
  gain: number,
  options: DrawOptions,
): Linear {
  const where = placement(options);
  const layer = new Linear(inFeatures, outFeatures, { ...where, bias });
  scope(() => {
    layer.weight.assign(xavierUniform(inFeatures, outFeatures, { ...where, gain }));
  });
  layer.bias?.assign(0);
  return layer;
}
