/** Pools, one window of one channel at a time. */
import type { PoolWindow, View } from "../../backend.ts";
import { dataOf, forEachRow } from "./loops.ts";

type Four = readonly [number, number, number, number];

/**
 * Calls `visit` with the place of each element of `y`, and in `list` the places of the elements of
 * its window inside the image `x`, `count` of them, with their rows and columns.
 */
function forEachWindow(
  x: View,
  y: View,
  { kernel, stride, padding, dilation }: PoolWindow,
  visit: (index: Four, places: readonly number[], positions: readonly number[]) => void,
): void {
  const [, h, w] = x.shape as Four;
  const [n, oh, ow, c] = y.shape as Four;
  const [sn, sh, sw, sc] = x.strides as unknown as Four;
  const rows = inside(0, oh, h);
  const columns = inside(1, ow, w);
  /** For each window along an axis, the positions of its elements inside the image. */
  function inside(axis: 0 | 1, outputs: number, length: number): number[][] {
    return Array.from({ length: outputs }, (_, p) =>
      Array.from(
        { length: kernel[axis] },
        (_, i) => p * stride[axis] - padding[axis] + i * dilation[axis],
      ).filter((at) => at >= 0 && at < length),
    );
  }
  for (let image = 0; image < n; image++) {
    for (let p = 0; p < oh; p++) {
      for (let q = 0; q < ow; q++) {
        const pixels = rows[p]!.flatMap((row) => columns[q]!.map((column) => [row, column]));
        const positions = pixels.map(([row, column]) => row! * w + column!);
        const first = pixels.map(
          ([row, column]) => x.offset + image * sn + row! * sh + column! * sw,
        );
        for (let channel = 0; channel < c; channel++) {
          const places = first.map((place) => place + channel * sc);
          visit([image, p, q, channel], places, positions);
        }
      }
    }
  }
}

function placeOf(x: View, index: Four): number {
  return index.reduce((place, i, axis) => place + i * x.strides[axis]!, x.offset);
}

export function maxPool2d(out: View, index: View, x: View, window: PoolWindow): void {
  const [target, chosen, from] = [dataOf(out), dataOf(index), dataOf(x)];
  forEachWindow(x, out, window, (at, places, positions) => {
    let best = 0;
    for (let i = 1; i < places.length; i++) {
      const value = from[places[i]!]!;
      if (value > from[places[best]!]! || Number.isNaN(value)) best = i;
    }
    target[placeOf(out, at)] = from[places[best]!]!;
    chosen[placeOf(index, at)] = positions[best]!;
  });
}

export function sumPool2d(out: View, x: View, window: PoolWindow): void {
  const [target, from] = [dataOf(out), dataOf(x)];
  forEachWindow(x, out, window, (at, places) => {
    let sum = 0;
    for (const place of places) sum += from[place]!;
    target[placeOf(out, at)] = sum;
  });
}

export function sumPool2dInput(out: View, y: View, window: PoolWindow): void {
  const [target, from] = [dataOf(out), dataOf(y)];
  const sums = new Float64Array(target.length);
  forEachWindow(out, y, window, (at, places) => {
    const value = from[placeOf(y, at)]!;
    for (const place of places) sums[place]! += value;
  });
  forEachRow(out.shape, [out], ([place], count, [step]) => {
    for (let i = 0, at = place!; i < count; i++, at += step!) target[at] = sums[at]!;
  });
}
