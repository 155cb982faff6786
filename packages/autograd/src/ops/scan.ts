/** Running totals, products and extremes along an axis, recurrences, and differences. */
import * as nd from "@needle/ndarray";
import { full } from "../create.ts";
import type { Rule } from "../graph.ts";
import { checkTensors, general, linear, record } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { add, eq, exp, mul, ne, sub, where } from "./elementwise.ts";
import { gather } from "./indexing.ts";
import { concat } from "./joining.ts";
import { astype, broadcastTo, flatten, flip, slice } from "./views.ts";

/** Values and where along the axis they come from (int32). */
export interface Located {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** Indices that take a range of one axis and all of the others. */
function along(x: Tensor, axis: number, range: nd.Index): nd.Index[] {
  const chosen = nd.normalizeAxis("slice", axis, x.ndim);
  return x.shape.map((_, i) => (i === chosen ? range : ":"));
}

/** The elements moved one place on along an axis, with `first` before them. */
function shifted(x: Tensor, axis: number, first: number): Tensor {
  if (x.size === 0) return x;
  const start = slice(x, ...along(x, axis, [0, 1]));
  const lead = full(start.shape, first, { dtype: x.dtype, backend: x.backend });
  return concat([lead, slice(x, ...along(x, axis, ":-1"))], axis);
}

const cumsumAlong = linear(
  "cumsum",
  (x: nd.NDArray, axis: number) => nd.cumsum(x, axis),
  (g, _x, axis): Tensor => flip(cumsumAlong(flip(g, axis), axis), axis),
);

/**
 * The running sum along `axis`; of all elements in row-major order unless it is given.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.cumsum().backward();
 * x.grad; // => [3. 2. 1.]
 */
export function cumsum(x: Tensor, axis?: number): Tensor {
  return axis === undefined ? nd.scope(() => cumsumAlong(flatten(x), 0)) : cumsumAlong(x, axis);
}

const cumprodAlong = general("cumprod", (x: nd.NDArray, axis: number) => nd.cumprod(x, axis), {
  saves: "both",
  // Nothing is divided by, so zeros are numbers like any other: d x[i] is the product before i
  // times s[i] = g[i] + x[i + 1] s[i + 1].
  vjp: (g, y, x, axis) => mul(shifted(y, axis, 1), backwards(x, g, axis)),
  // d y[i] = x[i] d y[i - 1] + t[i] y[i - 1]
  jvp: (t, y, x, axis) => recurrence(x, mul(t, shifted(y, axis, 1)), axis),
});

/**
 * The running product along `axis`; of all elements in row-major order unless it is given. The
 * gradient is right at zeros, too.
 */
export function cumprod(x: Tensor, axis?: number): Tensor {
  return axis === undefined ? nd.scope(() => cumprodAlong(flatten(x), 0)) : cumprodAlong(x, axis);
}

/** s[i] = g[i] + a[i + 1] s[i + 1]: what `a[i] y[i - 1]` hands back, from the end to the start. */
function backwards(a: Tensor, g: Tensor, axis: number): Tensor {
  return flip(recurrence(shifted(flip(a, axis), axis, 0), flip(g, axis), axis), axis);
}

const recurrenceRule: Rule = {
  name: "recurrence",
  saves: "both",
  vjp(i, g, y, { inputs, params }) {
    const axis = params[0] as number;
    const s = backwards(inputs[0] as Tensor, g, axis);
    return i === 1 ? s : mul(s, shifted(y, axis, 0));
  },
  jvp([da, db], y, { inputs, params }) {
    const axis = params[0] as number;
    const parts = [da ? mul(da, shifted(y, axis, 0)) : null, db ?? null].filter((x) => x !== null);
    return recurrence(
      inputs[0] as Tensor,
      parts.reduce((a, b) => add(a, b)),
      axis,
    );
  },
};

/**
 * The linear recurrence `y[i] = a[i] * y[i - 1] + b[i]` along `axis`, from 0. Both broadcast.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const rewards = tensor([1, 0, 2]);
 * // Discounted sums from each step to the end.
 * tensor([0.5]).recurrence(rewards.flip()).flip(); // => [1.5 1.  2. ]
 */
export function recurrence(a: Tensor, b: Tensor, axis = -1): Tensor {
  checkTensors("recurrence", [a, b]);
  const shape = nd.broadcastShapes("recurrence", a.shape, b.shape);
  const chosen = nd.normalizeAxis("recurrence", axis, shape.length);
  const dtype = nd.toFloat(nd.promote(a.dtype, b.dtype));
  return nd.scope(() => {
    const operands = [a, b].map((x) => broadcastTo(astype(x, dtype), shape));
    const [factors, terms] = operands as [Tensor, Tensor];
    const value = nd.recurrence(factors.value, terms.value, chosen);
    return record(recurrenceRule, value, operands, [chosen]);
  });
}

const logcumsumexpAlong = general(
  "logcumsumexp",
  (x: nd.NDArray, axis: number) => nd.logcumsumexp(x, axis),
  {
    saves: "both",
    // With e^(y[i - 1] - y[i]), at most 1, for the factor, nothing overflows.
    vjp: (g, y, x, axis) => mul(ratio(x, y), backwards(ratio(before(y, axis), y), g, axis)),
    jvp: (t, y, x, axis) => recurrence(ratio(before(y, axis), y), mul(t, ratio(x, y)), axis),
  },
);

function before(y: Tensor, axis: number): Tensor {
  return shifted(y, axis, Number.NEGATIVE_INFINITY);
}

/** e^(a - b), and 0 where both are -Infinity. */
function ratio(a: Tensor, b: Tensor): Tensor {
  return exp(sub(a, where(eq(b, Number.NEGATIVE_INFINITY), 0, b)));
}

/** The running `logsumexp` along `axis`, stable for any input. */
export function logcumsumexp(x: Tensor, axis = -1): Tensor {
  return logcumsumexpAlong(x, axis);
}

/** Values picked by positions that a function of arrays finds: the gradient goes where they came from. */
export function located(
  x: Tensor,
  axis: number,
  find: (x: nd.NDArray) => { readonly indices: nd.NDArray },
): Located {
  return nd.scope(() => {
    const indices = new Tensor(find(x.value).indices);
    return { values: gather(x, axis, indices), indices };
  });
}

/**
 * The largest element so far along `axis`, and where it is: the last of equal ones, which gets the
 * slope.
 */
export function cummax(x: Tensor, axis = -1): Located {
  checkTensors("cummax", [x]);
  return located(x, axis, (values) => nd.cummax(values, axis));
}

/** The smallest element so far along `axis`, and where it is. */
export function cummin(x: Tensor, axis = -1): Located {
  checkTensors("cummin", [x]);
  return located(x, axis, (values) => nd.cummin(values, axis));
}

/**
 * The differences of neighbours along `axis`, `n` times over.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 4, 9]).diff(); // => [3. 5.]
 */
export function diff(x: Tensor, n = 1, axis = -1): Tensor {
  nd.checkTimes(n);
  return nd.scope(() => {
    let result = x;
    for (let i = 0; i < n; i++) {
      const later = slice(result, ...along(x, axis, "1:"));
      const earlier = slice(result, ...along(x, axis, ":-1"));
      result = x.dtype === "bool" ? ne(later, earlier) : sub(later, earlier);
    }
    return result;
  });
}
