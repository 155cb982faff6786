/**
 * How far a call of an op may be from the reference on the same inputs. Most ops are exact: views,
 * whole numbers, and whatever IEEE 754 rounds correctly. For the others the bound follows from how
 * they may be computed: n terms added in any order are off by at most n roundings of the sum of
 * their sizes.
 */
import type { NDArray, TypedArray } from "@needle/ndarray";
import {
  abs,
  all,
  isFinite as areFinite,
  astype,
  isFloat,
  LinAlgError,
  matmul,
  max,
  maximum,
  mul,
  prod,
  scatterAdd,
  sum,
  where,
} from "@needle/ndarray";
import { type OpName, opCalls } from "@needle/ndarray/testing";
import type { Call } from "./program.ts";

/** What may differ at each element; null where nothing may. */
export type Bound = Float64Array | null;

/** The arguments of a call on the reference backend. */
type Arguments = readonly unknown[];

interface Rounding {
  /** Half a unit in the last place of 1. */
  readonly unit: number;
  /** The smallest normal number. */
  readonly tiny: number;
}

const roundings: Readonly<Record<string, Rounding>> = {
  float32: { unit: 2 ** -24, tiny: 2 ** -126 },
  float64: { unit: 2 ** -53, tiny: 2 ** -1022 },
};

/** Sizes in double precision; what is not finite has none. */
function sizes(x: unknown): NDArray {
  const values = astype(x as NDArray, "float64");
  return where(areFinite(values), abs(values), 0);
}

/** Elements of the input that go into each of the output. */
function terms(x: NDArray, out: NDArray): number {
  return out.size === 0 ? 0 : x.size / out.size;
}

/** The sum of the sizes of what is added up, and how many those are. */
const sums: Partial<Record<OpName, (args: Arguments, out: NDArray) => [NDArray, number]>> = {
  sum: ([x, axes, options], out) => [
    sum(sizes(x), axes as number, options as object),
    terms(x as NDArray, out),
  ],
  mean: ([x, axes, options], out) => {
    const n = terms(x as NDArray, out);
    // The division rounds once more; whole numbers are rounded before.
    return [mul(sum(sizes(x), axes as number, options as object), 1 / Math.max(1, n)), n + 2];
  },
  matmul: ([a, b]) => [matmul(sizes(a), sizes(b)), (a as NDArray).shape.at(-1)! + 2],
  scatterAdd: ([x, axis, index, source]) => {
    const total = scatterAdd(sizes(x), axis as number, index as NDArray, sizes(source));
    return [total, (index as NDArray).shape.at(axis as number)! + 1];
  },
};

/** Ops whose result IEEE 754 prescribes, or that have no rounding. */
const exact: ReadonlySet<string> = new Set<OpName>([
  ...(["neg", "abs", "sign", "square", "relu", "floor", "ceil", "round", "trunc"] as const),
  ...(["sqrt", "reciprocal", "add", "sub", "mul", "div", "maximum", "minimum"] as const),
  ...(["where", "clamp", "assign", "astype", "compact", "copy", "fill", "to"] as const),
  ...(["gather", "take", "oneHot", "concat", "stack", "unslice", "max", "min"] as const),
  ...(["broadcastTo", "flatten", "flip", "permute", "reshape", "slice"] as const),
  ...(["squeeze", "transpose", "unsqueeze"] as const),
]);

/** Of a call without bound below: two units in the last place and a half, as in conformance. */
const ulps = 2.5;

/**
 * The bound of a call.
 *
 * @param args - on the reference backend, as they are before the call.
 * @param out - what the reference gives.
 */
