/**
 * Walking strided views. A kernel's views have one shape; their common layout is simplified (axes
 * of size 1 dropped, neighbours that lie in one line joined) and then visited row by row, so that
 * kernels are a single loop over a row.
 */
import type { Operand, View } from "../../backend.ts";
import { type DType, type TypedArray, typedArray } from "../../dtype.ts";

/** A view, or a number, as a typed array with a place and strides. */
export interface Source {
  readonly data: TypedArray;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** A view as a kernel's loop reads it; a number becomes one element of `dtype`. */
export function source(x: Operand, dtype: DType): Source {
  if (typeof x !== "number") return { data: dataOf(x), strides: x.strides, offset: x.offset };
  const data = typedArray(dtype, 1);
  data[0] = x;
  return { data, strides: [], offset: 0 };
}

/** The typed array behind a view. */
export function dataOf(x: View): TypedArray {
  return x.buffer as TypedArray;
}

/**
 * Calls `row(offsets, count, steps)` for every innermost row: `count` elements, the first of view
 * `i` at `offsets[i]`, the next `steps[i]` further. Both arrays are reused between calls.
 */
export function forEachRow(
  shape: readonly number[],
  sources: readonly { readonly strides: readonly number[]; readonly offset: number }[],
  row: (offsets: number[], count: number, steps: readonly number[]) => void,
): void {
  const axes = simplify(shape, sources);
  if (axes.some((axis) => axis.length === 0)) return;
  const inner = axes.pop() ?? { length: 1, steps: sources.map(() => 0) };
  const offsets = sources.map((x) => x.offset);
  const counter = new Array<number>(axes.length).fill(0);
  for (;;) {
    row(offsets, inner.length, inner.steps);
    let axis = axes.length - 1;
    for (; axis >= 0; axis--) {
      const { length, steps } = axes[axis]!;
      counter[axis]! += 1;
      for (let i = 0; i < offsets.length; i++) offsets[i]! += steps[i]!;
      if (counter[axis]! < length) break;
      for (let i = 0; i < offsets.length; i++) offsets[i]! -= steps[i]! * length;
      counter[axis] = 0;
    }
    if (axis < 0) return;
  }
}

interface Axis {
  length: number;
  steps: number[];
}

function simplify(
  shape: readonly number[],
  sources: readonly { readonly strides: readonly number[] }[],
): Axis[] {
  const axes: Axis[] = [];
  for (let i = 0; i < shape.length; i++) {
    const length = shape[i]!;
    if (length === 1) continue;
    const steps = sources.map((x) => x.strides[i] ?? 0);
    const outer = axes.at(-1);
    if (outer?.steps.every((step, j) => step === steps[j]! * length)) {
      outer.length *= length;
      outer.steps = steps;
    } else {
      axes.push({ length, steps });
    }
  }
  return axes;
}

/**
 * What to walk for kernels that work along one axis: every place of the other axes. The axis itself
 * has size 1 (0 if there is nothing along it).
 */
export function alongAxis(
  axis: number,
  ...views: readonly View[]
): [shape: number[], sources: { strides: readonly number[]; offset: number }[]] {
  const { shape } = views[0]!;
  const sources = views.map((x) => ({ strides: x.strides.with(axis, 0), offset: x.offset }));
  return [shape.with(axis, Math.min(shape[axis]!, 1)), sources];
}
