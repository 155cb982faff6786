/**
 * What happens around a module's `forward`: a scope, which frees what a pass makes and does not
 * return, and hooks.
 */
import { isTensor, tensorKind } from "@needle/autograd";
import { args, scope } from "@needle/ndarray";

import type { Module } from "./module.ts";

/** Called before a forward pass. */
export type ForwardPreHook<M, Inputs extends readonly unknown[]> = (
  module: M,
  inputs: Inputs,
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook need not return anything.
) => Inputs | undefined | void;

/** Called after a forward pass. */
export type ForwardHook<M, Inputs extends readonly unknown[], Output> = (
  module: M,
  inputs: Inputs,
  output: Output,
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook need not return anything.
) => Output | undefined | void;

/** A pre-hook of any module. */
export type AnyPreHook = ForwardPreHook<object, unknown[]>;
/** A hook of any module. */
export type AnyHook = ForwardHook<object, unknown[], unknown>;

// Not fields of the module: a walk over those is to find its parts only.
/** The hooks called before the passes of each module. */
export const preHooks: WeakMap<object, Set<AnyPreHook>> = new WeakMap();
/** The hooks called after the passes of each module. */
export const hooks: WeakMap<object, Set<AnyHook>> = new WeakMap();

/** Adds a hook to a module's; gives the function that removes it. */
export function addTo<H>(table: WeakMap<object, Set<H>>, module: object, hook: H): () => void {
  const own = table.get(module) ?? new Set();
  table.set(module, own);
  // One function can be registered twice, so each gets an identity of its own.
  const entry = ((...args: never[]) => (hook as (...args: never[]) => unknown)(...args)) as H;
  own.add(entry);
  return () => {
    own.delete(entry);
  };
}

function forwardWithHooks(module: object, forward: Forward, given: unknown[]): unknown {
  let inputs = given;
  for (const hook of preHooks.get(module) ?? []) inputs = hook(module, inputs) ?? inputs;
  checkInputs(module, inputs);
  let output = forward.apply(module, inputs);
  for (const hook of hooks.get(module) ?? []) output = hook(module, inputs, output) ?? output;
  return output;
}

/** Throws unless the inputs that its class says are tensors are. */
function checkInputs({ constructor }: object, inputs: readonly unknown[]): void {
  const names = (constructor as unknown as typeof Module).tensorInputs;
  for (let i = 0; i < names.length; i++) {
    if (!isTensor(inputs[i])) args.check(constructor.name, names[i]!, inputs[i], tensorKind);
  }
}

type Forward = (...inputs: unknown[]) => unknown;
type ForwardPrototype = { forward: Forward };

const scoped = new WeakSet<object>();

/**
 * Replaces the `forward` of a class, and of those it extends up to `base`, by one that runs in a
 * scope and calls the hooks. Once a class.
 */
export function runForwardInScope(prototype: object, base: object): void {
  if (prototype === base || scoped.has(prototype)) return;
  scoped.add(prototype);
  runForwardInScope(Object.getPrototypeOf(prototype) as object, base);
  if (!Object.hasOwn(prototype, "forward")) return;
  const { forward } = prototype as ForwardPrototype;
  const label = `${prototype.constructor.name}.forward`;
  const wrapped = function (this: ForwardPrototype, ...inputs: unknown[]): unknown {
    // A forward that a subclass calls through `super` is a part of the pass, not one of its own.
    const isWhole = this.forward === wrapped;
    const run = () =>
      isWhole ? forwardWithHooks(this, forward, inputs) : forward.apply(this, inputs);
    return scope(run, { label, survivors: () => this });
  };
  (prototype as ForwardPrototype).forward = wrapped;
}
