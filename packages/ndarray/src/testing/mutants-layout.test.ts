/**
 * The conformance suite can fail, I: backends that read or write the wrong memory, each caught by
 * the case named beside it.
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

const mutants: readonly Mutant[] = [
  {
    wrong: "unary ignores the input's offset",
    caughtBy: "neg float32",
    kernels: (right) => ({ unary: (op, out, x) => right.unary(op, out, { ...x, offset: 0 }) }),
  },
  {
    wrong: "binary takes negative strides as positive",
    caughtBy: "add int32",
    kernels: (right) => ({
      binary: (op, out, a, b) =>
        right.binary(
          op,
          out,
          bent(a, (x) => ({ strides: x.strides.map(Math.abs) })),
          b,
        ),
    }),
  },
  {
    wrong: "binary takes stretched operands as compact",
    caughtBy: "maximum float64",
    kernels: (right) => ({
      binary: (op, out, a, b) =>
        right.binary(
          op,
          out,
          a,
          bent(b, (x) => (x.strides.includes(0) ? { strides: compactStrides(x.shape) } : {})),
        ),
    }),
  },
  {
    wrong: "unary writes its output without gaps",
    caughtBy: "exp float32",
    kernels: (right) => ({
      unary: (op, out, x) => right.unary(op, { ...out, strides: compactStrides(out.shape) }, x),
    }),
  },
  {
    wrong: "fill fills the whole buffer",
    caughtBy: "fill float32",
    kernels: () => ({ fill: (out, value) => void (out.buffer as TypedArray).fill(value) }),
  },
  {
    wrong: "read gives the buffer itself",
    caughtBy: "read gives a fresh array",
    kernels: (right) => ({
      read: async (x) =>
        x.shape.length === 1 && x.strides[0] === 1 && x.offset === 0
          ? (x.buffer as TypedArray)
          : right.read(x),
    }),
  },
  {
    wrong: "upload keeps the host's array",
    caughtBy: "upload takes part of a larger host array",
    kernels: () => ({
      upload: (buffer, _, data) =>
        void (buffer as TypedArray).set(
          new Float32Array(data.buffer as ArrayBuffer, 0, data.length),
        ),
    }),
  },
  {
    wrong: "matmul takes b as compact",
    caughtBy: "matmul float32 of several tiles in every combination of transposes",
    kernels: (right) => ({
      matmul: (out, a, b) => right.matmul(out, a, { ...b, strides: compactStrides(b.shape) }),
    }),
  },
  {
    wrong: "matmul moves along a stretched batch",
    caughtBy: "matmul float32 of one matrix with every matrix of a batch, by stride 0",
    kernels: (right) => ({
      matmul: (out, a, b) =>
        right.matmul(
          out,
          a,
          b.shape.length > 2 && b.strides[0] === 0 ? { ...b, strides: b.strides.with(0, 1) } : b,
        ),
    }),
  },
  {
    wrong: "matmul leaves the output alone when there is nothing to add",
    caughtBy: "matmul float32 over no terms gives zeros",
    kernels: (right) => ({
      matmul: (out, a, b) => {
        if (a.shape.at(-1) !== 0) right.matmul(out, a, b);
      },
    }),
  },
  {
    wrong: "binary clears the output before it reads its inputs",
    caughtBy: "sub in place of the left operand",
    kernels: (right) => ({
      binary: (op, out, a, b) => {
        right.fill(out, 0);
        right.binary(op, out, a, b);
      },
    }),
  },
  {
    wrong: "gather takes the last element for what is outside",
    caughtBy: "gather refuses position 3 of an axis of length 3",
    kernels: (right) => ({
      gather: (out, x, index, axis) => {
        const last = x.shape[axis]! - 1;
        right.gather(
          out,
          x,
          { ...index, buffer: (index.buffer as Int32Array).map((i) => Math.min(i, last)) },
          axis,
        );
      },
    }),
  },
  {
    wrong: "scatterAdd takes negative positions as positive",
    caughtBy: "scatterAdd refuses position -1 of an axis of length 3",
    kernels: (right) => ({
      scatterAdd: (out, index, x, axis) =>
        right.scatterAdd(
          out,
          { ...index, buffer: (index.buffer as Int32Array).map(Math.abs) },
          x,
          axis,
        ),
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
