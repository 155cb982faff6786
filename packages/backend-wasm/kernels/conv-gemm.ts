/**
 * Convolution as a matrix product whose left matrix is never made: pixels by `kh * kw * c`, of
 * which panels are packed straight from the image, one window position after another. The right
 * matrix is the weight, packed once a call.
 *
 * The sum of an output runs over window positions and channels in order, in blocks of DEPTH that
 * are added in order; nothing about how images are shared between calls touches it.
 */
import { directDots, directTile, MOST_DIRECT, MOST_DOTS } from "./conv-direct";
import { convReadsInPlace, convWritesInPlace, padImages, storeImages } from "./conv-image";
import { movePlaces, placePixels, placeWindow, windowSize } from "./conv-places";
import { C, CHUNK, DILATION, GROUPS, KH, O, OH, PADDED, WEIGHT, word, X, Y } from "./conv-plan";
import { moveTile, multiplyTile, roundUp, TILE_BYTES, TILE_ROW, tileRows } from "./conv-tile";

const DEPTH = 512;
/** Pixels packed at once. */
const ROWS = 60;

/**
 * Packs a weight of strides `[rows, columns, channels, outputs]` for `convGemm`: for each group and
 * block of DEPTH the panels of 8 outputs, the last one of 4 if that is enough. For `directDots` each
 * output by itself.
 */
export function convPack(
  dst: usize, weight: usize, rowStep: i32, columnStep: i32, cStep: i32, oStep: i32,
  kh: i32, kw: i32, c: i32, o: i32, groups: i32, groupStep: i32,
): void {
  const k = kh * kw * c;
  const dots = isDots(c, o, groups);
  const deep = dots ? k : DEPTH, wide = dots ? 1 : 8;
  for (let g = 0; g < groups; g++) {
    const from = weight + g * groupStep;
    for (let k0 = 0; k0 < k; k0 += deep) {
      const depth = min(k - k0, deep);
      for (let j = 0; j < o; j += wide) {
        const lanes = min(o - j, wide);
        const width = lanes > 4 ? 8 : min(wide, 4);
        for (let p = 0; p < depth; p++) {
          const at = (k0 + p) / c;
          const src =
            from + (at / kw) * rowStep + (at % kw) * columnStep + ((k0 + p) % c) * cStep + j * oStep;
          if (oStep == 4 && lanes == 8) {
            v128.store(dst, v128.load(src));
            v128.store(dst, v128.load(src, 16), 16);
          } else {
            for (let i = 0; i < width; i++) {
              f32.store(dst + 4 * i, i < lanes ? f32.load(src + i * oStep) : 0);
            }
          }
          dst += 4 * width;
        }
      }
    }
  }
}

/** Floats that `convPack` writes, at most. */
export function convPackSize(k: i32, o: i32, groups: i32): i32 {
  return groups * k * roundUp(o, 4);
}

/** Whether there are so few outputs that a vector is better filled with channels. */
// @ts-ignore: decorator
@inline
function isDots(c: i32, o: i32, groups: i32): bool {
  return o <= MOST_DOTS && groups == 1 && (c & 3) == 0;
}

/** Bytes of scratch for a call of `convGemm`. */
export function convGemmScratchBytes(plan: usize): i32 {
  const chunk = word(plan, CHUNK);
  const image = convReadsInPlace(plan)
    ? 0
    : 4 * chunk * word(plan, PADDED) * word(plan, PADDED + 1) * word(plan, C);
  const out = convWritesInPlace(plan)
    ? 0
    : 4 * chunk * word(plan, OH) * word(plan, OH + 1) * word(plan, O);
  return (
    TILE_BYTES + 4 * ROWS + 4 * ROWS * DEPTH + 4 * (windowSize(plan) + 8) +
    roundUp(image, 64) + roundUp(out, 64) + 192
  );
}

