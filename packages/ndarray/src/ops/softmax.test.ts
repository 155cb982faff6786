import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  array,
  type Backend,
  createReferenceBackend,
  type NDArray,
  ShapeError,
  type View,
  zeros,
} from "../index.ts";
import { anyAxesOf, anyViews, moderateValues } from "../testing/arbitraries.ts";
import { arrayOfView } from "../testing/arrays.ts";
import { assertClose, assertSame } from "../testing/close.ts";
import { HostArray, hostLogSoftmax, hostLogsumexp, hostSoftmax } from "../testing/host.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Logits of all sizes, of rank 1 to 3. */
const logits = anyViews("float64", {
  minRank: 1,
  maxRank: 3,
  values: fc.oneof(moderateValues("float64"), fc.constantFrom(1e4, -1e4, -inf)),
})
  .filter((view) => !view.shape.includes(0))
  .chain((view) => fc.record({ view: fc.constant(view), axis: fc.nat(view.shape.length - 1) }));

describe("softmax", () => {
  test("equals exp(x) / sum(exp(x)) along any axis", () => {
    fc.assert(
      fc.property(logits, ({ view, axis }) => {
        assertClose(arrayOfView(view).softmax(axis), hostSoftmax(HostArray.of(view), axis), {
          rtol: 1e-12,
          atol: 0,
        });
      }),
      { seed: 1 },
    );
  });

  test("stays finite where exp does not", () => {
    expect(array([1e4, 1e4]).softmax().toArray()).toEqual([0.5, 0.5]);
    expect(array([1e4, -1e4]).softmax().toArray()).toEqual([1, 0]);
    expect(array([-1e30, -1e30]).softmax().toArray()).toEqual([0.5, 0.5]);
    expect(array([-inf, 0]).softmax().toArray()).toEqual([0, 1]);
  });

  test("of -Infinity only, or with NaN or Infinity, is NaN, as in PyTorch", () => {
    expect(array([-inf, -inf]).softmax().toArray()).toEqual([nan, nan]);
    expect(array([1, nan]).softmax().toArray()).toEqual([nan, nan]);
    expect(array([1, inf]).softmax().toArray()).toEqual([nan, nan]);
  });

  test("is over the last axis by default; integers give float32", () => {
    expect(
      array(
        [
          [0, 0],
          [0, 0],
        ],
        { dtype: "int32" },
      )
        .softmax()
        .toArray(),
    ).toEqual([
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
    expect(array([1]).astype("int32").softmax().dtype).toBe("float32");
  });

  test("of no elements has none", () => {
    expect(zeros([2, 0]).softmax().shape).toEqual([2, 0]);
    expect(zeros([0, 2]).logSoftmax(0).shape).toEqual([0, 2]);
  });

  test("refuses an axis the array does not have", () => {
    expect(() => zeros([2]).softmax(1)).toThrow(
      new ShapeError("softmax", "axis 1 is out of range for 1 axis"),
    );
    expect(() => zeros([]).logSoftmax()).toThrow(
      new ShapeError("logSoftmax", "axis -1 is out of range for 0 axes"),
    );
  });
});

describe("logSoftmax", () => {
  test("equals x - log(sum(exp(x))) along any axis", () => {
    fc.assert(
      fc.property(logits, ({ view, axis }) => {
        assertClose(arrayOfView(view).logSoftmax(axis), hostLogSoftmax(HostArray.of(view), axis), {
          rtol: 1e-12,
          atol: 1e-12,
        });
      }),
      { seed: 1 },
    );
  });

  test("does not lose what log(softmax) loses", () => {
    expect(array([0, -1000]).logSoftmax().toArray()).toEqual([0, -1000]);
    expect(array([-inf, 0]).logSoftmax().toArray()).toEqual([-inf, 0]);
    expect(array([-inf, -inf]).logSoftmax().toArray()).toEqual([nan, nan]);
  });
});

describe("logsumexp", () => {
  test("equals log(sum(exp(x))) over any axes", () => {
    const sample = logits.chain(({ view }) =>
      fc.record({ view: fc.constant(view), axes: anyAxesOf(view.shape.length) }),
    );
    fc.assert(
      fc.property(sample, ({ view, axes }) => {
        const reduced = axes.map((axis) => (axis + view.shape.length) % view.shape.length);
        const expected = hostLogsumexp(HostArray.of(view), reduced);
        assertClose(arrayOfView(view).logsumexp(axes, { keepdims: true }), expected, {
          rtol: 1e-12,
          atol: 1e-12,
        });
      }),
      { seed: 1 },
    );
  });

  test("is stable, and keeps infinities and NaN", () => {
    expect(array([1e4, 1e4], { dtype: "float64" }).logsumexp().item()).toBeCloseTo(
      1e4 + Math.LN2,
      10,
    );
    expect(array([-inf, -inf]).logsumexp().item()).toBe(-inf);
    expect(array([-inf, 3]).logsumexp().item()).toBe(3);
    expect(array([inf, 3]).logsumexp().item()).toBe(inf);
    expect(array([inf, nan]).logsumexp().item()).toBeNaN();
    expect(zeros([0]).logsumexp().item()).toBe(-inf);
    expect(zeros([2, 0]).logsumexp(1).toArray()).toEqual([-inf, -inf]);
    expect(zeros([2, 0]).logsumexp(0).shape).toEqual([0]);
  });
});

describe("a fused kernel", () => {
  /** Records which kernels were called, and computes as the composition does. */
  function recording(calls: string[]): Backend {
    const right = createReferenceBackend();
    const run = (name: string, out: View, x: View, model: (x: HostArray) => HostArray): void => {
      calls.push(name);
      const values = model(
        new HostArray("float32", x.shape, Array.from(right.readSync!(x))),
      ).values;
      const strides = out.shape.map((_, axis) =>
        out.shape.slice(axis + 1).reduce((a, b) => a * b, 1),
      );
      right.copy(out, { ...out, buffer: Float32Array.from(values), strides, offset: 0 });
    };
    return {
      ...right,
      softmax: (out, x, axis) => run("softmax", out, x, (model) => hostSoftmax(model, axis)),
      logSoftmax: (out, x, axis) =>
        run("logSoftmax", out, x, (model) => hostLogSoftmax(model, axis)),
      logsumexp: (out, x, axes) => run("logsumexp", out, x, (model) => hostLogsumexp(model, axes)),
    };
  }

  test("is used where there is one, and agrees with the composition", () => {
    const calls: string[] = [];
    const values = [
      [1, 2, 3],
      [-5, 0, 100],
    ];
    const plain: NDArray = array(values);
    const fused = array(values, { backend: recording(calls) });
    assertClose(fused.softmax(0), plain.softmax(0));
    assertClose(fused.logSoftmax(), plain.logSoftmax());
    assertClose(fused.logsumexp(), plain.logsumexp());
    assertClose(fused.logsumexp(-1, { keepdims: true }), plain.logsumexp(-1, { keepdims: true }));
    assertSame(fused.astype("int32").softmax().isNaN().any(), 0);
    expect(calls).toEqual(["softmax", "logSoftmax", "logsumexp", "logsumexp", "softmax"]);
  });
});
