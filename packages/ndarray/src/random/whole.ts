// What the random streams ask of arguments: whole numbers, and arrays of whatever kind.

import type { Kind } from "../args.ts";
import { ArgumentError, show } from "../errors.ts";

/**
 * Throws unless `value` is a whole number from 0 to `max`.
 *
 * @param op - the public name that starts the message
 * @param part - which argument, when `op` alone does not say
 * @throws ArgumentError `rand: expected a whole number from 0 to 10, got -1 (size)`
 */
export function checkWhole(op: string, value: number, max: number, part?: string): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= max) return;
  const where = part === undefined ? "" : ` (${part})`;
  throw new ArgumentError(
    op,
    `expected a whole number from 0 to ${max}, got ${show(value)}${where}`,
  );
}

/** An array or a typed array. */
export const list: Kind = {
  expected: "an array or a typed array",
  holds: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value),
};
