/**
 * The IDX format of the MNIST files: a type code, the sizes of the axes, then the elements, all
 * big-endian. Every header field is checked against the bytes that are really there before memory
 * is taken for them. Source: http://yann.lecun.com/exdb/mnist, "the IDX file format".
 */
import {
  type ArrayOptions,
  args,
  type DType,
  FormatError,
  fromTypedArray,
  type NDArray,
  showShape,
  type TypedArray,
} from "@needle/ndarray";
import * as kinds from "../kinds.ts";

/** How `parseIdx` reads. */
export interface IdxOptions extends Pick<ArrayOptions, "backend"> {
  /** What errors call the bytes, e.g. a file's name. Default `bytes`. */
  readonly name?: string;
  /** The most bytes the elements may take in the file. Default: as many as there are. */
  readonly maxBytes?: number;
}

const idxKinds: args.Kinds<IdxOptions> = {
  name: kinds.text,
  maxBytes: kinds.atMost,
  backend: kinds.backend,
};

/** The contents of an IDX file on the host. */
export interface IdxContents {
  /** int8 and int16 become int32. */
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** In row-major order. For uint8 this is the memory that was parsed, not a copy. */
  readonly data: TypedArray;
}

interface ElementType {
  /** What the format calls it. */
  readonly name: string;
  readonly dtype: DType;
  readonly bytes: number;
  decode(payload: Uint8Array, count: number): TypedArray;
}

/** The type codes of the format. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  8: { name: "uint8", dtype: "uint8", bytes: 1, decode: (payload) => payload },
  9: {
    name: "int8",
    dtype: "int32",
    bytes: 1,
    decode: (payload) => Int32Array.from(asInt8(payload)),
  },
  11: {
    name: "int16",
    dtype: "int32",
    bytes: 2,
    decode: (payload, count) =>
      fill(new Int32Array(count), payload, (view, i) => view.getInt16(2 * i)),
  },
  12: {
    name: "int32",
    dtype: "int32",
    bytes: 4,
    decode: (payload, count) =>
      fill(new Int32Array(count), payload, (view, i) => view.getInt32(4 * i)),
  },
  13: {
    name: "float32",
    dtype: "float32",
    bytes: 4,
    decode: (payload, count) =>
      fill(new Float32Array(count), payload, (view, i) => view.getFloat32(4 * i)),
  },
  14: {
    name: "float64",
    dtype: "float64",
    bytes: 8,
    decode: (payload, count) =>
      fill(new Float64Array(count), payload, (view, i) => view.getFloat64(8 * i)),
  },
};

/** As NumPy's: more axes are a damaged header rather than data. */
const maxRank = 64;

const damaged = "The file is damaged or not an IDX file: get it again.";

/**
 * The array in an IDX file. Unsigned bytes give uint8, signed bytes and 16- and 32-bit integers
 * int32, floats float32 and float64.
 *
 * @param bytes - the whole file, not compressed; see `gunzip`.
 * @throws FormatError when the header is too short, does not begin with two zeros, has an unknown
 *   type code or no or too many axes, or when its sizes overflow, exceed `maxBytes`, or are not
 *   those of the bytes after it.
 *
 * @example
 * import { parseIdx } from "@needle/data";
 * const bytes = new Uint8Array([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
 * parseIdx(bytes); // => [[1 2 3]
 *    //     [4 5 6]]
 */
export function parseIdx(bytes: Uint8Array, options: IdxOptions = {}): NDArray {
  args.check("parseIdx", "the first argument", bytes, kinds.bytes);
  args.checkOptions("parseIdx", options, idxKinds);
  const { dtype, shape, data } = readIdx(bytes, options);
  return fromTypedArray<DType>(data, shape, { dtype, backend: options.backend });
}

/** What `parseIdx` makes an array of. */
export function readIdx(bytes: Uint8Array, options: IdxOptions = {}): IdxContents {
  const { name = "bytes", maxBytes = Number.POSITIVE_INFINITY } = options;
  const wrong = (problem: string, remedy = damaged): FormatError =>
    new FormatError("parseIdx", `${name}: ${problem}`, remedy);

  checkMagic(bytes, wrong);
  const code = bytes[2]!;
  const type = elementTypes[code];
  if (type === undefined) {
    const known = Object.entries(elementTypes).map(
      ([key, { name }]) => `${hex(Number(key))} ${name}`,
    );
    throw wrong(`unknown type code ${hex(code)}, expected one of ${known.join(", ")}`);
  }
  const shape = readShape(bytes, wrong);
  const count = shape.reduce((product, length) => product * length, 1);
  const described = `${type.name} ${showShape(shape)}`;
  if (count * type.bytes > maxBytes) {
    throw wrong(
      `${described} takes ${count * type.bytes} bytes, more than the limit of ${maxBytes}`,
      "Raise maxBytes if the file is to be trusted.",
    );
  }
  const start = 4 + 4 * shape.length;
  const found = bytes.length - start;
  if (found !== count * type.bytes) {
    const [problem, remedy] =
      found < count * type.bytes
        ? ["truncated", "The end is missing: get the file again."]
        : ["too long", "There are bytes after the array: get the file again, or cut them off."];
    throw wrong(
      `${problem}, ${described} takes ${count * type.bytes} bytes after the header, found ${found}`,
      remedy,
    );
  }
  return { dtype: type.dtype, shape, data: type.decode(bytes.subarray(start), count) };
}

type Wrong = (problem: string, remedy?: string) => FormatError;

function checkMagic(bytes: Uint8Array, wrong: Wrong): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw wrong("compressed with gzip", "Decompress it first: parseIdx(await gunzip(bytes)).");
  }
  if (bytes.length < 4) {
    throw wrong(`${bytes.length} bytes, too few for the 4 that begin an IDX file`);
  }
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    throw wrong(`begins with ${hex(bytes[0]!)} ${hex(bytes[1]!)}, expected 00 00`);
  }
}

function readShape(bytes: Uint8Array, wrong: Wrong): number[] {
  const rank = bytes[3]!;
  if (rank === 0 || rank > maxRank) throw wrong(`${rank} axes, expected 1 to ${maxRank}`);
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw wrong(
      `truncated, the header of ${rank} ${rank === 1 ? "axis" : "axes"} takes ${header} bytes, found ${bytes.length}`,
      "The end is missing: get the file again.",
    );
  }
  const view = viewOf(bytes);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  // Sizes of 0 are left out: they would hide an overflow of the others.
  const product = shape.reduce((size, length) => size * Math.max(1, length), 8);
  if (!Number.isSafeInteger(product)) throw wrong(`sizes ${showShape(shape)} overflow`);
  return shape;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asInt8(bytes: Uint8Array): Int8Array {
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function fill<T extends TypedArray>(
  out: T,
  payload: Uint8Array,
  get: (view: DataView, i: number) => number,
): T {
  const view = viewOf(payload);
  for (let i = 0; i < out.length; i++) out[i] = get(view, i);
  return out;
}
