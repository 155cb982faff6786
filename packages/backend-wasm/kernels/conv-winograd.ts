/**
 * Convolution by 3x3 windows after Winograd, F(4x4, 3x3): a tile of 4x4 outputs comes from 36
 * products where the sum takes 144 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks"). Images and weights are transformed, multiplied as 36 matrices, and transformed back.
 * Rounding errors are about ten times those of the sum, and what is infinite or NaN spreads over
 * its tile.
 *
 * A block is BLOCK tiles of one image; each transformed position has a plane of its own in scratch.
 * Planes begin 64 bytes further than they need to, or they would meet in few sets of the cache.
 */
import { convWritesInPlace, padImages, storeImages } from "./conv-image";
import { C, CHUNK, O, OH, PADDED, WEIGHT, word, Y } from "./conv-plan";
import { tileRows } from "./conv-tile";
import { madd } from "./madd";
import { tile4x8, tile6x8 } from "./matmul-tile";

/** Tiles of a block: a multiple of the heights of matrix tiles, 6 and 4. */
export const BLOCK = 48;
/** Room for one tile of four channels, half transformed. */
export const HALF_BYTES = 640;

// @ts-ignore: decorator
@inline
export function tilesOf(length: i32): i32 {
  return (length + 3) >> 2;
}

/** Bytes from one plane of a block to the next. */
// @ts-ignore: decorator
@inline
export function planeBytes(channels: i32): i32 {
  return 4 * BLOCK * channels + 64;
}

/** B^T d: six numbers into six. */
// @ts-ignore: decorator
@inline
export function transformIn(dst: usize, step: i32, src: usize, srcStep: i32): void {
  const d0 = v128.load(src), d1 = v128.load(src + srcStep), d2 = v128.load(src + 2 * srcStep);
  const d3 = v128.load(src + 3 * srcStep), d4 = v128.load(src + 4 * srcStep);
  const d5 = v128.load(src + 5 * srcStep);
  const four = f32x4.splat(4), two = f32x4.splat(2), five = f32x4.splat(-5);
  v128.store(dst, madd(four, d0, madd(five, d2, d4)));
  const even = madd(f32x4.splat(-4), d2, d4), odd = madd(f32x4.splat(-4), d1, d3);
  v128.store(dst + step, f32x4.add(even, odd));
  v128.store(dst + 2 * step, f32x4.sub(even, odd));
  const outer = f32x4.sub(d4, d2), inner = f32x4.mul(two, f32x4.sub(d3, d1));
  v128.store(dst + 3 * step, f32x4.add(outer, inner));
  v128.store(dst + 4 * step, f32x4.sub(outer, inner));
  v128.store(dst + 5 * step, madd(four, d1, madd(five, d3, d5)));
}

/** A^T m: six numbers into four. */
// @ts-ignore: decorator
@inline
function transformOut(dst: usize, step: i32, src: usize, srcStep: i32): void {
  const m0 = v128.load(src), m1 = v128.load(src + srcStep), m2 = v128.load(src + 2 * srcStep);
  const m3 = v128.load(src + 3 * srcStep), m4 = v128.load(src + 4 * srcStep);
  const m5 = v128.load(src + 5 * srcStep);
  const a = f32x4.add(m1, m2), b = f32x4.sub(m1, m2);
  const c = f32x4.add(m3, m4), d = f32x4.sub(m3, m4);
  v128.store(dst, f32x4.add(m0, f32x4.add(a, c)));
  v128.store(dst + step, madd(f32x4.splat(2), d, b));
  v128.store(dst + 2 * step, madd(f32x4.splat(4), c, a));
  v128.store(dst + 3 * step, f32x4.add(madd(f32x4.splat(8), d, b), m5));
}

/** Bytes of scratch for a call of `winogradConv`. */
export function winogradScratchBytes(plan: usize): i32 {
  const chunk = word(plan, CHUNK);
  const c = word(plan, C), o = word(plan, O);
  const image = 4 * chunk * word(plan, PADDED) * word(plan, PADDED + 1) * c;
  const out = convWritesInPlace(plan) ? 0 : 4 * chunk * word(plan, OH) * word(plan, OH + 1) * o;
  return HALF_BYTES + 36 * (planeBytes(c) + planeBytes(o)) + image + out + 256;
}

