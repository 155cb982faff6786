/** Functions that are called with gradients, while they are computed or when they are stored. */
import { ArgumentError, args, showShape } from "@needle/ndarray";
import type { Tensor } from "./tensor.ts";

/** Is called with a gradient. A tensor that it returns takes the gradient's place. */
export type GradientHook = (gradient: Tensor) => unknown;

/** Is called with a leaf whose `.grad` was just added to. */
export type LeafHook = (leaf: Tensor) => unknown;

/** What is to happen with the gradients of one tensor. */
export class GradientHooks {
  readonly before: Map<object, GradientHook> = new Map();
  readonly after: Map<object, LeafHook> = new Map();
  /** Whether `backward` stores the gradient of a tensor that is not a leaf. */
  retain = false;
}

/** Adds a function to a list; the result takes it out again. */
export function addHook<Hook>(hooks: Map<object, Hook>, hook: Hook): () => void {
  const key = {};
  hooks.set(key, hook);
  return () => {
    hooks.delete(key);
  };
}

/** Throws unless gradients reach the tensor. */
export function checkGraph(op: string, tensor: Tensor): void {
  if (tensor.requiresGrad) return;
  throw new ArgumentError(
    op,
    `the tensor ${showShape(tensor.shape)} does not require a gradient`,
    "Make it with { requiresGrad: true }, or outside noGrad.",
  );
}

/** Throws unless `hook` can be called with gradients of the tensor. */
export function checkHookable(op: string, tensor: Tensor, hook: unknown): void {
  checkGraph(op, tensor);
  args.check(op, "hook", hook, args.callback);
}
