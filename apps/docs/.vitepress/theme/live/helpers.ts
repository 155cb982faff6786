/** Functions that examples find beside the console: curves and pictures. */
import { type NDArray, ShapeError, showShape } from "@needle/ndarray";
import type { Shown } from "./messages.ts";

/** What is used of an NDArray or a Tensor. */
interface Values {
  readonly shape: readonly number[];
  toTypedArray(): ReturnType<NDArray["toTypedArray"]>;
}

/** The helpers of an example. */
export interface Helpers {
  /** Adds a point to each of the curves, by their names: `plot({ loss: 0.5, accuracy: 0.9 })`. */
  plot(values: Readonly<Record<string, number>>): void;
  /**
   * Shows pictures, `[n, height, width]` or `[n, side * side]` from 0 (paper) to 1 (ink), and what
   * each is taken for, `[n]`, beside what it is, `[n]`.
   */
  pictures(images: Values, guesses?: Values, labels?: Values): void;
}

/** The helpers of an example that shows things by `show`. */
export function helpersFor(show: (shown: Shown) => void): Helpers {
  return {
    plot(values) {
      for (const [name, value] of Object.entries(values)) {
        if (typeof value === "number") continue;
        throw new TypeError(`plot: ${name} must be a number, got ${String(value)}`);
      }
      show({ type: "plot", values: { ...values } });
    },
    pictures(images, guesses, labels) {
      const [height, width] = sizeOf(images.shape);
      const pixels = Float32Array.from(images.toTypedArray());
      const list = (values?: Values): number[] => Array.from(values?.toTypedArray() ?? []);
      const pictures = { height, width, pixels, guesses: list(guesses), labels: list(labels) };
      show({ type: "pictures", pictures });
    },
  };
}

function sizeOf(shape: readonly number[]): [height: number, width: number] {
  const [, first, second] = shape;
  if (shape.length === 3) return [first!, second!];
  const side = Math.sqrt(first ?? Number.NaN);
  if (shape.length === 2 && Number.isInteger(side)) return [side, side];
  throw new ShapeError(
    "pictures",
    `needs [n, height, width] or [n, side * side], got ${showShape(shape)}`,
  );
}