/** Images `first` to `first + count` of a plan whose weight is packed. */
export function convGemm(plan: usize, first: i32, count: i32, scratch: usize): void {
  const readsInPlace = convReadsInPlace(plan), writesInPlace = convWritesInPlace(plan);
  const chunk = word(plan, CHUNK);
  const pixels = word(plan, OH) * word(plan, OH + 1);
  const o = word(plan, O);
  const places = scratch + TILE_BYTES + 4 * ROWS + 4 * ROWS * DEPTH;
  const image = (places + 4 * (windowSize(plan) + 8) + 63) & ~63;
  const padded = 4 * word(plan, PADDED) * word(plan, PADDED + 1) * word(plan, C);
  const result = readsInPlace ? image : image + roundUp(chunk * padded, 64);
  const lanes = (o / word(plan, GROUPS)) & 7;
  const dots = isDots(word(plan, C), o, word(plan, GROUPS));
  const direct = windowSize(plan) <= MOST_DIRECT && (lanes == 0 || lanes > 4);
  const row = readsInPlace ? word(plan, X + 2) : 4 * word(plan, C) * word(plan, PADDED + 1);
  const pixel = readsInPlace ? word(plan, X + 3) : 4 * word(plan, C);
  const step = readsInPlace ? word(plan, X + 1) : padded;
  placeWindow(plan, places, row, pixel);
  for (let i = 0; i < count; i += chunk) {
    const images = min(count - i, chunk);
    const at = first + i;
    if (!readsInPlace) padImages(plan, at, images, image);
    const src = readsInPlace ? <usize>word(plan, X) + at * word(plan, X + 1) : image;
    const dst = writesInPlace ? <usize>word(plan, Y) + at * word(plan, Y + 1) : result;
    for (let r = 0; r < images * pixels; r += ROWS) {
      const rows = min(images * pixels - r, ROWS);
      placePixels(plan, scratch + TILE_BYTES, src, step, row, pixel, r, rows);
      if (dots) {
        const to = dst + 4 * o * r, k = windowSize(plan);
        for (let j = 0; j < o; j++) {
          const weight = word(plan, WEIGHT) + 4 * j * k;
          directDots(to + 4 * j, 4 * o, rows, scratch + TILE_BYTES, places, weight, k);
        }
      } else if (direct) multiplyInPlace(plan, dst + 4 * o * r, rows, places, scratch);
      else multiplyRows(plan, dst + 4 * o * r, row, pixel, rows, scratch);
    }
    if (!writesInPlace) storeImages(plan, at, images, dst);
  }
}

/** out[rows, o] from the windows that begin at the places in the table, read where they lie. */
function multiplyInPlace(
  plan: usize, out: usize, rows: i32, places: usize, scratch: usize,
): void {
  const groups = word(plan, GROUPS);
  const k = windowSize(plan);
  const o = word(plan, O) / groups;
  const outRow = 4 * word(plan, O);
  const height = tileRows();
  const end = scratch + TILE_BYTES + 4 * roundUp(rows, height);
  let weight = <usize>word(plan, WEIGHT);
  for (let g = 0; g < groups; g++) {
    let to = out + 4 * g * o;
    let left = rows;
    for (let table = scratch + TILE_BYTES; table < end; table += 4 * height) {
      let panel = weight;
      for (let j = 0; j < o; j += 8) {
        if (left >= height && o - j >= 8) {
          directTile(to + 4 * j, outRow, left, table, places, panel, 32, k);
        } else {
          directTile(scratch, TILE_ROW, left, table, places, panel, 32, k);
          moveTile(to + 4 * j, outRow, scratch, min(left, height), min(o - j, 8), false);
        }
        panel += 32 * k;
      }
      to += height * outRow;
      left -= height;
    }
    weight += 4 * k * roundUp(o, 8);
    if (groups > 1) movePlaces(scratch + TILE_BYTES, end, 4 * (word(plan, C) / groups));
  }
}

