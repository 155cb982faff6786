/** The cases of the ops of layers: norms of channels, attention, embedding, dropout, resizing, gates. */
import { Philox } from "@needle/ndarray";
import { type Tensor, tensor } from "../../index.ts";
import type * as attention from "../../ops/attention.ts";
import type * as norms from "../../ops/channel-norms.ts";
import type * as dropouts from "../../ops/dropout.ts";
import type * as embeddings from "../../ops/embedding.ts";
import type * as gates from "../../ops/gates.ts";
import type * as resizing from "../../ops/interpolate.ts";
import {
  asIs,
  type Case,
  differentiable,
  positive,
  type Sample,
  scattered,
  turned,
  use,
  useViews,
} from "./case.ts";
import { at, build, type Grid } from "./grid.ts";

const total = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0);
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The elements for which `same` holds between their index and another. */
function members(
  x: Grid,
  index: readonly number[],
  same: (own: readonly number[], other: readonly number[]) => boolean,
): number[] {
  const found: number[] = [];
  build(x.shape, (own) => {
    if (same(own, index)) found.push(at(x, own));
    return 0;
  });
  return found;
}

/** Each element less the mean of its part, divided by the root of the part's variance. */
function normalized(
  x: Grid,
  same: (own: readonly number[], other: readonly number[]) => boolean,
): Grid {
  return build(x.shape, (index) => {
    const part = members(x, index, same);
    const mean = total(part) / part.length;
    const variance = total(part.map((value) => (value - mean) ** 2)) / part.length;
    return (at(x, index) - mean) / Math.sqrt(variance + 1e-5);
  });
}

/** Times a weight and plus a bias of each channel. */
const scaled = (x: Grid, weight: Grid, bias: Grid): Grid =>
  build(x.shape, (index) => at(x, index) * weight.values[index[1]!]! + bias.values[index[1]!]!);

/** The cases of the norms of channels. */
export const channelNormCases: Record<keyof typeof norms, Case> = {
  groupNorm: differentiable((draw) => {
    const inGroup =
      (size: number) =>
      (a: readonly number[], b: readonly number[]): boolean =>
        a[0] === b[0] && Math.floor(a[1]! / size) === Math.floor(b[1]! / size);
    return [
      use(
        "[2,4,3] in 2 groups, weight and bias",
        [draw([2, 4, 3]), draw([4]), draw([4])],
        (x, weight, bias) => x!.groupNorm(2, { weight, bias }),
        (x, weight, bias) => scaled(normalized(x, inGroup(2)), weight, bias),
      ),
      use(
        "[2,3] in 1 group",
        [draw([2, 3])],
        (x) => x!.groupNorm(1),
        (x) => normalized(x, inGroup(3)),
      ),
      useViews(
        "a scattered view",
        [draw([3, 4, 2])],
        [scattered],
        (x) => x!.groupNorm(3),
        (x) => normalized(x, inGroup(1)),
      ),
    ];
  }),
  instanceNorm: differentiable((draw) => {
    const inChannel = (a: readonly number[], b: readonly number[]): boolean =>
      a[0] === b[0] && a[1] === b[1];
    return [
      use(
        "[2,2,3] with weight and bias",
        [draw([2, 2, 3]), draw([2]), draw([2])],
        (x, weight, bias) => x!.instanceNorm({ weight, bias }),
        (x, weight, bias) => scaled(normalized(x, inChannel), weight, bias),
      ),
      use(
        "[1,2,2,2]",
        [draw([1, 2, 2, 2])],
        (x) => x!.instanceNorm(),
        (x) => normalized(x, inChannel),
      ),
    ];
  }),
  rmsNorm: differentiable((draw) => {
    const over = (x: Grid, axes: number): Grid =>
      build(x.shape, (index) => {
        const lead = index.slice(0, index.length - axes);
        const part = members(x, index, (own) => lead.every((i, axis) => own[axis] === i));
        return at(x, index) / Math.sqrt(total(part.map((v) => v * v)) / part.length + 1e-5);
      });
    return [
      use(
        "[2,3] with weight",
        [draw([2, 3]), draw([3])],
        (x, weight) => x!.rmsNorm(3, { weight, eps: 1e-5 }),
        (x, weight) => build(x.shape, (index) => at(over(x, 1), index) * weight.values[index[1]!]!),
      ),
      use(
        "[2,2,3] over two axes",
        [draw([2, 2, 3])],
        (x) => x!.rmsNorm([2, 3], { eps: 1e-5 }),
        (x) => over(x, 2),
      ),
    ];
  }),
  localResponseNorm: differentiable((draw) =>
    [2, 3].map((size) =>
      use(
        `[2,4,2] over ${size} channels`,
        [draw([2, 4, 2])],
        (x) => x!.localResponseNorm(size, { alpha: 0.5, beta: 0.7, k: 2 }),
        (x) =>
          build(x.shape, (index) => {
            const first = index[1]! - Math.floor(size / 2);
            const near = count(size)
              .map((i) => first + i)
              .filter((c) => c >= 0 && c < 4)
              .map((c) => at(x, index.with(1, c)) ** 2);
            return at(x, index) / (2 + (0.5 * total(near)) / size) ** 0.7;
          }),
      ),
    ),
  ),
};

