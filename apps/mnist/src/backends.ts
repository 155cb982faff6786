/** The machines the arithmetic can run on, by the name `--backend` takes. */
import { type Backend, createReferenceBackend } from "@needle/ndarray";

/** What `--backend` can be. */
export type BackendName = "reference";

/** How each backend is made. */
export const backends: Readonly<Record<BackendName, () => Backend | Promise<Backend>>> = {
  reference: createReferenceBackend,
};
