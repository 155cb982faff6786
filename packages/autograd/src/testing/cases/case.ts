/**
 * What a case of an op consists of, and ways to write one in a line: domains to draw numbers from,
 * shapes and layouts to try, and the op's value by a formula.
 */
import {
  type Axes,
  broadcastShapes,
  type DType,
  fromTypedArray,
  Philox,
  type ReduceOptions,
  type Shape,
} from "@needle/ndarray";
import { type Operand, Tensor } from "../../index.ts";
import type { GradcheckOptions } from "../gradcheck.ts";
import { build, fold, type Grid, gridOf, stretchedAt } from "./grid.ts";

/** A use of an op. */
export interface Sample {
  /** What is special about it. */
  readonly about: string;
  readonly inputs: readonly Tensor[];
  readonly run: (...inputs: Tensor[]) => Tensor;
  /** What `run` should give, by a formula. */
  readonly expected: Grid;
  /** How `gradcheck` has to look at it. */
  readonly options: GradcheckOptions;
}

/** Everything that is tried with an op. */
export interface Case {
  /** The dtype of the result; null if it is that of the inputs. */
  readonly gives: DType | null;
  /** Whether results are recorded and have derivatives, be they zero. */
  readonly differentiable: boolean;
  readonly samples: (draw: Draw) => readonly Sample[];
}

/** A tensor of numbers from a domain, float64 unless said otherwise. */
export type Draw = (shape: Shape, domain?: Domain, dtype?: DType) => Tensor;

/** The samples of a case, with the same numbers each time it is given the same seed. */
export function samplesOf({ samples }: Case, seed = 714): readonly Sample[] {
  const generator = new Philox(seed);
  return samples((shape, domain = anywhere, dtype = "float64") => {
    const numbers = generator.uniform(shape, { dtype: "float64" }).toTypedArray().map(domain);
    return new Tensor(fromTypedArray<DType>(numbers, shape, { dtype }));
  });
}

/** Turns a number uniform in [0, 1) into one of those that an op is tried on. */
export type Domain = (u: number) => number;

/** -2 to 2. */
export const anywhere: Domain = (u) => 4 * u - 2;
/** 0.3 to 2.3. */
export const positive: Domain = (u) => 0.3 + 2 * u;
/** -2 to 2 without -0.5 to 0.5. */
export const awayFromZero: Domain = (u) => (u < 0.5 ? 3 * u - 2 : 3 * u - 1);
/** 0.1 to 0.4 above the whole numbers from -4 to 3. */
export const betweenSteps: Domain = (u) => Math.floor(8 * u) - 3.9 + 0.3 * ((8 * u) % 1);
/** -0.9 to 0.9. */
export const withinOne: Domain = (u) => 1.8 * u - 0.9;
/** -5 to 5. */
export const wide: Domain = (u) => 10 * u - 5;
/** -1, 0, 1 and 2. */
export const wholes: Domain = (u) => Math.floor(4 * u) - 1;
/** 0 and 1. */
export const bits: Domain = (u) => Math.floor(2 * u);
/** Numbers, infinities and NaN. */
export const special: Domain = (u) => [1.5, 0, Infinity, -Infinity, Number.NaN][Math.floor(5 * u)]!;

/** A case of an op that has derivatives. */
export function differentiable(samples: Case["samples"]): Case {
  return { gives: null, differentiable: true, samples };
}

/** A case of an op without derivatives. */
export function constant(gives: DType, samples: Case["samples"]): Case {
  return { gives, differentiable: false, samples };
}

/** One use of an op; `expected` gets the inputs as grids. */
export function use(
  about: string,
  inputs: readonly Tensor[],
  run: (...inputs: Tensor[]) => Tensor,
  expected: (...inputs: Grid[]) => Grid,
  options: GradcheckOptions = {},
): Sample {
  return { about, inputs, run, expected: expected(...inputs.map(gridOf)), options };
}

/** One use of an op on views of the inputs: each is laid out by the function in its place. */
export function useViews(
  about: string,
  inputs: readonly Tensor[],
  layouts: readonly ((x: Tensor) => Tensor)[],
  run: (...inputs: Tensor[]) => Tensor,
  expected: (...inputs: Grid[]) => Grid,
): Sample {
  const views = (xs: readonly Tensor[]): Tensor[] => xs.map((x, i) => layouts[i]!(x));
  return {
    about,
    inputs,
    run: (...xs) => run(...views(xs)),
    expected: expected(...views(inputs).map(gridOf)),
    options: {},
  };
}

/**
 * Neither row-major nor without gaps: permuted, one axis reversed, every other element.
 * `[3, 4, 2] -> [2, 3, 2]`.
 */
export const scattered = (x: Tensor): Tensor => x.permute([2, 0, 1]).slice(":", "::-1", "1::2");

/** Columns first, and from the last to the first. `[n, m] -> [m, n]`. */
export const turned = (x: Tensor): Tensor => x.transpose().flip(-1);

/** The input itself. */
export const asIs = (x: Tensor): Tensor => x;

