/** Ops that join tensors, and ops that part them. */
import * as nd from "@needle/ndarray";
import { checkTensors, jointlyLinear } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { slice, unsqueeze } from "./views.ts";

const concatAlong = jointlyLinear("concat", nd.concat, (i, g, inputs, axis) => {
  const along = nd.normalizeAxis("concat", axis ?? 0, g.ndim);
  const start = inputs.slice(0, i).reduce((total, x) => total + x.shape[along]!, 0);
  const part: nd.Index = [start, start + inputs[i]!.shape[along]!];
  return slice(g, ...g.shape.map((_, other): nd.Index => (other === along ? part : ":")));
});

function listed(op: string, tensors: readonly Tensor[]): readonly Tensor[] {
  if (!Array.isArray(tensors)) {
    throw new nd.ArgumentError(op, `takes tensors in an array, got ${nd.show(tensors)}`);
  }
  if (tensors.length === 0) throw new nd.ArgumentError(op, "needs at least one tensor");
  return tensors;
}

/**
 * Tensors joined along an existing axis.
 *
 * @example
 * import { concat, tensor } from "@needle/autograd";
 * concat([tensor([1, 2]), tensor([3])]); // => [1. 2. 3.]
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors("concat", listed("concat", tensors));
  return concatAlong(tensors, axis);
}

/**
 * Tensors of one shape joined along a new axis.
 *
 * @example
 * import { stack, tensor } from "@needle/autograd";
 * stack([tensor([1, 2]), tensor([3, 4])]); // => [[1. 2.]
 *    //     [3. 4.]]
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  checkTensors("stack", listed("stack", tensors));
  const along = nd.normalizeAxis("stack", axis, tensors[0]!.ndim + 1);
  return nd.scope(() => {
    const slices = tensors.map((x) => unsqueeze(x, along));
    return concat(slices, along);
  });
}

/** The parts of an axis between the given bounds. */
function cut(x: Tensor, axis: number, bounds: readonly (readonly [number, number])[]): Tensor[] {
  return bounds.map((bound) =>
    slice(x, ...x.shape.map((_, i): nd.Index => (i === axis ? bound : ":"))),
  );
}

/**
 * An axis cut into parts: a number gives so many equal ones, a list says where to cut, `[2, 5]`
 * into `:2`, `2:5` and `5:`.
 *
 * @throws ShapeError when the axis does not divide into so many equal parts.
 *
 * @example
 * import { arange } from "@needle/autograd";
 * const [a, b, c] = arange(6).split([2, 5]);
 * b; // => [2 3 4]
 */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  checkTensors("split", [x]);
  const along = nd.normalizeAxis("split", axis, x.ndim);
  return cut(x, along, nd.splitBounds("split", x.shape[along]!, parts));
}

/**
 * An axis cut into `chunks` parts of one length, of which the last may be shorter, or into fewer if
 * that many are not needed.
 *
 * @example
 * import { arange } from "@needle/autograd";
 * arange(7).chunk(3).map((part) => part.shape[0]); // => [3,3,1]
 */
export function chunk(x: Tensor, chunks: number, axis = 0): Tensor[] {
  checkTensors("chunk", [x]);
  const along = nd.normalizeAxis("chunk", axis, x.ndim);
  return cut(x, along, nd.chunkBounds("chunk", x.shape[along]!, chunks));
}

/**
 * The slices along an axis, which goes away: the inverse of `stack`, called split in the course.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const [first, second] = tensor([[1, 2], [3, 4]]).unstack();
 * second; // => [3. 4.]
 */
export function unstack(x: Tensor, axis = 0): Tensor[] {
  checkTensors("unstack", [x]);
  const along = nd.normalizeAxis("unstack", axis, x.ndim);
  return Array.from({ length: x.shape[along]! }, (_, position) =>
    slice(x, ...x.shape.map((_, i): nd.Index => (i === along ? position : ":"))),
  );
}
