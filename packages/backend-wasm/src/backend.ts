/**
 * The Backend interface on linear memory. Each family of kernels says whether it can take a call;
 * where none can, or an operand did not fit into linear memory, the reference kernels run on the
 * same elements.
 */
import type { Backend, TypedArray, View } from "@needle/ndarray";
import { Calls } from "./calls.ts";
import type { Context } from "./context.ts";
import { createCopying } from "./copying.ts";
import { createElementwise } from "./elementwise.ts";
import { createFallback, type Fallback } from "./fallback.ts";
import { createFormulas } from "./formulas.ts";
import { createIndexing } from "./indexing.ts";
import { Layout } from "./layout.ts";
import { createProducts } from "./matmul.ts";
import type { Block, LinearMemory, MemoryStatistics } from "./memory.ts";
import { type Build, buildOf, type Kernels } from "./module.ts";
import { createNormalizing } from "./normalizing.ts";
import { createReducing } from "./reducing.ts";
import { createStepping } from "./stepping.ts";

/** What the backend runs on. */
export interface WasmInfo extends MemoryStatistics {
  readonly build: Build;
  readonly threads: number;
  /** Why there are not as many threads as asked for; null if there are. */
  readonly reason: string | null;
}

/** A backend in linear memory. */
export interface WasmBackend extends Backend {
  readSync(x: View): TypedArray;
  /** The build, the threads and the memory in use. */
  info(): WasmInfo;
}

/** Joins memory and kernels to a backend. */
export function createBackend(
  memory: LinearMemory,
  kernels: Kernels,
  threads: number,
): WasmBackend {
  const fallback: Fallback = createFallback(memory);
  const layout = new Layout();
  const context: Context = { memory, kernels, layout, calls: new Calls(memory, layout), fallback };
  const elementwise = createElementwise(context);
  const reducing = createReducing(context);
  const reason = threads > 1 ? "this version runs on one thread" : null;
  const backend: WasmBackend = {
    name: "wasm",
    info: () => ({ build: buildOf(kernels), threads: 1, reason, ...memory.statistics }),
    alloc: (dtype, size) => memory.alloc(dtype, size),
    free: (buffer) => memory.free(buffer as Block),
    upload(buffer, _dtype, data) {
      (buffer as Block).array(memory.memory.buffer).set(data);
    },
    read: async (x) => fallback.readSync(x),
    readSync: fallback.readSync,
    ...createCopying(context),
    ...elementwise,
    ...reducing,
    ...createProducts(context),
    ...createIndexing(context),
    ...createStepping(context),
    ...createNormalizing(context, { ...elementwise, ...reducing }),
  };
  return { ...backend, ...createFormulas(context, backend) };
}
