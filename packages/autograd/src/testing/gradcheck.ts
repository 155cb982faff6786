/**
 * The test of a derivative: every rule against differences of the values, the two modes against
 * each other, second derivatives, and shapes. It runs in double precision and knows nothing of how
 * the function is made.
 */
import {
  ArgumentError,
  createShapeOnlyBackend,
  fromTypedArray,
  type NDArray,
  Philox,
  scope,
} from "@needle/ndarray";
import { gradients, jvp, noGrad, Tensor, zeros } from "../index.ts";
import { agree, close, type Found, kind, wrong } from "./compare.ts";

/** How `gradcheck` looks at a function. */
export interface GradcheckOptions {
  /** Half the distance between the two points of a difference. Default 1e-5. */
  readonly step?: number;
  /** Allowed difference, relative to the numbers where they are above 1. Default 1e-6. */
  readonly tolerance?: number;
  /** Whether second derivatives are checked. Default true. */
  readonly secondOrder?: boolean;
  /**
   * Whether shapes are checked on the shape-only backend. Default true; false for functions that
   * read values.
   */
  readonly shapeOnly?: boolean;
}

type TensorFunction = (...inputs: Tensor[]) => Tensor;

/** A function of tensors with everything that is needed to look at its derivatives. */
interface Problem {
  /** The inputs to differentiate by: float64 leaves. */
  readonly leaves: readonly Tensor[];
  /** Their positions among all the inputs. */
  readonly positions: readonly number[];
  /**
   * The function of stand-ins for the leaves. Of what it makes only the result keeps its handle.
   */
  readonly value: (xs: readonly Tensor[]) => Tensor;
  /** One for each element of the result: the derivatives are those of the weighted sum. */
  readonly weights: Tensor;
  /** A direction in the space of each leaf. */
  readonly directions: readonly Tensor[];
  readonly step: number;
  readonly tolerance: number;
}

/**
 * Throws unless the derivatives of `f` at `inputs` are right: reverse mode against central
 * differences of a weighted sum of the result, forward mode against reverse mode and differences,
 * second derivatives by three ways against differences of the first, and shapes and dtypes on a
 * backend without values. Inputs of whole numbers and bools are constants.
 *
 * `f` is given tensors that are freed before the reverse pass starts, so a rule that reads what it
 * did not save fails.
 *
 * @param inputs - away from kinks, at which differences have no meaning.
 * @throws NeedleError naming the input, the element and the two numbers that differ.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * import { gradcheck } from "@needle/autograd/testing";
 * gradcheck((x) => x.tanh().mul(x), [tensor([0.5, -1], { dtype: "float64" })]);
 */
export function gradcheck(
  f: TensorFunction,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): void {
  scope(() => {
    const problem = pose(f, inputs, options);
    checkReverse(problem);
    checkForward(problem);
    if (options.secondOrder ?? true) checkSecondOrder(problem);
    if (options.shapeOnly ?? true) checkShapes(f, inputs, problem);
  });
}

function pose(f: TensorFunction, inputs: readonly Tensor[], options: GradcheckOptions): Problem {
  const { step = 1e-5, tolerance = 1e-6 } = options;
  const positions = [...inputs.keys()].filter((i) => inputs[i]!.dtype === "float64");
  if (positions.length === 0 || inputs.some((x) => x.dtype === "float32")) {
    const dtypes = inputs.map((x) => x.dtype).join(", ");
    throw new ArgumentError("gradcheck", `differences need float64 inputs, got ${dtypes}`);
  }
  const leaves = positions.map((i) => leafOf(inputs[i]!.value.copy()));
  const value = (xs: readonly Tensor[]): Tensor => {
    const all = inputs.map((x, i) => (positions.includes(i) ? xs[positions.indexOf(i)]! : x));
    return runFreed(f, all);
  };
  const y = value(leaves);
  if (y.dtype !== "float64") throw wrong(`f gives ${y.dtype} from float64 inputs`);
  const generator = new Philox(20);
  const draw = (x: Tensor): Tensor => {
    const numbers = generator.uniform(x.shape, { dtype: "float64" }).add(0.5);
    return new Tensor(numbers.to(x.backend));
  };
  const [weights, directions] = [draw(y), leaves.map(draw)];
  return { leaves, positions, value, weights, directions, step, tolerance };
}

/** Calls `f` with copies and frees them, and all else but the result, as modules do. */
function runFreed(f: TensorFunction, inputs: readonly Tensor[]): Tensor {
  return scope(
    () => {
      const copies = inputs.map((x) => (x.dtype === "float64" ? x.mul(1) : x.clone()));
      const before = copies.map((copy) => copy.value.storage.version);
      const y = f(...copies);
      copies.forEach((copy, i) => {
        if (copy.value.storage.version === before[i]) return;
        throw wrong(`f changes its input ${i} in place`);
      });
      return y;
    },
    { label: "the end of the forward pass" },
  );
}

/**
 * The sum of a times b, such that the adjoint of `a` arrives permuted and reversed: rules must not
 * care for its strides.
 */
function weigh(a: Tensor, b: Tensor): Tensor {
  return a.flip().transpose().mul(b.flip().transpose()).sum();
}

function weighAll(as: readonly Tensor[], bs: readonly Tensor[]): Tensor {
  return as.map((a, i) => weigh(a, bs[i]!)).reduce((a, b) => a.add(b));
}

/** The weighted sum of the result. */
function lossOf({ value, weights }: Problem, xs: readonly Tensor[]): Tensor {
  return scope(() => weigh(value(xs), weights));
}

