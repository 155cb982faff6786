/** Pools: one number for each window of an image or a sequence, channel by channel. */
import * as nd from "@needle/ndarray";
import { tensor, zeros } from "../create.ts";
import type { Rule } from "../graph.ts";
import { checkTensors, linear, record } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { div } from "./elementwise.ts";
import { onImages } from "./images.ts";
import { gather, scatterAdd, take } from "./indexing.ts";
import { mean } from "./reduce.ts";
import { reshape, squeeze, unslice, unsqueeze } from "./views.ts";

/** Where the channels of images are. */
interface LayoutOption {
  /** Default `"NCHW"`. */
  readonly layout?: nd.Layout;
}

/** The shape of images with their pixels along one axis, and which that is. */
function inLine(shape: nd.Shape, layout: nd.Layout): readonly [number[], number] {
  const [first, second] = nd.imageAxes[layout];
  const pixels = shape[first]! * shape[second]!;
  return [[...shape.slice(0, first), pixels, ...shape.slice(second + 1)], first];
}

/** The chosen pixels of `x`. */
function picked(x: Tensor, index: Tensor, layout: nd.Layout): Tensor {
  return nd.scope(() => {
    const [shape, axis] = inLine(x.shape, layout);
    const places = reshape(index, inLine(index.shape, layout)[0]);
    return reshape(gather(reshape(x, shape), axis, places), index.shape);
  });
}

/** The transpose of `picked`. */
function putBack(g: Tensor, index: Tensor, x: Tensor, layout: nd.Layout): Tensor {
  const [shape, axis] = inLine(x.shape, layout);
  const line = inLine(index.shape, layout)[0];
  const blank = zeros(shape, { dtype: g.dtype, backend: g.backend });
  return reshape(scatterAdd(blank, axis, reshape(index, line), reshape(g, line)), x.shape);
}

/** Which elements are largest is constant; they are read as they are. */
const largestOfWindows: Rule = {
  name: "maxPool",
  saves: "nothing",
  vjp(_i, g, _y, { inputs, params }) {
    const [index, layout] = params as readonly [Tensor, nd.Layout];
    return putBack(g, index, inputs[0] as Tensor, layout);
  },
  jvp([tangent], _y, { params }) {
    const [index, layout] = params as readonly [Tensor, nd.Layout];
    return picked(tangent!, index, layout);
  },
};

function largest(x: Tensor, geometry: nd.PoolGeometry): readonly [Tensor, Tensor] {
  const [values, positions] = nd.pooledMax(x.value, geometry);
  const index = new Tensor(positions);
  const rule = { ...largestOfWindows, name: geometry.op };
  return [record(rule, values, [x], [index, geometry.layout]), index];
}

/**
 * The largest element of each window of images `[n, c, h, w]` or `[c, h, w]` (or `[n, h, w, c]`
 * with `layout: "NHWC"`). Padding counts as -Infinity; NaN wins; of equal elements the first gets
 * the gradient.
 *
 * @param kernelSize - rows and columns of the window.
 * @throws ArgumentError when the padding is more than half the kernel, ShapeError when the image is
 *   smaller than a window.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[[1, 2], [4, 3]]], { requiresGrad: true });
 * x.maxPool2d(2).backward();
 * x.grad; // => [[[0. 0.] [1. 0.]]]
 */
export function maxPool2d(x: Tensor, kernelSize: nd.Pair, options: nd.MaxPoolOptions = {}): Tensor {
  nd.args.checkOptions("maxPool2d", options, nd.maxPoolOptions);
  return onImages("maxPool2d", x, 2, options.layout, (images) =>
    nd.scope(
      () => largest(images, nd.poolGeometry("maxPool2d", images.shape, kernelSize, options))[0],
    ),
  );
}

/** The largest element of each window of sequences `[n, c, l]` or `[c, l]`. */
export function maxPool1d(
  x: Tensor,
  kernelSize: number,
  options: nd.MaxPoolOptions<number> = {},
): Tensor {
  nd.args.check("maxPool1d", "kernelSize", kernelSize, nd.args.whole(1));
  nd.args.checkOptions("maxPool1d", options, nd.maxPool1dOptions);
  return onImages("maxPool1d", x, 1, options.layout, (images) => {
    const rows = nd.pool2dOptions(options);
    const geometry = nd.poolGeometry("maxPool1d", images.shape, [1, kernelSize], rows);
    return nd.scope(() => largest(images, geometry)[0]);
  });
}

