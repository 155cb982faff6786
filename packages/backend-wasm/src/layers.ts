/** `crossEntropy` and its gradient. */
import { isRowMajor, type OptionalKernels, type View } from "@needle/ndarray";
import { costlyGrain } from "./calls.ts";
import { addressOf, type Context, kernelOf } from "./context.ts";

type Names = "crossEntropy" | "crossEntropyGradient";

/** This part of a backend. */
export type Layers = Required<Pick<OptionalKernels, Names>>;

export function createLayers(context: Context): Layers {
  const { kernels, pool } = context;
  const losses = kernelOf(kernels, "crossEntropyRows");
  const gradient = kernelOf(kernels, "crossEntropyGradientRows");

  /** The addresses of views; null unless all are in row-major order and of their dtype. */
  function addresses(floats: readonly View[], labels: View): number[] | null {
    const found: number[] = [];
    for (const x of [...floats, labels]) {
      const address = addressOf("crossEntropy", x);
      const dtype = x === labels ? "int32" : "float32";
      if (address === 0 || x.dtype !== dtype || !isRowMajor(x.shape, x.strides)) return null;
      found.push(address);
    }
    return found;
  }

  return {
    crossEntropy(out, x, labels) {
      const at = addresses([out, x], labels);
      if (at === null) return false;
      const [o, from, places] = at as [number, number, number];
      const { classes, rows } = sizesOf(x);
      const grain = Math.ceil(costlyGrain / classes);
      const outside = pool.split(losses, rows, grain, (first, count) => [
        o + 4 * first,
        from + 4 * first * classes,
        places + 4 * first,
        count,
        classes,
      ]);
      // The op's composition says which label it was.
      return outside === 0;
    },

    crossEntropyGradient(out, g, x, labels) {
      const at = addresses([out, g, x], labels);
      if (at === null) return false;
      const [o, slopes, from, places] = at as [number, number, number, number];
      const { classes, rows } = sizesOf(x);
      const grain = Math.ceil(costlyGrain / classes);
      pool.split(gradient, rows, grain, (first, count) => [
        o + 4 * first * classes,
        slopes + 4 * first,
        from + 4 * first * classes,
        places + 4 * first,
        count,
        classes,
      ]);
      return true;
    },
  };
}

/** There are elements: ops do not call these kernels for arrays without. */
function sizesOf(x: View): { classes: number; rows: number } {
  const classes = x.shape.at(-1)!;
  const rows = x.shape.slice(0, -1).reduce((product, length) => product * length, 1);
  return { classes, rows };
}
