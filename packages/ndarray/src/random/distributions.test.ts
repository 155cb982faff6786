import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  array,
  bernoulli,
  beta,
  binomial,
  categorical,
  choice,
  createReferenceBackend,
  exponential,
  gamma,
  type NDArray,
  NumpyGenerator,
  normal,
  Philox,
  poisson,
  type RandomOptions,
  randn,
  ShapeError,
  truncatedNormal,
  uniform,
} from "../index.ts";
import { assertClose } from "../testing/close.ts";

type Draw = (options: RandomOptions) => NDArray;

const float64 = (values: number[]): NDArray => array(values, { dtype: "float64" });

const numpyCalls: Record<string, Draw> = {
  "uniform(-2, 3, [3])": (o) => uniform(-2, 3, [3], o),
  "uniform([0, 10], [1, 20], [2, 2])": (o) =>
    uniform(float64([0, 10]), float64([1, 20]), [2, 2], o),
  "normal(1, 2, [3])": (o) => normal(1, 2, [3], o),
  "normal([0, 5], [1, 0.5], [3, 2])": (o) => normal(float64([0, 5]), float64([1, 0.5]), [3, 2], o),
  "exponential(2.5, [4])": (o) => exponential(2.5, [4], o),
  "exponential([1, 3], [2])": (o) => exponential(array([1, 3]), undefined, o),
  "gamma(0.3, 2, [5])": (o) => gamma(0.3, 2, [5], o),
  "gamma(1, 2, [3])": (o) => gamma(1, 2, [3], o),
  "gamma(4.5, 0.5, [5])": (o) => gamma(4.5, 0.5, [5], o),
  "gamma([0.5, 0, 7], 1, [2, 3])": (o) => gamma(array([0.5, 0, 7]), 1, [2, 3], o),
  "beta(0.4, 0.7, [5])": (o) => beta(0.4, 0.7, [5], o),
  "beta(2, 3, [5])": (o) => beta(2, 3, [5], o),
  "beta(0.5, 3, [4])": (o) => beta(0.5, 3, [4], o),
  "beta(0.001, 0.001, [4])": (o) => beta(0.001, 0.001, [4], o),
  "poisson(3.5, [8])": (o) => poisson(3.5, [8], o),
  "poisson(0, [2])": (o) => poisson(0, [2], o),
  "poisson(10, [8])": (o) => poisson(10, [8], o),
  "poisson(1000, [8])": (o) => poisson(1000, [8], o),
  "poisson([1, 50], [2, 2])": (o) => poisson(array([1, 50]), [2, 2], o),
  "binomial(10, 0.3, [8])": (o) => binomial(10, 0.3, [8], o),
  "binomial(10, 0.8, [8])": (o) => binomial(10, 0.8, [8], o),
  "binomial(1000, 0.4, [40])": (o) => binomial(1000, 0.4, [40], o),
  "binomial(100000, 0.7, [40])": (o) => binomial(100000, 0.7, [40], o),
  "binomial(80, 0.5, [60])": (o) => binomial(80, 0.5, [60], o),
  "choice(5, [4])": (o) => choice(5, [4], o),
  "choice(5, [3], no replacement)": (o) => choice(5, 3, { ...o, replace: false }),
  "choice(3, [2, 2], p)": (o) => choice(3, [2, 2], { ...o, probabilities: [0.2, 0.5, 0.3] }),
};

describe("with NumPy's legacy stream, NumPy's numbers", () => {
  const url = new URL("./distributions.fixture.json", import.meta.url);
  const { draws } = JSON.parse(readFileSync(url, "utf8")) as { draws: Record<string, string[]> };

  test("for every call", () => {
    expect(Object.keys(numpyCalls)).toEqual(Object.keys(draws));
  });

  test.each(Object.entries(draws))("%s", (call, rows) => {
    for (const [i, seed] of [0, 1, 42].entries()) {
      const generator = new NumpyGenerator(seed);
      const found = numpyCalls[call]!({ generator, dtype: "float64" });
      const wanted = rows[i]!.split(" ").map(Number);
      assertClose(found.reshape([found.size]), wanted, { rtol: 1e-12, atol: 0 });
    }
  });
});

const n = 20_000;

/** The largest distance of the numbers' distribution from a continuous one. */
function distance(numbers: NDArray, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(numbers.toTypedArray()).sort();
  let largest = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    largest = Math.max(largest, p - i / sorted.length, (i + 1) / sorted.length - p);
  });
  return largest;
}

