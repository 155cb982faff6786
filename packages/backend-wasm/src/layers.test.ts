import {
  type Backend,
  createReferenceBackend,
  type NDArray,
  normalizeInputGradient,
  normalizeWeightGradient,
  normalizeWithMoments,
  Philox,
  rand,
  randint,
  softmaxCrossEntropyGradient,
} from "@needle/ndarray";
import { assertClose } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { createWasmBackend } from "./index.ts";

const reference = createReferenceBackend();
const backends: readonly [string, Backend][] = [
  ["one thread", await createWasmBackend({ threads: 1 })],
  ["two threads", await createWasmBackend({ threads: 2 })],
  ["strict", await createWasmBackend({ threads: 1, deterministic: true })],
];

/** Numbers around 100, so that a variance from squares would lose its digits. */
function draw(shape: number[], seed: number, low = 99, high = 101): NDArray {
  return rand(shape, { low, high, generator: new Philox(seed), backend: reference });
}

/** Layer, batch, group and image norms, longer than a block and not a multiple of four. */
const uses: readonly [about: string, shape: number[], axes: number[], factor: number[]][] = [
  ["rows", [70, 301], [1], [301]],
  ["rows of two axes", [70, 7, 43], [1, 2], [7, 43]],
  ["columns", [130, 517], [0], [517]],
  ["a few columns", [200, 3], [0], [3]],
  ["channels of images", [5, 6, 9, 11], [0, 2, 3], [6, 1, 1]],
  ["images", [5, 6, 9, 11], [2, 3], [6, 1, 1]],
  ["everything", [33, 41], [0, 1], []],
  ["axes apart", [4, 5, 6, 7], [1, 3], [4, 1, 6, 1]],
];

describe.each(backends)("normalization on %s", (_name, wasm) => {
  test.each(uses)("of %s agrees with the reference", (_about, shape, axes, factor) => {
    const x = draw(shape, 1);
    const [g, weight, bias] = [draw(shape, 2, -1, 1), draw(factor, 3, 1, 2), draw(factor, 4, 1, 2)];
    const results = [reference, wasm].map((backend) => {
      const [on, slopes, scale, shift] = [x, g, weight, bias].map((a) => a.to(backend)) as [
        NDArray,
        NDArray,
        NDArray,
        NDArray,
      ];
      const found = normalizeWithMoments(on, axes, { weight: scale, bias: shift });
      const saved = { x: on, ...found, eps: 1e-5 };
      return {
        ...found,
        input: normalizeInputGradient(slopes, saved, axes, scale),
        weight: normalizeWeightGradient(slopes, saved, factor),
      };
    });
    const [expected, actual] = results as unknown as Record<string, NDArray>[];
    for (const [name, array] of Object.entries(expected!)) {
      // The reference rounds each difference from a mean, of which this takes one more digit.
      const atol = name === "weight" ? 5e-3 : 2e-4;
      assertClose(actual![name]!, array, { rtol: 2e-5, atol });
    }
  });

  test("keeps the digits of a small spread around a large number", () => {
    const x = draw([3, 1000], 5, -1, 1).to(wasm);
    const shifted = x.add(1024);
    const { variance } = normalizeWithMoments(shifted, 1);
    assertClose(variance, normalizeWithMoments(shifted.sub(1024), 1).variance.toArray(), {
      rtol: 1e-6,
    });
  });

  test("gives NaN where there is one, and only there", () => {
    const x = draw([3, 50], 6).to(wasm);
    x.slice(1, 7).assign(Number.NaN);
    const y = x.normalize(1);
    expect(y.isNaN().all(1).toArray()).toEqual([0, 1, 0]);
    expect(y.isNaN().any(1).toArray()).toEqual([0, 1, 0]);
  });
});

describe.each(backends)("cross-entropy on %s", (_name, wasm) => {
  const x = draw([300, 37], 7, -30, 30);
  const labels = randint(0, 37, [300], { generator: new Philox(8), backend: reference });

  test("agrees with the reference", () => {
    const g = draw([300], 9, -1, 1);
    const [on, at, slopes] = [x, labels, g].map((a) => a.to(wasm)) as [NDArray, NDArray, NDArray];
    assertClose(on.softmaxCrossEntropy(at), x.softmaxCrossEntropy(labels), { rtol: 1e-5 });
    const expected = softmaxCrossEntropyGradient(g, x, labels);
    assertClose(softmaxCrossEntropyGradient(slopes, on, at), expected, { atol: 1e-6 });
  });

  test("says which label is outside", () => {
    const wrong = labels.copy();
    wrong.slice(123).assign(37);
    expect(() => x.to(wasm).softmaxCrossEntropy(wrong.to(wasm))).toThrow(
      /^softmaxCrossEntropy: a label is outside the 37 classes, counted from 0\n.*37/,
    );
  });

  test("keeps the digits of large scores", () => {
    const large = draw([2, 3], 10, 0, 1).to(wasm).round().add(1e7);
    const two = labels.slice([0, 2]).mul(0).to(wasm);
    const small = large.sub(1e7).softmaxCrossEntropy(two);
    assertClose(large.softmaxCrossEntropy(two), small.toArray(), { rtol: 1e-6 });
  });
});

describe.each(backends)("a product with a bias on %s", (_name, wasm) => {
  test.each([
    [61, 600, 1030],
    [1, 530, 77],
    [130, 70, 1],
    [7, 5, 6],
  ])("has the bits of its parts, %i x %i x %i", (m, k, n) => {
    const [x, weight, bias] = [draw([m, k], 1, -1), draw([n, k], 2, -1), draw([n], 3, -100)].map(
      (array) => array.to(wasm),
    ) as [NDArray, NDArray, NDArray];
    const wide = weight.transpose();
    for (const w of [wide, wide.add(0)]) {
      const sum = x.matmul(w).add(bias);
      expect(x.affine(w, bias).toTypedArray()).toEqual(sum.toTypedArray());
      const y = x.affine(w, bias, { activation: "relu" });
      expect(y.toTypedArray()).toEqual(sum.relu().toTypedArray());
    }
  });

  test("keeps NaN through relu", () => {
    const [x, weight] = [draw([5, 6], 1).to(wasm), draw([6, 9], 2).to(wasm)];
    const y = x.mul(Number.NaN).affine(weight, weight.slice(0), { activation: "relu" });
    expect(y.isNaN().all().item()).toBe(1);
  });
});
