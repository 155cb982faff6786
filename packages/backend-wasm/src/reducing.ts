/**
 * Reductions. One group of axes is folded by a kernel of rows (its elements are neighbours, or
 * nothing better is known) or of columns (the elements of a kept group are neighbours). Several
 * groups are folded one after the other.
 */
import type { ReduceOp, View } from "@needle/ndarray";
import { addressOf, type Context, kernelTable } from "./context.ts";
import { type Group, groupsOf, mostOuter, writeFrame } from "./groups.ts";
import type { Block } from "./memory.ts";
import type { Kernel } from "./module.ts";

/** The reducing part of a backend. */
export interface Reducing {
  reduce(op: ReduceOp, out: View, x: View, axes: readonly number[]): void;
}

interface Kinds {
  readonly rows: Partial<Record<ReduceOp, Kernel>>;
  readonly columns: Partial<Record<ReduceOp, Kernel>>;
}

const ops: readonly ReduceOp[] = ["sum", "prod", "max", "min", "argmax", "argmin"];

/** Column sums of more rows keep totals in double precision. */
const rowsWithoutTotals = 64;

export function createReducing(context: Context): Reducing {
  const { kernels, memory, fallback } = context;
  const tables: Record<"float32" | "int32", Kinds> = {
    float32: {
      rows: kernelTable(kernels, ops, "RowsFloat32"),
      columns: kernelTable(kernels, ops, "ColumnsFloat32"),
    },
    int32: {
      rows: kernelTable(kernels, ops, "RowsInt32"),
      columns: kernelTable(kernels, ops, "ColumnsInt32"),
    },
  };
  const setColumns = kernels.setColumns!;

  /** Folds one group. False when no kernel takes it. */
  function foldGroup(
    op: ReduceOp,
    kinds: Kinds,
    to: number,
    from: number,
    reduced: Group,
    kept: readonly Group[],
  ): boolean {
    const columns = kinds.columns[op];
    const across =
      reduced.step === 4 || columns === undefined
        ? -1
        : kept.findLastIndex((group) => group.step === 4 && group.outStep === 4);
    if (across >= 0) {
      const outer = kept.toSpliced(across, 1);
      if (outer.length > mostOuter) return false;
      return foldColumns(columns!, op, to, from, reduced, kept[across]!, outer);
    }
    const rows = kinds.rows[op];
    if (rows === undefined || kept.length > mostOuter) return false;
    rows(to, from, reduced.length, 0, reduced.step, writeFrame(memory, kept));
    return true;
  }

  function foldColumns(
    kernel: Kernel,
    op: ReduceOp,
    to: number,
    from: number,
    reduced: Group,
    inner: Group,
    outer: readonly Group[],
  ): boolean {
    const needsTotals = op === "sum" && reduced.length > rowsWithoutTotals;
    const totals = needsTotals ? memory.alloc("float64", inner.length) : null;
    const hasRoom = totals === null || totals.pointer > 0;
    if (hasRoom) {
      setColumns(reduced.length, reduced.step, totals?.pointer ?? 0);
      kernel(to, from, inner.length, 4, 4, writeFrame(memory, outer));
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
    const chosen = reduced.find((group) => group.step === 4) ?? reduced.at(-1)!;
    const rest = groups.filter((group) => group !== chosen);
    if (reduced.length === 1) return foldGroup(op, kinds, to, from, chosen, rest);
    const size = rest.reduce((product, group) => product * group.length, 1);
    const block: Block = memory.alloc("float32", size);
    let step = 4;
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
      const kinds = x.dtype === "float32" || x.dtype === "int32" ? tables[x.dtype] : null;
      const groups =
        kinds === null || kinds.rows[op] === undefined || to === 0 || from === 0
          ? null
          : groupsOf(out, x, axes);
      const reduced = groups === null ? 0 : groups.filter((group) => group.isReduced).length;
      // Positions in several groups are not the position in all of them.
      const isKnown = reduced === 1 || (reduced > 1 && op !== "argmax" && op !== "argmin");
      if (!isKnown || !foldAll(op, kinds!, to, from, groups!)) fallback.reduce(op, out, x, axes);
    },
  };
}
