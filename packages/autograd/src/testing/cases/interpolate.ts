/** The cases of resizing, by where each new place lies between old ones. */
import type * as resizing from "../../ops/interpolate.ts";
import { type Case, differentiable, use } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

/** The two old places of a new one along an axis and the share of the second. */
function between(place: number, length: number): [number, number, number] {
  const inside = Math.min(Math.max(place, 0), length - 1);
  const low = Math.floor(inside);
  return [low, Math.min(low + 1, length - 1), inside - low];
}

/** Resized by reading between the old places, `place` saying where. */
function resized(
  x: Grid,
  sizes: readonly number[],
  place: (i: number, axis: number) => number,
): Grid {
  return build([...x.shape.slice(0, 2), ...sizes], (index) => {
    const read = (axis: number, own: readonly number[]): number => {
      if (axis === x.shape.length) return at(x, own);
      if (axis < 2) return read(axis + 1, [...own, index[axis]!]);
      const [low, high, share] = between(place(index[axis]!, axis), x.shape[axis]!);
      return (1 - share) * read(axis + 1, [...own, low]) + share * read(axis + 1, [...own, high]);
    };
    return read(0, []);
  });
}

/** The cases of resizing. */
export const resizingCases: Record<keyof typeof resizing, Case> = {
  interpolate: differentiable((draw) => {
    const centred = (from: number[], to: number[]) => (i: number, axis: number) =>
      ((i + 0.5) * from[axis - 2]!) / to[axis - 2]! - 0.5;
    const cornered = (from: number[], to: number[]) => (i: number, axis: number) =>
      (i * (from[axis - 2]! - 1)) / (to[axis - 2]! - 1);
    const first = (from: number[], to: number[]) => (i: number, axis: number) =>
      Math.floor((i * from[axis - 2]!) / to[axis - 2]!);
    return [
      use(
        "[2,1,3] to 5, nearest",
        [draw([2, 1, 3])],
        (x) => x!.interpolate({ size: 5 }),
        (x) => resized(x, [5], first([3], [5])),
      ),
      use(
        "[1,2,2,3] to [4,2], nearest",
        [draw([1, 2, 2, 3])],
        (x) => x!.interpolate({ size: [4, 2] }),
        (x) => resized(x, [4, 2], first([2, 3], [4, 2])),
      ),
      use(
        "[2,1,3] by 2, linear",
        [draw([2, 1, 3])],
        (x) => x!.interpolate({ scaleFactor: 2, mode: "linear" }),
        (x) => resized(x, [6], centred([3], [6])),
      ),
      use(
        "[1,2,2,3] to [3,2], bilinear",
        [draw([1, 2, 2, 3])],
        (x) => x!.interpolate({ size: [3, 2], mode: "bilinear" }),
        (x) => resized(x, [3, 2], centred([2, 3], [3, 2])),
      ),
      use(
        "[1,2,2,3] to [3,5], bilinear, aligned",
        [draw([1, 2, 2, 3])],
        (x) => x!.interpolate({ size: [3, 5], mode: "bilinear", alignCorners: true }),
        (x) => resized(x, [3, 5], cornered([2, 3], [3, 5])),
      ),
      use(
        "[1,1,2,2,2] to 3, trilinear",
        [draw([1, 1, 2, 2, 2])],
        (x) => x!.interpolate({ size: 3, mode: "trilinear" }),
        (x) => resized(x, [3, 3, 3], centred([2, 2, 2], [3, 3, 3])),
      ),
    ];
  }),
  pixelShuffle: differentiable((draw) => [
    use(
      "[2,8,1,2] by 2",
      [draw([2, 8, 1, 2])],
      (x) => x!.pixelShuffle(2),
      (x) =>
        build([2, 2, 2, 4], ([n, c, h, w]) => {
          const channel = 4 * c! + 2 * (h! % 2) + (w! % 2);
          return at(x, [n!, channel, Math.floor(h! / 2), Math.floor(w! / 2)]);
        }),
    ),
  ]),
  pixelUnshuffle: differentiable((draw) => [
    use(
      "[2,2,4] by 2",
      [draw([2, 2, 4])],
      (x) => x!.pixelUnshuffle(2),
      (x) =>
        build([8, 1, 2], ([c, h, w]) => {
          const row = 2 * h! + (Math.floor(c! / 2) % 2);
          return at(x, [Math.floor(c! / 4), row, 2 * w! + (c! % 2)]);
        }),
    ),
  ]),
};
