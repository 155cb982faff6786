/** A sum of a product has the same bits whatever else is computed beside it, and however operands lie. */
import { type NDArray, Philox, rand } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { createWasmBackendSync } from "./index.ts";

const backends = [
  ["relaxed", createWasmBackendSync()],
  ["strict", createWasmBackendSync({ deterministic: true })],
] as const;

/** Ends of every height and width of a tile, ten columns more than whole panels, several blocks. */
const sizes = [
  [100, 40, 10],
  [61, 33, 10],
  [67, 130, 50],
  [4, 1030, 18],
  [6, 7, 9],
  [13, 2100, 21],
  [125, 300, 140],
  [70, 300, 290],
  [110, 1000, 290],
  [123, 1000, 18],
] as const;

describe.each(backends)("products, %s", (_name, backend) => {
  test.each(sizes)("[%i,%i] x [.,%i] has the bits of its parts", (m, k, n) => {
    const draw = (shape: number[], seed: number): NDArray =>
      rand(shape, { low: -1, generator: new Philox(seed), backend });
    const [a, b] = [draw([m, k], 1), draw([k, n], 2)];
    const [aLies, bLies] = [a, b].map((x) => x.transpose().copy().transpose());
    const whole = a.matmul(b);
    const bits = (x: NDArray): Float32Array => new Float32Array(x.toTypedArray());
    for (const [x, y] of [
      [aLies!, b],
      [a, bLies!],
      [aLies!, bLies!],
    ] as const) {
      expect(bits(x.matmul(y))).toEqual(bits(whole));
    }
    const [rows, columns] = [Math.ceil(m / 3), Math.ceil(n / 3)];
    for (let i = 0; i < 3; i++) {
      const [r, c] = [i * rows, i * columns];
      const [upper, left] = [`${r}:${r + rows}`, `${c}:${c + columns}`];
      expect(bits(a.slice(upper).matmul(b))).toEqual(bits(whole.slice(upper)));
      expect(bits(a.matmul(b.slice(":", left)))).toEqual(bits(whole.slice(":", left)));
    }
  });
});
