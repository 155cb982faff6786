/** What functions that make tensors take of the options of a layer, which are more. */
import type { DrawOptions } from "@needle/ndarray";

/** The dtype and the backend of a layer's parameters. */
export function placement({ dtype, backend }: DrawOptions): DrawOptions {
  return { dtype, backend };
}
