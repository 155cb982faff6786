/**
 * Convolutions of images and sequences (cross-correlations, as everywhere in deep learning), and
 * their transposes. They follow PyTorch for `layout: "NCHW"`, the course for `"NHWC"`.
 */
import { checkOptions, type Kinds, whole } from "../args.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import {
  biasShape,
  type Conv1dOptions,
  type ConvOptions,
  type ConvTranspose1dOptions,
  type ConvTransposeOptions,
  conv1dOptions,
  conv2dOptions,
  convGeometry,
  convOptions,
  convTranspose1dOptions,
  convTranspose2dOptions,
  convTransposeGeometry,
  convTransposeOptions,
  rowAxis,
} from "../shape-conv.ts";
import type { Layout } from "../shape-images.ts";
import { arrayKind, checkArray, sameBackend } from "./common.ts";
import { convolve, convolveInput } from "./convolve.ts";
import { add } from "./elementwise.ts";
import { onImages } from "./images.ts";
import { reshape, unsqueeze } from "./views.ts";

/** What is added to each output channel, `[o]`. */
interface Bias {
  readonly bias?: NDArray;
}

/** How the course's `conv` is done. */
export interface CourseConvOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Default 0. */
  readonly padding?: number;
}

/** What the options of the course's `conv` must be. */
export const courseConvOptions: Kinds<CourseConvOptions> = { stride: whole(1), padding: whole(0) };

/**
 * The convolution of images: `[n, c, h, w]` or `[c, h, w]` by a weight `[o, c / groups, kh, kw]`;
 * with `layout: "NHWC"`, `[n, h, w, c]` by `[kh, kw, c / groups, o]`.
 *
 * @throws ShapeError when channels do not fit, or the kernel is larger than the padded image.
 *
 * @example
 * import { arange, ones } from "@needle/ndarray";
 * const x = arange(9, undefined, 1, { dtype: "float32" }).reshape([1, 3, 3]);
 * x.conv2d(ones([1, 1, 2, 2])); // => [[[ 8. 12.] [20. 24.]]]
 * x.conv2d(ones([1, 1, 2, 2]), { stride: 2, padding: 1 }).shape; // => [1,2,2]
 */
export function conv2d(x: NDArray, weight: NDArray, options: ConvOptions & Bias = {}): NDArray {
  return withBias("conv2d", x, weight, options, convOptions, (window) =>
    onImages("conv2d", x, 2, options.layout, (images) =>
      convolve(images, weight, convGeometry("conv2d", images.shape, weight.shape, window)),
    ),
  );
}

/**
 * The course's convolution: images `[n, h, w, c]` by a weight `[k, k, c, o]`.
 *
 * @example
 * import { ones } from "@needle/ndarray";
 * ones([1, 4, 4, 8]).conv(ones([3, 3, 8, 16]), { stride: 2, padding: 1 }).shape; // => [1,2,2,16]
 */
export function conv(x: NDArray, weight: NDArray, options: CourseConvOptions = {}): NDArray {
  for (const operand of [x, weight]) checkArray("conv", operand);
  checkOptions("conv", options, courseConvOptions);
  sameBackend("conv", x, weight);
  return convolve(
    x,
    weight,
    convGeometry("conv", x.shape, weight.shape, { ...options, layout: "NHWC" }),
  );
}

/**
 * The convolution of sequences: `[n, c, l]` or `[c, l]` by a weight `[o, c / groups, k]`; with
 * `layout: "NHWC"`, `[n, l, c]` by `[k, c / groups, o]`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 2, 3, 4]]).conv1d(array([[[1, -1]]])); // => [[-1. -1. -1.]]
 */
export function conv1d(x: NDArray, weight: NDArray, options: Conv1dOptions & Bias = {}): NDArray {
  return withBias("conv1d", x, weight, options, conv1dOptions, (window) =>
    onImages("conv1d", x, 1, options.layout, (images) => {
      const kernel = unsqueeze(weight, rowAxis("conv1d", weight.shape, options.layout));
      const rows = conv2dOptions(window);
      return convolve(images, kernel, convGeometry("conv1d", images.shape, kernel.shape, rows));
    }),
  );
}

/**
 * The transpose of `conv2d`, which spreads each pixel over a window: `[n, c, h, w]` by a weight
 * `[c, o / groups, kh, kw]`; with `layout: "NHWC"`, `[n, h, w, c]` by `[kh, kw, o / groups, c]`.
 *
 * @throws ShapeError when channels do not fit, or nothing is left of the result.
 *
 * @example
 * import { array, ones } from "@needle/ndarray";
 * const x = array([[[1, 2]]]);
 * x.convTranspose2d(ones([1, 1, 1, 2]), { stride: 2 }); // => [[[1. 1. 2. 2.]]]
 */
export function convTranspose2d(
  x: NDArray,
  weight: NDArray,
  options: ConvTransposeOptions & Bias = {},
): NDArray {
  const op = "convTranspose2d";
  return withBias(op, x, weight, options, convTransposeOptions, (window) =>
    onImages(op, x, 2, options.layout, (images) => {
      const geometry = convTransposeGeometry(op, images.shape, weight.shape, window);
      return convolveInput(images, weight, geometry);
    }),
  );
}

/**
 * The transpose of `conv1d`: `[n, c, l]` by a weight `[c, o / groups, k]`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 2, 3]]).convTranspose1d(array([[[1, 10]]])); // => [[ 1. 12. 23. 30.]]
 */
export function convTranspose1d(
  x: NDArray,
  weight: NDArray,
  options: ConvTranspose1dOptions & Bias = {},
): NDArray {
  const op = "convTranspose1d";
  return withBias(op, x, weight, options, convTranspose1dOptions, (window) =>
    onImages(op, x, 1, options.layout, (images) => {
      const kernel = unsqueeze(weight, rowAxis(op, weight.shape, options.layout));
      const rows = convTranspose2dOptions(window);
      const geometry = convTransposeGeometry(op, images.shape, kernel.shape, rows);
      return convolveInput(images, kernel, geometry);
    }),
  );
}

/** Checks the options, runs the convolution with those of its window, and adds the bias. */
function withBias<Window extends { readonly layout?: Layout }>(
  op: string,
  x: NDArray,
  weight: NDArray,
  options: Window & Bias,
  kinds: Kinds<Window>,
  run: (window: Window) => NDArray,
): NDArray {
  for (const operand of [x, weight]) checkArray(op, operand);
  checkOptions<Window & Bias>(op, options, { ...kinds, bias: arrayKind });
  const { bias, ...window } = options;
  const { layout } = options;
  sameBackend(op, x, weight, ...(bias === undefined ? [] : [bias]));
  if (bias === undefined) return scope(() => run(window as unknown as Window));
  return scope(() => {
    const y = run(window as unknown as Window);
    const isSingle = y.ndim === weight.ndim - 1;
    const shape = isSingle ? [1, ...y.shape] : y.shape;
    return add(y, reshape(bias, biasShape(op, bias.shape, shape, layout)));
  });
}