/** Pearson's statistic of counts against probabilities, for those expected at least five times. */
function chiSquare(
  numbers: NDArray,
  pmf: (k: number) => number,
): [statistic: number, cells: number] {
  const counts = new Map<number, number>();
  for (const k of numbers.toTypedArray()) counts.set(k, (counts.get(k) ?? 0) + 1);
  let statistic = 0;
  let cells = 0;
  let [seen, covered] = [0, 0];
  for (let k = 0; k < 5000; k++) {
    const expected = pmf(k) * numbers.size;
    if (expected < 5) continue;
    const found = counts.get(k) ?? 0;
    statistic += (found - expected) ** 2 / expected;
    cells++;
    seen += found;
    covered += expected;
  }
  const rest = numbers.size - covered;
  if (rest > 1) statistic += (numbers.size - seen - rest) ** 2 / rest;
  return [statistic, cells];
}

/** The normal distribution's, by integration. */
function phi(x: number): number {
  const steps = 400;
  const low = -9;
  const width = (Math.min(9, Math.max(low, x)) - low) / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(-((low + (i + 0.5) * width) ** 2) / 2);
  return (sum * width) / Math.sqrt(2 * Math.PI);
}

const logFactorial = (k: number): number => {
  let sum = 0;
  for (let i = 2; i <= k; i++) sum += Math.log(i);
  return sum;
};

