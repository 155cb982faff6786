/** Ways to make arrays: from host values, filled, or counted. */
import { check, checkEach, checkOptions, having, type Kinds, number, whole } from "./args.ts";
import { type Backend, backendKind } from "./backend.ts";
import { defaultBackend } from "./device.ts";
import {
  bytesPerElement,
  type DType,
  dtypeKind,
  type TypedArray,
  type TypedArrays,
  typedArray,
} from "./dtype.ts";
import { ArgumentError, MemoryError, ShapeError, show, showShape } from "./errors.ts";
import { Storage } from "./memory.ts";
import { isNDArray, NDArray } from "./ndarray.ts";
import { type ArrayLike, nestedDType, nestedShape, nestedValues, ownDType } from "./nested.ts";
import { checkShape, type Shape, sizeOf } from "./shape.ts";

/** Where and as what an array is made. */
export interface ArrayOptions<D extends DType = DType> {
  /** Defaults to float32, or what the source is made of. */
  readonly dtype?: D;
  /** Defaults to the default backend. */
  readonly backend?: Backend;
}

/** What the options of arrays must be. */
export const arrayOptions: Kinds<ArrayOptions> = { dtype: dtypeKind, backend: backendKind };

/**
 * An array with undefined contents in the name of `op`: the start of every op.
 *
 * @throws ShapeError for a wrong shape, MemoryError where there is no room for it.
 */
export function allocate<D extends DType>(
  op: string,
  shape: Shape,
  dtype: D,
  backend: Backend,
): NDArray<D> {
  checkShape(op, shape);
  return new NDArray<D>(storageOf(op, shape, dtype, backend), [...shape]);
}

function storageOf(op: string, shape: Shape, dtype: DType, backend: Backend): Storage {
  try {
    return new Storage(backend, dtype, sizeOf(shape));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const gigabytes = (sizeOf(shape) * bytesPerElement(dtype)) / 1e9;
    throw new MemoryError(
      op,
      `${dtype} ${showShape(shape)} takes ${gigabytes.toPrecision(3)} GB, which cannot be had`,
      "Use a smaller shape, or work on parts.",
    );
  }
}

/**
 * An array with undefined contents.
 *
 * @throws ShapeError for a wrong shape, MemoryError where there is no room for it.
 *
 * @example
 * import { empty } from "@needle/ndarray";
 * empty([2, 3]).shape; // => [2,3]
 */
export function empty<D extends DType = "float32">(
  shape: Shape,
  options: ArrayOptions<D> = {},
): NDArray<D> {
  return made("empty", shape, options);
}

function made<D extends DType>(op: string, shape: Shape, options: ArrayOptions<D>): NDArray<D> {
  checkArrayOptions(op, options);
  const { dtype = "float32" as D, backend } = options;
  return allocate(op, shape, dtype, backend ?? defaultBackend());
}

/** Options may be an array or a tensor, which has a dtype and a backend. */
function checkArrayOptions(op: string, options: ArrayOptions): void {
  if (!like.holds(options)) checkOptions(op, options, arrayOptions);
}

const like = having("an array or a tensor", "shape", "dtype", "backend");

/**
 * An array from nested arrays, a number or a typed array; the values are copied.
 *
 * The dtype is float32 for numbers, bool for booleans, the typed array's own (signed 8-bit and
 * 16-bit integers become int32), and for a mixture the highest of these.
 *
 * @throws ShapeError when nested arrays are ragged.
 *
 * @example
 * import { array } from "@needle/ndarray";
 * array([[1, 2], [3, 4]]).shape; // => [2,2]
 * array(new Uint8Array([1, 2])).dtype; // => uint8
 * array([true, false]).dtype; // => bool
 */
export function array<D extends DType = DType>(
  source: ArrayLike | NDArray,
  options: ArrayOptions<D> = {},
): NDArray<D> {
  checkArrayOptions("array", options);
  if (isNDArray(source)) {
    source.checkAlive("array");
    const { dtype = source.dtype, backend = source.backend } = options;
    const out = allocate("array", source.shape, dtype, backend);
    if (out.backend === source.backend) out.backend.copy(out.view("array"), source.view("array"));
    else fill(out, source.toTypedArray());
    return out as NDArray<D>;
  }
  const shape = nestedShape(source);
  const dtype = options.dtype ?? nestedDType(source);
  const values = nestedValues(source, shape, dtype);
  const out = allocate("array", shape, dtype, options.backend ?? defaultBackend());
  out.backend.upload(out.storage.buffer, dtype, values);
  return out as NDArray<D>;
}

