import { PNG } from "pngjs";
import { describe, expect, test } from "vitest";
import { readPng } from "./png.ts";
import { ModelFileError } from "./saved.ts";

const image = new PNG({ width: 5, height: 3 });
for (let i = 0; i < image.data.length; i++) image.data[i] = (37 * i) % 256;
const good = Uint8Array.from(PNG.sync.write(image));

/** The good file with one 32-bit number changed. */
function changed(at: number, value: number): Uint8Array {
  const bytes = good.slice();
  new DataView(bytes.buffer).setUint32(at, value);
  return bytes;
}

const text = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "number" ? [part] : [...Buffer.from(part)])),
  );

test("a PNG is read", () => {
  const { width, height, data } = readPng(good, "a.png");
  expect([width, height, [...data]]).toEqual([5, 3, [...image.data]]);
});

describe("refused is", () => {
  test.each<[string, Uint8Array, string]>([
    ["an empty file", new Uint8Array(), "an empty file, not a PNG image"],
    ["a text", text("hello"), "not a PNG image"],
    ["a JPEG", text(0xff, 0xd8, 0xff, 0xe0), "a JPEG image, not a PNG; convert it first"],
    ["a GIF", text("GIF89a"), "a GIF image, not a PNG; convert it first"],
    ["a file cut in its signature", good.slice(0, 5), "not a PNG image"],
    ["a file cut after it", good.slice(0, 8), "a truncated PNG: it ends after 8 bytes"],
    [
      "a file cut in a chunk",
      good.slice(0, 45),
      `a truncated PNG: its IDAT has ${good.length - 53} bytes, of which 4 are there`,
    ],
    [
      "a file without its end",
      good.slice(0, -12),
      `a truncated PNG: it ends after ${good.length - 12} bytes`,
    ],
    ["no width", changed(16, 0), "an image of 0 x 3 pixels"],
    [
      "a size that no memory has",
      changed(16, 2 ** 31),
      "an image of 2147483648 x 3 pixels, more than 16777216; make it smaller",
    ],
    [
      "a chunk of 4 GB",
      changed(33, 2 ** 32 - 1),
      `a truncated PNG: its IDAT has 4294967299 bytes, of which ${good.length - 41} are there`,
    ],
    ["another first chunk", changed(12, 0), "a damaged PNG: it does not begin with its size"],
    ["a wrong checksum", changed(29, 7), "a damaged PNG ("],
  ])("%s", (_, bytes, message) => {
    expect(() => readPng(bytes, "a.png")).toThrow(ModelFileError);
    expect(() => readPng(bytes, "a.png")).toThrow(`a.png: ${message}`);
  });

  test("every cut of a file, and damage is refused or read", () => {
    for (let length = 0; length < good.length; length++) {
      expect(() => readPng(good.slice(0, length), "a.png")).toThrow(ModelFileError);
    }
    for (let at = 0; at < good.length; at++) {
      const bytes = good.slice();
      bytes[at]! ^= 0x55;
      try {
        readPng(bytes, "a.png");
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFileError);
      }
    }
  });
});
