/** Blends, angles, logarithms of sums and products, signs, closeness. */
import * as nd from "@needle/ndarray";
import { full, zerosLike } from "../create.ts";
import { type Binary, constant, elementwise, linear, type Unary } from "../op.ts";
import { isTensor, type Operand, type Tensor } from "../tensor.ts";
import { sigmoid } from "./activations.ts";
import {
  abs,
  add,
  cos,
  div,
  eq,
  exp,
  isFinite,
  isInf,
  le,
  logicalAnd,
  lt,
  mul,
  sign,
  square,
  sub,
  where,
} from "./elementwise.ts";
import { pointwise } from "./pointwise.ts";

type Pair = [a: Operand, b: Operand];

/** x / length, and 0 where the length is 0. */
function overLength(x: Operand, length: Tensor): Tensor {
  const none = eq(length, 0);
  return where(none, 0, div(x, where(none, 1, length)));
}

/**
 * The angle of the point `(x, y)` from the positive x axis, from -pi to pi; slope 0 at the origin.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const y = tensor([2, 0], { requiresGrad: true });
 * y.atan2(tensor([0, 2])).backward();
 * y.grad; // => [0.  0.5]
 */
export const atan2: Binary = elementwise<Pair>(
  "atan2",
  nd.atan2,
  [
    (g, _y, a, b) => mul(g, overSquare(b, a, b)),
    (g, _y, a, b) => mul(g, mul(overSquare(a, a, b), -1)),
  ],
  "inputs",
);

/** x / (a^2 + b^2), and 0 at the origin; in two steps that neither overflow nor vanish. */
function overSquare(x: Operand, a: Operand, b: Operand): Tensor {
  const length = hypot(a, b);
  return overLength(overLength(x, length), length);
}

/** `sqrt(a^2 + b^2)` without overflow on the way; slope 0 at the origin. */
export const hypot: Binary = elementwise<Pair>(
  "hypot",
  nd.hypot,
  [(g, y, a) => mul(g, overLength(a, y)), (g, y, _a, b) => mul(g, overLength(b, y))],
  "both",
);

/** The size of `a` with the sign of `b`; slope 0 towards `a` at 0, and towards `b`. */
export const copysign: Binary = elementwise<Pair>(
  "copysign",
  nd.copysign,
  [(g, y, a) => mul(g, mul(sign(y), sign(a as Tensor))), (g) => zerosLike(g)],
  "both",
);

/**
 * `log(e^a + e^b)` without overflow; equal infinities share the slope evenly.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([-Infinity, 1000], { requiresGrad: true });
 * x.logaddexp(x.detach()).backward();
 * x.grad; // => [0.5 0.5]
 */
export const logaddexp: Binary = elementwise<Pair>(
  "logaddexp",
  nd.logaddexp,
  [
    (g, _y, a, b) => mul(g, sigmoid(difference(a, b))),
    (g, _y, a, b) => mul(g, sigmoid(difference(b, a))),
  ],
  "inputs",
);

/** a - b, and 0 for equal infinities. */
function difference(a: Operand, b: Operand): Tensor {
  const infinite = isTensor(a) ? isInf(a) : isInf(b as Tensor);
  return where(logicalAnd(eq(a, b), infinite), 0, sub(a, b));
}

/** `log2(2^a + 2^b)` without overflow. */
export function logaddexp2(a: Operand, b: Operand): Tensor {
  return nd.scope(() => {
    const powers = [a, b].map((x) => (typeof x === "number" ? x * Math.LN2 : mul(x, Math.LN2)));
    return div(logaddexp(powers[0]!, powers[1]!), Math.LN2);
  });
}

/**
 * The point between `start` (weight 0) and `end` (weight 1), or beyond; all three broadcast.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([0, 10]).lerp(tensor([4, 20]), 0.25); // => [ 1.  12.5]
 */
export const lerp: (start: Tensor, end: Operand, weight: Operand) => Tensor = elementwise<
  [Tensor, Operand, Operand]
>(
  "lerp",
  nd.lerp,
  [
    (g, _y, _start, _end, weight) => mul(g, isTensor(weight) ? sub(1, weight) : 1 - weight),
    (g, _y, _start, _end, weight) => mul(g, weight),
    (g, _y, start, end) => mul(g, sub(end, start)),
  ],
  "inputs",
);

