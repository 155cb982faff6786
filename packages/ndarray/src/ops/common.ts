/** What several op families share. */
import type { Backend } from "../backend.ts";
import { ArgumentError, DeviceError } from "../errors.ts";
import { isNDArray, type NDArray } from "../ndarray.ts";

/** The one backend all the arrays are on. None of them may have been freed. */
export function sameBackend(op: string, ...operands: readonly (NDArray | number)[]): Backend {
  let first: Backend | undefined;
  for (const x of operands) {
    if (typeof x === "number") continue;
    if (!isNDArray(x)) {
      throw new ArgumentError(
        op,
        `operands are arrays or numbers, got ${describe(x)}`,
        "Make one with array(...).",
      );
    }
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

function describe(x: unknown): string {
  return typeof x === "object" && x !== null ? x.constructor.name : typeof x;
}
