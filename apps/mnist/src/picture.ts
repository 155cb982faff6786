/**
 * Digits as text, side by side: two pixel rows a line with half blocks, in shades of grey where the
 * terminal has them, in ASCII where it has not even blocks. Digits are drawn at half their size, 14
 * columns wide, unless all of them fit at full size.
 */

import { columnsOf, type Env, isTerminal, type Output, paint, showsUnicode } from "./io.ts";
import { percent } from "./text.ts";

/** One image and what a model made of it. */
export interface SeenDigit {
  /** 28 x 28 grey values from 0 to 1, row by row. */
  readonly pixels: ArrayLike<number>;
  readonly label: number;
  readonly guess: number;
  /** The probability the model gives to its guess; said below it if there. */
  readonly probability?: number;
}

/** What the terminal can do. */
export interface Canvas {
  readonly columns: number;
  /** Whether it shows block characters. */
  readonly unicode: boolean;
  /** Whether it shows 256 colours. */
  readonly shades: boolean;
  /** Marks the captions of right and wrong guesses. */
  readonly mark: (right: boolean, caption: string) => string;
}

/** What a stream can do. */
export function canvasOf(stream: Output, env: Env): Canvas {
  return {
    columns: columnsOf(stream),
    unicode: showsUnicode(stream, env),
    shades: isTerminal(stream, env) && (stream.hasColors?.(256) ?? false),
    mark: (right, caption) => paint(stream, right ? "green" : "red", caption),
  };
}

const side = 28;
const gap = 2;

/**
 * The digits in rows, a caption below each: what the model sees and, where it is wrong, what is
 * there.
 */
export function drawDigits(digits: readonly SeenDigit[], canvas: Canvas): string {
  const fits = (width: number): number => Math.floor((canvas.columns + gap) / (width + gap));
  const scale = fits(side) >= digits.length ? 1 : 2;
  const perRow = evenly(digits.length, Math.max(1, fits(side / scale)));
  const rows: string[] = [];
  for (let start = 0; start < digits.length; start += perRow) {
    rows.push(drawRow(digits.slice(start, start + perRow), scale, canvas));
  }
  return rows.join("\n\n");
}

/** How many to put in a row, so that the rows are of one length as far as possible. */
function evenly(count: number, most: number): number {
  return Math.ceil(count / Math.ceil(count / most));
}

function drawRow(digits: readonly SeenDigit[], scale: number, canvas: Canvas): string {
  const tiles = digits.map((digit) => drawTile(digit, scale, canvas));
  const lines = tiles[0]!.map((_, i) => tiles.map((tile) => tile[i]!).join(" ".repeat(gap)));
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** The lines of one digit, the caption last. */
function drawTile(digit: SeenDigit, scale: number, canvas: Canvas): string[] {
  const size = side / scale;
  const lines = drawPixels(digit.pixels, scale, canvas);
  lines.push(drawCaption(digit, size, canvas));
  if (digit.probability !== undefined) lines.push(centred(percent(digit.probability), size));
  return lines;
}

function drawPixels(pixels: ArrayLike<number>, scale: number, canvas: Canvas): string[] {
  const size = side / scale;
  const image = shrink(pixels, scale);
  const lines: string[] = [];
  for (let y = 0; y < size; y += 2) {
    const cells = Array.from({ length: size }, (_, x) =>
      drawCell(image[y * size + x]!, image[(y + 1) * size + x]!, canvas),
    );
    lines.push(canvas.shades ? `${cells.join("")}\x1b[0m` : cells.join(""));
  }
  return lines;
}

/** Each `scale` x `scale` square of pixels as its mean. */
function shrink(pixels: ArrayLike<number>, scale: number): Float32Array {
  const size = side / scale;
  const out = new Float32Array(size * size);
  for (let i = 0; i < side * side; i++) {
    const target = Math.floor(i / side / scale) * size + Math.floor((i % side) / scale);
    out[target]! += pixels[i]! / scale ** 2;
  }
  return out;
}

/** Below this grey value a pixel counts as paper. */
const paper = 0.25;
const ramp = " .:-=+*#%@";

/** Two pixels, one above the other. */
function drawCell(upper: number, lower: number, { unicode, shades }: Canvas): string {
  if (!unicode) {
    const shade = ((upper + lower) / 2) * ramp.length;
    return ramp[Math.min(ramp.length - 1, Math.floor(shade))]!;
  }
  const [up, low] = [upper >= paper, lower >= paper];
  if (!shades) return up ? (low ? "█" : "▀") : low ? "▄" : " ";
  if (lower > upper) return `${grey(38, lower)}${grey(48, upper)}${low ? "▄" : " "}`;
  return `${grey(38, upper)}${grey(48, lower)}${up ? "▀" : " "}`;
}

/** The escape sequence of a grey from the 24 of the 256-colour palette; 38 is ink, 48 paper. */
function grey(plane: 38 | 48, value: number): string {
  return `\x1b[${plane};5;${232 + Math.round(23 * Math.min(1, value))}m`;
}

function drawCaption({ guess, label }: SeenDigit, width: number, canvas: Canvas): string {
  const right = guess === label;
  const [yes, no] = canvas.unicode ? ["✓", "✗"] : ["ok", "x"];
  const caption = right ? `${guess} ${yes}` : `${guess} ${no} is ${label}`;
  return centred(caption, width, canvas.mark(right, caption));
}

/** @param shown - the text as it is shown, where that has a style. */
function centred(text: string, width: number, shown = text): string {
  const before = Math.floor((width - text.length) / 2);
  return " ".repeat(before) + shown + " ".repeat(width - before - text.length);
}

/**
 * The lines of one image at full size, 28 columns wide.
 *
 * @param pixels - 28 x 28 grey values from 0 to 1, row by row.
 */
export function drawImage(pixels: ArrayLike<number>, canvas: Canvas): string[] {
  return drawPixels(pixels, 1, canvas);
}
