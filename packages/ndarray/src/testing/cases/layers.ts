/**
 * The optional kernels that layers are made of, each against its formula. A backend without one
 * passes, and so does a call that a kernel declines: there the composition runs.
 */
import fc from "fast-check";
import type { View } from "../../backend.ts";
import type { DType } from "../../dtype.ts";
import { axesOf, moderateValues, shapes, views } from "../arbitraries.ts";
import type { Allowance } from "../close.ts";
import {
  HostArray,
  type HostView,
  hostLargest,
  hostLogsumexp,
  hostMatmul,
  hostReduce,
  hostSoftmax,
} from "../host.ts";
import { type ConformanceCase, forAll } from "./case.ts";
import { epsilon } from "./reduce.ts";

const dtypes: readonly DType[] = ["float32", "float64"];

/** As large as what is normalized, so that no variance is lost beside it. */
const eps = 1;

interface Norm {
  readonly axes: readonly number[];
  readonly x: HostView;
  readonly g: HostView;
  readonly out: HostView;
  readonly mean: HostView;
  readonly variance: HostView;
  readonly weight: HostView | null;
  readonly bias: HostView | null;
}

const positiveShapes = shapes({ minRank: 1, maxRank: 4 }).map((shape) =>
  shape.map((length) => Math.max(1, length)),
);

const keptShape = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length));

/** In row-major order, as ops make their arrays; views that are not take the composition. */
function plain(dtype: DType, shape: readonly number[]): fc.Arbitrary<HostView> {
  return views(dtype, shape, { values: moderateValues(dtype), stretch: false }).map((x) => {
    let size = 1;
    const strides = shape.toReversed().map((length) => {
      const stride = size;
      size *= length;
      return stride;
    });
    const data = Array.from({ length: size }, (_, i) => x.data[i % x.data.length]!);
    return { ...x, data, strides: strides.reverse(), offset: 0 };
  });
}

/** Factors of the groups, of the places in them, or of each element, stretched over a shape. */
function factors(
  dtype: DType,
  shape: readonly number[],
  axes: readonly number[],
): fc.Arbitrary<(HostView | null)[]> {
  const places = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const over = fc.constantFrom(axes, places, [], null);
  return over.chain((stretched) => {
    if (stretched === null) return fc.constant([null, null]);
    const own = keptShape(shape, stretched);
    const one = plain(dtype, own).map((x) => ({
      ...x,
      shape,
      strides: x.strides.map((stride, axis) => (stretched.includes(axis) ? 0 : stride)),
    }));
    const factor = fc.option(one, { freq: 5, nil: null });
    return fc.tuple(factor, factor);
  });
}

function norms(dtype: DType): fc.Arbitrary<Norm> {
  return positiveShapes.chain((shape) =>
    axesOf(shape.length).chain((axes) => {
      const any = fc.oneof(
        { weight: 4, arbitrary: plain(dtype, shape) },
        { weight: 1, arbitrary: views(dtype, shape, { values: moderateValues(dtype) }) },
      );
      const kept = plain(dtype, keptShape(shape, axes));
      return fc
        .tuple(any, any, plain(dtype, shape), kept, kept, factors(dtype, shape, axes))
        .map(([x, g, out, mean, variance, [weight, bias]]) => ({
          ...{ axes, x, g, out, mean, variance },
          weight: weight!,
          bias: bias!,
        }));
    }),
  );
}

/** The means and biased variances over axes, and how many numbers each is of. */
function momentsOf(
  x: HostArray,
  axes: readonly number[],
): { mean: HostArray; variance: HostArray; count: number } {
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const own = (index: readonly number[]): number[] =>
    index.map((i, axis) => (axes.includes(axis) ? 0 : i));
  const mean = hostReduce("sum", x, axes).map((total) => total / count);
  const squares = HostArray.from(
    x.dtype,
    x.shape,
    (index) => (x.at(index) - mean.at(own(index))) ** 2,
  );
  return { mean, variance: hostReduce("sum", squares, axes).map((total) => total / count), count };
}

/** The largest size of an element, plus 1. */
const sizeOfLargest = (x: HostArray): number => 1 + Math.max(...x.values.map(Math.abs));

/** The normalized values, at the indices of `x`. */
function unitOf(x: HostArray, axes: readonly number[]): HostArray {
  const { mean, variance } = momentsOf(x, axes);
  return HostArray.from(x.dtype, x.shape, (index) => {
    const own = index.map((i, axis) => (axes.includes(axis) ? 0 : i));
    return (x.at(index) - mean.at(own)) / Math.sqrt(variance.at(own) + eps);
  });
}

