/**
 * Ops that change how memory is read, not what is in it. All give views that copy nothing, unless
 * they say otherwise.
 */
import { ArgumentError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import {
  type Axes,
  axisPair,
  broadcastStrides,
  checkShape,
  normalizeAxes,
  normalizeAxis,
  normalizePermutation,
  reshapedShape,
  reshapedStrides,
  type Shape,
} from "../shape.ts";
import { expandedShape, movedAxes } from "../shape-windows.ts";
import { type Index, sliceLayout } from "../slice.ts";
import { copy } from "./cast.ts";
import { checkArray } from "./common.ts";

/** The same memory under another layout. */
function viewOf<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  op: string,
  shape: readonly number[],
  strides: readonly number[],
  offset: number = x.offset,
): NDArray<D> {
  checkArray(op, x);
  return new NDArray<D>(x.storage, shape, strides, offset);
}

/**
 * The same elements in row-major order under another shape; one size may be -1. A view where the
 * strides allow it (always for compact arrays), else a copy, as in NumPy.
 *
 * @throws ShapeError when the numbers of elements differ.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(6).reshape([2, -1]); // => [[0 1 2]
 *    //     [3 4 5]]
 */
export function reshape<D extends NDArray["dtype"]>(x: NDArray<D>, shape: Shape): NDArray<D> {
  checkArray("reshape", x);
  const target = reshapedShape("reshape", x.shape, shape);
  const strides = reshapedStrides(x.shape, x.strides, target);
  if (strides !== null) return viewOf(x, "reshape", target, strides);
  const source = copy(x);
  const out = new NDArray<D>(source.storage, target);
  source.dispose();
  return out;
}

/**
 * All elements along one axis, or the axes from `start` to `end` (both included) joined into one.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * const x = zeros([2, 3, 4]);
 * x.flatten().shape; // => [24]
 * x.flatten(1).shape; // => [2,12]
 */
export function flatten<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  start = 0,
  end = -1,
): NDArray<D> {
  checkArray("flatten", x);
  if (x.ndim === 0) {
    for (const axis of [start, end]) normalizeAxis("flatten", axis, 1);
    return reshape(x, [1]);
  }
  const first = normalizeAxis("flatten", start, x.ndim);
  const last = normalizeAxis("flatten", end, x.ndim);
  if (last < first) throw new ArgumentError("flatten", `axis ${end} comes before axis ${start}`);
  const joined = x.shape.slice(first, last + 1).reduce((product, length) => product * length, 1);
  return reshape(x, [...x.shape.slice(0, first), joined, ...x.shape.slice(last + 1)]);
}

/**
 * The axes in another order: axis `i` of the result is axis `axes[i]` of `x`.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * zeros([2, 3, 4]).permute([2, 0, 1]).shape; // => [4,2,3]
 */
export function permute<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  axes: readonly number[],
): NDArray<D> {
  checkArray("permute", x);
  const order = normalizePermutation("permute", axes, x.ndim);
  return viewOf(
    x,
    "permute",
    order.map((axis) => x.shape[axis]!),
    order.map((axis) => x.strides[axis]!),
  );
}

/**
 * Two axes swapped, the last two unless others are given: `x.transpose()`, `x.transpose(0, 1)` or
 * `x.transpose([0, 1])`. An array of fewer than two axes is its own transpose.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(6).reshape([2, 3]).transpose(); // => [[0 3] [1 4] [2 5]]
 */
export function transpose<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  axes?: number | readonly [number, number],
  other = -1,
): NDArray<D> {
  checkArray("transpose", x);
  if (axes === undefined && x.ndim < 2) return viewOf(x, "transpose", x.shape, x.strides);
  const [a, b] = axisPair("transpose", axes ?? -2, other);
  const first = normalizeAxis("transpose", a, x.ndim);
  const second = normalizeAxis("transpose", b, x.ndim);
  const order = x.shape.map((_, axis) =>
    axis === first ? second : axis === second ? first : axis,
  );
  return permute(x, order);
}

/**
 * Two axes swapped.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * zeros([2, 3, 4]).swapaxes(0, -1).shape; // => [4,3,2]
 */
export function swapaxes<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  a: number,
  b: number,
): NDArray<D> {
  checkArray("swapaxes", x);
  const first = normalizeAxis("swapaxes", a, x.ndim);
  const second = normalizeAxis("swapaxes", b, x.ndim);
  return transpose(x, first, second);
}

/**
 * One axis or several moved to other places; the rest keep their order.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * zeros([2, 3, 4]).moveaxis(0, -1).shape; // => [3,4,2]
 * zeros([2, 3, 4]).moveaxis([2, 1], [0, 1]).shape; // => [4,3,2]
 */
