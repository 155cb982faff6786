import { ArgumentError, memory } from "@needle/ndarray";
import { describe, expect, expectTypeOf, test } from "vitest";
import { grad, jvp, noGrad, type Tensor, tensor, valueAndGrad, vjp } from "./index.ts";

function float64(value: number | number[] | number[][], requiresGrad = false): Tensor {
  return tensor(value, { dtype: "float64", requiresGrad });
}

const cube = (x: Tensor): Tensor => x.pow(3).sum();

describe("grad", () => {
  test("is the derivative of a function of a number", () => {
    expect(grad(cube)(float64(2)).item()).toBe(12);
    expect(grad(grad(cube))(float64(2)).item()).toBe(12);
    expect(grad(grad(grad(cube)))(float64(2)).item()).toBe(6);
    expect(grad(grad(grad(grad(cube))))(float64(2)).item()).toBe(0);
  });

  test("takes the derivative by the first argument and passes on the others", () => {
    const f = (x: Tensor, y: Tensor, scale: number): Tensor => x.mul(y).mul(scale).sum();
    const dx = grad(f)(float64([1, 2]), float64([3, 4]), 10);
    expect(dx.toArray()).toEqual([30, 40]);
    expectTypeOf(grad(f)).parameters.toEqualTypeOf<[Tensor, Tensor, number]>();
  });

  test("has the form of a nested argument", () => {
    const parameters = {
      layers: [{ w: float64([1, 2]), b: float64(3) }] as const,
      scale: float64(4),
    };
    const loss = ({ layers: [{ w, b }], scale }: typeof parameters): Tensor =>
      w.add(b).mul(scale).sum();
    const g = grad(loss)(parameters);
    expect(g.layers[0].w.toArray()).toEqual([4, 4]);
    expect(g.layers[0].b.item()).toBe(8);
    expect(g.scale.item()).toBe(1 + 2 + 6);
    expectTypeOf(g).toEqualTypeOf(parameters);
  });

  test("is zero for what the value does not depend on", () => {
    const g = grad(({ used }: { used: Tensor; unused: Tensor }) => used.sum())({
      used: float64([1]),
      unused: float64([1, 2]),
    });
    expect(g.unused.toArray()).toEqual([0, 0]);
    expect(grad((_x: Tensor) => float64(3))(float64([1, 2])).toArray()).toEqual([0, 0]);
  });

  test("of the identity is 1, and the results are plain tensors of their own", () => {
    const x = float64(5);
    const [y, dy] = valueAndGrad((x: Tensor) => x)(x);
    expect([y.item(), dy.item()]).toEqual([5, 1]);
    expect([y.requiresGrad, dy.requiresGrad]).toEqual([false, false]);
    y.dispose();
    expect(x.item()).toBe(5);
  });

  test("leaves its argument as it was", () => {
    const x = float64([1, 2]);
    grad(cube)(x);
    expect(x.requiresGrad).toBe(false);
    expect(x.grad).toBeNull();
    const parameter = float64([1, 2], true);
    grad(cube)(parameter);
    expect(parameter.grad).toBeNull();
  });

  test("needs a function that gives one number", () => {
    expect(() => grad((x: Tensor) => x.mul(2))(float64([1, 2]))).toThrow(
      new ArgumentError(
        "grad",
        "the function must return a tensor of one element, got [2]",
        "Sum it, or use vjp.",
      ),
    );
    expect(grad((x: Tensor) => x.mul(2).reshape([1, 1]))(float64(1)).item()).toBe(2);
    // @ts-expect-error: a number is no tensor.
    expect(() => grad((x: Tensor) => x.item())(float64(1))).toThrow(
      "grad: the function must return a tensor, got 1",
    );
  });

  test("needs floats to differentiate by", () => {
    expect(() => grad(cube)(tensor([1], { dtype: "int32" }))).toThrow(
      "int32 values have no gradient",
    );
  });

  test("works inside noGrad, for any tensor", () => {
    const parameter = float64([1, 2], true);
    expect(noGrad(() => grad(cube)(parameter)).toArray()).toEqual([3, 12]);
    expect(noGrad(() => grad(cube)(parameter.detach())).toArray()).toEqual([3, 12]);
    expect(noGrad(() => grad(cube)(parameter)).requiresGrad).toBe(false);
  });

  test("inside noGrad leaves graphs outside alone", () => {
    const w = float64([1, 2], true);
    const outside = w.mul(w);
    const g = noGrad(() => grad((x: Tensor) => x.mul(outside).sum())(float64([1, 1])));
    expect(g.toArray()).toEqual([1, 4]);
    expect(g.requiresGrad).toBe(false);
    outside.sum().backward();
    expect(w.grad!.toArray()).toEqual([2, 4]);
  });

  test("stays linked to a tensor that requires gradients", () => {
    const x = float64([1, 2], true);
    const g = grad(cube)(x);
    expect(g.requiresGrad).toBe(true);
    g.sum().backward();
    expect(x.grad!.toArray()).toEqual([6, 12]);
  });

  test("can be differentiated by what the function closes over", () => {
    const w = float64([3, 5], true);
    const g = grad((x: Tensor) => x.square().mul(w).sum())(float64([1, 2]));
    expect(g.toArray()).toEqual([6, 20]);
    g.sum().backward();
    expect(w.grad!.toArray()).toEqual([2, 4]);
  });
});

