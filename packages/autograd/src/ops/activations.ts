/**
 * Activation functions, as PyTorch defines them. The slope at a kink is that of the side named in
 * the comment; where a branch is not taken, its argument is replaced, so that no infinity of the
 * branch meets a zero.
 */
import * as nd from "@needle/ndarray";
import { elementwise, type Unary } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import {
  abs,
  add,
  clamp,
  div,
  erfc,
  exp,
  ge,
  gt,
  le,
  logicalAnd,
  logicalOr,
  lt,
  mul,
  neg,
  square,
  sub,
  tanh,
  where,
} from "./elementwise.ts";
import { pointwise } from "./pointwise.ts";

/**
 * `max(x, 0)`; slope 0 at 0.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([-1, 0, 2], { requiresGrad: true });
 * x.relu().backward();
 * x.grad; // => [0. 0. 1.]
 */
export const relu: Unary = elementwise(
  "relu",
  nd.relu,
  [(g, y) => where(le(y, 0), 0, g)],
  "output",
);
/** `1 / (1 + e^-x)`. */
export const sigmoid: Unary = elementwise(
  "sigmoid",
  nd.sigmoid,
  [(g, y) => mul(g, mul(y, sub(1, y)))],
  "output",
);
/** `log(sigmoid(x))`, without overflow. */
export const logSigmoid: Unary = elementwise(
  "logSigmoid",
  nd.logSigmoid,
  [(g, _y, x) => mul(g, sigmoid(neg(x)))],
  "inputs",
);
/** `x sigmoid(x)`, also called swish. */
export const silu: Unary = elementwise(
  "silu",
  nd.silu,
  [(g, _y, x) => mul(g, siluSlope(x, sigmoid(x)))],
  "inputs",
);

/** s (1 + x (1 - s)) */
function siluSlope(x: Tensor, s: Tensor): Tensor {
  return mul(s, add(mul(x, sub(1, s)), 1));
}

/**
 * `x` times the probability that a standard normal number is below x; `approximate: "tanh"` for the
 * approximation without the error function.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([0, 1], { requiresGrad: true });
 * x.gelu().backward();
 * x.grad; // => [0.5       1.0833155]
 */
export const gelu: (x: Tensor, options?: nd.GeluOptions) => Tensor = pointwise(
  "gelu",
  nd.gelu as (x: nd.NDArray, options?: nd.GeluOptions) => nd.NDArray,
  (g, _y, x, options) =>
    mul(g, options?.approximate === "tanh" ? tanhGeluSlope(x) : exactGeluSlope(x)),
);

/** P(x) + x p(x), with P the distribution and p the density of a standard normal number. */
function exactGeluSlope(x: Tensor): Tensor {
  const probability = mul(erfc(mul(x, -Math.SQRT1_2)), 0.5);
  const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(probability, mul(x, density));
}

/** (1 + t) / 2 + x (1 - t^2) u' / 2 with t = tanh(u) and u = sqrt(2 / pi) (x + 0.044715 x^3). */
function tanhGeluSlope(x: Tensor): Tensor {
  const scale = Math.sqrt(2 / Math.PI);
  // Beyond 30, t is 1 or -1, and powers of x could overflow beside a zero.
  const inside = clamp(x, -30, 30);
  const x2 = square(inside);
  const t = tanh(mul(mul(inside, add(mul(x2, 0.044715), 1)), scale));
  const inner = mul(add(mul(x2, 3 * 0.044715), 1), scale);
  return mul(add(add(t, 1), mul(mul(inside, sub(1, square(t))), inner)), 0.5);
}

/**
 * `log(1 + e^(beta x)) / beta`, a smooth `relu`; `x` itself where `beta x` is above the threshold.
 */
export const softplus: (x: Tensor, options?: nd.SoftplusOptions) => Tensor = pointwise(
  "softplus",
  nd.softplus,
  (g, _y, x, { beta = 1, threshold = 20 } = {}) => {
    const scaled = mul(x, beta);
    return where(gt(scaled, threshold), g, mul(g, sigmoid(scaled)));
  },
);

/** `x tanh(softplus(x))`. */
export const mish: Unary = elementwise(
  "mish",
  nd.mish,
  [
    (g, _y, x) => {
      const t = tanh(neg(logSigmoid(neg(x))));
      return mul(g, add(t, mul(mul(x, sigmoid(x)), sub(1, square(t)))));
    },
  ],
  "inputs",
);

