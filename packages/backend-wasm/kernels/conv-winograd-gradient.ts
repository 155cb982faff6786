/**
 * The gradient of a 3x3 weight after Winograd: the transposes of the steps in `conv-winograd.ts`.
 * Tiles of the image and of the adjoint are transformed, multiplied as 36 matrices whose sum runs
 * over tiles, and transformed back once at the end (`conv-winograd-weight.ts`).
 */
import { padImages } from "./conv-image";
import { C, O, OH, PADDED, word } from "./conv-plan";
import { adjointImage } from "./conv-weight";
import { BLOCK, HALF_BYTES, planeBytes, tilesOf, transformTiles } from "./conv-winograd";
import { moveTile } from "./conv-tile";
import { madd } from "./madd";
import { tile4x8, tile6x8 } from "./matmul-tile";

/** A y: four numbers into six, the transpose of `transformOut`. */
// @ts-ignore: decorator
@inline
function transformAdjoint(dst: usize, step: i32, y0: v128, y1: v128, y2: v128, y3: v128): void {
  const four = f32x4.splat(4);
  v128.store(dst, y0);
  const a = f32x4.add(y0, y2), b = f32x4.add(y1, y3);
  v128.store(dst + step, f32x4.add(a, b));
  v128.store(dst + 2 * step, f32x4.sub(a, b));
  const c = madd(four, y2, y0), d = f32x4.mul(f32x4.splat(2), madd(four, y3, y1));
  v128.store(dst + 3 * step, f32x4.add(c, d));
  v128.store(dst + 4 * step, f32x4.sub(c, d));
  v128.store(dst + 5 * step, y3);
}

/** Bytes of scratch for a call of `winogradWeightParts`. */
export function winogradWeightScratchBytes(plan: usize): i32 {
  const c = word(plan, C), o = word(plan, O);
  const image = 4 * word(plan, PADDED) * word(plan, PADDED + 1) * c;
  const y = 4 * word(plan, OH) * word(plan, OH + 1) * o;
  return HALF_BYTES + 192 + 36 * (planeBytes(c) + planeBytes(o)) + image + y + 256;
}

/** The sums of `count` parts of `perPart` of the `images` each, from part `first` on. */
export function winogradWeightParts(
  plan: usize, sums: usize, images: i32, perPart: i32, first: i32, count: i32, scratch: usize,
): void {
  const bytes = 36 * 4 * word(plan, C) * word(plan, O);
  for (let part = first; part < first + count; part++) {
    const from = part * perPart;
    sumImages(plan, sums + part * bytes, from, min(perPart, images - from), scratch);
  }
}

function sumImages(plan: usize, sums: usize, first: i32, count: i32, scratch: usize): void {
  const c = word(plan, C), o = word(plan, O);
  const tiles = tilesOf(word(plan, OH)) * tilesOf(word(plan, OH + 1));
  const product = scratch + HALF_BYTES;
  const inputs = product + 192;
  const outputs = inputs + 36 * planeBytes(c);
  const y = (outputs + 36 * planeBytes(o) + 63) & ~63;
  const image = (y + 4 * word(plan, OH) * word(plan, OH + 1) * o + 63) & ~63;
  // Blocks go on from one image to the next, so that small images fill them.
  let filled = 0;
  let add = false;
  for (let i = 0; i < count; i++) {
    padImages(plan, first + i, 1, image);
    const g = adjointImage(plan, first + i, y);
    for (let t = 0; t < tiles; ) {
      const block = min(tiles - t, BLOCK - filled);
      transformTiles(plan, inputs + 4 * c * filled, image, t, block, scratch);
      for (let k = 0; k < block; k++) {
        transformTile(plan, outputs + 4 * o * (filled + k), g, t + k, scratch);
      }
      t += block;
      filled += block;
      if (filled < BLOCK && !(t == tiles && i == count - 1)) continue;
      for (let plane = 0; plane < 36; plane++) {
        multiplyTransposed(
          sums + 4 * plane * c * o, inputs + plane * planeBytes(c),
          outputs + plane * planeBytes(o), filled, c, o, add, product,
        );
      }
      filled = 0;
      add = true;
    }
  }
}

/** A y A^T of one tile: planes `[tile, o]`. */
function transformTile(plan: usize, planes: usize, y: usize, tile: i32, half: usize): void {
  const o = word(plan, O);
  const oh = word(plan, OH), ow = word(plan, OH + 1);
  const columns = tilesOf(ow);
  const p = (tile / columns) * 4, q = (tile % columns) * 4;
  const rows = oh - p, width = min(ow - q, 4);
  const pixel = 4 * o, row = ow * pixel, plane = planeBytes(o);
  const from = y + (p * ow + q) * pixel;
  const zero = f32x4.splat(0);
  if (width < 4) memory.fill(half, 0, 576);
  for (let i = 0; i < pixel; i += 16) {
    for (let x = 0; x < width; x++) {
      const at = from + i + x * pixel;
      transformAdjoint(
        half + 16 * x, 96, v128.load(at),
        rows > 1 ? v128.load(at + row) : zero,
        rows > 2 ? v128.load(at + 2 * row) : zero,
        rows > 3 ? v128.load(at + 3 * row) : zero,
      );
    }
    let to = planes + i;
    for (let line: usize = half; line < half + 576; line += 96) {
      transformAdjoint(
        to, plane, v128.load(line), v128.load(line, 16), v128.load(line, 32), v128.load(line, 48),
      );
      to += 6 * plane;
    }
  }
}

/** sums[c, o] (+)= a[depth, c]^T x b[depth, o]. */
function multiplyTransposed(
  sums: usize, a: usize, b: usize, depth: i32, c: i32, o: i32, add: bool, tile: usize,
): void {
  const row = 4 * o;
  for (let r = 0; r < c; ) {
    let height = 4;
    // @ts-ignore: defined on the command line or not at all
    if (isDefined(RELAXED)) height = c - r > 4 ? 6 : 4;
    const rows = min(c - r, height);
    for (let j = 0; j < o; j += 8) {
      const to = sums + r * row + 4 * j;
      const direct = !add && rows == height;
      const target = direct ? to : tile, targetRow = direct ? row : 32;
      if (height == 6) tile6x8(target, targetRow, a + 4 * r, 4, 4 * c, b + 4 * j, row, depth);
      else tile4x8(target, targetRow, a + 4 * r, 4, 4 * c, b + 4 * j, row, depth);
      if (!direct) moveTile(to, row, tile, rows, 8, add);
    }
    r += height;
  }
}
