// Laws of derivatives that hold to the last digits, for every op and every use in the table: what a
// difference of values can show only roughly.

import { Philox } from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { gradients, jvp, Tensor, vjp } from "../index.ts";
import { cases, type OpName, type Sample, samplesOf } from "./index.ts";

type Map = (...xs: Tensor[]) => Tensor;
type Tensors = readonly Tensor[];

/** A use as a function of its float64 inputs alone. */
interface Use {
  /** How closely its numbers can agree: less so where they are float32 on the way. */
  readonly digits: number;
  readonly f: Map;
  readonly xs: Tensors;
}

function useOf({ inputs, run, options }: Sample): Use {
  const positions = [...inputs.keys()].filter((i) => inputs[i]!.dtype === "float64");
  const f: Map = (...xs) =>
    run(...inputs.map((x, i) => (positions.includes(i) ? xs[positions.indexOf(i)]! : x)));
  const digits = options.step === undefined ? 1e-9 : 1e-6;
  return { digits, f, xs: positions.map((i) => inputs[i]!) };
}

/** The ops that are linear in all their float inputs together (for numbers that are not NaN). */
// biome-ignore format: words, not lines
const linearOps: readonly OpName[] = [
  "adaptiveAvgPool1d", "adaptiveAvgPool2d", "add", "alphaDropout", "astype", "at", "avgPool1d",
  "avgPool2d", "bincount", "broadcastTo", "chunk", "clone", "concat", "cumsum", "deg2rad", "diag",
  "diagonal", "diff", "dilate", "dropout", "dropout1d", "dropout2d", "embedding", "expand",
  "flatten", "flip", "fold", "gather", "indexAdd", "indexPut", "indexSelect", "interpolate",
  "maskedFill", "maskedSelect", "mean", "moveaxis", "nanToNum", "nanmean", "nansum", "neg", "pad",
  "permute", "pixelShuffle", "pixelUnshuffle", "put", "rad2deg", "repeat", "reshape", "roll",
  "scatter", "scatterAdd", "slice", "split", "squeeze", "stack", "sub", "sum", "swapaxes", "take",
  "takeAlongAxis", "tile", "to", "trace", "transpose", "tril", "triu", "undiagonal", "undilate",
  "unfold", "unslice", "unsqueeze", "unstack", "where",
];

/** Those that are linear in each of two. */
const bilinearOps: readonly OpName[] = [
  "mul",
  "matmul",
  "dot",
  "inner",
  "outer",
  "vdot",
  "kron",
  "cross",
  "tensordot",
  "einsum",
  "conv",
  "conv1d",
  "conv2d",
  "convTranspose1d",
  "convTranspose2d",
];

const generator = new Philox(11);

function drawLike(xs: Tensors): Tensor[] {
  return xs.map((x) => new Tensor(generator.uniform(x.shape, { dtype: "float64" }).sub(0.4)));
}

const dot = (as: Tensors, bs: Tensors): number =>
  as.reduce((sum, a, i) => sum + a.mul(bs[i]!).sum().item(), 0);

const mix = (a: number, xs: Tensors, b: number, ys: Tensors): Tensor[] =>
  xs.map((x, i) => x.mul(a).add(ys[i]!.mul(b)));

/** Equal but for the rounding of different orders of the same sums. */
function same(found: Tensors, expected: Tensors, digits: number): void {
  expect(found.map((x) => x.shape)).toEqual(expected.map((x) => x.shape));
  found.forEach((x, i) => {
    assertClose(x.value, expected[i]!.value, { rtol: digits, atol: digits });
  });
}

function sameNumbers(found: number, expected: number, digits: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(digits * Math.max(1, Math.abs(expected)));
}

const forward = (f: Map, xs: Tensors, us: Tensors): Tensor => jvp(f, [...xs], [...us])[1];

/** The adjoints of all inputs. */
function reverse(f: Map, xs: Tensors, g: Tensor): Tensor[] {
  const [, pullback] = vjp(f, [...xs]);
  return pullback(g) as Tensor[];
}

/** D^2 f(x)[u, v], forward over forward mode. */
const twice = (f: Map, xs: Tensors, us: Tensors, vs: Tensors): Tensor =>
  forward((...at) => forward(f, at, us), xs, vs);

const differentiable = Object.entries(cases).filter(([, entry]) => entry.differentiable);

