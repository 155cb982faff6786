/**
 * The three contractions of a convolution's trilinear form: `y` from the images and the weight, and
 * the two adjoints. Public convolutions (`conv.ts`) and their gradients are made of these. A
 * backend's kernels are used for floats where there are any; the compositions beside them take one
 * position of the window at a time, which is a strided slice of the images and a matrix product.
 */
import type { Backend, ConvWindow, View } from "../backend.ts";
import { zeros } from "../create.ts";
import { type DType, isFloat, promote } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import type { ConvGeometry } from "../shape-conv.ts";
import { channelsLast } from "../shape-images.ts";
import type { Index } from "../slice.ts";
import { assign, astype, emptyLike } from "./cast.ts";
import { sameBackend } from "./common.ts";
import { add } from "./elementwise.ts";
import { unslice } from "./indexing.ts";
import { matmul } from "./matmul.ts";
import { permute, reshape, slice } from "./views.ts";

type KernelName = "conv2d" | "conv2dInput" | "conv2dWeight";

/** The convolution itself: `y` from the images and the weight. */
export function convolve(x: NDArray, weight: NDArray, geometry: ConvGeometry): NDArray {
  return contract("conv2d", x, weight, geometry, {
    shape: geometry.y,
    axes: [0, 0, 1],
    compose: composeOutput,
  });
}

/** Its adjoint with respect to the images, from `y` and the weight. */
export function convolveInput(y: NDArray, weight: NDArray, geometry: ConvGeometry): NDArray {
  return contract("conv2dInput", y, weight, geometry, {
    shape: geometry.x,
    axes: [0, 0, 1],
    compose: composeInput,
  });
}

/** Its adjoint with respect to the weight, from the images and `y`. */
export function convolveWeight(x: NDArray, y: NDArray, geometry: ConvGeometry): NDArray {
  return contract("conv2dWeight", x, y, geometry, {
    shape: geometry.weight,
    axes: [1, 0, 0],
    compose: composeWeight,
  });
}

interface Contraction {
  /** Of the result. */
  readonly shape: readonly number[];
  /** Whether the result and the two operands are images (0) or weights (1). */
  readonly axes: readonly [0 | 1, 0 | 1, 0 | 1];
  /** Writes the result, all in the layout that kernels see. */
  readonly compose: (out: NDArray, a: NDArray, b: NDArray, window: ConvWindow) => void;
}

function contract(
  name: KernelName,
  a: NDArray,
  b: NDArray,
  { op, layout, window }: ConvGeometry,
  { shape, axes, compose }: Contraction,
): NDArray {
  const backend = sameBackend(op, a, b);
  const dtype = promote(a.dtype, b.dtype);
  if (dtype === "bool")
    throw new DTypeError(op, "not defined for bool", "Convert with astype first.");
  return scope(() => {
    const out = emptyLike(a, shape, dtype);
    const operands = [out, astype(a, dtype), astype(b, dtype)].map((array, i) =>
      permute(array, channelsLast[layout][axes[i]!]),
    ) as [NDArray, NDArray, NDArray];
    if (a.size === 0 || b.size === 0) assign(out, 0);
    else if (!runKernel(backend, name, op, operands, dtype, window)) compose(...operands, window);
    return out;
  });
}

function runKernel(
  backend: Backend,
  name: KernelName,
  op: string,
  operands: readonly NDArray[],
  dtype: DType,
  window: ConvWindow,
): boolean {
  const kernel = backend[name];
  if (kernel === undefined || !isFloat(dtype)) return false;
  const [out, a, b] = operands.map((array) => array.view(op)) as [View, View, View];
  if (operands[0]!.size > 0) kernel.call(backend, out, a, b, window);
  return true;
}