/** out[rows, o] from the windows that begin at the places in the table. */
function multiplyRows(
  plan: usize, out: usize, row: i32, pixel: i32, rows: i32, scratch: usize,
): void {
  const groups = word(plan, GROUPS);
  const kh = word(plan, KH), kw = word(plan, KH + 1);
  const c = word(plan, C) / groups, o = word(plan, O) / groups;
  const k = kh * kw * c;
  const right = pixel * word(plan, DILATION + 1), down = row * word(plan, DILATION);
  // Neighbouring positions of the window whose channels lie in one line are one run.
  const joined = groups == 1 && right == 4 * c;
  const run = joined ? kw * c : c;
  const table = scratch + TILE_BYTES;
  const packed = table + 4 * ROWS;
  const outRow = 4 * word(plan, O);
  const height = tileRows();
  let weight = <usize>word(plan, WEIGHT);
  for (let g = 0; g < groups; g++) {
    for (let k0 = 0; k0 < k; k0 += DEPTH) {
      const depth = min(k - k0, DEPTH);
      for (let p = 0; p < depth; ) {
        const at = (k0 + p) / run, inside = (k0 + p) % run;
        const length = min(run - inside, depth - p);
        const offset = joined
          ? at * down + 4 * inside
          : (at / kw) * down + (at % kw) * right + 4 * (g * c + inside);
        for (let r = 0; r < rows; r += height) {
          packRun(packed + 4 * (r * depth + p * height), table + 4 * r, offset, length);
        }
        p += length;
      }
      for (let j = 0; j < o; j += 8) {
        const lanes = min(o - j, 8);
        const width = lanes > 4 ? 8 : 4;
        for (let r = 0; r < rows; r += height) {
          const to = out + r * outRow + 4 * (g * o + j);
          const direct = k0 == 0 && lanes == width && rows - r >= height;
          const target = direct ? to : scratch, targetRow = direct ? outRow : TILE_ROW;
          multiplyTile(target, targetRow, packed + 4 * r * depth, weight, width, depth);
          if (!direct) moveTile(to, outRow, scratch, min(rows - r, height), lanes, k0 > 0);
        }
        weight += 4 * width * depth;
      }
    }
  }
}

/** dst[p][i] = the float at `table[i] + offset + 4 p`, for a tile's height of lines. */
function packRun(dst: usize, table: usize, offset: i32, length: i32): void {
  let p0 = <usize>load<u32>(table) + offset;
  let p1 = <usize>load<u32>(table, 4) + offset;
  let p2 = <usize>load<u32>(table, 8) + offset;
  let p3 = <usize>load<u32>(table, 12) + offset;
  let p4: usize = 0, p5: usize = 0;
  // @ts-ignore: defined on the command line or not at all
  if (isDefined(RELAXED)) {
    p4 = <usize>load<u32>(table, 16) + offset;
    p5 = <usize>load<u32>(table, 20) + offset;
  }
  for (; length >= 4; length -= 4) {
    const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const pitch = 4 * tileRows();
    v128.store(dst, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(dst + pitch, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
    v128.store(dst + 2 * pitch, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
    v128.store(dst + 3 * pitch, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    // @ts-ignore: defined on the command line or not at all
    if (isDefined(RELAXED)) {
      const r4 = v128.load(p4), r5 = v128.load(p5);
      const low45 = v128.shuffle<f32>(r4, r5, 0, 4, 1, 5);
      const high45 = v128.shuffle<f32>(r4, r5, 2, 6, 3, 7);
      v128.store64_lane(dst, low45, 0, 16);
      v128.store64_lane(dst, low45, 1, 40);
      v128.store64_lane(dst, high45, 0, 64);
      v128.store64_lane(dst, high45, 1, 88);
      p4 += 16;
      p5 += 16;
    }
    dst += 4 * pitch;
    p0 += 16;
    p1 += 16;
    p2 += 16;
    p3 += 16;
  }
  for (; length > 0; length--) {
    f32.store(dst, f32.load(p0));
    f32.store(dst, f32.load(p1), 4);
    f32.store(dst, f32.load(p2), 8);
    f32.store(dst, f32.load(p3), 12);
    // @ts-ignore: defined on the command line or not at all
    if (isDefined(RELAXED)) {
      f32.store(dst, f32.load(p4), 16);
      f32.store(dst, f32.load(p5), 20);
      p4 += 4;
      p5 += 4;
    }
    dst += 4 * tileRows();
    p0 += 4;
    p1 += 4;
    p2 += 4;
    p3 += 4;
  }
}
