/** The axes of a reduction, simplified: neighbours of one kind that lie in one line are joined. */
import type { View } from "@needle/ndarray";
import { frameByte } from "./calls.ts";
import { elementBytes } from "./layout.ts";
import type { LinearMemory } from "./memory.ts";

/** One axis, or several that act as one. Steps are in bytes. */
export interface Group {
  readonly isReduced: boolean;
  readonly length: number;
  readonly outStep: number;
  readonly step: number;
}

/**
 * The groups of `x`, outermost first; `out` has the rank of `x`. Null when there are no elements.
 */
export function groupsOf(out: View, x: View, axes: readonly number[]): Group[] | null {
  const groups: Group[] = [];
  for (let axis = 0; axis < x.shape.length; axis++) {
    const length = x.shape[axis]!;
    if (length === 0) return null;
    if (length === 1) continue;
    const isReduced = axes.includes(axis);
    const step = x.strides[axis]! * elementBytes(x);
    const outStep = out.shape[axis] === 1 ? 0 : out.strides[axis]! * elementBytes(out);
    const outer = groups.at(-1);
    const continues =
      outer !== undefined &&
      outer.isReduced === isReduced &&
      outer.step === step * length &&
      outer.outStep === outStep * length;
    if (continues)
      groups[groups.length - 1] = { isReduced, length: outer.length * length, outStep, step };
    else groups.push({ isReduced, length, outStep, step });
  }
  return groups;
}

/** Outer axes that a kernel of one row walks itself. */
export const mostOuter = 3;

/**
 * Describes up to three outer axes to a kernel of two operands; gives the frame's address, or 0
 * when there are none.
 */
export function writeFrame(memory: LinearMemory, outer: readonly Group[]): number {
  if (outer.length === 0) return 0;
  const words = memory.int32;
  const first = frameByte / 4;
  for (let i = 0; i < mostOuter; i++) {
    const group = outer[outer.length - mostOuter + i];
    words[first + i] = group?.length ?? 1;
    words[first + 3 + i] = group?.outStep ?? 0;
    words[first + 6 + i] = group?.step ?? 0;
  }
  return frameByte;
}