describe("with Philox", () => {
  const options = (seed = 714): RandomOptions => ({
    generator: new Philox(seed),
    dtype: "float64",
  });
  // A right distribution passes this distance once in 100,000 seeds.
  const allowed = Math.sqrt(-Math.log(0.5e-5) / 2 / n);
  const erlang = (x: number, k: number): number => {
    let term = Math.exp(-x);
    let sum = 0;
    for (let i = 0; i < k; i++) {
      sum += term;
      term *= x / (i + 1);
    }
    return 1 - sum;
  };
  const within = (low: number, high: number) => (x: number) =>
    (phi(x) - phi(low)) / (phi(high) - phi(low));
  const tail = (low: number) => (x: number) => 1 - Math.exp((low * low - x * x) / 2) * (low / x);

  const continuous: Record<string, [NDArray, (x: number) => number]> = {
    uniform: [uniform(-1, 3, [n], options()), (x) => (x + 1) / 4],
    normal: [normal(2, 3, [n], options()), (x) => phi((x - 2) / 3)],
    exponential: [exponential(2, [n], options()), (x) => 1 - Math.exp(-x / 2)],
    "gamma of 1": [gamma(1, 2, [n], options()), (x) => erlang(x / 2, 1)],
    "gamma of 3": [gamma(3, 2, [n], options()), (x) => erlang(x / 2, 3)],
    "gamma of 1/2": [gamma(0.5, 2, [n], options()), (x) => 2 * phi(Math.sqrt(x)) - 1],
    "beta of 2 and 3": [beta(2, 3, [n], options()), (x) => 6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4],
    "beta of 1/2 and 1/2": [
      beta(0.5, 0.5, [n], options()),
      (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x)),
    ],
    "truncatedNormal, wide": [truncatedNormal(0, 1, [n], options()), within(-2, 2)],
    "truncatedNormal, narrow": [
      truncatedNormal(0, 1, [n], { ...options(), low: -0.5, high: 0.8 }),
      within(-0.5, 0.8),
    ],
    "truncatedNormal, one side": [
      truncatedNormal(0, 1, [n], { ...options(), low: -Infinity, high: -1 }),
      within(-9, -1),
    ],
    "truncatedNormal, a strip": [
      truncatedNormal(0, 1, [n], { ...options(), low: 1.5, high: 1.7 }),
      within(1.5, 1.7),
    ],
  };

  test.each(Object.entries(continuous))("%s has its distribution", (_name, [numbers, cdf]) => {
    expect(distance(numbers, cdf)).toBeLessThan(allowed);
    expect(numbers.dtype).toBe("float64");
  });

  test("truncatedNormal reaches far tails", () => {
    const numbers = truncatedNormal(0, 1, [n], { ...options(), low: 20, high: Infinity });
    // Mills's ratio makes this form exact to a few in a thousand.
    expect(distance(numbers, tail(20))).toBeLessThan(allowed + 0.005);
    expect(numbers.min().item()).toBeGreaterThanOrEqual(20);
  });

  const binomialPmf = (tries: number, p: number) => (k: number) =>
    k > tries
      ? 0
      : Math.exp(
          logFactorial(tries) -
            logFactorial(k) -
            logFactorial(tries - k) +
            k * Math.log(p) +
            (tries - k) * Math.log(1 - p),
        );
  const poissonPmf = (rate: number) => (k: number) =>
    Math.exp(k * Math.log(rate) - rate - logFactorial(k));
  const discrete: Record<string, [NDArray, (k: number) => number]> = {
    "poisson of 3": [poisson(3, [n], options()), poissonPmf(3)],
    "poisson of 40": [poisson(40, [n], options()), poissonPmf(40)],
    "binomial of 10": [binomial(10, 0.7, [n], options()), binomialPmf(10, 0.7)],
    "binomial of 300": [binomial(300, 0.4, [n], options()), binomialPmf(300, 0.4)],
  };

  test.each(Object.entries(discrete))("%s has its distribution", (_name, [numbers, pmf]) => {
    const [statistic, cells] = chiSquare(numbers, pmf);
    // Five deviations of the statistic above its mean.
    expect(statistic).toBeLessThan(cells + 5 * Math.sqrt(2 * cells));
    expect(numbers.dtype).toBe("int32");
  });

  test("bernoulli is true as often as asked, and never or always at the ends", () => {
    const p = array([0, 0.3, 1]);
    const shares = bernoulli(p, [n, 3], options()).mean(0).toTypedArray();
    expect([shares[0], shares[2]]).toEqual([0, 1]);
    expect(Math.abs(shares[1]! - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / n));
    expect(bernoulli(0.5).dtype).toBe("bool");
  });

  test("choice takes each as often as asked", () => {
    const found = choice(3, n, { ...options(), probabilities: [0.2, 0.5, 0.3] });
    const shares = [0, 1, 2].map((k) => found.eq(k).mean().item());
    assertClose(array(shares), [0.2, 0.5, 0.3], { atol: 0.02 });
    const even = choice(array([5, 7]), [n], options());
    expect(Math.abs(even.mean().item() - 6)).toBeLessThan(0.05);
  });

  test("choice without replacement takes each once, the likely ones first", () => {
    const generator = new Philox(3);
    const all = choice(6, 6, { generator, replace: false });
    expect(Array.from(all.toTypedArray()).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    const probabilities = [0.7, 0, 0.2, 0.1];
    const first = Array.from({ length: 4000 }, () => {
      const pair = choice(4, 2, { generator, replace: false, probabilities }).toTypedArray();
      expect(pair[0]).not.toBe(pair[1]);
      expect(pair).not.toContain(1);
      return pair[0]!;
    });
    expect(first.filter((k) => k === 0).length / 4000).toBeCloseTo(0.7, 1);
  });

  test("categorical has the probabilities of softmax, and those given", () => {
    const logits = array([
      [0, 1, -1],
      [1000, 0, -Infinity],
    ]);
    const found = categorical({ logits }, [n], options());
    expect([found.shape, found.dtype]).toEqual([[n, 2], "int32"]);
    const shares = [0, 1, 2].map((k) => found.slice(":", 0).eq(k).mean().item());
    assertClose(array(shares), logits.slice(0).softmax().toArray() as number[], { atol: 0.02 });
    expect(found.slice(":", 1).max().item()).toBe(0);
    const sure = categorical({ probabilities: array([0, 3, 0]) }, [100], options());
    expect(sure.eq(1).all().item()).toBe(1);
  });

  test("an element's number depends on its place alone", () => {
    for (const draw of [
      (shape: number[]) => gamma(0.4, 1, shape, options()),
      (shape: number[]) => poisson(25, shape, options()),
      (shape: number[]) => truncatedNormal(0, 1, shape, options()),
    ]) {
      const long = draw([2, 50]).reshape([100]).slice([0, 30]);
      expect(draw([30]).toArray()).toEqual(long.toArray());
    }
    // Whatever the elements before it reject.
    const [a, b] = [
      gamma(array([0.1, 5]), 1, undefined, options()),
      gamma(array([50, 5]), 1, undefined, options()),
    ];
    expect(a.slice(1).item()).toBe(b.slice(1).item());
  });

  test("goes on where the last draw ended", () => {
    const generator = new Philox(1);
    const first = gamma(2, 1, [3], { generator });
    const second = gamma(2, 1, [3], { generator });
    expect(first.toArray()).not.toEqual(second.toArray());
    const backend = createReferenceBackend();
    const elsewhere = gamma(2, 1, [3], { generator: new Philox(1), backend });
    expect(elsewhere.backend).toBe(backend);
    expect(elsewhere.toArray()).toEqual(first.toArray());
  });
});

