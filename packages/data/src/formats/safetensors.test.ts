import { tensor } from "@needle/autograd";
import { arange, array, FormatError, memory, NumpyGenerator } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { formatSafetensors, parseSafetensors } from "../index.ts";

/** A file with this header, as text or as it is, and these data. */
function fileOf(header: unknown, data: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (dtype: string, shape: number[], place: number[]) => ({
  dtype,
  shape,
  data_offsets: place,
});

describe("safetensors", () => {
  test("come back as they were, of every dtype and shape", async () => {
    const tensors = {
      "layers.0.weight": tensor(
        [
          [1.5, -2],
          [Number.NaN, Number.POSITIVE_INFINITY],
        ],
        { requiresGrad: true },
      ),
      double: array([Math.PI, -0], { dtype: "float64" }),
      whole: array([-(2 ** 31), 7], { dtype: "int32" }),
      bytes: array([0, 255], { dtype: "uint8" }),
      flags: array([true, false, true]),
      scalar: array(3),
      empty: array([]).reshape([0, 4]),
      turned: arange(6).reshape([2, 3]).transpose(),
    };
    const bytes = await formatSafetensors(tensors, { made: "by a test", ключ: "значение" });
    const { tensors: back, metadata } = parseSafetensors(bytes);
    expect(Object.keys(back)).toEqual(Object.keys(tensors));
    for (const [name, x] of Object.entries(tensors)) {
      const own = back[name]!;
      expect([own.dtype, own.shape]).toEqual([x.dtype, x.shape]);
      expect(Array.from(own.toTypedArray())).toEqual(Array.from(x.toTypedArray()));
    }
    expect(metadata).toEqual({ made: "by a test", ключ: "значение" });
  });

  test("have their elements at a multiple of 8 bytes", async () => {
    const bytes = await formatSafetensors({ x: array([1, 2]) });
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
    expect(bytes.length).toBe(8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)) + 8);
  });

  test("widen what has no dtype here", () => {
    const header = {
      half: entry("F16", [6], [0, 12]),
      brain: entry("BF16", [2], [12, 16]),
      long: entry("I64", [1], [16, 24]),
      tiny: entry("I8", [1], [24, 25]),
      short: entry("I16", [1], [25, 27]),
      ushort: entry("U16", [1], [27, 29]),
    };
    // 1, -2, the smallest above 0, -Infinity, NaN, 65504; 1, -3.140625; -5; -1; -2; 65535
    const data = [0, 0x3c, 0, 0xc0, 1, 0, 0, 0xfc, 1, 0x7c, 0xff, 0x7b, 0x80, 0x3f, 0x49, 0xc0];
    const rest = [0xfb, 255, 255, 255, 255, 255, 255, 255, 255, 0xfe, 255, 255, 255];
    const { tensors } = parseSafetensors(fileOf(header, [...data, ...rest]));
    expect(tensors.half!.toArray()).toEqual([
      1,
      -2,
      2 ** -24,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      65504,
    ]);
    expect(tensors.brain!.toArray()).toEqual([1, -3.140625]);
    expect(["long", "tiny", "short", "ushort"].map((name) => tensors[name]!.item())).toEqual([
      -5, -1, -2, 65535,
    ]);
  });

  test("cannot be named as the metadata", async () => {
    await expect(formatSafetensors({ __metadata__: array([1]) })).rejects.toThrow(
      "formatSafetensors: an array cannot be named __metadata__",
    );
  });
});

const lies: [what: string, bytes: Uint8Array, message: string][] = [
  ["nothing", new Uint8Array(3), "3 bytes, too few for the length of a header"],
  [
    "a header longer than the file",
    fileOf("{}").subarray(0, 9),
    "a header of 2 bytes, with 1 bytes left",
  ],
  [
    "a header of 2^63 bytes",
    Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 128, 123, 125]),
    "a header of 9223372036854775808 bytes, with 2 bytes left",
  ],
  ["a header that is no JSON", fileOf("{"), "the header is not JSON"],
  [
    "a header that is no text",
    fileOf("").length ? Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 255]) : new Uint8Array(),
    "the header is not JSON",
  ],
  ["a header that is a list", fileOf("[]"), "the header is not a JSON object"],
  [
    "metadata of numbers",
    fileOf({ __metadata__: { a: 1 } }),
    "__metadata__ is not an object of texts",
  ],
  ["an entry that is a number", fileOf({ x: 3 }), "x has the dtype undefined; known are BOOL"],
  ["an unknown dtype", fileOf({ x: entry("F8", [1], [0, 1]) }, [0]), 'x has the dtype "F8"'],
  [
    "a dtype of the prototype",
    fileOf({ x: entry("toString", [1], [0, 1]) }, [0]),
    'x has the dtype "toString"',
  ],
  ["a negative size", fileOf({ x: entry("U8", [-1], [0, 1]) }, [0]), "x has the shape [-1]"],
  ["a fractional size", fileOf({ x: entry("U8", [1.5], [0, 1]) }, [0]), "x has the shape [1.5]"],
  [
    "places that are no pair",
    fileOf({ x: entry("U8", [1], [0]) }, [0]),
    "x has the data_offsets [0]",
  ],
  [
    "a size that does not fit its place",
    fileOf({ x: entry("F32", [2], [0, 4]) }, [0, 0, 0, 0]),
    "x is F32 [2], 8 bytes, but has 4 bytes at [0, 4]",
  ],
  [
    "a shape of 2^80 elements",
    fileOf({ x: entry("F32", [2 ** 40, 2 ** 40], [0, 4]) }, [0, 0, 0, 0]),
    "but has 4 bytes",
  ],
  [
    "an array beyond the end",
    fileOf({ x: entry("U8", [9], [0, 9]) }, [0]),
    "x ends at byte 9 of the data, which has 1",
  ],
  [
    "a gap",
    fileOf({ x: entry("U8", [1], [1, 2]) }, [0, 0]),
    "x begins at byte 1 of the data, expected 0",
  ],
  [
    "an overlap",
    fileOf({ x: entry("U8", [2], [0, 2]), y: entry("U8", [2], [1, 3]) }, [0, 0, 0]),
    "y begins at byte 1 of the data, expected 2",
  ],
  [
    "bytes left over",
    fileOf({ x: entry("U8", [1], [0, 1]) }, [0, 0]),
    "1 bytes after the last array",
  ],
  [
    "a number too large",
    fileOf({ x: entry("I64", [1], [0, 8]) }, [0, 0, 0, 0, 1, 0, 0, 0]),
    "x has a number that does not fit int32 (element 0)",
  ],
];

describe("a file with", () => {
  test.each(lies)("%s is refused before arrays are made", (_, bytes, message) => {
    const before = memory().buffers;
    expect(() => parseSafetensors(bytes, { name: "model" })).toThrow(FormatError);
    expect(() => parseSafetensors(bytes, { name: "model" })).toThrow(`parseSafetensors: model: `);
    expect(() => parseSafetensors(bytes)).toThrow(message);
    expect(memory().buffers).toBe(before);
  });

  test("any damage is refused by a FormatError or read, and never anything else", async () => {
    const good = await formatSafetensors(
      { a: array([1, 2, 3]), b: array([[1]], { dtype: "uint8" }) },
      { k: "v" },
    );
    const random = new NumpyGenerator(1).random;
    for (let run = 0; run < 500; run++) {
      const [at, value, length] = [good.length, 256, good.length + 1].map(
        (n) => random.randint(0, n, 1)[0]!,
      );
      const bytes = good.slice(0, length);
      if (at! < length!) bytes[at!] = value!;
      try {
        parseSafetensors(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
  });
});
