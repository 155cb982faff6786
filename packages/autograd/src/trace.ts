/**
 * What the transforms share: a function is run on stand-ins for its inputs, which are what it is
 * then differentiated by.
 */
import { ArgumentError, args, scope, show } from "@needle/ndarray";
import { ancestors } from "./graph.ts";
import { enableGrad, isRecording } from "./mode.ts";
import { isTensor, Tensor } from "./tensor.ts";
import { checkTree, leavesOf, mapTree, type Tree } from "./tree.ts";

/** A function's run on stand-ins. */
export interface Trace<Out extends Tree> {
  /** The stand-ins for the tensors of the inputs. */
  readonly primals: readonly Tensor[];
  /** What the function gave. */
  readonly result: Out;
  /** The tensors of the result. */
  readonly outputs: readonly Tensor[];
  /**
   * Whether anything besides the inputs can be differentiated through the outputs: then
   * derivatives must be recorded, too.
   */
  readonly nested: boolean;
}

/** Runs `f` on stand-ins for `inputs` and records it. */
export function trace<Inputs extends readonly Tree[], Out extends Tree>(
  op: string,
  f: (...inputs: Inputs) => Out,
  inputs: Inputs,
): Trace<Out> {
  checkCall(op, f, inputs);
  const stand = standIns(inputs as unknown as Tree) as unknown as Inputs;
  const primals = leavesOf(stand as unknown as Tree);
  const result = scope(() => enableGrad(() => f(...stand)), { label: op });
  checkTree(op, "the function must return", result);
  const outputs = leavesOf(result);
  return { primals, result, outputs, nested: isNested(outputs, primals) };
}

/** Throws unless `f` can be called with `inputs`. */
export function checkCall(op: string, f: unknown, inputs: unknown): void {
  args.check(op, "f", f, args.callback);
  if (!Array.isArray(inputs)) {
    throw new ArgumentError(op, `takes the inputs of f in an array, got ${show(inputs)}`);
  }
  checkTree(op, "each input must be", inputs);
}

/** They stay linked to tensors that are being recorded. */
export function standIns<T extends Tree>(tree: T): T {
  return mapTree(tree, (x) =>
    isRecording() && x.requiresGrad ? x.clone() : new Tensor(x.value, { requiresGrad: true }),
  );
}

/** Whether anything besides `inputs` can be differentiated through `outputs`. */
export function isNested(outputs: readonly Tensor[], inputs: readonly Tensor[]): boolean {
  const own = new Set(inputs.filter((x) => x.node === null));
  return isRecording() && ancestors(outputs).some((x) => x.node === null && !own.has(x));
}

/** Results that nothing outside depends on are freed from the graph they came from. */
export function settle(outputs: readonly Tensor[], nested: boolean): Tensor[] {
  return nested ? [...outputs] : outputs.map((x) => x.detach());
}

/** The same for tensors anywhere in a value. */
export function settleAll<T>(value: T, nested: boolean): T {
  const settled = (part: unknown): unknown => {
    if (isTensor(part)) return part.detach();
    if (Array.isArray(part)) return part.map(settled);
    if (typeof part !== "object" || part === null) return part;
    if (Object.getPrototypeOf(part) !== Object.prototype) return part;
    return Object.fromEntries(Object.entries(part).map(([key, next]) => [key, settled(next)]));
  };
  return nested ? value : (settled(value) as T);
}

/** Frees the graph of `outputs` as far as it was made `since` and `kept` do not need it. */
export function forget(
  op: string,
  outputs: readonly Tensor[],
  kept: readonly Tensor[],
  since: number,
): void {
  const isOlder = (x: Tensor): boolean => x.id <= since;
  const needed = new Set(ancestors(kept, isOlder));
  for (const x of ancestors(outputs, isOlder)) {
    if (!isOlder(x) && !needed.has(x)) x.node?.free(op);
  }
}
