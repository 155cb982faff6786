/**
 * The tensors a module owns: parameters, which are learned, and buffers, which are not but belong
 * to its state.
 */
import { isTensor, Tensor } from "@needle/autograd";
import {
  ArgumentError,
  type Backend,
  type DType,
  isFloat,
  isNDArray,
  type NDArray,
  show,
} from "@needle/ndarray";

/**
 * A tensor that is learned. It asks for gradients, is found by `module.parameters()`, and outlives
 * every scope.
 *
 * @param value - taken over, not copied, unless its elements lie out of order or are repeated.
 *
 * @example
 * import { zeros } from "@needle/autograd";
 * import { Parameter } from "@needle/nn";
 * new Parameter(zeros([2])).requiresGrad; // => true
 */
export class Parameter extends Tensor {
  constructor(value: Tensor | NDArray) {
    super(owned("Parameter", value), { requiresGrad: true });
  }
}

/**
 * A tensor that belongs to a module's state but is not learned, such as running statistics. It is
 * saved and loaded with the module, asks for no gradients, and outlives every scope. Change it with
 * `assign`.
 *
 * @param value - taken over, not copied, unless its elements lie out of order or are repeated.
 */
export class Buffer extends Tensor {
  constructor(value: Tensor | NDArray) {
    super(owned("Buffer", value));
  }
}

/** The array behind a value, in memory that can be written element by element. */
function owned(op: string, value: Tensor | NDArray): NDArray {
  if (!isTensor(value) && !isNDArray(value)) {
    throw new ArgumentError(op, `takes a tensor or an array, got ${show(value)}`);
  }
  const array = isTensor(value) ? value.value : value;
  return (array.isCompact ? array : array.copy()).adopt();
}

/**
 * Moves a leaf and its gradient to a backend, or converts floats to another dtype; the tensor stays
 * the same object.
 */
export function moveTensor(tensor: Tensor, target: Backend | DType): void {
  const moved = (x: NDArray): NDArray => {
    if (typeof target !== "string") return x.to(target);
    return isFloat(x.dtype) ? x.astype(target) : x;
  };
  const value = moved(tensor.value);
  if (value === tensor.value) return;
  const grad = tensor.grad && new Tensor(moved(tensor.grad.value).adopt());
  tensor.replaceValue(value);
  tensor.grad = grad;
}
