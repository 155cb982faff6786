/** Layers of images and sequences: what they add to the ops of the same names. */
import { ones, randn, type Tensor, tensor, zeros } from "@needle/autograd";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { gradcheckLayer } from "../gradcheck.fixture.ts";
import {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AlphaDropout,
  AvgPool1d,
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Conv,
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  Dropout1d,
  Dropout2d,
  GroupNorm,
  InstanceNorm,
  type Layer,
  LayerNorm,
  LayerNorm1d,
  MaxPool1d,
  MaxPool2d,
  RMSNorm,
  Upsample,
} from "../index.ts";

const double = { dtype: "float64" } as const;
const exact = { rtol: 1e-10, atol: 1e-10 };

const convolutions: [layer: Layer, x: number[], weight: number[], y: number[]][] = [
  [
    new Conv2d(4, 6, [3, 2], { ...double, groups: 2, padding: "same" }),
    [2, 4, 5, 5],
    [6, 2, 3, 2],
    [2, 6, 5, 5],
  ],
  [
    new Conv2d(2, 3, 3, { ...double, stride: 2, layout: "NHWC" }),
    [2, 7, 5, 2],
    [3, 3, 2, 3],
    [2, 3, 2, 3],
  ],
  [new Conv1d(3, 2, 2, { ...double, dilation: 2, bias: false }), [2, 3, 6], [2, 3, 2], [2, 2, 4]],
  [
    new ConvTranspose2d(3, 2, 3, { ...double, stride: 2, padding: 1 }),
    [1, 3, 3, 3],
    [3, 2, 3, 3],
    [1, 2, 5, 5],
  ],
  [new ConvTranspose1d(2, 4, 2, { ...double, groups: 2 }), [2, 2, 4], [2, 2, 2], [2, 4, 5]],
  [new Conv(3, 4, 3, { ...double, stride: 2 }), [2, 3, 5, 5], [3, 3, 3, 4], [2, 4, 3, 3]],
];

describe.each(convolutions.map((row) => [String(row[0]), ...row] as const))(
  "%s",
  (_, layer, x, weight, y) => {
    test("has the shapes it says and the derivatives of its differences", () => {
      expect(layer.namedParameters()[0]![1].shape).toEqual(weight);
      expect(layer.forward(zeros(x, double)).shape).toEqual(y);
      gradcheckLayer(layer, randn(x, double), { samples: 12 } as never);
    });
  },
);

describe("convolutional layers", () => {
  test("draw weight and bias within bounds of their fan in", () => {
    for (const [layer, fanIn] of [
      [new Conv2d(6, 64, 3, { groups: 2 }), 27],
      [new Conv1d(8, 64, 4), 32],
      [new Conv(3, 64, 3), 27],
    ] as const) {
      const [weight, bias] = layer.parameters().map((w) => w.abs().max().item()) as [
        number,
        number,
      ];
      expect(weight).toBeLessThanOrEqual(Math.sqrt(6 / fanIn));
      expect(weight).toBeGreaterThan(0.9 * Math.sqrt(6 / fanIn));
      expect(bias).toBeLessThanOrEqual(1 / Math.sqrt(fanIn));
      expect(bias).toBeGreaterThan(0.8 / Math.sqrt(fanIn));
    }
  });

  test("Conv is the course's sum over windows, with half the kernel as padding", () => {
    const layer = new Conv(2, 3, 3, double);
    const x = randn([1, 2, 4, 4], double);
    const [image] = x.toArray() as number[][][][];
    const w = layer.weight.toArray() as number[][][][];
    const bias = layer.bias!.toArray() as number[];
    const expected = bias.map((b, o) =>
      Array.from({ length: 4 }, (_, i) =>
        Array.from({ length: 4 }, (_, j) => {
          let sum = b;
          for (let di = 0; di < 3; di++)
            for (let dj = 0; dj < 3; dj++)
              for (let c = 0; c < 2; c++)
                sum += (image![c]![i + di - 1]?.[j + dj - 1] ?? 0) * w[di]![dj]![c]![o]!;
          return sum;
        }),
      ),
    );
    assertClose(layer.forward(x).slice(0).value, expected, exact);
    expect(() => layer.forward(zeros([1, 3, 4, 4]))).toThrow(
      "Conv: expected [batch,2,height,width], got [1,3,4,4]",
    );
  });

  test("print their channels, kernel and options", () => {
    expect(String(new Conv2d(3, 8, 3, { stride: 2 }))).toBe(
      "Conv2d(3, 8, kernelSize=[3,3], stride=2)",
    );
    expect(String(new Conv(3, 8, 5))).toBe("Conv(3, 8, kernelSize=[5,5])");
  });
});

