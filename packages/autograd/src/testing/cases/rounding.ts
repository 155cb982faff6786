/** The cases of rounding and of division that rounds: a line each. */
import * as ops from "../../ops/rounding.ts";
import {
  awayFromZero,
  betweenSteps,
  binary,
  type Case,
  differentiable,
  onElements,
  unary,
} from "./case.ts";

/** The cases of `ops/rounding.ts`. */
export const roundingCases: Record<keyof typeof ops, Case> = {
  floor: unary(ops.floor, Math.floor, betweenSteps),
  ceil: unary(ops.ceil, Math.ceil, betweenSteps),
  trunc: unary(ops.trunc, Math.trunc, betweenSteps),
  frac: unary(ops.frac, (x) => x % 1, betweenSteps),
  round: differentiable((draw) => [
    ...onElements(draw, (x) => ops.round(x), Math.round, betweenSteps),
    ...onElements(
      draw,
      (x) => ops.round(x, { decimals: 1 }),
      (x) => Math.round(x * 10) / 10,
      (u) => betweenSteps(u) / 10,
    ),
    ...onElements(
      draw,
      (x) => ops.round(x, { decimals: -1 }),
      (x) => Math.round(x / 10) * 10,
      (u) => betweenSteps(u) * 10,
    ),
  ]),
  fmod: binary(ops.fmod, (a, b) => a - b * Math.trunc(a / b), { b: awayFromZero }),
  remainder: binary(ops.remainder, (a, b) => a - b * Math.floor(a / b), { b: awayFromZero }),
  floorDivide: binary(ops.floorDivide, (a, b) => Math.floor(a / b), { b: awayFromZero }),
};
