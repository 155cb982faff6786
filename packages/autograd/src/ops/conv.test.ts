// Convolutions and pools: values and gradients that PyTorch gave, the course's convolution, what is
// said of wrong arguments, memory.

import { readFileSync } from "node:fs";
import type { NestedNumbers } from "@needle/ndarray";
import * as nd from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as ag from "../index.ts";
import { gradients, maxPool2dWithIndices, type Tensor, tensor, zeros } from "../index.ts";

interface Row {
  readonly op: string;
  readonly arguments: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly NestedNumbers[];
  readonly seed: NestedNumbers;
  readonly value: NestedNumbers;
  readonly gradients: readonly NestedNumbers[];
}

const fixture = new URL("./conv.fixture.json", import.meta.url);
const { source, rows } = JSON.parse(readFileSync(fixture, "utf8")) as {
  readonly source: string;
  readonly rows: readonly Row[];
};

type Op = (x: Tensor, ...rest: unknown[]) => Tensor;

/** Calls the op of a row: a third input is the bias. */
function run(row: Row, [x, weight, bias]: readonly Tensor[]): Tensor {
  const op = (ag as unknown as Record<string, Op>)[row.op]!;
  const options = bias === undefined ? row.options : { ...row.options, bias };
  return weight === undefined
    ? op(x!, ...row.arguments, options)
    : op(x!, weight, ...row.arguments, options);
}

describe(`as ${source} has them`, () => {
  const named = rows.map(
    (row) => [`${row.op}(${row.arguments}) ${JSON.stringify(row.options)}`, row] as const,
  );

  test.each(named)("are the value and gradients of %s", (_, row) => {
    const make = (values: NestedNumbers): Tensor =>
      tensor(values, { dtype: "float64", requiresGrad: true });
    const inputs = row.inputs.map(make);
    const y = run(row, inputs);
    assertClose(y.value, row.value, { rtol: 1e-14, atol: 1e-13 });
    gradients([y], inputs, { seeds: [make(row.seed)] }).forEach((gradient, i) => {
      assertClose(gradient.value, row.gradients[i]!, { rtol: 1e-14, atol: 1e-13 });
    });
  });

  test("are told for every kind of window", () => {
    expect(rows.length).toBe(24);
    expect(new Set(rows.map((row) => row.op)).size).toBe(12);
  });
});

describe("layouts", () => {
  const draw = (...shape: number[]): Tensor =>
    ag.rand(shape, { dtype: "float64", generator: new nd.Philox(3), low: -1, high: 1 });

  test("give the same numbers in other places", () => {
    const [x, weight] = [draw(2, 4, 5, 6), draw(6, 2, 3, 3)];
    const options = { groups: 2, padding: 1, stride: 2 };
    const last = x
      .permute([0, 2, 3, 1])
      .conv2d(weight.permute([2, 3, 1, 0]), { ...options, layout: "NHWC" });
    assertClose(last.permute([0, 3, 1, 2]).value, x.conv2d(weight, options).value, { rtol: 1e-14 });
    expect(last.value.isCompact).toBe(true);
  });

  test("are those of the arguments in results and gradients, without copies", () => {
    for (const layout of ["NCHW", "NHWC"] as const) {
      const x = ag.rand([2, 3, 3, 3], { requiresGrad: true });
      const weight = ag.rand([3, 3, 3, 3], { requiresGrad: true });
      const y = x.conv2d(weight, { layout, padding: 1 });
      expect(y.value.isCompact).toBe(true);
      for (const gradient of gradients([y], [x, weight])) {
        expect(gradient.value.isCompact).toBe(true);
      }
    }
  });

  test("conv is the course's: images [n,h,w,c], weights [k,k,in,out]", () => {
    const [x, weight] = [draw(1, 4, 4, 2), draw(3, 3, 2, 5)];
    expect(x.conv(weight).shape).toEqual([1, 2, 2, 5]);
    assertClose(
      x.conv(weight, { stride: 2, padding: 1 }).value,
      x.conv2d(weight, { layout: "NHWC", stride: 2, padding: 1 }).value,
      { rtol: 0, atol: 0 },
    );
  });
});