describe("parameters", () => {
  test("are checked before anything is drawn", () => {
    const generator = new Philox(5);
    const o = { generator };
    const wrong: [() => unknown, string][] = [
      [() => normal(0, -1, [2], o), "normal: std must be finite and at least 0, got -1"],
      [() => uniform(0, Infinity, [2], o), "uniform: high must be finite, got Infinity"],
      [() => exponential(-2, [2], o), "exponential: scale must be finite and at least 0, got -2"],
      [() => gamma(-1, 1, [2], o), "gamma: concentration must be finite and at least 0, got -1"],
      [() => gamma(1, NaN, [2], o), "gamma: scale must be finite and at least 0, got NaN"],
      [() => beta(0, 1, [2], o), "beta: a must be finite and above 0, got 0"],
      [() => poisson(-1, [2], o), "poisson: rate must be from 0 to 2.147e9, got -1"],
      [() => poisson(1e10, [2], o), "poisson: rate must be from 0 to 2.147e9, got 10000000000"],
      [
        () => binomial(1.5, 0.5, [2], o),
        "binomial: n must be a whole number from 0 to 2^31 - 1, got 1.5",
      ],
      [() => binomial(1, 2, [2], o), "binomial: p must be from 0 to 1, got 2"],
      [() => bernoulli(1.5, [2], o), "bernoulli: p must be from 0 to 1, got 1.5"],
      [() => bernoulli(array([0, -0.5]), [2], o), "bernoulli: p must be from 0 to 1, got -0.5"],
      [
        () => truncatedNormal(0, 0, [2], o),
        "truncatedNormal: std must be finite and above 0, got 0",
      ],
      [
        () => truncatedNormal(0, 1, [2], { ...o, low: 1, high: 1 }),
        "truncatedNormal: low must be below high, got 1 and 1",
      ],
      [
        () => categorical({ probabilities: array([-1, 2]) }, [], o),
        "categorical: a probability must be finite and at least 0, got -1",
      ],
      [
        () =>
          categorical(
            {
              probabilities: array([
                [1, 2],
                [0, 0],
              ]),
            },
            [],
            o,
          ),
        "categorical: the probabilities of a row are all 0",
      ],
      [
        () => choice(2, 3, { ...o, replace: false }),
        "choice: cannot draw 3 of 2 without replacement",
      ],
      [
        () => choice(2, 1, { ...o, probabilities: [0.5, 0.2] }),
        "choice: probabilities must sum to 1, got 0.7",
      ],
    ];
    for (const [run, message] of wrong) {
      expect(run).toThrow(ArgumentError);
      expect(run).toThrow(message);
    }
    expect(generator.uniform([2]).toArray()).toEqual(new Philox(5).uniform([2]).toArray());
  });

  test("broadcast to the shape, and give it if there is none", () => {
    const mean = randn([3, 1], { generator: new Philox(0) });
    expect(normal(mean, array([1, 2])).shape).toEqual([3, 2]);
    expect(gamma(2, 3).shape).toEqual([]);
    expect(poisson(2, [0, 3]).shape).toEqual([0, 3]);
    const run = (): NDArray => normal(mean, 1, [2]);
    expect(run).toThrow(ShapeError);
    expect(() => poisson(array([1, 2]), [1])).toThrow(
      "poisson: parameters of [2] do not broadcast to [1]",
    );
    expect(() => choice(array(3), 2)).toThrow(
      "choice: needs an array of at least one axis, got []",
    );
    expect(() => categorical({ logits: array(1) })).toThrow(
      "categorical: expected […,classes], got []",
    );
  });

  test("choose slices of an array", () => {
    const rows = array([
      [1, 2],
      [3, 4],
    ]);
    const found = choice(rows, [2, 3], { generator: new Philox(0) });
    expect(found.shape).toEqual([2, 3, 2]);
    expect(found.slice("...", 1).sub(found.slice("...", 0)).toArray()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });
});