describe("vjp", () => {
  test("gives the value and a pullback that can be called again", () => {
    const [y, pullback] = vjp((x, w) => x.mul(w), [float64([1, 2]), float64([3, 4])]);
    expect(y.toArray()).toEqual([3, 8]);
    expect(pullback().map((g) => g.toArray())).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(pullback(float64([1, 10])).map((g) => g.toArray())).toEqual([
      [3, 40],
      [1, 20],
    ]);
    expect(pullback(float64([1, 10]))[0]!.toArray()).toEqual([3, 40]);
    expect(y.requiresGrad).toBe(false);
  });

  test("gives the rows of a Jacobian", () => {
    const [, pullback] = vjp(
      (x) =>
        x.square().matmul(
          float64([
            [1, 2],
            [3, 4],
          ]),
        ),
      [float64([1, 10])],
    );
    const rows = [float64([1, 0]), float64([0, 1])].map((e) => pullback(e)[0]!.toArray());
    expect(rows).toEqual([
      [2, 60],
      [4, 80],
    ]);
  });

  test("takes a seed of another dtype, but not of another shape", () => {
    const [, pullback] = vjp((x) => x.reshape([2, 1]), [float64([1, 2])]);
    expect(pullback(tensor([[1], [2]]))[0]!.dtype).toBe("float64");
    expect(() => pullback(tensor([1, 2]))).toThrow("vjp: expected [2,1], got [2]");
  });

  test("is linear in the seed, and differentiable by it", () => {
    const [, pullback] = vjp((x) => x.square(), [float64([1, 2])]);
    const seed = float64([1, 1], true);
    pullback(seed)[0]!
      .mul(float64([10, 100]))
      .sum()
      .backward();
    expect(seed.grad!.toArray()).toEqual([20, 400]);
  });

  test("can be differentiated by its inputs", () => {
    const x = float64([1, 2], true);
    const [, pullback] = vjp((x) => x.pow(3), [x]);
    pullback()[0]!.sum().backward();
    expect(x.grad!.toArray()).toEqual([6, 12]);
    expect(noGrad(() => pullback()[0]!).requiresGrad).toBe(false);
  });

  test("needs a function that gives a tensor", () => {
    // @ts-expect-error
    expect(() => vjp(() => 1, [float64(1)])).toThrow(
      "vjp: the function must return a tensor, got 1",
    );
  });
});

describe("hasAux", () => {
  const f = (x: Tensor): [Tensor, { parts: Tensor[]; note: string }] => [
    x.square().sum(),
    { parts: [x.mul(2), x.argmax()], note: "kept" },
  ];

  test("hands on what a function returns besides, as constants", () => {
    const x = float64([1, 2]);
    const [gradient, aux] = grad(f, { hasAux: true })(x);
    expect(gradient.toArray()).toEqual([2, 4]);
    expect(aux.parts.map((part) => part.toArray())).toEqual([[2, 4], 1]);
    expect([aux.parts[0]!.requiresGrad, aux.note]).toEqual([false, "kept"]);
    const [[value, { note }], slope] = valueAndGrad(f, { hasAux: true })(x);
    expect([value.item(), note, slope.toArray()]).toEqual([5, "kept", [2, 4]]);
  });

  test("keeps it differentiable where something outside asks for gradients", () => {
    const x = float64([1, 2], true);
    const [gradient, aux] = grad(f, { hasAux: true })(x);
    gradient.add(aux.parts[0]!).sum().backward();
    expect(x.grad!.toArray()).toEqual([4, 4]);
  });

  test("needs a pair", () => {
    // @ts-expect-error
    expect(() => grad((x: Tensor) => x.sum(), { hasAux: true })(float64([1]))).toThrow(
      "grad: with hasAux the function must return a pair [value, aux], got Tensor float64 []",
    );
    // @ts-expect-error
    expect(() => grad(f)(float64([1]))).toThrow("grad: the function must return a tensor, got [");
  });
});

