import { defaultBackend, manualSeed, memory, rand as randArray } from "@needle/ndarray";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  checkpoint,
  customOp,
  evalShape,
  grad,
  gradients,
  hessian,
  jacobian,
  ones,
  rand,
  Tensor,
  type TensorSpec,
  tensor,
  valueAndGrad,
  zeros,
} from "./index.ts";
import { cases, samplesOf } from "./testing/index.ts";

describe("evalShape", () => {
  test("gives shapes and dtypes of any size at no cost", () => {
    const before = memory().allocatedBytes;
    const f = (x: Tensor, w: Tensor): Tensor => x.matmul(w).relu().argmax(1);
    expect(evalShape(f, [5_000_000, 1000], { shape: [1000, 64], dtype: "float64" })).toEqual({
      shape: [5_000_000],
      dtype: "int32",
    });
    expect(memory().allocatedBytes).toBe(before);
  });

  test("takes and gives nested arrays and objects", () => {
    const f = ({
      w,
      layers: [b],
    }: {
      w: Tensor;
      layers: [Tensor];
    }): { y: Tensor; z: [Tensor] } => ({
      y: w.matmul(b),
      z: [w.sum()],
    });
    const specs = evalShape(f, { w: [2, 3], layers: [ones([3, 4], { dtype: "float64" })] });
    expect(specs).toEqual({
      y: { shape: [2, 4], dtype: "float64" },
      z: [{ shape: [], dtype: "float32" }],
    });
    expectTypeOf(specs.z[0]).toEqualTypeOf<TensorSpec>();
    expect(evalShape((x: Tensor) => x, [])).toEqual({ shape: [], dtype: "float32" });
  });

  test("goes through derivatives", () => {
    const loss = ({ w, b }: { w: Tensor; b: Tensor }): Tensor => w.mul(b).square().sum();
    expect(evalShape(valueAndGrad(loss), { w: [4, 3], b: [3] })).toEqual([
      { shape: [], dtype: "float32" },
      { w: { shape: [4, 3], dtype: "float32" }, b: { shape: [3], dtype: "float32" } },
    ]);
    expect(evalShape(grad(grad((x: Tensor) => x.pow(3))), []).shape).toEqual([]);
    expect(evalShape((x: Tensor) => jacobian((x: Tensor) => x.sum(0), x), [2, 3]).shape).toEqual([
      3, 2, 3,
    ]);
    const f = (x: Tensor): Tensor => checkpoint((x) => x.tanh(), x).sum();
    expect(evalShape(hessian(f), [2]).shape).toEqual([2, 2]);
  });

  test("takes tensors from elsewhere and leaves them alone", () => {
    const w = tensor([[1, 2]], { requiresGrad: true });
    const mean = zeros([2]);
    const f = (x: Tensor): Tensor => {
      const y = x
        .matmul(w)
        .add(mean)
        .add(rand([2]));
      mean.assign(y.mean(0).detach());
      y.sum().backward();
      return y;
    };
    manualSeed(3);
    expect(evalShape(f, [5, 1]).shape).toEqual([5, 2]);
    expect([w.grad, mean.toArray()]).toEqual([null, [0, 0]]);
    const next = randArray([2]).toArray();
    manualSeed(3);
    expect(randArray([2]).toArray()).toEqual(next);
  });

  test("finds errors of shape, and leaves the default backend as it was", () => {
    const backend = defaultBackend();
    expect(() => evalShape((x: Tensor) => x.matmul(ones([3, 4])), [2, 5])).toThrow(
      "matmul: inner sizes differ, [2,5] x [3,4] (5 vs 3)",
    );
    expect(defaultBackend()).toBe(backend);
  });

  test("says what cannot be run without values", () => {
    const remedy =
      "\nIt may read tensors from elsewhere, but neither values nor arrays of another backend.";
    expect(() => evalShape((x: Tensor) => x.mul(x.sum().item()), [2])).toThrow(
      "evalShape: the function does not run without values " +
        `(read: the shape-only backend has no values)${remedy}`,
    );
    const w = ones([2]);
    expect(() => evalShape((x: Tensor) => new Tensor(x.value.mul(w.value)), [2])).toThrow(
      "evalShape: the function does not run without values " +
        `(mul: arrays are on two backends, shape-only and reference)${remedy}`,
    );
    // @ts-expect-error
    expect(() => evalShape((x: Tensor) => x.size, [2])).toThrow(
      "evalShape: the function must return a tensor, got 2",
    );
  });

  test("runs custom ops", () => {
    const op = customOp({
      name: "op",
      forward: ([x], { save }) => {
        const e = x!.exp();
        save(e);
        return e.mul(2);
      },
      vjp: (g, { saved: [e] }) => [g.mul(e!).mul(2)],
    });
    expect(
      evalShape(
        grad((x: Tensor) => op([x]).sum()),
        [7],
      ).shape,
    ).toEqual([7]);
  });
});

/** Ops whose results are as long as the values say. */
const byValue = new Set(["nonzero", "unique"]);

describe.each(Object.entries(cases))("evalShape of %s", (name, entry) => {
  test("gives what the op gives, and its gradients, whatever the values", () => {
    for (const { inputs, run, options } of samplesOf(entry)) {
      if (options.shapeOnly === false) continue; // reads values, as its case says
      const y = run(...inputs);
      const specs = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
      if (byValue.has(name)) {
        expect(() => evalShape(run, ...specs)).toThrow("the shape of the result depends on values");
        continue;
      }
      expect(evalShape(run, ...specs)).toEqual({ shape: y.shape, dtype: y.dtype });
      if (!entry.differentiable) continue;
      const derivative = (...xs: Tensor[]): Tensor[] => {
        const leaves = xs.map((x) => new Tensor(x.value, { requiresGrad: x.dtype === "float64" }));
        const y = run(...leaves);
        return gradients(
          [y],
          leaves.filter((x) => x.requiresGrad),
        );
      };
      expect(evalShape(derivative, ...specs)).toEqual(
        specs.filter(({ dtype }) => dtype === "float64"),
      );
    }
  });
});
