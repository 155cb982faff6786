/** Emoji sheets for tests: squares of red, green or blue, in the form of the published ones. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";

const categories = ["Flags", "Objects", "Symbols"];
const across = 6;
const cell = 34;

/** A new folder with three vendors of 36 pictures each; the category is the colour. */
export function writeEmoji(): string {
  const folder = mkdtempSync(join(tmpdir(), "emoji-"));
  for (const [v, vendor] of ["apple", "google", "twitter"].entries()) {
    mkdirSync(join(folder, vendor));
    const sheet = new PNG({ width: across * cell, height: across * cell });
    const entries = Array.from({ length: across * across }, (_, i) => {
      const place = { sheet_x: i % across, sheet_y: Math.floor(i / across) };
      paint(sheet, place.sheet_x, place.sheet_y, i % 3, 8 + v + (i % 5));
      return { category: categories[i % 3], ...place, [`has_img_${vendor}`]: i !== 35 };
    });
    writeFileSync(join(folder, vendor, "32.png"), PNG.sync.write(sheet));
    writeFileSync(join(folder, vendor, "emoji.json"), JSON.stringify(entries));
  }
  return folder;
}

/** A square of one colour, half through at its first pixel, with nothing around it. */
function paint(sheet: PNG, x: number, y: number, channel: number, size: number): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const at = 4 * ((y * cell + 1 + row) * sheet.width + x * cell + 1 + column);
      sheet.data[at + channel] = 200;
      sheet.data[at + 3] = row + column === 0 ? 51 : 255;
    }
  }
}
