/** Ops that put elements around arrays or between their elements. */
import { check, checkOptions, type Kinds, number, oneOf, oneOrMore, whole } from "../args.ts";
import { array, full } from "../create.ts";
import { ArgumentError, ShapeError, showShape } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { normalizeAxis } from "../shape.ts";
import { checkCount, type PadWidths, padWidths } from "../shape-windows.ts";
import type { Index } from "../slice.ts";
import { assign } from "./cast.ts";
import { checkArray } from "./common.ts";
import { take, unslice } from "./indexing.ts";
import { slice } from "./views.ts";

/**
 * What stands in the margin: `constant` one number; `reflect` the array mirrored in its border
 * element, `d c b | a b c d`; `symmetric` mirrored at its border, `c b a | a b c d`; `edge` (in
 * PyTorch `replicate`) the nearest element; `wrap` (in PyTorch `circular`) the array over again.
 */
export type PadMode =
  | "constant"
  | "reflect"
  | "symmetric"
  | "edge"
  | "replicate"
  | "wrap"
  | "circular";

/** What `pad` puts into the margin. */
export interface PadOptions {
  /** Default `constant`. */
  readonly mode?: PadMode;
  /** For `constant`, converted to the array's dtype. Default 0. */
  readonly value?: number;
}

/** Which element a place before, within or after an axis shows. */
const sources: Record<Exclude<PadMode, "constant">, (place: number, length: number) => number> = {
  reflect(place, length) {
    const period = Math.max(1, 2 * (length - 1));
    const within = modulo(place, period);
    return within < length ? within : period - within;
  },
  symmetric(place, length) {
    const within = modulo(place, 2 * length);
    return within < length ? within : 2 * length - 1 - within;
  },
  edge: nearest,
  replicate: nearest,
  wrap: modulo,
  circular: modulo,
};

/** What the options of `pad` must be. */
export const padOptions: Kinds<PadOptions> = {
  mode: oneOf("constant", ...Object.keys(sources)),
  value: number,
};

function nearest(place: number, length: number): number {
  return Math.min(Math.max(place, 0), length - 1);
}

function modulo(a: number, b: number): number {
  return ((a % b) + b) % b;
}

/**
 * For each axis, the positions whose elements a padded axis shows; null for an axis that stays as
 * it is. Every mode but `constant` is a `take` of these.
 *
 * @throws ArgumentError for an unknown mode, and where there is nothing to repeat.
 *
 * @example
 * import { padPositions } from "@needle/ndarray";
 * Array.from(padPositions("pad", [3], 1, "circular")[0] ?? []); // => [2,0,1,2,0]
 */
export function padPositions(
  op: string,
  shape: readonly number[],
  widths: PadWidths,
  mode: Exclude<PadMode, "constant">,
): (Int32Array | null)[] {
  check(op, "mode", mode, oneOf(...Object.keys(sources)));
  const source = sources[mode];
  return padWidths(op, shape, widths).map(([before, after], axis) => {
    if (before + after === 0) return null;
    const length = shape[axis]!;
    if (length === 0) {
      throw new ArgumentError(
        op,
        `axis ${axis} of ${showShape(shape)} has no elements for mode "${mode}"`,
        'Use mode "constant".',
      );
    }
    const place = (_: unknown, i: number): number => source(i - before, length);
    return Int32Array.from({ length: before + length + after }, place);
  });
}

/**
 * The array with a margin: `widths` elements more on every side, or `[before, after]` for all axes,
 * or one such pair an axis. Margins may be wider than the array, as in NumPy.
 *
 * @throws ArgumentError for negative widths and unknown modes, ShapeError for a wrong number of
 *   pairs.
 *
 * @example
 * import { arange, array } from "@needle/ndarray";
 * array([[1, 2]]).pad([[1, 0], [0, 2]], { value: 9 }); // => [[9. 9. 9. 9.]
 *    //     [1. 2. 9. 9.]]
 * arange(4).pad([2, 3], { mode: "reflect" }); // => [2 1 0 1 2 3 2 1 0]
 * arange(3).pad(2, { mode: "wrap" }); // => [1 2 0 1 2 0 1]
 */
export function pad(x: NDArray, widths: PadWidths, options: PadOptions = {}): NDArray {
  checkArray("pad", x);
  const { mode = "constant", value = 0 } = checkOptions("pad", options, padOptions);
  const { backend, dtype } = x;
  if (mode === "constant") {
    const pairs = padWidths("pad", x.shape, widths);
    const shape = x.shape.map((length, axis) => length + pairs[axis]![0] + pairs[axis]![1]);
    return scope(() => {
      const out = full(shape, value, { dtype, backend });
      const middle = pairs.map(([before], axis): Index => [before, before + x.shape[axis]!]);
      assign(slice(out, ...middle), x);
      return out;
    });
  }
  const positions = padPositions("pad", x.shape, widths, mode);
  return scope(() =>
    positions.reduce(
      (padded: NDArray, list, axis) =>
        list === null ? padded : take(padded, array(list, { backend }), axis),
      positions.every((list) => list === null) ? x.copy() : x,
    ),
  );
}

/** The axes that `dilate` works on; those the shape does not have are left out, as in the course. */
function dilatedAxes(op: string, rank: number, axes: readonly number[] | number): number[] {
  check(op, "axes", axes, oneOrMore(whole()));
  const list = typeof axes === "number" ? [axes] : axes;
  return list.filter((axis) => axis < rank).map((axis) => normalizeAxis(op, axis, rank));
}

/**
 * Zeros between the elements: `dilation` of them after each one along `axes`, also after the last,
 * so that the axis is `dilation + 1` times as long. Axes past the last are ignored.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2]).dilate(0, 2); // => [1. 0. 0. 2. 0. 0.]
 */
export function dilate(x: NDArray, axes: readonly number[] | number, dilation: number): NDArray {
  checkArray("dilate", x);
  checkCount("dilate", "dilation", dilation, 0);
  const spread = dilatedAxes("dilate", x.ndim, axes);
  const shape = x.shape.map((n, axis) => (spread.includes(axis) ? n * (dilation + 1) : n));
  return unslice(x, shape, ...everyNth(x.ndim, spread, dilation + 1));
}

/**
 * The elements that `dilate` with the same arguments keeps apart: every `dilation + 1`-th along
 * `axes`, as a view.
 *
 * @throws ShapeError when an axis is no multiple of `dilation + 1` long.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 0, 0, 2, 0, 0]).undilate(0, 2); // => [1. 2.]
 */
export function undilate(x: NDArray, axes: readonly number[] | number, dilation: number): NDArray {
  checkArray("undilate", x);
  checkCount("undilate", "dilation", dilation, 0);
  const spread = dilatedAxes("undilate", x.ndim, axes);
  const odd = spread.find((axis) => x.shape[axis]! % (dilation + 1) !== 0);
  if (odd !== undefined) {
    throw new ShapeError(
      "undilate",
      `axis ${odd} of ${showShape(x.shape)} is not a multiple of ${dilation + 1} long`,
    );
  }
  return slice(x, ...everyNth(x.ndim, spread, dilation + 1));
}

function everyNth(rank: number, axes: readonly number[], step: number): Index[] {
  return Array.from({ length: rank }, (_, axis) =>
    axes.includes(axis) ? [null, null, step] : ":",
  );
}
