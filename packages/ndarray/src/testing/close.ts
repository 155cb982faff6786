/**
 * Comparing arrays: close within a stated error, or the same to the last bit. A failure names the
 * first element that differs.
 */
import { type DType, isFloat } from "../dtype.ts";
import { NeedleError, showShape } from "../errors.ts";
import { isNDArray, type NDArray, type NestedNumbers } from "../ndarray.ts";
import { type Shape, sameShape } from "../shape.ts";
import { HostArray, multiIndices } from "./host.ts";
import { hold, ulp } from "./host-values.ts";

/** What an array is compared with: another array, a model, or nested numbers. */
export type Expected = NDArray | HostArray | NestedNumbers;

/** How far an element may be from what is expected: at most `atol + rtol * |expected|`. */
export interface Tolerance {
  /** Relative to the expected value. Default 1e-5 for floats, 0 for integers. */
  readonly rtol?: number;
  /** Absolute. Default 1e-6 for floats, 0 for integers. */
  readonly atol?: number;
}

/** What `assertSame` looks at besides the values. */
export interface Sameness {
  /** Tell -0 from 0. Default false. */
  readonly zeroSign?: boolean;
}

/**
 * Throws unless both have one shape and every element is close to what is expected. NaN is close to
 * NaN, an infinity to itself.
 *
 * @throws NeedleError naming the first element that is not close, both values and the shapes.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * import { assertClose } from "@needle/ndarray/testing";
 * assertClose(array([0.1, 0.2]).sum(), 0.3);
 */
export function assertClose(actual: NDArray, expected: Expected, tolerance: Tolerance = {}): void {
  const [rtolDefault, atolDefault] = isFloat(actual.dtype) ? [1e-5, 1e-6] : [0, 0];
  const { rtol = rtolDefault, atol = atolDefault } = tolerance;
  compare("assertClose", actual, modelOf(expected), (value, wanted) => {
    if (Object.is(value, wanted) || value === wanted) return undefined;
    const allowed = atol + rtol * Math.abs(wanted);
    const apart = Math.abs(value - wanted);
    return apart <= allowed && Number.isFinite(wanted)
      ? undefined
      : ` (${apart} apart, ${allowed} allowed)`;
  });
}

/**
 * Throws unless both have one shape and equal elements, NaN being equal to NaN; and one dtype,
 * where `expected` is an array.
 *
 * @throws NeedleError naming the first element that differs, both values and the shapes.
 */
export function assertSame(
  actual: NDArray,
  expected: Expected,
  { zeroSign = false }: Sameness = {},
): void {
  const model = modelOf(expected);
  if (typeof expected === "object" && "dtype" in expected && expected.dtype !== actual.dtype) {
    throw new NeedleError(
      "assertSame",
      `dtypes differ, ${actual.dtype} and expected ${expected.dtype}`,
    );
  }
  compare("assertSame", actual, model, (value, wanted) =>
    Object.is(value, wanted) || (value === wanted && !zeroSign) ? undefined : "",
  );
}

/** Looks for the first pair that `differs` describes (with what to add to the message). */
function compare(
  op: string,
  actual: NDArray,
  expected: { readonly shape: Shape; readonly values: readonly number[] },
  differs: (value: number, wanted: number) => string | undefined,
): void {
  const shapes = `${showShape(actual.shape)} and expected ${showShape(expected.shape)}`;
  if (!sameShape(actual.shape, expected.shape))
    throw new NeedleError(op, `shapes differ, ${shapes}`);
  const values = actual.toTypedArray();
  expected.values.forEach((wanted, position) => {
    const difference = differs(values[position]!, wanted);
    if (difference === undefined) return;
    const index = showShape(multiIndices(expected.shape)[position]!);
    const pair = `${show(values[position]!)}, expected ${show(wanted)}`;
    throw new NeedleError(op, `element ${index} is ${pair}${difference}, shapes ${shapes}`);
  });
}

function modelOf(expected: Expected): {
  readonly shape: Shape;
  readonly values: readonly number[];
} {
  if (isNDArray(expected))
    return { shape: expected.shape, values: Array.from(expected.toTypedArray()) };
  if (expected instanceof HostArray) return expected;
  const shape: number[] = [];
  for (let level: NestedNumbers | undefined = expected; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
  }
  return { shape, values: leavesOf(expected) };
}

function leavesOf(nested: NestedNumbers): number[] {
  return typeof nested === "number" ? [nested] : nested.flatMap(leavesOf);
}

function show(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * How far a kernel's element may be from the exact value: a distance, for each expected value and
 * its row-major position.
 */
export type Allowance = (expected: number, position: number) => number;

/** The exact value rounded once to the dtype, and nothing else. */
export const rounded: Allowance = () => 0;

/** At most so many units in the last place from the exact value. */
export function withinUlps(dtype: DType, ulps: number): Allowance {
  return (expected) => ulps * ulp(dtype, expected);
}

/**
 * Whether an element is the exact value rounded, or within what is allowed of it. NaN and
 * infinities have to be met; beyond the largest float32 counts as 2^128, so that a value at the
 * edge may round either way.
 */
export function isWithin(dtype: DType, actual: number, expected: number, allowed: number): boolean {
  const nearest = hold(dtype, expected);
  if (actual === nearest || Object.is(actual, nearest)) return true;
  if (!Number.isFinite(expected) || Number.isNaN(actual)) return false;
  const edge = dtype === "float32" ? 2 ** 128 : Number.POSITIVE_INFINITY;
  const value = Number.isFinite(actual) ? actual : Math.sign(actual) * edge;
  return Math.abs(value - expected) <= allowed;
}
