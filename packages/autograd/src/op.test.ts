import * as nd from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import {
  add,
  bilinear,
  div,
  elementwise,
  general,
  gradients,
  jointlyLinear,
  jvp,
  linear,
  maximum,
  noGrad,
  pow,
  type Rule,
  sub,
  type Tensor,
  tensor,
  where,
  zerosLike,
} from "./index.ts";
import { record } from "./op.ts";
import { gradcheck } from "./testing/index.ts";

function float64(values: number | number[] | number[][], requiresGrad = false): Tensor {
  return tensor(values, { dtype: "float64", requiresGrad });
}

const x = float64([0.5, -1, 2]);

describe("an op of one's own", () => {
  test("elementwise states its partial derivatives", () => {
    const hypot = elementwise<[Tensor, Tensor]>(
      "hypot",
      (a: nd.NDArray, b: nd.NDArray) => nd.sqrt(nd.add(nd.square(a), nd.square(b))),
      [(g, y, a) => g.mul(a).div(y), (g, y, _a, b) => g.mul(b).div(y)],
      "both",
    );
    expect(hypot(tensor([3]), tensor([4])).toArray()).toEqual([5]);
    gradcheck((a, b) => hypot(a!, b!), [x, float64([[1], [2]])]);
  });

  test("linear states its transpose", () => {
    const weights = nd.array([[1, 2, 3]], { dtype: "float64" });
    const product = linear(
      "product",
      (x, scale: number) => nd.mul(nd.matmul(weights, x), scale),
      (g, x, scale) =>
        g
          .mul(scale)
          .mul(float64([1, 2, 3]))
          .reshape(x.shape),
    );
    gradcheck((x) => product(x!, 5), [x], { shapeOnly: false });
  });

  test("bilinear states two transposes", () => {
    const outer = bilinear("outer", (a, b) => nd.mul(nd.unsqueeze(a, 1), b), [
      (g, _a, b) => g.matmul(b),
      (g, a) => a.matmul(g),
    ]);
    gradcheck((a, b) => outer(a!, b!), [x, float64([1, 2])]);
  });

  test("jointlyLinear states the transpose to each of many", () => {
    const total = jointlyLinear(
      "total",
      (xs) => xs.reduce((a, b) => nd.add(a, b)),
      (_i, g) => g,
    );
    gradcheck((...xs) => total(xs), [x, x.mul(2), x.mul(3)]);
    const [, dy] = jvp((a) => total([a, x]), [x], [x]);
    expect(dy.toArray()).toEqual(x.toArray());
  });

  test("general states both modes", () => {
    const cumulative = general("mean2", (x) => nd.mul(nd.mean(x), 2), {
      saves: "nothing",
      vjp: (g, _y, x) => g.mul(2 / x.size).broadcastTo(x.shape),
      jvp: (t) => t.mean().mul(2),
    });
    gradcheck((x) => cumulative(x!), [x]);
  });

  test("may give back a tensor it was given: it stays the caller's", () => {
    const w = float64([1, 2, 3]);
    const rule: Rule = {
      name: "dot",
      saves: "inputs",
      vjp: () => w,
      jvp: ([t]) => w.mul(t!).sum(),
    };
    const dot = (x: Tensor): Tensor => record(rule, nd.sum(nd.mul(x.value, w.value)), [x], []);
    const leaf = float64([1, 1, 1], true);
    dot(leaf).backward();
    dot(leaf.mul(1)).backward();
    const [g] = gradients([dot(leaf)], [leaf]) as [Tensor];
    g.dispose();
    expect(leaf.grad!.toArray()).toEqual([2, 4, 6]);
    leaf.grad!.assign(0);
    expect(w.toArray()).toEqual([1, 2, 3]);
  });

  test("is told when its derivative has the wrong shape or dtype", () => {
    const wrong = linear(
      "wrong",
      (x) => nd.sum(x),
      (g) => g,
    );
    const leaf = float64([1, 2], true);
    const text =
      "wrong: its rule gives a float64 [] as the adjoint of input 0, which is float64 [2]";
    expect(() => wrong(leaf).backward()).toThrow(new nd.ShapeError("wrong", text.slice(7)));
    const narrow = general("narrow", nd.exp, {
      saves: "nothing",
      vjp: (g) => g,
      jvp: (t) => t.astype("float32"),
    });
    expect(() => jvp((x) => narrow(x), [x], [x])).toThrow(
      "narrow: its rule gives a float32 [3] as the tangent, which is float64 [3]",
    );
  });
});

