/** Whether ops are recorded for differentiation. */
import { args, scope } from "@needle/ndarray";

let recording = true;

/** Whether ops on tensors that require gradients are recorded now. */
export function isRecording(): boolean {
  return recording;
}

/** Runs `fn` with recording on or off and restores what was before. */
export function withRecording<T>(on: boolean, fn: () => T): T {
  const before = recording;
  recording = on;
  try {
    return fn();
  } finally {
    recording = before;
  }
}

/**
 * Runs `fn` without recording: its results ask for no gradient. A scope, too: what it makes and
 * does not return is freed.
 *
 * @throws NeedleError when `fn` is asynchronous.
 *
 * @example
 * import { noGrad, tensor } from "@needle/autograd";
 * const x = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => x.mul(2)).requiresGrad; // => false
 */
export function noGrad<T>(fn: () => T): T {
  args.check("noGrad", "the argument", fn, args.callback);
  return scope(() => withRecording(false, fn), { label: "noGrad" });
}

/**
 * Runs `fn` with recording on, also inside `noGrad`.
 *
 * @example
 * import { enableGrad, noGrad, tensor } from "@needle/autograd";
 * const x = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => enableGrad(() => x.mul(2))).requiresGrad; // => true
 */
export function enableGrad<T>(fn: () => T): T {
  args.check("enableGrad", "the argument", fn, args.callback);
  return withRecording(true, fn);
}
