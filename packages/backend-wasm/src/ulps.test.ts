/**
 * How exact the float32 functions are: on many numbers of every size, the distance from the double
 * result, in units in the last place.
 */
import {
  array,
  createReferenceBackend,
  fromTypedArray,
  type NDArray,
  type UnaryOp,
} from "@needle/ndarray";
import { beforeAll, describe, expect, test } from "vitest";
import { createWasmBackend, type WasmBackend } from "./index.ts";

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
  erfc: 0.6,
  gelu: 0.6,
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
};

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

/** The largest error, and where. Infinities, NaN and overflow have to be met exactly. */
function worstOf(xs: Float32Array, ys: Float32Array, truth: (x: number) => number): Worst {
  let worst: Worst = { ulps: 0, at: 0 };
  for (let i = 0; i < xs.length; i++) {
    const wanted = truth(xs[i]!);
    const y = ys[i]!;
    const nearest = Math.fround(wanted);
    if (Object.is(y, nearest) || (Number.isNaN(y) && Number.isNaN(wanted))) continue;
    const edge = (v: number): number =>
      Math.abs(v) === Number.POSITIVE_INFINITY ? Math.sign(v) * 2 ** 128 : v;
    const lost =
      wanted === 0 || Number.isNaN(wanted) || Number.isNaN(y)
        ? Number.POSITIVE_INFINITY
        : Math.abs(edge(y) - edge(wanted)) / ulp(edge(wanted));
    if (lost > worst.ulps) worst = { ulps: lost, at: xs[i]! };
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
        const worst = worstOf(xs, x[name]().toTypedArray() as Float32Array, truths[name]);
        expect(worst.ulps).toBeLessThanOrEqual(limit);
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
        "neg",
      ] as const) {
        const flip = name === "neg";
        const expected = [-0, 0, -0, 0, -0].map((zero) => (flip ? -zero : zero));
        expect([...(zeros[name]().toTypedArray() as Float32Array)], name).toEqual(expected);
      }
    });
  });
}