/** `a * log(b)`, and 0 where `a` is 0 and `b` not above it, with slope 0 at 0 and 0. */
export function xlogy(a: Operand, b: Operand): Tensor {
  return xlogyOf(asTensor(a, b), asTensor(b, a));
}

/** A number as a tensor without axes, of the dtype and on the backend of the other operand. */
function asTensor(x: Operand, other: Operand): Tensor {
  if (typeof x !== "number" || typeof other === "number") return x as Tensor;
  return full([], x, { dtype: nd.toFloat(other.dtype), backend: other.backend });
}

const xlogyOf: (a: Tensor, b: Tensor) => Tensor = elementwise<[Tensor, Tensor]>(
  "xlogy",
  nd.xlogy,
  [(g, _y, a, b) => xlogyOf(g, counted(a, b)), (g, _y, a, b) => mul(g, over(a, b))],
  "inputs",
);

/** a / b, and 0 for 0 over 0. */
function over(a: Tensor, b: Tensor): Tensor {
  const none = logicalAnd(eq(a, 0), eq(b, 0));
  return where(none, 0, div(a, where(none, 1, b)));
}

/** b, and 1 where the product with its logarithm does not count. */
function counted(a: Tensor, b: Tensor): Tensor {
  return where(logicalAnd(eq(a, 0), le(b, 0)), 1, b);
}

/**
 * The logarithm of the odds, `log(x / (1 - x))`: the inverse of `sigmoid`; NaN, and so its slope,
 * outside 0 to 1.
 */
export const logit: Unary = elementwise(
  "logit",
  nd.logit,
  [(g, _y, x) => div(g, spreadOf(x))],
  "inputs",
);

/** x (1 - x), and NaN outside 0 to 1. */
function spreadOf(x: Tensor): Tensor {
  const spread = mul(x, sub(1, x));
  return where(lt(spread, 0), Number.NaN, spread);
}

/** Degrees as radians. */
export const deg2rad: Unary = linear("deg2rad", nd.deg2rad, (g) => deg2rad(g));

/** Radians as degrees. */
export const rad2deg: Unary = linear("rad2deg", nd.rad2deg, (g) => rad2deg(g));

/** `sin(pi x) / (pi x)`, 1 at 0. */
export const sinc: Unary = elementwise(
  "sinc",
  nd.sinc,
  [(g, y, x) => mul(g, sincSlope(y, x))],
  "both",
);

/**
 * (cos(pi x) - sinc(x)) / x; near 0, where that loses its digits, the series
 * -pi u / 3 (1 - u^2 / 10 + u^4 / 280 - u^6 / 15120) of u = pi x.
 */
function sincSlope(y: Tensor, x: Tensor): Tensor {
  const near = lt(abs(x), 0.02);
  const u2 = square(mul(where(near, x, 0), Math.PI));
  const series = add(mul(add(mul(add(mul(u2, -1 / 15120), 1 / 280), u2), -1 / 10), u2), 1);
  const direct = div(sub(cos(mul(x, Math.PI)), y), where(near, 1, x));
  return where(near, mul(mul(series, x), -(Math.PI ** 2) / 3), direct);
}

/** The inverse of `erf`; infinite, with its slope, at -1 and 1. */
export const erfinv: Unary = elementwise(
  "erfinv",
  nd.erfinv,
  // 1 / erf'(y)
  [(g, y) => mul(g, mul(exp(square(y)), Math.sqrt(Math.PI) / 2))],
  "output",
);

/** Whether the sign is negative, that of -0 included, as bool. */
export const signbit: Unary = constant(nd.signbit);

/** Finite numbers in place of NaN and infinities; slope 1 at finite elements, 0 at others. */
export const nanToNum: (x: Tensor, options?: nd.NanToNumOptions) => Tensor = pointwise(
  "nanToNum",
  nd.nanToNum as (x: nd.NDArray, options?: nd.NanToNumOptions) => nd.NDArray,
  (g, _y, x) => where(isFinite(x), g, 0),
);

/** Whether `|a - b| <= atol + rtol |b|`, element by element, as bool. */
export const isClose: (a: Tensor, b: Operand, options?: nd.ClosenessOptions) => Tensor = constant(
  nd.isClose,
);

/** Whether all elements are close, as `isClose` has it: one bool. */
export const allClose: (a: Tensor, b: Operand, options?: nd.ClosenessOptions) => Tensor = constant(
  nd.allClose,
);
