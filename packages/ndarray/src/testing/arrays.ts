/** Arrays from the models of this folder. */
import type { Backend } from "../backend.ts";
import { fromTypedArray } from "../create.ts";
import { type DType, typedArray } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { HostArray, type HostView } from "./host.ts";

/** A window as an array with its shape, strides and offset. */
export function arrayOfView(x: HostView, backend?: Backend): NDArray {
  const data = typedArray(x.dtype, x.data.length);
  data.set(x.data);
  const memory = fromTypedArray<DType>(data, [data.length], { dtype: x.dtype, backend });
  const window = new NDArray(memory.storage, x.shape, x.strides, x.offset);
  memory.dispose();
  return window;
}

/** The model of an array that the host can read without waiting. */
export function modelOfArray(x: NDArray): HostArray {
  return new HostArray(x.dtype, x.shape, Array.from(x.toTypedArray()));
}