/** Attention of `[queries, features]`, with the sum of scores and `added`. */
function attend(
  q: Grid,
  k: Grid,
  v: Grid,
  scale: number,
  added: (i: number, j: number) => number = () => 0,
): Grid {
  const [queries, features] = q.shape as readonly [number, number];
  const keys = k.shape[0]!;
  const weights = count(queries).map((i) => {
    const scores = count(keys).map(
      (j) => scale * total(count(features).map((f) => at(q, [i, f]) * at(k, [j, f]))) + added(i, j),
    );
    const powers = scores.map(Math.exp);
    const sum = total(powers);
    return powers.map((power) => (sum === 0 ? 0 : power / sum));
  });
  return build([queries, v.shape[1]!], ([i, f]) =>
    total(count(keys).map((j) => weights[i!]![j]! * at(v, [j, f!]))),
  );
}

/** The matrix at a place of the first axis. */
function matrixAt(x: Grid, i: number): Grid {
  const shape = x.shape.slice(1);
  return build(shape, (index) => at(x, [i, ...index]));
}

/** The cases of attention. */
export const attentionCases: Record<keyof typeof attention, Case> = {
  scaledDotProductAttention: differentiable((draw) => {
    const root = 1 / Math.sqrt(2);
    const later = (i: number, j: number): number => (j > i ? Number.NEGATIVE_INFINITY : 0);
    const allowed = tensor([
      [true, false, true],
      [false, false, false],
    ]);
    return [
      use(
        "two queries and three keys",
        [draw([2, 2]), draw([3, 2]), draw([3, 4])],
        (q, k, v) => q!.scaledDotProductAttention(k!, v!),
        (q, k, v) => attend(q, k, v, root),
      ),
      use(
        "causal, another scale",
        [draw([3, 2]), draw([2, 2]), draw([2, 1])],
        (q, k, v) => q!.scaledDotProductAttention(k!, v!, { causal: true, scale: 0.3 }),
        (q, k, v) => attend(q, k, v, 0.3, later),
      ),
      use(
        "a mask of bools with a row of false",
        [draw([2, 2]), draw([3, 2]), draw([3, 2]), allowed],
        (q, k, v, mask) => q!.scaledDotProductAttention(k!, v!, { mask }),
        (q, k, v) =>
          attend(q, k, v, root, (i, j) => (i === 0 && j !== 1 ? 0 : Number.NEGATIVE_INFINITY)),
      ),
      use(
        "a mask of floats, with causal",
        [draw([2, 2]), draw([3, 2]), draw([3, 2]), draw([2, 3])],
        (q, k, v, mask) => q!.scaledDotProductAttention(k!, v!, { mask, causal: true }),
        (q, k, v, mask) => attend(q, k, v, root, (i, j) => at(mask, [i, j]) + later(i, j)),
      ),
      use(
        "keys shared by two heads, dropout",
        [draw([2, 2, 2]), draw([3, 2]), draw([3, 2])],
        (q, k, v) => {
          const drop = { dropout: 0.5, generator: new Philox(3) };
          return q!.scaledDotProductAttention(k!, v!, { ...drop, training: false });
        },
        (q, k, v) => {
          const heads = [0, 1].map((i) => attend(matrixAt(q, i), k, v, root));
          return build([2, 2, 2], ([h, i, f]) => at(heads[h!]!, [i!, f!]));
        },
      ),
    ];
  }),
};

const integers = (values: number[][] | number[]): Tensor => tensor(values, { dtype: "int32" });

/** The cases of embedding. */
export const embeddingCases: Record<keyof typeof embeddings, Case> = {
  embedding: differentiable((draw) => [
    use(
      "[2,2] of [3,2]",
      [
        integers([
          [0, 2],
          [2, 1],
        ]),
        draw([3, 2]),
      ],
      (i, weight) => i!.embedding(weight!),
      (i, weight) => build([2, 2, 2], ([a, b, c]) => at(weight, [at(i, [a!, b!]), c!])),
    ),
    use(
      "none of [3,2]",
      [integers([]), draw([3, 2])],
      (i, weight) => i!.embedding(weight!),
      () => build([0, 2], () => 0),
    ),
    useViews(
      "views",
      [integers([0, 1]), draw([2, 3])],
      [(i) => i.flip(), turned],
      (i, weight) => i!.embedding(weight!),
      (i, weight) => build([2, 2], ([a, b]) => at(weight, [at(i, [a!]), b!])),
    ),
  ]),
};

