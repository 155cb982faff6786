import { createReferenceBackend, FormatError, memory, NumpyRandom } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { failure } from "../failure.fixture.ts";
import { encodeIdx } from "./idx.fixture.ts";
import { parseIdx } from "./idx.ts";

const codes = [0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e];

describe("parseIdx reads", () => {
  test.each([
    ["uint8", 0x08, "uint8", [0, 1, 128, 255]],
    ["int8 as int32", 0x09, "int32", [0, -1, -128, 127]],
    ["int16 as int32", 0x0b, "int32", [0, -1, -32768, 32767]],
    ["int32", 0x0c, "int32", [0, -1, -2147483648, 2147483647]],
    ["float32", 0x0d, "float32", [0.5, -1.25, Number.POSITIVE_INFINITY, 2 ** -149]],
    ["float64", 0x0e, "float64", [0.1, -1e300, Number.NaN, 5e-324]],
  ] as const)("%s", (_name, code, dtype, values) => {
    const x = parseIdx(encodeIdx(code, [2, 2], values));
    expect(x.dtype).toBe(dtype);
    expect(x.shape).toEqual([2, 2]);
    expect([...x.toTypedArray()]).toEqual(values);
  });

  test("bytes written down by hand", () => {
    const bytes = [0, 0, 0x0b, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0x01, 0x02, 0xff, 0xfe, 0x80, 0x00];
    expect(parseIdx(Uint8Array.from(bytes)).toArray()).toEqual([[258, -2, -32768]]);
  });

  test("any number of axes up to 64", () => {
    for (const rank of [1, 2, 5, 64]) {
      const shape = Array.from({ length: rank }, (_, axis) => (axis === 0 ? 2 : 1));
      expect(parseIdx(encodeIdx(0x08, shape, [3, 4])).shape).toEqual(shape);
    }
  });

  test("an array without elements", () => {
    expect(parseIdx(encodeIdx(0x0d, [0, 28, 28], [])).shape).toEqual([0, 28, 28]);
  });

  test("bytes that begin in the middle of their memory", () => {
    const file = encodeIdx(0x0c, [2], [7, -7]);
    const memory = new Uint8Array(file.length + 3);
    memory.set(file, 3);
    expect(parseIdx(memory.subarray(3)).toArray()).toEqual([7, -7]);
  });

  test("onto the backend asked for, in memory of its own", () => {
    const backend = createReferenceBackend();
    const file = encodeIdx(0x08, [2], [1, 2]);
    const x = parseIdx(file, { backend });
    file.fill(9);
    expect(x.backend).toBe(backend);
    expect(x.toArray()).toEqual([1, 2]);
  });
});

