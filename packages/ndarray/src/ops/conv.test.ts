/** The compositions of convolutions and pools, against the kernels of the reference backend. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  array,
  type Backend,
  convGeometry,
  convolve,
  convolveInput,
  convolveWeight,
  createReferenceBackend,
  maxPool2dWithIndices,
  type NDArray,
  Philox,
  pooledMax,
  pooledSum,
  pooledSumInput,
  poolGeometry,
} from "../index.ts";
import { assertClose, assertSame } from "../testing/index.ts";

/** Backends with and without kernels of their own for windows. */
const whole = createReferenceBackend();
const bare: Backend = {
  ...createReferenceBackend(),
  conv2d: undefined,
  conv2dInput: undefined,
  conv2dWeight: undefined,
  maxPool2d: undefined,
  sumPool2d: undefined,
  sumPool2dInput: undefined,
};

function bothWays(run: (backend: Backend) => NDArray): void {
  const composed = run(bare).to(whole);
  assertClose(composed, run(whole), { rtol: 1e-12, atol: 1e-12 });
}

const layouts = fc.constantFrom<"NCHW" | "NHWC">("NCHW", "NHWC");
const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

function arranged(
  layout: "NCHW" | "NHWC",
  n: number,
  c: number,
  size: readonly [number, number],
): number[] {
  return layout === "NCHW" ? [n, c, ...size] : [n, ...size, c];
}

describe("the compositions", () => {
  test("of convolutions give what the kernels give, NaN and infinity beside zeros too", () => {
    const plans = fc.record({
      isSpoiled: fc.boolean(),
      layout: layouts,
      n: fc.nat(2),
      groups: fc.integer({ min: 1, max: 3 }),
      inputs: fc.integer({ min: 1, max: 3 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      kernel: pair(1, 3),
      size: pair(5, 8),
      stride: pair(1, 3),
      dilation: pair(1, 2),
      padding: fc.tuple(pair(0, 2), pair(0, 2)),
    });
    fc.assert(
      fc.property(plans, ({ isSpoiled, n, groups, inputs, outputs, kernel, size, ...rest }) => {
        const { layout } = rest;
        const x = arranged(layout, n, groups * inputs, size);
        const weight =
          layout === "NCHW"
            ? [groups * outputs, inputs, ...kernel]
            : [...kernel, inputs, groups * outputs];
        const geometry = convGeometry("conv2d", x, weight, { groups, ...rest });
        const draw = (backend: Backend, shape: readonly number[], seed: number): NDArray => {
          const z = new Philox(seed).normal(shape, { dtype: "float64" });
          const some = z.gt(1.8).where(Infinity, z.lt(-1.8).where(Number.NaN, z));
          return (isSpoiled ? some : z).to(backend);
        };
        bothWays((b) => convolve(draw(b, x, 1), draw(b, weight, 2), geometry));
        bothWays((b) => convolveInput(draw(b, geometry.y, 1), draw(b, weight, 2), geometry));
        bothWays((b) => convolveWeight(draw(b, x, 1), draw(b, geometry.y, 2), geometry));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test("of pools give what the kernels give, ties and NaN among them", () => {
    const plans = fc.record({
      layout: layouts,
      n: fc.nat(2),
      kernel: pair(1, 3),
      size: pair(6, 9),
      stride: pair(1, 4),
      dilation: pair(1, 2),
      ceilMode: fc.boolean(),
      isPadded: fc.boolean(),
    });
    fc.assert(
      fc.property(plans, ({ layout, n, kernel, size, isPadded, ...options }) => {
        const x = arranged(layout, n, 2, size);
        const padding = kernel.map((k) => (isPadded ? Math.floor(k / 2) : 0)) as [number, number];
        const geometry = poolGeometry("maxPool2d", x, kernel, { ...options, layout, padding });
        const draw = (backend: Backend, shape: readonly number[]): NDArray => {
          const numbers = new Philox(1).uniform(shape, { dtype: "float64" }).mul(6).floor();
          return numbers.eq(5).where(Number.NaN, numbers).to(backend);
        };
        for (const which of [0, 1] as const)
          bothWays((b) => pooledMax(draw(b, x), geometry)[which]);
        bothWays((b) => pooledMax(draw(b, x).astype("uint8"), geometry)[0]);
        bothWays((b) => pooledSum(draw(b, x), geometry));
        bothWays((b) => pooledSumInput(draw(b, geometry.y), geometry));
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});

describe("maxPool2dWithIndices", () => {
  test("gives positions in the image, also of a single one", () => {
    const x = array([
      [
        [1, 5, 2],
        [4, 3, 9],
      ],
    ]);
    const [values, indices] = maxPool2dWithIndices(x, [1, 2], { stride: [1, 1] });
    assertSame(values, [
      [
        [5, 5],
        [4, 9],
      ],
    ]);
    expect(indices.dtype).toBe("int32");
    assertSame(indices, [
      [
        [1, 1],
        [3, 5],
      ],
    ]);
  });
});
