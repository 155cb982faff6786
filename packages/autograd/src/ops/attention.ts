/** Scaled dot-product attention. */
import * as nd from "@needle/ndarray";
import { checkTensors, tensorKind } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { type DropoutOptions, dropout } from "./dropout.ts";
import { add, eq, mul, where } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { max } from "./reduce.ts";
import { softmax } from "./softmax.ts";
import { transpose } from "./views.ts";

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions extends DropoutOptions {
  /**
   * What each query may look at; broadcasts to `[…, queries, keys]`. Of bools, true lets it look; of
   * floats, they are added to the scores.
   */
  readonly mask?: Tensor;
  /** Whether query `i` may look at keys 0 to `i` only; together with a mask both hold. Default false. */
  readonly causal?: boolean;
  /** The probability with which a weight is dropped. Default 0. */
  readonly dropout?: number;
  /** The factor of the scores. Default `1 / sqrt(features)`. */
  readonly scale?: number;
}

const attentionOptions: nd.args.Kinds<AttentionOptions> = {
  training: nd.args.flag,
  generator: nd.generatorKind,
  mask: tensorKind,
  causal: nd.args.flag,
  dropout: nd.args.number,
  scale: nd.args.number,
};

/**
 * `softmax(scale q k^T + mask) v`: for each query a mean of the values, weighted by how well its key
 * fits. `q […, queries, features]`, `k […, keys, features]` and `v […, keys, out]` give
 * `[…, queries, out]`; the leading axes broadcast. A query that may look at no key gets 0, and sends
 * no gradient. Vaswani et al., Attention is all you need (2017).
 *
 * @throws ShapeError for shapes that do not fit; DTypeError for a mask of integers; ArgumentError
 * for a dropout outside [0, 1].
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const q = tensor([[0, 0], [0, 0]]);
 * const v = tensor([[1, 2], [3, 4]]);
 * q.scaledDotProductAttention(q, v, { causal: true }); // => [[1. 2.]
 *    //     [2. 3.]]
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  checkTensors("scaledDotProductAttention", [q, k, v]);
  nd.args.checkOptions("scaledDotProductAttention", options, attentionOptions);
  const op = "scaledDotProductAttention";
  checkTensors(op, [q, k, v]);
  const { mask, causal = false, scale = 1 / Math.sqrt(q.shape.at(-1)!) } = options;
  checkShapes(op, q, k, v, mask);
  return nd.scope(
    () => {
      const scores = matmul(mul(q, scale), transpose(k));
      const allowed = causal ? masked(scores, lowerTriangle(scores)) : scores;
      const weights = mask === undefined ? softmax(allowed) : weightsOf(masked(allowed, mask));
      const { training, generator } = options;
      return matmul(dropout(weights, options.dropout ?? 0, { training, generator }), v);
    },
    { label: op },
  );
}

/** The scores with minus infinity where the mask is false, or with the mask added. */
function masked(scores: Tensor, mask: Tensor): Tensor {
  if (mask.dtype !== "bool") return add(scores, mask);
  return where(mask, scores, Number.NEGATIVE_INFINITY);
}

/** True where the key is not after the query. */
function lowerTriangle(scores: Tensor): Tensor {
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  const { backend } = scores;
  const row = nd.reshape(nd.arange(0, queries, 1, { backend }), [queries, 1]);
  return new Tensor(nd.le(nd.arange(0, keys, 1, { backend }), row));
}

/** Softmax, but 0 for rows of minus infinity, where it would be NaN. */
function weightsOf(scores: Tensor): Tensor {
  if (scores.shape.at(-1) === 0) return softmax(scores);
  const isBlind = eq(max(scores.detach(), -1, { keepdims: true }), Number.NEGATIVE_INFINITY);
  return where(isBlind, 0, softmax(where(isBlind, 0, scores)));
}

function checkShapes(op: string, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | undefined): void {
  const shapes = [q, k, v].map((x) => nd.showShape(x.shape)).join(", ");
  if (q.ndim < 2 || k.ndim < 2 || v.ndim < 2) {
    const expected = "queries, keys and values […,length,features]";
    throw new nd.ShapeError(op, `expected ${expected}, got ${shapes}`);
  }
  if (q.shape.at(-1) !== k.shape.at(-1)) {
    const features = `${q.shape.at(-1)} vs ${k.shape.at(-1)}`;
    throw new nd.ShapeError(op, `queries and keys differ in features, ${shapes} (${features})`);
  }
  if (k.shape.at(-2) !== v.shape.at(-2)) {
    const lengths = `${k.shape.at(-2)} vs ${v.shape.at(-2)}`;
    throw new nd.ShapeError(op, `keys and values differ in length, ${shapes} (${lengths})`);
  }
  const batch = nd.broadcastShapes(op, ...[q, k, v].map((x) => x.shape.slice(0, -2)));
  if (mask === undefined) return;
  if (mask.dtype !== "bool" && !nd.isFloat(mask.dtype)) {
    throw new nd.DTypeError(op, `a mask is of bools or floats, got ${mask.dtype}`);
  }
  const scores = [...batch, q.shape.at(-2)!, k.shape.at(-2)!];
  if (!nd.sameShape(nd.broadcastShapes(op, scores, mask.shape), scores)) {
    const got = nd.showShape(mask.shape);
    throw new nd.ShapeError(op, `the mask ${got} does not broadcast to ${nd.showShape(scores)}`);
  }
}
