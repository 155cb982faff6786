// Laws of ops that work on each element for itself, and of reductions: what becomes of the inputs'
// layout becomes of the result's, and of the gradients'.

import { type Axes, broadcastShapes, fromTypedArray, Philox, type Shape } from "@needle/ndarray";
import { assertClose, assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import * as ag from "../index.ts";
import { gradients, Tensor } from "../index.ts";
import { activationCases } from "./cases/activations.ts";
import { bitwiseCases } from "./cases/bitwise.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { functionCases } from "./cases/functions.ts";
import type { reductionCases } from "./cases/reduce.ts";
import { roundingCases } from "./cases/rounding.ts";
import type { statisticsCases } from "./cases/statistics.ts";
import { samplesOf } from "./index.ts";

type Tensors = readonly Tensor[];
type Layout = (x: Tensor) => Tensor;

const { allClose: _, ...functions } = functionCases;
const elementwiseOps = Object.entries({
  ...elementwiseCases,
  ...activationCases,
  ...functions,
  ...roundingCases,
  ...bitwiseCases,
});

/** Shared shape of operands, or null for views that are not operands themselves. */
function commonShape(xs: Tensors, result: Shape): Shape | null {
  const views = xs.some((x) => x.ndim > result.length) || xs.some((x) => x.ndim === 3);
  return views ? null : xs.map((x) => x.shape).reduce((a, b) => broadcastShapes("laws", a, b));
}

/** Weights that differ from element to element, to seed a backward pass with. */
function seedLike(y: Tensor): Tensor {
  return new Tensor(new Philox(5).uniform(y.shape, { dtype: "float64" }));
}

interface Found {
  readonly y: Tensor;
  readonly gradients: Tensors;
}

/** The value, and the gradients where there are any. */
function found(
  run: (...xs: Tensor[]) => Tensor,
  xs: Tensors,
  seed: (y: Tensor) => Tensor = seedLike,
): Found {
  const inputs = xs.map((x) => new Tensor(x.value, { requiresGrad: x.dtype === "float64" }));
  const y = run(...inputs);
  if (!y.requiresGrad) return { y, gradients: [] };
  const leaves = inputs.filter((x) => x.requiresGrad);
  return { y, gradients: gradients([y], leaves, { seeds: [seed(y)] }) };
}

describe.each(elementwiseOps)("%s", (_name, entry) => {
  const uses = samplesOf(entry).flatMap(({ inputs, run, expected }) => {
    const shape = commonShape(inputs, expected.shape);
    return shape === null ? [] : [{ inputs, run, shape }];
  });

  test("is tried on several shapes", () => {
    expect(uses.length).toBeGreaterThan(0);
  });

  test("of stretched operands is that of copies, and gradients sum over the copies", () => {
    for (const { inputs, run, shape } of uses) {
      const copies = inputs.map((x) => x.broadcastTo(shape).clone());
      const stretched = found(run, inputs);
      const copied = found(run, copies);
      assertSame(stretched.y.value, copied.y.value);
      const floats = inputs.filter((x) => x.dtype === "float64");
      stretched.gradients.forEach((gradient, i) => {
        const { shape: own } = floats[i]!;
        const lead = shape.length - own.length;
        const axes = shape.flatMap((_, a) => (a < lead || own[a - lead] === 1 ? [a] : []));
        const sum = copied.gradients[i]!.sum(axes).reshape(own);
        assertClose(gradient.value, sum.value, { rtol: 1e-13, atol: 1e-13 });
      });
    }
  });

  const layouts: readonly (readonly [string, Layout])[] = [
    ["permuted", (x) => x.transpose()],
    ["reversed", (x) => x.flip()],
    ["sliced", (x) => (x.ndim === 0 ? x : x.slice("...", "::2"))],
  ];
  test.each(layouts)("of %s operands is the result so laid out, gradients too", (_about, laid) => {
    for (const { inputs, run, shape } of uses) {
      const full = inputs.map((x) => x.broadcastTo(shape));
      const inside = found((...xs) => run(...xs.map(laid)), full);
      const outside = found((...xs) => laid(run(...xs)), full);
      assertSame(inside.y.value, outside.y.value);
      inside.gradients.forEach((gradient, i) => {
        assertSame(gradient.value, outside.gradients[i]!.value);
      });
    }
  });
});

type Reduce = (x: Tensor, axes?: Axes) => Tensor;

/** All reductions but those that tell positions. */
const reductions: Record<
  Exclude<keyof typeof reductionCases | keyof typeof statisticsCases, "argmax" | "argmin">,
  Reduce
> = {
  sum: ag.sum,
  mean: ag.mean,
  max: ag.max,
  min: ag.min,
  logsumexp: ag.logsumexp,
  any: ag.any,
  all: ag.all,
  prod: ag.prod,
  var: ag.var,
  std: ag.std,
  norm: ag.norm,
  countNonzero: ag.countNonzero,
  nansum: ag.nansum,
  nanmean: ag.nanmean,
  median: ag.median,
  quantile: (x, axes) => ag.quantile(x, 0.3, axes),
  percentile: (x, axes) => ag.percentile(x, 30, axes),
};

const orders = [
  [0, 1, 2],
  [2, 0, 1],
  [1, 0, 2],
  [2, 1, 0],
] as const;
const axesLists = [[], [0], [1], [-1], [0, 2], [2, 1], [0, 1, 2]] as const;

describe.each(Object.entries(reductions))("%s", (_name, reduce) => {
  const numbers = new Philox(3).uniform([3, 2, 4], { dtype: "float64" }).sub(0.5);
  const x = new Tensor(numbers);

  test("does not see in which order the axes stand", () => {
    for (const order of orders) {
      for (const axes of axesLists) {
        const places = axes.map((axis) => order.indexOf(((axis + 3) % 3) as 0 | 1 | 2));
        const kept = order.filter((axis) => !axes.some((a) => (a + 3) % 3 === axis));
        const back = kept.toSorted().map((axis) => kept.indexOf(axis));
        const straight = found((at) => reduce(at, axes), [x]);
        const permuted = found((at) => reduce(at.permute(order), places).permute(back), [x]);
        same(permuted, straight);
      }
    }
  });

  test("gives by a view what it gives by a copy", () => {
    const layouts: readonly Layout[] = [
      (at) => at.flip(),
      (at) => at.slice("::2", ":", "::-1"),
      (at) => at.unsqueeze(1).broadcastTo([3, 2, 2, 4]),
    ];
    for (const laid of layouts) {
      for (const axes of axesLists) {
        const view = found((at) => reduce(laid(at), axes), [x]);
        const copy = found((at) => reduce(laid(at).clone(), axes), [x]);
        same(view, copy);
      }
    }
  });
});

function same(left: Found, right: Found): void {
  const tolerance = { rtol: 1e-12, atol: 1e-12 };
  assertClose(left.y.value, right.y.value, tolerance);
  expect(left.gradients.length).toBe(right.gradients.length);
  left.gradients.forEach((gradient, i) => {
    assertClose(gradient.value, right.gradients[i]!.value, tolerance);
  });
}

describe.each(["sum", "prod", "max", "min", "logsumexp", "nansum", "any", "all"] as const)(
  "%s",
  (name) => {
    test("over two axes is that over one after the other", () => {
      const reduce: Reduce = reductions[name];
      const data = Float64Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) / 4 - 1);
      const x = new Tensor(fromTypedArray(data, [3, 2, 4]));
      const whole = found((at) => reduce(at, [0, 2]), [x]);
      const parts = found((at) => reduce(reduce(at, 2), 0), [x]);
      assertClose(whole.y.value, parts.y.value, { rtol: 1e-13, atol: 1e-13 });
      // Ties shared in two rounds are shared otherwise; without ties the gradients are equal.
      if (name === "max" || name === "min") return;
      same(whole, parts);
    });
  },
);
