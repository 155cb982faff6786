/**
 * The safetensors format: a header of names, dtypes, shapes and places in JSON, then all elements,
 * little-endian. Every claim of the header is checked against the bytes that are really there
 * before memory is taken for an array. Source: the format's description at
 * https://huggingface.co/docs/safetensors.
 */
import {
  type ArrayOptions,
  args,
  bytesPerElement,
  type DType,
  FormatError,
  fromTypedArray,
  type NDArray,
  showShape,
  sizeOf,
  type TypedArray,
} from "@needle/ndarray";
import * as kinds from "../kinds.ts";
import { bytesOf, textOf } from "../platform.ts";

/** How `parseSafetensors` reads. */
export interface SafetensorsOptions extends Pick<ArrayOptions, "backend"> {
  /** What errors call the bytes, e.g. a file's name. Default `bytes`. */
  readonly name?: string;
}

/** The contents of a safetensors file. */
export interface Safetensors {
  /** The arrays by name. */
  readonly tensors: Record<string, NDArray>;
  /** Texts by name that go with them. */
  readonly metadata: Record<string, string>;
}

/** Anything with a shape, a dtype and values: tensors and arrays. */
export interface Savable {
  readonly shape: readonly number[];
  readonly dtype: DType;
  data(): Promise<TypedArray>;
}

const names: Record<DType, string> = {
  bool: "BOOL",
  uint8: "U8",
  int32: "I32",
  float32: "F32",
  float64: "F64",
};

interface Element {
  readonly dtype: DType;
  readonly bytes: number;
  read(view: DataView, at: number): number;
}

