/** Checks the derivatives of a layer. */
import type { Tensor } from "@needle/autograd";
import { type GradcheckOptions, gradcheck } from "@needle/autograd/testing";
import type { Layer } from "./index.ts";

/**
 * Throws unless the derivatives of a layer's output by its input and by each of its parameters,
 * which are fields of its own, are those of its differences. All are float64.
 */
export function gradcheckLayer(layer: Layer, x: Tensor, options: GradcheckOptions = {}): void {
  const named = layer.namedParameters();
  const run = (input: Tensor, ...values: Tensor[]): Tensor => {
    named.forEach(([name], i) => {
      Object.assign(layer, { [name]: values[i]! });
    });
    return layer.forward(input);
  };
  gradcheck(run, [x, ...named.map(([, parameter]) => parameter)], options);
  Object.assign(layer, Object.fromEntries(named));
}