/**
 * As `maxPool2d`, with the int32 position `row * w + column` of each: the first of equal elements,
 * the last NaN.
 *
 * @example
 * import { maxPool2dWithIndices, tensor } from "@needle/autograd";
 * const [values, indices] = maxPool2dWithIndices(tensor([[[1, 2], [4, 3]]]), 2);
 * values; // => [[[4.]]]
 * indices; // => [[[2]]]
 */
export function maxPool2dWithIndices(
  x: Tensor,
  kernelSize: nd.Pair,
  options: nd.MaxPoolOptions = {},
): readonly [values: Tensor, indices: Tensor] {
  checkTensors("maxPool2dWithIndices", [x]);
  nd.args.checkOptions("maxPool2dWithIndices", options, nd.maxPoolOptions);
  return nd.scope(() => {
    const isSingle = nd.missingAxes("maxPool2dWithIndices", x.shape, 2, options.layout).length > 0;
    const images = isSingle ? unsqueeze(x, 0) : x;
    const geometry = nd.poolGeometry("maxPool2dWithIndices", images.shape, kernelSize, options);
    const [values, indices] = largest(images, geometry);
    return isSingle ? [squeeze(values, 0), squeeze(indices, 0)] : [values, indices];
  });
}

/** The sum of each window and its transpose. */
function sums(geometry: nd.PoolGeometry): (x: Tensor) => Tensor {
  const gathered: (x: Tensor) => Tensor = linear(
    geometry.op,
    (x) => nd.pooledSum(x, geometry),
    (g) => spread(g),
  );
  const spread: (y: Tensor) => Tensor = linear(
    geometry.op,
    (y) => nd.pooledSumInput(y, geometry),
    (g) => gathered(g),
  );
  return gathered;
}

function average(x: Tensor, geometry: nd.PoolGeometry, divisors: number | Float64Array): Tensor {
  return nd.scope(() => {
    const total = sums(geometry)(x);
    if (typeof divisors === "number") return div(total, divisors);
    const { dtype, backend } = total;
    const flat = tensor(divisors, { dtype: nd.toFloat(dtype), backend });
    return div(total, reshape(flat, nd.divisorShape(geometry)));
  });
}

/**
 * The mean of each window of images `[n, c, h, w]` or `[c, h, w]`. The zeros of the padding count,
 * unless `countIncludePad` is false.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[[1, 2], [3, 4]]], { requiresGrad: true });
 * const y = x.avgPool2d(2);
 * y; // => [[[2.5]]]
 * y.backward();
 * x.grad; // => [[[0.25 0.25] [0.25 0.25]]]
 */
export function avgPool2d(x: Tensor, kernelSize: nd.Pair, options: nd.AvgPoolOptions = {}): Tensor {
  nd.args.checkOptions("avgPool2d", options, nd.avgPoolOptions);
  return onImages("avgPool2d", x, 2, options.layout, (images) => {
    const geometry = nd.poolGeometry("avgPool2d", images.shape, kernelSize, options);
    return average(images, geometry, nd.poolDivisors(geometry, options));
  });
}

/** The mean of each window of sequences `[n, c, l]` or `[c, l]`. */
export function avgPool1d(
  x: Tensor,
  kernelSize: number,
  options: nd.AvgPoolOptions<number> = {},
): Tensor {
  nd.args.check("avgPool1d", "kernelSize", kernelSize, nd.args.whole(1));
  nd.args.checkOptions("avgPool1d", options, nd.avgPool1dOptions);
  return onImages("avgPool1d", x, 1, options.layout, (images) => {
    const rows = nd.pool2dOptions(options);
    const geometry = nd.poolGeometry("avgPool1d", images.shape, [1, kernelSize], rows);
    return average(images, geometry, nd.poolDivisors(geometry, rows));
  });
}

/**
 * The largest element of each of `outputSize` windows that cover the image evenly: window `i` of
 * `m` goes from `floor(i n / m)` to `ceil((i + 1) n / m)`.
 */
