/**
 * How exact the float32 functions are: on many numbers of every size, the distance from the double
 * result, in units in the last place.
 */
import {
  array,
  type BinaryOp,
  createReferenceBackend,
  fromTypedArray,
  type NDArray,
  type UnaryOp,
  type View,
} from "@needle/ndarray";
import { beforeAll, describe, expect, test } from "vitest";
import { createWasmBackend, type WasmBackend } from "./index.ts";
import { Chance } from "./random-views.fixture.ts";

/** The largest error allowed in the relaxed and the strict build. */
const limits = {
  exp: 1,
  expm1: 2,
  log: 1,
  log1p: 2,
  tanh: 2.5,
  sigmoid: 2.5,
  sin: 1,
  cos: 1,
  tan: 2.5,
  rsqrt: 1.5,
  silu: 2.5,
  exp2: 1.5,
  log2: 1.5,
  log10: 0.6,
  erf: 2.5,
  erfc: 2,
  gelu: 2,
  asin: 2.5,
  acos: 1.5,
  atan: 2.5,
  sinh: 2.5,
  cosh: 2,
  asinh: 2.5,
  acosh: 2.5,
  atanh: 2.5,
  logSigmoid: 3,
} as const satisfies Partial<Record<UnaryOp, number>>;

/** The reference backend in double precision, which has tests of its own. */
function reference(name: "erf" | "erfc" | "gelu"): (x: number) => number {
  const backend = createReferenceBackend();
  const buffer = new Float64Array(1);
  const view = { buffer, dtype: "float64", shape: [], strides: [], offset: 0 } as const;
  return (x) => {
    buffer[0] = x;
    backend.unary(name, view, view);
    return buffer[0];
  };
}

const truths: Record<keyof typeof limits, (x: number) => number> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  rsqrt: (x) => 1 / Math.sqrt(x),
  silu: (x) => x * (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  exp2: (x) => 2 ** x,
  log2: Math.log2,
  log10: Math.log10,
  erf: reference("erf"),
  erfc: reference("erfc"),
  gelu: reference("gelu"),
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  logSigmoid: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
};

/** The same of two operands. */
const binaryLimits = {
  pow: 1.2,
  fmod: 0.5,
  remainder: 0.5,
  floorDivide: 0.5,
  atan2: 2.5,
  hypot: 0.5,
  copysign: 0,
  logaddexp: 3,
} as const satisfies Partial<Record<BinaryOp, number>>;

/** The reference backend in double precision. */
function binaryReference(name: BinaryOp): (a: number, b: number) => number {
  const backend = createReferenceBackend();
  const scalar = (buffer: Float64Array): View => ({
    buffer,
    dtype: "float64",
    shape: [],
    strides: [],
    offset: 0,
  });
  const [y, x, z] = [new Float64Array(1), new Float64Array(1), new Float64Array(1)];
  return (a, b) => {
    x[0] = a;
    z[0] = b;
    backend.binary(name, scalar(y), scalar(x), scalar(z));
    return y[0]!;
  };
}

/** What rules are made for: every pair of them. */
const specials = [
  0,
  0.5,
  1,
  2,
  3,
  7,
  1e-45,
  1e-40,
  1e-38,
  1e30,
  3e38,
  16777216,
  Number.POSITIVE_INFINITY,
].flatMap((x) => [x, -x]);
specials.push(Number.NaN, 0.1);

/** All pairs of special numbers, then numbers of every size, ordinary ones, and whole exponents. */
function everyPair(): [Float32Array, Float32Array] {
  const chance = new Chance(3);
  const near = (size: number): number => (chance.below(2 ** 24) / 2 ** 23 - 1) * size;
  const bits = new Int32Array(1);
  const anyBits = (): number => {
    bits[0] = chance.below(2 ** 32);
    return new Float32Array(bits.buffer)[0]!;
  };
  const draws: (() => [number, number])[] = [
    () => [anyBits(), anyBits()],
    () => [near(100), near(100)],
    () => [near(1), near(1)],
    () => [Math.abs(near(10)), near(20)],
    () => [Math.exp(near(80)), chance.below(41) - 20],
    () => [-Math.exp(near(80)), chance.below(41) - 20],
  ];
  const pairs = specials.flatMap((a) => specials.map((b): [number, number] => [a, b]));
  for (const draw of draws) for (let i = 0; i < 100_000; i++) pairs.push(draw());
  return [Float32Array.from(pairs, ([a]) => a), Float32Array.from(pairs, ([, b]) => b)];
}

/** Every 1,021st bit pattern, so every exponent, sign and infinity many times, and NaN. */
function everySize(): Float32Array {
  const bits = new Int32Array(Math.floor(2 ** 32 / 1021));
  for (let i = 0; i < bits.length; i++) bits[i] = (i * 1021) | 0;
  return new Float32Array(bits.buffer);
}

function ulp(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -126) return 2 ** -149;
  const guess = Math.floor(Math.log2(size));
  return 2 ** (guess - (2 ** guess > size ? 1 : 0) - 23);
}

interface Worst {
  ulps: number;
  at: number;
}

