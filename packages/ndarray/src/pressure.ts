/**
 * The pressure valve: arrays dropped by hand-written code outside any scope are found after a
 * collection, which engines do not make for the sake of a backend's memory, and of which they tell
 * only between turns of the event loop. `idle()` asks for both when what is alive has grown by much
 * since last time. In Node both can be had within a turn: `relieve` does so for loops that never
 * yield.
 */
import { afterCollection, alive, sweep, watchRecent } from "./memory.ts";

/** The runtime's functions this module can use; each may be missing. */
interface Runtime {
  gc?: () => void;
  readonly performance?: { now(): number };
  setImmediate?: (callback: () => void) => void;
  setTimeout?: (callback: () => void, milliseconds: number) => void;
  process?: {
    readonly versions?: { readonly v8?: string; readonly bun?: string; readonly deno?: string };
    getBuiltinModule?: (name: string) => unknown;
  };
}

const runtime = globalThis as unknown as Runtime;

/** What may be added before a collection while little is alive. */
const least = { buffers: 1000, bytes: 256 * 2 ** 20 };

/**
 * How many times `least.buffers` may be added. Finding a few thousand small arrays takes the engine
 * milliseconds, longer than many a program needs to make them.
 */
let patience = 1;
const mostPatience = 16;

/** How much may be alive before the next collection. */
let limit = { ...least };

/** A large model is not searched for garbage every few steps: it may grow to twice its size. */
function limitFromNow(): { buffers: number; bytes: number } {
  return {
    buffers: alive.buffers + Math.max(patience * least.buffers, alive.buffers),
    bytes: alive.bytes + Math.max(least.bytes, alive.bytes),
  };
}

/**
 * Gives dropped arrays the chance to be returned. Cheap while little has been added since the last
 * time: it then resolves at once. The DataLoader calls it between batches; call it in long loops
 * that use no DataLoader and make arrays outside modules and scopes.
 *
 * @example
 * import { idle, ones } from "@needle/ndarray";
 * for (let step = 0; step < 3; step++) {
 *   ones([1000]).mul(step);
 *   await idle();
 * }
 */
export async function idle(): Promise<void> {
  if (alive.buffers < limit.buffers && alive.bytes < limit.bytes) return;
  if (forgetTargets !== null) {
    collectNow();
    return;
  }
  watchRecent();
  // The targets of weak references stay alive in the turn that made or read them.
  await nextTurn();
  let isSwept = false;
  afterCollection(() => {
    sweep();
    isSwept = true;
  });
  collectGarbage();
  // Mostly in the next turn; after I/O it can be the one after that, and without a collection it is
  // none.
  for (let turn = 0; turn < 4 && !isSwept; turn++) await nextTurn();
  limit = limitFromNow();
}

/**
 * The same within a turn, but later, so that loops that yield are left to `idle()`. Scopes call it
 * as they begin: there no kernel is at work.
 */
export function relieve(): void {
  if (forgetTargets === null) return;
  const { buffers, bytes } = limit;
  const more = patience * least.buffers;
  if (alive.buffers >= buffers + more || alive.bytes >= bytes + least.bytes) collectNow();
}

/** Finds and returns what was dropped, within the turn. */
function collectNow(): void {
  const start = now();
  watchRecent();
  forgetTargets?.();
  collectGarbage();
  sweep();
  adjustPatience(start, now());
  limit = limitFromNow();
}

/** The collections since `patience` was last looked at: how many, in how long, and their own time. */
let period = { collections: 0, start: 0, spent: 0 };
const collectionsInPeriod = 250;

/**
 * Looks at `patience` after so many collections that no loop of some thousand steps sees it change:
 * doubled where they took more than a third of the time, halved where less than a sixteenth.
 */
function adjustPatience(start: number, end: number): void {
  if (period.collections === 0) period.start = start;
  period.spent += end - start;
  period.collections += 1;
  if (period.collections < collectionsInPeriod) return;
  const share = period.spent / (end - period.start);
  if (share > 1 / 3) patience = Math.min(2 * patience, mostPatience);
  else if (share < 1 / 16) patience = Math.max(patience / 2, 1);
  period = { collections: 0, start: end, spent: 0 };
}

/** Resolves in the next turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (runtime.setImmediate !== undefined) runtime.setImmediate(resolve);
    else runtime.setTimeout?.(resolve, 0);
  });
}

/** In milliseconds. */
function now(): number {
  return runtime.performance?.now() ?? Date.now();
}

let collect: (() => void) | undefined;

/** A full collection where the runtime allows it, else allocations that make one likely. */
function collectGarbage(): void {
  collect ??= runtime.gc ?? nodeCollector() ?? pushOut;
  collect();
}

interface NodeV8 {
  setFlagsFromString(flags: string): void;
}

interface NodeVm {
  runInNewContext(code: string): unknown;
  createContext(global: object, options: { microtaskMode: "afterEvaluate" }): object;
  runInContext(code: string, context: object): unknown;
}

function nodeVm(): NodeVm | undefined {
  return runtime.process?.getBuiltinModule?.("node:vm") as NodeVm | undefined;
}

/**
 * The targets of weak references stay alive until the job ends that made or read them. In Node a
 * script in a context with microtasks of its own ends with a checkpoint, at which V8 forgets those
 * targets, and which runs no microtask of ours. Null where there is no such way.
 */
function makeForgetTargets(): (() => void) | null {
  const vm = nodeVm();
  const { v8, bun, deno } = runtime.process?.versions ?? {};
  // Others have a node:vm, too, but not Node's.
  if (vm === undefined || v8 === undefined || bun !== undefined || deno !== undefined) return null;
  let context: object | undefined;
  return () => {
    context ??= vm.createContext({}, { microtaskMode: "afterEvaluate" });
    vm.runInContext("0", context);
  };
}

const forgetTargets = makeForgetTargets();

function nodeCollector(): (() => void) | undefined {
  const v8 = runtime.process?.getBuiltinModule?.("node:v8") as NodeV8 | undefined;
  const vm = nodeVm();
  if (v8 === undefined || vm === undefined) return undefined;
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc") as () => void;
}

/**
 * Untouched buffers cost no memory but count towards the engine's limit, which makes it collect.
 */
function pushOut(): void {
  for (let i = 0; i < 4; i++) new ArrayBuffer(64 * 2 ** 20);
}
