import { afterEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  createReferenceBackend,
  defaultBackend,
  defaultGenerator,
  dropoutMask,
  type Generator,
  manualSeed,
  memory,
  type NDArray,
  NumpyGenerator,
  Philox,
  permutation,
  philox4x32,
  rand,
  randb,
  randint,
  randn,
  ShapeError,
  setDefaultBackend,
  setDefaultGenerator,
} from "../index.ts";
import { assertClose } from "../testing/close.ts";

const initial = { backend: defaultBackend(), generator: defaultGenerator() };
afterEach(() => {
  setDefaultBackend(initial.backend);
  setDefaultGenerator(initial.generator);
});

/** One draw of every kind. */
function drawAll(generator: Generator): unknown[] {
  return [
    generator.uniform([2, 3]).toArray(),
    generator.normal([3]).toArray(),
    generator.integers(-5, 5, [4]).toArray(),
    Array.from(generator.permutation(6)),
    generator.uniform([2], { dtype: "float64" }).toArray(),
    generator.normal([2], { dtype: "float64" }).toArray(),
  ];
}

const generators: readonly [string, (seed: number) => Generator][] = [
  ["Philox", (seed) => new Philox(seed)],
  ["NumpyGenerator", (seed) => new NumpyGenerator(seed)],
];

describe.each(generators)("%s", (_, create) => {
  test("repeats with its seed, and not with another", () => {
    expect(drawAll(create(7))).toEqual(drawAll(create(7)));
    expect(drawAll(create(7))).not.toEqual(drawAll(create(8)));
  });

  test("goes on: the second draw is not the first", () => {
    const generator = create(7);
    expect(generator.uniform([4]).toArray()).not.toEqual(generator.uniform([4]).toArray());
  });

  test("does not depend on the default generator, backend, or what is drawn beside it", () => {
    const expected = drawAll(create(7));
    const backend = { ...createReferenceBackend(), name: "other" };
    setDefaultBackend(backend);
    manualSeed(1);
    const generator = create(7);
    const between = expected.map((_, i) => {
      rand([3]);
      return i;
    });
    expect(drawAll(generator)).toEqual(expected);
    expect(between.length).toBe(expected.length);
    expect(create(1).uniform([2]).backend).toBe(backend);
    expect(create(1).uniform([2], { backend: initial.backend }).backend).toBe(initial.backend);
  });

  test("uniform numbers fill [0, 1) evenly", () => {
    const x = create(0).uniform([20_000], { dtype: "float64" });
    expect(x.min().item()).toBeGreaterThanOrEqual(0);
    expect(x.max().item()).toBeLessThan(1);
    // Standard errors: 1/sqrt(12 n) = 0.002 for the mean, 0.0013 for the mean square.
    expect(Math.abs(x.mean().item() - 1 / 2)).toBeLessThan(0.008);
    expect(Math.abs(x.square().mean().item() - 1 / 3)).toBeLessThan(0.008);
  });

  test("normal numbers have the moments of the bell curve", () => {
    const x = create(1).normal([20_001], { dtype: "float64" });
    // Standard errors, from the moments up to the eighth: sqrt(1, 2, 15, 96 / n).
    const allowed = [0.03, 0.04, 0.11, 0.28];
    [0, 1, 0, 3].forEach((moment, i) => {
      expect(
        Math.abs(
          x
            .pow(i + 1)
            .mean()
            .item() - moment,
        ),
      ).toBeLessThan(allowed[i]!);
    });
    expect(x.isFinite().all().item()).toBe(1);
  });

  test("whole numbers reach both ends of their range, evenly", () => {
    const x = create(2).integers(-2, 3, [5000]);
    expect(x.dtype).toBe("int32");
    for (const value of [-2, -1, 0, 1, 2]) {
      // Standard error of a fifth of 5000: 28.
      expect(Math.abs(x.eq(value).sum().item() - 1000)).toBeLessThan(120);
    }
    expect(create(2).integers(7, 8, [3]).toArray()).toEqual([7, 7, 7]);
    expect(
      create(2)
        .integers(-(2 ** 31), 2 ** 31, [100])
        .min()
        .item(),
    ).toBeLessThan(0);
  });

  test("permutations have each number once, and every order", () => {
    const generator = create(3);
    expect(Array.from(generator.permutation(100)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect([generator.permutation(0).length, generator.permutation(1)[0]]).toEqual([0, 0]);
    const orders = new Set(Array.from({ length: 200 }, () => generator.permutation(3).join()));
    expect(orders.size).toBe(6);
  });

  test("shapes of any kind work", () => {
    const generator = create(4);
    expect(generator.uniform([]).shape).toEqual([]);
    expect(generator.normal([]).shape).toEqual([]);
    expect(generator.normal([0, 2]).shape).toEqual([0, 2]);
    expect(generator.integers(0, 2, [2, 0]).shape).toEqual([2, 0]);
    expect(generator.normal([3, 3]).shape).toEqual([3, 3]);
    expect(generator.uniform([2]).dtype).toBe("float32");
    expect(generator.uniform([2], { dtype: undefined }).dtype).toBe("float32");
  });

  test("leaves nothing behind but its result", () => {
    const backend = createReferenceBackend();
    const generator = create(5);
    for (const draw of [
      () => generator.uniform([3], { backend }),
      () => generator.normal([3], { backend }),
      () => generator.integers(0, 9, [3], { backend }),
    ]) {
      draw().dispose();
      expect(memory(backend).buffers).toBe(0);
    }
  });

  test("refuses empty ranges and ranges beyond int32, and shapes that are none", () => {
    const generator = create(6);
    const empty = (low: number, high: number): ArgumentError =>
      new ArgumentError("integers", `the range from ${low} to ${high} holds no whole number`);
    expect(() => generator.integers(3, 3, [1])).toThrow(empty(3, 3));
    expect(() => generator.integers(0, 2.5, [1])).toThrow(empty(0, 2.5));
    expect(() => generator.integers(0, 2 ** 31 + 1, [1])).toThrow(
      new ArgumentError("integers", "the range from 0 to 2147483649 does not fit int32"),
    );
    for (const shape of [[-1], [0.5]]) {
      expect(() => generator.uniform(shape)).toThrow(ShapeError);
      expect(() => generator.normal(shape)).toThrow(ShapeError);
      expect(() => generator.integers(0, 2, shape)).toThrow(ShapeError);
    }
    expect(() => generator.permutation(-1)).toThrow(ArgumentError);
    expect(() => generator.permutation(1.5)).toThrow(
      "permutation: expected a whole number from 0 to 2147483648, got 1.5 (n)",
    );
  });
});

describe("Philox", () => {
  test("draws the words of its stream in whole blocks", () => {
    const generator = new Philox(2 ** 32 + 5);
    const words = [0, 1, 2].map((block) => philox4x32([block, 0, 0, 0], [5, 1]));
    const unit = (word: number): number => (word >>> 8) * 2 ** -24;
    expect(generator.uniform([3]).toArray()).toEqual(words[0]!.slice(0, 3).map(unit));
    expect(generator.uniform([5]).toArray()).toEqual([...words[1]!, words[2]![0]].map(unit));
  });

  test("takes whole seeds up to 2^53 - 1", () => {
    const range = "expected a whole number from 0 to 9007199254740991";
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => new Philox(seed)).toThrow(
        new ArgumentError("Philox", `${range}, got ${seed} (seed)`),
      );
    }
    expect(new Philox(2 ** 53 - 1).uniform([1]).size).toBe(1);
  });
});

