// Norms of channels, attention, embedding, dropout, resizing and gates: PyTorch's values, edges and
// errors.

import {
  DTypeError,
  IndexError,
  memory,
  NumpyGenerator,
  Philox,
  ShapeError,
} from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { grad, ones, rand, randn, type Tensor, tensor, zeros } from "../index.ts";
import { compareWithTorch, type Named } from "./torch.fixture.ts";

const group =
  (groups: number, options = {}) =>
  ({ x, weight, bias }: Named): Tensor =>
    x!.groupNorm(groups, { weight, bias, ...options });
const attend =
  (options = {}) =>
  ({ q, k, v, mask }: Named): Tensor =>
    q!.scaledDotProductAttention(k!, v!, { ...(mask && { mask }), ...options });
const resize =
  (...[options]: Parameters<Tensor["interpolate"]>) =>
  ({ x }: Named): Tensor =>
    x!.interpolate(options);

describe("values and derivatives are PyTorch's", () => {
  const aligned = { alignCorners: true } as const;
  compareWithTorch("neural", {
    groupNorm: {
      "3 groups": group(3),
      "no places": group(2, { eps: 0.1 }),
      "no rows": group(2),
      "equal elements": group(1),
    },
    instanceNorm: {
      images: ({ x, weight, bias }) => x!.instanceNorm({ weight, bias }),
      sequences: ({ x }) => x!.instanceNorm({ eps: 0.01 }),
    },
    localResponseNorm: {
      "size 3": ({ x }) => x!.localResponseNorm(3, { alpha: 0.5, beta: 0.6, k: 1.5 }),
      "size 2": ({ x }) => x!.localResponseNorm(2),
    },
    scaledDotProductAttention: {
      plain: attend(),
      "causal, more keys": attend({ causal: true }),
      "causal, more queries": attend({ causal: true }),
      scale: attend({ scale: 0.2 }),
      "mask of bools": attend(),
      "mask of floats": attend(),
      extreme: attend(),
      "native, causal": attend({ causal: true }),
    },
    embedding: {
      matrix: ({ x, weight }) => x!.embedding(weight!),
      padding: ({ x, weight }) => x!.embedding(weight!, { paddingIndex: 2 }),
      "padding from the end": ({ x, weight }) => x!.embedding(weight!, { paddingIndex: -1 }),
      one: ({ x, weight }) => x!.embedding(weight!),
    },
    interpolate: {
      "nearest 1d": resize({ size: 8 }),
      "nearest 2d down": resize({ size: [3, 4] }),
      "nearest factors": resize({ scaleFactor: [1.7, 0.6] }),
      "nearest 3d": resize({ size: [3, 2, 5] }),
      linear: resize({ size: 7, mode: "linear" }),
      "linear aligned": resize({ size: 7, mode: "linear", ...aligned }),
      "linear down": resize({ size: 4, mode: "linear" }),
      "linear factor": resize({ scaleFactor: 1.7, mode: "linear" }),
      "linear factor aligned": resize({ scaleFactor: 1.7, mode: "linear", ...aligned }),
      bilinear: resize({ size: [5, 6], mode: "bilinear" }),
      "bilinear aligned": resize({ size: [5, 6], mode: "bilinear", ...aligned }),
      "bilinear to one, aligned": resize({ size: [1, 6], mode: "bilinear", ...aligned }),
      "bilinear by 2": resize({ scaleFactor: 2, mode: "bilinear" }),
      "bilinear by half": resize({ scaleFactor: 0.5, mode: "bilinear" }),
      trilinear: resize({ size: [3, 4, 3], mode: "trilinear" }),
    },
    pixelShuffle: { "by 3": ({ x }) => x!.pixelShuffle(3) },
    pixelUnshuffle: { "by 3": ({ x }) => x!.pixelUnshuffle(3) },
    glu: { "axis 1": ({ x }) => x!.glu(1), last: ({ x }) => x!.glu() },
    softmin: { "axis 0": ({ x }) => x!.softmin(0) },
  });
});

const integers = (values: number[]): Tensor => tensor(values, { dtype: "int32" });