/** The largest error, and its index. Infinities, NaN and overflow have to be met exactly. */
function worstOf(ys: Float32Array, truth: (i: number) => number): Worst {
  let worst: Worst = { ulps: 0, at: 0 };
  for (let i = 0; i < ys.length; i++) {
    const wanted = truth(i);
    const y = ys[i]!;
    const nearest = Math.fround(wanted);
    if (Object.is(y, nearest) || (Number.isNaN(y) && Number.isNaN(wanted))) continue;
    const edge = (v: number): number =>
      Math.abs(v) === Number.POSITIVE_INFINITY ? Math.sign(v) * 2 ** 128 : v;
    const lost =
      wanted === 0 || Number.isNaN(wanted) || Number.isNaN(y)
        ? Number.POSITIVE_INFINITY
        : Math.abs(edge(y) - edge(wanted)) / ulp(edge(wanted));
    if (lost > worst.ulps) worst = { ulps: lost, at: i };
  }
  return worst;
}

for (const deterministic of [false, true]) {
  describe(deterministic ? "strict" : "relaxed", () => {
    let backend: WasmBackend;
    let xs: Float32Array;
    let x: NDArray;

    beforeAll(async () => {
      backend = await createWasmBackend({ deterministic });
      xs = everySize();
      x = fromTypedArray(xs, [xs.length], { backend });
    });

    for (const [name, limit] of Object.entries(limits) as [keyof typeof limits, number][]) {
      test(`${name} is within ${limit} units in the last place`, () => {
        const ys = x[name]().toTypedArray() as Float32Array;
        const worst = worstOf(ys, (i) => truths[name](xs[i]!));
        expect(worst.ulps, `at ${xs[worst.at]}`).toBeLessThanOrEqual(limit);
      });
    }

    for (const [name, limit] of Object.entries(binaryLimits) as [
      keyof typeof binaryLimits,
      number,
    ][]) {
      test(`${name} of two numbers is within ${limit} units in the last place`, () => {
        const [as, bs] = everyPair();
        const [a, b] = [as, bs].map((data) => fromTypedArray(data, [data.length], { backend })) as [
          NDArray,
          NDArray,
        ];
        const ys = a[name](b).toTypedArray() as Float32Array;
        const truth = binaryReference(name);
        const worst = worstOf(ys, (i) => truth(as[i]!, bs[i]!));
        const at = `${name}(${as[worst.at]}, ${bs[worst.at]}) = ${ys[worst.at]}`;
        expect(worst.ulps, at).toBeLessThanOrEqual(limit);
      });
    }

    test("functions that are odd keep the sign of zero", () => {
      const zeros = array([-0, 0, -0, 0, -0], { backend });
      for (const name of [
        "expm1",
        "log1p",
        "tanh",
        "sin",
        "tan",
        "sign",
        "round",
        "trunc",
        "erf",
        "silu",
        "gelu",
        "asin",
        "atan",
        "sinh",
        "asinh",
        "atanh",
        "neg",
      ] as const) {
        const flip = name === "neg";
        const expected = [-0, 0, -0, 0, -0].map((zero) => (flip ? -zero : zero));
        expect([...(zeros[name]().toTypedArray() as Float32Array)], name).toEqual(expected);
      }
    });

    for (const [name, limit] of [
      ["exp", 1],
      ["log", 1],
      ["sigmoid", 2],
      ["silu", 3],
    ] as const) {
      // The truth is a double itself, which may be off by one unit more.
      test(`${name} of float64 is within ${limit} units in the last place of the truth`, () => {
        const values = everyDouble();
        const results = fromTypedArray(values, [values.length], { backend })[name]().toTypedArray();
        let [worst, at] = [0, 0];
        values.forEach((value, i) => {
          const steps = stepsBetween(results[i]!, truths[name](value));
          if (steps > worst) [worst, at] = [steps, value];
        });
        expect(worst, `at ${at}`).toBeLessThanOrEqual(limit);
      });
    }
  });
}

/** Doubles of every size, many in the range where functions change, and what is special. */
function everyDouble(): Float64Array<ArrayBuffer> {
  const count = 300_000;
  const values = new Float64Array(count);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 0x9e3779b1) ^ (i << 7);
  for (let i = 0; i < count; i += 2) values[i] = ((i * 7919) % count) * (1600 / count) - 800;
  for (let i = 0; i < count; i += 8) values[i] = 0.5 + i / count;
  const special = [
    0,
    -0,
    Infinity,
    -Infinity,
    Number.NaN,
    5e-324,
    1e-310,
    1,
    -1,
    709.7827128933841,
  ];
  values.set([...special, -745.1332191019412, -745.2, 2 ** -1022, Number.MAX_VALUE]);
  return values;
}

/** How many doubles further. */
function stepsBetween(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const place = (x: number): bigint => {
    const bits = new BigInt64Array(Float64Array.of(Math.abs(x)).buffer)[0]!;
    return x < 0 ? -bits : bits;
  };
  const steps = Number(place(a) - place(b));
  return Number.isNaN(a) || Number.isNaN(b) ? Number.POSITIVE_INFINITY : Math.abs(steps);
}
