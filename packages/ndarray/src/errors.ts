/**
 * Every error needle throws. A message reads `op: what is wrong, the values`, then, where there is
 * one, the remedy on a second line.
 */

/**
 * The base of all needle errors: `error instanceof NeedleError` tells a needle error from any
 * other.
 *
 * @example
 * import { NeedleError, zeros } from "@needle/ndarray";
 * let message = "";
 * try {
 *   zeros([2, 3]).add(zeros([2]));
 * } catch (error) {
 *   if (error instanceof NeedleError) message = error.message;
 * }
 * message; // => add: shapes [2,3] and [2] do not broadcast (3 vs 2)
 */
export class NeedleError extends Error {
  constructor(op: string, problem: string, remedy?: string) {
    super(remedy === undefined ? `${op}: ${problem}` : `${op}: ${problem}\n${remedy}`);
    this.name = new.target.name;
  }
}

/** Shapes that do not fit together, or axes a shape does not have. */
export class ShapeError extends NeedleError {}

/** A dtype the operation is not defined for. */
export class DTypeError extends NeedleError {}

/** An index outside its axis. */
export class IndexError extends NeedleError {}

/** An argument outside its documented range. */
export class ArgumentError extends NeedleError {}

/** A matrix that has no inverse, or is not positive definite where it must be. */
export class LinAlgError extends NeedleError {}

/** Arrays of two backends in one operation, or a read the backend cannot do synchronously. */
export class DeviceError extends NeedleError {}

/**
 * A value used after its memory was given back, or changed in place while the graph still needed
 * it.
 */
export class MemoryError extends NeedleError {}

/** Files or bytes that are not what they claim to be. */
export class FormatError extends NeedleError {}

/** Writes a shape the way every message does: `[32,784]`. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(",")}]`;
}