describe("norms of channels", () => {
  test("refuse shapes and groups that do not fit", () => {
    const x = zeros([2, 6, 3]);
    expect(() => x.groupNorm(4)).toThrow(ShapeError);
    expect(() => x.groupNorm(4)).toThrow("groupNorm: 6 channels do not divide into 4 groups");
    expect(() => zeros([3]).groupNorm(1)).toThrow(
      "groupNorm: expected [batch,channels,…], got [3]",
    );
    expect(() => x.groupNorm(2, { weight: zeros([3]) })).toThrow(
      "groupNorm: expected a weight [6], got [3]",
    );
    expect(() => zeros([2, 6]).instanceNorm()).toThrow(
      "instanceNorm: expected [batch,channels,…], got [2,6]",
    );
    expect(() => zeros([2, 6, 1]).instanceNorm()).toThrow(
      "instanceNorm: needs more than one place a channel, got [2,6,1]",
    );
    expect(() => x.rmsNorm([6, 2])).toThrow("rmsNorm: expected […,6,2], got [2,6,3]");
    expect(() => x.localResponseNorm(0)).toThrow(
      "localResponseNorm: size must be a whole number of at least 1, got 0",
    );
  });

  test("rmsNorm guards by the spacing of the dtype", () => {
    expect(zeros([2]).rmsNorm(2).toArray()).toEqual([0, 0]);
    const x = tensor([2 ** -12, 0]);
    assertClose(x.rmsNorm(2).slice(0).value, 2 ** -12 / Math.sqrt(2 ** -25 + 2 ** -23), {
      rtol: 1e-6,
    });
  });
});

