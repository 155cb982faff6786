/**
 * Optional kernels, each against the composition it stands for. A backend without one passes: there
 * the composition runs.
 */
import fc from "fast-check";
import type { DType } from "../../dtype.ts";
import { axesOf, moderateValues, shapes, views } from "../arbitraries.ts";
import type { Allowance } from "../close.ts";
import {
  HostArray,
  type HostView,
  hostLargest,
  hostLogSoftmax,
  hostLogsumexp,
  hostReduce,
  hostSoftmax,
} from "../host.ts";
import { type ConformanceCase, forAll } from "./case.ts";
import { epsilon } from "./reduce.ts";

const dtypes: readonly DType[] = ["float32", "float64"];

/** Far apart, infinite, NaN, equal: what a softmax without its shift gets wrong. */
function logits(dtype: DType): fc.Arbitrary<number> {
  const odd = fc.constantFrom(
    1e4,
    -1e4,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  );
  return fc.oneof({ weight: 7, arbitrary: moderateValues(dtype) }, { weight: 1, arbitrary: odd });
}

interface Rows {
  readonly axis: number;
  readonly x: HostView;
  readonly out: HostView;
}

/** Ops do not call the kernels for arrays without elements. */
function rows(dtype: DType): fc.Arbitrary<Rows> {
  const lengths = shapes({ minRank: 1, maxRank: 4 }).map((shape) =>
    shape.map((length) => Math.max(1, length)),
  );
  return fc.tuple(lengths, fc.nat()).chain(([shape, seed]) =>
    fc.record({
      axis: fc.constant(seed % shape.length),
      x: views(dtype, shape, { values: logits(dtype) }),
      out: views(dtype, shape, { stretch: false }),
    }),
  );
}

/**
 * Spacings to allow: subtracting the maximum m rounds x - m by half a spacing of |x - m|, an
 * absolute error of the exponent and so a relative one of its power; the sum of n powers loses n;
 * the functions and the division get 8.
 */
function spacings(x: HostArray, axis: number): (position: number) => number {
  const largest = hostLargest(x, axis).values;
  return (i) => Math.abs(x.values[i]! - largest[i]!) + x.shape[axis]! + 8;
}

const softmaxCases: ConformanceCase[] = dtypes.flatMap((dtype) => [
  forAll(`softmax ${dtype}, where there is one`, rows(dtype), async (bench, { axis, x, out }) => {
    if (bench.backend.softmax === undefined) return;
    const target = bench.place(out);
    bench.backend.softmax(target, bench.place(x), axis);
    const model = HostArray.of(x);
    const count = spacings(model, axis);
    // Results below the smallest normal number have no relative precision.
    const smallest = dtype === "float32" ? 2 ** -126 : 2 ** -1022;
    const allowed: Allowance = (expected, i) =>
      count(i) * epsilon(dtype) * Math.max(expected, smallest);
    await bench.expect(target, out, hostSoftmax(model, axis), { allowed });
  }),
  forAll(
    `logSoftmax ${dtype}, where there is one`,
    rows(dtype),
    async (bench, { axis, x, out }) => {
      if (bench.backend.logSoftmax === undefined) return;
      const target = bench.place(out);
      bench.backend.logSoftmax(target, bench.place(x), axis);
      const model = HostArray.of(x);
      const count = spacings(model, axis);
      await bench.expect(target, out, hostLogSoftmax(model, axis), {
        allowed: (_, i) => count(i) * epsilon(dtype),
      });
    },
  ),
]);

const logsumexpCases: ConformanceCase[] = dtypes.map((dtype) => {
  const sample = shapes().chain((shape) =>
    axesOf(shape.length).chain((axes) => {
      const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
      return fc.record({
        axes: fc.constant(axes),
        x: views(dtype, shape, { values: logits(dtype) }),
        out: views(dtype, kept, { stretch: false }),
      });
    }),
  );
  return forAll(
    `logsumexp ${dtype}, where there is one`,
    sample,
    async (bench, { axes, x, out }) => {
      if (bench.backend.logsumexp === undefined) return;
      const target = bench.place(out);
      bench.backend.logsumexp(target, bench.place(x), axes);
      const model = HostArray.of(x);
      const counts = hostReduce(
        "sum",
        model.map(() => 1),
        axes,
      ).values;
      // The sum loses n spacings, the logarithm and adding the maximum back some of the result.
      const allowed: Allowance = (expected, i) =>
        (counts[i]! + 8 + 4 * Math.abs(expected)) * epsilon(dtype);
      await bench.expect(target, out, hostLogsumexp(model, axes), { allowed });
    },
  );
});

/** Cases of `softmax`, `logSoftmax` and `logsumexp`. */
export const fusedCases: readonly ConformanceCase[] = [...softmaxCases, ...logsumexpCases];