const normCases: ConformanceCase[] = dtypes.flatMap((dtype) => [
  forAll(`normalize ${dtype}, where there is one`, norms(dtype), async (bench, sample) => {
    const { x, out, mean, variance, weight, bias, axes } = sample;
    const [o, m, v] = [out, mean, variance].map((view) => bench.place(view));
    const input = bench.place(x);
    const [w, b] = [weight, bias].map((view) => view && bench.place(view));
    if (!bench.backend.normalize?.(o!, m!, v!, input, axes, w!, b!, eps)) return;
    const model = HostArray.of(x);
    const { count, ...found } = momentsOf(model, axes);
    const largest = sizeOfLargest(model);
    const unit = (count + 32) * epsilon(dtype) * largest;
    await bench.expect(m!, mean, found.mean, { allowed: () => unit });
    await bench.expect(v!, variance, found.variance, { allowed: () => unit * largest });
    const [scale, shift] = [weight, bias].map((view) => view && HostArray.of(view));
    const units = unitOf(model, axes);
    const values = units.values.map(
      (value, i) => value * (scale?.values[i] ?? 1) + (shift?.values[i] ?? 0),
    );
    const allowed: Allowance = (value, i) =>
      unit * (1 + Math.abs(scale?.values[i] ?? 1)) + 4 * epsilon(dtype) * Math.abs(value);
    const result = new HostArray(dtype, units.shape, values);
    await bench.expect(o!, out, result, { allowed });
  }),
  forAll(
    `normalizeInputGradient ${dtype}, where there is one`,
    norms(dtype),
    async (bench, { x, g, out, mean, variance, weight, axes }) => {
      const [model, slopes] = [HostArray.of(x), HostArray.of(g)];
      const { count, ...found } = momentsOf(model, axes);
      const [m, v] = [placed(mean, found.mean), placed(variance, found.variance)];
      const [o, s, input] = [out, g, x].map((view) => bench.place(view));
      const w = weight && bench.place(weight);
      const places = [bench.place(m), bench.place(v)] as const;
      if (!bench.backend.normalizeInputGradient?.(o!, s!, input!, ...places, axes, w, eps)) return;
      const scale = weight && HostArray.of(weight);
      const units = unitOf(model, axes);
      const of = (values: (i: number) => number): HostArray =>
        new HostArray(
          dtype,
          model.shape,
          model.values.map((_, i) => values(i)),
        );
      const h = of((i) => slopes.values[i]! * (scale?.values[i] ?? 1));
      const own = (index: readonly number[]): number[] =>
        index.map((i, axis) => (axes.includes(axis) ? 0 : i));
      const [sums, products] = [
        hostReduce("sum", h, axes),
        hostReduce(
          "sum",
          of((i) => h.values[i]! * units.values[i]!),
          axes,
        ),
      ];
      const expected = HostArray.from(dtype, model.shape, (index) => {
        const place = own(index);
        const rest = h.at(index) - sums.at(place) / count;
        const along = (units.at(index) * products.at(place)) / count;
        return (rest - along) / Math.sqrt(found.variance.at(place) + eps);
      });
      const size = sizeOfLargest(h) * sizeOfLargest(units) ** 2 * sizeOfLargest(model);
      const allowed = (count + 32) * epsilon(dtype) * size;
      await bench.expect(o!, out, expected, { allowed: () => allowed });
    },
  ),
  ...[true, false].map((ofGroups) =>
    forAll(
      `normalizeWeightGradient ${dtype} of ${ofGroups ? "groups" : "places"}, where there is one`,
      norms(dtype).chain((sample) => {
        const { shape } = sample.x;
        const places = shape.flatMap((_, axis) => (sample.axes.includes(axis) ? [] : [axis]));
        const summed = ofGroups ? sample.axes : places;
        return plain(dtype, keptShape(shape, summed)).map((out) => ({ ...sample, out, summed }));
      }),
      async (bench, { x, g, out, mean, variance, axes, summed }) => {
        const [model, slopes] = [HostArray.of(x), HostArray.of(g)];
        const found = momentsOf(model, axes);
        const [m, v] = [placed(mean, found.mean), placed(variance, found.variance)];
        const [o, s, input] = [out, g, x].map((view) => bench.place(view));
        const places = [bench.place(m), bench.place(v)] as const;
        if (!bench.backend.normalizeWeightGradient?.(o!, s!, input!, ...places, summed, eps))
          return;
        const units = unitOf(model, axes);
        const products = new HostArray(
          dtype,
          model.shape,
          units.values.map((unit, i) => unit * slopes.values[i]!),
        );
        const size = sizeOfLargest(slopes) * sizeOfLargest(model) ** 2;
        const allowed = (model.values.length + 32) * epsilon(dtype) * size;
        const expected = hostReduce("sum", products, summed);
        await bench.expect(o!, out, expected, { allowed: () => allowed });
      },
    ),
  ),
]);

/** A plain window with the values of an array. */
function placed(window: HostView, x: HostArray): HostView {
  return { ...window, data: x.values };
}

