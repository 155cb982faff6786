/** The cases of the ops that layers are made of: products with a bias, norms, losses of rows. */
import { reducedShape } from "@needle/ndarray";
import {
  affine,
  batchNorm,
  layerNorm,
  normalize,
  softmaxCrossEntropy,
  type Tensor,
  tensor,
} from "../../index.ts";
import {
  type Case,
  type Draw,
  differentiable,
  positive,
  type Sample,
  turned,
  use,
  useViews,
} from "./case.ts";
import { at, build, fold, type Grid, stretchedAt } from "./grid.ts";

function affineOf(x: Grid, weight: Grid, bias: Grid | null = null): Grid {
  const [inner, columns] = weight.shape as [number, number];
  return build([...x.shape.slice(0, -1), columns], (index) => {
    const j = index.at(-1)!;
    let total = bias === null ? 0 : at(bias, [j]);
    for (let p = 0; p < inner; p++) total += at(x, [...index.slice(0, -1), p]) * at(weight, [p, j]);
    return total;
  });
}

function affineSamples(draw: Draw): Sample[] {
  const of = (...shape: number[]): Sample =>
    use(
      `[${shape}], [3,2] and [2]`,
      [draw([...shape, 3]), draw([3, 2]), draw([2])],
      (x, w, b) => affine(x!, w!, b!),
      (x, w, b) => affineOf(x!, w!, b!),
    );
  return [
    of(),
    of(4),
    of(2, 2),
    of(0),
    use("no bias", [draw([2, 3]), draw([3, 2])], (x, w) => affine(x!, w!), affineOf),
    use(
      "relu",
      [draw([4, 3]), draw([3, 5]), draw([5])],
      (x, w, b) => affine(x!, w!, b!, { activation: "relu" }),
      (x, w, b) => {
        const sum = affineOf(x!, w!, b!);
        return build(sum.shape, (index) => Math.max(0, at(sum, index)));
      },
    ),
    use(
      "sigmoid, no bias",
      [draw([4, 3]), draw([3, 2])],
      (x, w) => affine(x!, w!, null, { activation: "sigmoid" }),
      (x, w) => {
        const sum = affineOf(x!, w!);
        return build(sum.shape, (index) => 1 / (1 + Math.exp(-at(sum, index))));
      },
    ),
    use(
      "no features",
      [draw([2, 0]), draw([0, 2]), draw([2])],
      (x, w, b) => affine(x!, w!, b!),
      affineOf,
    ),
    useViews(
      "two turned views",
      [draw([3, 2]), draw([4, 3])],
      [turned, turned],
      (x, w) => affine(x!, w!),
      affineOf,
    ),
  ];
}

/** (x - mean) / sqrt(variance + eps) * weight + bias. */
function normalizeOf(
  x: Grid,
  axes: number | readonly number[],
  eps: number,
  weight?: Grid,
  bias?: Grid,
): Grid {
  const meanOf = (part: readonly number[]): number =>
    part.reduce((sum, value) => sum + value, 0) / part.length;
  const means = fold(x, axes, true, meanOf);
  const variances = fold(x, axes, true, (part) => {
    const center = meanOf(part);
    return meanOf(part.map((value) => (value - center) ** 2));
  });
  return build(x.shape, (index) => {
    const spread = Math.sqrt(stretchedAt(variances, index) + eps);
    const unit = (at(x, index) - stretchedAt(means, index)) / spread;
    const scaled = weight === undefined ? unit : unit * stretchedAt(weight, index);
    return bias === undefined ? scaled : scaled + stretchedAt(bias, index);
  });
}

function normalizeSamples(draw: Draw): Sample[] {
  const of = (shape: number[], axes: number | readonly number[], scale?: number[]): Sample =>
    use(
      `[${shape}] over ${JSON.stringify(axes)}${scale ? ` with [${scale}]` : ""}`,
      [draw(shape), ...(scale ? [draw(scale), draw(scale)] : [])],
      (x, weight, bias) => normalize(x!, axes, { eps: 0.25, weight, bias }),
      (x, weight, bias) => normalizeOf(x!, axes, 0.25, weight, bias),
    );
  return [
    of([4], 0),
    of([2, 3], -1, [3]),
    of([3, 2], 0, [2]),
    of([2, 3, 2], [0, 2], [3, 1]),
    of([2, 2, 3], [1, 2], [2, 2, 3]),
    of([2, 4], 1, []),
    of([0, 3], 1, [3]),
    use(
      "only a bias",
      [draw([2, 3]), draw([1])],
      (x, bias) => normalize(x!, 1, { eps: 0.25, bias }),
      (x, bias) => normalizeOf(x!, 1, 0.25, undefined, bias),
    ),
    useViews(
      "a turned view",
      [draw([3, 2])],
      [turned],
      (x) => normalize(x!, -1, { eps: 0.25 }),
      (x) => normalizeOf(x!, 1, 0.25),
    ),
  ];
}

