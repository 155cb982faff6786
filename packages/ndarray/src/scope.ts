/**
 * Scopes: every array made while a function runs is noted, and when the function ends, those it
 * neither returned nor left in a surviving object lose their handle. Modules, losses, `noGrad`,
 * optimizer steps and backward rules all run in one, which is why a plain training loop needs no
 * memory call.
 */
import { callback, check, checkOptions, type Kinds, text } from "./args.ts";
import { NeedleError } from "./errors.ts";
import { relieve } from "./pressure.ts";

/** What a scope needs to know of an array. */
export interface Scoped {
  /** True after `keep()` and for arrays owned by a long-lived object: no scope ends them. */
  readonly unscoped: boolean;
  /** Gives up the user's handle in the name of `by`. */
  drop(by: string): void;
  /** Leaves the array to the garbage collector from now on. */
  watch(): void;
}

/**
 * Objects that hold arrays in places a walk over their fields does not see implement this method.
 */
export const heldArrays: unique symbol = Symbol.for("needle.heldArrays");

interface Holder {
  [heldArrays](): Iterable<Scoped>;
}

/** Set on the prototype of arrays, so that a walk recognizes them across copies of this package. */
export const scopedMark: unique symbol = Symbol.for("needle.scoped");

/** How `scope` runs a function. */
export interface ScopeOptions {
  /** Names the scope in use-after-free errors. Default "scope". */
  readonly label?: string;
  /** Called at the end; arrays found in what it returns live on as well. */
  readonly survivors?: () => unknown;
}

const scopeOptions: Kinds<ScopeOptions> = { label: text, survivors: callback };

/** Whether that is a label alone, which rules pass by the hundred. */
function isLabel(options: ScopeOptions): boolean {
  for (const name in options) if (name !== "label") return false;
  return typeof options?.label === "string";
}

/** The options of ops, which open scopes by the thousand. */
const none: ScopeOptions = {};

let current: Scoped[] | null = null;

/** Notes a new array in the scope that is open; false when there is none. */
export function track(array: Scoped): boolean {
  if (current === null) return false;
  current.push(array);
  return true;
}

/**
 * Runs `fn`, then frees every array made inside that `fn` did not return (directly or inside
 * arrays, maps, sets and objects).
 *
 * Scopes are never needed for right results; they return memory early in loops written by hand.
 *
 * @throws NeedleError when `fn` is asynchronous: its arrays would be freed before it has ended.
 *
 * @example
 * import { memory, ones, scope } from "@needle/ndarray";
 * const before = memory().buffers;
 * const total = scope(() => ones([3]).add(1).mul(2).sum());
 * total.item(); // => 12
 * memory().buffers - before; // => 1
 */
export function scope<T>(fn: () => T, options: ScopeOptions = none): T {
  if (options !== none && !isLabel(options)) checkOptions("scope", options, scopeOptions);
  const label = options.label ?? "scope";
  check(label, "the argument", fn, callback);
  const outer = current;
  if (outer === null) relieve();
  const inside: Scoped[] = [];
  const escaped = new Set<Scoped>();
  current = inside;
  try {
    const result = fn();
    if (result instanceof Promise) {
      // Its arrays are freed, so it fails later; what it has to say is said here.
      result.catch(() => {});
      throw new NeedleError(
        label,
        "the function is asynchronous",
        "Await outside, or call keep() on what you need later.",
      );
    }
    if (inside.length > 0) {
      const seen = new Set<object>();
      collect(result, escaped, seen);
      if (options.survivors !== undefined) collect(options.survivors(), escaped, seen);
    }
    return result;
  } finally {
    current = outer;
    for (const array of inside) {
      if (!escaped.has(array) && !array.unscoped) array.drop(label);
      else if (outer === null || array.unscoped) array.watch();
      else outer.push(array);
    }
  }
}

/** Adds every array reachable from `value` through plain data and object fields. */
function collect(value: unknown, found: Set<Scoped>, seen: Set<object>): void {
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null || seen.has(next) || ArrayBuffer.isView(next))
      continue;
    seen.add(next);
    if (scopedMark in next) found.add(next as unknown as Scoped);
    else if (heldArrays in next)
      for (const array of (next as Holder)[heldArrays]()) found.add(array);
    else if (Array.isArray(next) || next instanceof Set)
      for (const item of next) pending.push(item);
    else if (next instanceof Map) for (const item of next.values()) pending.push(item);
    else for (const item of Object.values(next)) pending.push(item);
  }
}