describe("scaledDotProductAttention", () => {
  const x = randn([2, 3], { generator: new Philox(0) });

  test("gives 0 and sends no gradient where a query may look at no key", () => {
    const masks = [
      tensor([
        [false, false],
        [true, false],
      ]),
      tensor([
        [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
        [0, Number.NEGATIVE_INFINITY],
      ]),
    ];
    for (const mask of masks) {
      const y = x.scaledDotProductAttention(x, x, { mask });
      expect(y.slice(0).toArray()).toEqual([0, 0, 0]);
      assertClose(y.slice(1).value, x.slice(0).value, { rtol: 1e-6 });
      const slope = grad((q: Tensor) => q.scaledDotProductAttention(x, x, { mask }).sum())(x);
      expect(slope.isFinite().all().item()).toBe(1);
    }
  });

  test("of no keys is 0", () => {
    const none = zeros([0, 3]);
    expect(x.scaledDotProductAttention(none, none).toArray()).toEqual(zeros([2, 3]).toArray());
    const mask = tensor([true]).broadcastTo([2, 0]);
    expect(x.scaledDotProductAttention(none, none, { mask }).sum().item()).toBe(0);
  });

  test("drops weights by a generator, and none out of training", () => {
    const run = (training: boolean): Tensor =>
      x.scaledDotProductAttention(x, x, {
        dropout: 0.5,
        training,
        generator: new Philox(2),
      });
    const kept = rand([2, 2], { generator: new Philox(2) })
      .le(0.5)
      .astype("float32")
      .mul(2);
    const weights = x.matmul(x.transpose()).div(Math.sqrt(3)).softmax();
    assertClose(run(true).value, weights.mul(kept).matmul(x).value, { rtol: 1e-5, atol: 1e-6 });
    assertClose(run(false).value, x.scaledDotProductAttention(x, x).value, { rtol: 1e-6 });
  });

  test("refuses shapes and masks that do not fit", () => {
    const of = (q: number[], k: number[], v: number[], mask?: Tensor) => (): Tensor =>
      zeros(q).scaledDotProductAttention(zeros(k), zeros(v), mask && { mask });
    expect(of([2, 3], [2, 4], [2, 4])).toThrow(ShapeError);
    expect(of([2, 3], [2, 4], [2, 4])).toThrow(
      "scaledDotProductAttention: queries and keys differ in features, [2,3], [2,4], [2,4] (3 vs 4)",
    );
    expect(of([2, 3], [4, 3], [5, 3])).toThrow("keys and values differ in length");
    expect(of([3], [4, 3], [4, 3])).toThrow(
      "expected queries, keys and values […,length,features]",
    );
    expect(of([2, 3], [4, 3], [4, 3], zeros([3, 4]))).toThrow(
      "scaledDotProductAttention: shapes [2,4] and [3,4] do not broadcast",
    );
    expect(of([2, 3], [4, 3], [4, 3], zeros([5, 2, 4]))).toThrow(
      "the mask [5,2,4] does not broadcast to [2,4]",
    );
    expect(of([2, 3], [4, 3], [4, 3], zeros([2, 4], { dtype: "int32" }))).toThrow(DTypeError);
  });
});

describe("embedding", () => {
  test("refuses indices outside the rows, and leaves nothing", () => {
    const weight = zeros([3, 2], { requiresGrad: true });
    const before = memory().buffers;
    for (const wrong of [3, -1]) {
      const indices = integers([0, wrong]);
      expect(() => indices.embedding(weight)).toThrow(IndexError);
      expect(() => indices.embedding(weight)).toThrow(
        "embedding: an index is outside the 3 rows of the weight\n" +
          `gather: index ${wrong} is out of range for an axis of length 3`,
      );
      indices.dispose();
    }
    expect(memory().buffers).toBe(before);
  });

  test("refuses other dtypes, shapes and paddings", () => {
    expect(() => zeros([2]).embedding(zeros([3, 2]))).toThrow(
      "embedding: indices are integers, got float32",
    );
    expect(() => integers([0]).embedding(zeros([3]))).toThrow(
      "embedding: expected a weight [rows,features], got [3]",
    );
    expect(() => integers([0]).embedding(zeros([3, 2]), { paddingIndex: 3 })).toThrow(
      "embedding: paddingIndex must be one of the 3 rows, got 3",
    );
  });
});

test("affine refuses activations that it does not have", () => {
  const one = ones([1, 1]);
  expect(() => one.affine(one, null, { activation: "swish" as never })).toThrow(
    "affine: unknown activation swish\nKnown are none, relu, tanh, sigmoid, gelu.",
  );
});

describe("dropout", () => {
  test("keeps the mean, and drops the share asked for", () => {
    const y = ones([20_000]).dropout(0.3, { generator: new Philox(1) });
    expect(y.mean().item()).toBeCloseTo(1, 1);
    expect(y.eq(0).mean().item()).toBeCloseTo(0.3, 1);
    assertClose(y.max().value, 1 / 0.7, { rtol: 1e-6 });
  });

  test("of p 0 is the input, of p 1 zeros", () => {
    const x = ones([3]);
    expect(x.dropout(0)).toBe(x);
    expect(x.dropout(0.5, { training: false })).toBe(x);
    expect(x.dropout(1).toArray()).toEqual([0, 0, 0]);
    expect(x.alphaDropout(0)).toBe(x);
  });

  test("draws nothing when it drops nothing", () => {
    const generator = new NumpyGenerator(0);
    ones([3]).dropout(0, { generator });
    ones([3]).dropout(0.5, { generator, training: false });
    assertClose(generator.uniform([1]), [0.5488135], { rtol: 1e-6 });
  });

  test("drops whole channels", () => {
    const y = ones([50, 4, 3, 2]).dropout2d(0.5, { generator: new Philox(1) });
    const sums = new Set(y.sum([2, 3]).toTypedArray());
    expect([...sums].sort()).toEqual([0, 12]);
  });

  test("alphaDropout keeps mean 0 and variance 1", () => {
    const x = randn([50_000], { generator: new Philox(3) });
    const y = x.alphaDropout(0.4, { generator: new Philox(4) });
    expect(y.mean().item()).toBeCloseTo(0, 1);
    expect(y.square().mean().item()).toBeCloseTo(1, 1);
  });

  test("refuses probabilities and shapes that are none", () => {
    for (const name of ["dropout", "dropout1d", "dropout2d", "alphaDropout"] as const) {
      for (const p of [-0.1, 1.1, Number.NaN]) {
        expect(() => ones([2])[name](p)).toThrow(
          `${name}: the probability must be from 0 to 1, got ${p}`,
        );
      }
    }
    expect(() => ones([2]).dropout1d()).toThrow(
      "dropout1d: expected [batch,channels,length] or [channels,length], got [2]",
    );
    expect(() => ones([2, 3, 4]).dropout2d()).toThrow(
      "dropout2d: expected [batch,channels,height,width], got [2,3,4]",
    );
  });
});

describe("resizing", () => {
  test("to the nearest picks PyTorch's element for every pair of sizes", () => {
    // The sum over i of (i + 1) times the element picked, for each size from 1 to 24 to each.
    const found: number[] = [];
    for (let from = 1; from <= 24; from++) {
      const x = tensor([[Array.from({ length: from }, (_, i) => i)]]);
      for (let to = 1; to <= 24; to++) {
        const picked = Array.from(x.interpolate({ size: to }).toTypedArray());
        found.push(picked.reduce((sum, value, i) => sum + (i + 1) * value, 0));
      }
    }
    const digest = found.reduce((sum, value, i) => (sum * 31 + value + i) % 1_000_003, 7);
    expect(digest).toBe(618329);
  });

  test("refuses what does not fit", () => {
    const x = zeros([1, 2, 3]);
    expect(() => x.interpolate({})).toThrow("interpolate: needs one of size and scaleFactor");
    expect(() => x.interpolate({ size: 2, scaleFactor: 2 })).toThrow("needs one of");
    expect(() => x.interpolate({ size: 2, mode: "bilinear" })).toThrow(
      'interpolate: mode "bilinear" is for 4 axes, got [1,2,3]',
    );
    expect(() => x.interpolate({ size: 2, alignCorners: true })).toThrow(
      'alignCorners is for the linear modes, got mode "nearest"',
    );
    expect(() => x.interpolate({ size: [2, 2] })).toThrow("2 sizes or factors for 1 axes");
    expect(() => x.interpolate({ size: 0 })).toThrow(
      "interpolate: sizes are whole numbers of at least 1, got [3] to [0]",
    );
    expect(() => zeros([2, 3]).interpolate({ size: 2 })).toThrow("got [2,3]");
    expect(() => zeros([6, 2, 2]).pixelShuffle(2)).toThrow(
      "pixelShuffle: 6 channels do not divide by 2^2",
    );
    expect(() => zeros([6, 3, 2]).pixelUnshuffle(2)).toThrow(
      "pixelUnshuffle: height 3 and width 2 do not divide by 2",
    );
    expect(() => zeros([6, 3, 2]).pixelShuffle(0)).toThrow("the factor must be a whole number");
    expect(() => zeros([6, 3]).pixelShuffle(1)).toThrow(
      "expected […,channels,height,width], got [6,3]",
    );
  });
});

describe("gates", () => {
  test("glu refuses odd sizes", () => {
    expect(() => zeros([2, 3]).glu()).toThrow("glu: axis -1 of [2,3] has no halves (size 3)");
  });

  test("gumbelSoftmax chooses with the probabilities of softmax", () => {
    const scores = tensor([0, 1, -1]);
    const many = scores.broadcastTo([20_000, 3]);
    const chosen = many.gumbelSoftmax({ hard: true, generator: new Philox(11) });
    assertClose(chosen.mean(0).value, scores.softmax().value, { atol: 0.015 });
    expect(new Set(chosen.toTypedArray())).toEqual(new Set([0, 1]));
  });

  test("gumbelSoftmax has the gradient of the soft choice", () => {
    const weights = tensor([1, 2, 3]);
    const slope = (hard: boolean): Tensor =>
      grad((x: Tensor) =>
        x
          .gumbelSoftmax({ hard, generator: new Philox(12) })
          .mul(weights)
          .sum(),
      )(tensor([0.5, -1, 0]));
    assertClose(slope(true).value, slope(false).value, { rtol: 1e-6 });
    expect(() => zeros([2]).gumbelSoftmax({ temperature: 0 })).toThrow(
      "gumbelSoftmax: the temperature must be above 0, got 0",
    );
  });
});
