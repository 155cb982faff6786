/**
 * softmax, logSoftmax and logsumexp: one kernel where the rows lie in line, else the composition
 * from other kernels.
 */
import { type RequiredKernels, rowMajorStrides, sizeOf, type View } from "@needle/ndarray";
import { costlyGrain } from "./calls.ts";
import { addressOf, type Context, kernelOf } from "./context.ts";
import { type Group, groupsOf, mostOuter, runRows } from "./groups.ts";
import type { Block } from "./memory.ts";

/** The normalizing part of a backend. */
export interface Normalizing {
  softmax(out: View, x: View, axis: number): void;
  logSoftmax(out: View, x: View, axis: number): void;
  logsumexp(out: View, x: View, axes: readonly number[]): void;
}

type Kernels = Pick<RequiredKernels, "unary" | "binary" | "where" | "reduce">;

export function createNormalizing(context: Context, backend: Kernels): Normalizing {
  const { memory, kernels } = context;

  /** Runs a kernel on every row. False when the rows do not lie in line. */
  function alongRows(
    op: string,
    kernelName: string,
    out: View,
    x: View,
    axes: readonly number[],
  ): boolean {
    const to = addressOf(op, out);
    const from = addressOf(op, x);
    if (x.dtype !== "float32" || to === 0 || from === 0) return false;
    const groups = groupsOf(out, x, axes);
    const rows = groups?.filter((group) => group.isReduced) ?? [];
    const row = rows[0];
    if (
      groups === null ||
      rows.length !== 1 ||
      row === undefined ||
      groups.length - 1 > mostOuter ||
      !isInLine(row)
    )
      return false;
    const outer = groups.filter((group) => group !== row);
    const kernel = kernelOf(kernels, kernelName);
    runRows(context, kernel, to, from, row.length, 4, 4, outer, costlyGrain / row.length);
    return true;
  }

  /** Calls `body` with a way to make arrays that are freed at the end. */
  function withTemporaries(
    body: (make: (like: View, shape: readonly number[]) => View) => void,
  ): void {
    const blocks: Block[] = [];
    const make = (like: View, shape: readonly number[]): View => {
      const buffer = memory.alloc(like.dtype, sizeOf(shape));
      blocks.push(buffer);
      return { buffer, dtype: like.dtype, shape, strides: rowMajorStrides(shape), offset: 0 };
    };
    try {
      body(make);
    } finally {
      for (const block of blocks) memory.free(block);
    }
  }

  function composeLogsumexp(out: View, x: View, axes: readonly number[]): void {
    withTemporaries((make) => {
      const kept = keptShape(x, axes);
      const isEmpty = sizeOf(x.shape) === 0;
      const shift = make(x, kept);
      const finite = make({ ...x, dtype: "bool" }, kept);
      const powers = make(x, x.shape);
      if (!isEmpty) {
        backend.reduce("max", shift, x, axes);
        backend.unary("isFinite", finite, shift);
        backend.where(shift, finite, shift, 0);
        backend.binary("sub", powers, x, stretched(shift, x.shape));
        backend.unary("exp", powers, powers);
      }
      backend.reduce("sum", out, powers, axes);
      backend.unary("log", out, out);
      if (!isEmpty) backend.binary("add", out, out, shift);
    });
  }

  return {
    softmax(out, x, axis) {
      if (alongRows("softmax", "softmaxRows", out, x, [axis])) return;
      withTemporaries((make) => {
        const row = make(x, keptShape(x, [axis]));
        backend.reduce("max", row, x, [axis]);
        backend.binary("sub", out, x, stretched(row, x.shape));
        backend.unary("exp", out, out);
        backend.reduce("sum", row, out, [axis]);
        backend.binary("div", out, out, stretched(row, x.shape));
      });
    },

    logSoftmax(out, x, axis) {
      if (alongRows("logSoftmax", "logSoftmaxRows", out, x, [axis])) return;
      withTemporaries((make) => {
        const row = make(x, keptShape(x, [axis]));
        const powers = make(x, x.shape);
        backend.reduce("max", row, x, [axis]);
        backend.binary("sub", out, x, stretched(row, x.shape));
        backend.unary("exp", powers, out);
        backend.reduce("sum", row, powers, [axis]);
        backend.unary("log", row, row);
        backend.binary("sub", out, out, stretched(row, x.shape));
      });
    },

    logsumexp(out, x, axes) {
      if (!alongRows("logsumexp", "logsumexpRows", out, x, axes)) composeLogsumexp(out, x, axes);
    },
  };
}

function isInLine(row: Group): boolean {
  return row.step === 4 && (row.outStep === 4 || row.outStep === 0);
}

function keptShape(x: View, axes: readonly number[]): number[] {
  return x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/** A view with reduced axes stretched over `shape`. */
function stretched(x: View, shape: readonly number[]): View {
  return {
    ...x,
    shape,
    strides: x.strides.map((stride, axis) => (x.shape[axis] === 1 ? 0 : stride)),
  };
}
