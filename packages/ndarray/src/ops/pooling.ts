/**
 * Pools: one number for each window of an image or a sequence, channel by channel. They follow
 * PyTorch.
 */
import { check, checkOptions, whole } from "../args.ts";
import { fromTypedArray } from "../create.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { imageAxes, type Layout, type Pair } from "../shape-images.ts";
import {
  type AvgPoolOptions,
  adaptivePoolOptions,
  adaptiveWindows,
  avgPool1dOptions,
  avgPoolOptions,
  divisorShape,
  type MaxPoolOptions,
  maxPool1dOptions,
  maxPoolOptions,
  type OutputSize,
  type PoolGeometry,
  pool2dOptions,
  poolDivisors,
  poolGeometry,
} from "../shape-pool.ts";
import { astype } from "./cast.ts";
import { checkArray } from "./common.ts";
import { div } from "./elementwise.ts";
import { onImages } from "./images.ts";
import { take, unslice } from "./indexing.ts";
import { pooledMax, pooledSum } from "./pool.ts";
import { mean } from "./reduce.ts";

/** Where the channels of images are. */
interface LayoutOption {
  /** Default `"NCHW"`. */
  readonly layout?: Layout;
}

/**
 * The largest element of each window of images `[n, c, h, w]` or `[c, h, w]` (or `[n, h, w, c]`
 * with `layout: "NHWC"`). Padding counts as -Infinity; NaN wins.
 *
 * @param kernelSize - rows and columns of the window.
 * @throws ArgumentError when the padding is more than half the kernel, ShapeError when the image is
 *   smaller than a window.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(16).reshape([1, 4, 4]).maxPool2d(2); // => [[[ 5  7]
 *    //       [13 15]]]
 */
export function maxPool2d(x: NDArray, kernelSize: Pair, options: MaxPoolOptions = {}): NDArray {
  checkOptions("maxPool2d", options, maxPoolOptions);
  return onImages("maxPool2d", x, 2, options.layout, (images) =>
    largest(images, poolGeometry("maxPool2d", images.shape, kernelSize, options)),
  );
}

/**
 * The largest element of each window of sequences `[n, c, l]` or `[c, l]`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[3, 1, 4, 1, 5]]).maxPool1d(2); // => [[3. 4.]]
 */
export function maxPool1d(
  x: NDArray,
  kernelSize: number,
  options: MaxPoolOptions<number> = {},
): NDArray {
  check("maxPool1d", "kernelSize", kernelSize, whole(1));
  checkOptions("maxPool1d", options, maxPool1dOptions);
  return onImages("maxPool1d", x, 1, options.layout, (images) => {
    const rows = pool2dOptions(options);
    return largest(images, poolGeometry("maxPool1d", images.shape, [1, kernelSize], rows));
  });
}

/**
 * As `maxPool2d`, with the int32 position `row * w + column` of each: the first of equal elements,
 * the last NaN.
 *
 * @example
 * import { array, maxPool2dWithIndices } from "@needle/ndarray";
 * const [values, indices] = maxPool2dWithIndices(array([[[1, 2], [4, 3]]]), 2);
 * values; // => [[[4.]]]
 * indices; // => [[[2]]]
 */
export function maxPool2dWithIndices(
  x: NDArray,
  kernelSize: Pair,
  options: MaxPoolOptions = {},
): readonly [values: NDArray, indices: NDArray] {
  const op = "maxPool2dWithIndices";
  checkOptions(op, options, maxPoolOptions);
  const both = (which: 0 | 1): NDArray =>
    onImages(
      op,
      x,
      2,
      options.layout,
      (images) => pooledMax(images, poolGeometry(op, images.shape, kernelSize, options))[which],
    );
  return scope(() => [both(0), both(1)]);
}

/**
 * The mean of each window of images `[n, c, h, w]` or `[c, h, w]`. The zeros of the padding count,
 * unless `countIncludePad` is false.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[[1, 2], [3, 4]]]).avgPool2d(2); // => [[[2.5]]]
 */
export function avgPool2d(x: NDArray, kernelSize: Pair, options: AvgPoolOptions = {}): NDArray {
  checkOptions("avgPool2d", options, avgPoolOptions);
  return onImages("avgPool2d", x, 2, options.layout, (images) =>
    average(images, poolGeometry("avgPool2d", images.shape, kernelSize, options), options),
  );
}

/** The mean of each window of sequences `[n, c, l]` or `[c, l]`. */
export function avgPool1d(
  x: NDArray,
  kernelSize: number,
  options: AvgPoolOptions<number> = {},
): NDArray {
  check("avgPool1d", "kernelSize", kernelSize, whole(1));
  checkOptions("avgPool1d", options, avgPool1dOptions);
  return onImages("avgPool1d", x, 1, options.layout, (images) => {
    const rows = pool2dOptions(options);
    const geometry = poolGeometry("avgPool1d", images.shape, [1, kernelSize], rows);
    return average(images, geometry, rows);
  });
}

/**
 * The largest element of each of `outputSize` windows that cover the image evenly: window `i` of
 * `m` goes from `floor(i n / m)` to `ceil((i + 1) n / m)`.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(9).reshape([1, 3, 3]).adaptiveMaxPool2d(2); // => [[[4 5] [7 8]]]
 */