export function boundOf({ op, listed }: Call, args: Arguments, out: NDArray): Bound {
  if (!isFloat(out.dtype) || exact.has(op) || (args[0] as NDArray).size === 0) return null;
  const { unit, tiny } = roundings[out.dtype]!;
  const values = out.toTypedArray();
  const each = (rule: (y: number, i: number) => number): Float64Array =>
    Float64Array.from(values, (y, i) => tiny + unit * rule(Math.abs(y), i));
  if (listed !== undefined) return each(roundingsOfListed(op, listed, args as NDArray[]));
  const x = args[0] as NDArray;
  const added = sums[op];
  if (added !== undefined) {
    const [total, n] = added(args, out);
    const data = total.toTypedArray();
    return each((_, i) => (n + 1) * data[i]!);
  }
  if (op === "prod") {
    const n = terms(x, out);
    const reached = prod(maximum(sizes(x), 1), args[1] as number, args[2] as object).toTypedArray();
    const sunk = prod(lowered(x), args[1] as number, args[2] as object).toTypedArray();
    return each((y, i) => (reached[i]! > 1e37 || sunk[i]! < 1e-37 ? Infinity : (n + 2) * y));
  }
  if (op === "logsumexp") {
    const largest = max(sizes(x), args[1] as number, args[2] as object).toTypedArray();
    const n = terms(x, out);
    return each((y, i) => n + 8 + 8 * (y + largest[i]!));
  }
  const along = (): number => x.shape.at((args[1] as number | undefined) ?? -1) ?? 1;
  // e to a number of up to 104 is off by that many roundings of the number.
  if (op === "softmax") return each((y) => (along() + 220) * y);
  if (op === "logSoftmax") return each((y) => along() + 8 + 8 * y);
  return each((y) => 2 * ulps * y);
}

/**
 * What is known of its arguments is hidden in the call, but on their sizes it gives the size of what
 * it adds up.
 */
function roundingsOfListed(
  op: OpName,
  listed: number,
  args: readonly NDArray[],
): (y: number, i: number) => number {
  const floats = args.filter((x) => isFloat(x.dtype));
  // Padding counts as zeros or not at all, and fast algorithms mix neighbours.
  const isMixed = op.startsWith("conv") && !floats.every((x) => all(areFinite(x)).item() === 1);
  // A kernel may square in double precision what is infinite in single.
  const isSquared =
    op.startsWith("normalize") && floats.some((x) => max(sizes(x)).item() > 2 ** 63);
  const isUnknown = isMixed || isSquared;
  const inSizes = args.map((x) => (isFloat(x.dtype) ? sizes(x) : x));
  const total = totalsOf(() => opCalls[op][listed]!.run(...inSizes));
  return (y, i) => (isUnknown ? Number.POSITIVE_INFINITY : 64 * (y + Math.abs(total[i] ?? 0) + 1));
}

/** Nothing where the sizes make a singular matrix of one that is not. */
function totalsOf(run: () => NDArray): ArrayLike<number> {
  try {
    return run().toTypedArray();
  } catch (error) {
    if (error instanceof LinAlgError) return [];
    throw error;
  }
}

/** Sizes of at most 1. */
function lowered(x: NDArray): NDArray {
  const size = sizes(x);
  return where(areFinite(astype(x, "float64")), where(size.lt(1), size, 1), 1);
}

/** The outcome of comparing two elements. */
export type Outcome = "equal" | "close" | "unknown" | "different";

const largest: Readonly<Record<string, number>> = {
  float32: 2 ** 128 * (1 - 2 ** -24),
  float64: Number.MAX_VALUE,
};

/** Compares element `i`. Where sums may overflow on the way, depending on the order, nothing is known. */
export function compare(actual: TypedArray, wanted: TypedArray, bound: Bound, i: number): Outcome {
  const [a, w] = [actual[i]!, wanted[i]!];
  if (a === w || (Number.isNaN(a) && Number.isNaN(w))) return "equal";
  if (bound === null) return "different";
  const most = actual instanceof Float32Array ? largest.float32! : largest.float64!;
  const allowed = bound[i]!;
  if (!(allowed < most * 2 ** -30)) return "unknown";
  // At the edge of overflow one of two close numbers is infinite.
  const edge = (v: number): number => (Math.abs(v) === Infinity ? Math.sign(v) * most : v);
  return Math.abs(edge(a) - edge(w)) <= allowed ? "close" : "different";
}
