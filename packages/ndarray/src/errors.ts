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

/** The remedy for options that stand in the place of what comes before them. */
export function rightCall(value: unknown, call: string | undefined): string | undefined {
  return call !== undefined && typeof value === "object" ? `Call it as ${call}.` : undefined;
}

/** Writes a shape the way every message does: `[32,784]`. */
export function showShape(shape: readonly number[]): string {
  return `[${Array.from(shape, (length) => show(length)).join(",")}]`;
}

/**
 * Any value, as messages show what they got: arrays by class, dtype and shape, lists by their first
 * elements, objects by their keys.
 *
 * @example
 * import { show, zeros } from "@needle/ndarray";
 * show("mean"); // => "mean"
 * show([1, [2.5, null]]); // => [1,[2.5,null]]
 * show({ keepDims: true }); // => {keepDims}
 * show(zeros([2, 3])); // => NDArray float32 [2,3]
 */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return showPlain(value);
  if (Array.isArray(value)) {
    const shown = value.slice(0, 8).map(show);
    return `[${value.length > 8 ? [...shown, "…"] : shown}]`;
  }
  const name = nameOf(value);
  const isTyped = "dtype" in value && typeof value.dtype === "string";
  if (isTyped && "shape" in value && Array.isArray(value.shape)) {
    return `${name} ${value.dtype} ${show(value.shape)}`;
  }
  return name === "Object" ? `{${Object.keys(value).slice(0, 8)}}` : name;
}

function showPlain(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "bigint" ? `${value}n` : String(value);
}

function nameOf(value: object): string {
  const maker: unknown = value.constructor;
  return typeof maker === "function" && maker.name !== "" ? maker.name : "Object";
}