export function adaptiveMaxPool2d(
  x: Tensor,
  outputSize: nd.OutputSize,
  options: LayoutOption = {},
): Tensor {
  const { layout } = nd.args.checkOptions("adaptiveMaxPool2d", options, nd.adaptivePoolOptions);
  return onImages("adaptiveMaxPool2d", x, 2, layout, (images) =>
    adaptiveMax("adaptiveMaxPool2d", images, outputSize, layout),
  );
}

/** The same for sequences. */
export function adaptiveMaxPool1d(
  x: Tensor,
  outputSize: number,
  options: LayoutOption = {},
): Tensor {
  nd.args.check("adaptiveMaxPool1d", "outputSize", outputSize, nd.args.whole(1));
  const { layout } = nd.args.checkOptions("adaptiveMaxPool1d", options, nd.adaptivePoolOptions);
  return onImages("adaptiveMaxPool1d", x, 1, layout, (images) =>
    adaptiveMax("adaptiveMaxPool1d", images, [1, outputSize], layout),
  );
}

/**
 * The mean of each of `outputSize` windows that cover the image evenly: window `i` of `m` goes from
 * `floor(i n / m)` to `ceil((i + 1) n / m)`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[[1, 2, 3]]]).adaptiveAvgPool2d([1, 2]); // => [[[1.5 2.5]]]
 */
export function adaptiveAvgPool2d(
  x: Tensor,
  outputSize: nd.OutputSize,
  options: LayoutOption = {},
): Tensor {
  const { layout } = nd.args.checkOptions("adaptiveAvgPool2d", options, nd.adaptivePoolOptions);
  return onImages("adaptiveAvgPool2d", x, 2, layout, (images) =>
    adaptiveMean("adaptiveAvgPool2d", images, outputSize, layout),
  );
}

/** The same for sequences. */
export function adaptiveAvgPool1d(
  x: Tensor,
  outputSize: number,
  options: LayoutOption = {},
): Tensor {
  nd.args.check("adaptiveAvgPool1d", "outputSize", outputSize, nd.args.whole(1));
  const { layout } = nd.args.checkOptions("adaptiveAvgPool1d", options, nd.adaptivePoolOptions);
  return onImages("adaptiveAvgPool1d", x, 1, layout, (images) =>
    adaptiveMean("adaptiveAvgPool1d", images, [1, outputSize], layout),
  );
}

function adaptiveMax(
  op: string,
  x: Tensor,
  outputSize: nd.OutputSize,
  layout: nd.Layout = "NCHW",
): Tensor {
  return nd.scope(() => {
    const { rows, columns, kernel } = nd.adaptiveWindows(op, x.shape, outputSize, layout, true);
    const images = repeated(x, rows, columns, layout);
    return largest(images, nd.poolGeometry(op, images.shape, kernel, { layout }))[0];
  });
}

function adaptiveMean(
  op: string,
  x: Tensor,
  outputSize: nd.OutputSize,
  layout: nd.Layout = "NCHW",
): Tensor {
  return nd.scope(() => {
    const windows = nd.adaptiveWindows(op, x.shape, outputSize, layout);
    const { rows, columns, kernel, divisors } = windows;
    // One window sees all.
    if (rows.length === kernel[0] && columns.length === kernel[1]) {
      return mean(x, nd.imageAxes[layout], { keepdims: true });
    }
    // Short windows are filled up with zeros, which stand in a last row and column.
    const isEven = !rows.includes(-1) && !columns.includes(-1);
    const images = repeated(isEven ? x : withZeros(x, layout), rows, columns, layout);
    const geometry = nd.poolGeometry(op, images.shape, kernel, { layout });
    return average(images, geometry, divisors);
  });
}

/** The rows and columns named, in their order; the images themselves where that is all of them. */
function repeated(x: Tensor, rows: Int32Array, columns: Int32Array, layout: nd.Layout): Tensor {
  return [rows, columns].reduce((images, positions, i) => {
    const axis = nd.imageAxes[layout][i]!;
    const isWhole =
      positions.length === images.shape[axis] && positions.every((at, place) => at === place);
    return isWhole ? images : take(images, tensor(positions, { backend: x.backend }), axis);
  }, x);
}

/** The images with a row and a column of zeros at the end. */
function withZeros(x: Tensor, layout: nd.Layout): Tensor {
  const axes = nd.imageAxes[layout];
  const larger = x.shape.map((length, axis) => length + Number(axes.includes(axis)));
  return unslice(x, larger, ...x.shape.map((length): [number, number] => [0, length]));
}