interface Labelled {
  readonly x: HostView;
  readonly g: HostView;
  readonly losses: HostView;
  readonly out: HostView;
  readonly labels: HostView;
}

function labelled(dtype: DType): fc.Arbitrary<Labelled> {
  return positiveShapes.chain((shape) => {
    const rows = shape.slice(0, -1);
    const label = fc.nat({ max: shape.at(-1)! - 1 });
    const labels = plain("int32", rows).chain((window) =>
      fc
        .array(label, { minLength: window.data.length, maxLength: window.data.length })
        .map((data) => ({ ...window, data })),
    );
    return fc.record({
      x: plain(dtype, shape),
      g: plain(dtype, rows),
      losses: plain(dtype, rows),
      out: plain(dtype, shape),
      labels,
    });
  });
}

const entropyCases: ConformanceCase[] = dtypes.flatMap((dtype) => [
  forAll(`crossEntropy ${dtype}, where there is one`, labelled(dtype), async (bench, sample) => {
    const { x, losses, labels } = sample;
    const out = bench.place(losses);
    if (!bench.backend.crossEntropy?.(out, bench.place(x), bench.place(labels))) return;
    const [model, places] = [HostArray.of(x), HostArray.of(labels)];
    const last = model.shape.length - 1;
    const totals = hostLogsumexp(model, [last]);
    const expected = HostArray.from(
      dtype,
      losses.shape,
      (index) => totals.at([...index, 0]) - model.at([...index, places.at(index)]),
    );
    const allowed = (model.shape[last]! + 8) * epsilon(dtype);
    await bench.expect(out, losses, expected, {
      allowed: (value) => allowed * (1 + Math.abs(value)),
    });
  }),
  forAll(
    `crossEntropyGradient ${dtype}, where there is one`,
    labelled(dtype),
    async (bench, { x, g, out, labels }) => {
      const target = bench.place(out);
      const operands = [bench.place(g), bench.place(x), bench.place(labels)] as const;
      if (!bench.backend.crossEntropyGradient?.(target, ...operands)) return;
      const [model, slopes, places] = [x, g, labels].map(HostArray.of) as [
        HostArray,
        HostArray,
        HostArray,
      ];
      const last = model.shape.length - 1;
      const chances = hostSoftmax(model, last);
      const expected = HostArray.from(dtype, model.shape, (index) => {
        const row = index.slice(0, -1);
        const hit = places.at(row) === index.at(-1) ? 1 : 0;
        return slopes.at(row) * (chances.at(index) - hit);
      });
      const spread = sizeOfLargest(model) + hostLargest(model, last).values.length + 32;
      const allowed = 2 * spread * epsilon(dtype) * sizeOfLargest(slopes);
      await bench.expect(target, out, expected, { allowed: () => allowed });
    },
  ),
]);

function productCase(dtype: DType, activation: "none" | "relu"): ConformanceCase {
  const length = fc.integer({ min: 1, max: 9 });
  const values = moderateValues(dtype);
  const sample = fc.tuple(length, length, length).chain(([m, k, n]) =>
    fc.record({
      a: views(dtype, [m, k], { values }),
      b: views(dtype, [k, n], { values }),
      bias: views(dtype, [m, n], { values }),
      out: views(dtype, [m, n], { stretch: false }),
    }),
  );
  return forAll(
    `matmulBias ${dtype}, activation ${activation}, where there is one`,
    sample,
    async (bench, { a, b, bias, out }) => {
      if (bench.backend.matmulBias === undefined) return;
      const target = bench.place(out);
      const operands = [a, b, bias].map((x) => bench.place(x)) as [View, View, View];
      bench.backend.matmulBias(target, ...operands, activation);
      const [left, right, added] = [a, b, bias].map(HostArray.of) as [
        HostArray,
        HostArray,
        HostArray,
      ];
      const product = hostMatmul(left, right);
      const sizes = hostMatmul(left.map(Math.abs), right.map(Math.abs)).values;
      const expected = new HostArray(
        dtype,
        product.shape,
        product.values.map((value, i) => {
          const sum = value + added.values[i]!;
          return activation === "relu" && sum <= 0 ? 0 : sum;
        }),
      );
      const allowed: Allowance = (_, i) =>
        (left.shape[1]! + 4) *
        epsilon(dtype) *
        (sizes[i]! + Math.abs(added.values[i]!) + 2 ** -100);
      await bench.expect(target, out, expected, { allowed });
    },
  );
}

const productCases = dtypes.flatMap((dtype) => [
  productCase(dtype, "none"),
  productCase(dtype, "relu"),
]);

/** Cases of `matmulBias`, `normalize` and `crossEntropy` and their gradients. */
export const layerCases: readonly ConformanceCase[] = [
  ...productCases,
  ...normCases,
  ...entropyCases,
];
