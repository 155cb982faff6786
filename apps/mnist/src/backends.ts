/** The machines the arithmetic can run on, by the name `--backend` takes. */
import { createWasmBackend } from "@needle/backend-wasm";
import { type Backend, createReferenceBackend } from "@needle/ndarray";

/** What `--backend` can be. */
export type BackendName = "wasm" | "reference";

/** What backends are made with. */
export interface BackendSettings {
  /** As many as the backend takes by itself unless given. */
  readonly threads: number | undefined;
}

/** How each backend is made; the first is the default. */
export const backends: Readonly<
  Record<BackendName, (settings: BackendSettings) => Backend | Promise<Backend>>
> = {
  wasm: createWasmBackend,
  reference: createReferenceBackend,
};
