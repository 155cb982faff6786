/** What is painted pixel by pixel: digits with their predictions, and weights. */
import type { Weights } from "./messages.ts";

const side = 28;
const colors = { unknown: "#868e96", right: "#2b8a3e", wrong: "#e03131" } as const;

/** The digits and what they are. */
export interface LabelledDigits {
  /** `[n, 28, 28]`, from 0 (paper) to 255 (ink). */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** Digits, each with what it is taken for in a corner: framed green where that is right, else red. */
export class DigitGrid {
  static readonly #columns = 10;
  static readonly #frame = 3;
  static readonly #size = 2 * side;
  static readonly #cell = DigitGrid.#size + 2 * DigitGrid.#frame;
  static readonly #pitch = DigitGrid.#cell + 4;

  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #labels: Uint8Array;
  /** The digits under each other, as they are painted again and again. */
  readonly #images: HTMLCanvasElement;
  /** What is painted now. */
  #shown: (number | undefined)[] = [];

  constructor(canvas: HTMLCanvasElement, { pixels, labels }: LabelledDigits) {
    this.#canvas = canvas;
    this.#labels = labels;
    canvas.width = DigitGrid.#columns * DigitGrid.#pitch - 4;
    canvas.height = Math.ceil(labels.length / DigitGrid.#columns) * DigitGrid.#pitch - 4;
    this.#context = canvas.getContext("2d")!;
    this.#context.imageSmoothingEnabled = false;
    this.#context.font = "bold 20px system-ui, sans-serif";
    this.#context.textAlign = "center";
    this.#images = document.createElement("canvas");
    this.#images.width = side;
    this.#images.height = side * labels.length;
    const image = new ImageData(side, side * labels.length);
    for (const [i, ink] of pixels.entries()) {
      image.data.fill(255 - ink, 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    this.#images.getContext("2d")!.putImageData(image, 0, 0);
    for (const i of labels.keys()) this.#paint(i, undefined);
  }

  /** Paints again what has changed. */
  show(predictions: Uint8Array): void {
    let right = 0;
    for (const [i, guess] of predictions.entries()) {
      if (guess === this.#labels[i]) right++;
      if (guess !== this.#shown[i]) this.#paint(i, guess);
    }
    const label = `Test digits: ${right} of ${predictions.length} recognized`;
    this.#canvas.setAttribute("aria-label", label);
  }

  #paint(i: number, guess: number | undefined): void {
    this.#shown[i] = guess;
    const context = this.#context;
    const size = DigitGrid.#size;
    const cell = DigitGrid.#cell;
    const x = (i % DigitGrid.#columns) * DigitGrid.#pitch;
    const y = Math.floor(i / DigitGrid.#columns) * DigitGrid.#pitch;
    const outcome = guess === this.#labels[i] ? "right" : "wrong";
    context.fillStyle = colors[guess === undefined ? "unknown" : outcome];
    context.fillRect(x, y, cell, cell);
    const inner = [x + DigitGrid.#frame, y + DigitGrid.#frame, size, size] as const;
    context.drawImage(this.#images, 0, i * side, side, side, ...inner);
    if (guess === undefined) return;
    context.fillRect(x + cell - 20, y + cell - 24, 20, 24);
    context.fillStyle = "#fff";
    context.fillText(String(guess), x + cell - 10, y + cell - 5);
  }
}

/**
 * Paints weights, a pixel each, images side by side: what speaks for is blue, what speaks against
 * orange, the stronger the darker; each image by its own largest.
 */
export function paintWeights(canvas: HTMLCanvasElement, { side, values }: Weights): void {
  const size = side * side;
  const count = values.length / size;
  const columns = Math.min(count, count > 10 ? 8 : 5);
  const pitch = side + 1;
  const [width, height] = [columns * pitch - 1, Math.ceil(count / columns) * pitch - 1];
  // Setting a size clears the canvas, even when it stays the same.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const { data } = new ImageData(width, height);
  for (let i = 0; i < count; i++) {
    const start = Math.floor(i / columns) * pitch * width + (i % columns) * pitch;
    const image = values.subarray(i * size, (i + 1) * size);
    const most = image.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-12);
    for (let p = 0; p < size; p++) {
      const at = 4 * (start + Math.floor(p / side) * width + (p % side));
      const strength = image[p]! / most;
      const fade = 255 * (1 - Math.abs(strength));
      data[at] = strength > 0 ? fade : 255;
      data[at + 1] = strength > 0 ? 115 + 0.55 * fade : 102 + 0.6 * fade;
      data[at + 2] = strength > 0 ? 255 : fade;
      data[at + 3] = 255;
    }
  }
  canvas.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
}
