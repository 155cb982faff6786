/** PyTorch's transformer layers, with normalization before or after each part. */
import type { Tensor } from "@needle/autograd";
import { ArgumentError, args, type DrawOptions } from "@needle/ndarray";
import { placement, placementKinds } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { MultiheadAttention, type MultiheadAttentionCall } from "./multihead-attention.ts";
import { LayerNorm1d } from "./norm.ts";

const activations = {
  relu: (x: Tensor): Tensor => x.relu(),
  gelu: (x: Tensor): Tensor => x.gelu(),
} as const;

/** Options of the encoder's and the decoder's layers. */
export interface EncoderDecoderOptions extends DrawOptions {
  /** Features between the two linear layers. Default 2048. */
  readonly hiddenSize?: number;
  /** Default 0.1. */
  readonly dropout?: number;
  /** Default `"relu"`. */
  readonly activation?: keyof typeof activations;
  /** Of the normalizations. Default 1e-5. */
  readonly eps?: number;
  /** Inputs and outputs are `[batch, time, …]` instead of `[time, batch, …]`. Default false. */
  readonly batchFirst?: boolean;
  /** Normalize the input of each part instead of its sum with the result. Default false. */
  readonly normFirst?: boolean;
}

const blockKinds: args.Kinds<EncoderDecoderOptions> = {
  ...placementKinds,
  hiddenSize: args.whole(0),
  dropout: args.between(0, 1),
  activation: args.oneOf(...Object.keys(activations)),
  eps: args.atLeast(0),
  batchFirst: args.flag,
  normFirst: args.flag,
};

/** What both kinds of layers have: a last part of two linear layers, and the order of things. */
abstract class Block<Inputs extends readonly unknown[]> extends TensorModule<Inputs> {
  readonly normFirst: boolean;
  readonly activation: keyof typeof activations;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly dropout: Dropout;

  constructor(features: number, heads: number, options: EncoderDecoderOptions) {
    super();
    args.checkEach(new.target.name, { features, heads }, args.whole(1));
    args.checkOptions(new.target.name, options, blockKinds);
    if (features % heads !== 0) {
      const problem = `features ${features} are not a multiple of ${heads} heads`;
      throw new ArgumentError(new.target.name, problem);
    }
    const { hiddenSize = 2048, dropout = 0.1, activation = "relu", normFirst = false } = options;
    this.normFirst = normFirst;
    this.activation = activation;
    this.linear1 = new Linear(features, hiddenSize, placement(options));
    this.linear2 = new Linear(hiddenSize, features, placement(options));
    this.dropout = new Dropout(dropout);
  }

  /** `x` plus a part of it, normalized before or after. */
  protected addPart(x: Tensor, norm: LayerNorm1d, part: (x: Tensor) => Tensor): Tensor {
    if (this.normFirst) return x.add(this.dropout.forward(part(norm.forward(x))));
    return norm.forward(x.add(this.dropout.forward(part(x))));
  }

  protected feedForward(x: Tensor): Tensor {
    const hidden = activations[this.activation](this.linear1.forward(x));
    return this.linear2.forward(this.dropout.forward(hidden));
  }
}

function attentionOf(features: number, heads: number, options: EncoderDecoderOptions) {
  const { dropout = 0.1, batchFirst } = options;
  return new MultiheadAttention(features, heads, { ...placement(options), dropout, batchFirst });
}

function normOf(features: number, options: EncoderDecoderOptions): LayerNorm1d {
  return new LayerNorm1d(features, { ...placement(options), eps: options.eps });
}

/**
 * Self attention and two linear layers, each added to its input and normalized:
 * `[time, batch, features]` to the same.
 *
 * Vaswani et al., Attention is all you need (2017).
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { TransformerEncoderLayer } from "@needle/nn";
 * new TransformerEncoderLayer(8, 2, { hiddenSize: 16 }).forward(ones([5, 3, 8])).shape; // => [5,3,8]
 */
export class TransformerEncoderLayer extends Block<[x: Tensor, call?: MultiheadAttentionCall]> {
  readonly attention: MultiheadAttention;
  readonly norm1: LayerNorm1d;
  readonly norm2: LayerNorm1d;

  constructor(features: number, heads: number, options: EncoderDecoderOptions = {}) {
    super(features, heads, options);
    this.attention = attentionOf(features, heads, options);
    this.norm1 = normOf(features, options);
    this.norm2 = normOf(features, options);
  }

  forward(x: Tensor, call: MultiheadAttentionCall = {}): Tensor {
    const attended = this.addPart(x, this.norm1, (y) => this.attention.forward(y, y, y, call)[0]);
    return this.addPart(attended, this.norm2, (y) => this.feedForward(y));
  }
}

/** How a decoder's layer looks at itself and at the encoder's output. */
export interface DecoderCall {
  /** At the target itself. Default causal. */
  readonly target?: MultiheadAttentionCall;
  /** At the memory. */
  readonly memory?: MultiheadAttentionCall;
}

const callKind = args.having("an object");
const decoderCallKinds: args.Kinds<DecoderCall> = { target: callKind, memory: callKind };

/**
 * Self attention, attention to the encoder's output (the memory), and two linear layers, each added
 * to its input and normalized: `[time, batch, features]` to the same.
 *
 * Vaswani et al., Attention is all you need (2017). Unlike PyTorch's, the self attention is causal
 * unless `target` says otherwise.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { TransformerDecoderLayer } from "@needle/nn";
 * const layer = new TransformerDecoderLayer(8, 2, { hiddenSize: 16, batchFirst: true });
 * layer.forward(ones([3, 5, 8]), ones([3, 7, 8])).shape; // => [3,5,8]
 */
export class TransformerDecoderLayer extends Block<
  [x: Tensor, memory: Tensor, call?: DecoderCall]
> {
  static override readonly tensorInputs: readonly string[] = ["x", "memory"];
  readonly selfAttention: MultiheadAttention;
  readonly memoryAttention: MultiheadAttention;
  readonly norm1: LayerNorm1d;
  readonly norm2: LayerNorm1d;
  readonly norm3: LayerNorm1d;

  constructor(features: number, heads: number, options: EncoderDecoderOptions = {}) {
    super(features, heads, options);
    this.selfAttention = attentionOf(features, heads, options);
    this.memoryAttention = attentionOf(features, heads, options);
    this.norm1 = normOf(features, options);
    this.norm2 = normOf(features, options);
    this.norm3 = normOf(features, options);
  }

  forward(x: Tensor, memory: Tensor, call: DecoderCall = {}): Tensor {
    args.checkOptions("TransformerDecoderLayer", call, decoderCallKinds);
    const { target = { causal: true }, memory: lookup = {} } = call;
    const own = this.addPart(x, this.norm1, (y) => {
      return this.selfAttention.forward(y, y, y, target)[0];
    });
    const both = this.addPart(own, this.norm2, (y) => {
      return this.memoryAttention.forward(y, memory, memory, lookup)[0];
    });
    return this.addPart(both, this.norm3, (y) => this.feedForward(y));
  }
}