describe("edges", () => {
  const NaN_ = Number.NaN;

  test("max pools take the first of ties and the last NaN", () => {
    const at = (values: NestedNumbers): number => {
      const [, indices] = maxPool2dWithIndices(tensor([values]), 2);
      return indices.item();
    };
    expect(
      at([
        [1, 3],
        [3, 3],
      ]),
    ).toBe(1);
    expect(
      at([
        [NaN_, 3],
        [NaN_, 5],
      ]),
    ).toBe(2);
    expect(
      at([
        [-Infinity, -Infinity],
        [-Infinity, -Infinity],
      ]),
    ).toBe(0);
    const x = tensor(
      [
        [
          [2, 2],
          [2, NaN_],
        ],
      ],
      { requiresGrad: true },
    );
    x.maxPool2d(2).backward();
    expect(x.grad!.toArray()).toEqual([
      [
        [0, 0],
        [0, 1],
      ],
    ]);
  });

  test("padding of max pools never wins", () => {
    expect(
      tensor([[[-5]]])
        .maxPool2d(2, { padding: 1 })
        .toArray(),
    ).toEqual([[[-5]]]);
    const bytes = tensor(new Uint8Array([0, 7]), {}).reshape([1, 1, 2]);
    expect(bytes.maxPool2d([1, 2], { padding: [0, 1] }).toArray()).toEqual([[[0, 7]]]);
  });

  test("no images, no channels, and no terms are not errors", () => {
    expect(zeros([0, 2, 4, 4]).conv2d(zeros([3, 2, 2, 2])).shape).toEqual([0, 3, 3, 3]);
    expect(
      zeros([1, 0, 4, 4])
        .conv2d(zeros([3, 0, 2, 2]))
        .sum()
        .item(),
    ).toBe(0);
    expect(zeros([0, 2, 4, 4]).maxPool2d(2).shape).toEqual([0, 2, 2, 2]);
    expect(zeros([0, 2, 4, 4]).adaptiveAvgPool2d(1).shape).toEqual([0, 2, 1, 1]);
  });

  test("integers are convolved exactly, bools refused", () => {
    const x = tensor([[[2 ** 30, 1]]], { dtype: "int32" });
    const weight = tensor([[[[4, 3]]]], { dtype: "int32" });
    expect(x.conv2d(weight).toArray()).toEqual([[[3]]]);
    const flags = tensor([[[true]]]);
    expect(() => flags.conv2d(tensor([[[[true]]]]))).toThrow(
      "conv2d: not defined for bool\nConvert with astype first.",
    );
    expect(() => flags.avgPool2d(1)).toThrow("avgPool2d: not defined for bool");
  });

  test("a graph of a max pool keeps its index until the backward pass, and nothing after", () => {
    const before = nd.memory().buffers;
    const x = ag.rand([1, 2, 4, 4], { requiresGrad: true });
    const y = x.maxPool2d(2);
    expect(nd.memory().buffers - before).toBe(3);
    y.backward();
    y.dispose();
    expect(nd.memory().buffers - before).toBe(2);
    x.grad!.dispose();
    x.dispose();
    expect(nd.memory().buffers - before).toBe(0);
  });
});

