/** The axes of a reduction, simplified: neighbours of one kind that lie in one line are joined. */
import type { View } from "@needle/ndarray";
import { frameOf } from "./calls.ts";
import type { Context } from "./context.ts";
import { elementBytes } from "./layout.ts";
import type { LinearMemory } from "./memory.ts";
import type { Kernel } from "./module.ts";

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
 * Runs a kernel on every row; threads share the longest of the outer axes.
 *
 * @param a, b, c - what the kernel takes between the addresses and the frame.
 * @param outer - the axes along which there are rows, up to `mostOuter`.
 * @param grain - rows that are worth another thread.
 * @param scratch - memory that follows the frame, if not 0.
 * @param scratchBytes - how much of it each of up to `mostParts` parts takes.
 */
export function runRows(
  { memory, pool }: Context,
  kernel: Kernel,
  to: number,
  from: number,
  a: number,
  b: number,
  c: number,
  outer: readonly Group[],
  grain: number,
  scratch: number = 0,
  scratchBytes: number = 0,
): void {
  let rows = 1;
  for (let i = 0; i < outer.length; i++) rows *= outer[i]!.length;
  if (rows === 1 || !pool.isWorthSharing(rows, grain)) {
    const frame = writeFrame(memory, outer, 0);
    if (scratch === 0) kernel(to, from, a, b, c, frame);
    else kernel(to, from, a, b, c, frame, scratch);
    return;
  }
  let longest = 0;
  outer.forEach(({ length }, i) => {
    if (length > outer[longest]!.length) longest = i;
  });
  const group = outer[longest]!;
  pool.split(
    kernel,
    group.length,
    (grain * group.length) / rows,
    (first, length, part) => {
      const frame = writeFrame(memory, outer.with(longest, { ...group, length }), part);
      const [o, x] = [to + first * group.outStep, from + first * group.step];
      return [o, x, a, b, c, frame, scratch + scratchBytes * part];
    },
    { repeatable: to !== from },
  );
}

/**
 * Describes up to three outer axes to part `part` of a call of two operands; gives the frame's
 * address, or 0 when there are none.
 */
export function writeFrame(memory: LinearMemory, outer: readonly Group[], part: number): number {
  if (outer.length === 0) return 0;
  const words = memory.int32;
  const frame = frameOf(part);
  const first = frame / 4;
  for (let i = 0; i < mostOuter; i++) {
    const group = outer[outer.length - mostOuter + i];
    words[first + i] = group?.length ?? 1;
    words[first + 3 + i] = group?.outStep ?? 0;
    words[first + 6 + i] = group?.step ?? 0;
  }
  return frame;
}
