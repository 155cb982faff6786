/** Calling the hooks of a tensor with its gradient. */
import { ShapeError, scope, showShape } from "@needle/ndarray";
import type { GradientHooks } from "./hooks.ts";
import { isTensor, type Tensor } from "./tensor.ts";

/** The gradient as the tensor's hooks leave it, each getting what the one before gave. */
export function runHooks(tensor: Tensor, hooks: GradientHooks, gradient: Tensor): Tensor {
  let current = gradient;
  for (const hook of [...hooks.before.values()]) {
    const given = scope(() => hook(current), { label: "registerHook" });
    if (!isTensor(given)) continue;
    if (showShape(given.shape) !== showShape(tensor.shape)) {
      throw new ShapeError(
        "registerHook",
        `a hook gives ${showShape(given.shape)} for a gradient ${showShape(tensor.shape)}`,
      );
    }
    current = given.astype(tensor.dtype);
  }
  return current;
}
