/** Cases of pools, window by window. */
import type { Shape } from "@needle/ndarray";
import type { Tensor } from "../../index.ts";
import { type Case, type Draw, differentiable, type Sample, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

type Combine = (seen: readonly number[], count: number) => number;

/** For each window along an axis, the positions of its elements, also beyond the edges. */
type Windows = readonly (readonly number[])[];

function windows(
  length: number,
  kernel: number,
  { stride = kernel, padding = 0, dilation = 1, count }: WindowPlan = {},
): Windows {
  const last = Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride);
  return Array.from({ length: count ?? last + 1 }, (_, p) =>
    Array.from({ length: kernel }, (__, i) => p * stride - padding + i * dilation),
  );
}

interface WindowPlan {
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  /** How many windows, where that is not those that fit. */
  readonly count?: number;
}

/** `[…, h, w]`: what `combine` makes of the elements inside the image, and the window's size. */
function pooled(rows: Windows, columns: Windows, combine: Combine): (x: Grid) => Grid {
  return (x) => {
    const [h, w] = x.shape.slice(-2) as [number, number];
    const lead = x.shape.slice(0, -2);
    return build([...lead, rows.length, columns.length], (index) => {
      const outer = index.slice(0, -2);
      const [p, q] = index.slice(-2) as [number, number];
      const places = rows[p]!.flatMap((row) => columns[q]!.map((column) => [row, column]));
      const inside = places.filter(([row, column]) => {
        return row! >= 0 && row! < h && column! >= 0 && column! < w;
      });
      return combine(
        inside.map((place) => at(x, [...outer, ...place])),
        places.length,
      );
    });
  };
}

const largest: Combine = (seen) => Math.max(...seen);
const sum = (seen: readonly number[]): number => seen.reduce((a, b) => a + b, 0);
const meanOfAll: Combine = (seen, count) => sum(seen) / count;
const meanInside: Combine = (seen) => sum(seen) / seen.length;

/** Channels last, by a formula for channels first. */
function channelsLast(formula: (x: Grid) => Grid): (x: Grid) => Grid {
  return (x) => {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const y = formula(build([n, c, h, w], ([a, b, p, q]) => at(x, [a!, p!, q!, b!])));
    const [oh, ow] = y.shape.slice(2) as [number, number];
    return build([n, oh, ow, c], ([a, p, q, b]) => at(y, [a!, b!, p!, q!]));
  };
}

/** One row. */
function sequences(columns: Windows, combine: Combine): (x: Grid) => Grid {
  return (x) => {
    const lead = x.shape.slice(0, -1);
    const y = pooled([[0]], columns, combine)({ ...x, shape: [...lead, 1, x.shape.at(-1)!] });
    return { ...y, shape: [...lead, columns.length] };
  };
}

/** Windows from floor(i n / m) to ceil((i + 1) n / m). */
function adaptive(length: number, count: number): Windows {
  return Array.from({ length: count }, (_, i) => {
    const [start, end] = [Math.floor((i * length) / count), Math.ceil(((i + 1) * length) / count)];
    return Array.from({ length: end - start }, (__, j) => start + j);
  });
}

function adaptiveSamples(
  draw: Draw,
  run: (x: Tensor, size: number | readonly [number | null, number | null]) => Tensor,
  combine: Combine,
): Sample[] {
  const of = (about: string, x: Shape, size: readonly [number | null, number | null]): Sample => {
    const [h, w] = x.slice(-2) as [number, number];
    const [rows, columns] = [adaptive(h, size[0] ?? h), adaptive(w, size[1] ?? w)];
    return use(about, [draw(x)], (image) => run(image, size), pooled(rows, columns, combine));
  };
  return [
    of("even windows", [1, 2, 4, 6], [2, 3]),
    of("windows of different lengths", [2, 1, 5, 7], [3, 4]),
    of("more windows than pixels", [1, 1, 2, 3], [3, 5]),
    of("columns as they are", [2, 3, 2], [1, null]),
    use(
      "one number",
      [draw([1, 2, 3, 3])],
      (x) => run(x, 2),
      pooled(adaptive(3, 2), adaptive(3, 2), combine),
    ),
  ];
}

type PoolName =
  | `maxPool${1 | 2}d`
  | `avgPool${1 | 2}d`
  | `adaptiveMaxPool${1 | 2}d`
  | `adaptiveAvgPool${1 | 2}d`;

