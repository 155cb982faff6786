/**
 * Emoji as a data set: small colour pictures of several vendors, their Unicode categories as
 * classes. Read from the sheets of the npm packages `emoji-datasource-VENDOR`: one PNG with all
 * pictures, and emoji.json, which says what is where.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Cifar10Dataset } from "@needle/data";
import { fromTypedArray } from "@needle/ndarray";
import { PNG } from "pngjs";
import { UsageError } from "./console.ts";
import type { Images } from "./resnet9.ts";

/** Rows and columns of a picture; in the sheet a pixel of border is on each side. */
const side = 32;
const cell = side + 2;

/** What emoji.json says of one. */
interface Entry {
  readonly category: string;
  readonly sheet_x: number;
  readonly sheet_y: number;
  readonly [hasImage: `has_img_${string}`]: boolean;
}

/** A picture's bytes, red, green and blue apart, and its category. */
interface Picture {
  readonly pixels: Uint8Array;
  readonly category: string;
}

/**
 * The pictures of all vendors in a folder, those of one held out for the test.
 *
 * @param folder - holds a folder for each vendor, with `32.png` and `emoji.json` in it.
 * @param limit - how many pictures of each vendor; all unless given.
 * @throws UsageError when there are too few vendors, or their files are not what they should be.
 */
export function emoji(folder: string, heldOut: string, limit?: number): Images {
  const vendors = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  if (!vendors.includes(heldOut) || vendors.length < 2) {
    throw new UsageError(
      `${folder} needs the emoji of ${heldOut} and of others, found ${vendors.join(", ") || "none"}: ` +
        "npm run emoji fetches them",
    );
  }
  const pictures = new Map(
    vendors.map((vendor) => [vendor, readVendor(join(folder, vendor), vendor).slice(0, limit)]),
  );
  const all = [...pictures.values()].flat();
  const names = [...new Set(all.map(({ category }) => category))].toSorted();
  const training = vendors.filter((vendor) => vendor !== heldOut);
  return {
    train: dataset(
      training.flatMap((vendor) => pictures.get(vendor)!),
      names,
    ),
    test: dataset(pictures.get(heldOut)!, names),
    names,
  };
}

function readVendor(folder: string, vendor: string): Picture[] {
  const sheet = decode(join(folder, "32.png"));
  const list = join(folder, "emoji.json");
  const entries = parse(list);
  return entries
    .filter((entry) => entry[`has_img_${vendor}`] && entry.category !== "Component")
    .map((entry) => ({ pixels: cut(sheet, entry, list), category: entry.category }));
}

function decode(file: string): PNG {
  try {
    return PNG.sync.read(readFileSync(file));
  } catch (error) {
    throw new UsageError(`cannot read ${file} (${reason(error)})`);
  }
}

function parse(file: string): Entry[] {
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`cannot read ${file} (${reason(error)})`);
  }
  if (!Array.isArray(entries)) throw new UsageError(`${file} holds no list`);
  return entries as Entry[];
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One picture of a sheet, on white, its colours apart. */
function cut(sheet: PNG, { sheet_x, sheet_y }: Entry, list: string): Uint8Array {
  const [left, top] = [sheet_x * cell + 1, sheet_y * cell + 1];
  if (!(left >= 1 && top >= 1 && left + side <= sheet.width && top + side <= sheet.height)) {
    throw new UsageError(
      `${list}: place ${sheet_x}, ${sheet_y} is outside of the sheet of ${sheet.width} x ${sheet.height}`,
    );
  }
  const plane = side * side;
  const pixels = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const from = 4 * ((top + Math.floor(i / side)) * sheet.width + left + (i % side));
    const alpha = sheet.data[from + 3]! / 255;
    for (let channel = 0; channel < 3; channel++) {
      pixels[channel * plane + i] = Math.round(
        sheet.data[from + channel]! * alpha + 255 * (1 - alpha),
      );
    }
  }
  return pixels;
}

function dataset(pictures: readonly Picture[], names: readonly string[]): Cifar10Dataset {
  const size = 3 * side * side;
  const pixels = new Uint8Array(pictures.length * size);
  for (const [i, picture] of pictures.entries()) pixels.set(picture.pixels, i * size);
  const labels = Int32Array.from(pictures, ({ category }) => names.indexOf(category));
  return new Cifar10Dataset(
    fromTypedArray<"uint8">(pixels, [pictures.length, 3, side, side]),
    fromTypedArray<"int32">(labels, [pictures.length]),
  );
}
