import { readFileSync } from "node:fs";
import { randn, tensor } from "@needle/autograd";
import { gradcheck } from "@needle/autograd/testing";
import { assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as nn from "../index.ts";

interface Row {
  readonly kernelSize: [number, number];
  readonly options: nn.WindowLayerOptions;
  readonly size: [number, number];
  readonly x: number[][][][];
  readonly unfolded: number[][][];
  readonly folded: number[][][][];
}

const url = new URL("./torch-rearrange.fixture.json", import.meta.url);
const { windows, shuffled } = JSON.parse(readFileSync(url, "utf8")) as {
  readonly windows: readonly Row[];
  readonly shuffled: number[][][];
};

describe("Unfold and Fold", () => {
  test.each(windows)("are PyTorch's, $kernelSize on $size", (row) => {
    const { kernelSize, options, size, x, unfolded, folded } = row;
    const y = new nn.Unfold(kernelSize, options).forward(tensor(x, { dtype: "float64" }));
    assertSame(y.value, unfolded);
    assertSame(new nn.Fold(size, kernelSize, options).forward(y).value, folded);
  });

  test("have the derivatives of their differences", () => {
    const options = { padding: 1, stride: 2 };
    gradcheck(
      (x) => new nn.Unfold(2, options).forward(x),
      [randn([1, 2, 3, 3], { dtype: "float64" })],
    );
    gradcheck(
      (x) => new nn.Fold(3, 2, options).forward(x),
      [randn([1, 8, 4], { dtype: "float64" })],
    );
  });

  test("print their settings and refuse other shapes", () => {
    const fold = new nn.Fold([3, 4], 2, { stride: 2 });
    expect(String(fold)).toBe("Fold(outputSize=[3,4], kernelSize=[2,2], stride=2)");
    expect(() => fold.forward(randn([1, 8, 3]))).toThrow(
      "Fold: expected [batch,channels*4,2], got [1,8,3]",
    );
    expect(() => fold.forward(randn([1, 6, 2]))).toThrow(
      "Fold: expected [batch,channels*4,2], got [1,6,2]",
    );
    expect(() => new nn.Unfold(2).forward(randn([3, 4]))).toThrow(
      "Unfold: expected [batch,channels,h,w], got [3,4]",
    );
  });
});

describe("layers that move channels", () => {
  test("ChannelShuffle is PyTorch's", () => {
    const x = tensor(Float32Array.from({ length: 12 }, (_, i) => i)).reshape([1, 6, 2]);
    assertSame(new nn.ChannelShuffle(3).forward(x).value, shuffled);
    expect(() => new nn.ChannelShuffle(4).forward(x)).toThrow(
      "ChannelShuffle: expected [batch,channels,…] with a multiple of 4 channels, got [1,6,2]",
    );
    expect(() => new nn.ChannelShuffle(0)).toThrow(
      "ChannelShuffle: groups must be a whole number of at least 1, got 0",
    );
  });

  test("PixelShuffle takes pixels from channels, and PixelUnshuffle puts them back", () => {
    const x = tensor([[[1]], [[2]], [[3]], [[4]]]);
    const y = new nn.PixelShuffle(2).forward(x);
    assertSame(y.value, [
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    assertSame(new nn.PixelUnshuffle(2).forward(y).value, x.toArray());
    expect(String(new nn.PixelShuffle(2))).toBe("PixelShuffle(factor=2)");
  });
});

describe("layers that compare", () => {
  const [a, b] = [randn([2, 3]), randn([2, 3])];

  test("CosineSimilarity and PairwiseDistance are their functions", () => {
    const cosine = new nn.CosineSimilarity({ axis: 0 });
    assertSame(cosine.forward(a, b).value, a.cosineSimilarity(b, { axis: 0 }).toArray());
    const distance = new nn.PairwiseDistance({ p: 1, keepdims: true });
    assertSame(
      distance.forward(a, b).value,
      a.pairwiseDistance(b, { p: 1, keepdims: true }).toArray(),
    );
    expect(String(distance)).toBe("PairwiseDistance(p=1, keepdims=true)");
  });
});
