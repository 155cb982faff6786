/** Norms that are `normalize` with axes of their own. */
import * as nd from "@needle/ndarray";
import { noGrad } from "../mode.ts";
import { checkTensors, tensorKind } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { normalizeWith } from "./normalize.ts";

/** How `layerNorm` scales and shifts. */
export interface LayerNormOptions {
  /** Of the normalized shape. Default none. */
  readonly weight?: Tensor | null;
  /** Of the normalized shape. Default none. */
  readonly bias?: Tensor | null;
  /** Added to the variance, against division by 0. Default 1e-5. */
  readonly eps?: number;
}

const layerNormOptions: nd.args.Kinds<LayerNormOptions> = {
  weight: nd.args.orNull(tensorKind),
  bias: nd.args.orNull(tensorKind),
  eps: nd.args.number,
};

/**
 * Normalizes over the last axes, those of `shape` (PyTorch's `layer_norm`); a number stands for the
 * last axis.
 *
 * Ba, Kiros and Hinton, Layer normalization (2016).
 *
 * @throws ShapeError unless the last axes of `x`, the weight and the bias are `shape`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[1, 3], [100, 300]]).layerNorm(2, { eps: 0 }); // => [[-1.  1.] [-1.  1.]]
 */
export function layerNorm(
  x: Tensor,
  shape: number | readonly number[],
  options: LayerNormOptions = {},
): Tensor {
  checkTensors("layerNorm", [x]);
  nd.args.checkOptions("layerNorm", options, layerNormOptions);
  nd.args.check("layerNorm", "shape", shape, nd.args.oneOrMore(nd.args.whole(0)));
  const last = typeof shape === "number" ? [shape] : shape;
  const fits =
    last.length > 0 &&
    last.length <= x.ndim &&
    nd.sameShape(last, x.shape.slice(x.ndim - last.length));
  if (!fits) {
    const got = `${nd.showShape(x.shape)} over ${nd.showShape(last)}`;
    throw new nd.ShapeError("layerNorm", `the last axes are not those to normalize, ${got}`);
  }
  for (const name of ["weight", "bias"] as const) {
    const operand = options[name] ?? null;
    if (operand === null || nd.sameShape(operand.shape, last)) continue;
    const problem = `expected a ${name} ${nd.showShape(last)}, got ${nd.showShape(operand.shape)}`;
    throw new nd.ShapeError("layerNorm", problem);
  }
  const axes = last.map((_, i) => x.ndim - last.length + i);
  return normalizeWith(x, axes, options);
}

/** How `batchNorm` normalizes. */
export interface BatchNormOptions {
  /** `[channels]`. Default none. */
  readonly weight?: Tensor | null;
  /** `[channels]`. Default none. */
  readonly bias?: Tensor | null;
  /** With the batch's own statistics, which update the running ones. Default false. */
  readonly training?: boolean;
  /** The weight of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Added to the variance, against division by 0. Default 1e-5. */
  readonly eps?: number;
  /**
   * Whether the running variance takes the unbiased variance of the batch, as in PyTorch. Default
   * false.
   */
  readonly unbiased?: boolean;
}

const batchNormOptions: nd.args.Kinds<BatchNormOptions> = {
  weight: nd.args.orNull(tensorKind),
  bias: nd.args.orNull(tensorKind),
  training: nd.args.flag,
  momentum: nd.args.number,
  eps: nd.args.number,
  unbiased: nd.args.flag,
};

/**
 * Normalizes each channel, axis 1 of `[batch, channels, …]`, over all other axes, then scales and
 * shifts it. In training by the batch's own mean and biased variance, which also update the running
 * ones in place (`(1 - momentum) * old + momentum * new`) unless these are null; else by the running
 * ones.
 *
 * Ioffe and Szegedy, Batch normalization (2015); CMU 10-714 hw2.
 *
 * @throws ShapeError unless all but `x` are `[channels]`, and in training without elements in a
 *   channel; ArgumentError without running statistics in evaluation.
 *
 * @example
 * import { ones, tensor, zeros } from "@needle/autograd";
 * const [mean, variance] = [zeros([1]), ones([1])];
 * const x = tensor([[1], [3]]);
 * x.batchNorm(mean, variance, { training: true, eps: 0 }); // => [[-1.] [ 1.]]
 * mean; // => [0.2]
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  checkTensors("batchNorm", [x]);
  nd.args.check("batchNorm", "runningMean", runningMean, nd.args.orNull(tensorKind));
  nd.args.check("batchNorm", "runningVar", runningVar, nd.args.orNull(tensorKind));
  nd.args.checkOptions("batchNorm", options, batchNormOptions);
  const { weight = null, bias = null, training = false, momentum = 0.1, eps = 1e-5 } = options;
  const channels = channelsOf(x, { runningMean, runningVar, weight, bias });
  const along = [channels, ...x.shape.slice(2).map(() => 1)];
  const spread = (operand: Tensor): Tensor => (x.ndim === 2 ? operand : operand.reshape(along));
  return nd.scope(() => {
    const scale = weight && spread(weight);
    const shift = bias && spread(bias);
    if (!training) {
      if (runningMean === null || runningVar === null) {
        const remedy = "Pass them, or { training: true }.";
        throw new nd.ArgumentError("batchNorm", "evaluation needs running statistics", remedy);
      }
      const deviation = spread(runningVar.add(eps).sqrt());
      const unit = x.sub(spread(runningMean)).div(deviation);
      const scaled = scale ? unit.mul(scale) : unit;
      return shift ? scaled.add(shift) : scaled;
    }
    const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    const count = nd.sizeOf(axes.map((axis) => x.shape[axis]!));
    if (count === 0) {
      const problem = `training needs elements in each channel, got ${nd.showShape(x.shape)}`;
      throw new nd.ShapeError("batchNorm", problem);
    }
    const correction = options.unbiased && count > 1 ? count / (count - 1) : 1;
    return normalizeWith(x, axes, { eps, weight: scale, bias: shift }, (mean, variance) => {
      update(runningMean, mean, momentum, 1);
      update(runningVar, variance, momentum, correction);
    });
  });
}

/** The number of channels, which every operand has to fit. */
function channelsOf(x: Tensor, operands: Readonly<Record<string, Tensor | null>>): number {
  const channels = x.shape[1];
  if (channels === undefined) {
    const problem = `expected [batch,channels,…], got ${nd.showShape(x.shape)}`;
    throw new nd.ShapeError("batchNorm", problem);
  }
  for (const [name, operand] of Object.entries(operands)) {
    if (operand === null || nd.sameShape(operand.shape, [channels])) continue;
    const problem = `expected ${name} [${channels}], got ${nd.showShape(operand.shape)}`;
    throw new nd.ShapeError("batchNorm", problem);
  }
  return channels;
}

/** `running = (1 - momentum) * running + momentum * factor * batch`, in place. */
function update(running: Tensor | null, batch: nd.NDArray, momentum: number, factor: number): void {
  if (running === null) return;
  noGrad(() => {
    const news = new Tensor(batch.reshape(running.shape).mul(momentum * factor));
    running.assign(running.mul(1 - momentum).add(news));
  });
}