describe("parseIdx says what is wrong", () => {
  const good = encodeIdx(0x08, [2, 3], [1, 2, 3, 4, 5, 6]);
  const damaged = "The file is damaged or not an IDX file: get it again.";
  const rank65 = encodeIdx(0x08, new Array(65).fill(1), [0]);
  const overflow = encodeIdx(0x0e, [0xffffffff, 0xffffffff, 0], []);

  test.each<[string, Uint8Array, string]>([
    [
      "no bytes",
      new Uint8Array(0),
      `0 bytes, too few for the 4 that begin an IDX file\n${damaged}`,
    ],
    [
      "three bytes",
      good.slice(0, 3),
      `3 bytes, too few for the 4 that begin an IDX file\n${damaged}`,
    ],
    [
      "a web page",
      new TextEncoder().encode("<!doctype html>"),
      `begins with 3c 21, expected 00 00\n${damaged}`,
    ],
    [
      "a compressed file",
      Uint8Array.of(0x1f, 0x8b, 8, 0, 0),
      "compressed with gzip\nDecompress it first: parseIdx(await gunzip(bytes)).",
    ],
    [
      "an unknown type code",
      encodeIdx(0x0a, [1], [0]),
      "unknown type code 0a, expected one of 08 uint8, 09 int8, 0b int16, 0c int32, 0d float32, 0e float64\n" +
        damaged,
    ],
    ["no axes", encodeIdx(0x08, [], [1]), `0 axes, expected 1 to 64\n${damaged}`],
    ["too many axes", rank65, `65 axes, expected 1 to 64\n${damaged}`],
    [
      "a header cut off",
      good.slice(0, 11),
      "truncated, the header of 2 axes takes 12 bytes, found 11\nThe end is missing: get the file again.",
    ],
    [
      "a header of one axis cut off",
      encodeIdx(0x08, [1], []).slice(0, 7),
      "truncated, the header of 1 axis takes 8 bytes, found 7\nThe end is missing: get the file again.",
    ],
    ["sizes that overflow", overflow, `sizes [4294967295,4294967295,0] overflow\n${damaged}`],
    [
      "elements cut off",
      good.slice(0, -1),
      "truncated, uint8 [2,3] takes 6 bytes after the header, found 5\nThe end is missing: get the file again.",
    ],
    [
      "a size that claims 34 GB",
      encodeIdx(0x0e, [0xffffffff], [1]),
      "truncated, float64 [4294967295] takes 34359738360 bytes after the header, found 8\nThe end is missing: get the file again.",
    ],
    [
      "bytes after the array",
      Uint8Array.of(...good, 0),
      "too long, uint8 [2,3] takes 6 bytes after the header, found 7\n" +
        "There are bytes after the array: get the file again, or cut them off.",
    ],
  ])("%s", async (_case, bytes, text) => {
    expect(await failure(() => parseIdx(bytes, { name: "digits" }))).toBe(
      `FormatError: parseIdx: digits: ${text}`,
    );
  });

  test("more than maxBytes", async () => {
    expect(parseIdx(good, { maxBytes: 6 }).size).toBe(6);
    expect(await failure(() => parseIdx(good, { maxBytes: 5 }))).toBe(
      "FormatError: parseIdx: bytes: uint8 [2,3] takes 6 bytes, more than the limit of 5\n" +
        "Raise maxBytes if the file is to be trusted.",
    );
  });
});

describe("parseIdx trusts nothing", () => {
  const random = new NumpyRandom(5);
  const below = (n: number): number => random.randint(0, n, 1)[0]!;
  const anyFile = (): Uint8Array => {
    const shape = Array.from({ length: 1 + below(3) }, () => below(4));
    const size = shape.reduce((product, length) => product * length, 1);
    return encodeIdx(codes[below(codes.length)]!, shape, random.randint(-100, 100, size));
  };

  /**
   * Either a FormatError, or an array that encodes to exactly these bytes; and no more memory than
   * they justify.
   */
  function check(bytes: Uint8Array): boolean {
    const backend = createReferenceBackend();
    try {
      const x = parseIdx(bytes, { backend });
      const values = x.toTypedArray();
      expect(memory(backend).allocatedBytes).toBeLessThanOrEqual(4 * bytes.length);
      // A signalling NaN does not survive being a JavaScript number.
      if (!values.some(Number.isNaN)) expect(encodeIdx(bytes[2]!, x.shape, values)).toEqual(bytes);
      return true;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      expect(memory(backend).allocatedBytes).toBe(0);
      return false;
    }
  }

  test("in files that are right", () => {
    for (let i = 0; i < 300; i++) expect(check(anyFile())).toBe(true);
  });

  test("in files with flipped bits", () => {
    let right = 0;
    for (let i = 0; i < 5000; i++) {
      const bytes = anyFile();
      for (let flips = 1 + below(3); flips > 0; flips--) {
        const position = below(2) === 0 ? below(Math.min(16, bytes.length)) : below(bytes.length);
        bytes[position]! ^= 1 << below(8);
      }
      right += Number(check(bytes));
    }
    expect(right).toBeGreaterThan(500);
    expect(right).toBeLessThan(4500);
  });

  test("in files cut off at any place or with bytes added", () => {
    for (const code of codes) {
      const bytes = encodeIdx(code, [3, 2], [1, 2, 3, 4, 5, 6]);
      for (let end = 0; end < bytes.length; end++) expect(check(bytes.slice(0, end))).toBe(false);
      for (let more = 1; more < 9; more++)
        expect(check(Uint8Array.of(...bytes, ...new Uint8Array(more)))).toBe(false);
    }
  });

  test("in bytes of no meaning behind a plausible beginning", () => {
    for (let i = 0; i < 5000; i++) {
      const bytes = Uint8Array.from(random.randint(0, 256, below(40)));
      bytes.set([0, 0, codes[below(codes.length)]!, 1 + below(3)].slice(0, bytes.length));
      check(bytes);
    }
  });
});
