/** What several op families share. */
import type { Backend } from "../backend.ts";
import { ArgumentError, DeviceError } from "../errors.ts";
import { isNDArray, type NDArray } from "../ndarray.ts";

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
  return new ArgumentError(op, `${expected}, got ${describe(x)}`, "Make one with array(...).");
}

function describe(x: unknown): string {
  if (x === null) return "null";
  return typeof x === "object" ? x.constructor.name : typeof x;
}