describe("errors", () => {
  const x = zeros([1, 4, 5, 5]);
  const weight = zeros([2, 4, 3, 3]);
  const cases: readonly (readonly [() => Tensor, string])[] = [
    [() => zeros([5]).conv2d(weight), "conv2d: images are [n,c,h,w] or [c,h,w], got [5]"],
    [
      () => zeros([5, 5]).conv2d(weight, { layout: "NHWC" }),
      "conv2d: images are [n,h,w,c] or [h,w,c], got [5,5]",
    ],
    [() => x.conv2d(zeros([4, 3, 3])), "conv2d: weights are [o,c/groups,kh,kw], got [4,3,3]"],
    [
      () => x.conv2d(zeros([2, 3, 3, 3])),
      "conv2d: images [1,4,5,5] have 4 channels, the weight [2,3,3,3] takes 3",
    ],
    [
      () => x.conv2d(zeros([2, 1, 3, 3]), { groups: 2 }),
      "conv2d: images [1,4,5,5] have 4 channels, the weight [2,1,3,3] takes 1 in each of 2 groups",
    ],
    [() => x.conv2d(weight, { groups: 3 }), "conv2d: 4 input channels do not divide into 3 groups"],
    [
      () => x.conv2d(zeros([3, 2, 3, 3]), { groups: 2 }),
      "conv2d: 3 output channels do not divide into 2 groups",
    ],
    [() => x.conv2d(weight, { groups: 0 }), "conv2d: groups must be a whole number of at least 1"],
    [
      () => x.conv2d(zeros([2, 4, 6, 6])),
      "conv2d: the kernel [6,6] is larger than the padded image [5,5]",
    ],
    [
      () => x.conv2d(weight, { dilation: 3 }),
      "conv2d: the kernel [3,3], dilated [7,7], is larger than the padded image [5,5]",
    ],
    [
      () => x.conv2d(weight, { stride: 0 }),
      "conv2d: stride must be one or two whole numbers of at least 1, got 0",
    ],
    [
      () => x.conv2d(weight, { padding: [1, -1] }),
      'conv2d: padding must be numbers, one, two or two pairs, "same" or "valid", got [1,-1]',
    ],
    [
      () => x.conv2d(weight, { padding: "same", stride: 2 }),
      'conv2d: padding "same" needs a stride of 1, got [2,2]\nGive the padding in numbers.',
    ],
    [
      () => x.conv2d(weight, { padding: "full" as "same" }),
      'conv2d: padding must be numbers, one, two or two pairs, "same" or "valid", got "full"',
    ],
    [
      () => x.conv2d(weight, { layout: "CHWN" as "NCHW" }),
      'conv2d: layout must be "NCHW" or "NHWC", got "CHWN"',
    ],
    [
      () => x.conv2d(weight, { bias: zeros([3]) }),
      "conv2d: the bias is one number a channel, [2], got [3]",
    ],
    [() => x.conv2d(zeros([2, 4, 0, 3])), "conv2d: the kernel has no elements, [2,4,0,3]"],
    [() => zeros([3]).conv1d(zeros([1, 1, 1])), "conv1d: sequences are [n,c,l] or [c,l], got [3]"],
    [
      () => zeros([1, 3]).conv1d(zeros([1, 1])),
      "conv1d: weights of sequences have 3 axes, got [1,1]",
    ],
    [
      () => x.convTranspose2d(weight),
      "convTranspose2d: images [1,4,5,5] have 4 channels, the weight [2,4,3,3] takes 2",
    ],
    [
      () => x.convTranspose2d(zeros([4, 1, 3, 3]), { outputPadding: 1 }),
      "convTranspose2d: outputPadding [1,1] must be smaller than stride [1,1] or dilation [1,1]",
    ],
    [
      () => x.convTranspose2d(zeros([4, 1, 1, 1]), { padding: 3 }),
      "convTranspose2d: images [1,4,5,5] and kernel [1,1] give an output of [-1,-1]\nUse less padding.",
    ],
    [
      () => x.maxPool2d(3, { padding: 2 }),
      "maxPool2d: padding [2,2] is more than half the kernel [3,3]",
    ],
    [
      () => x.maxPool2d(6),
      "maxPool2d: the image [5,5] is too small for the kernel [6,6] with padding [0,0] and dilation [1,1]",
    ],
    [
      () => x.avgPool2d(2, { divisorOverride: 0 }),
      "avgPool2d: divisorOverride must be a number other than 0, got 0",
    ],
    [
      () => x.adaptiveAvgPool2d(0),
      "adaptiveAvgPool2d: outputSize must be one or two whole numbers of at least 1, got 0",
    ],
    [
      () => zeros([1, 2, 0, 3]).adaptiveMaxPool2d(1),
      "adaptiveMaxPool2d: the image [1,2,0,3] has no pixels",
    ],
  ];

  test.each(cases.map(([call, message]) => [message, call] as const))("%s", (message, call) => {
    expect(call).toThrow(message);
  });

  test("name what is no tensor", () => {
    expect(() => x.conv2d([1] as unknown as Tensor)).toThrow(
      "conv2d: operands are tensors, got [1]",
    );
    expect(() => ag.maxPool2d([1] as unknown as Tensor, 2)).toThrow(
      "maxPool2d: operands are tensors, got [1]",
    );
  });
});
