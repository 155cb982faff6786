/**
 * Decompressing gzip files with what the platform has, which is the same in Node and in browsers.
 */
import { ArgumentError, args, FormatError } from "@needle/ndarray";
import * as kinds from "../kinds.ts";

/** How `gunzip` decompresses. */
export interface GunzipOptions {
  /** What errors call the bytes, e.g. a file's name. Default `bytes`. */
  readonly name?: string;
  /** The most bytes to decompress to. Default 1 GiB. */
  readonly maxBytes?: number;
}

/** The part of the Streams standard used here; the core packages know no platform types. */
interface Decompressor {
  readonly writable: {
    getWriter(): { write(chunk: Uint8Array): Promise<void>; close(): Promise<void> };
  };
  readonly readable: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
      cancel(): Promise<void>;
    };
  };
}

interface Runtime {
  readonly DecompressionStream?: new (format: "gzip") => Decompressor;
}

/**
 * A gzip file is a header of 10 bytes, at least 2 of data, and a checksum and the size at the end.
 */
const smallest = 20;

/** The most that deflate can grow: 258 bytes from 2 bits. */
const largestRatio = 1032;

/**
 * The contents of a gzip file. Bytes that do not begin as gzip does (1f 8b) are returned as they
 * are: data sets are served both ways, and web servers may have decompressed them on the way.
 *
 * The size at the end of the file is checked against `maxBytes` before anything is decompressed,
 * and decompressing stops where it is exceeded, so that a small file cannot fill the memory. Files
 * of several members joined together are not read.
 *
 * @throws FormatError when the bytes are damaged or truncated, or decompress to more than
 *   `maxBytes`.
 * @throws ArgumentError where the platform has no DecompressionStream (Node 18 and all current
 *   browsers have it).
 *
 * @example
 * import { gunzip } from "@needle/data";
 * const hello = "1f8b0800000000000003cb48cdc9c9070086a6103605000000";
 * const bytes = Uint8Array.from(hello.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
 * String.fromCharCode(...(await gunzip(bytes))); // => hello
 */
export async function gunzip(bytes: Uint8Array, options: GunzipOptions = {}): Promise<Uint8Array> {
  args.check("gunzip", "the first argument", bytes, kinds.bytes);
  args.checkOptions("gunzip", options, { name: kinds.text, maxBytes: kinds.atMost });
  const { name = "bytes", maxBytes = 2 ** 30 } = options;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const wrong = (problem: string, remedy = "The file is damaged: get it again."): FormatError =>
    new FormatError("gunzip", `${name}: ${problem}`, remedy);

  if (bytes.length < smallest)
    throw wrong(`truncated, ${bytes.length} bytes of gzip, expected at least ${smallest}`);
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(
    bytes.length - 4,
    true,
  );
  if (size > maxBytes) {
    throw wrong(
      `decompresses to ${size} bytes, more than the limit of ${maxBytes}`,
      "Raise maxBytes if the file is to be trusted.",
    );
  }
  if (size > largestRatio * bytes.length) {
    throw wrong(
      `says that it decompresses to ${size} bytes, which ${bytes.length} bytes of gzip cannot`,
    );
  }
  const { filled, out, error } = await inflate(bytes, size);
  if (error !== undefined) throw wrong(`cannot be decompressed (${error})`);
  if (filled !== size) {
    const found = filled > size ? "more" : String(filled);
    throw wrong(`says that it decompresses to ${size} bytes, found ${found}`);
  }
  return out;
}

/** Decompresses at most `size` bytes; `filled` is larger when there were more. */
async function inflate(
  bytes: Uint8Array,
  size: number,
): Promise<{ readonly out: Uint8Array; readonly filled: number; readonly error?: string }> {
  const { DecompressionStream } = globalThis as unknown as Runtime;
  if (DecompressionStream === undefined) {
    throw new ArgumentError(
      "gunzip",
      "this platform has no DecompressionStream",
      "Decompress the bytes before.",
    );
  }
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const reader = readable.getReader();
  // What fails in writing fails in reading as well, where it is reported.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  const out = new Uint8Array(size);
  let filled = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value === undefined) return { out, filled };
      if (filled + value.length > size) {
        reader.cancel().catch(() => {});
        return { out, filled: filled + value.length };
      }
      out.set(value, filled);
      filled += value.length;
    }
  } catch (error) {
    return { out, filled, error: reasonOf(error) };
  }
}

/** What a decompressor says; some leave the message empty and have a code or a cause only. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, cause } = error as Error & { code?: unknown };
  return error.message || (cause instanceof Error && cause.message) || String(code ?? error.name);
}
