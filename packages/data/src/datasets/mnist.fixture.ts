/** The four files with a few images, for tests. */
import { encodeIdx } from "../formats/idx.fixture.ts";
import type { MnistFiles } from "./mnist-files.ts";

export const pixelsOf = (count: number): Uint8Array =>
  Uint8Array.from({ length: count * 784 }, (_, i) => i % 256);
export const images = (count: number): Uint8Array =>
  encodeIdx(0x08, [count, 28, 28], pixelsOf(count));
export const labels = (...values: number[]): Uint8Array => encodeIdx(0x08, [values.length], values);

export const files: MnistFiles = {
  trainImages: images(3),
  trainLabels: labels(7, 8, 9),
  testImages: images(2),
  testLabels: labels(0, 1),
};