describe("NumpyGenerator", () => {
  test("draws NumPy's numbers after np.random.seed(3), in its order", () => {
    const generator = new NumpyGenerator(3);
    const f64 = { dtype: "float64" } as const;
    const uniform = [
      [0.5507979025745755, 0.7081478226181048],
      [0.2909047389129443, 0.510827605197663],
    ];
    expect(generator.uniform([2, 2], f64).toArray()).toEqual(uniform);
    const normal = [-0.27738820251439905, -0.35475897926898675, -0.08274148148245977];
    expect(generator.normal([3], f64).toArray()).toEqual(normal);
    expect(generator.integers(0, 10, [5]).toArray()).toEqual([7, 8, 1, 6, 2]);
    expect(Array.from(generator.permutation(5))).toEqual([4, 1, 0, 3, 2]);
  });

  test("rounds to float32 unless told", () => {
    expect(new NumpyGenerator(3).uniform([1]).item()).toBe(Math.fround(0.5507979025745755));
  });
});

describe("the default generator", () => {
  test("is restarted by manualSeed", () => {
    const draw = (): unknown => {
      manualSeed(11);
      return [rand([2]), randn([2]), randint(0, 99, [2]), randb([5]), permutation(5)].map((x) =>
        x.toArray(),
      );
    };
    expect(draw()).toEqual(draw());
    manualSeed(11);
    expect(rand([2]).toArray()).toEqual(new Philox(11).uniform([2]).toArray());
    expect(() => manualSeed(-1)).toThrow(ArgumentError);
  });

  test("can be replaced, and passed over", () => {
    setDefaultGenerator(new NumpyGenerator(3));
    assertClose(rand([1]), [0.5507979]);
    expect(defaultGenerator()).toBeInstanceOf(NumpyGenerator);
    assertClose(rand([1], { generator: new NumpyGenerator(3) }), [0.5507979]);
  });
});