/** Cases of the ops in `ops/pooling.ts`. */
export const poolingCases: Record<PoolName, Case> = {
  maxPool2d: differentiable((draw) => [
    use(
      "windows side by side",
      [draw([2, 2, 4, 5])],
      (x) => x.maxPool2d(2),
      pooled(windows(4, 2), windows(5, 2), largest),
    ),
    use(
      "stride, padding and dilation",
      [draw([1, 2, 6, 7])],
      (x) => x.maxPool2d([2, 3], { stride: [2, 1], padding: 1, dilation: [2, 1] }),
      pooled(
        windows(6, 2, { stride: 2, padding: 1, dilation: 2 }),
        windows(7, 3, { stride: 1, padding: 1 }),
        largest,
      ),
    ),
    use(
      "a last window beyond the edge, one image",
      [draw([2, 5, 5])],
      (x) => x.maxPool2d(2, { ceilMode: true }),
      pooled(windows(5, 2, { count: 3 }), windows(5, 2, { count: 3 }), largest),
    ),
    use(
      "channels last",
      [draw([2, 4, 4, 3])],
      (x) => x.maxPool2d(3, { stride: 1, layout: "NHWC" }),
      channelsLast(pooled(windows(4, 3, { stride: 1 }), windows(4, 3, { stride: 1 }), largest)),
    ),
    useViews(
      "a view",
      [draw([4, 4, 2, 1])],
      [(x) => x.transpose(0, 2).transpose(1, 3).flip()],
      (x) => x.maxPool2d(2),
      pooled(windows(4, 2), windows(4, 2), largest),
    ),
  ]),
  maxPool1d: differentiable((draw) => [
    use(
      "sequences",
      [draw([2, 3, 6])],
      (x) => x.maxPool1d(3, { stride: 2, padding: 1 }),
      sequences(windows(6, 3, { stride: 2, padding: 1 }), largest),
    ),
    use(
      "one sequence",
      [draw([2, 5])],
      (x) => x.maxPool1d(2, { dilation: 3, stride: 1 }),
      sequences(windows(5, 2, { stride: 1, dilation: 3 }), largest),
    ),
  ]),
  avgPool2d: differentiable((draw) => [
    use(
      "windows side by side",
      [draw([2, 2, 4, 5])],
      (x) => x.avgPool2d(2),
      pooled(windows(4, 2), windows(5, 2), meanOfAll),
    ),
    use(
      "padding that counts",
      [draw([1, 2, 4, 4])],
      (x) => x.avgPool2d(3, { stride: 2, padding: 1 }),
      pooled(
        windows(4, 3, { stride: 2, padding: 1 }),
        windows(4, 3, { stride: 2, padding: 1 }),
        meanOfAll,
      ),
    ),
    use(
      "padding that does not count, beyond the edge, channels last",
      [draw([1, 4, 5, 2])],
      (x) =>
        x.avgPool2d([3, 2], {
          padding: [1, 0],
          countIncludePad: false,
          ceilMode: true,
          layout: "NHWC",
        }),
      channelsLast(
        pooled(windows(4, 3, { padding: 1, count: 2 }), windows(5, 2, { count: 3 }), meanInside),
      ),
    ),
    use(
      "a divisor of its own, one image",
      [draw([1, 2, 2])],
      (x) => x.avgPool2d(2, { divisorOverride: 3 }),
      pooled(windows(2, 2), windows(2, 2), (seen) => sum(seen) / 3),
    ),
  ]),
  avgPool1d: differentiable((draw) => [
    use(
      "sequences",
      [draw([2, 3, 6])],
      (x) => x.avgPool1d(3, { stride: 2, padding: 1, countIncludePad: false }),
      sequences(windows(6, 3, { stride: 2, padding: 1 }), meanInside),
    ),
  ]),
  adaptiveMaxPool2d: differentiable((draw) =>
    adaptiveSamples(draw, (x, size) => x.adaptiveMaxPool2d(size), largest),
  ),
  adaptiveMaxPool1d: differentiable((draw) => [
    use(
      "sequences",
      [draw([1, 2, 5])],
      (x) => x.adaptiveMaxPool1d(3),
      sequences(adaptive(5, 3), largest),
    ),
  ]),
  adaptiveAvgPool2d: differentiable((draw) =>
    adaptiveSamples(draw, (x, size) => x.adaptiveAvgPool2d(size), meanInside),
  ),
  adaptiveAvgPool1d: differentiable((draw) => [
    use(
      "sequences",
      [draw([1, 2, 5])],
      (x) => x.adaptiveAvgPool1d(3),
      sequences(adaptive(5, 3), meanInside),
    ),
  ]),
};