describe("pools and resizing", () => {
  const image = tensor(
    [
      [
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
          [9, 10, 11, 12],
          [13, 14, 15, 16],
        ],
      ],
    ],
    double,
  );
  const line = tensor([[[1, 5, 2, 8]]], double);

  test.each([
    [
      new MaxPool2d(2),
      image,
      [
        [
          [
            [6, 8],
            [14, 16],
          ],
        ],
      ],
    ],
    [
      new MaxPool2d([1, 2], { stride: [2, 2] }),
      image,
      [
        [
          [
            [2, 4],
            [10, 12],
          ],
        ],
      ],
    ],
    [
      new AvgPool2d(2),
      image,
      [
        [
          [
            [3.5, 5.5],
            [11.5, 13.5],
          ],
        ],
      ],
    ],
    [new AdaptiveAvgPool2d(1), image, [[[[8.5]]]]],
    [new AdaptiveMaxPool2d([1, 2]), image, [[[[14, 16]]]]],
    [new MaxPool1d(2), line, [[[5, 8]]]],
    [new AvgPool1d(2, { stride: 1 }), line, [[[3, 3.5, 5]]]],
    [new AdaptiveAvgPool1d(2), line, [[[3, 5]]]],
    [new AdaptiveMaxPool1d(1), line, [[[8]]]],
    [new Upsample({ scaleFactor: 2 }), line, [[[1, 1, 5, 5, 2, 2, 8, 8]]]],
  ] as const)("%s", (layer, x, y) => {
    assertClose((layer as Layer).forward(x).value, y as never, exact);
    expect((layer as Layer).parameters()).toEqual([]);
  });
});

/** Every group of elements (a row of the matrix) to mean 0 and variance 1. */
function normalized(x: Tensor, rows: number[]): Tensor {
  const matrix = x.reshape(rows);
  const centered = matrix.sub(matrix.mean(-1, { keepdims: true }));
  const variance = centered.square().mean(-1, { keepdims: true });
  return centered.div(variance.add(1e-5).sqrt()).reshape(x.shape);
}

