/** Images and sequences resized, and channels traded for places. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { add, mul } from "./elementwise.ts";
import { take } from "./indexing.ts";
import { interpolateOptions } from "./options.ts";
import { permute, reshape } from "./views.ts";

/** How places between elements are filled. The linear ones name the number of axes they are for. */
export type InterpolateMode = "nearest" | "linear" | "bilinear" | "trilinear";

/** Options of `interpolate`: one of `size` and `scaleFactor`. */
export interface InterpolateOptions {
  /** The new sizes of the axes after the channels, or one for all of them. */
  readonly size?: number | readonly number[];
  /** The factors of these sizes, or one for all; new sizes are rounded down. */
  readonly scaleFactor?: number | readonly number[];
  /** Default `"nearest"`. */
  readonly mode?: InterpolateMode;
  /**
   * Whether the centres of the elements at the corners stay at the corners, rather than the corners
   * of these elements. Only for the linear modes. Default false.
   */
  readonly alignCorners?: boolean;
}

const ranks: Record<Exclude<InterpolateMode, "nearest">, number> = {
  linear: 1,
  bilinear: 2,
  trilinear: 3,
};

/**
 * Resized along all axes after the channels: `[batch, channels, …]`, one axis of sequences, two of
 * images, three of volumes.
 *
 * @throws ShapeError for too few axes, a mode for another number of them, and sizes that are not
 * whole numbers from 1; ArgumentError unless one of `size` and `scaleFactor` is given.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[[1, 3]]]);
 * x.interpolate({ size: 4 }); // => [[[1. 1. 3. 3.]]]
 * x.interpolate({ size: 4, mode: "linear" }); // => [[[1.  1.5 2.5 3. ]]]
 * x.interpolate({ size: 3, mode: "linear", alignCorners: true }); // => [[[1. 2. 3.]]]
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  checkTensors("interpolate", [x]);
  nd.args.checkOptions("interpolate", options, interpolateOptions);
  const op = "interpolate";
  const { mode = "nearest", alignCorners = false } = options;
  const places = x.ndim - 2;
  if (places < 1) {
    throw new nd.ShapeError(op, `expected [batch,channels,…], got ${nd.showShape(x.shape)}`);
  }
  if (mode !== "nearest" && ranks[mode] !== places) {
    const problem = `mode "${mode}" is for ${(ranks[mode] ?? 0) + 2} axes`;
    throw new nd.ShapeError(op, `${problem}, got ${nd.showShape(x.shape)}`);
  }
  if (mode === "nearest" && alignCorners) {
    throw new nd.ArgumentError(op, 'alignCorners is for the linear modes, got mode "nearest"');
  }
  const sizes = newSizes(op, x.shape.slice(2), options);
  return nd.scope(
    () =>
      sizes.reduce((y, { from, to, step }, i) => {
        const near = (read: readonly number[]): Tensor => takeAlong(y, read, i + 2);
        if (mode === "nearest") return near(nearest(from, to, step));
        const { low, high, share } = between(from, to, step, alignCorners);
        const shape = [to, ...x.shape.slice(i + 3).map(() => 1)];
        const weights = (of: (w: number) => number): Tensor =>
          new Tensor(
            nd.reshape(nd.array(share.map(of), { dtype: y.dtype, backend: y.backend }), shape),
          );
        return add(
          mul(
            near(low),
            weights((w) => 1 - w),
          ),
          mul(
            near(high),
            weights((w) => w),
          ),
        );
      }, x),
    { label: op },
  );
}

/** One axis: its sizes before and after, and how far apart new elements are among the old. */
interface Resize {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

function newSizes(
  op: string,
  shape: nd.Shape,
  { size, scaleFactor }: InterpolateOptions,
): readonly Resize[] {
  const given = size ?? scaleFactor;
  if (given === undefined || (size !== undefined && scaleFactor !== undefined)) {
    throw new nd.ArgumentError(op, "needs one of size and scaleFactor");
  }
  const numbers = typeof given === "number" ? shape.map(() => given) : given;
  if (numbers.length !== shape.length) {
    const problem = `${numbers.length} sizes or factors for ${shape.length} axes after the channels`;
    throw new nd.ShapeError(op, problem);
  }
  return shape.map((from, i) => {
    const to = size === undefined ? Math.floor(from * numbers[i]!) : numbers[i]!;
    if (!Number.isSafeInteger(to) || to < 1 || from < 1) {
      const sizes = `${nd.showShape(shape)} to ${nd.showShape(numbers)}`;
      throw new nd.ShapeError(op, `sizes are whole numbers of at least 1, got ${sizes}`);
    }
    return { from, to, step: size === undefined ? 1 / numbers[i]! : from / to };
  });
}

function takeAlong(x: Tensor, positions: readonly number[], axis: number): Tensor {
  const index = nd.array(Int32Array.from(positions), { backend: x.backend });
  return take(x, new Tensor(index), axis);
}

function nearest(from: number, to: number, step: number): number[] {
  // In single precision, as PyTorch: the two differ where a product is close to a whole number.
  const length = Math.fround(step);
  return Array.from({ length: to }, (_, i) =>
    Math.min(Math.floor(Math.fround(i * length)), from - 1),
  );
}

/** The old elements on both sides of each new one, and the share of the second. */
function between(
  from: number,
  to: number,
  step: number,
  alignCorners: boolean,
): { low: number[]; high: number[]; share: number[] } {
  const inner = to > 1 ? (from - 1) / (to - 1) : 0;
  const places = Array.from({ length: to }, (_, i) =>
    alignCorners ? i * inner : Math.max(0, (i + 0.5) * step - 0.5),
  );
  const low = places.map((place) => Math.min(Math.floor(place), from - 1));
  return {
    low,
    high: low.map((position) => Math.min(position + 1, from - 1)),
    share: places.map((place, i) => Math.min(1, place - low[i]!)),
  };
}

/**
 * Channels traded for places: `[…, channels r^2, height, width] -> […, channels, height r, width r]`.
 * Shi et al., Real-time single image super-resolution (2016).
 *
 * @throws ShapeError for less than three axes, and unless `r^2` divides the channels;
 * ArgumentError unless `r` is a whole number from 1.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[[1]], [[2]], [[3]], [[4]]]).pixelShuffle(2); // => [[[1. 2.]
 *    //      [3. 4.]]]
 */
export function pixelShuffle(x: Tensor, r: number): Tensor {
  checkTensors("pixelShuffle", [x]);
  const op = "pixelShuffle";
  checkFactor(op, x, r);
  const [channels, height, width] = x.shape.slice(-3) as [number, number, number];
  if (channels % r ** 2 !== 0) {
    throw new nd.ShapeError(op, `${channels} channels do not divide by ${r}^2`);
  }
  const lead = x.shape.slice(0, -3);
  const split = [...lead, channels / r ** 2, r, r, height, width];
  const shape = [...lead, channels / r ** 2, height * r, width * r];
  return nd.scope(() => reshape(reordered(reshape(x, split), [0, 3, 1, 4, 2]), shape));
}

/**
 * Places traded for channels, the inverse of `pixelShuffle`:
 * `[…, channels, height r, width r] -> […, channels r^2, height, width]`.
 *
 * @throws ShapeError for less than three axes, and unless `r` divides height and width;
 * ArgumentError unless `r` is a whole number from 1.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[[1, 2], [3, 4]]]).pixelUnshuffle(2).shape; // => [4,1,1]
 */
export function pixelUnshuffle(x: Tensor, r: number): Tensor {
  checkTensors("pixelUnshuffle", [x]);
  const op = "pixelUnshuffle";
  checkFactor(op, x, r);
  const [channels, height, width] = x.shape.slice(-3) as [number, number, number];
  if (height % r !== 0 || width % r !== 0) {
    throw new nd.ShapeError(op, `height ${height} and width ${width} do not divide by ${r}`);
  }
  const lead = x.shape.slice(0, -3);
  const split = [...lead, channels, height / r, r, width / r, r];
  const shape = [...lead, channels * r ** 2, height / r, width / r];
  return nd.scope(() => reshape(reordered(reshape(x, split), [0, 2, 4, 1, 3]), shape));
}

/** The last five axes in another order. */
function reordered(x: Tensor, order: readonly number[]): Tensor {
  const lead = x.ndim - 5;
  return permute(x, [
    ...Array.from({ length: lead }, (_, axis) => axis),
    ...order.map((axis) => lead + axis),
  ]);
}

function checkFactor(op: string, x: Tensor, r: number): void {
  nd.args.check(op, "the factor", r, nd.args.whole(1));
  if (x.ndim < 3) {
    throw new nd.ShapeError(op, `expected […,channels,height,width], got ${nd.showShape(x.shape)}`);
  }
}
