/** What functions that make tensors take of the options of a layer, which are more. */
import { args, arrayOptions, type DrawOptions } from "@needle/ndarray";

/** What the dtype and the backend of parameters must be. */
export const placementKinds: args.Kinds<DrawOptions> = {
  dtype: args.oneOf("float32", "float64"),
  backend: arrayOptions.backend,
};

/** The dtype and the backend of a layer's parameters. */
export function placement({ dtype, backend }: DrawOptions): DrawOptions {
  return { dtype, backend };
}
