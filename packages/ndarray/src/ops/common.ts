/** What several op families share. */
import type { Kind } from "../args.ts";
import type { Backend } from "../backend.ts";
import { ArgumentError, DeviceError, show } from "../errors.ts";
import { isNDArray, type NDArray } from "../ndarray.ts";

/** An array, as options hold it. */
export const arrayKind: Kind = { expected: "an array", holds: isNDArray };

/** The one backend all the arrays are on. None of them may have been freed. */
export function sameBackend(op: string, ...operands: readonly (NDArray | number)[]): Backend {
  let first: Backend | undefined;
  for (const x of operands) {
    if (typeof x === "number") continue;
    if (!isNDArray(x)) throw notAnOperand(op, "operands are arrays or numbers", x);
    x.checkAlive(op);
    first ??= x.backend;
    if (x.backend !== first) {
      throw new DeviceError(
        op,
        `arrays are on two backends, ${first.name} and ${x.backend.name}`,
        "Move one with `x.to(backend)`.",
      );
    }
  }
  if (first === undefined) throw new DeviceError(op, "needs at least one array");
  return first;
}

/** Throws unless the one operand of an op is an array that nobody has freed. */
export function checkArray(op: string, x: NDArray): void {
  if (!isNDArray(x)) throw notAnOperand(op, "the operand is an array", x);
  x.checkAlive(op);
}

function notAnOperand(op: string, expected: string, x: unknown): ArgumentError {
  return new ArgumentError(op, `${expected}, got ${show(x)}`, "Make one with array(...).");
}

/** Throws unless operands are in an array, and arrays that nobody has freed. */
export function checkArrays(op: string, arrays: readonly NDArray[]): void {
  if (!Array.isArray(arrays)) {
    throw new ArgumentError(op, `takes arrays in an array, got ${show(arrays)}`);
  }
  for (const x of Array.from(arrays)) checkArray(op, x);
}
