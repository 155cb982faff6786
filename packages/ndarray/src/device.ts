/**
 * The default backend: where arrays are made when nothing else is said. Backends are values, never
 * names.
 */
import { check } from "./args.ts";
import { type Backend, backendKind } from "./backend.ts";
import { createReferenceBackend } from "./backends/reference/index.ts";
import { type MemoryInfo, memoryOf, resetPeakOf } from "./memory.ts";

let current: Backend | null = null;

/**
 * The backend new arrays are made on: the reference backend until `setDefaultBackend` says
 * otherwise.
 */
export function defaultBackend(): Backend {
  current ??= createReferenceBackend();
  return current;
}

/**
 * Sets the backend new arrays are made on. Existing arrays stay where they are; `x.to(backend)`
 * moves them.
 *
 * @example
 * import { createReferenceBackend, defaultBackend, setDefaultBackend } from "@needle/ndarray";
 * setDefaultBackend(createReferenceBackend());
 * defaultBackend().name; // => reference
 */
export function setDefaultBackend(backend: Backend): void {
  check("setDefaultBackend", "the argument", backend, backendKind);
  current = backend;
}

/**
 * Live buffers and bytes of a backend, the default one unless another is given.
 *
 * @example
 * import { createReferenceBackend, memory, zeros } from "@needle/ndarray";
 * const backend = createReferenceBackend();
 * const x = zeros([2, 3], { backend });
 * memory(backend).bytes; // => 24
 * x.dispose();
 * memory(backend).bytes; // => 0
 */
export function memory(backend: Backend = defaultBackend()): MemoryInfo {
  check("memory", "the argument", backend, backendKind);
  return memoryOf(backend);
}

/**
 * Makes `memory(backend).peakBytes` what is alive now, to measure the peak of what follows.
 *
 * @example
 * import { createReferenceBackend, memory, resetPeakMemory, zeros } from "@needle/ndarray";
 * const backend = createReferenceBackend();
 * zeros([100], { backend }).dispose();
 * resetPeakMemory(backend);
 * zeros([10], { backend }).dispose();
 * memory(backend).peakBytes; // => 40
 */
export function resetPeakMemory(backend: Backend = defaultBackend()): void {
  check("resetPeakMemory", "the argument", backend, backendKind);
  resetPeakOf(backend);
}
