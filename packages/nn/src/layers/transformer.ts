/** The course's transformer: a decoder with normalization in front of each part. */
import { arange, type Tensor, zerosLike } from "@needle/autograd";
import { args, type DrawOptions, ShapeError, showShape } from "@needle/ndarray";
import { placement, placementKinds } from "../placement.ts";
import { TensorModule } from "../tensor-module.ts";
import { ReLU } from "./activation.ts";
import { AttentionLayer, type CachedCall, cachedCallKinds } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { Embedding } from "./embedding.ts";
import { Linear } from "./linear.ts";
import { LayerNorm1d } from "./norm.ts";

/** Options of TransformerLayer. */
export interface TransformerLayerOptions extends DrawOptions {
  /** Default 0. */
  readonly dropout?: number;
  /** Default true. */
  readonly causal?: boolean;
}

const transformerLayerKinds: args.Kinds<TransformerLayerOptions> = {
  ...placementKinds,
  dropout: args.between(0, 1),
  causal: args.flag,
};

/**
 * Attention, then two linear layers, each added to its input:
 * `x = x + drop(attention(x))`, `x = x + drop(linear2(drop(relu(linear1(norm(x))))))`;
 * `[batch, time, features] -> [batch, time, features]`.
 *
 * CMU 10-714 hw4_extra; Xiong et al., On layer normalization in the transformer architecture (2020).
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { TransformerLayer } from "@needle/nn";
 * new TransformerLayer(6, 2, 4, 16).forward(ones([3, 5, 6])).shape; // => [3,5,6]
 */
export class TransformerLayer extends TensorModule<[x: Tensor, call?: CachedCall]> {
  readonly attention: AttentionLayer;
  readonly norm: LayerNorm1d;
  readonly linear1: Linear;
  readonly relu: ReLU = new ReLU();
  readonly linear2: Linear;
  readonly dropout: Dropout;

  constructor(
    features: number,
    numHead: number,
    dimHead: number,
    hiddenSize: number,
    options: TransformerLayerOptions = {},
  ) {
    super();
    args.checkEach(new.target.name, { features, numHead, dimHead }, args.whole(1));
    args.check(new.target.name, "hiddenSize", hiddenSize, args.whole(0));
    args.checkOptions(new.target.name, options, transformerLayerKinds);
    const where = placement(options);
    this.attention = new AttentionLayer(features, numHead, dimHead, options);
    this.norm = new LayerNorm1d(features, where);
    this.linear1 = new Linear(features, hiddenSize, where);
    this.linear2 = new Linear(hiddenSize, features, where);
    this.dropout = new Dropout(options.dropout ?? 0);
  }

  forward(x: Tensor, call: CachedCall = {}): Tensor {
    const attended = x.add(this.dropout.forward(this.attention.forward(x, null, null, call)));
    const hidden = this.relu.forward(this.linear1.forward(this.norm.forward(attended)));
    const output = this.linear2.forward(this.dropout.forward(hidden));
    return attended.add(this.dropout.forward(output));
  }
}

/** Options of Transformer. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Default 8. */
  readonly numHead?: number;
  /** Default 32. */
  readonly dimHead?: number;
  /** Inputs and outputs are `[batch, time, …]` instead of `[time, batch, …]`. Default false. */
  readonly batchFirst?: boolean;
  /** The most steps of an input; each has a learned vector. Default 2048. */
  readonly sequenceLen?: number;
}

const transformerKinds: args.Kinds<TransformerOptions> = {
  ...transformerLayerKinds,
  numHead: args.whole(1),
  dimHead: args.whole(1),
  batchFirst: args.flag,
  sequenceLen: args.whole(0),
};

/**
 * A stack of layers over inputs with learned positions: `[time, batch, embeddingSize]` to the same.
 * The second result stands for a recurrent layer's state, so that one can take the other's place.
 *
 * CMU 10-714 hw4_extra.
 *
 * @throws ShapeError for inputs of another shape or of more than `sequenceLen` steps.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { Transformer } from "@needle/nn";
 * const model = new Transformer(6, 16, 2, { numHead: 2, dimHead: 4, sequenceLen: 10 });
 * model.forward(ones([5, 3, 6]))[0].shape; // => [5,3,6]
 */
export class Transformer extends TensorModule<
  [x: Tensor, state?: Tensor | null, call?: CachedCall],
  [output: Tensor, state: Tensor]
> {
  readonly embeddingSize: number;
  readonly batchFirst: boolean;
  readonly positions: Embedding;
  readonly layers: readonly TransformerLayer[];

  constructor(
    embeddingSize: number,
    hiddenSize: number,
    numLayers: number,
    options: TransformerOptions = {},
  ) {
    super();
    args.check(new.target.name, "embeddingSize", embeddingSize, args.whole(1));
    args.checkEach(new.target.name, { hiddenSize, numLayers }, args.whole(0));
    args.checkOptions(new.target.name, options, transformerKinds);
    const { numHead = 8, dimHead = 32, batchFirst = false, sequenceLen = 2048 } = options;
    const { dropout, causal } = options;
    const inner = { ...placement(options), dropout, causal };
    this.embeddingSize = embeddingSize;
    this.batchFirst = batchFirst;
    this.positions = new Embedding(sequenceLen, embeddingSize, placement(options));
    this.layers = Array.from(
      { length: numLayers },
      () => new TransformerLayer(embeddingSize, numHead, dimHead, hiddenSize, inner),
    );
  }

  /** @param call.cache - holds the steps before; `x` are then the steps after those. */
  forward(x: Tensor, _state?: Tensor | null, call: CachedCall = {}): [Tensor, Tensor] {
    args.checkOptions("Transformer", call, cachedCallKinds);
    if (x.ndim !== 3 || x.shape[2] !== this.embeddingSize) {
      const axes = this.batchFirst ? "batch,time" : "time,batch";
      const problem = `expected [${axes},${this.embeddingSize}], got ${showShape(x.shape)}`;
      throw new ShapeError("Transformer", problem);
    }
    const sequence = this.batchFirst ? x : x.transpose(0, 1);
    const first = call.cache?.length ?? 0;
    const end = first + sequence.shape[1]!;
    const longest = this.positions.weight.shape[0]!;
    if (end > longest) {
      const problem = `${end} steps, at most ${longest} have a position`;
      throw new ShapeError("Transformer", problem, "Raise sequenceLen, or shorten the input.");
    }
    const { backend } = x;
    const steps = this.positions.forward(arange(first, end, 1, { dtype: "int32", backend }));
    const output = this.layers.reduce(
      (input, layer) => layer.forward(input, call),
      sequence.add(steps),
    );
    return [this.batchFirst ? output : output.transpose(0, 1), zerosLike(x)];
  }
}
