/** Small grey images as text, side by side: a character for two pixels above each other. */

const shades = " .:-=+*#%@";

/**
 * Square images in a row, half as many lines as they have rows of pixels, in ASCII.
 *
 * @param values - the pixels of all images from 0 (blank) to 1 (full), row by row.
 * @param side - the width of an image in pixels.
 */
export function drawGrey(values: ArrayLike<number>, side: number): string {
  const area = side * side;
  const count = Math.floor(values.length / area);
  const lines: string[] = [];
  for (let y = 0; y + 1 < side; y += 2) {
    let line = "";
    for (let image = 0; image < count; image++) {
      for (let x = 0; x < side; x++) {
        const above = image * area + y * side + x;
        const grey = (values[above]! + values[above + side]!) / 2;
        const shade = Math.round(Math.min(1, Math.max(0, grey)) * (shades.length - 1));
        line += shades[shade]!;
      }
    }
    lines.push(line.trimEnd());
  }
  return lines.join("\n");
}
