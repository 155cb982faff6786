/** Cases of convolutions, by the sums that define them. */
import type { Layout, Padding, Shape } from "@needle/ndarray";
import type { Tensor } from "../../index.ts";
import { asIs, type Case, type Draw, differentiable, type Sample, use, useViews } from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

/** A convolution as its formula wants it. */
interface Plan {
  readonly stride: readonly [number, number];
  /** Zeros above and to the left, below and to the right. */
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

const plain: Plan = {
  stride: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  dilation: [1, 1],
  groups: 1,
};

/** The element at an index, and 0 beyond the edges. */
function orZero(x: Grid, index: readonly number[]): number {
  return index.every((i, axis) => i >= 0 && i < x.shape[axis]!) ? at(x, index) : 0;
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** The axes in another order. */
function permuted(x: Grid, order: readonly number[]): Grid {
  const shape = order.map((axis) => x.shape[axis]!);
  return build(shape, (index) => {
    const source = x.shape.map((_, axis) => index[order.indexOf(axis)]!);
    return at(x, source);
  });
}

/** `[n, c, h, w]` and `[o, c / groups, kh, kw]` give `[n, o, oh, ow]`. */
function convolved(x: Grid, weight: Grid, { stride, padding, dilation, groups }: Plan): Grid {
  const [n, , h, w] = x.shape as [number, number, number, number];
  const [o, inputs, kh, kw] = weight.shape as [number, number, number, number];
  const [oh, ow] = [
    [h, kh],
    [w, kw],
  ].map(([length, k], axis) => {
    const room = length! + padding[axis]![0] + padding[axis]![1] - dilation[axis]! * (k! - 1) - 1;
    return Math.floor(room / stride[axis]!) + 1;
  }) as [number, number];
  return build([n, o, oh, ow], ([image, channel, p, q]) => {
    const group = Math.floor(channel! / (o / groups));
    let sum = 0;
    for (const c of range(inputs)) {
      for (const i of range(kh)) {
        for (const j of range(kw)) {
          const row = p! * stride[0] + i * dilation[0] - padding[0][0];
          const column = q! * stride[1] + j * dilation[1] - padding[1][0];
          const seen = orZero(x, [image!, group * inputs + c, row, column]);
          sum += seen * at(weight, [channel!, c, i, j]);
        }
      }
    }
    return sum;
  });
}

/** `[n, c, h, w]` and `[c, o / groups, kh, kw]` give `[n, o, oh, ow]` of that size. */
function spread(
  x: Grid,
  weight: Grid,
  [oh, ow]: readonly number[],
  { stride, padding, dilation, groups }: Plan,
): Grid {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [, outputs, kh, kw] = weight.shape as [number, number, number, number];
  const values = build([n, outputs * groups, oh!, ow!], () => 0);
  const sums = [...values.values];
  for (const image of range(n)) {
    for (const channel of range(c)) {
      const group = Math.floor(channel / (c / groups));
      for (const p of range(h)) {
        for (const q of range(w)) {
          for (const i of range(kh)) {
            for (const j of range(kw)) {
              const row = p * stride[0] + i * dilation[0] - padding[0][0];
              const column = q * stride[1] + j * dilation[1] - padding[1][0];
              if (row < 0 || row >= oh! || column < 0 || column >= ow!) continue;
              for (const o of range(outputs)) {
                const plane = image * outputs * groups + group * outputs + o;
                sums[(plane * oh! + row) * ow! + column]! +=
                  at(x, [image, channel, p, q]) * at(weight, [channel, o, i, j]);
              }
            }
          }
        }
      }
    }
  }
  return { shape: values.shape, values: sums };
}

const toFirst = { NCHW: [0, 1, 2, 3], NHWC: [0, 3, 1, 2] } as const;
const fromFirst = { NCHW: [0, 1, 2, 3], NHWC: [0, 2, 3, 1] } as const;
const weightToFirst = { NCHW: [0, 1, 2, 3], NHWC: [3, 2, 0, 1] } as const;

function inLayout(
  layout: Layout,
  formula: (x: Grid, weight: Grid) => Grid,
): (x: Grid, weight: Grid) => Grid {
  return (x, weight) => {
    const y = formula(permuted(x, toFirst[layout]), permuted(weight, weightToFirst[layout]));
    return permuted(y, fromFirst[layout]);
  };
}

interface Given extends Partial<Plan> {
  readonly layout?: Layout;
  /** As the op takes it, where that is not the plan's. */
  readonly asPadding?: Padding;
}

function conv2dSample(draw: Draw, about: string, x: Shape, weight: Shape, given: Given): Sample {
  const { layout = "NCHW", asPadding, ...changes } = given;
  const plan = { ...plain, ...changes };
  return use(
    about,
    [draw(x), draw(weight)],
    (a, b) => a.conv2d(b, { ...plan, padding: asPadding ?? plan.padding, layout }),
    inLayout(layout, (a, b) => convolved(a, b, plan)),
  );
}

const around = (p: number): Plan["padding"] => [
  [p, p],
  [p, p],
];

function conv2dSamples(draw: Draw): Sample[] {
  const of = conv2dSample.bind(null, draw);
  return [
    of("a 2x2 kernel", [2, 2, 3, 4], [3, 2, 2, 2], {}),
    of("stride and padding", [1, 2, 5, 4], [2, 2, 3, 3], {
      stride: [2, 1],
      padding: around(1),
      asPadding: 1,
    }),
    of("padding on each side", [1, 1, 3, 3], [2, 1, 2, 3], {
      padding: [
        [1, 0],
        [2, 1],
      ],
    }),
    of("dilation", [1, 2, 5, 5], [1, 2, 2, 2], { dilation: [2, 3] }),
    of("a stride beyond the kernel", [1, 1, 5, 7], [2, 1, 1, 2], { stride: [3, 4] }),
    of("rows and columns that no window reaches", [1, 1, 4, 4], [1, 1, 3, 3], { stride: [2, 2] }),
    of("groups", [2, 4, 3, 3], [6, 2, 2, 2], { groups: 2 }),
    of("a group for each channel", [1, 3, 3, 3], [3, 1, 2, 2], { groups: 3, padding: around(1) }),
    of("same", [1, 1, 3, 4], [1, 1, 2, 3], {
      padding: [
        [0, 1],
        [1, 1],
      ],
      asPadding: "same",
    }),
    of("channels last", [2, 3, 4, 2], [2, 2, 2, 3], { layout: "NHWC", padding: around(1) }),
    of("channels last in groups", [1, 4, 4, 4], [3, 2, 2, 2], {
      layout: "NHWC",
      groups: 2,
      stride: [2, 2],
      padding: around(1),
    }),
    of("no images", [0, 2, 3, 3], [1, 2, 2, 2], {}),
    of("no channels", [1, 0, 3, 3], [2, 0, 2, 2], {}),
    useViews(
      "views",
      [draw([3, 4, 2, 1]), draw([2, 2, 2, 3])],
      [(x) => x.transpose(0, 2).flip(1).transpose(1, 3), (x) => x.permute([3, 0, 2, 1])],
      (x, weight) => x.conv2d(weight.slice(":", [0, 1])),
      (x, weight) => {
        const [o, , kh, kw] = weight.shape as [number, number, number, number];
        const first = build([o, 1, kh, kw], ([a, , b, c]) => at(weight, [a!, 0, b!, c!]));
        return convolved(x, first, plain);
      },
    ),
    use(
      "one image with a bias",
      [draw([2, 3, 3]), draw([2, 2, 2, 2]), draw([2])],
      (x, weight, bias) => x.conv2d(weight, { bias }),
      (x, weight, bias) => {
        const y = convolved({ ...x, shape: [1, ...x.shape] }, weight, plain);
        return build(y.shape.slice(1), (index) => at(y, [0, ...index]) + bias.values[index[0]!]!);
      },
    ),
  ];
}

/** Sequences as images of one row. */
function asImages(formula: (x: Grid, weight: Grid) => Grid): (x: Grid, weight: Grid) => Grid {
  const withRow = ({ shape, values }: Grid): Grid => ({
    shape: [shape[0]!, shape[1]!, 1, shape[2]!],
    values,
  });
  return (x, weight) => {
    const { shape, values } = formula(withRow(x), withRow(weight));
    return { shape: [shape[0]!, shape[1]!, shape[3]!], values };
  };
}

/** Cases of the ops in `ops/conv.ts`. */
export const convCases: Record<
  "conv" | "conv1d" | "conv2d" | "convTranspose1d" | "convTranspose2d",
  Case
> = {
  conv2d: differentiable(conv2dSamples),
  conv: differentiable((draw) => [
    use(
      "stride and padding",
      [draw([2, 4, 4, 2]), draw([3, 3, 2, 2])],
      (x, weight) => x.conv(weight, { stride: 2, padding: 1 }),
      inLayout("NHWC", (x, w) => convolved(x, w, { ...plain, stride: [2, 2], padding: around(1) })),
    ),
    useViews(
      "neither",
      [draw([1, 3, 3, 2]), draw([2, 2, 2, 2])],
      [asIs, (x: Tensor) => x.transpose()],
      (x, weight) => x.conv(weight),
      inLayout("NHWC", (x, w) => convolved(x, w, plain)),
    ),
  ]),
  conv1d: differentiable((draw) => [
    use(
      "stride, padding, dilation and groups",
      [draw([2, 4, 6]), draw([4, 2, 2])],
      (x, weight) => x.conv1d(weight, { stride: 2, padding: 1, dilation: 2, groups: 2 }),
      asImages((x, weight) =>
        convolved(x, weight, {
          stride: [1, 2],
          padding: [
            [0, 0],
            [1, 1],
          ],
          dilation: [1, 2],
          groups: 2,
        }),
      ),
    ),
    use(
      "channels last, alone",
      [draw([5, 2]), draw([2, 2, 3])],
      (x, weight) => x.conv1d(weight, { layout: "NHWC" }),
      (x, weight) => {
        const images = { ...x, shape: [1, 1, ...x.shape] };
        const kernel = { ...weight, shape: [1, ...weight.shape] };
        const y = inLayout("NHWC", (a, b) => convolved(a, b, plain))(images, kernel);
        return { ...y, shape: y.shape.slice(2) };
      },
    ),
  ]),
  convTranspose2d: differentiable((draw) => [
    use(
      "a 2x2 kernel",
      [draw([2, 2, 2, 3]), draw([2, 3, 2, 2])],
      (x, weight) => x.convTranspose2d(weight),
      (x, weight) => spread(x, weight, [3, 4], plain),
    ),
    use(
      "stride, padding and output padding",
      [draw([1, 2, 2, 3]), draw([2, 1, 3, 3])],
      (x, weight) => x.convTranspose2d(weight, { stride: 2, padding: 1, outputPadding: [1, 0] }),
      (x, weight) => spread(x, weight, [4, 5], { ...plain, stride: [2, 2], padding: around(1) }),
    ),
    use(
      "groups and dilation, channels last, with a bias",
      [draw([1, 2, 2, 4]), draw([2, 2, 3, 4]), draw([6])],
      (x, weight, bias) =>
        x.convTranspose2d(weight, { groups: 2, dilation: [1, 2], layout: "NHWC", bias }),
      (x, weight, bias) => {
        const plan: Plan = { ...plain, groups: 2, dilation: [1, 2] };
        const y = inLayout("NHWC", (a, b) => spread(a, b, [3, 4], plan))(x, weight);
        return build(y.shape, (index) => at(y, index) + bias.values[index[3]!]!);
      },
    ),
  ]),
  convTranspose1d: differentiable((draw) => [
    use(
      "stride and padding",
      [draw([2, 2, 3]), draw([2, 3, 3])],
      (x, weight) => x.convTranspose1d(weight, { stride: 2, padding: 1, outputPadding: 1 }),
      asImages((x, weight) =>
        spread(x, weight, [1, 6], {
          ...plain,
          stride: [1, 2],
          padding: [
            [0, 0],
            [1, 1],
          ],
        }),
      ),
    ),
  ]),
};
