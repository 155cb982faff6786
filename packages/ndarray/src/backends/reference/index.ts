/**
 * The reference backend: plain TypeScript on typed arrays, every kernel for every dtype. It is the
 * definition of right that other backends are tested against, so each kernel is written to be read;
 * float32 results are computed in double precision and rounded once.
 */
import type { Backend, View } from "../../backend.ts";
import { type TypedArray, typedArray } from "../../dtype.ts";
import { rowMajorStrides, sizeOf } from "../../shape.ts";
import { conv2d, conv2dInput, conv2dWeight } from "./conv.ts";
import { binary, copy, fill, unary, where } from "./elementwise.ts";
import { gather, scatter, scatterAdd } from "./indexing.ts";
import { cholesky, lu, qr, triangularSolve } from "./linalg.ts";
import { matmul } from "./matmul.ts";
import { maxPool2d, sumPool2d, sumPool2dInput } from "./pool.ts";
import { dropoutMask, randomBits } from "./random.ts";
import { reduce } from "./reduce.ts";
import { recurrence, scan } from "./scan.ts";
import { argsort } from "./sort.ts";
import { adamStep, sgdStep } from "./steps.ts";

/** A backend in plain TypeScript. Its buffers are typed arrays, left to the garbage collector. */
export function createReferenceBackend(): Backend {
  return {
    name: "reference",
    alloc: typedArray,
    free() {},
    upload(buffer, _dtype, data) {
      (buffer as TypedArray).set(data);
    },
    read: async (x) => readView(x),
    readSync: readView,
    fill,
    copy,
    unary,
    binary,
    where,
    reduce,
    scan,
    recurrence,
    argsort,
    matmul,
    gather,
    scatter,
    scatterAdd,
    lu,
    triangularSolve,
    cholesky,
    qr,
    randomBits,
    conv2d,
    conv2dInput,
    conv2dWeight,
    maxPool2d,
    sumPool2d,
    sumPool2dInput,
    dropoutMask,
    sgdStep,
    adamStep,
  };
}

function readView(x: View): TypedArray {
  const data = typedArray(x.dtype, sizeOf(x.shape));
  copy(
    { buffer: data, dtype: x.dtype, shape: x.shape, strides: rowMajorStrides(x.shape), offset: 0 },
    x,
  );
  return data;
}
