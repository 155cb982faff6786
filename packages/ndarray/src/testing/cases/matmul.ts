/** Matrix products of any strides, batches stretched among them. */
import fc from "fast-check";
import { type DType, isFloat } from "../../dtype.ts";
import { moderateValues, values, views } from "../arbitraries.ts";
import { type Allowance, rounded } from "../close.ts";
import { HostArray, type HostView, hostMatmul } from "../host.ts";
import type { Workbench } from "../workbench.ts";
import { type ConformanceCase, forAll, once } from "./case.ts";
import { epsilon } from "./reduce.ts";

const dtypes: readonly DType[] = ["uint8", "int32", "float32", "float64"];

interface Product {
  readonly a: HostView;
  readonly b: HostView;
  readonly out: HostView;
}

/**
 * k products and additions, in any order and fused or not, lose at most k spacings of the sum of
 * absolute values.
 */
function lossOf(a: HostArray, b: HostArray): Allowance {
  if (!isFloat(a.dtype)) return rounded;
  const sizes = hostMatmul(a.map(Math.abs), b.map(Math.abs)).values;
  return (_, i) => a.shape.at(-1)! * epsilon(a.dtype) * sizes[i]!;
}

async function check(bench: Workbench, { a, b, out }: Product): Promise<void> {
  const target = bench.place(out);
  bench.backend.matmul(target, bench.place(a), bench.place(b));
  const [left, right] = [HostArray.of(a), HostArray.of(b)];
  await bench.expect(target, out, hostMatmul(left, right), { allowed: lossOf(left, right) });
}

function products(
  dtype: DType,
  batch: fc.Arbitrary<number[]>,
  size: fc.Arbitrary<number>,
): fc.Arbitrary<Product> {
  const elements = isFloat(dtype) ? moderateValues(dtype) : values(dtype);
  return fc.tuple(batch, size, size, size).chain(([axes, m, k, n]) =>
    fc.record({
      a: views(dtype, [...axes, m, k], { values: elements }),
      b: views(dtype, [...axes, k, n], { values: elements }),
      out: views(dtype, [...axes, m, n], { stretch: false }),
    }),
  );
}

const none = fc.constant<number[]>([]);
const batches = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  fc.constantFrom<number[][]>([0], [2, 0]),
);
const sizes = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);

const generalCases: ConformanceCase[] = dtypes.flatMap((dtype) => [
  forAll(`matmul ${dtype}`, products(dtype, none, sizes), check),
  forAll(`matmul ${dtype} in batches`, products(dtype, batches, sizes), check),
]);

/** A row-major matrix, or several. */
function matrix(dtype: DType, shape: readonly number[], element: (i: number) => number): HostView {
  const size = shape.reduce((a, b) => a * b, 1);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  return {
    dtype,
    data: Array.from({ length: size }, (_, i) => element(i)),
    shape,
    strides,
    offset: 0,
  };
}

function transposed(x: HostView): HostView {
  return { ...x, shape: x.shape.toReversed(), strides: x.strides.toReversed() };
}

/** Whole numbers, so that the products are exact, without a pattern that hides a wrong place. */
const mixed = (i: number): number => ((i * 7919) % 23) - 11;

const layoutCases: ConformanceCase[] = [
  once("matmul float32 of several tiles in every combination of transposes", async (bench) => {
    const [m, k, n] = [19, 70, 21];
    for (const left of [
      matrix("float32", [m, k], mixed),
      transposed(matrix("float32", [k, m], mixed)),
    ]) {
      for (const right of [
        matrix("float32", [k, n], mixed),
        transposed(matrix("float32", [n, k], mixed)),
      ]) {
        await check(bench, { a: left, b: right, out: matrix("float32", [m, n], () => -1) });
      }
    }
  }),
  once("matmul float32 of one matrix with every matrix of a batch, by stride 0", async (bench) => {
    const a = matrix("float32", [3, 2, 5], mixed);
    const b: HostView = {
      ...matrix("float32", [5, 4], mixed),
      shape: [3, 5, 4],
      strides: [0, 4, 1],
    };
    const out = matrix("float32", [3, 2, 4], () => -1);
    await check(bench, { a, b, out });
    await check(bench, {
      a: { ...b, shape: [3, 4, 5], strides: [0, 1, 4] },
      b: matrix("float32", [3, 5, 2], mixed),
      out: matrix("float32", [3, 4, 2], () => -1),
    });
  }),
  once("matmul float32 over no terms gives zeros", (bench) =>
    check(bench, {
      a: matrix("float32", [2, 0], mixed),
      b: matrix("float32", [0, 3], mixed),
      out: matrix("float32", [2, 3], () => 9),
    }),
  ),
  once("matmul float32 carries NaN and infinities, also times zero", async (bench) => {
    const a = matrix(
      "float32",
      [3, 2],
      (i) => [Number.NaN, 0, Number.POSITIVE_INFINITY, 1, 0, 0][i]!,
    );
    const b = matrix("float32", [2, 3], (i) => [0, 1, -1, Number.POSITIVE_INFINITY, 2, 0][i]!);
    await check(bench, { a, b, out: matrix("float32", [3, 3], () => 9) });
  }),
];

/** Cases of `matmul`. */
export const matmulCases: readonly ConformanceCase[] = [...generalCases, ...layoutCases];