/** What a generator of the seed keeps of elements that share masks by `place`. */
function keptBy(seed: number, size: number, p: number): boolean[] {
  const numbers = new Philox(seed).uniform([size]).toTypedArray();
  return Array.from(numbers, (u) => u <= Math.fround(1 - p));
}

/** The cases of dropout, each with a generator of its own. */
export const dropoutCases: Record<keyof typeof dropouts, Case> = {
  dropout: differentiable((draw) => [
    ...[0.4, 0, 1].map((p) =>
      use(
        `[2,3], p ${p}`,
        [draw([2, 3])],
        (x) => x!.dropout(p, { generator: new Philox(5) }),
        (x) => {
          const kept = keptBy(5, 6, p);
          const values = x.values.map((value, i) => (kept[i] && p < 1 ? value / (1 - p) : 0));
          return { shape: x.shape, values };
        },
      ),
    ),
    use(
      "[2], not in training",
      [draw([2])],
      (x) => x!.dropout(0.9, { training: false }),
      (x) => x,
    ),
  ]),
  dropout1d: differentiable((draw) => [
    use(
      "[2,3,2]",
      [draw([2, 3, 2])],
      (x) => x!.dropout1d(0.5, { generator: new Philox(6) }),
      (x) => {
        const kept = keptBy(6, 6, 0.5);
        return build(x.shape, (index) => (kept[3 * index[0]! + index[1]!] ? 2 * at(x, index) : 0));
      },
    ),
    use(
      "[3,2]",
      [draw([3, 2])],
      (x) => x!.dropout1d(0.5, { generator: new Philox(6) }),
      (x) => {
        const kept = keptBy(6, 3, 0.5);
        return build(x.shape, (index) => (kept[index[0]!] ? 2 * at(x, index) : 0));
      },
    ),
  ]),
  dropout2d: differentiable((draw) => [
    use(
      "[2,3,2,1]",
      [draw([2, 3, 2, 1])],
      (x) => x!.dropout2d(0.5, { generator: new Philox(7) }),
      (x) => {
        const kept = keptBy(7, 6, 0.5);
        return build(x.shape, (index) => (kept[3 * index[0]! + index[1]!] ? 2 * at(x, index) : 0));
      },
    ),
  ]),
  alphaDropout: differentiable((draw) => [
    use(
      "[2,3]",
      [draw([2, 3])],
      (x) => x!.alphaDropout(0.4, { generator: new Philox(8) }),
      (x) => {
        const low = -1.0507009873554805 * 1.6732632423543772;
        const factor = 1 / Math.sqrt(0.6 * (1 + 0.4 * low ** 2));
        const kept = keptBy(8, 6, 0.4);
        const values = x.values.map((value, i) => factor * ((kept[i] ? value : low) - 0.4 * low));
        return { shape: x.shape, values };
      },
    ),
  ]),
};

/** The two old places of a new one along an axis and the share of the second. */
function between(place: number, length: number): [number, number, number] {
  const inside = Math.min(Math.max(place, 0), length - 1);
  const low = Math.floor(inside);
  return [low, Math.min(low + 1, length - 1), inside - low];
}

/** Resized by reading between the old places, `place` saying where. */
function resized(
  x: Grid,
  sizes: readonly number[],
  place: (i: number, axis: number) => number,
): Grid {
  return build([...x.shape.slice(0, 2), ...sizes], (index) => {
    const read = (axis: number, own: readonly number[]): number => {
      if (axis === x.shape.length) return at(x, own);
      if (axis < 2) return read(axis + 1, [...own, index[axis]!]);
      const [low, high, share] = between(place(index[axis]!, axis), x.shape[axis]!);
      return (1 - share) * read(axis + 1, [...own, low]) + share * read(axis + 1, [...own, high]);
    };
    return read(0, []);
  });
}

