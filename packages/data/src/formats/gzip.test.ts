import { gzipSync } from "node:zlib";
import { FormatError } from "@needle/ndarray";
import { afterEach, describe, expect, test, vi } from "vitest";
import { failure } from "../failure.fixture.ts";
import { gunzip } from "./gzip.ts";

const text = new TextEncoder().encode("to be or not to be, that is the question".repeat(20));
const zipped = Uint8Array.from(gzipSync(text));
const name = "labels.gz";

/** A copy whose last four bytes, the size when decompressed, say something else. */
function claiming(bytes: Uint8Array, size: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(copy.length - 4, size, true);
  return copy;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("gunzip", () => {
  test("decompresses", async () => {
    expect(await gunzip(zipped)).toEqual(text);
    expect(await gunzip(Uint8Array.from(gzipSync("")))).toEqual(new Uint8Array(0));
  });

  test("decompresses bytes that begin in the middle of their memory", async () => {
    expect(await gunzip(Uint8Array.of(1, 2, 3, ...zipped, 4).subarray(3, -1))).toEqual(text);
  });

  test("decompresses what is larger than one chunk of a stream", async () => {
    const large = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * i) >> 8);
    const result = await gunzip(Uint8Array.from(gzipSync(large)), { maxBytes: large.length });
    expect(Buffer.compare(result, large)).toBe(0);
  });

  test("returns what is not gzip as it is", async () => {
    expect(await gunzip(text)).toBe(text);
    expect((await gunzip(new Uint8Array(0))).length).toBe(0);
  });

  test("gives the right bytes or a FormatError when any bit is flipped", async () => {
    let failures = 0;
    for (let bit = 0; bit < 8 * zipped.length; bit++) {
      const bytes = zipped.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      try {
        const result = await gunzip(bytes);
        expect(result === bytes ? "untouched" : result).toEqual(bit < 16 ? "untouched" : text);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        failures += 1;
      }
    }
    // A few bits of the header (time, system) mean nothing here.
    expect(failures).toBeGreaterThan(8 * (zipped.length - 10));
  });

  test("fails wherever the file is cut off", async () => {
    for (let end = 2; end < zipped.length; end++) {
      await expect(gunzip(zipped.subarray(0, end))).rejects.toThrow(FormatError);
    }
  });
});

describe("gunzip says what is wrong", () => {
  const again = "The file is damaged: get it again.";

  test("a few bytes", async () => {
    expect(await failure(() => gunzip(zipped.subarray(0, 12), { name }))).toBe(
      `FormatError: gunzip: labels.gz: truncated, 12 bytes of gzip, expected at least 20\n${again}`,
    );
  });

  test("a checksum that does not fit", async () => {
    const bytes = zipped.slice();
    bytes[bytes.length - 8]! ^= 1;
    expect(await failure(() => gunzip(bytes, { name }))).toMatch(
      /^FormatError: gunzip: labels\.gz: cannot be decompressed \(.+\)\nThe file is damaged: get it again\.$/,
    );
  });

  test("several members, or bytes after the end", async () => {
    const { length } = text;
    expect(await failure(() => gunzip(Uint8Array.of(...zipped, ...zipped)))).toBe(
      `FormatError: gunzip: bytes: says that it decompresses to ${length} bytes, found more\n${again}`,
    );
    expect(await failure(() => gunzip(Uint8Array.of(...zipped, 0, 0, 0, 0)))).toMatch(
      /^FormatError: gunzip: /,
    );
  });

  test("a size larger than gzip can reach", async () => {
    expect(await failure(() => gunzip(claiming(zipped, 2 ** 29), { name }))).toBe(
      `FormatError: gunzip: labels.gz: says that it decompresses to 536870912 bytes, which ${zipped.length} bytes of gzip cannot\n${again}`,
    );
  });

  test("more than maxBytes, before decompressing", async () => {
    vi.stubGlobal("DecompressionStream", undefined);
    expect(await failure(() => gunzip(zipped, { name, maxBytes: 10 }))).toBe(
      `FormatError: gunzip: labels.gz: decompresses to ${text.length} bytes, more than the limit of 10\n` +
        "Raise maxBytes if the file is to be trusted.",
    );
    expect(await failure(() => gunzip(claiming(zipped, 2 ** 30 + 1)))).toMatch(
      /more than the limit of 1073741824\n/,
    );
  });

  test("a bomb that claims to be small, after a few chunks", async () => {
    const bomb = claiming(Uint8Array.from(gzipSync(Buffer.alloc(2 ** 26))), 1000);
    const { DecompressionStream: Real } = globalThis;
    let decompressed = 0;
    class Counting extends Real {
      override get readable(): InstanceType<typeof Real>["readable"] {
        const count = new TransformStream({
          transform(chunk: Uint8Array, controller) {
            decompressed += chunk.length;
            controller.enqueue(chunk);
          },
        });
        return super.readable.pipeThrough(count);
      }
    }
    vi.stubGlobal("DecompressionStream", Counting);
    expect(await failure(() => gunzip(bomb, { name }))).toMatch(
      /says that it decompresses to 1000 bytes, found/,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(decompressed).toBeLessThan(2 ** 21);
  });

  test("a platform that cannot decompress", async () => {
    vi.stubGlobal("DecompressionStream", undefined);
    expect(await failure(() => gunzip(zipped))).toBe(
      "ArgumentError: gunzip: this platform has no DecompressionStream\nDecompress the bytes before.",
    );
  });
});
