/**
 * The Backend interface on linear memory. Each family of kernels says whether it can take a call;
 * where none can, or an operand did not fit into linear memory, the reference kernels run on the
 * same elements.
 */
import type { Backend, TypedArray, View } from "@needle/ndarray";
import { Calls } from "./calls.ts";
import type { Context } from "./context.ts";
import { createConvolving } from "./convolving.ts";
import { createCopying } from "./copying.ts";
import { createDrawing } from "./drawing.ts";
import { createElementwise } from "./elementwise.ts";
import { createFallback, type Fallback } from "./fallback.ts";
import { createFormulas } from "./formulas.ts";
import { createIndexing } from "./indexing.ts";
import { createLayers } from "./layers.ts";
import { Layout } from "./layout.ts";
import { createProducts } from "./matmul.ts";
import type { Block, LinearMemory, MemoryStatistics } from "./memory.ts";
import { type Build, buildOf, type Kernels } from "./module.ts";
import { createNormalize } from "./normalize.ts";
import { createNormalizing } from "./normalizing.ts";
import type { Pool } from "./pool.ts";
import { createPooling } from "./pooling.ts";
import { createReducing } from "./reducing.ts";
import { createStepping } from "./stepping.ts";

/** What the backend runs on. */
export interface WasmInfo extends MemoryStatistics {
  readonly build: Build;
  /** The calling one included. The others start with the first call that is worth sharing. */
  readonly threads: number;
  /** Why there are not more, or as many as asked for; null if there are. */
  readonly reason: string | null;
}

/** A backend in linear memory. */
export interface WasmBackend extends Backend {
  readSync(x: View): TypedArray;
  /** The build, the threads and the memory in use. */
  info(): WasmInfo;
  /**
   * Ends the worker threads now, not when the backend is collected or has long had nothing to do.
   * Its arrays stay usable, on one thread.
   */
  dispose(): void;
}

/** Joins memory and kernels to a backend. */
export function createBackend(
  memory: LinearMemory,
  kernels: Kernels,
  pool: Pool,
  precise = false,
): WasmBackend {
  const fallback: Fallback = createFallback(memory);
  const layout = new Layout();
  const calls = new Calls(memory, layout, pool);
  const context: Context = { memory, kernels, layout, calls, pool, fallback };
  const copying = createCopying(context);
  const elementwise = createElementwise(context);
  const reducing = createReducing(context);
  const products = createProducts(context, elementwise);
  const backend: WasmBackend = {
    name: "wasm",
    info() {
      const { threads, reason } = pool;
      return { build: buildOf(kernels), threads, reason, ...memory.statistics };
    },
    dispose: () => pool.dispose(),
    alloc: (dtype, size) => memory.alloc(dtype, size),
    free: (buffer) => memory.free(buffer as Block),
    upload(buffer, _dtype, data) {
      (buffer as Block).array(memory.buffer).set(data);
    },
    read: async (x) => fallback.readSync(x),
    readSync: fallback.readSync,
    ...copying,
    scan: fallback.scan,
    recurrence: fallback.recurrence,
    argsort: fallback.argsort,
    lu: fallback.lu,
    triangularSolve: fallback.triangularSolve,
    cholesky: fallback.cholesky,
    qr: fallback.qr,
    ...elementwise,
    ...reducing,
    ...products,
    ...createIndexing(context),
    ...createDrawing(context),
    ...createConvolving(context, { ...copying, ...products }, precise),
    ...createPooling(context),
    ...createStepping(context),
    ...createNormalizing(context, { ...elementwise, ...reducing }),
  };
  return {
    ...backend,
    ...createFormulas(context, backend),
    ...createNormalize(context),
    ...createLayers(context),
  };
}
