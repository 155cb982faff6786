/**
 * Reductions over any axes: `axes` is one, several or (left out or null) all; reduced axes stay
 * with size 1 under `keepdims`.
 */
import * as nd from "@needle/ndarray";
import { constant, general, linear } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { div, eq, exp, mul, sub, where } from "./elementwise.ts";
import { astype, broadcastTo, reshape } from "./views.ts";

/** A reduction over some axes. */
export type Reduction = (x: Tensor, axes?: nd.Axes, options?: nd.ReduceOptions) => Tensor;

/** A reduced value (or its adjoint) stretched back over the axes that were reduced. */
export function restore(reduced: Tensor, shape: nd.Shape, axes?: nd.Axes): Tensor {
  const kept = nd.reducedShape(shape, nd.normalizeAxes("restore", axes, shape.length), true);
  return broadcastTo(reshape(reduced, kept), shape);
}

/**
 * A reduction by its slopes, of the shape of `x`: `d y / d x` for each element of `x` and the `y`
 * it is reduced into.
 */
export function bySlopes<Options extends nd.ReduceOptions>(
  name: string,
  forward: (x: nd.NDArray, axes?: nd.Axes, options?: Options) => nd.NDArray,
  slopes: (y: Tensor, x: Tensor, axes?: nd.Axes, options?: Options) => Tensor,
): (x: Tensor, axes?: nd.Axes, options?: Options) => Tensor {
  return general<[axes?: nd.Axes, options?: Options]>(name, forward, {
    saves: "both",
    vjp: (g, y, x, axes, options) => mul(restore(g, x.shape, axes), slopes(y, x, axes, options)),
    jvp: (t, y, x, axes, options) =>
      sum(mul(t, slopes(y, x, axes, options)), axes, { keepdims: options?.keepdims ?? false }),
  });
}

/**
 * The sum; 0 over no elements.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.sum(); // => 21.0
 * x.sum(1, { keepdims: true }); // => [[ 6.]
 *    //     [15.]]
 */
export const sum: Reduction = linear("sum", nd.sum, (g, x, axes) => restore(g, x.shape, axes));

/** The arithmetic mean; NaN over no elements. */
export const mean: Reduction = linear("mean", nd.mean, (g, x, axes) =>
  restore(div(g, x.size / Math.max(1, g.size)), x.shape, axes),
);

/**
 * The largest element; equal largest ones share the slope evenly. Throws ArgumentError over no
 * elements.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([3, 1, 3], { requiresGrad: true });
 * x.max().backward();
 * x.grad; // => [0.5 0.  0.5]
 */
export const max: Reduction = extreme("max", nd.max);

/**
 * The smallest element; equal smallest ones share the slope evenly. Throws ArgumentError over no
 * elements.
 */
export const min: Reduction = extreme("min", nd.min);

function extreme(name: string, forward: nd.Reduction): Reduction {
  /** 1 / (number of ties) at the extreme elements, 0 elsewhere. */
  return bySlopes(name, forward, (y, x, axes) => {
    const ties = astype(eq(x, restore(y, x.shape, axes)), x.dtype);
    return div(ties, sum(ties, axes ?? null, { keepdims: true }));
  });
}

/**
 * `log(sum(exp(x)))`, stable for any input; -Infinity over no elements.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1000, 1000]).logsumexp(); // => 1000.6932
 */
export const logsumexp: Reduction = bySlopes(
  "logsumexp",
  nd.logsumexp,
  // d y / d x = softmax(x) = exp(x - y)
  shareOf,
);

/** exp(x - y); 0 where all x are -Infinity, which would make the difference NaN. */
function shareOf(y: Tensor, x: Tensor, axes?: nd.Axes): Tensor {
  const total = restore(y, x.shape, axes);
  return exp(sub(x, where(eq(total, Number.NEGATIVE_INFINITY), 0, total)));
}

/** The int32 position of the first largest element, counted row-major over the reduced axes. */
export const argmax: Reduction = constant(nd.argmax);
/** The int32 position of the first smallest element, counted row-major over the reduced axes. */
export const argmin: Reduction = constant(nd.argmin);
/** Whether any element is non-zero, as bool. */
export const any: Reduction = constant(nd.any);
/** Whether all elements are non-zero, as bool. */
export const all: Reduction = constant(nd.all);