function layerNormSamples(draw: Draw): Sample[] {
  return [
    use(
      "[2,3] over 3",
      [draw([2, 3]), draw([3]), draw([3])],
      (x, weight, bias) => layerNorm(x!, 3, { eps: 0.25, weight, bias }),
      (x, weight, bias) => normalizeOf(x!, 1, 0.25, weight, bias),
    ),
    use(
      "[2,2,2] over [2,2]",
      [draw([2, 2, 2])],
      (x) => layerNorm(x!, [2, 2], { eps: 0.25 }),
      (x) => normalizeOf(x!, [1, 2], 0.25),
    ),
  ];
}

/** `[channels]` as an operand that stretches along the channels, axis 1. */
const alongChannels = (x: Grid, rank: number): Grid => ({
  shape: reducedShape([1, x.shape[0]!, ...Array.from({ length: rank - 2 }, () => 1)], [], true),
  values: x.values,
});

function batchNormSamples(draw: Draw): Sample[] {
  const training = (...shape: number[]): Sample =>
    use(
      `[${shape}] in training`,
      [draw(shape), draw([shape[1]!]), draw([shape[1]!])],
      (x, weight, bias) => batchNorm(x!, null, null, { training: true, eps: 0.25, weight, bias }),
      (x, weight, bias) => {
        const axes = shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
        const [scale, shift] = [weight!, bias!].map((g) => alongChannels(g, shape.length));
        return normalizeOf(x!, axes, 0.25, scale, shift);
      },
    );
  const evaluation = (...shape: number[]): Sample =>
    use(
      `[${shape}] in evaluation`,
      [draw(shape), draw([shape[1]!]), draw([shape[1]!], positive)],
      (x, mean, variance) => batchNorm(x!, mean!, variance!, { eps: 0.25 }),
      (x, mean, variance) => {
        const [m, v] = [mean!, variance!].map((g) => alongChannels(g, shape.length));
        return build(
          shape,
          (i) => (at(x!, i) - stretchedAt(m!, i)) / Math.sqrt(stretchedAt(v!, i) + 0.25),
        );
      },
    );
  return [training(3, 2), training(2, 2, 3), evaluation(3, 2), evaluation(2, 2, 1, 3)];
}

function crossEntropyOf(x: Grid, labels: Grid): Grid {
  const totals = fold(x, -1, false, (row) =>
    Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)),
  );
  return build(labels.shape, (index) => at(totals, index) - at(x, [...index, at(labels, index)]));
}

function crossEntropySamples(draw: Draw): Sample[] {
  const labels = (values: number | number[] | number[][]): Tensor =>
    tensor(values, { dtype: "int32" });
  const of = (about: string, x: Tensor, at: Tensor): Sample =>
    use(about, [x, at], (scores, places) => softmaxCrossEntropy(scores!, places!), crossEntropyOf);
  return [
    of("[3]", draw([3]), labels(1)),
    of("[2,3]", draw([2, 3]), labels([2, 0])),
    of(
      "[2,2,3]",
      draw([2, 2, 3]),
      labels([
        [2, 0],
        [1, 1],
      ]),
    ),
    of("[0,3]", draw([0, 3]), tensor([], { dtype: "int32" })),
    useViews(
      "a turned view",
      [draw([3, 2]), labels([0, 2])],
      [turned, (x) => x],
      (scores, places) => softmaxCrossEntropy(scores!, places!),
      crossEntropyOf,
    ),
  ];
}

/** The cases of the ops that layers are made of. */
export const layerCases: Record<
  "affine" | "normalize" | "layerNorm" | "batchNorm" | "softmaxCrossEntropy",
  Case
> = {
  affine: differentiable(affineSamples),
  normalize: differentiable(normalizeSamples),
  layerNorm: differentiable(layerNormSamples),
  batchNorm: differentiable(batchNormSamples),
  softmaxCrossEntropy: differentiable(crossEntropySamples),
};