/** What the format calls its elements; those without a dtype here are widened. */
const elements: Readonly<Record<string, Element>> = {
  BOOL: { dtype: "bool", bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  U8: { dtype: "uint8", bytes: 1, read: (view, at) => view.getUint8(at) },
  I8: { dtype: "int32", bytes: 1, read: (view, at) => view.getInt8(at) },
  U16: { dtype: "int32", bytes: 2, read: (view, at) => view.getUint16(at, true) },
  I16: { dtype: "int32", bytes: 2, read: (view, at) => view.getInt16(at, true) },
  I32: { dtype: "int32", bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I64: { dtype: "int32", bytes: 8, read: (view, at) => wholeOf(view.getBigInt64(at, true)) },
  F16: { dtype: "float32", bytes: 2, read: (view, at) => halfOf(view.getUint16(at, true)) },
  BF16: { dtype: "float32", bytes: 2, read: (view, at) => brainOf(view.getUint16(at, true)) },
  F32: { dtype: "float32", bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { dtype: "float64", bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

const constructors = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** The most bytes a header may have; the format's own limit. */
const longestHeader = 100_000_000;

const metadataKey = "__metadata__";

/** One entry of a header, checked. */
interface Entry {
  readonly name: string;
  readonly element: Element;
  readonly shape: readonly number[];
  /** From the first byte after the header. */
  readonly start: number;
}

/**
 * The arrays of a safetensors file. int8, int16, uint16 and int64 become int32, float16 and bfloat16
 * float32.
 *
 * @throws FormatError for a damaged or lying file, before arrays are made.
 *
 * @example
 * import { ones } from "@needle/ndarray";
 * import { formatSafetensors, parseSafetensors } from "@needle/data";
 * const bytes = await formatSafetensors({ weight: ones([2]) }, { epoch: "3" });
 * const { tensors, metadata } = parseSafetensors(bytes);
 * tensors.weight; // => [1. 1.]
 * metadata.epoch; // => 3
 */
export function parseSafetensors(bytes: Uint8Array, options: SafetensorsOptions = {}): Safetensors {
  args.check("parseSafetensors", "the first argument", bytes, kinds.bytes);
  const optionKinds = { name: kinds.text, backend: kinds.backend };
  const { name = "bytes", backend } = args.checkOptions("parseSafetensors", options, optionKinds);
  const { header, start } = headerOf(bytes, name);
  const metadata = metadataOf(header, name);
  const entries = Object.entries(header)
    .filter(([key]) => key !== metadataKey)
    .map(([key, value]) => entryOf(key, value, name));
  checkPlaces(entries, bytes.length - start, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoded = entries.map((entry) => decode(view, entry, start, name));
  const tensors = entries.map(({ name, shape, element }, i): [string, NDArray] => [
    name,
    fromTypedArray(decoded[i]!, shape, { dtype: element.dtype, backend }),
  ]);
  return { tensors: Object.fromEntries(tensors), metadata };
}

function refuse(name: string, problem: string): never {
  throw new FormatError("parseSafetensors", `${name}: ${problem}`);
}

function headerOf(
  bytes: Uint8Array,
  name: string,
): { readonly header: Record<string, unknown>; readonly start: number } {
  if (bytes.length < 8) refuse(name, `${bytes.length} bytes, too few for the length of a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claimed = view.getBigUint64(0, true);
  const left = bytes.length - 8;
  if (claimed > BigInt(Math.min(left, longestHeader))) {
    refuse(name, `a header of ${claimed} bytes, with ${left} bytes left`);
  }
  const start = 8 + Number(claimed);
  let header: unknown;
  try {
    header = JSON.parse(textOf(bytes.subarray(8, start)));
  } catch (error) {
    refuse(name, `the header is not JSON (${(error as Error).message})`);
  }
  if (!isRecord(header)) refuse(name, "the header is not a JSON object");
  return { header, start };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function metadataOf(header: Record<string, unknown>, name: string): Record<string, string> {
  const metadata = header[metadataKey] ?? {};
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    refuse(name, `${metadataKey} is not an object of texts`);
  }
  return { ...metadata } as Record<string, string>;
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function entryOf(key: string, value: unknown, name: string): Entry & { readonly end: number } {
  const { dtype, shape, data_offsets: place } = isRecord(value) ? value : {};
  const element =
    typeof dtype === "string" && Object.hasOwn(elements, dtype) ? elements[dtype] : undefined;
  if (element === undefined) {
    refuse(
      name,
      `${key} has the dtype ${JSON.stringify(dtype)}; known are ${Object.keys(elements).join(", ")}`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isPlace)) {
    refuse(name, `${key} has the shape ${JSON.stringify(shape)}`);
  }
  if (!Array.isArray(place) || place.length !== 2 || !place.every(isPlace)) {
    refuse(name, `${key} has the data_offsets ${JSON.stringify(place)}`);
  }
  const [start, end] = place as [number, number];
  const wanted = sizeOf(shape) * element.bytes;
  if (end - start !== wanted) {
    const got = `${end - start} bytes at [${start}, ${end}]`;
    refuse(name, `${key} is ${dtype} ${showShape(shape)}, ${wanted} bytes, but has ${got}`);
  }
  return { name: key, element, shape: shape as number[], start, end };
}

/** Throws unless the arrays fill the bytes from the first to the last, without gap or overlap. */
function checkPlaces(
  entries: readonly (Entry & { readonly end: number })[],
  size: number,
  name: string,
): void {
  const sorted = [...entries].sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  for (const { name: key, start, end } of sorted) {
    if (start !== at) refuse(name, `${key} begins at byte ${start} of the data, expected ${at}`);
    if (end > size) refuse(name, `${key} ends at byte ${end} of the data, which has ${size}`);
    at = end;
  }
  if (at !== size) refuse(name, `${size - at} bytes after the last array`);
}

function decode(view: DataView, entry: Entry, from: number, name: string): TypedArray {
  const { element, shape, start } = entry;
  const data = new constructors[element.dtype](sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const value = element.read(view, from + start + i * element.bytes);
    if (Number.isNaN(value) && element.dtype === "int32") {
      refuse(name, `${entry.name} has a number that does not fit int32 (element ${i})`);
    }
    data[i] = value;
  }
  return data;
}

/** NaN where int32 cannot hold it. */
function wholeOf(value: bigint): number {
  const number = Number(value);
  return number === (number | 0) ? number : Number.NaN;
}

function halfOf(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const pattern = new DataView(new ArrayBuffer(4));

function brainOf(bits: number): number {
  pattern.setUint32(0, bits << 16);
  return pattern.getFloat32(0);
}

/**
 * Tensors or arrays as the bytes of a safetensors file.
 *
 * @param metadata - texts to keep with them.
 */
export async function formatSafetensors(
  tensors: Readonly<Record<string, Savable>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  checkByName("tensors", tensors, savableKind);
  checkByName("metadata", metadata, kinds.text);
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header[metadataKey] = metadata;
  let size = 0;
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    if (name === metadataKey) {
      throw new FormatError("formatSafetensors", `an array cannot be named ${metadataKey}`);
    }
    const end = size + sizeOf(shape) * bytesPerElement(dtype);
    header[name] = { dtype: names[dtype], shape, data_offsets: [size, end] };
    size = end;
  }
  const text = bytesOf(JSON.stringify(header));
  // Spaces bring the elements to a multiple of 8, which readers that map files rely on.
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  bytes.fill(32, 8 + text.length, 8 + padded);
  let at = 8 + padded;
  for (const x of Object.values(tensors)) at = write(view, at, await x.data(), x.dtype);
  return bytes;
}

const savableKind = args.having("a tensor or an array", "shape", "dtype", "data");

function checkByName(
  what: string,
  values: Readonly<Record<string, unknown>>,
  kind: args.Kind,
): void {
  args.check("formatSafetensors", what, values, recordKind);
  for (const [name, value] of Object.entries(values)) {
    args.check("formatSafetensors", `${what}.${name}`, value, kind);
  }
}

/** Not itself one of what it is to hold. */
const recordKind: args.Kind = {
  expected: "an object",
  holds: (value) => kinds.object.holds(value) && !savableKind.holds(value) && !Array.isArray(value),
};

function write(view: DataView, start: number, data: TypedArray, dtype: DType): number {
  const width = bytesPerElement(dtype);
  for (let i = 0; i < data.length; i++) {
    const at = start + i * width;
    if (dtype === "float32") view.setFloat32(at, data[i]!, true);
    else if (dtype === "float64") view.setFloat64(at, data[i]!, true);
    else if (dtype === "int32") view.setInt32(at, data[i]!, true);
    else view.setUint8(at, data[i]!);
  }
  return start + data.length * width;
}