describe("rand, randn, randint, randb and permutation", () => {
  const draw = (): Generator => new Philox(5);
  const range = (x: NDArray): [number, number] => [x.min().item(), x.max().item()];

  test("stretch and shift what is drawn", () => {
    const [low, high] = range(rand([1000], { low: -2, high: 3, generator: draw() }));
    expect(low).toBeGreaterThanOrEqual(-2);
    expect(low).toBeLessThan(-1.9);
    expect(high).toBeLessThan(3);
    expect(high).toBeGreaterThan(2.9);
    const unit = randn([100], { generator: draw() });
    assertClose(randn([100], { mean: 10, std: 2, generator: draw() }), unit.mul(2).add(10));
  });

  test("randb is 1 as often as asked", () => {
    const x = randb([10_000], 0.3, { generator: draw() });
    expect(x.dtype).toBe("bool");
    // Standard error: 0.0046.
    expect(Math.abs(x.mean().item() - 0.3)).toBeLessThan(0.02);
    expect(randb([100], 1, { generator: draw() }).all().item()).toBe(1);
  });

  test("randint draws int32 from the same numbers, whatever float dtype is asked for", () => {
    for (const create of [() => new Philox(5), () => new NumpyGenerator(5)]) {
      const plain = randint(0, 2 ** 30, [4], { generator: create() });
      for (const dtype of ["float32", "float64", undefined] as const) {
        const x = randint(0, 2 ** 30, [4], { generator: create(), dtype });
        expect([x.dtype, x.toArray()]).toEqual(["int32", plain.toArray()]);
      }
    }
  });

  test("permutation is int32, on the backend asked for", () => {
    const backend = createReferenceBackend();
    const x = permutation(5, { generator: draw(), backend });
    expect([x.dtype, x.backend, x.sum().item()]).toEqual(["int32", backend, 10]);
  });

  test("leave nothing behind but their results", () => {
    const backend = createReferenceBackend();
    const options = { backend, generator: draw() };
    for (const x of [
      rand([3], { ...options, high: 5 }),
      randn([3], { ...options, std: 5 }),
      randb([3], 0.5, options),
    ])
      x.dispose();
    expect(memory(backend).buffers).toBe(0);
  });
});

describe("dropoutMask", () => {
  const fused = createReferenceBackend();
  const plain = { ...fused, dropoutMask: undefined };

  test.each(["float32", "float64"] as const)("is randb scaled, in %s", (dtype) => {
    for (const p of [0, 0.1, 0.5, 0.9]) {
      const create = [() => new Philox(3), () => new NumpyGenerator(3)];
      for (const generator of create) {
        const draws = [fused, plain].map((backend) => {
          const stream = generator();
          const mask = dropoutMask([5, 7], p, { generator: stream, backend, dtype });
          return [mask, stream.uniform([2])].map((x) => x.toArray());
        });
        const stream = generator();
        const kept = randb([5, 7], 1 - p, { generator: stream }).astype(dtype);
        const wanted = [kept.mul(1 / (1 - p)), stream.uniform([2])].map((x) => x.toArray());
        expect(draws).toEqual([wanted, wanted]);
      }
    }
  });

  test("keeps as many as it should", () => {
    const mask = dropoutMask([20_000], 0.2, { generator: new Philox(0) });
    expect(mask.eq(0).mean().item()).toBeCloseTo(0.2, 1);
    expect(mask.max().item()).toBe(1.25);
    expect(mask.mean().item()).toBeCloseTo(1, 1);
  });

  test("refuses probabilities that leave nothing", () => {
    for (const p of [1, -0.1, Number.NaN]) {
      expect(() => dropoutMask([2], p)).toThrow(ArgumentError);
      expect(() => dropoutMask([2], p)).toThrow(
        `dropoutMask: p must be from 0 to below 1, got ${p}`,
      );
    }
  });
});
