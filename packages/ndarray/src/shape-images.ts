/**
 * What convolutions and pools know of images: `[n, c, h, w]` with weights `[o, c / groups, kh, kw]`
 * (NCHW, PyTorch's), or `[n, h, w, c]` with weights `[kh, kw, c / groups, o]` (NHWC, the course's).
 */
import { check, type Kind, oneOf, whole } from "./args.ts";
import { ShapeError, showShape } from "./errors.ts";
import { checkList, type Shape } from "./shape.ts";

/** Where the channels of images are: after the batch, or last. */
export type Layout = "NCHW" | "NHWC";

/** One number for rows and columns, or one for each. */
export type Pair = number | readonly [number, number];

/** An image's sizes, whatever its layout. */
export interface Image {
  readonly n: number;
  readonly c: number;
  readonly size: readonly [number, number];
}

/** The order of axes in which an image of a layout is read as `[n, h, w, c]`, and a weight. */
export const channelsLast: Record<Layout, readonly [image: number[], weight: number[]]> = {
  NCHW: [
    [0, 2, 3, 1],
    [2, 3, 1, 0],
  ],
  NHWC: [
    [0, 1, 2, 3],
    [0, 1, 2, 3],
  ],
};

/** The axes of rows and columns. */
export const imageAxes: Record<Layout, readonly [number, number]> = { NCHW: [2, 3], NHWC: [1, 2] };

/** The shape of images in a layout. */
export function arranged(
  layout: Layout,
  n: number,
  [h, w]: readonly number[],
  c: number,
): number[] {
  return layout === "NCHW" ? [n, c, h!, w!] : [n, h!, w!, c];
}

/** The sizes of images of a layout. */
export function imageOf(op: string, shape: Shape, layout: Layout): Image {
  missingAxes(op, shape, 2, layout);
  const [n, h, w, c] = channelsLast[layout][0].map((axis) => shape[axis]!) as [
    number,
    number,
    number,
    number,
  ];
  return { n, c, size: [h, w] };
}

/** Checks a number, or one each for rows and columns. */
export function pairOf(op: string, name: string, value: Pair, least: number): [number, number] {
  check(op, name, value, pairKind(least));
  return typeof value === "number" ? [value, value] : [value[0], value[1]];
}

/** One number for rows and columns, or one for each, as options hold them. */
export function pairKind(least: number): Kind {
  const one = whole(least);
  return {
    expected: `one or two whole numbers of at least ${least}`,
    holds: (value) =>
      one.holds(value) || (Array.isArray(value) && value.length === 2 && value.every(one.holds)),
  };
}

/** A layout, as options hold it. */
export const layoutKind: Kind = oneOf("NCHW", "NHWC");

/**
 * The axes that sequences (`spatial` 1) or images (2) lack of a batch of images: that of the batch,
 * that of rows.
 *
 * @throws ShapeError when there are too few axes or too many.
 */
export function missingAxes(
  op: string,
  shape: Shape,
  spatial: 1 | 2,
  layout: Layout = "NCHW",
): number[] {
  checkList(op, "a shape is an array of sizes", shape);
  check(op, "layout", layout, layoutKind);
  const isSingle = shape.length === spatial + 1;
  if (!isSingle && shape.length !== spatial + 2) {
    const pixels = spatial === 1 ? "l" : "h,w";
    const axes = layout === "NHWC" ? `${pixels},c` : `c,${pixels}`;
    const what = spatial === 1 ? "sequences" : "images";
    throw new ShapeError(op, `${what} are [n,${axes}] or [${axes}], got ${showShape(shape)}`);
  }
  const rows = layout === "NHWC" ? 1 : 2;
  return [...(isSingle ? [0] : []), ...(spatial === 1 ? [rows] : [])];
}
