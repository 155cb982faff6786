/**
 * Convolutions in which every channel is a group of its own: four channels at a time, no matrix
 * product. The number of channels is a multiple of four.
 */
import { convReadsInPlace, convWritesInPlace, padImages, storeImages } from "./conv-image";
import { C, CHUNK, DILATION, KH, OH, PADDED, STRIDE, WEIGHT, word, X, Y } from "./conv-plan";
import { adjointImage } from "./conv-weight";
import { madd } from "./madd";

/** Packs a weight for `depthwiseConv`: `[kh, kw, c]`. */
export function depthwisePack(
  dst: usize, weight: usize, rowStep: i32, columnStep: i32, cStep: i32, kh: i32, kw: i32, c: i32,
): void {
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const from = weight + i * rowStep + j * columnStep;
      for (let channel = 0; channel < c; channel++) {
        f32.store(dst, f32.load(from + channel * cStep));
        dst += 4;
      }
    }
  }
}

/** Bytes of scratch for a call of `depthwiseConv`. */
export function depthwiseScratchBytes(plan: usize): i32 {
  const c = word(plan, C);
  const image = word(plan, PADDED) * word(plan, PADDED + 1);
  return 4 * word(plan, CHUNK) * c * (image + word(plan, OH) * word(plan, OH + 1)) + 128;
}

/** Images `first` to `first + count` of a plan whose weight is packed. */
export function depthwiseConv(plan: usize, first: i32, count: i32, scratch: usize): void {
  const readsInPlace = convReadsInPlace(plan), writesInPlace = convWritesInPlace(plan);
  const chunk = word(plan, CHUNK), c = word(plan, C);
  const oh = word(plan, OH), ow = word(plan, OH + 1);
  const pixel = readsInPlace ? word(plan, X + 3) : 4 * c;
  const row = readsInPlace ? word(plan, X + 2) : pixel * word(plan, PADDED + 1);
  const padded = readsInPlace ? word(plan, X + 1) : row * word(plan, PADDED);
  const result = readsInPlace ? scratch : (scratch + chunk * padded + 63) & ~63;
  for (let i = 0; i < count; i += chunk) {
    const images = min(count - i, chunk);
    if (!readsInPlace) padImages(plan, first + i, images, scratch);
    const src = readsInPlace ? <usize>word(plan, X) + (first + i) * word(plan, X + 1) : scratch;
    const dst = writesInPlace ? <usize>word(plan, Y) + (first + i) * word(plan, Y + 1) : result;
    let to = dst;
    for (let image = 0; image < images; image++) {
      for (let p = 0; p < oh; p++) {
        const from = src + image * padded + p * word(plan, STRIDE) * row;
        lineOfPixels(plan, to, from, row, pixel, ow, 4 * c);
        to += 4 * c * ow;
      }
    }
    if (!writesInPlace) storeImages(plan, first + i, images, dst);
  }
}

/** One row of output, four pixels at a time. */
function lineOfPixels(
  plan: usize, out: usize, x: usize, row: i32, pixel: i32, count: i32, bytes: i32,
): void {
  const kh = word(plan, KH), kw = word(plan, KH + 1);
  const step = pixel * word(plan, STRIDE + 1);
  const right = pixel * word(plan, DILATION + 1), down = row * word(plan, DILATION);
  for (let q = 0; q < count; q += 4) {
    // Beyond the end the last pixel is computed again.
    const s1 = min(count - 1 - q, 1) * step, s2 = min(count - 1 - q, 2) * step;
    const s3 = min(count - 1 - q, 3) * step;
    for (let i = 0; i < bytes; i += 16) {
      let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
      let weight = <usize>word(plan, WEIGHT) + i;
      let line = x + i;
      for (let u = 0; u < kh; u++) {
        let at = line;
        for (let v = 0; v < kw; v++) {
          const w = v128.load(weight);
          a0 = madd(v128.load(at), w, a0);
          a1 = madd(v128.load(at + s1), w, a1);
          a2 = madd(v128.load(at + s2), w, a2);
          a3 = madd(v128.load(at + s3), w, a3);
          weight += bytes;
          at += right;
        }
        line += down;
      }
      const to = out + i;
      v128.store(to, a0);
      if (q + 1 < count) v128.store(to + bytes, a1);
      if (q + 2 < count) v128.store(to + 2 * bytes, a2);
      if (q + 3 < count) v128.store(to + 3 * bytes, a3);
    }
    out += 4 * bytes;
    x += 4 * step;
  }
}

