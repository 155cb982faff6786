/**
 * Where there is ink on an image. The border is taken for paper; what differs from it in the
 * direction it can, darker on light paper, lighter on dark, is ink.
 */
import type { Image } from "./png.ts";

/** Paper and ink closer than this, of 255, are not told apart. */
const leastContrast = 24;

/** An image as `toDigit` takes it. */
export interface Ink {
  /** From 0 (paper) to 255 (the strongest ink), row after row. */
  readonly ink: Uint8ClampedArray;
  /** What is below this is the paper's own unevenness. */
  readonly least: number;
}

/** The ink on an image; null where there is none. */
export function inkOf({ width, height, data }: Image): Ink | null {
  const shades = shadesOf(data);
  const border = borderOf(width, height).map((i) => shades[i]!);
  border.sort((a, b) => a - b);
  const paper = border[Math.floor(border.length / 2)]!;
  const sign = paper < 128 ? 1 : -1;
  const strengths = shades.map((shade) => Math.max(0, sign * (shade - paper)));
  const strongest = strengths.reduce((most, strength) => Math.max(most, strength), 0);
  if (strongest < leastContrast) return null;
  // A digit may touch the border, so not all that is there is paper.
  const unevenness = border.map((shade) => sign * (shade - paper)).sort((a, b) => a - b);
  const usual = Math.max(0, unevenness[Math.floor(0.9 * unevenness.length)]!);
  const least = Math.min(0.5, (2 * usual) / strongest);
  const ink = Uint8ClampedArray.from(strengths, (strength) => (255 * strength) / strongest);
  return { ink, least: Math.max(1, Math.ceil(255 * least)) };
}

/**
 * The brightness of each pixel, from 0 to 255. What is transparent is paper: of the shade that is
 * farther from what is drawn.
 */
function shadesOf(data: Uint8Array): Float32Array {
  const shades = new Float32Array(data.length / 4);
  let [sum, opacity] = [0, 0];
  for (let i = 0; i < shades.length; i++) {
    const [at, alpha] = [4 * i, data[4 * i + 3]!];
    // Weights of ITU-R BT.601.
    shades[i] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    sum += shades[i]! * alpha;
    opacity += alpha;
  }
  const behind = sum / Math.max(1, opacity) < 128 ? 255 : 0;
  return shades.map((shade, i) => behind + ((shade - behind) * data[4 * i + 3]!) / 255);
}

/** The places of the pixels at the border. */
function borderOf(width: number, height: number): number[] {
  const places: number[] = [];
  for (let x = 0; x < width; x++) places.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) places.push(y * width, y * width + width - 1);
  return places;
}
