/** Choices among the slices of an array, and classes drawn with given probabilities. */
import { checkOptions, flag, type Kinds } from "../args.ts";
import { fromTypedArray } from "../create.ts";
import type { DType } from "../dtype.ts";
import { ArgumentError, ShapeError, show } from "../errors.ts";
import { isNDArray, type NDArray } from "../ndarray.ts";
import { astype } from "../ops/cast.ts";
import { arrayKind, checkArray } from "../ops/common.ts";
import { add, log, neg } from "../ops/elementwise.ts";
import { take } from "../ops/indexing.ts";
import { argmax, sum } from "../ops/reduce.ts";
import { scope } from "../scope.ts";
import { checkShape, type Shape, sizeOf } from "../shape.ts";
import { defaultGenerator } from "./default-generator.ts";
import { type RandomOptions, randomOptions, settledOptions } from "./draws.ts";
import { atLeast0, plan } from "./parameters.ts";
import { list } from "./whole.ts";

/** Options of `choice`. */
export interface ChoiceArrayOptions extends RandomOptions {
  /** Whether one can be drawn twice. Default true. */
  readonly replace?: boolean;
  /** The probability of each, which sum to 1. Default all alike. */
  readonly probabilities?: ArrayLike<number> | NDArray;
}

const choiceOptions: Kinds<ChoiceArrayOptions> = {
  ...settledOptions,
  replace: flag,
  probabilities: {
    expected: `${list.expected}, or an NDArray`,
    holds: (value) => isNDArray(value) || list.holds(value),
  },
};

/**
 * Choices among the slices of an array along axis 0, or among the numbers 0 to n - 1 (int32).
 *
 * @param shape - that of the choices, or how many.
 * @throws ArgumentError for probabilities that do not sum to 1, and for more choices than there are
 * without replacement.
 *
 * @example
 * import { choice, NumpyGenerator } from "@needle/ndarray";
 * choice(5, 3, { replace: false, generator: new NumpyGenerator(0) }); // => [2 0 1]
 */
export function choice(
  from: number | NDArray,
  shape: number | Shape = [],
  options: ChoiceArrayOptions = {},
): NDArray {
  const { replace = true, probabilities } = checkOptions("choice", options, choiceOptions);
  const wanted = typeof shape === "number" ? [shape] : shape;
  checkShape("choice", wanted, "choice(from, shape, options)");
  if (isNDArray(from) && from.ndim === 0) {
    throw new ShapeError("choice", "needs an array of at least one axis, got []");
  }
  const p = isNDArray(probabilities) ? probabilities.toTypedArray() : probabilities;
  const generator = options.generator ?? defaultGenerator();
  const n = isNDArray(from) ? from.shape[0]! : from;
  const found = generator.choice(n, { size: sizeOf(wanted), replace, p });
  return scope(() => {
    const { backend } = isNDArray(from) ? from : options;
    const index = fromTypedArray<DType>(found, wanted, { backend });
    return isNDArray(from) ? take(from, index) : index;
  });
}

interface CategoricalSource {
  readonly logits?: NDArray;
  readonly probabilities?: NDArray;
}

const sourceKinds: Kinds<CategoricalSource> = { logits: arrayKind, probabilities: arrayKind };

function isNamed(source: unknown): boolean {
  return (
    typeof source === "object" && source !== null && !Array.isArray(source) && !isNDArray(source)
  );
}

/**
 * Classes drawn with the probabilities `softmax(logits)`, or those given, along the last axis: int32
 * of `shape` followed by the other axes. Uses that the largest of logits plus Gumbel noise is at a
 * class with its probability.
 *
 * @param source - `[…, classes]`; probabilities need not sum to 1.
 * @throws ArgumentError for negative probabilities, and for no class at all.
 *
 * @example
 * import { array, categorical } from "@needle/ndarray";
 * categorical({ probabilities: array([[0, 1], [1, 0]]) }); // => [1 0]
 */
export function categorical(
  source: { readonly logits: NDArray } | { readonly probabilities: NDArray },
  shape: Shape = [],
  options: RandomOptions = {},
): NDArray {
  const op = "categorical";
  checkOptions(op, options, settledOptions);
  const named: CategoricalSource = isNamed(source) ? source : {};
  const { logits, probabilities } = checkOptions(op, named, sourceKinds);
  const given = logits ?? probabilities;
  if (given === undefined || (logits !== undefined && probabilities !== undefined)) {
    throw new ArgumentError(op, `takes { logits } or { probabilities }, got ${show(source)}`);
  }
  checkArray(op, given);
  checkShape(op, shape, "categorical(source, shape, options)");
  if (given.ndim === 0 || given.shape.at(-1) === 0) {
    throw new ShapeError(op, `expected […,classes], got [${given.shape}]`);
  }
  if (logits === undefined) {
    plan(op, undefined, { "a probability": [given, atLeast0] }, {}, randomOptions);
    if (scope(() => sum(given, -1).toTypedArray()).some((total) => total === 0)) {
      throw new ArgumentError(op, "the probabilities of a row are all 0");
    }
  }
  const generator = options.generator ?? defaultGenerator();
  return scope(() => {
    const { backend } = given;
    const unit = generator.uniform([...shape, ...given.shape], { dtype: "float64", backend });
    const scores = logits ?? log(given);
    const noise = neg(log(neg(log(unit))));
    return argmax(add(noise, astype(scores, "float64")), -1);
  });
}