/** Bytes of scratch for a call of `depthwiseWeightParts`. */
export function depthwiseWeightScratchBytes(plan: usize): i32 {
  const image = word(plan, PADDED) * word(plan, PADDED + 1);
  return 4 * word(plan, C) * (image + word(plan, OH) * word(plan, OH + 1)) + 128;
}

/**
 * The sums of a weight's gradient, as `convWeightParts` has them: for each channel `[kh, kw]`, 8
 * floats each.
 */
export function depthwiseWeightParts(
  plan: usize, sums: usize, images: i32, perPart: i32, first: i32, count: i32, scratch: usize,
): void {
  const c = word(plan, C);
  const bytes = 32 * word(plan, KH) * word(plan, KH + 1) * c;
  const readsInPlace = convReadsInPlace(plan);
  const pixel = readsInPlace ? word(plan, X + 3) : 4 * c;
  const row = readsInPlace ? word(plan, X + 2) : pixel * word(plan, PADDED + 1);
  const y = (scratch + 4 * c * word(plan, PADDED) * word(plan, PADDED + 1) + 63) & ~63;
  for (let part = first; part < first + count; part++) {
    const to = sums + part * bytes;
    memory.fill(to, 0, bytes);
    const last = min((part + 1) * perPart, images);
    for (let image = part * perPart; image < last; image++) {
      if (!readsInPlace) padImages(plan, image, 1, scratch);
      const src = readsInPlace ? <usize>word(plan, X) + image * word(plan, X + 1) : scratch;
      sumImage(plan, to, src, row, pixel, adjointImage(plan, image, y));
    }
  }
}

function sumImage(plan: usize, sums: usize, x: usize, row: i32, pixel: i32, g: usize): void {
  const kh = word(plan, KH), kw = word(plan, KH + 1);
  const oh = word(plan, OH), ow = word(plan, OH + 1);
  const bytes = 4 * word(plan, C);
  const step = pixel * word(plan, STRIDE + 1), stepDown = row * word(plan, STRIDE);
  const right = pixel * word(plan, DILATION + 1), down = row * word(plan, DILATION);
  for (let u = 0; u < kh; u++) {
    // Four columns of the window at once; beyond the last one it is taken again and not added.
    for (let v = 0; v < kw; v += 4) {
      const r1 = min(kw - 1 - v, 1) * right, r2 = min(kw - 1 - v, 2) * right;
      const r3 = min(kw - 1 - v, 3) * right;
      for (let i = 0; i < bytes; i += 16) {
        let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
        let line = x + u * down + v * right + i;
        let at = g + i;
        for (let p = 0; p < oh; p++) {
          let from = line;
          for (let q = 0; q < ow; q++) {
            const value = v128.load(at);
            a0 = madd(v128.load(from), value, a0);
            a1 = madd(v128.load(from + r1), value, a1);
            a2 = madd(v128.load(from + r2), value, a2);
            a3 = madd(v128.load(from + r3), value, a3);
            at += bytes;
            from += step;
          }
          line += stepDown;
        }
        const to = sums + 32 * ((i >> 2) * kh * kw + u * kw + v);
        addLanes(to, 32 * kh * kw, a0);
        if (v + 1 < kw) addLanes(to + 32, 32 * kh * kw, a1);
        if (v + 2 < kw) addLanes(to + 64, 32 * kh * kw, a2);
        if (v + 3 < kw) addLanes(to + 96, 32 * kh * kw, a3);
      }
    }
  }
}

function addLanes(to: usize, step: i32, x: v128): void {
  f32.store(to, f32.load(to) + f32x4.extract_lane(x, 0));
  f32.store(to + step, f32.load(to + step) + f32x4.extract_lane(x, 1));
  f32.store(to + 2 * step, f32.load(to + 2 * step) + f32x4.extract_lane(x, 2));
  f32.store(to + 3 * step, f32.load(to + 3 * step) + f32x4.extract_lane(x, 3));
}
