/** Finding the op at which a computation went wrong: the first NaN or infinity. */
import { args, isFloat, NeedleError, showShape } from "@needle/ndarray";
import type { Node } from "./graph.ts";
import { isTensor, type Operand, type Tensor } from "./tensor.ts";
import { watched } from "./watch.ts";

/** Thrown under `detectAnomaly` at the first NaN or infinity. */
export class AnomalyError extends NeedleError {}

/** What `detectAnomaly` looks at. */
export interface AnomalyOptions {
  /** Whether values are checked as they are computed, not only gradients. Default true. */
  readonly forward?: boolean;
}

/** For each op that was recorded, where it was called. Null while nobody is looking. */
let sites: WeakMap<Node, string> | null = null;
/** Inside an op: what it makes on its way is its own affair. */
let quiet = false;

/**
 * Runs `fn` and throws where the first NaN, or the first infinity, appears: in the result of an op
 * whose inputs had none, or in the gradients that the op passes on. The error names the op, its
 * inputs and where it was called. Infinities that are put in on purpose, as in masks, are let pass.
 *
 * Every value is read, so this is for looking, not for training. Ops that are called under
 * `detectAnomaly` must be differentiated under it, too.
 *
 * @throws AnomalyError; DeviceError on a backend that cannot be read without waiting; NeedleError
 *   when `fn` is asynchronous.
 *
 * @example
 * import { detectAnomaly, tensor } from "@needle/autograd";
 * const x = tensor([4, 0], { requiresGrad: true });
 * let problem = "";
 * try {
 *   detectAnomaly(() => x.sqrt().sum().backward());
 * } catch (error) {
 *   [problem] = error.message.split("\n");
 * }
 * problem; // => sqrt: the adjoint of input 0, float32 [2], has Infinity at [1]; what came in was finite
 */
export function detectAnomaly<T>(fn: () => T, options: AnomalyOptions = {}): T {
  args.check("detectAnomaly", "fn", fn, args.callback);
  const { forward = true } = args.checkOptions("detectAnomaly", options, { forward: args.flag });
  const result = (name: string, y: Tensor, inputs: readonly Operand[]): void => {
    if (y.node !== null) sites!.set(y.node, callSite());
    if (forward && !quiet) checkValue(name, y, inputs);
  };
  const before = sites;
  sites ??= new WeakMap();
  try {
    const given = watched({ result }, fn);
    if (!(given instanceof Promise)) return given;
    given.catch(() => {});
    throw new NeedleError("detectAnomaly", "the function is asynchronous", "Await outside.");
  } finally {
    sites = before;
  }
}

/** Whether gradients are to be checked now. */
export function isDetecting(): boolean {
  return sites !== null;
}

/** Runs the inside of an op, of which only the result is checked. */
export function quietly<T>(fn: () => T): T {
  const before = quiet;
  quiet = true;
  try {
    return fn();
  } finally {
    quiet = before;
  }
}

/** Throws if an adjoint is the first that is not finite. */
export function checkAdjoint(node: Node, i: number, g: Tensor, adjoint: Tensor): void {
  const fault = newFault(adjoint, [g]);
  if (fault === null) return;
  const where = sites?.get(node) ?? "outside detectAnomaly";
  throw new AnomalyError(
    node.rule.name,
    `the adjoint of input ${i}, ${kind(adjoint)}, has ${fault}; what came in was finite`,
    `The op was called ${where}\nMove its input away from where the slope is not finite.`,
  );
}

function checkValue(name: string, y: Tensor, inputs: readonly Operand[]): void {
  if (!isFloat(y.dtype)) return;
  const fault = newFault(y, inputs);
  if (fault === null) return;
  const given = inputs.map((x) => (isTensor(x) ? kind(x) : String(x))).join(" and ");
  const nan = inputs.findIndex((x) => firstAt(x, Number.isNaN) !== null);
  if (nan !== -1) {
    throw new AnomalyError(
      name,
      `input ${nan} of ${given} has NaN ${firstAt(inputs[nan]!, Number.isNaN)} already`,
      `It was not computed under detectAnomaly. Called ${callSite()}`,
    );
  }
  throw new AnomalyError(
    name,
    `the result ${kind(y)} of ${given} has ${fault}`,
    `Called ${callSite()}\nKeep its inputs where it is defined: clamp them, or add a small number.`,
  );
}

/** The first NaN that comes to light with `y`, or else infinity, which none of `from` has. */
function newFault(y: Tensor, from: readonly Operand[]): string | null {
  const nan = firstAt(y, Number.isNaN);
  if (nan !== null) return `NaN ${nan}`;
  const infinite = firstAt(y, isInfinite);
  if (infinite === null || from.some((x) => firstAt(x, isInfinite) !== null)) return null;
  const negative = firstAt(y, (value) => value === Number.POSITIVE_INFINITY) !== infinite;
  return `${negative ? "-" : ""}Infinity ${infinite}`;
}

function isInfinite(value: number): boolean {
  return !Number.isFinite(value) && !Number.isNaN(value);
}

/** Where the first number of a kind stands; null if there is none. */
function firstAt(x: Operand, matches: (value: number) => boolean): string | null {
  if (typeof x === "number") return matches(x) ? "itself" : null;
  if (!isFloat(x.dtype)) return null;
  let rest = (x.toTypedArray() as Float64Array).findIndex(matches);
  if (rest === -1) return null;
  const index = x.shape.toReversed().map((length) => {
    const i = rest % length;
    rest = (rest - i) / length;
    return i;
  });
  return `at ${showShape(index.reverse())}`;
}

function kind(x: Tensor): string {
  return `${x.dtype} ${showShape(x.shape)}`;
}

/** The frames of a call stack that are not of this package or of the one below. */
const ownFrame = /[\\/](?:autograd|ndarray)[\\/](?:src|dist)[\\/](?!.*\.test\.)/;

/** Where the op that is running was called, as the runtime writes it: the innermost four frames. */
function callSite(): string {
  const limited = Error as { stackTraceLimit?: number };
  const before = limited.stackTraceLimit;
  limited.stackTraceLimit = 50;
  const frames = (new Error("here").stack ?? "").split("\n").slice(1);
  if (before === undefined) delete limited.stackTraceLimit;
  else limited.stackTraceLimit = before;
  const outside = frames.filter((frame) => !ownFrame.test(frame));
  return outside
    .slice(0, 4)
    .map((frame) => frame.trim())
    .join("\n  ");
}