export function adaptiveMaxPool2d(
  x: NDArray,
  outputSize: OutputSize,
  options: LayoutOption = {},
): NDArray {
  const { layout } = checkOptions("adaptiveMaxPool2d", options, adaptivePoolOptions);
  return onImages("adaptiveMaxPool2d", x, 2, layout, (images) =>
    adaptiveMax("adaptiveMaxPool2d", images, outputSize, layout),
  );
}

/** The same for sequences. */
export function adaptiveMaxPool1d(
  x: NDArray,
  outputSize: number,
  options: LayoutOption = {},
): NDArray {
  check("adaptiveMaxPool1d", "outputSize", outputSize, whole(1));
  const { layout } = checkOptions("adaptiveMaxPool1d", options, adaptivePoolOptions);
  return onImages("adaptiveMaxPool1d", x, 1, layout, (images) =>
    adaptiveMax("adaptiveMaxPool1d", images, [1, outputSize], layout),
  );
}

/**
 * The mean of each of `outputSize` windows that cover the image evenly: window `i` of `m` goes from
 * `floor(i n / m)` to `ceil((i + 1) n / m)`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[[1, 2, 3]]]).adaptiveAvgPool2d([1, 2]); // => [[[1.5 2.5]]]
 */
export function adaptiveAvgPool2d(
  x: NDArray,
  outputSize: OutputSize,
  options: LayoutOption = {},
): NDArray {
  const { layout } = checkOptions("adaptiveAvgPool2d", options, adaptivePoolOptions);
  return onImages("adaptiveAvgPool2d", x, 2, layout, (images) =>
    adaptiveMean("adaptiveAvgPool2d", images, outputSize, layout),
  );
}

/** The same for sequences. */
export function adaptiveAvgPool1d(
  x: NDArray,
  outputSize: number,
  options: LayoutOption = {},
): NDArray {
  check("adaptiveAvgPool1d", "outputSize", outputSize, whole(1));
  const { layout } = checkOptions("adaptiveAvgPool1d", options, adaptivePoolOptions);
  return onImages("adaptiveAvgPool1d", x, 1, layout, (images) =>
    adaptiveMean("adaptiveAvgPool1d", images, [1, outputSize], layout),
  );
}

function largest(x: NDArray, geometry: PoolGeometry): NDArray {
  return scope(() => pooledMax(x, geometry)[0]);
}

function average(x: NDArray, geometry: PoolGeometry, options: AvgPoolOptions): NDArray {
  return scope(() => divided(pooledSum(x, geometry), geometry, poolDivisors(geometry, options)));
}

function divided(sums: NDArray, geometry: PoolGeometry, divisors: number | Float64Array): NDArray {
  if (typeof divisors === "number") return div(sums, divisors);
  const { backend, dtype } = sums;
  return div(sums, astype(fromTypedArray(divisors, divisorShape(geometry), { backend }), dtype));
}

function adaptiveMax(
  op: string,
  x: NDArray,
  outputSize: OutputSize,
  layout: Layout = "NCHW",
): NDArray {
  checkArray(op, x);
  return scope(() => {
    const { rows, columns, kernel } = adaptiveWindows(op, x.shape, outputSize, layout, true);
    const images = spread(x, rows, columns, layout);
    return pooledMax(images, poolGeometry(op, images.shape, kernel, { layout }))[0];
  });
}

function adaptiveMean(
  op: string,
  x: NDArray,
  outputSize: OutputSize,
  layout: Layout = "NCHW",
): NDArray {
  checkArray(op, x);
  return scope(() => {
    const { rows, columns, kernel, divisors } = adaptiveWindows(op, x.shape, outputSize, layout);
    // One window sees all.
    if (rows.length === kernel[0] && columns.length === kernel[1]) {
      return mean(x, imageAxes[layout], { keepdims: true });
    }
    // Short windows are filled up with zeros, which stand in a last row and column.
    const isEven = !rows.includes(-1) && !columns.includes(-1);
    const images = spread(isEven ? x : withZeros(x, layout), rows, columns, layout);
    const geometry = poolGeometry(op, images.shape, kernel, { layout });
    return divided(pooledSum(images, geometry), geometry, divisors);
  });
}

/** The rows and columns named, in their order; the images themselves where that is all of them. */
function spread(x: NDArray, rows: Int32Array, columns: Int32Array, layout: Layout): NDArray {
  return [rows, columns].reduce((images, positions, i) => {
    const axis = imageAxes[layout][i]!;
    const isWhole =
      positions.length === images.shape[axis] && positions.every((at, place) => at === place);
    if (isWhole) return images;
    const index = fromTypedArray(positions, [positions.length], { backend: x.backend });
    return take(images, index, axis);
  }, x);
}

/** The images with a row and a column of zeros at the end. */
function withZeros(x: NDArray, layout: Layout): NDArray {
  const larger = x.shape.map((length, axis) => length + Number(imageAxes[layout].includes(axis)));
  return unslice(x, larger, ...x.shape.map((length): [number, number] => [0, length]));
}
