/**
 * The gradient of a convolution's weight: a matrix product whose sum runs over pixels. Its rows are
 * the places of a window, packed straight from the image; its columns the output's channels. Images
 * are worked on in parts, each with sums of its own, which `convWeightSum` adds in order: so the
 * bits do not depend on who computes which part.
 */
import { directTile, MOST_DIRECT } from "./conv-direct";
import { convReadsInPlace, padImages } from "./conv-image";
import { placePixels, placeWindow, windowSize } from "./conv-places";
import { C, GROUPS, KH, O, OH, PADDED, word, X, Y } from "./conv-plan";
import { moveTile, multiplyTile, roundUp, storeLanes, TILE_BYTES, TILE_ROW, tileRows } from "./conv-tile";
import { transpose4 } from "./copy";

/** Pixels packed at once. */
const DEPTH = 384;

/** Floats of the sums of a part. */
export function convWeightSize(plan: usize): i32 {
  const groups = word(plan, GROUPS);
  const k = windowSize(plan);
  return groups * k * roundUp(word(plan, O) / groups, 8);
}

/** Bytes of scratch for a call of `convWeightParts`. */
export function convWeightScratchBytes(plan: usize): i32 {
  const groups = word(plan, GROUPS);
  const k = windowSize(plan);
  const image = 4 * word(plan, PADDED) * word(plan, PADDED + 1) * word(plan, C);
  const y = 4 * word(plan, OH) * word(plan, OH + 1) * word(plan, O);
  const panels = roundUp(word(plan, O) / groups, 8);
  return (
    TILE_BYTES + 4 * (DEPTH + 8) + 4 * (k + 8) + 4 * DEPTH * (panels + 8) +
    roundUp(image, 64) + roundUp(y, 64) + 256
  );
}

/** The sums of `count` parts of `perPart` of the `images` each, from part `first` on. */
export function convWeightParts(
  plan: usize, sums: usize, images: i32, perPart: i32, first: i32, count: i32, scratch: usize,
): void {
  const bytes = 4 * convWeightSize(plan);
  for (let part = first; part < first + count; part++) {
    const from = part * perPart;
    sumImages(plan, sums + part * bytes, from, min(perPart, images - from), scratch);
  }
}

/** The sums of images `first` to `first + count`. */
function sumImages(
  plan: usize, sums: usize, first: i32, count: i32, scratch: usize,
): void {
  const groups = word(plan, GROUPS);
  const c = word(plan, C) / groups, o = word(plan, O) / groups;
  const k = windowSize(plan);
  const pixels = word(plan, OH) * word(plan, OH + 1);
  const readsInPlace = convReadsInPlace(plan);
  const row = readsInPlace ? word(plan, X + 2) : 4 * word(plan, C) * word(plan, PADDED + 1);
  const pixel = readsInPlace ? word(plan, X + 3) : 4 * word(plan, C);
  const panels = roundUp(o, 8);
  const table = scratch + TILE_BYTES;
  const offsets = table + 4 * (DEPTH + 8);
  const a = offsets + 4 * (k + 8);
  const b = a + 4 * DEPTH * 8;
  const y = (b + 4 * DEPTH * panels + 63) & ~63;
  const image = (y + 4 * pixels * word(plan, O) + 63) & ~63;
  placeWindow(plan, offsets, row, pixel);
  for (let i = 0; i < count; i++) {
    if (!readsInPlace) padImages(plan, first + i, 1, image);
    const src = readsInPlace ? <usize>word(plan, X) + (first + i) * word(plan, X + 1) : image;
    const g = adjointImage(plan, first + i, y);
    for (let p = 0; p < pixels; p += DEPTH) {
      const depth = min(pixels - p, DEPTH);
      for (let group = 0; group < groups; group++) {
        const to = sums + 4 * group * k * panels;
        const gradient = g + 4 * (p * word(plan, O) + group * o);
        const add = i > 0 || p > 0;
        placePixels(plan, table, src + 4 * group * c, 0, row, pixel, p, depth);
        if (k <= MOST_DIRECT && (o & 7) == 0) {
          multiplyInPlace(
            to, table, offsets, gradient, 4 * word(plan, O), k, o, depth, add, scratch,
          );
        } else {
          packGradient(b, gradient, 4 * word(plan, O), o, depth);
          multiplyColumns(to, table, offsets, a, b, k, o, depth, add, scratch);
        }
      }
    }
  }
}

/** The adjoint of an image, channels last without gaps: where it is, or copied to `y`. */
export function adjointImage(plan: usize, image: i32, y: usize): usize {
  const rows = word(plan, OH), columns = word(plan, OH + 1), o = word(plan, O);
  const src = <usize>word(plan, Y) + image * word(plan, Y + 1);
  const row = word(plan, Y + 2), pixel = word(plan, Y + 3), channel = word(plan, Y + 4);
  if (channel == 4 && pixel == 4 * o && row == pixel * columns) return src;
  if (pixel == 4 && row == 4 * columns) {
    transpose4(y, src, rows * columns, o, 4 * o, channel);
    return y;
  }
  let to = y;
  for (let r = 0; r < rows; r++) {
    for (let q = 0; q < columns; q++) {
      const from = src + r * row + q * pixel;
      for (let i = 0; i < o; i++) f32.store(to + 4 * i, f32.load(from + i * channel));
      to += 4 * o;
    }
  }
  return y;
}

