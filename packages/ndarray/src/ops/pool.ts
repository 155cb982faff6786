/**
 * The steps that pools are made of: the largest element of each window with its position, the sum
 * of each window, and the adjoint of that. A backend's kernels are used where there are any; the
 * compositions beside them take one position of the window at a time.
 */
import type { PoolWindow } from "../backend.ts";
import { fromTypedArray, full, zeros } from "../create.ts";
import { type DType, isFloat } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { channelsLast } from "../shape-images.ts";
import type { PoolGeometry } from "../shape-pool.ts";
import type { Index } from "../slice.ts";
import { assign, emptyLike } from "./cast.ts";
import { checkArray } from "./common.ts";
import { add, gt, isNaN, logicalOr, where } from "./elementwise.ts";
import { permute, slice } from "./views.ts";

/** The largest element of each window, and its int32 position `row * w + column` in the image. */
export function pooledMax(
  x: NDArray,
  { op, layout, window, y }: PoolGeometry,
): readonly [values: NDArray, index: NDArray] {
  checkNumbers(op, x);
  return scope(() => {
    const values = emptyLike(x, y);
    const index = emptyLike(x, y, "int32");
    const [out, positions, images] = [values, index, x].map((one) => channelsAtEnd(one, layout));
    const { backend } = x;
    if (y.includes(0)) return [values, index];
    if (backend.maxPool2d !== undefined) {
      backend.maxPool2d(out!.view(op), positions!.view(op), images!.view(op), window);
    } else {
      composeMax(out!, positions!, images!, window);
    }
    return [values, index];
  });
}

/** The sum of each window; elements beyond the image are zeros. */
export function pooledSum(x: NDArray, { op, layout, window, y }: PoolGeometry): NDArray {
  checkNumbers(op, x);
  return scope(() => {
    const sums = emptyLike(x, y);
    const [out, images] = [sums, x].map((one) => channelsAtEnd(one, layout)) as [NDArray, NDArray];
    if (x.backend.sumPool2d !== undefined && isFloat(x.dtype) && sums.size > 0) {
      x.backend.sumPool2d(out.view(op), images.view(op), window);
    } else {
      composeSum(out, images, window);
    }
    return sums;
  });
}

/** The adjoint of `pooledSum`: each pixel gets the sum of the windows it lies in. */
export function pooledSumInput(y: NDArray, geometry: PoolGeometry): NDArray {
  const { op, layout, window } = geometry;
  checkNumbers(op, y);
  return scope(() => {
    const spread = emptyLike(y, geometry.x);
    const [out, sums] = [spread, y].map((one) => channelsAtEnd(one, layout)) as [NDArray, NDArray];
    if (y.backend.sumPool2dInput !== undefined && isFloat(y.dtype) && spread.size > 0) {
      y.backend.sumPool2dInput(out.view(op), sums.view(op), window);
    } else {
      composeSumInput(out, sums, window);
    }
    return spread;
  });
}

function checkNumbers(op: string, x: NDArray): void {
  checkArray(op, x);
  if (x.dtype === "bool")
    throw new DTypeError(op, "not defined for bool", "Convert with astype first.");
}

function channelsAtEnd(x: NDArray, layout: PoolGeometry["layout"]): NDArray {
  return permute(x, channelsLast[layout][0]);
}

interface Padded {
  /** Of the images with their padding, as far as any window reaches. */
  readonly shape: number[];
  /** Where the images lie. */
  readonly place: Index[];
}

function padded(x: NDArray, y: NDArray, window: PoolWindow): Padded {
  const { kernel, stride, padding, dilation } = window;
  const place: Index[] = [":"];
  const lengths = [0, 1].map((axis) => {
    const end = padding[axis]! + x.shape[axis + 1]!;
    const last = (y.shape[axis + 1]! - 1) * stride[axis]!;
    place.push([padding[axis]!, end]);
    return Math.max(end, last + (kernel[axis]! - 1) * dilation[axis]! + 1);
  });
  return { shape: [x.shape[0]!, ...lengths, x.shape[3]!], place };
}

/** Calls `visit` with each position of the window and the part of padded images it sees. */
function forEachTap(
  y: NDArray,
  { kernel, stride, dilation }: PoolWindow,
  visit: (part: Index[], i: number, j: number) => void,
): void {
  const along = (axis: 0 | 1, at: number): Index => {
    const start = at * dilation[axis];
    return [start, start + (y.shape[axis + 1]! - 1) * stride[axis] + 1, stride[axis]];
  };
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) scope(() => visit([":", along(0, i), along(1, j)], i, j));
  }
}

const lowest: Record<Exclude<DType, "bool">, number> = {
  uint8: 0,
  int32: -(2 ** 31),
  float32: Number.NEGATIVE_INFINITY,
  float64: Number.NEGATIVE_INFINITY,
};

function composeMax(y: NDArray, index: NDArray, x: NDArray, window: PoolWindow): void {
  const { shape, place } = padded(x, y, window);
  const { dtype, backend } = x;
  const source = full(shape, lowest[dtype as Exclude<DType, "bool">], { dtype, backend });
  assign(slice(source, ...place), x);
  assign(y, lowest[dtype as Exclude<DType, "bool">]);
  assign(index, positions(x, y, window, firstInside));
  forEachTap(y, window, (part, i, j) => {
    const seen = slice(source, ...part);
    const isBetter = isFloat(dtype) ? logicalOr(gt(seen, y), isNaN(seen)) : gt(seen, y);
    assign(y, where(isBetter, seen, y));
    assign(
      index,
      where(
        isBetter,
        positions(x, y, window, () => [i, j]),
        index,
      ),
    );
  });
}

/** The positions in the image, `[1, oh, ow, 1]`, of one element of each window. */
function positions(
  x: NDArray,
  y: NDArray,
  { stride, padding, dilation }: PoolWindow,
  element: (
    start: readonly [number, number],
    dilation: readonly [number, number],
  ) => [number, number],
): NDArray {
  const [, oh, ow] = y.shape as [number, number, number];
  const found = Int32Array.from({ length: oh * ow }, (_, at) => {
    const top = Math.floor(at / ow) * stride[0] - padding[0];
    const left = (at % ow) * stride[1] - padding[1];
    const [i, j] = element([top, left], dilation);
    return (top + i * dilation[0]) * x.shape[2]! + left + j * dilation[1];
  });
  return fromTypedArray(found, [1, oh, ow, 1], { backend: x.backend });
}

/** The first element of a window that lies inside the image. */
function firstInside(
  start: readonly [number, number],
  dilation: readonly [number, number],
): [number, number] {
  return [0, 1].map((axis) => Math.max(0, Math.ceil(-start[axis]! / dilation[axis]!))) as [
    number,
    number,
  ];
}

function composeSum(y: NDArray, x: NDArray, window: PoolWindow): void {
  const { shape, place } = padded(x, y, window);
  const source = zeros(shape, { dtype: x.dtype, backend: x.backend });
  assign(slice(source, ...place), x);
  assign(y, 0);
  forEachTap(y, window, (part) => assign(y, add(y, slice(source, ...part))));
}

function composeSumInput(x: NDArray, y: NDArray, window: PoolWindow): void {
  const { shape, place } = padded(x, y, window);
  const total = zeros(shape, { dtype: x.dtype, backend: x.backend });
  forEachTap(y, window, (part) => {
    const seen = slice(total, ...part);
    assign(seen, add(seen, y));
  });
  assign(x, slice(total, ...place));
}
