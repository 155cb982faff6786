/**
 * Softmax and its relatives, stable for any finite input: the maximum is subtracted before `exp`. A
 * backend's fused kernel is used where there is one; the composition beside it defines what it must
 * give.
 */
import { allocate } from "../create.ts";
import { toFloat } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { type Axes, normalizeAxis, reducedShape } from "../shape.ts";
import { astype, emptyLike } from "./cast.ts";
import { checkArray } from "./common.ts";
import { add, div, exp, isFinite, log, sub, where } from "./elementwise.ts";
import { keptView, max, type ReduceOptions, reducedAxes, sum } from "./reduce.ts";
import { reshape } from "./views.ts";

/**
 * `log(sum(exp(x)))` over any axes; -Infinity over no elements.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([1000, 1000]).logsumexp(); // => 1000.6932
 */
export function logsumexp(x: NDArray, axes?: Axes, options: ReduceOptions = {}): NDArray {
  const reduced = reducedAxes("logsumexp", x, axes, options);
  const dtype = toFloat(x.dtype);
  if (dtype !== x.dtype) return scope(() => logsumexp(astype(x, dtype), reduced, options));
  const kept = reducedShape(x.shape, reduced, true);
  const shape = options.keepdims ? kept : reducedShape(x.shape, reduced, false);
  const { backend } = x;
  if (backend.logsumexp === undefined)
    return scope(() => reshape(composedLogsumexp(x, reduced), shape));
  const out = allocate("logsumexp", shape, x.dtype, backend);
  backend.logsumexp(keptView("logsumexp", out, kept), x.view("logsumexp"), reduced);
  return out;
}

/**
 * Each slice along `axis` turned into probabilities: `exp(x) / sum(exp(x))`.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[0, 0], [1000, 0]]).softmax(); // => [[0.5 0.5] [1.  0. ]]
 */
export function softmax(x: NDArray, axis = -1): NDArray {
  return alongAxis("softmax", x, axis, (input, along) => {
    const powers = exp(sub(input, max(input, along, { keepdims: true })));
    return div(powers, sum(powers, along, { keepdims: true }));
  });
}

/**
 * The logarithm of `softmax`, without the loss of precision of taking it afterwards.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([0, -1000]).logSoftmax(); // => [    0. -1000.]
 */
export function logSoftmax(x: NDArray, axis = -1): NDArray {
  return alongAxis("logSoftmax", x, axis, (input, along) => {
    const shifted = sub(input, max(input, along, { keepdims: true }));
    return sub(shifted, log(sum(exp(shifted), along, { keepdims: true })));
  });
}

function alongAxis(
  op: "softmax" | "logSoftmax",
  x: NDArray,
  axis: number,
  compose: (x: NDArray, axis: number) => NDArray,
): NDArray {
  checkArray(op, x);
  const along = normalizeAxis(op, axis, x.ndim);
  const kernel = x.backend[op];
  return scope(() => {
    const input = astype(x, toFloat(x.dtype));
    if (x.size === 0) return emptyLike(input);
    if (kernel === undefined) return compose(input, along);
    const out = emptyLike(input);
    kernel.call(x.backend, out.view(op), input.view(op), along);
    return out;
  });
}

function composedLogsumexp(x: NDArray, axes: readonly number[]): NDArray {
  const keep = { keepdims: true };
  if (axes.some((axis) => x.shape[axis] === 0)) return log(sum(x, axes, keep));
  const largest = max(x, axes, keep);
  // An infinite maximum would turn into NaN by inf - inf; such rows need no shift.
  const shift = where(isFinite(largest), largest, 0);
  return add(log(sum(exp(sub(x, shift)), axes, keep)), shift);
}
