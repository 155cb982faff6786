/**
 * The binary version of CIFAR-10: records of one byte of label and 3072 of pixels (32 x 32, all red
 * ones, then green, then blue), with no header. Source: https://www.cs.toronto.edu/~kriz/cifar.html,
 * "Binary version".
 */
import {
  type ArrayOptions,
  args,
  FormatError,
  fromTypedArray,
  type NDArray,
} from "@needle/ndarray";
import * as kinds from "../kinds.ts";

/** Rows and columns of an image. */
export const side = 32;

/** Classes, with labels from 0. */
export const classes = 10;

const pixels: number = 3 * side * side;
const record: number = 1 + pixels;

/** The records of a published file. */
const most = 10_000;

const damaged = "The file is damaged or not one of CIFAR-10's binary version: get it again.";

/** How `parseCifar10` reads. */
export interface Cifar10ParseOptions extends Pick<ArrayOptions, "backend"> {
  /** What errors call the bytes, e.g. a file's name. Default `bytes`. */
  readonly name?: string;
}

/**
 * The images and labels of one file of CIFAR-10's binary version: uint8 `[n, 3, 32, 32]` and int32
 * `[n]`.
 *
 * @throws FormatError when it is empty, too large, does not consist of whole records, or has a
 *   label above 9.
 *
 * @example
 * import { parseCifar10 } from "@needle/data";
 * const bytes = new Uint8Array(2 * 3073);
 * bytes.set([7, 255]);
 * const { images, labels } = parseCifar10(bytes);
 * images.shape; // => [2,3,32,32]
 * labels; // => [7 0]
 */
export function parseCifar10(
  bytes: Uint8Array,
  options: Cifar10ParseOptions = {},
): { images: NDArray; labels: NDArray } {
  args.check("parseCifar10", "the first argument", bytes, kinds.bytes);
  const optionKinds = { name: kinds.text, backend: kinds.backend };
  const { name = "bytes", backend } = args.checkOptions("parseCifar10", options, optionKinds);
  const count = countRecords("parseCifar10", bytes.length, name);
  const read = readRecords("parseCifar10", bytes, count, name);
  return {
    images: fromTypedArray<"uint8">(read.pixels, [count, 3, side, side], { backend }),
    labels: fromTypedArray<"int32">(read.labels, [count], { backend }),
  };
}

/** How many records a file of this many bytes has. */
export function countRecords(op: string, size: number, name: string): number {
  const wrong = (problem: string): FormatError =>
    new FormatError(op, `${name}: ${problem}`, damaged);
  if (size === 0) throw wrong("empty");
  if (size > most * record) {
    throw wrong(`${size} bytes, more than the ${most * record} of ${most} images`);
  }
  const rest = size % record;
  if (rest !== 0) {
    const whole = Math.floor(size / record);
    throw wrong(`${size} bytes are ${whole} records of ${record} and ${rest} bytes over`);
  }
  return size / record;
}

/** The first `count` records, pixels and labels apart. */
export function readRecords(
  op: string,
  bytes: Uint8Array,
  count: number,
  name: string,
): { pixels: Uint8Array; labels: Int32Array } {
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const label = bytes[i * record]!;
    if (label >= classes) {
      const problem = `label ${label} at position ${i}, expected 0 to ${classes - 1}`;
      throw new FormatError(op, `${name}: ${problem}`, damaged);
    }
    labels[i] = label;
  }
  const images = new Uint8Array(count * pixels);
  for (let i = 0; i < count; i++) {
    images.set(bytes.subarray(i * record + 1, (i + 1) * record), i * pixels);
  }
  return { pixels: images, labels };
}
