/**
 * A backend without values: memory of no size and kernels that do nothing. Running a program on it
 * costs next to nothing and tells every shape, because ops compute shapes before they call a
 * kernel. Reading is an error.
 */
import type { Backend } from "../backend.ts";
import { DeviceError } from "../errors.ts";

/**
 * A backend on which arrays have shapes and dtypes but no values.
 *
 * @example
 * import { createShapeOnlyBackend, zeros } from "@needle/ndarray";
 * const backend = createShapeOnlyBackend();
 * zeros([1000000, 1000], { backend }).matmul(zeros([1000, 7], { backend })).shape; // => [1000000,7]
 */
export function createShapeOnlyBackend(): Backend {
  const nothing = (): void => {};
  const taken = (): boolean => true;
  return {
    name: "shape-only",
    alloc: () => null,
    free: nothing,
    upload: nothing,
    read: async () => refuse(),
    readSync: refuse,
    fill: nothing,
    copy: nothing,
    unary: nothing,
    binary: nothing,
    where: nothing,
    reduce: nothing,
    scan: nothing,
    recurrence: nothing,
    argsort: nothing,
    matmul: nothing,
    gather: nothing,
    scatter: nothing,
    scatterAdd: nothing,
    lu: nothing,
    triangularSolve: nothing,
    cholesky: nothing,
    qr: nothing,
    randomBits: nothing,
    softmax: nothing,
    logSoftmax: nothing,
    logsumexp: nothing,
    conv2d: nothing,
    conv2dInput: nothing,
    conv2dWeight: nothing,
    maxPool2d: nothing,
    sumPool2d: nothing,
    sumPool2dInput: nothing,
    matmulBias: nothing,
    normalize: taken,
    normalizeInputGradient: taken,
    normalizeWeightGradient: taken,
    crossEntropy: taken,
    crossEntropyGradient: taken,
    dropoutMask: nothing,
    sgdStep: nothing,
    adamStep: nothing,
    formula: nothing,
  };
}

function refuse(): never {
  throw new DeviceError(
    "read",
    "the shape-only backend has no values",
    "Use another backend to read them.",
  );
}
