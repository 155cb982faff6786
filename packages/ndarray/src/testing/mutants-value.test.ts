/**
 * The conformance suite can fail, II: backends that give wrong values, each caught by the case
 * named beside it.
 */
import { describe, expect, test } from "vitest";
import type { Backend, Operand, View } from "../backend.ts";
import { createReferenceBackend } from "../backends/reference/index.ts";
import type { TypedArray } from "../dtype.ts";
import { NeedleError } from "../errors.ts";
import { conformanceCases } from "./conformance.ts";

interface Mutant {
  readonly wrong: string;
  readonly caughtBy: string;
  /** The kernels that replace the right ones. */
  readonly kernels: (right: Backend) => Partial<Backend>;
}

/** Changes an operand if it is a view. */
function bent(x: Operand, change: (view: View) => Partial<View>): Operand {
  return typeof x === "number" ? x : { ...x, ...change(x) };
}

function compactStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
}

/** Replaces the value of one unary op, on views as long as one row. */
function unaryAs(right: Backend, op: string, value: (x: number) => number): Partial<Backend> {
  return {
    unary: (name, out, x) => {
      right.unary(name, out, x);
      if (name !== op) return;
      const data = right.readSync!(x);
      const result =
        out.dtype === "float32" ? Float32Array.from(data, value) : Float64Array.from(data, value);
      right.copy(out, {
        buffer: result,
        dtype: out.dtype,
        shape: out.shape,
        strides: compactStrides(out.shape),
        offset: 0,
      });
    },
  };
}

/** Replaces the value of one reduction over all axes. */
function reduceAs(
  right: Backend,
  op: string,
  fold: (values: readonly number[]) => number,
): Partial<Backend> {
  return {
    reduce: (name, out, x, axes) => {
      if (name === op && axes.length === x.shape.length)
        right.fill(out, fold(Array.from(right.readSync!(x))));
      else right.reduce(name, out, x, axes);
    },
  };
}

