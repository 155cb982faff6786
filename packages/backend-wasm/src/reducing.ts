/**
 * Reductions. One group of axes is folded by a kernel of rows (its elements are neighbours, or
 * nothing better is known) or of columns (the elements of a kept group are neighbours). Several
 * groups are folded one after the other.
 */
import type { DType, ReduceOp, View } from "@needle/ndarray";
import { cheapGrain } from "./calls.ts";
import { addressOf, type Context, kernelOf, kernelTable } from "./context.ts";
import { type Group, groupsOf, mostOuter, runRows, writeFrame } from "./groups.ts";
import type { Block } from "./memory.ts";
import type { Kernel } from "./module.ts";
import { mostParts } from "./pool.ts";

/** The reducing part of a backend. */
export interface Reducing {
  reduce(op: ReduceOp, out: View, x: View, axes: readonly number[]): void;
}

/** The kernels of a dtype, of so many bytes an element. */
interface Kinds {
  readonly dtype: DType;
  readonly bytes: number;
  readonly rows: Partial<Record<ReduceOp, Kernel>>;
  readonly columns: Partial<Record<ReduceOp, Kernel>>;
}

const ops: readonly ReduceOp[] = ["sum", "prod", "max", "min", "argmax", "argmin"];

/** Elements of a sum that are added by one call, when there are more. */
const stretch = 16384;

/** Columns are cut at multiples of this: the kernels take so many at once. */
const columnAlign = 16;

/** Column sums of more rows keep totals in double precision. */
const rowsWithoutTotals = 64;

export function createReducing(context: Context): Reducing {
  const { kernels, memory, pool, fallback } = context;
  const sumStretches = kernelOf(kernels, "sumStretchesFloat32");
  const kinds = (dtype: DType, bytes: number, suffix: string): Kinds => ({
    dtype,
    bytes,
    rows: kernelTable(kernels, ops, `Rows${suffix}`),
    columns: kernelTable(kernels, ops, `Columns${suffix}`),
  });
  const tables: Record<DType, Kinds> = {
    float32: kinds("float32", 4, "Float32"),
    float64: kinds("float64", 8, "Float64"),
    int32: kinds("int32", 4, "Int32"),
    uint8: kinds("uint8", 1, "Uint8"),
    bool: kinds("bool", 1, "Uint8"),
  };
  /** Folds one group. False when no kernel takes it. */
  function foldGroup(
    op: ReduceOp,
    kinds: Kinds,
    to: number,
    from: number,
    reduced: Group,
    kept: readonly Group[],
  ): boolean {
    const { bytes } = kinds;
    const columns = kinds.columns[op];
    const across =
      reduced.step === bytes || columns === undefined
        ? -1
        : kept.findLastIndex((group) => group.step === bytes && group.outStep === bytes);
    if (across >= 0) {
      const outer = kept.toSpliced(across, 1);
      if (outer.length > mostOuter) return false;
      return foldColumns(columns!, kinds, op, to, from, reduced, kept[across]!, outer);
    }
    const rows = kinds.rows[op];
    if (rows === undefined || kept.length > mostOuter) return false;
    const { length, step } = reduced;
    const isWholeSum = rows === tables.float32.rows.sum && kept.length === 0 && step === 4;
    if (isWholeSum && length > stretch) return sumWhole(to, from, length);
    runRows(context, rows, to, from, length, 0, step, kept, cheapGrain / length);
    return true;
  }

  /**
   * The sum of many contiguous floats, by stretches of one length however many threads there are:
   * the same additions in the same order.
   */
  function sumWhole(to: number, from: number, n: number): boolean {
    const count = Math.ceil(n / stretch);
    const block = memory.alloc("float64", count);
    const hasRoom = block.pointer > 0;
    if (hasRoom) {
      pool.split(
        sumStretches,
        count,
        1,
        (first, size) => {
          const at = first * stretch;
          return [block.pointer + 8 * first, from + 4 * at, size, stretch, n - at];
        },
        { repeatable: true },
      );
      let total = 0;
      for (const sum of block.array(memory.buffer)) total += sum;
      memory.float32[to / 4] = total;
    }
    memory.free(block);
    return hasRoom;
  }

  function foldColumns(
    kernel: Kernel,
    { dtype, bytes }: Kinds,
    op: ReduceOp,
    to: number,
    from: number,
    reduced: Group,
    inner: Group,
    outer: readonly Group[],
  ): boolean {
    const { length, step } = reduced;
    const n = inner.length;
    let rows = 1;
    for (let i = 0; i < outer.length; i++) rows *= outer[i]!.length;
    const isShared = pool.isWorthSharing(rows * n * length, cheapGrain);
    const cutsColumns = isShared && n > rows;
    const needsTotals = op === "sum" && dtype === "float32" && length > rowsWithoutTotals;
    const copies = isShared && !cutsColumns ? mostParts : 1;
    const totals = needsTotals ? memory.alloc("float64", copies * n) : null;
    const scratch = totals === null ? 0 : totals.pointer;
    const hasRoom = totals === null || scratch > 0;
    if (hasRoom && cutsColumns) {
      const frame = writeFrame(memory, outer, 0);
      const call = (first: number, size: number): number[] => {
        const at = bytes * first;
        return [to + at, from + at, size, length, step, frame, scratch + 8 * first];
      };
      const grain = cheapGrain / (rows * length);
      // Narrow parts would read memory in pieces: many cost twice as much as few.
      pool.split(kernel, n, grain, call, { align: columnAlign, perThread: 1, repeatable: true });
    } else if (hasRoom) {
      const grain = isShared ? cheapGrain / (n * length) : Infinity;
      runRows(context, kernel, to, from, n, length, step, outer, grain, scratch, 8 * n);
    }
    if (totals !== null) memory.free(totals);
    return hasRoom;
  }

  /**
   * Folds groups one after the other, the one of neighbours first, through a row-major array of
   * what is left.
   */
  function foldAll(
    op: ReduceOp,
    kinds: Kinds,
    to: number,
    from: number,
    groups: readonly Group[],
  ): boolean {
    const reduced = groups.filter((group) => group.isReduced);
    const chosen = reduced.find((group) => group.step === kinds.bytes) ?? reduced.at(-1)!;
    const rest = groups.filter((group) => group !== chosen);
    if (reduced.length === 1) return foldGroup(op, kinds, to, from, chosen, rest);
    const size = rest.reduce((product, group) => product * group.length, 1);
    const block: Block = memory.alloc(kinds.dtype, size);
    let step = kinds.bytes;
    const between = rest
      .toReversed()
      .map((group) => {
        const outStep = step;
        step *= group.length;
        return { ...group, outStep };
      })
      .toReversed();
    const done =
      block.pointer > 0 &&
      foldGroup(op, kinds, block.pointer, from, chosen, between) &&
      foldAll(
        op,
        kinds,
        to,
        block.pointer,
        rest.map((group, i) => ({ ...group, step: between[i]!.outStep })),
      );
    memory.free(block);
    return done;
  }

  return {
    reduce(op, out, x, axes) {
      const to = addressOf(op, out);
      const from = addressOf(op, x);
      const kinds = tables[x.dtype];
      const groups =
        kinds.rows[op] === undefined || to === 0 || from === 0 ? null : groupsOf(out, x, axes);
      const reduced = groups === null ? 0 : groups.filter((group) => group.isReduced).length;
      // Positions in several groups are not the position in all of them.
      const isKnown = reduced === 1 || (reduced > 1 && op !== "argmax" && op !== "argmin");
      if (!isKnown || !foldAll(op, kinds, to, from, groups!)) fallback.reduce(op, out, x, axes);
    },
  };
}