describe("jvp", () => {
  test("gives the value and its derivative in one direction", () => {
    const [y, dy] = jvp(
      (x, w) => x.mul(w).sum(),
      [float64([1, 2]), float64([3, 4])],
      [float64([1, 0]), float64([0, 10])],
    );
    expect(y.item()).toBe(11);
    expect(dy.item()).toBe(23);
    expect(dy.requiresGrad).toBe(false);
  });

  test("is zero for a function that does not depend on the input", () => {
    const x = float64([1, 2]);
    const [y, dy] = jvp((_x) => float64([[5]]), [x], [x]);
    expect(y.toArray()).toEqual([[5]]);
    expect(dy.toArray()).toEqual([[0]]);
    expect(jvp((x) => x.argmax(), [x], [x])[1].item()).toBe(0);
    expect(jvp(() => float64(5), [x], [x])[1].item()).toBe(0);
    expect(vjp(() => float64(5), [x])[1]()[0].toArray()).toEqual([0, 0]);
  });

  test("of the identity is the direction, as a tensor of its own", () => {
    const direction = float64([3, 4]);
    const [, dy] = jvp((x) => x, [float64([1, 2])], [direction]);
    expect(dy.toArray()).toEqual([3, 4]);
    dy.dispose();
    expect(direction.toArray()).toEqual([3, 4]);
  });

  test("has the dtype of the value, whatever that of the direction", () => {
    const [y, dy] = jvp((x) => x.reshape([2, 1]), [float64([1, 2])], [tensor([1, 2])]);
    expect([y.dtype, dy.dtype]).toEqual(["float64", "float64"]);
  });

  test("passes tensors that the function closes over as constants", () => {
    const w = float64([3, 4], true);
    const [, dy] = jvp((x) => x.mul(w), [float64([1, 2])], [float64([1, 1])]);
    expect(dy.toArray()).toEqual([3, 4]);
    dy.sum().backward();
    expect(w.grad!.toArray()).toEqual([1, 1]);
  });

  test("can be differentiated by the direction", () => {
    const direction = float64([1, 1], true);
    const [, dy] = jvp((x) => x.square(), [float64([1, 2])], [direction]);
    dy.sum().backward();
    expect(direction.grad!.toArray()).toEqual([2, 4]);
  });

  test("works inside noGrad, for any tensor", () => {
    const x = float64([1, 2], true);
    const [, dy] = noGrad(() => jvp((x) => x.square(), [x], [float64([1, 1])]));
    expect(dy.toArray()).toEqual([2, 4]);
    expect(dy.requiresGrad).toBe(false);
    const along = noGrad(() => jvp((y) => y.square(), [x.detach()], [x])[1]);
    expect(along.requiresGrad).toBe(false);
  });

  test("checks its directions", () => {
    const x = float64([1, 2]);
    // @ts-expect-error: there must be one for each input.
    expect(() => jvp((x) => x, [x], [])).toThrow("jvp: 1 inputs but 0 tangents");
    expect(() => jvp((x) => x, [x], [float64(1)])).toThrow("jvp: expected [2], got []");
    // @ts-expect-error
    expect(() => jvp(() => 1, [x], [x])).toThrow("jvp: the function must return a tensor, got 1");
  });
});

describe("the transforms hold no memory but their results", () => {
  test.each([
    ["grad", (x: Tensor): Tensor[] => [grad(cube)(x)]],
    ["valueAndGrad", (x: Tensor): Tensor[] => valueAndGrad(cube)(x)],
    ["jvp", (x: Tensor): Tensor[] => jvp((x) => x.exp().mul(x), [x], [x])],
    ["grad of grad", (x: Tensor): Tensor[] => [grad((x: Tensor) => grad(cube)(x).exp().sum())(x)]],
    [
      "jvp of grad",
      (x: Tensor): Tensor[] =>
        jvp(
          grad((x: Tensor) => x.exp().mul(x).sum()),
          [x],
          [x],
        ),
    ],
    ["jvp of jvp", (x: Tensor): Tensor[] => jvp((x) => jvp((y) => y.exp(), [x], [x])[1], [x], [x])],
  ] as const)("in %s", (_, run) => {
    const x = float64([1, 2]);
    const before = memory().buffers;
    const results = run(x);
    expect(memory().buffers).toBe(before + results.length);
    for (const result of results) result.dispose();
    expect(memory().buffers).toBe(before);
  });
});