describe.each(differentiable)("%s", (_name, entry) => {
  const uses = samplesOf(entry).map(useOf);

  test("has tangents linear in the direction, and adjoints in the seed", () => {
    for (const { f, xs, digits } of uses) {
      const [us, vs] = [drawLike(xs), drawLike(xs)];
      const mixed = forward(f, xs, mix(2, us, -3, vs));
      same([mixed], mix(2, [forward(f, xs, us)], -3, [forward(f, xs, vs)]), digits);
      const [g] = drawLike([mixed]) as [Tensor];
      const [h] = drawLike([mixed]) as [Tensor];
      const adjoints = reverse(f, xs, mix(2, [g], -3, [h])[0]!);
      same(adjoints, mix(2, reverse(f, xs, g), -3, reverse(f, xs, h)), digits);
    }
  });

  test("has modes that are transposes of each other: <J'g, u> = <g, Ju>", () => {
    for (const { f, xs, digits } of uses) {
      const us = drawLike(xs);
      const tangent = forward(f, xs, us);
      const g = drawLike([tangent]);
      sameNumbers(dot(reverse(f, xs, g[0]!), us), dot(g, [tangent]), digits);
    }
  });

  test("has one Hessian by every mixture of modes, and a symmetric one", () => {
    for (const { f, xs, digits } of uses) {
      const [us, vs] = [drawLike(xs), drawLike(xs)];
      const [g] = drawLike([f(...xs)]) as [Tensor];
      const along = reverseOverReverse(f, xs, us, g);
      same(forwardOverReverse(f, xs, us, g), along, digits);
      const mixed = twice(f, xs, us, vs);
      same([twice(f, xs, vs, us)], [mixed], digits);
      sameNumbers(dot([g], [mixed]), dot(along, vs), digits);
    }
  });

  test("keeps the chain rule, to the second derivative", () => {
    // g(x) = x + sin(x) / 50: g' = 1 + cos(x) / 50, g'' = -sin(x) / 50.
    const inner = (x: Tensor): Tensor => x.add(x.sin().mul(0.02));
    for (const { f, xs, digits } of uses) {
      const chained: Map = (...at) => f(...at.map(inner));
      const us = drawLike(xs);
      const at = xs.map(inner);
      const slopes = xs.map((x) => x.cos().mul(0.02).add(1));
      const moved = us.map((u, i) => u.mul(slopes[i]!));
      const tangent = forward(f, at, moved);
      same([forward(chained, xs, us)], [tangent], digits);
      const [g] = drawLike([tangent]) as [Tensor];
      const adjoints = reverse(f, at, g).map((adjoint, i) => adjoint.mul(slopes[i]!));
      same(reverse(chained, xs, g), adjoints, digits);
      // (f o g)''[u, u] = f''[g'u, g'u] + f'[g''[u, u]]
      const bent = xs.map((x, i) => x.sin().mul(-0.02).mul(us[i]!.square()));
      const expected = twice(f, at, moved, moved).add(forward(f, at, bent));
      same([twice(chained, xs, us, us)], [expected], digits);
    }
  });
});

/** The gradient of <gradient of <g, f>, u>. */
function reverseOverReverse(f: Map, xs: Tensors, us: Tensors, g: Tensor): Tensor[] {
  const leaves = xs.map((x) => new Tensor(x.value, { requiresGrad: true }));
  const first = gradients([f(...leaves)], leaves, { seeds: [g], createGraph: true });
  const slope = first.map((x, i) => x.mul(us[i]!).sum()).reduce((a, b) => a.add(b));
  return slope.requiresGrad ? gradients([slope], leaves) : xs.map((x) => x.mul(0));
}

/** The tangents along u of the gradient of <g, f>. */
function forwardOverReverse(f: Map, xs: Tensors, us: Tensors, g: Tensor): Tensor[] {
  return xs.map((_, i) => forward((...at) => reverse(f, at, g)[i]!, xs, us));
}

describe("linear ops", () => {
  const names = Object.keys(cases) as OpName[];

  /** Uses at two points: the inputs of the second are drawn anew. */
  function pairs(name: OpName): readonly (Use & { readonly ys: Tensors })[] {
    const others = samplesOf(cases[name], 715).map(useOf);
    return samplesOf(cases[name]).map((sample, i) => ({ ...useOf(sample), ys: others[i]!.xs }));
  }

  test("are those with one derivative everywhere, and it is not zero", () => {
    const found = names.filter((name) => {
      if (!cases[name].differentiable) return false;
      const tangents = pairs(name).flatMap(({ f, xs, ys }) => {
        const us = drawLike(xs);
        return [[forward(f, xs, us), forward(f, ys, us)] as const];
      });
      const apart = tangents.map(([a, b]) => a.sub(b).abs().sum().item());
      const size = tangents.map(([a]) => a.abs().sum().item());
      return apart.every((d, i) => d <= 1e-9 * size[i]!) && size.some((s) => s > 0);
    });
    // The slope of frac is 1 wherever it has one, but it jumps.
    expect(found.sort()).toEqual([...linearOps, "frac"].sort());
  });

  test.each(linearOps)("%s of a x + b y is a times that of x and b times that of y", (name) => {
    for (const { f, xs, ys, digits } of pairs(name)) {
      // What is added whatever x is, such as the value of pad, is taken away.
      const still = f(...xs.map((x) => x.mul(0)));
      const part = (at: Tensors): Tensor => f(...at).sub(still);
      same([part(mix(2, xs, -3, ys))], mix(2, [part(xs)], -3, [part(ys)]), digits);
    }
  });

  test.each(bilinearOps)("%s is linear in each of two", (name) => {
    const twos = pairs(name).filter(({ xs }) => xs.length === 2);
    expect(twos.length).toBeGreaterThan(0);
    for (const { f, xs, ys, digits } of twos) {
      const [[a, b], [c, d]] = [xs, ys] as unknown as [[Tensor, Tensor], [Tensor, Tensor]];
      same([f(mix(2, [a], -3, [c])[0]!, b)], mix(2, [f(a, b)], -3, [f(c, b)]), digits);
      same([f(a, mix(2, [b], -3, [d])[0]!)], mix(2, [f(a, b)], -3, [f(a, d)]), digits);
    }
  });
});
