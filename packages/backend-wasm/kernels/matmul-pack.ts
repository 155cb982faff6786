/**
 * Packing for the matrix product: strided lines of a matrix are laid side by side in panels, so
 * that the tile loops read memory in order. Every stride and transpose is absorbed here.
 */

/**
 * dst[p * width + i] = src[i * lane + p * step] for i < lanes and p < k, and 0 for lanes <= i <
 * width. Width is 4, 6, 8 or 12; strides in bytes.
 */
export function packPanel(
  dst: usize, width: i32, src: usize, lane: i32, step: i32, lanes: i32, k: i32,
): void {
  if (width == 8 && lanes == 8 && lane == 4) {
    copy8(dst, src, step, k);
    return;
  }
  if (width == 6 && lanes == 6 && lane == 4) {
    copy6(dst, src, step, k);
    return;
  }
  // A width of 6 packs its middle lanes twice, which is quicker than packing two lanes alone.
  for (let i = 0; i < width; i += 4) {
    const first = min(i, width - 4);
    pack4(dst + 4 * first, 4 * width, src + first * lane, lane, step, min(lanes - first, 4), k);
  }
}

function pack4(
  dst: usize, pitch: i32, src: usize, lane: i32, step: i32, lanes: i32, k: i32,
): void {
  if (lanes == 4 && lane == 4) copy4(dst, pitch, src, step, k);
  else if (lanes == 4 && step == 4) transpose4(dst, pitch, src, lane, k);
  else {
    for (let i = 0; i < 4; i++) {
      packLane(dst + 4 * i, pitch, src + i * lane, step, i < lanes ? k : 0, k);
    }
  }
}

function copy8(dst: usize, src: usize, step: i32, k: i32): void {
  for (; k > 0; k--) {
    v128.store(dst, v128.load(src));
    v128.store(dst, v128.load(src, 16), 16);
    dst += 32;
    src += step;
  }
}

function copy6(dst: usize, src: usize, step: i32, k: i32): void {
  for (; k > 0; k--) {
    v128.store(dst, v128.load(src));
    v128.store64_lane(dst, v128.load64_zero(src, 16), 0, 16);
    dst += 24;
    src += step;
  }
}

function copy4(dst: usize, pitch: i32, src: usize, step: i32, k: i32): void {
  for (; k > 0; k--) {
    v128.store(dst, v128.load(src));
    dst += pitch;
    src += step;
  }
}

/** Four lines, each contiguous along k: 4x4 transposes in registers, then what is left over. */
function transpose4(dst: usize, pitch: i32, src: usize, lane: i32, k: i32): void {
  for (; k >= 4; k -= 4) {
    const r0 = v128.load(src);
    const r1 = v128.load(src + lane);
    const r2 = v128.load(src + 2 * lane);
    const r3 = v128.load(src + 3 * lane);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(dst, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(dst + pitch, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
    v128.store(dst + 2 * pitch, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
    v128.store(dst + 3 * pitch, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    src += 16;
    dst += 4 * pitch;
  }
  for (let i = 0; i < 4; i++) packLane(dst + 4 * i, pitch, src + i * lane, 4, k, k);
}

/** One lane: `filled` elements of `src`, then zeros up to k. */
function packLane(dst: usize, pitch: i32, src: usize, step: i32, filled: i32, k: i32): void {
  let p = 0;
  for (; p < filled; p++) {
    f32.store(dst, f32.load(src));
    dst += pitch;
    src += step;
  }
  for (; p < k; p++) {
    f32.store(dst, 0);
    dst += pitch;
  }
}
