/** Lazy evaluation: values are computed when they are asked for. */
import { args, createLazyBackend, defaultBackend, setDefaultBackend } from "@needle/ndarray";
import { to } from "./ops/views.ts";
import type { Tensor } from "./tensor.ts";
import { checkTree, mapTree, type Tree } from "./tree.ts";
import { watched } from "./watch.ts";

/**
 * A function like `fn` whose results are computed when they are asked for: by `data`, `toArray`,
 * `item`, by printing, or by a backward pass that stores a gradient on a tensor that is not lazy.
 * Shapes and dtypes are known at once, and their errors are thrown at once. What is never asked
 * for is never computed. Each value is computed once.
 *
 * Inputs, and tensors that `fn` reads from elsewhere, are brought to a lazy backend over the
 * default one; results stay there. To have a whole program evaluated so, call
 * `setDefaultBackend(createLazyBackend())` first.
 *
 * @example
 * import { lazy, tensor } from "@needle/autograd";
 * const f = lazy((x) => x.exp().sum());
 * const y = f(tensor([0, 0])); // nothing is computed
 * y.shape; // => []
 * y.item(); // => 2
 */
export function lazy<Inputs extends readonly Tree[], Out extends Tree>(
  fn: (...inputs: Inputs) => Out,
): (...inputs: Inputs) => Out {
  args.check("lazy", "fn", fn, args.callback);
  return (...inputs) => {
    checkTree("lazy", "each input must be", inputs);
    const before = defaultBackend();
    const backend = createLazyBackend(before);
    const twins = new Map<Tensor, Tensor>();
    const operand = (x: Tensor): Tensor => {
      if (x.backend !== before) return x;
      const twin = twins.get(x) ?? to(x, backend);
      twins.set(x, twin);
      return twin;
    };
    const moved = inputs.map((input) => mapTree(input, operand)) as unknown as Inputs;
    setDefaultBackend(backend);
    try {
      return watched({ operand }, () => fn(...moved));
    } finally {
      setDefaultBackend(before);
    }
  };
}
