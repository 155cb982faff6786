/** Convolutions: how exact each way is, the same bits for any number of threads, scratch memory. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  convGeometry,
  convolve,
  convolveInput,
  convolveWeight,
  createReferenceBackend,
  type NDArray,
  Philox,
} from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { createTuned } from "./create.ts";
import { createWasmBackendSync, type WasmBackend } from "./index.ts";

interface Size {
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
  readonly layout?: "NCHW" | "NHWC";
}

/** A convolution and both gradients of random numbers, as lists. */
function results(backend: WasmBackend, size: Size, dtype?: "float64"): Float64Array[] {
  const { x, weight, padding = 1, layout = "NHWC", ...options } = size;
  const geometry = convGeometry("conv2d", x, weight, { ...options, padding, layout });
  const reference = createReferenceBackend();
  const draw = (shape: readonly number[], seed: number): NDArray => {
    const numbers = new Philox(seed).normal(shape).to(reference);
    return dtype === undefined ? numbers.to(backend) : numbers.astype(dtype);
  };
  const [a, w, g] = [draw(x, 1), draw(weight, 2), draw(geometry.y, 3)];
  const outputs = [
    convolve(a, w, geometry),
    convolveInput(g, w, geometry),
    convolveWeight(a, g, geometry),
  ];
  const lists = outputs.map((y) => Float64Array.from(y.toTypedArray()));
  for (const array of [a, w, g, ...outputs]) array.dispose();
  return lists;
}

/** The largest error, relative to the largest value. */
function errorOf(actual: Float64Array, exact: Float64Array): number {
  let [error, largest] = [0, 0];
  exact.forEach((value, i) => {
    error = Math.max(error, Math.abs(actual[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  });
  return error / largest;
}

const dense: Size = { x: [4, 13, 14, 16], weight: [3, 3, 16, 24] };

describe.each([false, true])("in the strict build: %s", (deterministic) => {
  const quick = createWasmBackendSync({ threads: 1, deterministic });
  const precise = createWasmBackendSync({ threads: 1, deterministic, precise: true });

  test("3x3 windows err as little as is said of Winograd, and of the sum where asked", () => {
    const exact = results(quick, dense, "float64");
    const short = results(quick, dense).map((list, i) => errorOf(list, exact[i]!));
    const plain = results(precise, dense).map((list, i) => errorOf(list, exact[i]!));
    for (const error of short.slice(0, 2)) expect(error).toBeLessThan(5e-6);
    expect(short[2]).toBeLessThan(2e-5);
    for (const error of plain) expect(error).toBeLessThan(6e-7);
    expect(short[0]).toBeGreaterThan(plain[0]!);
  });

  test.each<Size>([
    { x: [3, 9, 7, 12], weight: [1, 1, 12, 20] },
    { x: [3, 12, 9, 7], weight: [20, 12, 1, 1], layout: "NCHW" },
    { x: [2, 130, 5, 4], weight: [140, 130, 1, 1], layout: "NCHW" },
    { x: [1, 130, 5, 4], weight: [140, 130, 1, 1], layout: "NCHW" },
    { x: [3, 9, 7, 12], weight: [1, 1, 12, 20], stride: 2 },
    { x: [3, 9, 7, 12], weight: [1, 1, 12, 20], padding: 1 },
  ])("windows of one pixel are right: %j", (size) => {
    const whole = { padding: 0, ...size };
    const exact = results(quick, whole, "float64");
    results(quick, whole).forEach((list, i) => {
      expect(errorOf(list, exact[i]!)).toBeLessThan(6e-7);
    });
  });

  test.each<Size>([
    { x: [5, 9, 7, 1], weight: [3, 3, 1, 8] },
    { x: [2, 9, 8, 1], weight: [5, 5, 1, 21], padding: 2 },
    { x: [3, 3, 11, 10], weight: [13, 3, 3, 3], layout: "NCHW" },
    { x: [3, 11, 10, 4], weight: [3, 3, 4, 16], stride: 2 },
    { x: [2, 8, 9, 6], weight: [3, 3, 2, 24], groups: 3, padding: 0 },
    { x: [2, 8, 9, 6], weight: [3, 3, 2, 15], groups: 3 },
    { x: [2, 9, 9, 12], weight: [3, 3, 12, 1] },
    { x: [1, 7, 9, 8], weight: [3, 5, 8, 2], stride: 2, padding: 0 },
    { x: [2, 7, 9, 64], weight: [3, 3, 64, 3] },
    { x: [5, 20, 9, 7], weight: [1, 20, 3, 3], layout: "NCHW" },
  ])("windows of few products, read where they lie, are right: %j", (size) => {
    const exact = results(quick, size, "float64");
    results(quick, size).forEach((list, i) => {
      expect(errorOf(list, exact[i]!)).toBeLessThan(6e-7);
    });
  });

  test("scratch memory is given back", () => {
    const fresh = createWasmBackendSync({ threads: 1, deterministic });
    results(fresh, dense);
    expect(fresh.info().usedBytes).toBe(0);
  });
});

test("results have the same bits on any number of threads", async () => {
  const sizes: readonly Size[] = [
    dense,
    { ...dense, x: [7, 16, 9, 9], weight: [24, 16, 3, 3], layout: "NCHW" },
    { x: [9, 12, 12, 5], weight: [3, 3, 5, 12], stride: 2 },
    { x: [9, 12, 12, 6], weight: [3, 3, 2, 9], groups: 3 },
    { x: [9, 12, 12, 1], weight: [3, 3, 1, 21] },
    { x: [9, 6, 12, 11], weight: [24, 2, 3, 3], groups: 3, layout: "NCHW" },
    // Fewer images than threads: bands of rows.
    { ...dense, x: [1, 37, 14, 16] },
    { ...dense, x: [2, 16, 30, 9], weight: [24, 16, 3, 3], layout: "NCHW" },
    { x: [1, 23, 12, 5], weight: [5, 3, 5, 12], stride: 2, padding: 3 },
    { x: [3, 12, 12, 6], weight: [3, 3, 2, 9], groups: 3, padding: 0 },
    { x: [1, 31, 9, 8], weight: [1, 1, 8, 8], padding: 0 },
    { x: [1, 17, 9, 8], weight: [3, 3, 1, 8], groups: 8 },
    { x: [1, 5, 9, 4], weight: [3, 3, 4, 8], padding: 4 },
  ];
  const one = createWasmBackendSync({ threads: 1 });
  const { backend: four, pool } = createTuned({ threads: 4 }, { grainScale: 1e-6 });
  try {
    // Calls are cut once the workers are there.
    for (results(four, dense); pool.helped === 0; results(four, dense)) await sleep(5);
    for (const size of sizes) {
      const wanted = results(one, size);
      for (let round = 0; round < 3; round++) expect(results(four, size)).toEqual(wanted);
    }
  } finally {
    four.dispose();
  }
});
