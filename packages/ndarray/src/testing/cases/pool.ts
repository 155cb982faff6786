/** Pools on any strides, window by window. */
import fc from "fast-check";
import type { PoolWindow } from "../../backend.ts";
import type { DType } from "../../dtype.ts";
import { moderateValues, values, views } from "../arbitraries.ts";
import type { Allowance } from "../close.ts";
import { HostArray, type HostView } from "../host.ts";
import { type ConformanceCase, forAll } from "./case.ts";
import { epsilon } from "./reduce.ts";

interface Axis {
  readonly length: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

interface Pool {
  readonly x: HostView;
  readonly y: HostView;
  readonly index: HostView;
  readonly window: PoolWindow;
}

function axes(dilations: readonly number[]): fc.Arbitrary<Axis> {
  return fc
    .record({
      kernel: fc.integer({ min: 1, max: 3 }),
      outputs: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 4 }),
      padding: fc.constantFrom(0, 0, 1),
      dilation: fc.constantFrom(...dilations),
      beyond: fc.nat(2),
    })
    .map(({ beyond, ...axis }) => {
      const padding = axis.kernel > 1 ? axis.padding : 0;
      const last = (axis.outputs - 1) * axis.stride - padding;
      // Every window has an element inside: also the first, which starts in the padding.
      const first = padding > 0 ? axis.dilation - padding + 1 : 1;
      const end = last + (axis.kernel - 1) * axis.dilation + 1;
      return { ...axis, padding, length: Math.max(first, last + 1, end - beyond) };
    });
}

function pools(
  dtype: DType,
  elements: fc.Arbitrary<number>,
  dilations: readonly number[] = [1],
): fc.Arbitrary<Pool> {
  const sizes = fc.record({
    n: fc.constantFrom(0, 1, 2),
    c: fc.constantFrom(1, 2, 4, 5, 9),
    rows: axes(dilations),
    columns: axes(dilations),
  });
  return sizes.chain(({ n, c, rows, columns }) => {
    const y = [n, rows.outputs, columns.outputs, c];
    return fc.record({
      x: views(dtype, [n, rows.length, columns.length, c], { values: elements, stretch: false }),
      y: views(dtype, y, { values: elements, stretch: false }),
      index: views("int32", y, { stretch: false }),
      window: fc.constant({
        kernel: [rows.kernel, columns.kernel] as const,
        stride: [rows.stride, columns.stride] as const,
        padding: [rows.padding, columns.padding] as const,
        dilation: [rows.dilation, columns.dilation] as const,
      }),
    });
  });
}

/** Rows and columns inside the image of the window at `[p, q]`. */
function windowAt(
  { x, window }: Pool,
  [, p, q]: readonly number[],
): readonly (readonly [row: number, column: number])[] {
  const { kernel, stride, padding, dilation } = window;
  const [h, w] = x.shape.slice(1) as [number, number];
  const found: [number, number][] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const row = p! * stride[0] - padding[0] + i * dilation[0];
      const column = q! * stride[1] - padding[1] + j * dilation[1];
      if (row >= 0 && row < h && column >= 0 && column < w) found.push([row, column]);
    }
  }
  return found;
}

/** The element of a window that wins: the last NaN, or else the first of the largest. */
function winner(model: HostArray, pool: Pool, index: readonly number[]): readonly [number, number] {
  const pixels = windowAt(pool, index);
  const seen = pixels.map(([row, column]) => model.at([index[0]!, row, column, index[3]!]));
  const nan = seen.findLastIndex(Number.isNaN);
  return pixels[nan >= 0 ? nan : seen.indexOf(Math.max(...seen))]!;
}

function hostSum(model: HostArray, pool: Pool): HostArray {
  return HostArray.from(model.dtype, pool.y.shape, (index) =>
    windowAt(pool, index).reduce(
      (sum, [row, column]) => sum + model.at([index[0]!, row, column, index[3]!]),
      0,
    ),
  );
}

function hostSumInput(model: HostArray, pool: Pool): HostArray {
  const [, oh, ow] = pool.y.shape as [number, number, number];
  return HostArray.from(model.dtype, pool.x.shape, ([image, row, column, channel]) => {
    let sum = 0;
    for (let p = 0; p < oh; p++) {
      for (let q = 0; q < ow; q++) {
        const sees = windowAt(pool, [image!, p, q]).some(([r, c]) => r === row && c === column);
        if (sees) sum += model.at([image!, p, q, channel!]);
      }
    }
    return sum;
  });
}

function lossOf(sizes: HostArray, terms: number): Allowance {
  return (_, i) => terms * epsilon(sizes.dtype) * sizes.values[i]!;
}

const maxCases: ConformanceCase[] = (["float32", "float64", "int32"] as const).map((dtype) =>
  forAll(
    `maxPool2d ${dtype}, where there is one`,
    pools(dtype, fc.oneof(values(dtype), fc.constantFrom(1, 2)), [1, 1, 2]),
    async (bench, pool) => {
      const { backend } = bench;
      if (backend.maxPool2d === undefined) return;
      const [target, index] = [bench.place(pool.y), bench.place(pool.index)];
      backend.maxPool2d(target, index, bench.place(pool.x), pool.window);
      const model = HostArray.of(pool.x);
      const chosen = HostArray.from(dtype, pool.y.shape, (at) => {
        const [row, column] = winner(model, pool, at);
        return model.at([at[0]!, row, column, at[3]!]);
      });
      await bench.expect(target, pool.y, chosen);
      const places = HostArray.from("int32", pool.y.shape, (at) => {
        const [row, column] = winner(model, pool, at);
        return row * pool.x.shape[2]! + column;
      });
      await bench.expect(index, pool.index, places);
    },
  ),
);

const sumCases: ConformanceCase[] = (["float32", "float64"] as const).flatMap((dtype) => [
  forAll(
    `sumPool2d ${dtype}, where there is one`,
    pools(dtype, moderateValues(dtype)),
    async (bench, pool) => {
      if (bench.backend.sumPool2d === undefined) return;
      const target = bench.place(pool.y);
      bench.backend.sumPool2d(target, bench.place(pool.x), pool.window);
      const model = HostArray.of(pool.x);
      const loss = lossOf(hostSum(model.map(Math.abs), pool), 9);
      await bench.expect(target, pool.y, hostSum(model, pool), { allowed: loss });
    },
  ),
  forAll(
    `sumPool2dInput ${dtype}, where there is one`,
    pools(dtype, moderateValues(dtype)),
    async (bench, pool) => {
      if (bench.backend.sumPool2dInput === undefined) return;
      const target = bench.place(pool.x);
      bench.backend.sumPool2dInput(target, bench.place(pool.y), pool.window);
      const model = HostArray.of(pool.y);
      const loss = lossOf(hostSumInput(model.map(Math.abs), pool), 9);
      await bench.expect(target, pool.x, hostSumInput(model, pool), { allowed: loss });
    },
  ),
]);

/** Cases of `maxPool2d`, `sumPool2d` and `sumPool2dInput`. */
export const poolCases: readonly ConformanceCase[] = [...maxCases, ...sumCases];
