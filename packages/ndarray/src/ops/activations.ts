/**
 * Activation functions, as PyTorch defines them. Integers become float32, except where a function
 * only chooses or limits.
 */
import { between, check, checkOptions, number } from "../args.ts";
import type { NDArray } from "../ndarray.ts";
import { checkArray } from "./common.ts";
import {
  abs,
  add,
  clamp,
  div,
  expm1,
  ge,
  gt,
  le,
  logicalAnd,
  lt,
  mul,
  neg,
  square,
  sub,
  tanh,
  where,
} from "./elementwise.ts";
import { composed, type Unary, unary } from "./operands.ts";
import { geluOptions, softplusOptions } from "./options.ts";

/** `max(x, 0)`. */
export const relu: Unary = unary("relu");
/**
 * `1 / (1 + e^-x)`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-100, 0, 100]).sigmoid(); // => [3.8e-44 5.0e-01 1.0e+00]
 */
export const sigmoid: Unary = unary("sigmoid");
/**
 * `log(sigmoid(x))`, without overflow and with all digits.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-1000, 0]).logSigmoid(); // => [-1.000000e+03 -6.931472e-01]
 */
export const logSigmoid: Unary = unary("logSigmoid");
/** `x sigmoid(x)`, also called swish. */
export const silu: Unary = unary("silu");

/** How `gelu` is computed. */
export interface GeluOptions {
  /** `"none"`: by the error function (the default); `"tanh"`: the approximation. */
  readonly approximate?: "none" | "tanh";
}

const exactGelu = unary("gelu");

/**
 * `x` times the probability that a standard normal number is below x
 * (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016).
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-1, 0, 1]).gelu(); // => [-0.15865526  0.          0.8413448 ]
 * array([-1, 0, 1]).gelu({ approximate: "tanh" }); // => [-0.158808  0.        0.841192]
 */
export function gelu(x: NDArray, options: GeluOptions = {}): NDArray {
  checkOptions("gelu", options, geluOptions);
  return options.approximate === "tanh" ? tanhGelu(x) : exactGelu(x);
}

/** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */
const tanhGelu = composed("gelu", (x) => {
  const inner = mul(mul(x, add(mul(square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
});

/** The shape of `softplus`. */
export interface SoftplusOptions {
  /** How sharp the bend is. Default 1. */
  readonly beta?: number;
  /** Where `beta x` is above it, the value is x itself. Default 20. */
  readonly threshold?: number;
}

/**
 * `log(1 + e^(beta x)) / beta`, a smooth `relu`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-1000, 0, 1000]).softplus(); // => [0.000000e+00 6.931472e-01 1.000000e+03]
 */
export const softplus: (x: NDArray, options?: SoftplusOptions) => NDArray = composed(
  "softplus",
  (x, options: SoftplusOptions = {}) => {
    const { beta = 1, threshold = 20 } = options;
    const scaled = mul(x, beta);
    return where(gt(scaled, threshold), x, div(sub(0, logSigmoid(neg(scaled))), beta));
  },
  (_, options = {}) => checkOptions("softplus", options, softplusOptions),
);

/** `x tanh(softplus(x))` (Misra, "Mish", 2019). */
export const mish: Unary = composed("mish", (x) => mul(x, tanh(sub(0, logSigmoid(neg(x))))));

/** `x` limited to `[min, max]`, by default to `[-1, 1]`. Slope 0 at the limits. */
export function hardtanh(x: NDArray, min = -1, max = 1): NDArray {
  checkArray("hardtanh", x);
  check("hardtanh", "min", min, number);
  check("hardtanh", "max", max, number);
  return clamp(x, min, max);
}

/** `x` limited to `[0, 6]`. */
export function relu6(x: NDArray): NDArray {
  checkArray("relu6", x);
  return clamp(x, 0, 6);
}

/** `x / 6 + 1 / 2` limited to `[0, 1]`. */
export const hardsigmoid: Unary = composed("hardsigmoid", (x) => div(clamp(add(x, 3), 0, 6), 6));

/** `x hardsigmoid(x)`. */
export const hardswish: Unary = composed("hardswish", (x) => mul(x, hardsigmoid(x)));

/** `x / (1 + |x|)`. */
export const softsign: Unary = composed("softsign", (x) => div(x, add(abs(x), 1)));

/**
 * `x` above 0, `slope x` below.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([-2, 3]).leakyRelu(); // => [-0.02  3.  ]
 * array([-2, 3]).leakyRelu(0.5); // => [-1.  3.]
 */
export const leakyRelu: (x: NDArray, slope?: number) => NDArray = composed(
  "leakyRelu",
  (x, slope = 0.01) => where(gt(x, 0), x, mul(x, slope)),
  (_, slope = 0.01) => check("leakyRelu", "slope", slope, number),
);

/** `x` above 0, `alpha (e^x - 1)` below. */
export const elu: (x: NDArray, alpha?: number) => NDArray = composed(
  "elu",
  (x, alpha = 1) => where(le(x, 0), mul(expm1(x), alpha), x),
  (_, alpha = 1) => check("elu", "alpha", alpha, number),
);

/** `x` above 0, `alpha (e^(x / alpha) - 1)` below: smooth for every `alpha`. */
export const celu: (x: NDArray, alpha?: number) => NDArray = composed(
  "celu",
  (x, alpha = 1) => where(le(x, 0), mul(expm1(div(x, alpha)), alpha), x),
  (_, alpha = 1) => check("celu", "alpha", alpha, number),
);

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/**
 * `scale` times `elu(x, alpha)` with the constants under which layers keep mean 0 and variance 1
 * (Klambauer and others, "Self-normalizing neural networks", 2017).
 */
export const selu: Unary = composed("selu", (x) => mul(elu(x, seluAlpha), seluScale));

/** `x` above `limit`, `value` elsewhere. */
export const threshold: (x: NDArray, limit: number, value: number) => NDArray = composed(
  "threshold",
  (x, limit: number, value: number) => where(le(x, limit), value, x),
  (_, limit, value) => {
    check("threshold", "limit", limit, number);
    check("threshold", "value", value, number);
  },
);

/** `x` beyond `-lambda` and `lambda`, 0 between. */
export const hardshrink: (x: NDArray, lambda?: number) => NDArray = composed(
  "hardshrink",
  (x, lambda = 0.5) => where(logicalAnd(ge(x, -lambda), le(x, lambda)), 0, x),
  (_, lambda = 0.5) => check("hardshrink", "lambda", lambda, number),
);

/** `x` moved towards 0 by `lambda`, and 0 where that would pass it. */
export const softshrink: (x: NDArray, lambda?: number) => NDArray = composed(
  "softshrink",
  (x, lambda = 0.5) =>
    where(gt(x, lambda), sub(x, lambda), where(lt(x, -lambda), add(x, lambda), mul(x, 0))),
  (_, lambda = 0.5) => check("softshrink", "lambda", lambda, between(0, Infinity)),
);

/** `x - tanh(x)`. */
export const tanhshrink: Unary = composed("tanhshrink", (x) => sub(x, tanh(x)));
