/**
 * Ops on bool masks. Where the mask decides the shape of the result, the forward pass reads it;
 * derivatives read nothing.
 */
import * as nd from "@needle/ndarray";
import { checkTensors, constant, valuesOf } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { where } from "./elementwise.ts";
import { take } from "./indexing.ts";
import { broadcastTo, flatten } from "./views.ts";

/**
 * The elements whose mask is true, as a vector in row-major order; tensor and mask are broadcast.
 *
 * @throws DeviceError where the backend cannot read without waiting.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([1, -2, 3], { requiresGrad: true });
 * x.maskedSelect(x.gt(0)).sum().backward();
 * x.grad; // => [1. 0. 1.]
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  checkTensors("maskedSelect", [x, mask]);
  const shape = nd.broadcastShapes("maskedSelect", x.shape, mask.shape);
  return nd.scope(() => {
    const flat = nd.flatten(nd.broadcastTo(nd.astype(mask.value, "bool"), shape));
    const [index] = nd.expandMasks("maskedSelect", flat.shape, [flat]) as [nd.NDArray];
    return take(flatten(broadcastTo(x, shape)), new Tensor(index));
  });
}

const fill: (x: Tensor, mask: Tensor, value: number) => Tensor = constant(nd.maskedFill);

/**
 * `value` where the mask is true, else the tensor's elements; all are broadcast. The dtype stays
 * unless it cannot hold the value.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const scores = tensor([1, 2, 3]);
 * scores.maskedFill(tensor([false, true, false]), Number.NEGATIVE_INFINITY); // => [  1. -inf   3.]
 */
export function maskedFill(x: Tensor, mask: Tensor, value: Tensor | number): Tensor {
  checkTensors("maskedFill", [x, mask]);
  const shapes = valuesOf("maskedFill", [x, mask, value]).map((y) =>
    typeof y === "number" ? [] : y.shape,
  );
  nd.broadcastShapes("maskedFill", ...shapes);
  if (typeof value === "number" && !nd.isFloat(x.dtype)) return fill(x, mask, value);
  return where(mask, value, x);
}

/**
 * Where the elements are that are not 0, row-major: for each axis an int32 vector of positions.
 *
 * @throws ShapeError for 0-d tensors, DeviceError where the backend cannot read without waiting.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const [rows, columns] = tensor([[0, 1], [2, 0]]).nonzero();
 * columns; // => [1 0]
 */
export function nonzero(x: Tensor): Tensor[] {
  checkTensors("nonzero", [x]);
  return nd.nonzero(x.value).map((positions) => new Tensor(positions));
}