/** The gradient of the weighted sum. */
function gradientOf(problem: Problem, xs: readonly Tensor[], createGraph = false): Tensor[] {
  return scope(() => gradients([lossOf(problem, xs)], xs, { createGraph }));
}

function checkReverse(problem: Problem): void {
  const { leaves, positions, value, step, tolerance } = problem;
  const loss = lossOf(problem, leaves);
  const first = gradients([loss], leaves, { retainGraph: true });
  const second = gradients([loss], leaves);
  const ofOnes = gradients([value(leaves)], leaves);
  const ofStretched = gradients([scope(() => value(leaves).sum())], leaves);
  leaves.forEach((leaf, i) => {
    const whose = `input ${positions[i]}`;
    agree(whose, ["a backward", first[i]!], ["another of the same graph", second[i]!], 0);
    const at = (element: number, distance: number): number =>
      noGrad(() => lossOf(problem, leaves.with(i, shifted(leaf, element, distance))).item());
    const slopes = Float64Array.from(
      { length: leaf.size },
      (_, element) => (at(element, step) - at(element, -step)) / (2 * step),
    );
    const slope = new Tensor(fromTypedArray(slopes, leaf.shape));
    agree(whose, ["reverse mode", first[i]!], ["differences", slope], tolerance);
    const stretched: Found<Tensor> = ["the same with stride 0", ofStretched[i]!];
    agree(whose, ["an adjoint of ones", ofOnes[i]!], stretched, tolerance);
  });
}

function checkForward(problem: Problem): void {
  const { leaves, directions, value, weights, tolerance } = problem;
  const points = leaves.map((x) => x.detach());
  const [y, dy] = jvp((...xs: readonly Tensor[]) => value(xs), points, directions);
  if (kind(dy) !== kind(y)) throw wrong(`the tangent is ${kind(dy)} where f gives ${kind(y)}`);
  const slope = noGrad(() => slopeAlong(problem, value));
  agree("the output", ["forward mode", dy], ["differences", slope], tolerance);
  // <w, J u> = <J^T w, u>
  const forward = weigh(dy, weights).item();
  const reverse = weighAll(gradientOf(problem, leaves), directions).item();
  if (close(forward, reverse, tolerance)) return;
  throw wrong(`forward and reverse mode differ along a direction: ${forward} and ${reverse}`);
}

function checkSecondOrder(problem: Problem): void {
  const { leaves, positions, directions, value, weights, tolerance } = problem;
  const reverseOverReverse = scope(() => {
    const slope = scope(() => weighAll(gradientOf(problem, leaves, true), directions));
    return gradients([slope], leaves);
  });
  const reverseOverForward = scope(() => {
    const slope = scope(() => {
      const [, dy] = jvp((...xs: readonly Tensor[]) => value(xs), leaves, directions);
      return weigh(dy, weights);
    });
    return gradients([slope], leaves);
  });
  const points = leaves.map((x) => x.detach());
  leaves.forEach((_, i) => {
    const whose = `input ${positions[i]}`;
    const gradient = (xs: readonly Tensor[]): Tensor => gradientOf(problem, xs, true)[i]!;
    const [, forwardOverReverse] = jvp(
      (...xs: readonly Tensor[]) => gradient(xs),
      points,
      directions,
    );
    const slope: Found<Tensor> = [
      "differences of the gradient",
      slopeAlong(problem, (xs) => gradientOf(problem, xs)[i]!),
    ];
    const ways: Found<Tensor>[] = [
      ["reverse over reverse mode", reverseOverReverse[i]!],
      ["forward over reverse mode", forwardOverReverse],
      ["reverse over forward mode", reverseOverForward[i]!],
    ];
    for (const way of ways) agree(whose, way, slope, tolerance);
  });
}

function checkShapes(f: TensorFunction, inputs: readonly Tensor[], problem: Problem): void {
  const backend = createShapeOnlyBackend();
  const blanks = inputs.map((x) =>
    zeros(x.shape, { dtype: x.dtype, backend, requiresGrad: x.dtype === "float64" }),
  );
  const y = runFreed(f, blanks);
  const expected = kind(problem.weights);
  if (kind(y) !== expected) throw wrong(`f gives ${expected}, but ${kind(y)} without values`);
  const leaves = problem.positions.map((i) => blanks[i]!);
  gradients([y], leaves, { createGraph: true }).forEach((gradient, i) => {
    if (kind(gradient) === kind(leaves[i]!)) return;
    const whose = `the gradient of input ${problem.positions[i]}`;
    throw wrong(`${whose} is ${kind(gradient)} without values, the input ${kind(leaves[i]!)}`);
  });
}

/** Central differences of a function of the leaves along the directions. */
function slopeAlong(problem: Problem, run: (xs: readonly Tensor[]) => Tensor): Tensor {
  const { leaves, directions, step } = problem;
  const at = (distance: number): Tensor =>
    run(leaves.map((x, i) => leafOf(x.value.add(directions[i]!.value.mul(distance)))));
  return at(step)
    .sub(at(-step))
    .div(2 * step);
}

/** A leaf like `x` with one element moved. */
function shifted(x: Tensor, element: number, distance: number): Tensor {
  const values = x.toTypedArray();
  values[element]! += distance;
  return leafOf(fromTypedArray(values, x.shape).to(x.backend));
}

function leafOf(value: NDArray): Tensor {
  return new Tensor(value, { requiresGrad: true });
}
