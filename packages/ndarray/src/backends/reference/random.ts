/** Random bits, from the counter-based Philox stream. */
import type { View } from "../../backend.ts";
import { philoxUniform32, philoxUniform64, philoxWords } from "../../random/philox.ts";
import { rowMajorStrides, sizeOf } from "../../shape.ts";
import { copy } from "./elementwise.ts";

export function randomBits(out: View, key: readonly [number, number], offset: number): void {
  const values = draw(out.dtype, sizeOf(out.shape), key, offset);
  const dtype = values instanceof Int32Array ? "int32" : out.dtype;
  copy(out, {
    buffer: values,
    dtype,
    shape: out.shape,
    strides: rowMajorStrides(out.shape),
    offset: 0,
  });
}

export function dropoutMask(
  out: View,
  p: number,
  key: readonly [number, number],
  offset: number,
): void {
  const values = new Float32Array(sizeOf(out.shape));
  philoxUniform32(values, key, offset);
  const [share, scale] = [Math.fround(1 - p), 1 / (1 - p)];
  const mask = Float64Array.from(values, (u) => (u <= share ? scale : 0));
  const strides = rowMajorStrides(out.shape);
  copy(out, { buffer: mask, dtype: "float64", shape: out.shape, strides, offset: 0 });
}

function draw(
  dtype: View["dtype"],
  size: number,
  key: readonly [number, number],
  offset: number,
): Float32Array | Float64Array | Int32Array {
  if (dtype === "float64") {
    const values = new Float64Array(size);
    philoxUniform64(values, key, offset);
    return values;
  }
  if (dtype === "float32") {
    const values = new Float32Array(size);
    philoxUniform32(values, key, offset);
    return values;
  }
  const values = new Int32Array(size);
  philoxWords(values, key, offset);
  return values;
}
