/**
 * The WebAssembly backend: `setDefaultBackend(await createWasmBackend())` and every array made
 * afterwards lives there.
 */

export type { WasmBackend, WasmInfo } from "./backend.ts";
export { createWasmBackend, createWasmBackendSync, type WasmOptions } from "./create.ts";
export type { Build } from "./module.ts";
