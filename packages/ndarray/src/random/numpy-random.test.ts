import { describe, expect, test } from "vitest";
import { ArgumentError } from "../errors.ts";
import { numpyDraws, numpySeeds } from "./numpy-random.fixture.ts";
import { NumpyRandom } from "./numpy-random.ts";

type Draw = (random: NumpyRandom) => ArrayLike<number>;

const numbers = (draws: BigInt64Array): number[] => Array.from(draws, Number);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

// Each call in Python, as the fixture names it, and here.
const exactCalls: Readonly<Record<string, Draw>> = {
  "rand(100001)[-3:]": (r) => r.rand(100_001).slice(-3),
  "uniform(-2, 5, 3)": (r) => r.uniform(-2, 5, 3),
  "randint(0, 10, 12)": (r) => r.randint(0, 10, 12),
  "randint(-5, 1000, 8)": (r) => r.randint(-5, 1000, 8),
  "randint(-2**31, 2**31, 4)": (r) => r.randint(-(2 ** 31), 2 ** 31, 4),
  'randint(0, 10, 12, dtype="int32")': (r) => r.randint(0, 10, 12),
  "randint(0, 2**32, 4)": (r) => numbers(r.randint64(0n, 2n ** 32n, 4)),
  "randint(0, 2**53, 4)": (r) => numbers(r.randint64(0n, 2n ** 53n, 4)),
  "permutation(10)": (r) => r.permutation(10),
  "permutation(1000)[-5:]": (r) => r.permutation(1000).slice(-5),
  "shuffle([0, 3, 6, 9, 12, 15])": (r) => {
    const array = [0, 3, 6, 9, 12, 15];
    r.shuffle(array);
    return array;
  },
  "choice(5, 6)": (r) => r.choice(5, { size: 6 }),
  "choice(100, 6, replace=False)": (r) => r.choice(100, { size: 6, replace: false }),
  "choice(4, 6, p=[0.1, 0.2, 0.3, 0.4])": (r) => r.choice(4, { size: 6, p: [0.1, 0.2, 0.3, 0.4] }),
  "choice(6, 4, replace=False, p=[0.3, 0.05, 0.05, 0.2, 0, 0.4])": (r) =>
    r.choice(6, { size: 4, replace: false, p: [0.3, 0.05, 0.05, 0.2, 0, 0.4] }),
};

// These pass through a logarithm, which NumPy takes from the C library.
const logarithmCalls: Readonly<Record<string, Draw>> = {
  "randn(4)": (r) => r.randn(4),
  "randn(10001)[-3:]": (r) => r.randn(10_001).slice(-3),
  "normal(10, 0.5, 3)": (r) => r.normal(10, 0.5, 3),
  "exponential(2, 3)": (r) => r.exponential(2, 3),
  "randn(3), rand(1), randn(1), randint(0, 7, 3)": (r) => [
    ...r.randn(3),
    ...r.rand(1),
    ...r.randn(1),
    ...r.randint(0, 7, 3),
  ],
};