export function moveaxis<D extends NDArray["dtype"]>(
  x: NDArray<D>,
  source: number | readonly number[],
  destination: number | readonly number[],
): NDArray<D> {
  checkArray("moveaxis", x);
  return permute(x, movedAxes("moveaxis", source, destination, x.ndim));
}

/**
 * Stretched to `shape` by NumPy's rules: stride 0 along new and stretched axes.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1], [2]]).broadcastTo([2, 3]); // => [[1. 1. 1.] [2. 2. 2.]]
 */
export function broadcastTo<D extends NDArray["dtype"]>(x: NDArray<D>, shape: Shape): NDArray<D> {
  checkArray("broadcastTo", x);
  checkShape("broadcastTo", shape);
  return viewOf(
    x,
    "broadcastTo",
    [...shape],
    broadcastStrides("broadcastTo", x.shape, x.strides, shape),
  );
}

/**
 * `broadcastTo`, with -1 for a size that stays as it is (PyTorch's expand).
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * zeros([3, 1]).expand([2, -1, 4]).shape; // => [2,3,4]
 */
export function expand<D extends NDArray["dtype"]>(x: NDArray<D>, shape: Shape): NDArray<D> {
  checkArray("expand", x);
  const target = expandedShape("expand", x.shape, shape);
  checkShape("expand", target);
  return viewOf(x, "expand", target, broadcastStrides("expand", x.shape, x.strides, target));
}

/**
 * Basic slicing with NumPy's rules, one argument an axis: positions, ranges, `null` for a new axis,
 * `"..."`.
 *
 * @throws IndexError for positions outside their axis and for too many indices.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * const x = arange(12).reshape([3, 4]);
 * x.slice(1); // => [4 5 6 7]
 * x.slice(":", -1); // => [ 3  7 11]
 * x.slice("::-2", "1:3"); // => [[ 9 10]
 *    //     [ 1  2]]
 */
export function slice<D extends NDArray["dtype"]>(x: NDArray<D>, ...indices: Index[]): NDArray<D> {
  return sliced("slice", x, indices);
}

/** `slice` in the name of `op`. */
export function sliced<D extends NDArray["dtype"]>(
  op: string,
  x: NDArray<D>,
  indices: readonly Index[],
): NDArray<D> {
  checkArray(op, x);
  const whole = { shape: [...x.shape], strides: [...x.strides], offset: x.offset };
  const { shape, strides, offset } = sliceLayout(whole, indices, op);
  return viewOf(x, op, shape, strides, offset);
}

/**
 * Without the axes of size 1: all of them, or those given (which must have size 1).
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * zeros([1, 3, 1]).squeeze().shape; // => [3]
 * zeros([1, 3, 1]).squeeze(0).shape; // => [3,1]
 */
export function squeeze<D extends NDArray["dtype"]>(x: NDArray<D>, axes?: Axes): NDArray<D> {
  checkArray("squeeze", x);
  const named = normalizeAxes("squeeze", axes, x.ndim);
  const all = axes === undefined || axes === null;
  const wrong = all ? undefined : named.find((axis) => x.shape[axis] !== 1);
  if (wrong !== undefined) {
    throw new ArgumentError("squeeze", `axis ${wrong} has length ${x.shape[wrong]}, not 1`);
  }
  const stays = (axis: number): boolean => x.shape[axis] !== 1 || !named.includes(axis);
  return viewOf(
    x,
    "squeeze",
    x.shape.filter((_, axis) => stays(axis)),
    x.strides.filter((_, axis) => stays(axis)),
  );
}

/**
 * With a new axis of size 1 at position `axis` of the result.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * zeros([3]).unsqueeze(-1).shape; // => [3,1]
 */
export function unsqueeze<D extends NDArray["dtype"]>(x: NDArray<D>, axis: number): NDArray<D> {
  checkArray("unsqueeze", x);
  const position = normalizeAxis("unsqueeze", axis, x.ndim + 1);
  return viewOf(
    x,
    "unsqueeze",
    x.shape.toSpliced(position, 0, 1),
    x.strides.toSpliced(position, 0, 0),
  );
}

/**
 * The elements in reverse order along the axes (all unless given).
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(4).flip(); // => [3 2 1 0]
 */
export function flip<D extends NDArray["dtype"]>(x: NDArray<D>, axes?: Axes): NDArray<D> {
  checkArray("flip", x);
  const reversed = normalizeAxes("flip", axes, x.ndim);
  return slice(x, ...x.shape.map((_, axis): Index => (reversed.includes(axis) ? "::-1" : ":")));
}
