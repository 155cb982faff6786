/** PNG files: what is wrong with one is found before anything is decoded, and said. */
import { PNG } from "pngjs";
import { ModelFileError } from "./saved.ts";

/** An image: four bytes a pixel, red, green, blue and opacity, row after row. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The most pixels an image may have: a header of 30 bytes can claim any number. */
const mostPixels = 2 ** 24;

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** What other files begin with. */
const others: readonly (readonly [kind: string, bytes: readonly number[]])[] = [
  ["a JPEG image", [0xff, 0xd8, 0xff]],
  ["a GIF image", [0x47, 0x49, 0x46, 0x38]],
  ["a WebP image or another RIFF file", [0x52, 0x49, 0x46, 0x46]],
  ["a BMP image", [0x42, 0x4d]],
];

/**
 * Decodes a PNG of any kind.
 *
 * @param name - what errors call it.
 * @throws ModelFileError for anything else, and for what is damaged or too large.
 */
export function readPng(bytes: Uint8Array, name: string): Image {
  checkPng(bytes, (problem) => {
    throw new ModelFileError(`${name}: ${problem}`);
  });
  try {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
    return { width, height, data };
  } catch (error) {
    throw new ModelFileError(`${name}: a damaged PNG (${(error as Error).message})`);
  }
}

/** Walks over the chunks: length, type, data, checksum. */
function checkPng(bytes: Uint8Array, refuse: (problem: string) => never): void {
  if (bytes.length === 0) refuse("an empty file, not a PNG image");
  if (!startsWith(bytes, signature)) {
    const kind = others.find(([, start]) => startsWith(bytes, start))?.[0];
    refuse(kind === undefined ? "not a PNG image" : `${kind}, not a PNG; convert it first`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = signature.length;
  for (let type = ""; type !== "IEND"; ) {
    if (at + 8 > bytes.length) refuse(`a truncated PNG: it ends after ${bytes.length} bytes`);
    const size = view.getUint32(at);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const left = bytes.length - at - 8;
    if (size + 4 > left) {
      refuse(`a truncated PNG: its ${type} has ${size + 4} bytes, of which ${left} are there`);
    }
    if (at === signature.length) {
      if (type !== "IHDR" || size !== 13) refuse("a damaged PNG: it does not begin with its size");
      checkSize(view.getUint32(at + 8), view.getUint32(at + 12), refuse);
    }
    at += 12 + size;
  }
}

function checkSize(width: number, height: number, refuse: (problem: string) => never): void {
  if (width === 0 || height === 0) refuse(`an image of ${width} x ${height} pixels`);
  if (width * height > mostPixels) {
    refuse(`an image of ${width} x ${height} pixels, more than ${mostPixels}; make it smaller`);
  }
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}
