/** Running totals, products and extremes along an axis, recurrences, and differences. */
import type { ScanOp } from "../backend.ts";
import { promote, toFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, normalizeAxis } from "../shape.ts";
import { checkTimes } from "../shape-order.ts";
import type { Index } from "../slice.ts";
import { astype, emptyLike } from "./cast.ts";
import { checkArray, sameBackend } from "./common.ts";
import { ne, sub } from "./elementwise.ts";
import { gather } from "./indexing.ts";
import { accumulator } from "./reduce.ts";
import { broadcastTo, flatten, slice } from "./views.ts";

/** Values and where along the axis they come from (int32). */
export interface Located {
  readonly values: NDArray;
  readonly indices: NDArray;
}

function scanned(name: string, op: ScanOp, x: NDArray, along: number): NDArray {
  const out = emptyLike(x, x.shape, op === "argmax" || op === "argmin" ? "int32" : x.dtype);
  x.backend.scan(op, out.view(name), x.view(name), along);
  return out;
}

/** Running sums and products; small integers are converted first. */
function accumulated(name: string, op: "sum" | "prod", x: NDArray, axis?: number): NDArray {
  checkArray(name, x);
  const along = axis === undefined ? 0 : normalizeAxis(name, axis, x.ndim);
  return scope(() => {
    const numbers = astype(x, accumulator(x.dtype));
    return scanned(name, op, axis === undefined ? flatten(numbers) : numbers, along);
  });
}

/**
 * The running sum along `axis`; of all elements in row-major order unless it is given (as NumPy).
 * bool and uint8 are added as int32.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 2], [3, 4]]).cumsum(0); // => [[1. 2.] [4. 6.]]
 * array([[1, 2], [3, 4]]).cumsum(); // => [ 1.  3.  6. 10.]
 */
export function cumsum(x: NDArray, axis?: number): NDArray {
  return accumulated("cumsum", "sum", x, axis);
}

/**
 * The running product along `axis`; of all elements in row-major order unless it is given.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 2, 3, 4]).cumprod(); // => [ 1.  2.  6. 24.]
 */
export function cumprod(x: NDArray, axis?: number): NDArray {
  return accumulated("cumprod", "prod", x, axis);
}

/**
 * The running `logsumexp` along `axis`, stable for any input.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1000, 1000, -1000]).logcumsumexp(); // => [1000.     1000.6932 1000.6932]
 */
export function logcumsumexp(x: NDArray, axis = -1): NDArray {
  checkArray("logcumsumexp", x);
  const along = normalizeAxis("logcumsumexp", axis, x.ndim);
  return scope(() => scanned("logcumsumexp", "logsumexp", astype(x, toFloat(x.dtype)), along));
}

function runningExtreme(name: string, op: "argmax" | "argmin", x: NDArray, axis: number): Located {
  checkArray(name, x);
  const along = normalizeAxis(name, axis, x.ndim);
  const indices = scanned(name, op, x, along);
  return { values: gather(x, along, indices), indices };
}

/**
 * The largest element so far along `axis`, and where it is (the last of equal ones, as in PyTorch).
 * From the first NaN on, NaN.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * const { values, indices } = array([3, 1, 4, 4]).cummax();
 * values; // => [3. 3. 4. 4.]
 * indices; // => [0 0 2 3]
 */
export function cummax(x: NDArray, axis = -1): Located {
  return runningExtreme("cummax", "argmax", x, axis);
}

/** The smallest element so far along `axis`, and where it is. */
export function cummin(x: NDArray, axis = -1): Located {
  return runningExtreme("cummin", "argmin", x, axis);
}

/**
 * The linear recurrence `y[i] = a[i] * y[i - 1] + b[i]` along `axis`, from 0: discounted sums,
 * moving averages, filters. Both broadcast.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0.5, 0.5, 0.5]).recurrence(array([1, 1, 1])); // => [1.   1.5  1.75]
 */
export function recurrence(a: NDArray, b: NDArray, axis = -1): NDArray {
  for (const operand of [a, b]) checkArray("recurrence", operand);
  const backend = sameBackend("recurrence", a, b);
  const shape = broadcastShapes("recurrence", a.shape, b.shape);
  const along = normalizeAxis("recurrence", axis, shape.length);
  return scope(() => {
    const dtype = toFloat(promote(a.dtype, b.dtype));
    const [factors, terms] = [a, b].map((x) => broadcastTo(astype(x, dtype), shape));
    const out = emptyLike(terms!);
    backend.recurrence(
      out.view("recurrence"),
      factors!.view("recurrence"),
      terms!.view("recurrence"),
      along,
    );
    return out;
  });
}

/**
 * The differences of neighbours along `axis`, `n` times over; of bools, where they change.
 *
 * @throws ArgumentError unless `n` is a whole number of at least 0.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1, 4, 9, 16]).diff(); // => [3. 5. 7.]
 * array([1, 4, 9, 16]).diff(2); // => [2. 2.]
 */
export function diff(x: NDArray, n = 1, axis = -1): NDArray {
  checkArray("diff", x);
  const along = normalizeAxis("diff", axis, x.ndim);
  checkTimes(n);
  return scope(() => {
    const part = (range: Index): Index[] => x.shape.map((_, i) => (i === along ? range : ":"));
    let result = x;
    for (let i = 0; i < n; i++) {
      const [later, earlier] = [slice(result, ...part("1:")), slice(result, ...part(":-1"))];
      result = x.dtype === "bool" ? ne(later, earlier) : sub(later, earlier);
    }
    return result;
  });
}