/** `x` limited to `[min, max]`, by default to `[-1, 1]`; slope 0 at the limits (that of `clamp` is 1). */
export const hardtanh: (x: Tensor, min?: number, max?: number) => Tensor = pointwise(
  "hardtanh",
  nd.hardtanh,
  (g, _y, x, min = -1, max = 1) => where(logicalOr(le(x, min), ge(x, max)), 0, g),
);

/** `x` limited to `[0, 6]`; slope 0 at the limits. */
export const relu6: Unary = elementwise(
  "relu6",
  nd.relu6,
  [(g, _y, x) => where(logicalOr(le(x, 0), ge(x, 6)), 0, g)],
  "inputs",
);

/** `x / 6 + 1 / 2` limited to `[0, 1]`; slope 0 at -3 and 3. */
export const hardsigmoid: Unary = elementwise(
  "hardsigmoid",
  nd.hardsigmoid,
  [(g, _y, x) => where(logicalAnd(gt(x, -3), lt(x, 3)), div(g, 6), 0)],
  "inputs",
);

/** `x hardsigmoid(x)`; slope 0 at -3 and 1 at 3, as PyTorch has it from 2.7 on. */
export const hardswish: Unary = elementwise(
  "hardswish",
  nd.hardswish,
  [(g, _y, x) => where(le(x, -3), 0, where(ge(x, 3), g, mul(g, add(div(x, 3), 0.5))))],
  "inputs",
);

/** `x / (1 + |x|)`. */
export const softsign: Unary = elementwise(
  "softsign",
  nd.softsign,
  [(g, _y, x) => div(g, square(add(abs(x), 1)))],
  "inputs",
);

/** `x` above 0, `slope x` below and at 0. */
export const leakyRelu: (x: Tensor, slope?: number) => Tensor = pointwise(
  "leakyRelu",
  nd.leakyRelu,
  (g, _y, x, slope = 0.01) => where(gt(x, 0), g, mul(g, slope)),
);

/**
 * `g` above 0, `g` times `slope(x)` below and at 0; the slope is not asked for positive x. Its own
 * slope at 0 is 0, as in PyTorch.
 */
function below(g: Tensor, x: Tensor, slope: (x: Tensor) => Tensor): Tensor {
  return where(le(x, 0), mul(g, slope(where(lt(x, 0), x, 0))), g);
}

/** `x` above 0, `alpha (e^x - 1)` below and at 0. */
export const elu: (x: Tensor, alpha?: number) => Tensor = pointwise(
  "elu",
  nd.elu,
  (g, _y, x, alpha = 1) => below(g, x, (negative) => mul(exp(negative), alpha)),
);

/** `x` above 0, `alpha (e^(x / alpha) - 1)` below and at 0. */
export const celu: (x: Tensor, alpha?: number) => Tensor = pointwise(
  "celu",
  nd.celu,
  (g, _y, x, alpha = 1) => below(g, x, (negative) => exp(div(negative, alpha))),
);

// What solves the two equations of the paper, as PyTorch rounds it.
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** `elu` with the scale and alpha under which layers keep mean 0 and variance 1. */
export const selu: Unary = elementwise(
  "selu",
  nd.selu,
  [
    (g, _y, x) =>
      mul(
        below(g, x, (negative) => mul(exp(negative), seluAlpha)),
        seluScale,
      ),
  ],
  "inputs",
);

/** `x` above `limit`, `value` (with slope 0) elsewhere. */
export const threshold: (x: Tensor, limit: number, value: number) => Tensor = pointwise(
  "threshold",
  nd.threshold,
  (g, _y, x, limit) => where(le(x, limit), 0, g),
);

/** `x` beyond `-lambda` and `lambda`, 0 between and at them. */
export const hardshrink: (x: Tensor, lambda?: number) => Tensor = pointwise(
  "hardshrink",
  nd.hardshrink,
  (g, _y, x, lambda = 0.5) => outside(g, x, lambda),
);

/** `x` moved towards 0 by `lambda`, and 0 where that would pass it. */
export const softshrink: (x: Tensor, lambda?: number) => Tensor = pointwise(
  "softshrink",
  nd.softshrink,
  (g, _y, x, lambda = 0.5) => outside(g, x, lambda),
);

function outside(g: Tensor, x: Tensor, lambda: number): Tensor {
  return where(logicalAnd(ge(x, -lambda), le(x, lambda)), 0, g);
}

/** `x - tanh(x)`. */
export const tanhshrink: Unary = elementwise(
  "tanhshrink",
  nd.tanhshrink,
  [(g, _y, x) => mul(g, square(tanh(x)))],
  "inputs",
);