/** An elementwise op of one input, by its formula. */
export function unary(
  run: (x: Tensor) => Tensor,
  formula: (x: number) => number,
  domain?: Domain,
): Case {
  return differentiable((draw) => onElements(draw, run, formula, domain));
}

/** An elementwise question about one input. */
export function unaryTest(
  run: (x: Tensor) => Tensor,
  formula: (x: number) => boolean,
  domain: Domain,
): Case {
  return constant("bool", (draw) => onElements(draw, run, (x) => Number(formula(x)), domain));
}

/** Uses of an op that works on each element of one input for itself. */
export function onElements(
  draw: Draw,
  run: (x: Tensor) => Tensor,
  formula: (x: number) => number,
  domain?: Domain,
): Sample[] {
  const map = (x: Grid): Grid => ({ shape: x.shape, values: x.values.map(formula) });
  const shapes: readonly Shape[] = [[], [3], [2, 3], [0, 3]];
  return [
    ...shapes.map((shape) => use(`[${shape}]`, [draw(shape, domain)], run, map)),
    useViews("a scattered view", [draw([3, 4, 2], domain)], [scattered], run, map),
  ];
}

/** The domains of the two operands of a binary op. */
export interface Domains {
  readonly a?: Domain;
  readonly b?: Domain;
}

/** An elementwise op of two operands that broadcast, by its formula. */
export function binary(
  run: (a: Operand, b: Operand) => Tensor,
  formula: (a: number, b: number) => number,
  domains: Domains = {},
): Case {
  return differentiable((draw) => onPairs(draw, run, formula, domains));
}

/** An elementwise question about two operands. */
export function binaryTest(
  run: (a: Operand, b: Operand) => Tensor,
  formula: (a: number, b: number) => boolean,
  domain: Domain = wholes,
): Case {
  const domains = { a: domain, b: domain };
  return constant("bool", (draw) => onPairs(draw, run, (a, b) => Number(formula(a, b)), domains));
}

/** Uses of an op that works on pairs of elements of two operands that broadcast. */
export function onPairs(
  draw: Draw,
  run: (a: Operand, b: Operand) => Tensor,
  formula: (a: number, b: number) => number,
  domains: Domains,
): Sample[] {
  const a = (...shape: number[]): Tensor => draw(shape, domains.a);
  const b = (...shape: number[]): Tensor => draw(shape, domains.b);
  const map = (x: Grid, y: Grid): Grid =>
    build(broadcastShapes("map", x.shape, y.shape), (index) =>
      formula(stretchedAt(x, index), stretchedAt(y, index)),
    );
  const whole = (value: number): Grid => ({ shape: [], values: [value] });
  const left = (domains.a ?? anywhere)(0.9);
  const right = (domains.b ?? anywhere)(0.9);
  return [
    use("[] and []", [a(), b()], run, map),
    use("[3] and [3]", [a(3), b(3)], run, map),
    use("[2,3] and [3]", [a(2, 3), b(3)], run, map),
    use("[2,1] and [1,3]", [a(2, 1), b(1, 3)], run, map),
    use("[] and [2,2]", [a(), b(2, 2)], run, map),
    use("[0,3] and [1,3]", [a(0, 3), b(1, 3)], run, map),
    use("[1,2] and [0,2]", [a(1, 2), b(0, 2)], run, map),
    useViews("a scattered view and [3,1]", [a(3, 4, 2), b(3, 1)], [scattered, asIs], run, map),
    useViews("[2] and a scattered view", [a(2), b(3, 4, 2)], [asIs, scattered], run, map),
    use(
      "[2] and a number",
      [a(2)],
      (x) => run(x, right),
      (x) => map(x, whole(right)),
    ),
    use(
      "a number and [2]",
      [b(2)],
      (x) => run(left, x),
      (x) => map(whole(left), x),
    ),
  ];
}

/** Uses of a reduction, by what it makes of a list of numbers. */
export function onAxes(
  draw: Draw,
  run: (x: Tensor, axes?: Axes, options?: ReduceOptions) => Tensor,
  combine: (part: readonly number[]) => number,
  options: { readonly domain?: Domain; readonly empty?: boolean } = {},
): Sample[] {
  const { domain, empty = false } = options;
  const of = (shape: Shape, axes?: Axes, keepdims = false): Sample =>
    use(
      `[${shape}] over ${JSON.stringify(axes ?? "all")}${keepdims ? ", kept" : ""}`,
      [draw(shape, domain)],
      (x) => run(x, axes, { keepdims }),
      (x) => fold(x, axes, keepdims, combine),
    );
  return [
    of([]),
    of([3]),
    of([2, 3], 0),
    of([2, 3], -1, true),
    of([2, 3], null, true),
    of([2, 3], []),
    of([2, 3, 2], [0, -1]),
    of([2, 3, 2], [2, 1], true),
    of([0, 3], 1),
    ...(empty ? [of([0, 3]), of([2, 0], 1)] : []),
    useViews(
      "a scattered view over [0,2]",
      [draw([3, 4, 2], domain)],
      [scattered],
      (x) => run(x, [0, 2]),
      (x) => fold(x, [0, 2], false, combine),
    ),
  ];
}
