/** The parameters of distributions: checked, and spread over the shape that is drawn. */
import { checkOptions, type Kinds } from "../args.ts";
import { ArgumentError, rightCall, ShapeError, show } from "../errors.ts";
import { isNDArray, type NDArray } from "../ndarray.ts";
import { broadcastTo } from "../ops/views.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, checkShape, type Shape, sameShape } from "../shape.ts";
import type { RandomOptions } from "./draws.ts";
import type { DrawOptions } from "./generator.ts";

/** A parameter of a distribution: one number for all elements, or one for each. */
export type Parameter = number | NDArray;

/** What a parameter must be. */
export interface Rule {
  readonly holds: (value: number) => boolean;
  readonly words: string;
}

export const finite: Rule = { holds: Number.isFinite, words: "finite" };
export const atLeast0: Rule = {
  holds: (x) => x >= 0 && x < Infinity,
  words: "finite and at least 0",
};
export const above0: Rule = { holds: (x) => x > 0 && x < Infinity, words: "finite and above 0" };
export const probability: Rule = { holds: (x) => x >= 0 && x <= 1, words: "from 0 to 1" };
export const count: Rule = {
  holds: (x) => Number.isInteger(x) && x >= 0 && x < 2 ** 31,
  words: "a whole number from 0 to 2^31 - 1",
};
// Ten deviations below what int32 holds.
export const rateOfInt32: Rule = {
  holds: (x) => x >= 0 && x <= 2147e6,
  words: "from 0 to 2.147e9",
};

export type Checked = Readonly<Record<string, readonly [value: Parameter, rule: Rule]>>;

/** The shape to draw, and each parameter as a function of the position in row-major order. */
export interface Plan {
  readonly shape: Shape;
  readonly at: readonly ((i: number) => number)[];
}

export function plan<Options extends RandomOptions>(
  op: string,
  shape: Shape | undefined,
  parameters: Checked,
  options: Options,
  kinds: Kinds<Options>,
): Plan {
  checkOptions(op, options, kinds);
  const values = Object.values(parameters).map(([value]) => value);
  const shapes = values.map((value) => (isNDArray(value) ? value.shape : []));
  const joint = broadcastShapes(op, ...shapes);
  const full = shape ?? joint;
  const call = `${op}(${[...Object.keys(parameters), "shape", "options"].join(", ")})`;
  checkShape(op, full, call);
  if (!sameShape(broadcastShapes(op, joint, full), full)) {
    throw new ShapeError(op, `parameters of [${joint}] do not broadcast to [${full}]`);
  }
  const at = Object.entries(parameters).map(([name, [value, rule]]) => {
    const check = (x: number): void => {
      if (typeof x === "number" && rule.holds(x)) return;
      const problem = `${name} must be ${rule.words}, got ${show(x)}`;
      throw new ArgumentError(op, problem, rightCall(x, call));
    };
    if (!isNDArray(value)) {
      check(value);
      return () => value;
    }
    value.toTypedArray().forEach(check);
    const read = scope(() => broadcastTo(value, full).toTypedArray());
    return (i: number) => read[i]!;
  });
  return { shape: full, at };
}

/** The dtype, and the backend asked for or that of the first parameter that is an array. */
export function placed(
  { dtype = "float32", backend }: RandomOptions,
  ...parameters: readonly Parameter[]
): DrawOptions & { readonly dtype: "float32" | "float64" } {
  return { dtype, backend: backend ?? parameters.find(isNDArray)?.backend };
}