/** The cases of resizing. */
export const resizingCases: Record<keyof typeof resizing, Case> = {
  interpolate: differentiable((draw) => {
    const centred = (from: number[], to: number[]) => (i: number, axis: number) =>
      ((i + 0.5) * from[axis - 2]!) / to[axis - 2]! - 0.5;
    const cornered = (from: number[], to: number[]) => (i: number, axis: number) =>
      (i * (from[axis - 2]! - 1)) / (to[axis - 2]! - 1);
    const first = (from: number[], to: number[]) => (i: number, axis: number) =>
      Math.floor((i * from[axis - 2]!) / to[axis - 2]!);
    return [
      use(
        "[2,1,3] to 5, nearest",
        [draw([2, 1, 3])],
        (x) => x!.interpolate({ size: 5 }),
        (x) => resized(x, [5], first([3], [5])),
      ),
      use(
        "[1,2,2,3] to [4,2], nearest",
        [draw([1, 2, 2, 3])],
        (x) => x!.interpolate({ size: [4, 2] }),
        (x) => resized(x, [4, 2], first([2, 3], [4, 2])),
      ),
      use(
        "[2,1,3] by 2, linear",
        [draw([2, 1, 3])],
        (x) => x!.interpolate({ scaleFactor: 2, mode: "linear" }),
        (x) => resized(x, [6], centred([3], [6])),
      ),
      use(
        "[1,2,2,3] to [3,2], bilinear",
        [draw([1, 2, 2, 3])],
        (x) => x!.interpolate({ size: [3, 2], mode: "bilinear" }),
        (x) => resized(x, [3, 2], centred([2, 3], [3, 2])),
      ),
      use(
        "[1,2,2,3] to [3,5], bilinear, aligned",
        [draw([1, 2, 2, 3])],
        (x) => x!.interpolate({ size: [3, 5], mode: "bilinear", alignCorners: true }),
        (x) => resized(x, [3, 5], cornered([2, 3], [3, 5])),
      ),
      use(
        "[1,1,2,2,2] to 3, trilinear",
        [draw([1, 1, 2, 2, 2])],
        (x) => x!.interpolate({ size: 3, mode: "trilinear" }),
        (x) => resized(x, [3, 3, 3], centred([2, 2, 2], [3, 3, 3])),
      ),
    ];
  }),
  pixelShuffle: differentiable((draw) => [
    use(
      "[2,8,1,2] by 2",
      [draw([2, 8, 1, 2])],
      (x) => x!.pixelShuffle(2),
      (x) =>
        build([2, 2, 2, 4], ([n, c, h, w]) => {
          const channel = 4 * c! + 2 * (h! % 2) + (w! % 2);
          return at(x, [n!, channel, Math.floor(h! / 2), Math.floor(w! / 2)]);
        }),
    ),
  ]),
  pixelUnshuffle: differentiable((draw) => [
    use(
      "[2,2,4] by 2",
      [draw([2, 2, 4])],
      (x) => x!.pixelUnshuffle(2),
      (x) =>
        build([8, 1, 2], ([c, h, w]) => {
          const row = 2 * h! + (Math.floor(c! / 2) % 2);
          return at(x, [Math.floor(c! / 4), row, 2 * w! + (c! % 2)]);
        }),
    ),
  ]),
};

/** The softmax of a list. */
function shares(xs: readonly number[]): number[] {
  const sum = total(xs.map(Math.exp));
  return xs.map((x) => Math.exp(x) / sum);
}

/** The cases of gates. */
export const gateCases: Record<keyof typeof gates, Case> = {
  glu: differentiable((draw) => [
    use(
      "[2,4]",
      [draw([2, 4])],
      (x) => x!.glu(),
      (x) => build([2, 2], ([i, j]) => at(x, [i!, j!]) * sigmoid(at(x, [i!, j! + 2]))),
    ),
    useViews(
      "a scattered view along 0",
      [draw([3, 4, 2])],
      [scattered],
      (x) => x!.glu(0),
      (x) => build([1, 3, 2], ([_, j, k]) => at(x, [0, j!, k!]) * sigmoid(at(x, [1, j!, k!]))),
    ),
  ]),
  softmin: differentiable((draw) => [
    use(
      "[3]",
      [draw([3])],
      (x) => x!.softmin(),
      (x) => ({ shape: [3], values: shares(x.values.map((v) => -v)) }),
    ),
    useViews(
      "a turned view along 0",
      [draw([2, 3])],
      [turned],
      (x) => x!.softmin(0),
      (x) => build([3, 2], ([i, j]) => shares(count(3).map((k) => -at(x, [k, j!])))[i!]!),
    ),
  ]),
  gumbelSoftmax: differentiable((draw) => [
    useViews(
      "[4], temperature 0.7",
      [draw([4], positive)],
      [asIs],
      (x) => x!.gumbelSoftmax({ temperature: 0.7, generator: new Philox(9) }),
      (x): Grid => {
        const u = new Philox(9).uniform([4], { dtype: "float64" }).toTypedArray();
        const noisy = x.values.map((v, i) => (v - Math.log(-Math.log(u[i]!))) / 0.7);
        return { shape: [4], values: shares(noisy) };
      },
    ) satisfies Sample,
  ]),
};
