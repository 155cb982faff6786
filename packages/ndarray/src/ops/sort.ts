/** Sorting, and picking the largest. NaN counts as larger than any number, as in NumPy and PyTorch. */
import { checkOptions, flag, type Kinds } from "../args.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { normalizeAxis } from "../shape.ts";
import { checkTopk } from "../shape-order.ts";
import type { Index } from "../slice.ts";
import { copy, emptyLike } from "./cast.ts";
import { checkArray } from "./common.ts";
import { gather } from "./indexing.ts";
import type { Located } from "./scan.ts";
import { slice } from "./views.ts";

/** The order in which to sort. */
export interface SortOptions {
  /** The largest first (and NaN before them). Default false. */
  readonly descending?: boolean;
}

const sortOptions: Kinds<SortOptions> = { descending: flag };

/**
 * The int32 positions that put `x` in order along `axis`. Equal elements keep their order, also
 * when descending; NaN comes last (first when descending, as in PyTorch).
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([3, 1, 2, 1]).argsort(); // => [1 3 2 0]
 * array([3, 1, 2, 1]).argsort(0, { descending: true }); // => [0 2 1 3]
 */
export function argsort(x: NDArray, axis = -1, options: SortOptions = {}): NDArray {
  checkArray("argsort", x);
  checkOptions("argsort", options, sortOptions);
  const along = normalizeAxis("argsort", axis, x.ndim);
  const out = emptyLike(x, x.shape, "int32");
  x.backend.argsort(out.view("argsort"), x.view("argsort"), along, options.descending ?? false);
  return out;
}

/**
 * The elements in order along `axis`, NaN last (first when descending).
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[3, 1, 2], [0, 9, 4]]).sort(); // => [[1. 2. 3.] [0. 4. 9.]]
 */
export function sort(x: NDArray, axis = -1, options: SortOptions = {}): NDArray {
  checkArray("sort", x);
  checkOptions("sort", options, sortOptions);
  const along = normalizeAxis("sort", axis, x.ndim);
  return scope(() => gather(x, along, argsort(x, along, options)));
}

/** Which elements `topk` picks. */
export interface TopkOptions {
  /** The largest (default), else the smallest. */
  readonly largest?: boolean;
}

const topkOptions: Kinds<TopkOptions> = { largest: flag };

/**
 * The `k` largest elements along `axis`, the largest first, and where they are (int32).
 *
 * @throws ArgumentError unless there are `k` elements along the axis.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const { values, indices } = array([3, 1, 4, 1, 5]).topk(2);
 * values; // => [5. 4.]
 * indices; // => [4 2]
 */
export function topk(x: NDArray, k: number, axis = -1, options: TopkOptions = {}): Located {
  checkArray("topk", x);
  checkOptions("topk", options, topkOptions);
  const along = normalizeAxis("topk", axis, x.ndim);
  checkTopk(k, x.shape, along);
  return scope(() => {
    const order = argsort(x, along, { descending: options.largest ?? true });
    const indices = copy(
      slice(order, ...x.shape.map((_, i): Index => (i === along ? [0, k] : ":"))),
    );
    return { values: gather(x, along, indices), indices };
  });
}
