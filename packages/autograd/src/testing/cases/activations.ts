/** The cases of the activation functions: a line each, with the formula as papers state it. */
import type { Tensor } from "../../index.ts";
import * as ops from "../../ops/activations.ts";
import {
  awayFromZero,
  type Case,
  type Domain,
  differentiable,
  onElements,
  unary,
  wide,
} from "./case.ts";
import { erfSeries } from "./elementwise.ts";

const sigmoid = (x: number): number => Math.exp(x) / (Math.exp(x) + 1);
const softplus = (x: number): number => Math.log(1 + Math.exp(x));
const limited = (x: number, min: number, max: number): number => Math.min(Math.max(x, min), max);
const cube = (x: number): number => x + 0.044715 * x ** 3;
const expLinear =
  (alpha: number, scale = 1) =>
  (x: number): number =>
    x > 0 ? scale * x : scale * alpha * (Math.exp(x) - 1);

/** An op with and without its parameters. */
function several(
  domain: Domain,
  ...uses: readonly (readonly [(x: Tensor) => Tensor, (x: number) => number])[]
): Case {
  return differentiable((draw) =>
    uses.flatMap(([run, formula]) => onElements(draw, run, formula, domain)),
  );
}

/** The cases of `ops/activations.ts`. */
export const activationCases: Record<keyof typeof ops, Case> = {
  relu: unary(ops.relu, (x) => Math.max(x, 0), awayFromZero),
  sigmoid: unary(ops.sigmoid, sigmoid),
  logSigmoid: unary(ops.logSigmoid, (x) => Math.log(sigmoid(x)), wide),
  silu: unary(ops.silu, (x) => x * sigmoid(x), wide),
  gelu: several(
    wide,
    [(x) => ops.gelu(x), (x) => (x * (1 + erfSeries(x / Math.SQRT2))) / 2],
    [
      (x) => ops.gelu(x, { approximate: "tanh" }),
      (x) => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * cube(x)))) / 2,
    ],
  ),
  softplus: several(
    wide,
    [(x) => ops.softplus(x), softplus],
    [(x) => ops.softplus(x, { beta: 2 }), (x) => softplus(2 * x) / 2],
    [
      (x) => ops.softplus(x, { beta: 3, threshold: 4 }),
      (x) => (3 * x > 4 ? x : softplus(3 * x) / 3),
    ],
  ),
  mish: unary(ops.mish, (x) => x * Math.tanh(softplus(x)), wide),
  hardtanh: several(
    wide,
    [(x) => ops.hardtanh(x), (x) => limited(x, -1, 1)],
    [(x) => ops.hardtanh(x, -2, 0.5), (x) => limited(x, -2, 0.5)],
  ),
  relu6: unary(
    ops.relu6,
    (x) => limited(x, 0, 6),
    (u) => 2 * wide(u),
  ),
  hardsigmoid: unary(ops.hardsigmoid, (x) => limited((x + 3) / 6, 0, 1), wide),
  hardswish: unary(ops.hardswish, (x) => x * limited((x + 3) / 6, 0, 1), wide),
  softsign: unary(ops.softsign, (x) => x / (1 + Math.abs(x)), awayFromZero),
  leakyRelu: several(
    awayFromZero,
    [(x) => ops.leakyRelu(x), (x) => (x > 0 ? x : x / 100)],
    [(x) => ops.leakyRelu(x, 0.3), (x) => (x > 0 ? x : 0.3 * x)],
  ),
  elu: several(
    awayFromZero,
    [(x) => ops.elu(x), expLinear(1)],
    [(x) => ops.elu(x, 0.4), expLinear(0.4)],
  ),
  celu: several(
    awayFromZero,
    [(x) => ops.celu(x), expLinear(1)],
    [(x) => ops.celu(x, 0.4), (x) => (x > 0 ? x : 0.4 * (Math.exp(x / 0.4) - 1))],
  ),
  selu: unary(ops.selu, expLinear(1.6732632423543772, 1.0507009873554805), awayFromZero),
  threshold: several(wide, [(x) => ops.threshold(x, 0.7, -2), (x) => (x > 0.7 ? x : -2)]),
  hardshrink: several(
    wide,
    [(x) => ops.hardshrink(x), (x) => (Math.abs(x) > 0.5 ? x : 0)],
    [(x) => ops.hardshrink(x, 2), (x) => (Math.abs(x) > 2 ? x : 0)],
  ),
  softshrink: several(
    wide,
    [(x) => ops.softshrink(x), (x) => x - limited(x, -0.5, 0.5)],
    [(x) => ops.softshrink(x, 2), (x) => x - limited(x, -2, 2)],
  ),
  tanhshrink: unary(ops.tanhshrink, (x) => x - Math.tanh(x), wide),
};
