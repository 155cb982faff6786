/** Convolutions and their adjoints on any strides, by the sum that defines them. */
import fc from "fast-check";
import type { ConvWindow } from "../../backend.ts";
import type { DType } from "../../dtype.ts";
import { moderateValues, views } from "../arbitraries.ts";
import type { Allowance } from "../close.ts";
import { HostArray, type HostView, multiIndices } from "../host.ts";
import { type ConformanceCase, forAll, once } from "./case.ts";
import { epsilon } from "./reduce.ts";

type Four = readonly [number, number, number, number];

/** A convolution: images, weight and output, each of which may be the one to find. */
interface Convolution {
  readonly x: HostView;
  readonly weight: HostView;
  readonly y: HostView;
  readonly window: ConvWindow;
}

const roles = ["y", "x", "weight"] as const;
type Role = (typeof roles)[number];

/** The kernel that finds each, and from what. */
const kernels = {
  y: ["conv2d", "x", "weight"],
  x: ["conv2dInput", "y", "weight"],
  weight: ["conv2dWeight", "x", "y"],
} as const;

/**
 * The sum over every triple of elements that meet of the product of two, at the place of the third.
 */
function hostContract(
  role: Role,
  shapes: Record<Role, Four>,
  given: Partial<Record<Role, HostArray>>,
  { stride, padding, dilation, groups }: ConvWindow,
): HostArray {
  const [, h, w, channels] = shapes.x;
  const [, kw, inputs, outputs] = shapes.weight;
  const [, oh, ow] = shapes.y;
  const shape = shapes[role];
  const sums = new Array<number>(shape.reduce((size, length) => size * length, 1)).fill(0);
  const values = { x: given.x?.values, weight: given.weight?.values, y: given.y?.values };
  const [, a, b] = kernels[role];
  const at = { x: 0, weight: 0, y: 0 };
  for (const [image, p, q, i, j] of multiIndices([
    ...shapes.y.slice(0, 3),
    ...shapes.weight.slice(0, 2),
  ])) {
    const row = p! * stride[0] + i! * dilation[0] - padding[0];
    const column = q! * stride[1] + j! * dilation[1] - padding[1];
    // Around the images lie zeros, which are multiplied like other numbers.
    const isInside = row >= 0 && row < h && column >= 0 && column < w;
    if (!isInside && role === "x") continue;
    for (let o = 0; o < outputs; o++) {
      for (let c = 0; c < inputs; c++) {
        const channel = Math.floor((o * groups) / outputs) * inputs + c;
        at.x = ((image! * h + row) * w + column) * channels + channel;
        at.weight = ((i! * kw + j!) * inputs + c) * outputs + o;
        at.y = ((image! * oh + p!) * ow + q!) * outputs + o;
        sums[at[role]]! += (isInside ? values[a]![at[a]]! : 0) * values[b]![at[b]]!;
      }
    }
  }
  return new HostArray((given.x ?? given.y)!.dtype, shape, sums);
}

/** `n` products and additions in any order lose at most `n` spacings of the sum of sizes. */
function lossOf(sizes: HostArray, terms: number, factor: number): Allowance {
  return (_, i) => factor * terms * epsilon(sizes.dtype) * sizes.values[i]!;
}

/** Runs a kernel and compares. A backend without one passes: there the composition runs. */
function law(role: Role, factor = 1): Parameters<typeof forAll<Convolution>>[2] {
  return async (bench, sample) => {
    const [name, a, b] = kernels[role];
    const kernel = bench.backend[name];
    if (kernel === undefined) return;
    const out = sample[role];
    const target = bench.place(out);
    kernel.call(
      bench.backend,
      target,
      bench.place(sample[a]),
      bench.place(sample[b]),
      sample.window,
    );
    const shapes = {
      x: sample.x.shape,
      weight: sample.weight.shape,
      y: sample.y.shape,
    } as unknown as Record<Role, Four>;
    const given = { [a]: HostArray.of(sample[a]), [b]: HostArray.of(sample[b]) };
    const sizes = { [a]: given[a]!.map(Math.abs), [b]: given[b]!.map(Math.abs) };
    const terms = {
      y: sample.weight.shape.slice(0, 3).reduce((x, y) => x * y, 1),
      x: sample.weight.shape.reduce((x, y) => x * y, 1),
      weight: sample.y.shape.slice(0, 3).reduce((x, y) => x * y, 1),
    };
    await bench.expect(target, out, hostContract(role, shapes, given, sample.window), {
      allowed: lossOf(hostContract(role, shapes, sizes, sample.window), terms[role], factor),
    });
  };
}

