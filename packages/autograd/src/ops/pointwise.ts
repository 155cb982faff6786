/** Elementwise ops of one tensor with parameters that are constants. */
import type { NDArray } from "@needle/ndarray";
import type { Saves } from "../graph.ts";
import { general } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/**
 * An op on each element of one tensor; what comes after it are constants.
 *
 * @param partial - `g` times the derivative. It is its own transpose, so it serves both modes.
 */
export function pointwise<Params extends readonly unknown[]>(
  name: string,
  forward: (x: NDArray, ...params: Params) => NDArray,
  partial: (g: Tensor, y: Tensor, x: Tensor, ...params: Params) => Tensor,
  saves: Saves = "inputs",
): (x: Tensor, ...params: Params) => Tensor {
  return general<Params>(name, forward, { saves, vjp: partial, jvp: partial });
}
