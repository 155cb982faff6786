/** Operands that lie across and are cut into boxes, against the reference backend. */
import { createReferenceBackend, fromTypedArray, type NDArray } from "@needle/ndarray";
import { afterAll, describe, expect, test } from "vitest";
import { createWasmBackendSync } from "./index.ts";

const reference = createReferenceBackend();

/** Shapes whose boxes are cut along one axis, along two, with rests, and with rows of 4 KiB. */
const cases: { shape: number[]; axes: number[] }[] = [
  { shape: [301, 403], axes: [1, 0] },
  { shape: [1024, 256], axes: [1, 0] },
  { shape: [3, 70_001], axes: [1, 0] },
  { shape: [70_001, 5], axes: [1, 0] },
  { shape: [7, 120, 131], axes: [0, 2, 1] },
  { shape: [90, 64, 33], axes: [2, 0, 1] },
  { shape: [33, 90, 64], axes: [2, 1, 0] },
  { shape: [4, 30, 9, 17, 13], axes: [3, 1, 4, 0, 2] },
];

for (const threads of [1, 2]) {
  const backend = createWasmBackendSync({ threads });
  afterAll(() => backend.dispose());

  describe(`${threads} threads`, () => {
    for (const { shape, axes } of cases) {
      test(`[${shape}] with its axes in the order ${axes}`, () => {
        const size = shape.reduce((product, length) => product * length);
        const data = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 10_007) - 5000);
        const results = [backend, reference].map((on) => {
          const across = fromTypedArray(data, shape, { backend: on }).permute(axes);
          const straight = fromTypedArray(data, across.shape, { backend: on });
          const made = [
            across.neg(),
            across.sub(straight),
            straight.sub(across),
            across.add(across.mul(2)),
            across.slice("::2").sub(straight.slice("::2")),
            straight.gt(0).where(across, straight),
            straight.gt(0).where(1, across),
            across.lt(straight).astype("float32"),
            across.astype("int32").maximum(straight.astype("int32")),
          ];
          return made.map((y: NDArray) => y.toTypedArray());
        });
        const [actual, wanted] = results as [Float32Array[], Float32Array[]];
        wanted.forEach((values, i) => {
          const differs = values.findIndex((value, at) => value !== actual[i]![at]);
          expect(differs, `the first place where result ${i} differs`).toBe(-1);
        });
      });
    }

    test("scratch memory is given back", () => {
      const before = backend.info().usedBytes;
      const x = fromTypedArray(new Float32Array(300_000), [600, 500], { backend });
      const y = x.transpose();
      y.add(y).dispose();
      y.dispose();
      x.dispose();
      expect(backend.info().usedBytes).toBe(before);
    });
  });
}