const small = fc.integer({ min: 1, max: 3 });

interface Axis {
  readonly length: number;
  readonly kernel: number;
  readonly outputs: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** An axis of images: a length that the window fits, padding of either side. */
const axes: fc.Arbitrary<Axis> = fc
  .record({
    kernel: small,
    outputs: fc.integer({ min: 1, max: 5 }),
    stride: fc.constantFrom(1, 1, 2, 3),
    dilation: fc.constantFrom(1, 1, 2),
    padding: fc.integer({ min: 0, max: 2 }),
    end: fc.integer({ min: 0, max: 2 }),
    rest: fc.nat(2),
  })
  .map(({ end, rest, ...axis }) => {
    const extent = (axis.outputs - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
    const spare = Math.min(rest, axis.stride - 1);
    return { ...axis, length: Math.max(1, extent + spare - axis.padding - end) };
  });

function convolutions(dtype: DType): fc.Arbitrary<Convolution> {
  const sizes = fc.record({
    n: fc.constantFrom(0, 1, 1, 2, 3),
    groups: fc.constantFrom(1, 1, 2, 3),
    inputs: fc.constantFrom(1, 1, 2, 3, 5),
    outputs: fc.constantFrom(1, 2, 3, 4),
    rows: axes,
    columns: axes,
  });
  const options = { values: moderateValues(dtype) };
  return sizes.chain(({ n, groups, inputs, outputs, rows, columns }) =>
    fc.record({
      x: views(dtype, [n, rows.length, columns.length, groups * inputs], options),
      weight: views(dtype, [rows.kernel, columns.kernel, inputs, groups * outputs], options),
      y: views(dtype, [n, rows.outputs, columns.outputs, groups * outputs], options),
      window: fc.constant({
        stride: [rows.stride, columns.stride] as const,
        padding: [rows.padding, columns.padding] as const,
        dilation: [rows.dilation, columns.dilation] as const,
        groups,
      }),
    }),
  );
}

/** A kernel's output has no two elements at one place. */
function unstretched(dtype: DType, role: Role): fc.Arbitrary<Convolution> {
  return convolutions(dtype).chain((sample) =>
    views(dtype, sample[role].shape, { stretch: false }).map((out) => ({ ...sample, [role]: out })),
  );
}

const randomCases: ConformanceCase[] = (["float32", "float64"] as const).flatMap((dtype) =>
  roles.map((role) =>
    forAll(`${kernels[role][0]} ${dtype}, where there is one`, unstretched(dtype, role), law(role)),
  ),
);

/** Numbers without a pattern that hides a wrong place, the axes in an order of memory. */
function filled(shape: Four, order: readonly number[], seed: number): HostView {
  const strides = [0, 0, 0, 0];
  let unit = 1;
  for (const axis of order.toReversed()) {
    strides[axis] = unit;
    unit *= shape[axis]!;
  }
  const data = Array.from({ length: unit }, (_, i) => (((i + seed) * 7919) % 61) / 16 - 1.9);
  return { dtype: "float32", data, shape, strides, offset: 0 };
}

/** The images, weights and outputs of the sizes at which kernels change their ways. */
interface Size {
  readonly n: number;
  readonly size: readonly [number, number];
  readonly channels: readonly [number, number];
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

const sizes: readonly Size[] = [
  { n: 2, size: [9, 11], channels: [8, 16], kernel: 3, padding: 1 },
  { n: 1, size: [6, 5], channels: [16, 8], kernel: 3 },
  { n: 3, size: [4, 7], channels: [12, 20], kernel: 3, padding: 1 },
  { n: 2, size: [9, 10], channels: [1, 16], kernel: 3, padding: 1 },
  { n: 1, size: [12, 11], channels: [3, 8], kernel: 5, padding: 2, stride: 2 },
  { n: 2, size: [5, 6], channels: [10, 9], kernel: 1 },
  { n: 1, size: [8, 9], channels: [8, 8], kernel: 3, padding: 1, groups: 8 },
  { n: 1, size: [7, 9], channels: [6, 12], kernel: 3, stride: 2, groups: 6 },
  { n: 1, size: [9, 8], channels: [8, 12], kernel: 3, dilation: 2, padding: 2, groups: 2 },
  { n: 1, size: [3, 3], channels: [70, 13], kernel: 3 },
];

function sampleOf(given: Size, layout: "first" | "last", seed: number): Convolution {
  const { n, size, channels, kernel, stride = 1, padding = 0, dilation = 1, groups = 1 } = given;
  const [oh, ow] = size.map(
    (length) => Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1,
  ) as [number, number];
  const image = layout === "last" ? [0, 1, 2, 3] : [0, 3, 1, 2];
  const weight = layout === "last" ? [0, 1, 2, 3] : [3, 2, 0, 1];
  const [c, o] = channels;
  return {
    x: filled([n, size[0], size[1], c], image, seed),
    weight: filled([kernel, kernel, c / groups, o], weight, seed + 5),
    y: filled([n, oh, ow, o], image, seed + 11),
    window: {
      stride: [stride, stride],
      padding: [padding, padding],
      dilation: [dilation, dilation],
      groups,
    },
  };
}

const sizeCases: ConformanceCase[] = roles.flatMap((role) =>
  (["last", "first"] as const).map((layout) =>
    once(
      `${kernels[role][0]} float32 of many sizes, channels ${layout}, where there is one`,
      async (bench, ulps) => {
        for (const [i, size] of sizes.entries())
          await law(role)(bench, sampleOf(size, layout, i), ulps);
      },
    ),
  ),
);

/** With a weight and an adjoint of NaN in their corners, which meet the zeros around the images. */
const spoiledSizes: readonly Size[] = [
  { n: 2, size: [4, 5], channels: [1, 2], kernel: 3, padding: 1 },
  { n: 1, size: [6, 5], channels: [3, 4], kernel: 5, padding: 2, stride: 2 },
  { n: 1, size: [6, 7], channels: [8, 8], kernel: 3, padding: 1, groups: 8 },
  { n: 1, size: [5, 5], channels: [4, 6], kernel: 3, dilation: 2, padding: 2, groups: 2 },
];

function spoiled(view: HostView): HostView {
  return { ...view, data: view.data.with(0, Number.NaN).with(view.data.length - 1, Infinity) };
}

const spoiledCases: ConformanceCase[] = roles.map((role) =>
  once(
    `${kernels[role][0]} float32 of NaN and infinity beside zeros, where there is one`,
    async (bench, ulps) => {
      for (const [i, size] of spoiledSizes.entries()) {
        const sample = sampleOf(size, "last", i);
        const y = spoiled(sample.y);
        // A kernel that finds images as a convolution of outputs may put zeros around those, too.
        const weight = role === "x" ? sample.weight : spoiled(sample.weight);
        await law(role)(bench, { ...sample, weight, y }, ulps);
      }
    },
  ),
);

/** Cases of `conv2d`, `conv2dInput` and `conv2dWeight`. */
export const convCases: readonly ConformanceCase[] = [
  ...randomCases,
  ...sizeCases,
  ...spoiledCases,
];
