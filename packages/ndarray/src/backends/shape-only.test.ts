/**
 * Beside this, ops/calls.test.ts compares every op's shape and dtype with the reference backend's.
 */
import { describe, expect, test } from "vitest";
import { createShapeOnlyBackend, memory, Philox, rand, randint, randn, zeros } from "../index.ts";

describe("the shape-only backend", () => {
  test("runs a program on arrays that fit no memory", () => {
    const backend = createShapeOnlyBackend();
    const x = zeros([1_000_000, 100_000], { backend });
    const y = x
      .matmul(zeros([100_000, 10], { backend }))
      .softmax()
      .log()
      .mean(0);
    expect([y.shape, y.dtype]).toEqual([[10], "float32"]);
    expect(memory(backend).bytes).toBeGreaterThan(4e11);
  });

  test("draws random arrays without drawing", () => {
    const options = { backend: createShapeOnlyBackend(), generator: new Philox(0) };
    expect(rand([2, 3], options).shape).toEqual([2, 3]);
    expect(randn([5], { ...options, std: 2, dtype: "float64" }).dtype).toBe("float64");
    expect(randint(0, 9, [4], options).dtype).toBe("int32");
  });

  test("does not check positions, which have no values", () => {
    const backend = createShapeOnlyBackend();
    const index = zeros([7], { backend, dtype: "int32" });
    expect(zeros([3], { backend }).take(index).shape).toEqual([7]);
  });
});