/** Images `first` to `first + count` of a plan whose weight is transformed. */
export function winogradConv(plan: usize, first: i32, count: i32, scratch: usize): void {
  const chunk = word(plan, CHUNK);
  const c = word(plan, C), o = word(plan, O);
  const oh = word(plan, OH), ow = word(plan, OH + 1);
  const tiles = tilesOf(oh) * tilesOf(ow);
  const inputs = scratch + HALF_BYTES;
  const outputs = inputs + 36 * planeBytes(c);
  const image = (outputs + 36 * planeBytes(o) + 63) & ~63;
  const padded = 4 * word(plan, PADDED) * word(plan, PADDED + 1) * c;
  const result = (image + chunk * padded + 63) & ~63;
  const writesInPlace = convWritesInPlace(plan);
  for (let i = 0; i < count; i += chunk) {
    const images = min(count - i, chunk);
    padImages(plan, first + i, images, image);
    const dst = writesInPlace ? <usize>word(plan, Y) + (first + i) * word(plan, Y + 1) : result;
    for (let t = 0; t < images * tiles; t += BLOCK) {
      const block = min(images * tiles - t, BLOCK);
      transformTiles(plan, inputs, image, t, block, scratch);
      for (let plane = 0; plane < 36; plane++) {
        multiplyPlane(
          outputs + plane * planeBytes(o), inputs + plane * planeBytes(c),
          <usize>word(plan, WEIGHT) + 4 * plane * c * o, block, c, o,
        );
      }
      for (let k = 0; k < block; k++) {
        placeTile(plan, dst, outputs + 4 * o * k, t + k, scratch);
      }
    }
    if (!writesInPlace) storeImages(plan, first + i, images, dst);
  }
}

/** B^T d B of tiles `start` to `start + count` of padded images: planes `[tile, c]`. */
export function transformTiles(
  plan: usize, planes: usize, image: usize, start: i32, count: i32, half: usize,
): void {
  const c = word(plan, C);
  const columns = tilesOf(word(plan, OH + 1));
  const tiles = tilesOf(word(plan, OH)) * columns;
  const pixel = 4 * c, row = pixel * word(plan, PADDED + 1);
  const bytes = row * word(plan, PADDED);
  const plane = planeBytes(c);
  for (let k = start; k < start + count; k++) {
    const at = k % tiles;
    const src = image + (k / tiles) * bytes + (at / columns) * 4 * row + (at % columns) * 4 * pixel;
    for (let i = 0; i < pixel; i += 16) {
      let from = src + i;
      for (let x = 0; x < 96; x += 16) {
        transformIn(half + x, 96, from, row);
        from += pixel;
      }
      let to = planes + i;
      for (let y: usize = half; y < half + 576; y += 96) {
        transformIn(to, plane, y, 16);
        to += 6 * plane;
      }
    }
    planes += pixel;
  }
}

/** out[rows, o] = a[rows, c] x b[c, o]; rows beyond the last are computed, too. */
function multiplyPlane(out: usize, a: usize, b: usize, rows: i32, c: i32, o: i32): void {
  const height = tileRows();
  for (let j = 0; j < o; j += 8) {
    for (let r = 0; r < rows; r += height) {
      const to = out + 4 * (r * o + j), from = a + 4 * r * c;
      // @ts-ignore: defined on the command line or not at all
      if (isDefined(RELAXED)) tile6x8(to, 4 * o, from, 4 * c, 4, b, 32, c);
      else tile4x8(to, 4 * o, from, 4 * c, 4, b, 32, c);
    }
    b += 32 * c;
  }
}

/** A^T m A of one tile, of which the part inside the image is stored. */
function placeTile(plan: usize, dst: usize, from: usize, tile: i32, half: usize): void {
  const o = word(plan, O);
  const oh = word(plan, OH), ow = word(plan, OH + 1);
  const columns = tilesOf(ow), tiles = tilesOf(oh) * columns;
  const at = tile % tiles;
  const p = (at / columns) * 4, q = (at % columns) * 4;
  const rows = min(oh - p, 4), width = min(ow - q, 4);
  const pixel = 4 * o, plane = planeBytes(o);
  const to = dst + (((tile / tiles) * oh + p) * ow + q) * pixel;
  const isWhole = width == 4;
  const line = half + 384;
  for (let i = 0; i < pixel; i += 16) {
    for (let x = 0; x < 6; x++) {
      transformOut(half + 16 * x, 96, from + i + x * plane, 6 * plane);
    }
    for (let y = 0; y < rows; y++) {
      const out = to + i + y * ow * pixel;
      if (isWhole) {
        transformOut(out, pixel, half + 96 * y, 16);
        continue;
      }
      transformOut(line, 16, half + 96 * y, 16);
      for (let x = 0; x < width; x++) v128.store(out + x * pixel, v128.load(line + 16 * x));
    }
  }
}