describe("recording", () => {
  test("happens when an input requires a gradient, the result is a float and it is on", () => {
    const leaf = float64([1, 2], true);
    expect(leaf.exp().node!.rule.name).toBe("exp");
    expect(leaf.exp().node!.inputs).toEqual([leaf]);
    expect(leaf.detach().exp().node).toBeNull();
    expect(noGrad(() => leaf.exp().node)).toBeNull();
    expect(leaf.astype("int32").node).toBeNull();
  });
});

describe("operands", () => {
  test("may be numbers on either side, which take the dtype of the tensor", () => {
    const single = tensor([1, 2], { requiresGrad: true });
    for (const y of [
      add(1, single),
      sub(1.5, single),
      div(1, single),
      pow(2, single),
      maximum(0, single),
    ]) {
      expect(y.dtype).toBe("float32");
      expect(gradients([y], [single])[0]!.dtype).toBe("float32");
    }
    expect(sub(1.5, single).toArray()).toEqual([0.5, -0.5]);
    expect(gradients([div(1, single)], [single])[0]!.toArray()).toEqual([-1, -0.25]);
  });

  test("of two float dtypes give the wider, and gradients of each its own", () => {
    const single = tensor([1, 2], { requiresGrad: true });
    const double = float64([3, 4], true);
    const pairs = [
      [single, double],
      [double, single],
    ] as const;
    for (const [a, b] of pairs) {
      for (const y of [
        a.add(b),
        a.mul(b),
        a.div(b),
        a.pow(b),
        a.matmul(b),
        a.maximum(b),
        where(a.gt(1), a, b),
      ]) {
        expect(y.dtype).toBe("float64");
        const dtypes = gradients([y], [single, double]).map((g) => g.dtype);
        expect(dtypes).toEqual(["float32", "float64"]);
      }
      for (const f of [add, sub, maximum]) {
        const [y, dy] = jvp((x) => f(x, b.detach()), [a.detach()], [a.detach()]);
        expect([y.dtype, dy.dtype]).toEqual(["float64", "float64"]);
      }
    }
  });

  test("of whole numbers are constants", () => {
    const whole = tensor([2, 3], { dtype: "int32" });
    const leaf = float64([0.5, 4], true);
    const slopes = [
      [leaf.mul(whole), [2, 3]],
      [whole.sub(leaf), [-1, -1]],
      [leaf.div(whole), [1 / 2, 1 / 3]],
      [leaf.pow(whole), [1, 48]],
      [whole.pow(leaf), [Math.SQRT2 * Math.LN2, 81 * Math.log(3)]],
      [leaf.matmul(whole), [2, 3]],
      [leaf.mul(tensor([true, false])), [1, 0]],
      [where(whole, leaf, whole), [1, 1]],
    ] as const;
    for (const [y, expected] of slopes) {
      const [g] = gradients([y], [leaf]) as [Tensor];
      expect(g.dtype).toBe("float64");
      assertClose(g.value, [...expected], { rtol: 1e-14 });
    }
  });

  test("of whole numbers alone keep their dtype", () => {
    const whole = tensor([-2, 3], { dtype: "int32" });
    expect(whole.clamp(0, null).dtype).toBe("int32");
    expect(whole.clamp(0, null).toArray()).toEqual([0, 3]);
    expect(whole.mul(2).dtype).toBe("int32");
    expect(whole.sum().dtype).toBe("int32");
    expect(whole.exp().dtype).toBe("float32");
  });
});

describe("clamp", () => {
  test("without limits is the tensor itself", () => {
    const leaf = float64([1, 2], true);
    expect(leaf.clamp(null, null)).toBe(leaf);
  });
});

describe("logsumexp", () => {
  test("has slope 0 where all inputs are -Infinity", () => {
    const inf = Number.POSITIVE_INFINITY;
    const leaf = float64(
      [
        [-inf, -inf],
        [0, -inf],
      ],
      true,
    );
    const y = leaf.logsumexp(1);
    expect(y.toArray()).toEqual([-inf, 0]);
    y.backward();
    expect(leaf.grad!.toArray()).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });
});

describe("where", () => {
  test("keeps NaN of the value not taken out of the gradient, if the value is guarded before", () => {
    const leaf = float64([0, 4], true);
    const positive = leaf.gt(0);
    const y = where(positive, where(positive, leaf, 1).log(), 0);
    expect(y.toArray()).toEqual([0, Math.log(4)]);
    y.backward();
    expect(leaf.grad!.toArray()).toEqual([0, 0.25]);
  });
});

describe("gather", () => {
  test("has its index kept though no one else does", () => {
    const leaf = float64([1, 2, 3], true);
    const loss = nd.scope(() => leaf.gather(0, tensor([2, 2], { dtype: "int32" })).sum());
    loss.backward();
    expect(leaf.grad!.toArray()).toEqual([0, 0, 2]);
    expect(zerosLike(leaf.mul(1)).isLeaf).toBe(true);
  });
});
