/** Dropout: random parts of a tensor set to 0. The mask is a constant in every derivative. */
import * as nd from "@needle/ndarray";
import { zerosLike } from "../create.ts";
import { checkTensors } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { add, mul } from "./elementwise.ts";

/** Options of dropout. */
export interface DropoutOptions {
  /** Whether to drop anything at all; the tensor itself if not. Default true. */
  readonly training?: boolean;
  /** What draws the mask; the default generator unless given. */
  readonly generator?: nd.Generator;
}

const dropoutOptions: nd.args.Kinds<DropoutOptions> = {
  training: nd.args.flag,
  generator: nd.generatorKind,
};

/**
 * Each element set to 0 with probability `p` (0.5 unless given), the others scaled by
 * `1 / (1 - p)`, so that the expected value stays. An element stays where a uniform number is at
 * most `1 - p`. Srivastava et al., Dropout (2014).
 *
 * @throws ArgumentError unless `p` is from 0 to 1.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { NumpyGenerator } from "@needle/ndarray";
 * ones([5]).dropout(0.5, { generator: new NumpyGenerator(0) }); // => [0. 0. 0. 0. 2.]
 * ones([5]).dropout(0.5, { training: false }); // => [1. 1. 1. 1. 1.]
 */
export function dropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  checkTensors("dropout", [x]);
  nd.args.checkOptions("dropout", options, dropoutOptions);
  checkProbability("dropout", p);
  return dropped(x, p, x.shape, options);
}

/**
 * Whole channels set to 0 with probability `p`, the others scaled by `1 / (1 - p)`:
 * `[batch, channels, length]` or `[channels, length]`. Tompson et al. (2015).
 *
 * @throws ArgumentError unless `p` is from 0 to 1; ShapeError for other numbers of axes.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * import { NumpyGenerator } from "@needle/ndarray";
 * ones([2, 3]).dropout1d(0.4, { generator: new NumpyGenerator(1) }).mul(0.6); // => [[1. 1. 1.]
 *    //     [0. 0. 0.]]
 */
export function dropout1d(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  checkTensors("dropout1d", [x]);
  nd.args.checkOptions("dropout1d", options, dropoutOptions);
  checkProbability("dropout1d", p);
  if (x.ndim === 2) return dropped(x, p, [x.shape[0]!, 1], options);
  checkRank("dropout1d", x, 3, "[batch,channels,length] or [channels,length]");
  return dropped(x, p, [x.shape[0]!, x.shape[1]!, 1], options);
}

/**
 * Whole channels set to 0 with probability `p`, the others scaled by `1 / (1 - p)`:
 * `[batch, channels, height, width]`.
 *
 * @throws ArgumentError unless `p` is from 0 to 1; ShapeError unless there are four axes.
 */
export function dropout2d(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  checkTensors("dropout2d", [x]);
  nd.args.checkOptions("dropout2d", options, dropoutOptions);
  checkProbability("dropout2d", p);
  checkRank("dropout2d", x, 4, "[batch,channels,height,width]");
  return dropped(x, p, [x.shape[0]!, x.shape[1]!, 1, 1], options);
}

// What SELU tends to for very negative input, with its sign turned.
const depth = 1.7580993408473766;

/**
 * Dropout for networks with SELU: elements are set to SELU's lowest value with probability `p`, then
 * all are scaled and shifted so that mean 0 and variance 1 stay. Klambauer et al.,
 * Self-normalizing neural networks (2017).
 *
 * @throws ArgumentError unless `p` is from 0 to 1.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * ones([2]).alphaDropout(0.5, { training: false }); // => [1. 1.]
 * ones([2]).alphaDropout(1); // => [0. 0.]
 */
export function alphaDropout(x: Tensor, p = 0.5, options: DropoutOptions = {}): Tensor {
  checkTensors("alphaDropout", [x]);
  nd.args.checkOptions("alphaDropout", options, dropoutOptions);
  checkProbability("alphaDropout", p);
  if (!(options.training ?? true) || p === 0) return x;
  return nd.scope(() => {
    if (p === 1) return mul(x, zerosLike(x));
    const kept = mask(x, p, x.shape, options);
    const scale = 1 / Math.sqrt((depth ** 2 * p + 1) * (1 - p));
    // x scale where kept, -depth scale elsewhere, then everything shifted by p depth scale.
    const rest = nd.mul(nd.add(kept, p - 1), depth * scale);
    return add(mul(x, new Tensor(nd.mul(kept, scale))), new Tensor(rest));
  });
}

function dropped(x: Tensor, p: number, shape: nd.Shape, options: DropoutOptions): Tensor {
  if (!(options.training ?? true) || p === 0) return x;
  return nd.scope(() => {
    if (p === 1) return mul(x, zerosLike(x));
    return mul(x, new Tensor(scaledMask(x, p, shape, options)));
  });
}

/** 1 / (1 - p) where something stays and 0 elsewhere, in the dtype of `x` if that is a float. */
function scaledMask(x: Tensor, p: number, shape: nd.Shape, options: DropoutOptions): nd.NDArray {
  const { backend, dtype } = x;
  const { generator } = options;
  if (dtype === "float32" || dtype === "float64")
    return nd.dropoutMask(shape, p, { generator, backend, dtype });
  return nd.mul(mask(x, p, shape, options), 1 / (1 - p));
}

/** 1 where something stays and 0 elsewhere, in the dtype of `x`. */
function mask(x: Tensor, p: number, shape: nd.Shape, { generator }: DropoutOptions): nd.NDArray {
  return nd.astype(nd.randb(shape, 1 - p, { generator, backend: x.backend }), x.dtype);
}

function checkProbability(op: string, p: number): void {
  if (typeof p === "number" && p >= 0 && p <= 1) return;
  throw new nd.ArgumentError(op, `the probability must be from 0 to 1, got ${nd.show(p)}`);
}

function checkRank(op: string, x: Tensor, rank: number, expected: string): void {
  if (x.ndim === rank) return;
  throw new nd.ShapeError(op, `expected ${expected}, got ${nd.showShape(x.shape)}`);
}