/**
 * An array over the elements of a typed array in row-major order, which are copied.
 *
 * @throws ShapeError when `shape` does not have `data.length` elements.
 *
 * @example
 * import { fromTypedArray } from "@needle/ndarray";
 * fromTypedArray(Float32Array.of(1, 2, 3, 4), [2, 2]); // => [[1. 2.] [3. 4.]]
 */
export function fromTypedArray<D extends DType>(
  data: TypedArrays[D],
  shape: Shape,
  options: ArrayOptions<D> = {},
): NDArray<D> {
  checkShape("fromTypedArray", shape);
  checkArrayOptions("fromTypedArray", options);
  if (!ArrayBuffer.isView(data)) {
    const remedy = "Use array(...) for numbers in arrays.";
    throw new ArgumentError("fromTypedArray", `needs a typed array, got ${show(data)}`, remedy);
  }
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(
      "fromTypedArray",
      `${showShape(shape)} does not hold ${data.length} elements`,
    );
  }
  const own = ownDType(data, "fromTypedArray");
  const { dtype = own, backend } = options;
  const out = allocate("fromTypedArray", shape, dtype, backend ?? defaultBackend());
  fill(out, data);
  return out as NDArray<D>;
}

/**
 * An array of `value` everywhere.
 *
 * @example
 * import { full } from "@needle/ndarray";
 * full([2], 0.5); // => [0.5 0.5]
 */
export function full<D extends DType = "float32">(
  shape: Shape,
  value: number,
  options: ArrayOptions<D> = {},
): NDArray<D> {
  return filled("full", shape, value, options);
}

function filled<D extends DType>(
  op: string,
  shape: Shape,
  value: number,
  options: ArrayOptions<D>,
): NDArray<D> {
  check(op, "value", value, fillKind);
  const out = made(op, shape, options);
  out.backend.fill(out.view(op), value);
  return out;
}

const fillKind = { ...number, call: "full(shape, value, options)" };

/**
 * An array of zeros.
 *
 * @example
 * import { zeros } from "@needle/ndarray";
 * zeros([2], { dtype: "int32" }); // => [0 0]
 */
export function zeros<D extends DType = "float32">(
  shape: Shape,
  options: ArrayOptions<D> = {},
): NDArray<D> {
  return filled("zeros", shape, 0, options);
}

/**
 * An array of ones.
 *
 * @example
 * import { ones } from "@needle/ndarray";
 * ones([2, 2]); // => [[1. 1.] [1. 1.]]
 */
export function ones<D extends DType = "float32">(
  shape: Shape,
  options: ArrayOptions<D> = {},
): NDArray<D> {
  return filled("ones", shape, 1, options);
}

/**
 * The numbers from `start` (included) to `stop` (excluded), `step` apart; `arange(stop)` starts at
 * 0.
 *
 * int32 when all three are whole numbers and int32 holds the result, else float32.
 *
 * @example
 * import { arange } from "@needle/ndarray";
 * arange(4); // => [0 1 2 3]
 * arange(1, 2, 0.25); // => [1.   1.25 1.5  1.75]
 */
export function arange(
  start: number,
  stop?: number,
  step = 1,
  options: ArrayOptions = {},
): NDArray {
  const [first, end] = stop === undefined ? [0, start] : [start, stop];
  checkEach("arange", stop === undefined ? { stop: end, step } : { start, stop, step }, arangeKind);
  if (step === 0 || !Number.isFinite((end - first) / step)) {
    throw new ArgumentError("arange", `cannot count from ${first} to ${end} in steps of ${step}`);
  }
  const count = Math.max(0, Math.ceil((end - first) / step));
  const last = first + Math.max(0, count - 1) * step;
  const whole = [first, end, step].every(Number.isInteger) && isInt32(first) && isInt32(last);
  return fromRule("arange", [count], whole ? "int32" : "float32", (i) => first + i * step, options);
}

