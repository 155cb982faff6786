/**
 * Convolutions. The images, the weight and the adjoint of the output meet in one trilinear form; a
 * convolution and its two adjoints contract it with two of them. So each is bilinear, and their
 * derivatives are one another: gradients of any order need nothing else.
 */
import * as nd from "@needle/ndarray";
import { bilinear, checkTensors, tensorKind } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./elementwise.ts";
import { onImages } from "./images.ts";
import { reshape, unsqueeze } from "./views.ts";

/** What is added to each output channel, `[o]`. */
interface Bias {
  readonly bias?: Tensor;
}

interface Contractions {
  readonly output: (x: Tensor, weight: Tensor) => Tensor;
  readonly input: (y: Tensor, weight: Tensor) => Tensor;
  readonly weight: (x: Tensor, y: Tensor) => Tensor;
}

function contractions(geometry: nd.ConvGeometry): Contractions {
  const { op } = geometry;
  const of: Contractions = {
    output: bilinear(op, (x, weight) => nd.convolve(x, weight, geometry), [
      (g, _x, weight) => of.input(g, weight),
      (g, x) => of.weight(x, g),
    ]),
    input: bilinear(op, (y, weight) => nd.convolveInput(y, weight, geometry), [
      (g, _y, weight) => of.output(g, weight),
      (g, y) => of.weight(g, y),
    ]),
    weight: bilinear(op, (x, y) => nd.convolveWeight(x, y, geometry), [
      (g, _x, y) => of.input(y, g),
      (g, x) => of.output(x, g),
    ]),
  };
  return of;
}

/**
 * The convolution of images: `[n, c, h, w]` or `[c, h, w]` by a weight `[o, c / groups, kh, kw]`;
 * with `layout: "NHWC"`, `[n, h, w, c]` by `[kh, kw, c / groups, o]`.
 *
 * @throws ShapeError when channels do not fit, or the kernel is larger than the padded image.
 *
 * @example
 * import { ones } from "@needle/autograd";
 * const weight = ones([1, 1, 2, 2], { requiresGrad: true });
 * const y = ones([1, 1, 3, 3]).conv2d(weight);
 * y; // => [[[[4. 4.] [4. 4.]]]]
 * y.backward();
 * weight.grad; // => [[[[4. 4.] [4. 4.]]]]
 */
export function conv2d(x: Tensor, weight: Tensor, options: nd.ConvOptions & Bias = {}): Tensor {
  return withBias("conv2d", x, weight, options, nd.convOptions, (window) =>
    onImages("conv2d", x, 2, options.layout, (images) => {
      const geometry = nd.convGeometry("conv2d", images.shape, weight.shape, window);
      return contractions(geometry).output(images, weight);
    }),
  );
}

/** The course's convolution: images `[n, h, w, c]` by a weight `[k, k, c, o]`. */
export function conv(x: Tensor, weight: Tensor, options: nd.CourseConvOptions = {}): Tensor {
  checkTensors("conv", [x, weight]);
  nd.args.checkOptions("conv", options, nd.courseConvOptions);
  const geometry = nd.convGeometry("conv", x.shape, weight.shape, { ...options, layout: "NHWC" });
  return contractions(geometry).output(x, weight);
}

/**
 * The convolution of sequences: `[n, c, l]` or `[c, l]` by a weight `[o, c / groups, k]`; with
 * `layout: "NHWC"`, `[n, l, c]` by `[k, c / groups, o]`.
 */
export function conv1d(x: Tensor, weight: Tensor, options: nd.Conv1dOptions & Bias = {}): Tensor {
  return withBias("conv1d", x, weight, options, nd.conv1dOptions, (window) =>
    onImages("conv1d", x, 1, options.layout, (images) => {
      const kernel = unsqueeze(weight, nd.rowAxis("conv1d", weight.shape, options.layout));
      const rows = nd.conv2dOptions(window);
      const geometry = nd.convGeometry("conv1d", images.shape, kernel.shape, rows);
      return contractions(geometry).output(images, kernel);
    }),
  );
}

/**
 * The transpose of `conv2d`, which spreads each pixel over a window: `[n, c, h, w]` by a weight
 * `[c, o / groups, kh, kw]`; with `layout: "NHWC"`, `[n, h, w, c]` by `[kh, kw, o / groups, c]`.
 *
 * @throws ShapeError when channels do not fit, or nothing is left of the result.
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  options: nd.ConvTransposeOptions & Bias = {},
): Tensor {
  const op = "convTranspose2d";
  return withBias(op, x, weight, options, nd.convTransposeOptions, (window) =>
    onImages(op, x, 2, options.layout, (images) => {
      const geometry = nd.convTransposeGeometry(op, images.shape, weight.shape, window);
      return contractions(geometry).input(images, weight);
    }),
  );
}

/** The transpose of `conv1d`: `[n, c, l]` by a weight `[c, o / groups, k]`. */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  options: nd.ConvTranspose1dOptions & Bias = {},
): Tensor {
  const op = "convTranspose1d";
  return withBias(op, x, weight, options, nd.convTranspose1dOptions, (window) =>
    onImages(op, x, 1, options.layout, (images) => {
      const kernel = unsqueeze(weight, nd.rowAxis(op, weight.shape, options.layout));
      const rows = nd.convTranspose2dOptions(window);
      const geometry = nd.convTransposeGeometry(op, images.shape, kernel.shape, rows);
      return contractions(geometry).input(images, kernel);
    }),
  );
}

/** Checks the options, runs the convolution with those of its window, and adds the bias. */
function withBias<Window extends { readonly layout?: nd.Layout }>(
  op: string,
  x: Tensor,
  weight: Tensor,
  options: Window & Bias,
  kinds: nd.args.Kinds<Window>,
  run: (window: Window) => Tensor,
): Tensor {
  checkTensors(op, [x, weight]);
  nd.args.checkOptions<Window & Bias>(op, options, { ...kinds, bias: tensorKind });
  const { bias, ...window } = options;
  const { layout } = options;
  if (bias === undefined) return nd.scope(() => run(window as unknown as Window));
  return nd.scope(() => {
    const y = run(window as unknown as Window);
    const shape = y.ndim === weight.ndim - 1 ? [1, ...y.shape] : y.shape;
    return add(y, reshape(bias, nd.biasShape(op, bias.shape, shape, layout)));
  });
}
