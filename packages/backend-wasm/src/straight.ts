/**
 * Elementwise calls whose operands lie across: box by box, each turned into scratch memory that
 * stays in the cache, and read from there as if it had lain straight.
 */
import type { CallOptions } from "./calls.ts";
import type { Context } from "./context.ts";
import type { Kernel } from "./module.ts";
import { acrossAxis, transpose } from "./transpose.ts";

/** Elements of a box for each thread: half a second-level cache with those of the other operands. */
const boxSize = 32768;

/** Boxes are at least so long along the axes that are turned, if they can be: whole cache lines. */
const boxEdge = 16;

/** Rows of a multiple of so many elements get in each other's way in the cache. */
const slowRow = 256;

type Count = 2 | 3 | 4;

/** Runs a kernel of `count` operands, of which those from `first` on have elements of four bytes. */
export type StraightCall = (
  kernel: Kernel,
  count: Count,
  first: number,
  options: CallOptions,
) => void;

export function createStraight(context: Context): StraightCall {
  const { memory, layout, calls, pool } = context;
  const { addresses } = calls;
  /** For each operand the axis of its neighbours, -1 if it does not lie across. */
  const across = [-1, -1, -1, -1];
  /** The lengths of a box. */
  const lengths: number[] = [];

  /** Whether an operand lies across; says so in `across`. */
  function isAcross(first: number, count: number): boolean {
    let found = false;
    for (let k = 1; k < count; k++) {
      across[k] = k < first ? -1 : acrossAxis(layout, k);
      found ||= across[k]! >= 0;
    }
    return found;
  }

  /** Runs a kernel on one box, the operands that lie across replaced by straight copies. */
  function runBox(kernel: Kernel, count: Count, options: CallOptions, k = 1): void {
    if (k === count) {
      calls.run(kernel, count, options);
      return;
    }
    if (across[k]! < 0) {
      runBox(kernel, count, options, k + 1);
      return;
    }
    const inner = layout.innerLength;
    const pad = inner % slowRow === 0 ? boxEdge : 0;
    const block = memory.alloc("float32", (layout.size / inner) * (inner + pad));
    const from = layout.steps[k]!.slice(0, layout.rank);
    const address = addresses[k]!;
    if (block.pointer !== 0) {
      layout.makeRowMajor(k, 4, pad);
      transpose(context, block.pointer, layout.steps[k]!, address, from, across[k]!);
      addresses[k] = block.pointer;
    }
    runBox(kernel, count, options, k + 1);
    memory.free(block);
    addresses[k] = address;
    for (let axis = 0; axis < layout.rank; axis++) layout.steps[k]![axis] = from[axis]!;
  }

  /** Cuts the layout from an axis on into boxes. */
  function cut(axis: number, kernel: Kernel, count: Count, options: CallOptions): void {
    if (axis === layout.rank) {
      runBox(kernel, count, options);
      return;
    }
    const whole = layout.lengths[axis]!;
    const part = lengths[axis]!;
    for (let start = 0; start < whole; start += part) {
      layout.lengths[axis] = Math.min(part, whole - start);
      cut(axis + 1, kernel, count, options);
      for (let k = 0; k < count; k++) addresses[k]! += part * layout.steps[k]![axis]!;
    }
    const moved = part * Math.ceil(whole / part);
    for (let k = 0; k < count; k++) addresses[k]! -= moved * layout.steps[k]![axis]!;
    layout.lengths[axis] = whole;
  }

  /** The lengths of boxes of about `most` elements: the outermost axes are cut first. */
  function chooseBox(most: number): void {
    const { rank } = layout;
    let { size } = layout;
    for (let axis = 0; axis < rank; axis++) {
      const length = layout.lengths[axis]!;
      const others = size / length;
      const edge = axis === rank - 1 || across.includes(axis) ? boxEdge : 1;
      const wanted = Math.max(edge, Math.floor(most / others / edge) * edge);
      const part = size > most ? Math.min(length, wanted) : length;
      lengths[axis] = part;
      size = others * part;
    }
  }

  return (kernel, count, first, options) => {
    if (layout.rank < 2 || !isAcross(first, count)) {
      calls.run(kernel, count, options);
      return;
    }
    chooseBox(boxSize * pool.threads);
    cut(0, kernel, count, options);
  };
}
