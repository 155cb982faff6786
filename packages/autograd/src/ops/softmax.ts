/** Softmax and its logarithm along one axis, stable for any finite input. */
import * as nd from "@needle/ndarray";
import { general } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { exp, mul, sub } from "./elementwise.ts";
import { sum } from "./reduce.ts";

const keep = { keepdims: true };

/** y (v - sum(v y)): the Jacobian of softmax is symmetric, so adjoints and tangents pass alike. */
function throughSoftmax(v: Tensor, y: Tensor, axis = -1): Tensor {
  return mul(y, sub(v, sum(mul(v, y), axis, keep)));
}

/**
 * Each slice along `axis` turned into probabilities: `exp(x) / sum(exp(x))`.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([[0, 0], [1e4, -1e4]]).softmax(); // => [[0.5 0.5]
 *    //     [1.  0. ]]
 */
export const softmax: (x: Tensor, axis?: number) => Tensor = general("softmax", nd.softmax, {
  saves: "output",
  vjp: (g, y, _x, axis) => throughSoftmax(g, y, axis),
  jvp: (t, y, _x, axis) => throughSoftmax(t, y, axis),
});

/** The logarithm of `softmax`, without the loss of precision of taking it afterwards. */
export const logSoftmax: (x: Tensor, axis?: number) => Tensor = general(
  "logSoftmax",
  nd.logSoftmax,
  {
    saves: "output",
    vjp: (g, y, _x, axis = -1) => sub(g, mul(exp(y), sum(g, axis, keep))),
    jvp: (t, y, _x, axis = -1) => sub(t, sum(mul(exp(y), t), axis, keep)),
  },
);