describe("normalization", () => {
  const x = randn([3, 4, 2, 5], double).mul(3).add(1);

  test("BatchNorm2d is BatchNorm1d over pixels as rows", () => {
    const [images, rows] = [new BatchNorm2d(4, double), new BatchNorm1d(4, double)];
    const asRows = (y: Tensor): Tensor => y.permute([0, 2, 3, 1]).reshape([30, 4]);
    assertClose(asRows(images.forward(x)).value, rows.forward(asRows(x)).toArray(), exact);
    assertClose(images.runningVar.value, rows.runningVar.toArray(), exact);
    images.eval();
    rows.eval();
    assertClose(asRows(images.forward(x)).value, rows.forward(asRows(x)).toArray(), exact);
    expect(() => images.forward(zeros([3, 4]))).toThrow(
      "BatchNorm2d: expected [batch,4,height,width], got [3,4]",
    );
  });

  test("BatchNorm keeps PyTorch's running variance if asked to, and no parameters", () => {
    const [own, torch] = [false, true].map((unbiased) => {
      const layer = new BatchNorm2d(4, { ...double, unbiased, affine: false });
      layer.forward(x);
      expect(layer.parameters()).toEqual([]);
      return layer.runningVar.sub(0.9).toArray() as number[];
    });
    torch!.forEach((value, i) => {
      expect(value).toBeCloseTo((own![i]! * 30) / 29, 10);
    });
  });

  test("LayerNorm normalizes the last axes together", () => {
    const layer = new LayerNorm([2, 5], double);
    assertClose(layer.forward(x).value, normalized(x, [12, 10]).toArray(), exact);
    layer.weight!.assign(randn([2, 5], double));
    layer.bias!.assign(randn([2, 5], double));
    gradcheckLayer(layer, x.slice(0), { samples: 12 } as never);
    expect(new LayerNorm(5, { affine: false }).parameters()).toEqual([]);
    expect(new LayerNorm(5, { bias: false }).parameters()).toHaveLength(1);
    expect(() => layer.forward(zeros([5, 2]))).toThrow("LayerNorm: expected […,2,5], got [5,2]");
    const last = new LayerNorm1d(5, double);
    assertClose(last.forward(x).value, new LayerNorm(5, double).forward(x).toArray(), exact);
  });

  test("GroupNorm normalizes groups of channels, InstanceNorm each channel", () => {
    const groups = new GroupNorm(2, 4, double);
    assertClose(groups.forward(x).value, normalized(x, [6, 20]).toArray(), exact);
    groups.weight!.assign(tensor([1, 2, 3, 4], double));
    const scaled = normalized(x, [6, 20]).mul(tensor([1, 2, 3, 4], double).reshape([4, 1, 1]));
    assertClose(groups.forward(x).value, scaled.toArray(), exact);
    const each = new InstanceNorm(4, { ...double, affine: true });
    assertClose(each.forward(x).value, normalized(x, [12, 10]).toArray(), exact);
    expect(new InstanceNorm(4).parameters()).toEqual([]);
    expect(() => new GroupNorm(3, 4)).toThrow(
      "GroupNorm: 4 channels do not make 3 groups of one size",
    );
    expect(() => groups.forward(zeros([1, 6, 2]))).toThrow(
      "GroupNorm: expected [batch,4,…], got [1,6,2]",
    );
    expect(() => each.forward(zeros([1, 6, 2]))).toThrow(
      "InstanceNorm: expected [batch,4,…], got [1,6,2]",
    );
  });

  test("RMSNorm divides by the root of the mean square", () => {
    const layer = new RMSNorm(5, { ...double, eps: 0.5 });
    const expected = x.div(x.square().mean(-1, { keepdims: true }).add(0.5).sqrt());
    assertClose(layer.forward(x).value, expected.toArray(), exact);
    expect(() => layer.forward(zeros([4]))).toThrow("RMSNorm: expected […,5], got [4]");
  });
});

describe("dropout of channels", () => {
  test.each([
    [new Dropout1d(0.5), [40, 20, 3]],
    [new Dropout2d(0.5), [40, 20, 3, 2]],
  ] as const)("%s drops all of a channel or nothing", (layer, shape) => {
    const y = layer.forward(ones([...shape]));
    const perChannel = y.reshape([800, -1]);
    const kept = perChannel.mean(1).toArray() as number[];
    expect(new Set(kept)).toEqual(new Set([0, 2]));
    const share = kept.filter((value) => value > 0).length / 800;
    expect(share).toBeGreaterThan(0.43);
    expect(share).toBeLessThan(0.57);
    expect(
      layer
        .eval()
        .forward(ones([...shape]))
        .ne(1)
        .any()
        .item(),
    ).toBe(0);
  });

  test("AlphaDropout keeps mean and variance", () => {
    const y = new AlphaDropout(0.2).forward(randn([200, 200]));
    expect(Math.abs(y.mean().item())).toBeLessThan(0.02);
    expect(Math.abs(y.square().mean().item() - 1)).toBeLessThan(0.03);
    expect(() => new AlphaDropout(2)).toThrow(
      "AlphaDropout: the probability must be from 0 to 1, got 2",
    );
  });
});
