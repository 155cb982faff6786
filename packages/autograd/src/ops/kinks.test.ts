// First and second derivatives where functions have kinks, zeros to divide by, ties, infinities and
// NaN, compared with what PyTorch gave there.

import { describe, expect, test } from "vitest";
import { gradients, pow, type Tensor, tensor } from "../index.ts";
import { compareWithTorch, type Named } from "./torch.fixture.ts";

type Run = (inputs: Named) => Tensor;

/** An op of x, and of y and z where there are any. */
function of(op: string, ...params: unknown[]): Run {
  return ({ x, y, z }) => {
    const method = (x as unknown as Record<string, (...args: unknown[]) => Tensor>)[op]!;
    return method.call(x, ...[y, z].filter((other) => other !== undefined), ...params);
  };
}

const everywhere = (op: string): Record<string, Run> => ({
  "at kinks, infinities and NaN": of(op),
});
const pairs = (op: string): Record<string, Run> => ({
  "at ties, zeros, infinities and NaN": of(op),
});
const justKept = (op: string): Record<string, Run> => ({
  "the margin just kept": of(op, { reduction: "none" }),
});

describe("derivatives are PyTorch's", () => {
  compareWithTorch("kinks", {
    square: everywhere("square"),
    sqrt: everywhere("sqrt"),
    reciprocal: everywhere("reciprocal"),
    log: everywhere("log"),
    relu: everywhere("relu"),
    silu: everywhere("silu"),
    gelu: everywhere("gelu"),
    softplus: everywhere("softplus"),
    hardtanh: everywhere("hardtanh"),
    relu6: everywhere("relu6"),
    leakyRelu: everywhere("leakyRelu"),
    elu: { ...everywhere("elu"), "alpha 0.5": of("elu", 0.5) },
    celu: { ...everywhere("celu"), "alpha 2": of("celu", 2) },
    selu: everywhere("selu"),
    hardshrink: everywhere("hardshrink"),
    tanhshrink: everywhere("tanhshrink"),
    frac: everywhere("frac"),
    nanToNum: everywhere("nanToNum"),
    abs: { "at kinks and infinities": of("abs") },
    softsign: { "at kinks": of("softsign") },
    softshrink: { "at kinks and infinities": of("softshrink") },
    logit: { "in and outside of 0 to 1": of("logit") },
    hardswish: { inside: of("hardswish") },
    clamp: {
      "-1 to 3": of("clamp", -1, 3),
      "from 0": of("clamp", 0, null),
      "to 0.5": of("clamp", null, 0.5),
    },
    pow: {
      ...Object.fromEntries([0, 1, 2, 3, 0.5, 1.5, -1].map((n) => [`to ${n}`, of("pow", n)])),
      "of two tensors, at positive bases": of("pow"),
      "of 2": ({ x }) => pow(2, x!),
    },
    maximum: pairs("maximum"),
    minimum: pairs("minimum"),
    div: pairs("div"),
    fmod: pairs("fmod"),
    remainder: pairs("remainder"),
    hypot: { "at axes and infinities": of("hypot") },
    atan2: { "at axes and infinities": of("atan2") },
    xlogy: { "at zeros": of("xlogy") },
    prod: { "none, one and more zeros": of("prod", -1) },
    cumprod: { "none, one and more zeros": of("cumprod", -1) },
    max: { "ties, infinities and NaN": of("max", -1) },
    min: { "ties, infinities and NaN": of("min", -1) },
    logsumexp: { "infinities and NaN": of("logsumexp", -1) },
    softmax: { "infinities and NaN": of("softmax", -1) },
    logSoftmax: { "infinities and NaN": of("logSoftmax", -1) },
    var: {
      "equal numbers, infinities and NaN": of("var", -1),
      "one number": of("var", -1),
    },
    std: {
      "equal numbers, infinities and NaN": of("std", -1),
      "one number": of("std", -1),
    },
    norm: {
      zeros: of("norm", -1),
      "zeros, p 1": of("norm", -1, { p: 1 }),
      "zeros, p 3": of("norm", -1, { p: 3 }),
      "ties, p Infinity": of("norm", -1, { p: Infinity }),
    },
    cummax: { ties: ({ x }) => x!.cummax(-1).values },
    sort: { "ties, infinities and NaN": of("sort", -1) },
    marginRankingLoss: justKept("marginRankingLoss"),
    hingeEmbeddingLoss: justKept("hingeEmbeddingLoss"),
    tripletMarginLoss: justKept("tripletMarginLoss"),
    cosineEmbeddingLoss: justKept("cosineEmbeddingLoss"),
  });
});

/** The first and second derivative of an elementwise function. */
function slopes(f: (x: Tensor) => Tensor, at: number[]): unknown[] {
  const x = tensor(at, { dtype: "float64", requiresGrad: true });
  const [first] = gradients([f(x)], [x], { createGraph: true }) as [Tensor];
  const second = first.requiresGrad ? gradients([first], [x])[0]! : first.mul(0);
  return [first.toArray(), second.toArray()];
}

describe("where PyTorch 1.13 errs or gives no number", () => {
  test("hardswish has slope 0 at -3 and 1 at 3, and neither bends there", () => {
    expect(slopes((x) => x.hardswish(), [-3, 3])).toEqual([
      [0, 1],
      [0, 0],
    ]);
  });

  test("hardsigmoid does not bend", () => {
    expect(slopes((x) => x.hardsigmoid(), [-3, 0, 3])).toEqual([
      [0, 1 / 6, 0],
      [0, 0, 0],
    ]);
  });

  test("sinc bends by -pi^2 / 3 at 0", () => {
    expect(slopes((x) => x.sinc(), [0])[1]).toEqual([-(Math.PI ** 2) / 3]);
  });

  test("hypot and atan2 are flat at the origin", () => {
    const flat = [[0], [0]];
    expect(slopes((x) => x.hypot(0), [0])).toEqual(flat);
    expect(slopes((x) => x.hypot(x), [0])).toEqual(flat);
    expect(slopes((x) => x.atan2(x.detach()), [0])).toEqual(flat);
  });
});
