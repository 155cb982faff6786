/** Rounding, flat between its steps, and division that rounds. */
import * as nd from "@needle/ndarray";
import { zerosLike } from "../create.ts";
import { type Binary, constant, elementwise, type Unary } from "../op.ts";
import type { Operand, Tensor } from "../tensor.ts";
import { mul, neg } from "./elementwise.ts";
import { pointwise } from "./pointwise.ts";

type Pair = [a: Operand, b: Operand];

/** The largest whole number not above x; slope 0 everywhere. */
export const floor: Unary = elementwise("floor", nd.floor, [(g) => zerosLike(g)], "nothing");
/** The smallest whole number not below x; slope 0 everywhere. */
export const ceil: Unary = elementwise("ceil", nd.ceil, [(g) => zerosLike(g)], "nothing");
/** x without its fraction; slope 0 everywhere. */
export const trunc: Unary = elementwise("trunc", nd.trunc, [(g) => zerosLike(g)], "nothing");
/**
 * The nearest number with so many decimals, halves to the even one; slope 0 everywhere.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([0.125, 1.5]).round(); // => [0. 2.]
 * tensor([0.125, 1.5]).round({ decimals: 1 }); // => [0.1 1.5]
 */
export const round: (x: Tensor, options?: nd.RoundOptions) => Tensor = pointwise(
  "round",
  nd.round as (x: nd.NDArray, options?: nd.RoundOptions) => nd.NDArray,
  (g) => zerosLike(g),
  "nothing",
);
/** The fraction of x, with its sign; slope 1, also at whole numbers. */
export const frac: Unary = elementwise("frac", nd.frac, [(g) => g], "nothing");

/**
 * What is left of `a` after whole multiples of `b`, with the sign of `a`:
 * `a - b trunc(a / b)`.
 */
export const fmod: Binary = elementwise<Pair>(
  "fmod",
  nd.fmod,
  [(g) => g, (g, _y, a, b) => neg(mul(g, wholeTimes(a, b)))],
  "inputs",
);

/** How often `b` goes into `a`: a constant, so that dividing by 0 leaves no NaN in its slopes. */
const wholeTimes: Binary = constant((a: nd.NDArray, b: nd.NDArray) => nd.trunc(nd.div(a, b)));

/**
 * What is left of `a` after whole multiples of `b`, with the sign of `b`:
 * `a - b floorDivide(a, b)`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const b = tensor([2, -2], { requiresGrad: true });
 * const y = tensor([5, 5]).remainder(b);
 * y; // => [ 1. -1.]
 * y.backward();
 * b.grad; // => [-2.  3.]
 */
export const remainder: Binary = elementwise<Pair>(
  "remainder",
  nd.remainder,
  [(g) => g, (g, _y, a, b) => neg(mul(g, floorDivide(a, b)))],
  "inputs",
);
/** The largest whole number not above `a / b`; slope 0 everywhere. */
export const floorDivide: Binary = elementwise<Pair>(
  "floorDivide",
  nd.floorDivide,
  [(g) => zerosLike(g), (g) => zerosLike(g)],
  "nothing",
);