const arangeKind = { ...number, call: "arange(start, stop, step, options)" };

/**
 * `count` numbers evenly spaced from `start` to `stop`, both included.
 *
 * @example
 * import { linspace } from "@needle/ndarray";
 * linspace(0, 1, 5); // => [0.   0.25 0.5  0.75 1.  ]
 */
export function linspace(
  start: number,
  stop: number,
  count = 50,
  options: ArrayOptions = {},
): NDArray {
  checkEach("linspace", { start, stop }, linspaceKinds.end);
  check("linspace", "count", count, linspaceKinds.count);
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  return fromRule(
    "linspace",
    [count],
    "float32",
    (i) => (i > 0 && i === count - 1 ? stop : start + i * step),
    options,
  );
}

const linspaceCall = "linspace(start, stop, count, options)";
const linspaceKinds = {
  end: { ...number, call: linspaceCall },
  count: { ...whole(0), call: linspaceCall },
};

/**
 * The identity matrix: ones where row and column are equal (`k` columns to the right of that, when
 * given).
 *
 * @example
 * import { eye } from "@needle/ndarray";
 * eye(2, 3); // => [[1. 0. 0.] [0. 1. 0.]]
 * eye(2, 3, 1); // => [[0. 1. 0.] [0. 0. 1.]]
 */
export function eye(
  rows: number,
  columns: number = rows,
  k = 0,
  options: ArrayOptions = {},
): NDArray {
  checkEach("eye", { rows, columns }, eyeKinds.size);
  check("eye", "k", k, eyeKinds.k);
  return fromRule(
    "eye",
    [rows, columns],
    "float32",
    (i) => (Math.floor(i / columns) + k === i % columns ? 1 : 0),
    options,
  );
}

const eyeCall = "eye(rows, columns, k, options)";
const eyeKinds = { size: { ...whole(0), call: eyeCall }, k: { ...whole(), call: eyeCall } };

/**
 * Zeros of the shape, dtype and backend of `x`.
 *
 * @example
 * import { array, zerosLike } from "@needle/ndarray";
 * zerosLike(array([true, true])); // => [False False]
 */
export function zerosLike<D extends DType>(x: NDArray<D>): NDArray<D> {
  return filledLike("zerosLike", x, 0);
}

/**
 * Ones of the shape, dtype and backend of `x`.
 *
 * @example
 * import { arange, onesLike } from "@needle/ndarray";
 * onesLike(arange(3)); // => [1 1 1]
 */
export function onesLike<D extends DType>(x: NDArray<D>): NDArray<D> {
  return filledLike("onesLike", x, 1);
}

function filledLike<D extends DType>(op: string, x: NDArray<D>, value: number): NDArray<D> {
  if (!isNDArray(x)) throw new ArgumentError(op, `needs an array, got ${show(x)}`);
  return filled(op, x.shape, value, { dtype: x.dtype, backend: x.backend });
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

function fromRule(
  op: string,
  shape: Shape,
  defaultDType: DType,
  rule: (i: number) => number,
  options: ArrayOptions,
): NDArray {
  checkArrayOptions(op, options);
  const { dtype = defaultDType, backend } = options;
  const out = allocate(op, shape, dtype, backend ?? defaultBackend());
  fill(
    out,
    Float64Array.from({ length: out.size }, (_, i) => rule(i)),
  );
  return out;
}

/** Uploads values of any typed array to a fresh array, converting them as `copy` does. */
function fill(out: NDArray, data: TypedArray): void {
  let values: TypedArray = data;
  if (ownDType(data) !== out.dtype) {
    values = typedArray(out.dtype, data.length);
    const isBool = out.dtype === "bool";
    for (let i = 0; i < data.length; i++) values[i] = isBool ? Number(data[i] !== 0) : data[i]!;
  } else if (out.dtype === "bool") {
    values = data.map((value) => Number(value !== 0)) as Uint8Array;
  }
  out.backend.upload(out.storage.buffer, out.dtype, values);
}
