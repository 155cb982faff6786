/** Ops about which values there are and how often: sets, sorted tables, counts. */
import { checkOptions, type Kinds, oneOf, whole } from "../args.ts";
import { fromTypedArray, full, onesLike, zeros } from "../create.ts";
import { promote, type TypedArray, type TypedArrays } from "../dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { checkShape, sameShape, sizeOf } from "../shape.ts";
import { checkCount } from "../shape-windows.ts";
import { astype } from "./cast.ts";
import { arrayKind, checkArray, sameBackend } from "./common.ts";
import {
  add,
  isNaN,
  le,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  minimum,
  where,
} from "./elementwise.ts";
import { asIndex, gather, scatterAdd } from "./indexing.ts";
import { decisiveValues } from "./masks.ts";
import { flatten, reshape } from "./views.ts";

/** What `unique` finds. */
export interface Unique {
  /** The distinct elements in increasing order, NaN last and once. */
  readonly values: NDArray;
  /** Where each stands first in the flattened array, int32. */
  readonly index: NDArray;
  /** For each element of the array its position in `values`, int32 in the array's shape. */
  readonly inverse: NDArray;
  /** How often each occurs, int32. */
  readonly counts: NDArray;
}

/** The order of sorting: NaN after everything else. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b || 0;
}

/** Infinities of one sign have no difference, but are equal. */
function isSame(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/**
 * The distinct elements in increasing order, where each stands first, which of them every element
 * is, and how often each occurs (NumPy's unique_all).
 *
 * @throws DeviceError where the backend cannot read without waiting.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const { values, counts, inverse } = array([3, 1, 3]).unique();
 * values; // => [1. 3.]
 * counts; // => [1 2]
 * inverse; // => [1 0 1]
 */
export function unique(x: NDArray): Unique {
  const data = decisiveValues("unique", x);
  const order = Int32Array.from(data, (_, i) => i);
  order.sort((i, j) => (data[i] === data[j] ? i - j : compare(data[i]!, data[j]!) || i - j));
  const inverse = new Int32Array(data.length);
  const first: number[] = [];
  const counts: number[] = [];
  for (const i of order) {
    const previous = first.at(-1);
    if (previous === undefined || !isSame(data[previous]!, data[i]!)) {
      first.push(i);
      counts.push(0);
    }
    counts[counts.length - 1]! += 1;
    inverse[i] = first.length - 1;
  }
  const ints = (list: readonly number[]): NDArray => vector(x, Int32Array.from(list), "int32");
  const values = data.slice(0, first.length);
  first.forEach((position, i) => {
    values[i] = data[position]!;
  });
  return {
    values: vector(x, values, x.dtype),
    index: ints(first),
    inverse: fromTypedArray(inverse, x.shape, { backend: x.backend }),
    counts: ints(counts),
  };
}

function vector(x: NDArray, data: TypedArray, dtype: NDArray["dtype"]): NDArray {
  return fromTypedArray(data as TypedArrays[typeof dtype], [data.length], {
    dtype,
    backend: x.backend,
  });
}

/** How `searchsorted` treats values that are in the table. */
export interface SearchOptions {
  /** `left`, the default, finds the place before equal elements, `right` the one after them. */
  readonly side?: "left" | "right";
}

const searchOptions: Kinds<SearchOptions> = { side: oneOf("left", "right") };

/**
 * Where values belong in a sorted table, so that it stays sorted: int32 positions from 0 to the
 * table's length, in the shape of `values`. A table of several axes is searched row by row, with a
 * row of values for each (PyTorch). NaN belongs at the end.
 *
 * @param table - increasing along its last axis, which is not checked.
 * @throws ShapeError when the leading axes of table and values differ.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const table = array([1, 3, 3, 5]);
 * table.searchsorted(array([3, 6])); // => [1 4]
 * table.searchsorted(3, { side: "right" }); // => 3
 */
export function searchsorted(
  table: NDArray,
  values: NDArray | number,
  options: SearchOptions = {},
): NDArray {
  checkArray("searchsorted", table);
  const backend = sameBackend("searchsorted", table, values);
  const { side = "left" } = checkOptions("searchsorted", options, searchOptions);
  if (table.ndim === 0)
    throw new ShapeError("searchsorted", "the table needs at least one axis, got []");
  const shape = typeof values === "number" ? [] : values.shape;
  const rows = table.shape.slice(0, -1);
  if (table.ndim > 1 && !(shape.length === table.ndim && sameShape(rows, shape.slice(0, -1)))) {
    throw new ShapeError(
      "searchsorted",
      `a table ${showShape(table.shape)} needs values [${[...rows, "n"].join(",")}], got ${showShape(shape)}`,
    );
  }
  return scope(() => {
    const given =
      typeof values === "number" ? full([], values, { dtype: "float64", backend }) : values;
    const dtype = promote(table.dtype, given.dtype);
    const wanted = astype(table.ndim === 1 ? flatten(given) : given, dtype);
    return reshape(search(astype(table, dtype), wanted, side), shape);
  });
}

/**
 * For all values at once: the position grows by powers of two, largest first, as long as the
 * elements before it are smaller.
 */
function search(table: NDArray, values: NDArray, side: "left" | "right"): NDArray {
  const length = table.shape.at(-1)!;
  const { backend } = table;
  let position: NDArray = zeros(values.shape, { dtype: "int32", backend });
  if (length === 0) return position;
  for (let step = 2 ** Math.floor(Math.log2(length)); step >= 1; step /= 2) {
    const next = add(position, step);
    const element = gather(table, table.ndim - 1, minimum(add(next, -1), length - 1));
    const isBefore =
      side === "left"
        ? logicalOr(lt(element, values), logicalAnd(isNaN(values), logicalNot(isNaN(element))))
        : logicalOr(le(element, values), isNaN(values));
    position = where(logicalAnd(le(next, length), isBefore), next, position);
  }
  return position;
}

/** What `bincount` counts. */
export interface BincountOptions {
  /** Added instead of 1 for each element; in the array's shape. */
  readonly weights?: NDArray;
  /** The least length of the result. Default 0. */
  readonly minlength?: number;
}

const bincountOptions: Kinds<BincountOptions> = { weights: arrayKind, minlength: whole(0) };

/**
 * Checks the arguments of `bincount` and reads the length of its result.
 *
 * @example
 * import { array, bincountLength } from "@needle/ndarray";
 * bincountLength(array([1, 3], { dtype: "int32" }), null, 0); // => 4
 */
export function bincountLength(
  x: NDArray,
  weights: readonly number[] | null,
  minlength: number,
): number {
  checkArray("bincount", x);
  if (weights !== null) checkShape("bincount", weights);
  checkCount("bincount", "minlength", minlength, 0);
  if (x.ndim !== 1) throw new ShapeError("bincount", `needs a vector, got ${showShape(x.shape)}`);
  if (x.dtype !== "int32" && x.dtype !== "uint8") {
    throw new DTypeError(
      "bincount",
      `counts integers, got ${x.dtype}`,
      'Convert with astype("int32") first.',
    );
  }
  if (weights !== null && !sameShape(weights, x.shape)) {
    throw new ShapeError(
      "bincount",
      `weights ${showShape(weights)} for ${sizeOf(x.shape)} elements`,
    );
  }
  let length = minlength;
  for (const value of decisiveValues("bincount", x)) {
    if (value < 0) throw new ArgumentError("bincount", `elements must be at least 0, got ${value}`);
    length = Math.max(length, value + 1);
  }
  return length;
}

/**
 * How often each whole number from 0 to the largest occurs in a vector, int32, or the sum of its
 * weights, in their dtype.
 *
 * @throws ArgumentError for negative elements, DeviceError where the backend cannot read without
 *   waiting.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const x = array([1, 3, 1], { dtype: "int32" });
 * x.bincount(); // => [0 2 0 1]
 * x.bincount({ weights: array([0.5, 1, 2]) }); // => [0.  2.5 0.  1. ]
 */
export function bincount(x: NDArray, options: BincountOptions = {}): NDArray {
  checkArray("bincount", x);
  const { weights, minlength = 0 } = checkOptions("bincount", options, bincountOptions);
  const backend = sameBackend("bincount", x, ...(weights === undefined ? [] : [weights]));
  const length = bincountLength(x, weights?.shape ?? null, minlength);
  return scope(() => {
    const index = asIndex("bincount", x);
    const added = weights ?? onesLike(index);
    const out = zeros([length], { dtype: added.dtype, backend });
    return scatterAdd(out, 0, index, added);
  });
}
