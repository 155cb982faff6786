/** What a call of an op is, and the arrays it is given. */
import type { DType } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import type { Shape } from "../shape.ts";

/** An argument that is an array: made with these on whatever backend. */
export interface ArrayInput {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** An op and its arguments. */
export interface OpCall {
  readonly about: string;
  readonly inputs: readonly ArrayInput[];
  /** Whether the shape of the result depends on values. */
  readonly reads?: true;
  run(...arrays: NDArray[]): NDArray;
}

/** Arrays of each dtype. */
export const f32 = (...shape: number[]): ArrayInput => ({ dtype: "float32", shape });
export const f64 = (...shape: number[]): ArrayInput => ({ dtype: "float64", shape });
export const i32 = (...shape: number[]): ArrayInput => ({ dtype: "int32", shape });
export const u8 = (...shape: number[]): ArrayInput => ({ dtype: "uint8", shape });
export const bool = (...shape: number[]): ArrayInput => ({ dtype: "bool", shape });

/** A call, described. */
export function call(about: string, inputs: readonly ArrayInput[], run: OpCall["run"]): OpCall {
  return { about, inputs, run };
}