/** Panels of 8 channels, `depth` pixels deep. */
function packGradient(dst: usize, src: usize, pixel: i32, o: i32, depth: i32): void {
  for (let j = 0; j < o; j += 8) {
    const lanes = min(o - j, 8);
    let from = src + 4 * j;
    for (let p = 0; p < depth; p++) {
      if (lanes == 8) {
        v128.store(dst, v128.load(from));
        v128.store(dst, v128.load(from, 16), 16);
      } else {
        for (let i = 0; i < 8; i++) f32.store(dst + 4 * i, i < lanes ? f32.load(from + 4 * i) : 0);
      }
      dst += 32;
      from += pixel;
    }
  }
}

/** sums[k, o] (+)= windows^T[k, depth] x gradient[depth, o]. */
function multiplyColumns(
  sums: usize, table: usize, offsets: usize, a: usize, b: usize,
  k: i32, o: i32, depth: i32, add: bool, tile: usize,
): void {
  const height = tileRows();
  const row = 4 * roundUp(o, 8);
  for (let r = 0; r < k; r += height) {
    packPlaces(a, table, offsets + 4 * r, depth);
    for (let j = 0; j < o; j += 8) {
      const to = sums + r * row + 4 * j;
      const direct = !add && k - r >= height;
      multiplyTile(direct ? to : tile, direct ? row : TILE_ROW, a, b + 4 * j * depth, 8, depth);
      if (!direct) moveTile(to, row, tile, min(k - r, height), 8, add);
    }
  }
}

/** The same, reading both where they lie. */
function multiplyInPlace(
  sums: usize, table: usize, offsets: usize, gradient: usize, pixel: i32,
  k: i32, o: i32, depth: i32, add: bool, tile: usize,
): void {
  const height = tileRows();
  for (let r = 0; r < k; r += height) {
    for (let j = 0; j < o; j += 8) {
      const to = sums + 4 * (r * o + j);
      directTile(tile, TILE_ROW, k - r, offsets + 4 * r, table, gradient + 4 * j, pixel, depth);
      moveTile(to, 4 * o, tile, min(k - r, height), 8, add);
    }
  }
}

/** dst[p][i] = the float at `table[p] + offsets[i]`, for a tile's height of places. */
function packPlaces(dst: usize, table: usize, offsets: usize, depth: i32): void {
  const height = tileRows();
  const first = load<i32>(offsets);
  const end = table + 4 * depth;
  let isLine = true;
  for (let i = 1; i < height; i++) {
    if (load<i32>(offsets + 4 * i) != first + 4 * i) isLine = false;
  }
  if (isLine) {
    for (; table < end; table += 4) {
      const from = <usize>load<u32>(table) + first;
      v128.store(dst, v128.load(from));
      // @ts-ignore: defined on the command line or not at all
      if (isDefined(RELAXED)) store<u64>(dst, load<u64>(from, 16), 16);
      dst += 4 * height;
    }
    return;
  }
  for (; table < end; table += 4) {
    const from = <usize>load<u32>(table);
    for (let i = 0; i < height; i++) {
      f32.store(dst + 4 * i, f32.load(from + load<i32>(offsets + 4 * i)));
    }
    dst += 4 * height;
  }
}

/** Adds the sums of all parts in order and puts them where the weight's gradient belongs. */
export function convWeightSum(
  plan: usize, sums: usize, parts: i32, out: usize,
  rowStep: i32, columnStep: i32, cStep: i32, oStep: i32,
): void {
  const groups = word(plan, GROUPS);
  const kh = word(plan, KH), kw = word(plan, KH + 1);
  const c = word(plan, C) / groups, o = word(plan, O) / groups;
  const row = 4 * roundUp(o, 8);
  const step = 4 * convWeightSize(plan);
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        for (let channel = 0; channel < c; channel++) {
          const to = out + i * rowStep + j * columnStep + channel * cStep + g * o * oStep;
          for (let p = 0; p < o; p += 4) {
            const sum = addParts(sums + 4 * p, parts, step);
            if (oStep == 4 && p + 4 <= o) v128.store(to + 4 * p, sum);
            else storeLanes(to + p * oStep, oStep, sum, o - p);
          }
          sums += row;
        }
      }
    }
  }
}

function addParts(sums: usize, parts: i32, step: i32): v128 {
  let sum = v128.load(sums);
  for (; parts > 1; parts--) {
    sums += step;
    sum = f32x4.add(sum, v128.load(sums));
  }
  return sum;
}
