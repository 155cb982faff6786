/** The cases of the ops on bits. */
import type { Operand, Tensor } from "../../index.ts";
import * as ops from "../../ops/bitwise.ts";
import { type Case, constant, type Domain, use } from "./case.ts";
import { build, stretchedAt } from "./grid.ts";

/** -40 to 40, whole. */
const integers: Domain = (u) => Math.floor(81 * u) - 40;
/** 0 to 7, whole. */
const places: Domain = (u) => Math.floor(8 * u);

function bits(
  run: (a: Operand, b: Operand) => Tensor,
  formula: (a: number, b: number) => number,
  right: Domain = integers,
): Case {
  return constant("int32", (draw) => [
    use(
      "[2,3] and [3]",
      [draw([2, 3], integers, "int32"), draw([3], right, "int32")],
      run,
      (a, b) => build([2, 3], (index) => formula(stretchedAt(a, index), stretchedAt(b, index))),
    ),
    use(
      "[3] and a number",
      [draw([3], integers, "int32")],
      (a) => run(a, 3),
      (a) => ({ shape: a.shape, values: a.values.map((x) => formula(x, 3)) }),
    ),
  ]);
}

/** The cases of `ops/bitwise.ts`. */
export const bitwiseCases: Record<keyof typeof ops, Case> = {
  bitwiseAnd: bits(ops.bitwiseAnd, (a, b) => a & b),
  bitwiseOr: bits(ops.bitwiseOr, (a, b) => a | b),
  bitwiseXor: bits(ops.bitwiseXor, (a, b) => a ^ b),
  leftShift: bits(ops.leftShift, (a, b) => a * 2 ** b, places),
  rightShift: bits(ops.rightShift, (a, b) => Math.floor(a / 2 ** b), places),
  bitwiseNot: constant("int32", (draw) => [
    use("[4]", [draw([4], integers, "int32")], ops.bitwiseNot, (x) => ({
      shape: x.shape,
      values: x.values.map((value) => -1 - value),
    })),
  ]),
};
