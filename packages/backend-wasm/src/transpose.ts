/**
 * Reading arrays of four-byte elements that lie across: their neighbours are not the output's
 * neighbours.
 */
import { cheapGrain } from "./calls.ts";
import { type Context, kernelOf } from "./context.ts";
import type { Layout } from "./layout.ts";

/** Shorter axes are not worth turning. */
const shortest = 4;

/**
 * The axis along which an operand's elements are neighbours while the output's are along the
 * innermost; -1 when the operand does not lie across.
 */
export function acrossAxis(layout: Layout, operand: number): number {
  const inner = layout.rank - 1;
  if (inner < 1) return -1;
  const steps = layout.steps[operand]!;
  if (
    layout.steps[0][inner] !== 4 ||
    steps[inner] === 4 ||
    steps[inner] === 0 ||
    layout.lengths[inner]! < shortest
  )
    return -1;
  for (let axis = inner - 1; axis >= 0; axis--) {
    if (steps[axis] === 4) return layout.lengths[axis]! < shortest ? -1 : axis;
  }
  return -1;
}

/**
 * Copies an operand that lies across. Lengths and rank are the layout's; `across` is the operand's
 * axis of neighbours.
 *
 * @param to - address of the copy, whose elements are neighbours along the innermost axis.
 */
export function transpose(
  context: Context,
  to: number,
  toSteps: readonly number[],
  from: number,
  fromSteps: readonly number[],
  across: number,
): void {
  const { layout, kernels, pool } = context;
  const kernel = kernelOf(kernels, "transpose4");
  const inner = layout.rank - 1;
  const { lengths } = layout;
  const walk = (axis: number, o: number, x: number): void => {
    if (axis === inner) {
      const [rows, columns] = [lengths[across]!, lengths[inner]!];
      const [rowStep, columnStep] = [toSteps[across]!, fromSteps[inner]!];
      const grain = cheapGrain / columns / 4;
      if (!pool.isWorthSharing(rows, grain)) {
        kernel(o, x, rows, columns, rowStep, columnStep);
        return;
      }
      pool.split(
        kernel,
        rows,
        grain,
        (first, size) => [o + first * rowStep, x + 4 * first, size, columns, rowStep, columnStep],
        { align: 16, repeatable: true },
      );
      return;
    }
    if (axis === across) {
      walk(axis + 1, o, x);
      return;
    }
    for (let i = 0; i < lengths[axis]!; i++)
      walk(axis + 1, o + i * toSteps[axis]!, x + i * fromSteps[axis]!);
  };
  walk(0, to, from);
}
