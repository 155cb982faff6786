/** Pools of images wide enough for every loop of the kernels, against the reference backend. */
import {
  type Backend,
  createReferenceBackend,
  type NDArray,
  Philox,
  type PoolGeometry,
  pooledMax,
  pooledSum,
  pooledSumInput,
  poolGeometry,
} from "@needle/ndarray";
import { assertClose, assertSame } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { createWasmBackendSync } from "./index.ts";

const reference = createReferenceBackend();

/** Many ties, and NaN at every ninth place. */
function images(backend: Backend, shape: readonly number[]): NDArray {
  const numbers = new Philox(2).uniform(shape).mul(9).floor();
  return numbers.eq(8).where(Number.NaN, numbers).to(backend);
}

const windows = [
  { kernel: 2 },
  { kernel: 3, stride: 2, padding: 1 },
  { kernel: 3, stride: 1 },
  { kernel: [2, 3], stride: [1, 3], dilation: 2 },
  { kernel: 5, stride: 4, padding: 2 },
] as const;

const layouts = [
  { layout: "NCHW", x: [2, 3, 17, 23] },
  { layout: "NHWC", x: [2, 17, 23, 13] },
] as const;

const cases = layouts.flatMap(({ layout, x }) =>
  windows.map(({ kernel, ...options }) => {
    const geometry = poolGeometry("pool", x, kernel, { ...options, layout });
    return [layout, JSON.stringify({ kernel, ...options }), geometry] as const;
  }),
);

describe.each([false, true])("in the strict build: %s", (deterministic) => {
  const wasm = createWasmBackendSync({ threads: 1, deterministic });
  const both = (run: (backend: Backend) => NDArray): readonly [NDArray, NDArray] => {
    const actual = run(wasm);
    return [actual, run(reference)];
  };

  test.each(cases)("pools of %s with %s are the reference's", (_, __, geometry: PoolGeometry) => {
    for (const which of [0, 1] as const) {
      const [actual, wanted] = both((b) => pooledMax(images(b, geometry.x), geometry)[which]);
      assertSame(actual.to(reference), wanted);
    }
    const numbers = (b: Backend, shape: readonly number[]): NDArray =>
      new Philox(3).normal(shape).to(b);
    const [sum, exactSum] = both((b) => pooledSum(numbers(b, geometry.x), geometry));
    assertClose(sum.to(reference), exactSum, { rtol: 1e-5, atol: 1e-5 });
    const [spread, exact] = both((b) => pooledSumInput(numbers(b, geometry.y), geometry));
    assertClose(spread.to(reference), exact, { rtol: 1e-5, atol: 1e-5 });
    expect(sum.shape).toEqual(geometry.y);
  });
});
