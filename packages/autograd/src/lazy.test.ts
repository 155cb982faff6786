import {
  createLazyBackend,
  createReferenceBackend,
  defaultBackend,
  memory,
  setDefaultBackend,
} from "@needle/ndarray";
import { afterEach, describe, expect, test } from "vitest";
import { gradients, jvp, lazy, type Tensor, Tensor as TensorClass, tensor } from "./index.ts";
import { cases, samplesOf } from "./testing/index.ts";

const initial = defaultBackend();
afterEach(() => setDefaultBackend(initial));

function float64(values: number | number[], requiresGrad = false): Tensor {
  return tensor(values, { dtype: "float64", requiresGrad });
}

/** Values, or the text of the error. */
function outcome(run: () => Tensor[]): unknown {
  try {
    return run().map((x) => [x.dtype, x.shape, [...x.toTypedArray()]]);
  } catch (error) {
    return (error as Error).message;
  }
}

describe.each(Object.entries(cases))("lazily, %s", (_, entry) => {
  test("gives the values and gradients that it gives eagerly", () => {
    const backend = createLazyBackend();
    for (const { inputs, run } of samplesOf(entry)) {
      const results = (move: (x: Tensor) => Tensor): Tensor[] => {
        const xs = inputs.map((x) =>
          x.dtype === "float64" ? new TensorClass(move(x).value, { requiresGrad: true }) : move(x),
        );
        const y = run(...xs);
        const leaves = xs.filter((x) => x.requiresGrad);
        return y.requiresGrad ? [y, ...gradients([y], leaves)] : [y];
      };
      const before = defaultBackend();
      const eager = outcome(() => results((x) => x.detach()));
      setDefaultBackend(backend);
      const late = outcome(() => results((x) => x.detach().to(backend)));
      setDefaultBackend(before);
      expect(late).toEqual(eager);
    }
  });
});

describe("lazy", () => {
  test("knows shapes at once and values when asked", () => {
    let computed = 0;
    const reference = createReferenceBackend();
    setDefaultBackend({
      ...reference,
      unary(...args) {
        computed++;
        reference.unary(...args);
      },
    });
    const f = lazy((x: Tensor) => ({ wanted: x.exp(), other: x.log() }));
    const { wanted, other } = f(float64([0, 0]));
    expect([wanted.shape, other.dtype, computed]).toEqual([[2], "float64", 0]);
    expect(wanted.toArray()).toEqual([1, 1]);
    expect(wanted.sum().item()).toBe(2);
    expect(computed).toBe(1);
  });

  test("takes parameters from elsewhere, and gives gradients to them", () => {
    const w = float64([1, 2], true);
    const x = float64([3, 4], true);
    const y = lazy((x: Tensor) => x.mul(w).mul(w).sum())(x);
    expect(y.item()).toBe(3 + 16);
    y.backward();
    expect(w.grad!.toArray()).toEqual([6, 16]);
    expect(x.grad!.toArray()).toEqual([1, 4]);
    expect(w.grad!.backend).toBe(w.backend);
  });

  test("can be differentiated in forward mode and again", () => {
    const cube = lazy((x: Tensor) => x.pow(3));
    const x = float64(2, true);
    const [first] = gradients([cube(x)], [x], { createGraph: true }) as [Tensor];
    expect(gradients([first], [x])[0]!.item()).toBe(12);
    expect(jvp(cube, [float64(2)], [float64(1)])[1].item()).toBe(12);
  });

  test("as the default backend evaluates a whole program so", () => {
    const backend = createLazyBackend();
    setDefaultBackend(backend);
    const w = tensor([1, 2], { requiresGrad: true });
    const before = memory().buffers;
    for (let step = 0; step < 3; step++) {
      w.square().sum().backward();
      w.assign(w.detach().sub(w.grad!.mul(0.25)));
      w.resetGrad();
    }
    expect(w.toArray()).toEqual([0.125, 0.25]);
    expect(memory().buffers - before).toBeLessThan(50);
  });
});
