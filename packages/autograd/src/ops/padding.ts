/** Ops that put elements around tensors or between their elements. */
import * as nd from "@needle/ndarray";
import { checkTensors, general, linear } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { take } from "./indexing.ts";
import { slice } from "./views.ts";

const padConstant: (x: Tensor, widths: nd.PadWidths, options?: nd.PadOptions) => Tensor = general(
  "pad",
  nd.pad,
  {
    saves: "nothing",
    vjp: (g, _y, x, widths) => {
      const pairs = nd.padWidths("pad", x.shape, widths);
      return slice(g, ...pairs.map(([before], i): nd.Index => [before, before + x.shape[i]!]));
    },
    // The margin does not depend on x.
    jvp: (t, _y, _x, widths) => padConstant(t, widths),
  },
);

/**
 * The tensor with a margin: `widths` elements more on every side, or `[before, after]` for all
 * axes, or one such pair an axis. It holds one number (`value`, 0 unless given), or shows the
 * elements again under the modes `reflect`, `symmetric`, `edge` and `wrap`.
 *
 * @throws ArgumentError for negative widths and unknown modes, ShapeError for a wrong number of
 *   pairs.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.pad(1); // => [0. 1. 2. 3. 0.]
 * x.pad([0, 2], { mode: "reflect" }).sum().backward();
 * x.grad; // => [2. 2. 1.]
 */
export function pad(x: Tensor, widths: nd.PadWidths, options: nd.PadOptions = {}): Tensor {
  checkTensors("pad", [x]);
  nd.args.checkOptions("pad", options, nd.padOptions);
  const { mode = "constant" } = options;
  if (mode === "constant") return padConstant(x, widths, options);
  const { backend } = x.value;
  const positions = nd.padPositions("pad", x.shape, widths, mode);
  return nd.scope(() =>
    positions.reduce((padded, list, axis) => {
      if (list === null) return padded;
      const index = nd.fromTypedArray(list, [list.length], { backend });
      return take(padded, new Tensor(index), axis);
    }, x),
  );
}

/**
 * Zeros between the elements: `dilation` of them after each one along `axes`, also after the last,
 * so that the axis is `dilation + 1` times as long. Axes past the last are ignored.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).dilate(0, 2); // => [1. 0. 0. 2. 0. 0.]
 */
export const dilate: (x: Tensor, axes: readonly number[] | number, dilation: number) => Tensor =
  linear("dilate", nd.dilate, (g, _x, axes, dilation) => undilate(g, axes, dilation));

/**
 * The elements that `dilate` with the same arguments keeps apart: every `dilation + 1`-th along
 * `axes`.
 *
 * @throws ShapeError when an axis is no multiple of `dilation + 1` long.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 0, 0, 2, 0, 0]).undilate(0, 2); // => [1. 2.]
 */
export const undilate: (x: Tensor, axes: readonly number[] | number, dilation: number) => Tensor =
  linear("undilate", nd.undilate, (g, _x, axes, dilation) => dilate(g, axes, dilation));
