/** PNG files of digits, for tests. */
import { PNG } from "pngjs";

/** What the file looks like. */
interface Look {
  /** Pixels a pixel of the digit, across and down. Default 1. */
  readonly scale?: number;
  /** The colour of the paper and of the ink. Default black and white. */
  readonly paper?: readonly [red: number, green: number, blue: number, alpha: number];
  readonly ink?: readonly [red: number, green: number, blue: number, alpha: number];
  /** Pixels of paper around the digit: left, top, right, bottom. */
  readonly margins?: readonly [number, number, number, number];
  /** As pngjs numbers them: 0 grey, 2 colour, 4 grey with alpha, 6 colour with alpha. Default 6. */
  readonly colorType?: 0 | 2 | 4 | 6;
}

/**
 * A PNG file of a picture.
 *
 * @param pixels - from 0 (paper) to 1 (ink), row after row of 28.
 */
export function pngOf(pixels: ArrayLike<number>, look: Look = {}): Uint8Array {
  const { scale = 1, paper = [0, 0, 0, 255], ink = [255, 255, 255, 255] } = look;
  const { margins = [0, 0, 0, 0], colorType = 6 } = look;
  const [left, top, right, bottom] = margins;
  const [width, height] = [left + 28 * scale + right, top + 28 * scale + bottom];
  const png = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor((x - left) / scale), Math.floor((y - top) / scale)];
      const inside = column >= 0 && column < 28 && row >= 0 && row < 28;
      const strength = inside ? pixels[28 * row + column]! : 0;
      for (let c = 0; c < 4; c++) {
        const shade = paper[c]! + strength * (ink[c]! - paper[c]!);
        png.data[4 * (y * width + x) + c] = Math.round(shade);
      }
    }
  }
  return PNG.sync.write(png, { colorType });
}