const mutants: readonly Mutant[] = [
  {
    wrong: "conv2d forgets the dilation",
    caughtBy: "conv2d float32, where there is one",
    kernels: (right) => ({
      conv2d: (out, x, weight, window) =>
        right.conv2d!(out, x, weight, { ...window, dilation: [1, 1] }),
    }),
  },
  {
    wrong: "conv2dInput swaps the strides of rows and columns",
    caughtBy: "conv2dInput float32, where there is one",
    kernels: (right) => ({
      conv2dInput: (out, y, weight, { stride: [rows, columns], ...window }) =>
        right.conv2dInput!(out, y, weight, { ...window, stride: [columns, rows] }),
    }),
  },
  {
    wrong: "conv2dWeight leaves out the padding",
    caughtBy: "conv2dWeight float32 of many sizes, channels first, where there is one",
    kernels: (right) => ({
      conv2dWeight: (out, x, y, window) =>
        right.conv2dWeight!(out, x, y, { ...window, padding: [0, 0] }),
    }),
  },
  {
    wrong: "maxPool2d gives positions in the window",
    caughtBy: "maxPool2d float32, where there is one",
    kernels: (right) => ({
      maxPool2d: (out, index, x, window) => {
        right.maxPool2d!(out, index, x, window);
        right.fill(index, 0);
      },
    }),
  },
  {
    wrong: "neg is 0 - x",
    caughtBy: "neg float32",
    kernels: (right) => unaryAs(right, "neg", (x) => 0 - x),
  },
  {
    wrong: "round takes halves away from zero",
    caughtBy: "round float32",
    kernels: (right) => unaryAs(right, "round", (x) => Math.sign(x) * Math.round(Math.abs(x))),
  },
  {
    wrong: "expm1 is exp - 1",
    caughtBy: "expm1 float32",
    kernels: (right) => unaryAs(right, "expm1", (x) => Math.fround(Math.exp(x)) - 1),
  },
  {
    wrong: "exp is 3 units off",
    caughtBy: "exp float32",
    kernels: (right) => unaryAs(right, "exp", (x) => Math.exp(x) * (1 + 6 * 2 ** -24)),
  },
  {
    wrong: "sigmoid gives 0 below -87",
    caughtBy: "sigmoid float32",
    kernels: (right) => unaryAs(right, "sigmoid", (x) => (x < -87 ? 0 : 1 / (1 + Math.exp(-x)))),
  },
  {
    wrong: "relu gives 0 for NaN",
    caughtBy: "relu float32",
    kernels: (right) => unaryAs(right, "relu", (x) => Math.max(x || 0, 0)),
  },
  {
    wrong: "maximum drops NaN",
    caughtBy: "maximum float32",
    kernels: (right) => ({
      binary: (op, out, a, b) => {
        if (op !== "maximum" || typeof a === "number" || typeof b === "number")
          return right.binary(op, out, a, b);
        const mask = {
          ...out,
          buffer: new Uint8Array((out.buffer as TypedArray).length),
          dtype: "bool",
        } as const;
        right.binary("gt", mask, a, b);
        right.where(out, mask, a, b);
      },
    }),
  },
  {
    wrong: "binary swaps a number and a view",
    caughtBy: "sub float32, a number on the left",
    kernels: (right) => ({
      binary: (op, out, a, b) =>
        typeof a === "number" ? right.binary(op, out, b, a) : right.binary(op, out, a, b),
    }),
  },
  {
    wrong: "int32 products are rounded like doubles",
    caughtBy: "mul int32",
    kernels: (right) => ({
      binary: (op, out, a, b) => {
        if (op !== "mul" || out.dtype !== "int32") return right.binary(op, out, a, b);
        const wide = {
          ...out,
          buffer: new Float64Array((out.buffer as TypedArray).length),
          dtype: "float64",
        } as const;
        const asWide = (x: Operand): Operand =>
          bent(x, (view) => ({
            buffer: Float64Array.from(view.buffer as TypedArray),
            dtype: "float64",
          }));
        right.binary(op, wide, asWide(a), asWide(b));
        right.copy(out, wide);
      },
    }),
  },
  {
    wrong: "max starts from 0",
    caughtBy: "max float32 of negative numbers only",
    kernels: (right) => reduceAs(right, "max", (values) => Math.max(0, ...values)),
  },
  {
    wrong: "max drops NaN",
    caughtBy: "max float32 of a NaN",
    kernels: (right) =>
      reduceAs(right, "max", (values) => Math.max(...values.filter((x) => !Number.isNaN(x)))),
  },
  {
    wrong: "argmax takes the last of ties",
    caughtBy: "argmax float32 of ties, the first",
    kernels: (right) =>
      reduceAs(right, "argmax", (values) => values.lastIndexOf(Math.max(...values))),
  },
  {
    wrong: "the product of nothing is 0",
    caughtBy: "prod float32 of nothing",
    kernels: (right) =>
      reduceAs(right, "prod", (values) =>
        values.reduce((a, b) => a * b, Math.min(1, values.length)),
      ),
  },
  {
    wrong: "sum adds one by one in float32",
    caughtBy: "sum float32 of 100,000 numbers is as exact as sums in blocks",
    kernels: (right) =>
      reduceAs(right, "sum", (values) => values.reduce((a, b) => Math.fround(a + b), 0)),
  },
  {
    wrong: "scan goes on after a NaN",
    caughtBy: "scan argmax float32 takes the last of ties, and stays at NaN",
    kernels: (right) => ({
      scan: (op, out, x, axis) =>
        right.scan(
          op,
          out,
          { ...x, buffer: (x.buffer as Float32Array).map((value) => value || 0) },
          axis,
        ),
    }),
  },
  {
    wrong: "scan gives the sum before each element",
    caughtBy: "scan sum int32",
    kernels: (right) => ({
      scan: (op, out, x, axis) => {
        right.scan(op, out, x, axis);
        if (op === "sum") right.binary("sub", out, out, x);
      },
    }),
  },
  {
    wrong: "recurrence starts from the first factor",
    caughtBy: "recurrence float32 does not read the first factor",
    kernels: (right) => ({
      recurrence: (out, a, b, axis) => {
        right.recurrence(out, a, b, axis);
        right.binary("mul", out, out, { ...a, strides: a.strides.with(axis, 0) });
      },
    }),
  },
  {
    wrong: "argsort, descending, turns the ascending order around",
    caughtBy: "argsort float32, descending, keeps the order of ties, NaN first",
    kernels: (right) => ({
      argsort: (out, x, axis, descending) => {
        const last = (out.shape[axis]! - 1) * out.strides[axis]!;
        const turned = {
          ...out,
          strides: out.strides.with(axis, -out.strides[axis]!),
          offset: out.offset + last,
        };
        right.argsort(descending ? turned : out, x, axis, false);
      },
    }),
  },
  {
    wrong: "argsort takes NaN for the smallest",
    caughtBy: "argsort float64",
    kernels: (right) => ({
      argsort: (out, x, axis, descending) => {
        const buffer = Float64Array.from(x.buffer as TypedArray, (value) =>
          Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value,
        );
        right.argsort(out, { ...x, dtype: "float64", buffer }, axis, descending);
      },
    }),
  },
  {
    wrong: "copy rounds to integers",
    caughtBy: "copy float32 to int32",
    kernels: (right) => ({
      copy: (out, x) => {
        if (x.dtype !== "float32" || out.dtype !== "int32") return right.copy(out, x);
        right.copy(out, { ...x, buffer: (x.buffer as Float32Array).map(Math.round) });
      },
    }),
  },
  {
    wrong: "copy to bool keeps the number",
    caughtBy: "copy uint8 to bool",
    kernels: (right) => ({
      copy: (out, x) =>
        right.copy(
          out.dtype === "bool" && x.dtype === "uint8" ? { ...out, dtype: "uint8" } : out,
          x,
        ),
    }),
  },
  {
    wrong: "where swaps its branches",
    caughtBy: "where int32",
    kernels: (right) => ({ where: (out, condition, a, b) => right.where(out, condition, b, a) }),
  },
  {
    wrong: "scatter adds",
    caughtBy: "scatter keeps the last of repeated positions",
    kernels: (right) => ({
      scatter: (out, index, x, axis) => right.scatterAdd(out, index, x, axis),
    }),
  },
  {
    wrong: "scatterAdd overwrites",
    caughtBy: "scatterAdd float32",
    kernels: (right) => ({
      scatterAdd: (out, index, x, axis) => {
        const zeros = { ...out, buffer: (out.buffer as TypedArray).map(() => 0) };
        right.scatterAdd(zeros, index, x, axis);
        right.copy(out, zeros);
      },
    }),
  },
  {
    wrong: "randomBits starts at the block's first word",
    caughtBy: "randomBits int32",
    kernels: (right) => ({
      randomBits: (out, key, offset) => right.randomBits(out, key, offset - (offset % 4)),
    }),
  },
  {
    wrong: "softmax does not subtract the maximum",
    caughtBy: "softmax float32, where there is one",
    kernels: (right) => ({
      softmax: (out, x, axis) => {
        const powers: View = {
          ...out,
          buffer: new Float64Array((out.buffer as TypedArray).length),
          dtype: "float64",
        };
        right.copy(powers, x);
        right.unary("exp", powers, powers);
        const shape = out.shape.with(axis, 1);
        const total: View = {
          buffer: new Float64Array(out.shape.reduce((a, b) => a * b, 1)),
          dtype: "float64",
          shape,
          strides: compactStrides(shape),
          offset: 0,
        };
        right.reduce("sum", total, powers, [axis]);
        right.binary("div", powers, powers, {
          ...total,
          shape: out.shape,
          strides: total.strides.with(axis, 0),
        });
        right.copy(out, powers);
      },
    }),
  },
];

describe("the conformance suite catches this", () => {
  test.each(mutants.map((mutant) => [mutant.wrong, mutant] as const))(
    "%s",
    async (_, { caughtBy, kernels }) => {
      const right = createReferenceBackend();
      const found = conformanceCases.find((one) => one.name === caughtBy);
      const run = async (): Promise<void> => found?.run({ ...right, ...kernels(right) });
      const error = await run().then(
        () => null,
        (thrown: Error) => thrown.cause ?? thrown,
      );
      expect(error).toBeInstanceOf(NeedleError);
    },
  );
});

describe("the conformance suite passes", () => {
  const right = createReferenceBackend();
  const passes = (caseName: string, kernels: Partial<Backend>) => async () => {
    await conformanceCases.find(({ name }) => name === caseName)!.run({ ...right, ...kernels });
  };
  test(
    "a kernel replaced by its like",
    passes(
      "neg float32",
      unaryAs(right, "neg", (x) => -x),
    ),
  );
  test(
    "a reduction replaced by its like",
    passes(
      "max float32 of a NaN",
      reduceAs(right, "max", (values) => Math.max(...values)),
    ),
  );
});