describe("NumpyRandom draws what NumPy draws", () => {
  test("in every call of the fixture", () => {
    const calls = [...Object.keys(exactCalls), ...Object.keys(logarithmCalls)];
    expect(calls.sort()).toEqual(Object.keys(numpyDraws).sort());
  });

  test.each(Object.keys(exactCalls))("%s, exactly", (call) => {
    numpySeeds.forEach((seed, row) => {
      const drawn = exactCalls[call]!(new NumpyRandom(seed));
      expect(Array.from(drawn)).toEqual(numpyDraws[call]![row]);
    });
  });

  // Two units in the last place: one from each logarithm, doubled at most by the product after it.
  test.each(Object.keys(logarithmCalls))("%s, to two units in the last place", (call) => {
    numpySeeds.forEach((seed, row) => {
      const drawn = Array.from(logarithmCalls[call]!(new NumpyRandom(seed)));
      const expected = numpyDraws[call]![row]!;
      expect(drawn).toHaveLength(expected.length);
      drawn.forEach((x, i) => {
        expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(2 ** -51 * Math.abs(expected[i]!));
      });
    });
  });

  test("in its documentation and a thousand notebooks", () => {
    expect([...new NumpyRandom(0).rand(3)].map((x) => x.toFixed(8))).toEqual([
      "0.54881350",
      "0.71518937",
      "0.60276338",
    ]);
    expect([...new NumpyRandom(0).randn(3)].map((x) => x.toFixed(8))).toEqual([
      "1.76405235",
      "0.40015721",
      "0.97873798",
    ]);
    expect([...new NumpyRandom(42).permutation(10)]).toEqual([8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
  });

  test("over the whole of int64", () => {
    const drawn = new NumpyRandom(0).randint64(-(2n ** 63n), 2n ** 63n, 3);
    expect([...drawn]).toEqual([900450186894289455n, 3969543146641149120n, 1895649597198586619n]);
  });
});

describe("NumpyRandom", () => {
  test("seed starts again, without the spare Gaussian", () => {
    const random = new NumpyRandom(1);
    random.randn(1);
    random.seed(0);
    expect(random.randn(5)).toEqual(new NumpyRandom(0).randn(5));
  });

  test("a draw of many equals as many draws of one", () => {
    const whole = new NumpyRandom(3);
    const parts = new NumpyRandom(3);
    expect([...whole.randn(5)]).toEqual(range(5).map(() => parts.randn(1)[0]));
    expect([...whole.rand(5)]).toEqual(range(5).map(() => parts.rand(1)[0]));
  });

  test("a draw of none, or of one possible value, uses no words", () => {
    const random = new NumpyRandom(0);
    expect([...random.randint(3, 4, 2)]).toEqual([3, 3]);
    expect([...random.randint64(3n, 4n, 2)]).toEqual([3n, 3n]);
    expect(random.rand(0)).toHaveLength(0);
    expect(random.permutation(0)).toHaveLength(0);
    expect(random.choice(0, { size: 0 })).toHaveLength(0);
    expect(random.rand(1)).toEqual(new NumpyRandom(0).rand(1));
  });

  test("randint64 draws as randint where both apply", () => {
    const drawn = numbers(new NumpyRandom(8).randint64(-50n, 1000n, 20));
    expect(drawn).toEqual([...new NumpyRandom(8).randint(-50, 1000, 20)]);
  });

  test("uniform takes its ends in either order", () => {
    const unit = new NumpyRandom(0).rand(4);
    expect([...new NumpyRandom(0).uniform(5, 1, 4)]).toEqual([...unit.map((x) => 5 - 4 * x)]);
  });

  test("shuffle moves the entries of any array as permutation moves their indices", () => {
    const letters = ["a", "b", "c", "d", "e"];
    const order = new NumpyRandom(6).permutation(5);
    const shuffled = [...letters];
    new NumpyRandom(6).shuffle(shuffled);
    expect(shuffled).toEqual(Array.from(order, (i) => letters[i]));
  });

  test("choice draws one unless told how many", () => {
    expect(new NumpyRandom(0).choice(5)).toEqual(new NumpyRandom(0).choice(5, { size: 1 }));
  });

  test("choice without replacement never repeats, nor draws what cannot be", () => {
    const p = [0.25, 0, 0.7, 0.05];
    const drawn = new NumpyRandom(2).choice(4, { size: 3, replace: false, p });
    expect([...drawn].sort()).toEqual([0, 2, 3]);
  });

  test("choice without replacement can draw hundreds of thousands at once", () => {
    const n = 300_000;
    const p = new Float64Array(n).fill(1 / n);
    const drawn = new NumpyRandom(0).choice(n, { size: n / 2, replace: false, p });
    expect(new Set(drawn).size).toBe(n / 2);
  });
});

describe("NumpyRandom says what is wrong", () => {
  const random = new NumpyRandom(0);
  const cases: readonly [() => unknown, string][] = [
    [() => random.seed(-1), "seed: expected a whole number from 0 to 4294967295, got -1"],
    [
      () => random.rand(-1),
      "rand: expected a whole number from 0 to 9007199254740991, got -1 (size)",
    ],
    [
      () => random.randint(0, 2, 1.5),
      "randint: expected a whole number from 0 to 9007199254740991, got 1.5 (size)",
    ],
    [
      () => random.uniform(0, Number.POSITIVE_INFINITY, 1),
      "uniform: high - low is not finite, got low 0, high Infinity",
    ],
    [() => random.normal(0, -1, 1), "normal: expected a scale of at least 0, got -1"],
    [
      () => random.exponential(Number.NaN, 1),
      "exponential: expected a scale of at least 0, got NaN",
    ],
    [() => random.randint(3, 3, 1), "randint: low must be below high, got low 3, high 3"],
    [
      () => random.randint(0, 2 ** 32, 1),
      "randint: expected whole numbers from -2147483648 to 2147483648, got low 0, high 4294967296" +
        "\nUse NumpyRandom.randint64 for larger ones.",
    ],
    [
      () => random.randint(0.5, 2, 1),
      "randint: expected whole numbers from -2147483648 to 2147483648, got low 0.5, high 2" +
        "\nUse NumpyRandom.randint64 for larger ones.",
    ],
    [() => random.randint64(5n, 3n, 1), "randint64: low must be below high, got low 5n, high 3n"],
    [
      () => random.randint64(0n, 2n ** 64n, 1),
      "randint64: expected whole numbers from -9223372036854775808 to 9223372036854775808," +
        " got low 0n, high 18446744073709551616n",
    ],
    [
      () => random.permutation(-1),
      "permutation: expected a whole number from 0 to 2147483648, got -1 (n)",
    ],
    [() => random.choice(0), "choice: nothing to draw from, n 0, size 1"],
    [
      () => random.choice(2, { size: 3, replace: false }),
      "choice: cannot draw 3 of 2 without replacement\nDraw at most 2, or set replace: true.",
    ],
    [
      () => random.choice(2, { size: 2, replace: false, p: [0, 1] }),
      "choice: cannot draw 2 without replacement, p has 1 positive entries",
    ],
    [
      () => random.choice(2, { p: [0.5, 0.25] }),
      "choice: probabilities must sum to 1, got 0.75\nDivide p by its sum.",
    ],
  ];

  test.each(cases)("%s: %s", (call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});
