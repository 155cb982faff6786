/** Steps of optimizers, where a backend has them, against their formulas element by element. */
import fc from "fast-check";
import type { DType } from "../../dtype.ts";
import { shapes, views } from "../arbitraries.ts";
import { type Allowance, rounded } from "../close.ts";
import { HostArray } from "../host.ts";
import { type ConformanceCase, forAll } from "./case.ts";
import { epsilon } from "./reduce.ts";

const dtypes: readonly DType[] = ["float32", "float64"];

/** Exact in float32, so that all rounding is the kernel's. */
const signed = fc.integer({ min: -4096, max: 4096 }).map((n) => n / 512);
const positive = fc.integer({ min: 0, max: 4096 }).map((n) => n / 512);

/** A parameter, its gradient and two arrays of state. */
function parameters(dtype: DType) {
  return shapes().chain((shape) =>
    fc.record({
      value: views(dtype, shape, { values: signed, stretch: false }),
      gradient: views(dtype, shape, { values: signed }),
      first: views(dtype, shape, { values: signed, stretch: false }),
      second: views(dtype, shape, { values: positive, stretch: false }),
    }),
  );
}

/** What an element is, and how large the terms are that it is the sum of. */
type Formula = (i: number) => readonly [result: number, terms: number];

/** The formula on every element, and an allowance of some roundings of its largest term. */
function expected(like: HostArray, formula: Formula): [HostArray, { allowed: Allowance }] {
  const results = like.values.map((_, i) => formula(i));
  const array = new HostArray(
    like.dtype,
    like.shape,
    results.map(([result]) => result),
  );
  const allowed: Allowance = (value, i) =>
    Math.max(rounded(value, i), 16 * epsilon(like.dtype) * results[i]![1]);
  return [array, { allowed }];
}

const adam = { lr: 0.5, beta1: 0.75, beta2: 0.875, eps: 1e-3, weightDecay: 0.25, steps: 3 };
const sgd = { lr: 0.5, momentum: 0.75, weightDecay: 0.25 };

/** Adam, with the weight decay in the gradient or apart. */
function adamCase(dtype: DType, decoupled: boolean): ConformanceCase {
  const name = `adamStep ${dtype}${decoupled ? ", decoupled" : ""}, where there is one`;
  const [l2, keep] = decoupled ? [0, 1 - adam.lr * adam.weightDecay] : [adam.weightDecay, 1];
  return forAll(name, parameters(dtype), async (bench, sample) => {
    const { value, gradient, first, second } = sample;
    if (bench.backend.adamStep === undefined) return;
    const targets = [value, gradient, first, second].map((x) => bench.place(x));
    const [w, g, m, v] = [value, gradient, first, second].map(HostArray.of) as HostArray[];
    const [target, slopes, means, squares] = targets as [
      (typeof targets)[0],
      (typeof targets)[0],
      (typeof targets)[0],
      (typeof targets)[0],
    ];
    bench.backend.adamStep(target, slopes, means, squares, { ...adam, decoupled });

    const slope = (i: number): number => g!.values[i]! + l2 * w!.values[i]!;
    const slopeTerms = (i: number): number => Math.abs(g!.values[i]!) + Math.abs(w!.values[i]!);
    const mean: Formula = (i) => [
      adam.beta1 * m!.values[i]! + (1 - adam.beta1) * slope(i),
      Math.abs(m!.values[i]!) + slopeTerms(i),
    ];
    const square: Formula = (i) => [
      adam.beta2 * v!.values[i]! + (1 - adam.beta2) * slope(i) ** 2,
      v!.values[i]! + slopeTerms(i) ** 2,
    ];
    const result: Formula = (i) => {
      const rate = adam.lr / (1 - adam.beta1 ** adam.steps);
      const size = Math.sqrt(square(i)[0] / (1 - adam.beta2 ** adam.steps)) + adam.eps;
      // The root loses what the square has lost by cancellation, at most its square root.
      const lost = (mean(i)[1] * (1 + slopeTerms(i) / size)) / size;
      return [
        keep * w!.values[i]! - (rate * mean(i)[0]) / size,
        Math.abs(w!.values[i]!) + rate * lost,
      ];
    };
    await bench.expect(means, first, ...expected(m!, mean));
    await bench.expect(squares, second, ...expected(v!, square));
    await bench.expect(target, value, ...expected(w!, result));
  });
}

const adamCases = dtypes.flatMap((dtype) => [adamCase(dtype, false), adamCase(dtype, true)]);

const sgdCases = dtypes.flatMap((dtype) =>
  [true, false].map((hasVelocity) => {
    const name = `sgdStep ${dtype}${hasVelocity ? " with momentum" : ""}, where there is one`;
    return forAll(name, parameters(dtype), async (bench, { value, gradient, first }) => {
      if (bench.backend.sgdStep === undefined) return;
      const target = bench.place(value);
      const velocity = bench.place(first);
      const step = hasVelocity ? sgd : { ...sgd, momentum: 0 };
      bench.backend.sgdStep(target, bench.place(gradient), hasVelocity ? velocity : null, step);

      const [w, g, u] = [value, gradient, first].map(HostArray.of) as HostArray[];
      const terms = (i: number): number =>
        Math.abs(g!.values[i]!) + Math.abs(w!.values[i]!) + Math.abs(u!.values[i]!);
      const direction: Formula = (i) => {
        const slope = g!.values[i]! + sgd.weightDecay * w!.values[i]!;
        const kept = hasVelocity
          ? sgd.momentum * u!.values[i]! + (1 - sgd.momentum) * slope
          : slope;
        return [kept, terms(i)];
      };
      const unchanged: Formula = (i) => [u!.values[i]!, 0];
      await bench.expect(velocity, first, ...expected(u!, hasVelocity ? direction : unchanged));
      const result: Formula = (i) => [w!.values[i]! - sgd.lr * direction(i)[0], terms(i)];
      await bench.expect(target, value, ...expected(w!, result));
    });
  }),
);

/** Cases of `sgdStep` and `adamStep`. */
export const stepCases: readonly ConformanceCase[] = [...adamCases, ...sgdCases];