/** Which part of padded images the position `[i, j]` of the window sees. */
function tap(window: ConvWindow, [, oh, ow]: readonly number[], i: number, j: number): Index[] {
  const [rows, columns] = [oh!, ow!].map((count, axis): Index => {
    const step = window.stride[axis]!;
    const start = window.dilation[axis]! * (axis === 0 ? i : j);
    return [start, start + (count - 1) * step + 1, step];
  }) as [Index, Index];
  return [":", rows, columns];
}

/** The shape of images with zeros around them, as far as any window reaches, and where they lie. */
function padded(
  [n, h, w, c]: readonly number[],
  [kh, kw]: readonly number[],
  [, oh, ow]: readonly number[],
  { stride, padding, dilation }: ConvWindow,
): { readonly shape: number[]; readonly place: Index[] } {
  const place: Index[] = [":"];
  const lengths = [
    [h!, kh!, oh!],
    [w!, kw!, ow!],
  ].map(([length, k, outputs], axis) => {
    const reach = (outputs! - 1) * stride[axis]! + (k! - 1) * dilation[axis]! + 1;
    place.push([padding[axis]!, padding[axis]! + length!]);
    return Math.max(reach, padding[axis]! + length!);
  });
  return { shape: [n!, ...lengths, c!], place };
}

/** `[n, h, w, c] -> [groups, n h w, c / groups]`. */
function pixels(x: NDArray, groups: number): NDArray {
  const c = x.shape.at(-1)!;
  const rows = x.size / Math.max(1, c);
  return permute(reshape(x, [rows, groups, c / groups]), [1, 0, 2]);
}

/** The other way. */
function image(rows: NDArray, shape: readonly number[]): NDArray {
  return reshape(permute(rows, [1, 0, 2]), shape);
}

/** `[c / groups, o] -> [groups, c / groups, o / groups]`, the weight at a position. */
function matrices(weight: NDArray, i: number, j: number, groups: number): NDArray {
  const at = slice(weight, i, j);
  const [inputs, outputs] = at.shape as [number, number];
  return permute(reshape(at, [inputs, groups, outputs / groups]), [1, 0, 2]);
}

function forEachTap([kh, kw]: readonly number[], visit: (i: number, j: number) => void): void {
  for (let i = 0; i < kh!; i++) for (let j = 0; j < kw!; j++) scope(() => visit(i, j));
}

function composeOutput(y: NDArray, x: NDArray, weight: NDArray, window: ConvWindow): void {
  const { shape, place } = padded(x.shape, weight.shape, y.shape, window);
  const source = unslice(x, shape, ...place);
  assign(y, 0);
  forEachTap(weight.shape, (i, j) => {
    const seen = pixels(slice(source, ...tap(window, y.shape, i, j)), window.groups);
    const part = matmul(seen, matrices(weight, i, j, window.groups));
    assign(y, add(y, image(part, y.shape)));
  });
}

function composeInput(x: NDArray, y: NDArray, weight: NDArray, window: ConvWindow): void {
  const { shape, place } = padded(x.shape, weight.shape, y.shape, window);
  const total = zeros(shape, { dtype: x.dtype, backend: x.backend });
  const rows = pixels(y, window.groups);
  forEachTap(weight.shape, (i, j) => {
    const seen = slice(total, ...tap(window, y.shape, i, j));
    const part = matmul(rows, matrices(weight, i, j, window.groups).transpose());
    assign(seen, add(seen, image(part, seen.shape)));
  });
  assign(x, slice(total, ...place));
}

function composeWeight(weight: NDArray, x: NDArray, y: NDArray, window: ConvWindow): void {
  const { shape, place } = padded(x.shape, weight.shape, y.shape, window);
  const source = unslice(x, shape, ...place);
  const rows = pixels(y, window.groups);
  forEachTap(weight.shape, (i, j) => {
    const seen = pixels(slice(source, ...tap(window, y.shape, i, j)), window.groups);
    const part = matmul(seen.transpose(), rows);
    const at = slice(weight, i, j);
    assign(at, reshape(permute(part, [1, 0, 2]), at.shape));
  });
}
