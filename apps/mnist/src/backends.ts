/** The machines the arithmetic can run on, by the name `--backend` takes. */
import { createWasmBackend } from "@needle/backend-wasm";
import { type Backend, createReferenceBackend } from "@needle/ndarray";

/** What `--backend` can be. */
export type BackendName = "wasm" | "reference";

/** How each backend is made; the first is the default. */
export const backends: Readonly<Record<BackendName, () => Backend | Promise<Backend>>> = {
  wasm: createWasmBackend,
  reference: createReferenceBackend,
};
